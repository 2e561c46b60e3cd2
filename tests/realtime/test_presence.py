"""How many people are here: counted over all processes, and right again after one of them was killed."""

from collections.abc import Callable

import pytest

from tests.realtime.harness import Reader, Web, both_servers, in_thread, running, until
from tests.realtime.people import cookie_of, make_member, sign_in

pytest_plugins = ["tests.realtime.servers"]
pytestmark = pytest.mark.django_db(transaction=True)

STREAM = "probe.3"


def last_count(reader: Reader) -> int | None:
    counts = reader.got("presence")
    return counts[-1]["count"] if counts else None


async def test_people_are_counted_once_each_over_two_processes_and_a_killed_process_is_forgotten(
    web: Callable[..., Web],
) -> None:
    quick = {"presence_every": 0.3, "presence_ttl": 2.0}
    one, other = web(**quick), web(**quick)
    cookie = cookie_of(await in_thread(sign_in, await in_thread(make_member, "hana")))
    here = [Reader(one, STREAM), Reader(one, STREAM, cookie=cookie)]
    there = [Reader(other, STREAM, returns=False), Reader(other, STREAM, cookie=cookie, returns=False)]
    async with running(here + there):
        await until(lambda: all(last_count(reader) == 3 for reader in here + there), 10)  # hana's two tabs are one
        await in_thread(other.kill)
        await until(lambda: all(last_count(reader) == 2 for reader in here), 10)


@both_servers
async def test_a_burst_of_arrivals_is_told_at_most_once_per_tick(web: Callable[..., Web]) -> None:
    readers = [Reader(web(presence_every=1.0), STREAM)]
    readers += [Reader(readers[0].web, STREAM) for _ in range(12)]
    async with running(readers):
        took = await until(lambda: all(last_count(reader) == 13 for reader in readers), 10)
    assert len(readers[0].got("presence")) <= took + 1
