"""What of the talk a community level rests on: reading, taking part, and what others think of it.

Each is one statement over the members asked for. What a ring of friends or of second accounts could make for itself
does not count: a voice is that of somebody who is no newcomer and speaks well of others outside of the circle, too; and
where two speak well of each other, only that of a regular, who has the word of others already (ADR 0022).
"""

from collections.abc import Mapping, Sequence
from typing import Any

from django.conf import settings
from django.db import connection
from django.utils.translation import gettext_lazy as _

from community.members.models import Member
from community.members.registry import Span, measure

A_DAY = 60  # seconds of reading that make a day of reading
DAY_MOST = 2 * 3600  # seconds of one day that count
PAIR_MOST = 3  # posts that one person's reactions to another count for

_READING_DAYS = """
SELECT member_id, count(*) FROM threads_readingday
WHERE member_id = ANY(%(members)s) AND day >= %(since)s AND day < %(until)s AND seconds >= %(a_day)s GROUP BY 1
"""
_READING_MINUTES = """
SELECT member_id, sum(least(seconds, %(day_most)s)) / 60 FROM threads_readingday
WHERE member_id = ANY(%(members)s) AND day >= %(since)s AND day < %(until)s GROUP BY 1
"""
_THREADS_READ = """
SELECT place.member_id, count(*)
FROM threads_readposition place JOIN threads_thread thread ON thread.id = place.thread_id
WHERE place.member_id = ANY(%(members)s) AND place.at >= %(begins)s AND place.at < %(ends)s
  AND thread.author_id <> place.member_id AND thread.state = 'visible' GROUP BY 1
"""
_CONVERSATIONS = """
SELECT post.author_id, count(DISTINCT post.thread_id)
FROM threads_post post JOIN threads_thread thread ON thread.id = post.thread_id
WHERE post.author_id = ANY(%(members)s) AND post.created_at >= %(begins)s AND post.created_at < %(ends)s
  AND post.state = 'visible' AND thread.state = 'visible' AND thread.author_id <> post.author_id GROUP BY 1
"""
_THANKED = """
SELECT reaction.member_id, count(DISTINCT post.author_id)
FROM threads_reaction reaction JOIN threads_post post ON post.id = reaction.post_id
WHERE reaction.member_id = ANY(%(members)s) AND reaction.created_at >= %(begins)s AND reaction.created_at < %(ends)s
  AND post.author_id <> reaction.member_id GROUP BY 1
"""
# `heard`: who reacted to which post of whom, once, however many kinds of reaction. `circle`: all who did, of one
# member; `back`: whom that member reacted to. `voice`: those that count. The looks for two people outside of the
# circle stop at the first they find; hence LIMIT, not EXISTS, of which PostgreSQL makes a join with all reactions.
_OUTSIDE = """
  FROM threads_reaction {0} JOIN threads_post {0}_post ON {0}_post.id = {0}.post_id
  WHERE {0}.member_id = pair.giver_id AND {0}.created_at >= %(begins)s AND {0}.created_at < %(ends)s
    AND {0}_post.author_id <> ALL (circle.people)"""
