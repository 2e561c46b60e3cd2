"""Fill an empty database of ours: `python -m benchmarks.seed SCALE`, with the environment of the site.

People, the shop and the item come by the models; threads and replies by one statement each, so that a million replies
take a minute. Every count that the actions keep is kept here too. Prints what there is, as JSON.
"""

import json
import sys
from typing import Any

import django

django.setup()

from django.conf import settings  # noqa: E402
from django.contrib.sessions.backends.db import SessionStore  # noqa: E402
from django.db import connection, transaction  # noqa: E402

from benchmarks.peers.inside.words import LONG, REPLIES, THREADS, USERS, VARIETY, body, title  # noqa: E402
from community.catalog.models import Creator, Item, Shop  # noqa: E402
from community.core.clock import now  # noqa: E402
from community.core.text import render_markdown  # noqa: E402
from community.members.models import Member  # noqa: E402
from community.threads.models import Category, Thread  # noqa: E402

LONGEST = 100_000  # from ten times the content on, there is a thread of so many replies
MILLION = 1_000_000
MIDDLING = 1_000
NAMES = {"small": REPLIES, "long": LONG, "longest": LONGEST}

_REPLIES = """
INSERT INTO threads_post (thread_id, number, author_id, body, body_html, state, version, created_at, edit_count,
    delete_reason, reactions, item_ids, picture_count, score, answer_number, esteem, origin, origin_id, origin_url,
    origin_licence)
SELECT t.id, n, (%(people)s::bigint[])[1 + (t.id + n) %% %(users)s],
    (%(bodies)s::text[])[1 + (t.id * 20 + n) %% %(many)s],
    (%(html)s::text[])[1 + (t.id * 20 + n) %% %(many)s], 'visible', 1,
    t.created_at + n * interval '1 minute' / greatest(t.last_number / 1000, 1), 0, '', '{}', '[]', 0, 0,
    CASE WHEN n > 1 THEN n ELSE 0 END, 0, '', '', '', ''
FROM threads_thread t CROSS JOIN LATERAL generate_series(1, t.last_number) AS n
WHERE t.id = ANY(%(threads)s)
"""
_COUNTS = (
    "UPDATE threads_category SET thread_count = (SELECT count(*) FROM threads_thread),"
    " post_count = (SELECT count(*) FROM threads_post)",
    "UPDATE members_member m SET post_count = c.n FROM"
    " (SELECT author_id, count(*) AS n FROM threads_post GROUP BY author_id) c WHERE c.author_id = m.id",
)


def people() -> list[Member]:
    rows = []
    for number in range(USERS):
        member = Member(
            email=f"user{number}@example.org",
            handle=f"user{number}",
            trust_level=1,
            joined_at=now(),
            language="en",
        )
        member.rename(f"user{number}")
        member.set_unusable_password()
        rows.append(member)
    return Member.objects.bulk_create(rows)


def sessions(members: list[Member]) -> list[str]:
    """Everybody is signed in; how that came about is not what is measured."""
    keys = []
    for member in members:
        session = SessionStore()
        session["_auth_user_id"] = str(member.pk)
        session["_auth_user_backend"] = settings.AUTHENTICATION_BACKENDS[0]
        session["_auth_user_hash"] = member.get_session_auth_hash()
        session.save()
        keys.append(str(session.session_key))
    return keys


def shop() -> Item:
    market = Shop.objects.create(slug="market", name="Market", created_at=now())
    maker = Creator.objects.create(
        shop=market, external_id="c1", slug="maker", name="Maker", imported_at=now(), item_count=1
    )
    text = "\n\n".join(body(n) for n in range(5))
    return Item.objects.create(
        shop=market,
        external_id="i1",
        creator=maker,
        title="A walnut bowl",
        slug="a-walnut-bowl",
        description=text,
        description_html=render_markdown(text),
        price_minor=4800,
        published_at=now(),
        imported_at=now(),
        thread_count=20,
    )


def lengths(scale: int) -> list[int]:
    """How many replies each thread gets; the first is a short one, the second the long one where there is one."""
    if scale == 0:
        return [REPLIES]
    short = [REPLIES] * (THREADS * scale)
    if scale == 1:
        return [REPLIES, LONG, *short[1:]]
    if scale < 100:
        return [REPLIES, LONG, LONGEST, *short[1:]]
    rest = MILLION - sum(short) - LONG - LONGEST
    return [REPLIES, LONG, LONGEST, *short[1:], *[MIDDLING] * (rest // MIDDLING)]


def threads(members: list[Member], item: Item, scale: int) -> list[Thread]:
    place = Category.objects.create(
        slug="market", name_ja="市場", name_en="Market", kinds=list(Thread.Kind.values), position=1
    )
    began = now()
    rows = [
        Thread(
            category=place,
            kind="talk",
            title=title(n),
            slug=f"topic-{n}",
            author=members[n % USERS],
            item=item if n < 20 else None,
            created_at=began,
            last_number=replies + 1,
            reply_count=replies,
            last_post_at=began,
            last_poster=members[n % USERS],
        )
        for n, replies in enumerate(lengths(scale))
    ]
    return Thread.objects.bulk_create(rows, batch_size=2000)


def replies(rows: list[Thread], members: list[Member]) -> None:
    bodies = [body(n) for n in range(VARIETY)]
    given: dict[str, Any] = {
        "people": [member.pk for member in members],
        "users": USERS,
        "bodies": bodies,
        "html": [render_markdown(text) for text in bodies],
        "many": VARIETY,
    }
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
        cursor.execute(_REPLIES, {**given, "threads": [row.pk for row in rows]})
        for statement in _COUNTS:
            cursor.execute(statement)


def described(rows: list[Thread], item: Item, keys: list[str]) -> dict[str, Any]:
    named = {name: row for name, row in zip(NAMES, rows, strict=False) if row.reply_count == NAMES[name]}
    paths = {"list": "/threads/", "item": item.get_absolute_url(), "small": rows[0].get_absolute_url()}
    paths |= {
        f"middle_of_{name}": f"{row.get_absolute_url()}?at={row.reply_count // 2}"
        for name, row in named.items()
        if name != "small"
    }
    return {
        "paths": paths,
        "threads": {name: row.pk for name, row in named.items()},
        "posts": sum(row.last_number for row in rows),
        "sessions": keys,
    }


def main(scale: int) -> None:
    with transaction.atomic():
        members = people()
        item = shop()
        rows = threads(members, item, scale)
        replies(rows, members)
        keys = sessions(members)
    print(json.dumps(described(rows, item, keys)))


if __name__ == "__main__":
    main(int(sys.argv[1]))
