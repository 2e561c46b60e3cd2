"""How warm a thread is: `Thread.hot_score`.

Source idea: ranking by votes that lose weight with age, as news sites and forums do it (forum.md 1.1, "Hot ranking"),
and forward decay (Cormode et al. 2009), which weighs a new thing more instead of all old things less.

Ours: everything said or given in a thread is worth `weight × 2^(moment / HALF_LIFE)`, and the score is log2 of the sum.
Heat that halves every 36 hours has the same order as this score at any moment, because time takes the same from all.
So nothing has to be made colder by a job, a list cut by score does not shift under its reader, and old threads cost
nothing. What a person adds right after their own post counts a quarter: one voice does not heat a thread.

A write adds its own share. `settle_heat` makes the score anew from the rows, for threads that were active lately: it
takes out what was deleted and what rounding or a race of two likes left over (`community.threads.tasks` runs it).
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from math import log2
from typing import Any

from django.db import connection
from django.db.models import F, FloatField, Func, Value
from django.db.models.expressions import Combinable

from community.core import facts
from community.core.clock import now
from community.core.work import unit
from community.threads.facts import HeatSettled
from community.threads.models import Thread

HALF_LIFE = timedelta(hours=36)
REMEMBERED = timedelta(days=14)  # what is older adds less than 1/600 of a new post
POST, SAME_VOICE, REACTION = 1.0, 0.25, 0.5
_ERA = 1_577_836_800  # 2020-01-01 UTC: keeps the numbers small

# All numbers relative to "now", so that the powers stay between 2^-10 and 1.
_SETTLE = """
WITH batch AS (SELECT unnest(%(ids)s::bigint[]) AS id),
posts AS (
    SELECT p.thread_id, extract(epoch FROM p.created_at) AS at,
           CASE WHEN p.author_id IS NOT DISTINCT FROM
                lag(p.author_id) OVER (PARTITION BY p.thread_id ORDER BY p.number)
           THEN %(same)s ELSE %(post)s END AS weight
    FROM threads_post p JOIN batch ON batch.id = p.thread_id
    WHERE p.state = 'visible' AND p.created_at > %(since)s
), reactions AS (
    SELECT p.thread_id, extract(epoch FROM r.created_at) AS at, %(reaction)s AS weight
    FROM threads_reaction r JOIN threads_post p ON p.id = r.post_id JOIN batch ON batch.id = p.thread_id
    WHERE p.state = 'visible' AND r.created_at > %(since)s
), heat AS (
    SELECT thread_id, sum(weight * power(2.0, ((at - %(now)s) / %(half)s)::double precision)) AS sum
    FROM (SELECT * FROM posts UNION ALL SELECT * FROM reactions) shares GROUP BY thread_id
)
UPDATE threads_thread t SET hot_score = log(2.0, heat.sum::numeric)::double precision + %(base)s
FROM heat WHERE heat.thread_id = t.id AND heat.sum > 0
"""


def _age(moment: datetime) -> float:
    """The moment in half-lives since the era."""
    return (moment.timestamp() - _ERA) / HALF_LIFE.total_seconds()


def share(moment: datetime, weight: float) -> float:
    """The score of a thread in which nothing happened but one thing of `weight` at `moment`."""
    return _age(moment) + log2(weight)


def score_of(posts: Iterable[tuple[datetime, int]]) -> float:
    """The score of posts, given in their order as (moment, author id); there must be one at least."""
    shares, voice = [], None
    for moment, author_id in posts:
        shares.append(share(moment, SAME_VOICE if author_id == voice else POST))
        voice = author_id
    top = max(shares)
    return top + log2(sum(2 ** (one - top) for one in shares))


def warmer(moment: datetime, weight: float) -> Combinable:
    """The new `hot_score` after one more thing of `weight` at `moment`: log2(2^old + 2^share), for an UPDATE."""
    added = Value(share(moment, weight), output_field=FloatField())
    larger = Func(F("hot_score"), added, function="GREATEST", output_field=FloatField())
    smaller = Func(F("hot_score"), added, function="LEAST", output_field=FloatField())
    # Past 2^-60 the smaller one adds nothing to a float; the limit keeps power() in range.
    gap = Func(smaller - larger, Value(-60.0), function="GREATEST", output_field=FloatField())
    return larger + Func(
        Value(1.0) + Func(Value(2.0), gap, function="POWER", output_field=FloatField()),
        template="(ln(%(expressions)s) / ln(2.0::double precision))",
        output_field=FloatField(),
    )


def settle_heat(*, after_id: int = 0, batch: int = 500) -> int:
    """Make the scores of up to `batch` lately active threads with a larger id than `after_id` anew.

    Returns the last id done, 0 when there are no more: call it until then. Each batch is a transaction of its own.
    """
    lately = Thread.objects.filter(pk__gt=after_id, last_post_at__gt=now() - REMEMBERED)
    ids = list(lately.order_by("pk").values_list("pk", flat=True)[:batch])
    if ids:
        _settle(ids)
    return ids[-1] if len(ids) == batch else 0


@unit
def _settle(ids: list[int]) -> None:
    moment = now()
    numbers: dict[str, Any] = {
        "ids": ids,
        "same": SAME_VOICE,
        "post": POST,
        "reaction": REACTION,
        "half": HALF_LIFE.total_seconds(),
        "since": moment - REMEMBERED,
        "now": moment.timestamp(),
        "base": _age(moment),
    }
    # The rows first, in order: two writers who lock several threads then never wait for each other in a circle.
    list(Thread.objects.filter(pk__in=ids).order_by("pk").select_for_update(no_key=True).values_list("pk"))
    with connection.cursor() as cursor:
        cursor.execute(_SETTLE, numbers)
    facts.record(HeatSettled())