_VOICES = f"""
WITH heard AS MATERIALIZED (
  SELECT post.author_id AS member_id, reaction.member_id AS giver_id, post.id AS post_id, min(reaction.created_at) AS at
  FROM threads_post post
  JOIN threads_thread thread ON thread.id = post.thread_id AND thread.state = 'visible'
  JOIN threads_reaction reaction ON reaction.post_id = post.id
  WHERE post.author_id = ANY(%(members)s) AND post.state = 'visible' AND reaction.member_id <> post.author_id
    AND reaction.created_at >= %(begins)s AND reaction.created_at < %(ends)s
  GROUP BY 1, 2, 3
), circle AS MATERIALIZED (
  SELECT member_id, array_agg(DISTINCT giver_id) || member_id AS people FROM heard GROUP BY 1
), back AS MATERIALIZED (
  SELECT DISTINCT reaction.member_id, post.author_id AS to_id
  FROM threads_reaction reaction JOIN threads_post post ON post.id = reaction.post_id
  WHERE reaction.member_id IN (SELECT member_id FROM circle)
    AND reaction.created_at >= %(begins)s AND reaction.created_at < %(ends)s
), pair AS MATERIALIZED (
  SELECT DISTINCT heard.member_id, heard.giver_id
  FROM heard JOIN members_member giver ON giver.id = heard.giver_id
  LEFT JOIN back ON back.member_id = heard.member_id AND back.to_id = heard.giver_id
  WHERE giver.trust_level > 0 AND giver.is_active AND giver.banned_at IS NULL
    AND (back.to_id IS NULL OR giver.trust_level >= %(regular)s)
), voice AS MATERIALIZED (
  SELECT pair.member_id, pair.giver_id FROM pair JOIN circle ON circle.member_id = pair.member_id
  WHERE (
    SELECT true {_OUTSIDE.format("one")} AND one_post.author_id <> pair.giver_id AND (
      SELECT true {_OUTSIDE.format("other")} AND other_post.author_id NOT IN (one_post.author_id, pair.giver_id)
      LIMIT 1)
    LIMIT 1)
)
"""  # noqa: S608  our own words
_PEOPLE = f"{_VOICES} SELECT member_id, count(*) FROM voice GROUP BY 1"  # noqa: S608
_DAYS = f"""{_VOICES}
SELECT member_id, count(DISTINCT (at AT TIME ZONE %(zone)s)::date)
FROM heard JOIN voice USING (member_id, giver_id) GROUP BY 1
"""  # noqa: S608  our own words
_REACTIONS = f"""{_VOICES}
SELECT member_id, sum(counted) FROM (
  SELECT member_id, giver_id, least(count(*), %(pair_most)s) AS counted
  FROM heard JOIN voice USING (member_id, giver_id) GROUP BY 1, 2
) of_one_person GROUP BY 1
"""  # noqa: S608


@measure("reading_days", _("Days on which you read here"))
def reading_days(members: Sequence[int], span: Span) -> Mapping[int, int]:
    return _counted(_READING_DAYS, members, span)


@measure("reading_minutes", _("Minutes of reading"))
def reading_minutes(members: Sequence[int], span: Span) -> Mapping[int, int]:
    """Of one day two hours at most: a page that is left open is nobody's reading."""
    return _counted(_READING_MINUTES, members, span)


@measure("threads_read", _("Threads of others you looked into"))
def threads_read(members: Sequence[int], span: Span) -> Mapping[int, int]:
    return _counted(_THREADS_READ, members, span)


@measure("conversations", _("Threads of others you replied in"))
def conversations(members: Sequence[int], span: Span) -> Mapping[int, int]:
    return _counted(_CONVERSATIONS, members, span)


@measure("thanked", _("People whose posts you reacted to"))
def thanked(members: Sequence[int], span: Span) -> Mapping[int, int]:
    return _counted(_THANKED, members, span)


@measure("voices", _("Different people who reacted to your posts"))
def voices(members: Sequence[int], span: Span) -> Mapping[int, int]:
    return _counted(_PEOPLE, members, span)


@measure("voice_days", _("Different days on which they did"))
def voice_days(members: Sequence[int], span: Span) -> Mapping[int, int]:
    return _counted(_DAYS, members, span)


@measure("reactions", _("Posts of yours they reacted to, three of each person at most"))
def reactions(members: Sequence[int], span: Span) -> Mapping[int, int]:
    return _counted(_REACTIONS, members, span)


def _counted(statement: str, members: Sequence[int], span: Span) -> dict[int, int]:
    given: dict[str, Any] = {
        "members": list(members),
        "since": span.since,
        "until": span.until,
        "begins": span.begins,
        "ends": span.ends,
        "zone": settings.TIME_ZONE,
        "a_day": A_DAY,
        "day_most": DAY_MOST,
        "pair_most": PAIR_MOST,
        "regular": Member.Trust.REGULAR,
    }
    with connection.cursor() as cursor:
        cursor.execute(statement, given)
        return {pk: int(number) for pk, number in cursor.fetchall()}
