"""The daily round over 100,000 members with a year of life behind them: how long, and how much memory.

`pytest -s -m deep tests/threads/test_trust_at_size.py` prints the figures.
"""

import resource
import time
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection

from community.core.clock import held_at
from community.members import actions
from community.members.models import Member, TrustChange
from tests.factories import threads as make

pytestmark = [pytest.mark.django_db, pytest.mark.deep, pytest.mark.timeout(1200)]
MEMBERS = 100_000
NIGHT = datetime(2026, 3, 2, 15, 11, tzinfo=UTC)
DAY = "date '2026-03-03'"

# Every twentieth member is lively (reads on most days, writes, reacts), every fifth looks in now and then.
_LIFE = f"""
INSERT INTO members_member (handle, display_name, name_skeleton, name_key, role, email, joined_at, password, bio,
  bio_html, language, time_zone, theme, is_active, session_epoch, second_factor, former_handle, erase_posts, origin,
  origin_id, post_count, thread_count, accepted_count, trust_level, terms_accepted, block_count)
SELECT 'm' || n, 'M' || n, 'sk' || n, 'm' || n, 'member', 'm' || n || '@example.org', {DAY} - 400, '!', '', '', 'ja',
  'Asia/Tokyo', 'auto', true, 0, false, '', false, '', '', 0, 0, 0, n % 4, 0, 0
FROM generate_series(1, {MEMBERS}) n;

INSERT INTO threads_readingday (member_id, day, seconds, at)
SELECT m.id, {DAY} - d, 300 + (m.id * d) % 1500, {DAY} - d
FROM members_member m, generate_series(1, 360) d
WHERE m.handle LIKE 'm%' AND ((m.id % 20 = 0 AND d % 2 = 0) OR (m.id % 5 = 1 AND d % 30 = 0));

INSERT INTO threads_thread (category_id, kind, title, slug, author_id, state, created_at, last_number, reply_count,
  reaction_count, last_post_at, hot_score, slow_mode_seconds, view_count, score, origin, origin_id)
SELECT (SELECT max(id) FROM threads_category),
  'talk', 't', '', m.id, 'visible', {DAY} - 200, 1, 0, 0, {DAY} - 20, 0, 0, 0, 0, '', ''
FROM members_member m WHERE m.id % 20 = 0;

CREATE TEMPORARY TABLE lively AS SELECT id, row_number() OVER (ORDER BY id) - 1 AS place, count(*) OVER () AS many
  FROM members_member WHERE id % 20 = 0 AND handle LIKE 'm%';
CREATE TEMPORARY TABLE talk AS SELECT id, author_id, row_number() OVER (ORDER BY id) - 1 AS place FROM threads_thread;

INSERT INTO threads_readposition (member_id, thread_id, number, at)
SELECT DISTINCT ON (l.id, t.id) l.id, t.id, 1, {DAY} - (k % 90) - 1
FROM lively l, generate_series(1, 80) k, talk t WHERE t.place = (l.place * 7 + k * 13) % l.many;

INSERT INTO threads_post (thread_id, number, author_id, body, body_html, state, version, created_at, edit_count,
  delete_reason, reactions, item_ids, picture_count, score, answer_number, esteem, origin, origin_id,
  origin_url, origin_licence)
SELECT t.id, 1, t.author_id, 'b', 'b', 'visible', 1, {DAY} - 200, 0, '', '{{}}', '[]', 0, 0, 0, 0, '', '', '', ''
FROM talk t;
INSERT INTO threads_post (thread_id, number, author_id, body, body_html, state, version, created_at, edit_count,
  delete_reason, reactions, item_ids, picture_count, score, answer_number, esteem, origin, origin_id,
  origin_url, origin_licence)
SELECT t.id, 1 + k, l.id, 'b', 'b', 'visible', 1, {DAY} - (k * 4), 0, '', '{{}}', '[]', 0, 0, 1 + k, 0, '', '', '', ''
FROM lively l CROSS JOIN generate_series(1, 20) k JOIN talk t ON t.place = (l.place + k * 17) % l.many;

INSERT INTO threads_reaction (post_id, member_id, kind, created_at)
SELECT DISTINCT ON (p.id, l.id) p.id, l.id, 'heart', {DAY} - 1 - k
FROM lively l CROSS JOIN generate_series(1, 60) k JOIN talk t ON t.place = (l.place * 3 + k * 11) % l.many
JOIN threads_post p ON p.thread_id = t.id AND p.number = 1 + k % 21 WHERE p.author_id <> l.id;
ANALYZE;
"""


def test_a_hundred_thousand_members_are_counted_in_seconds(capsys: pytest.CaptureFixture[str]) -> None:
    make.make_category()
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 0")
        cursor.execute(_LIFE)
        # Here, and not within the 15 seconds that a statement of the rollback has.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")
        cursor.execute("SET LOCAL statement_timeout = DEFAULT")
    rows = {name: _rows(name) for name in ("readingday", "readposition", "post", "reaction")}
    before, began, cpu = _peak(), time.perf_counter(), time.process_time()
    with held_at(NIGHT):
        done = actions.settle_trust()
    took, grew, cpu = time.perf_counter() - began, _peak() - before, time.process_time() - cpu
    with capsys.disabled():
        figures = f"{took:.1f} s ({cpu:.1f} s of our CPU), + {grew:.0f} MB"
        print(f"\n{done.looked_at} members, {rows}: {figures}, {done.moved} moved")
    assert done.looked_at == Member.objects.count() and done.moved == TrustChange.objects.count() > 0
    assert cpu < 60 and grew < 150  # what a clock on the wall says is the other programs' doing
    with held_at(NIGHT):
        assert actions.settle_trust().moved == 0


def _rows(name: str) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM threads_{name}")
        return cursor.fetchone()[0]


def _peak() -> float:
    """The most memory this process has had, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
