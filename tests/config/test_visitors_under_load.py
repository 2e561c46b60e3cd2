"""A reply is on the next page that anybody asks for, while many ask: the real site, a writer outside of its process."""

import http.client
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager

import pytest

from community.members.models import Member
from community.threads import actions
from community.threads.models import Thread
from tests.factories import threads as make
from tests.support.site import Site

READERS = 4


class Reader:
    """A visitor's browser on one connection."""

    def __init__(self, site: Site) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", site.ports[0], timeout=20)

    def close(self) -> None:
        self.connection.close()

    def get(self, path: str) -> tuple[int, str]:
        self.connection.request("GET", path, headers={"Accept-Encoding": "identity"})
        answer = self.connection.getresponse()
        return answer.status, answer.read().decode()


@contextmanager
def readers(site: Site, *paths: str) -> Iterator[list[int]]:
    """Visitors who never stop asking; yields what they were answered."""
    stop, statuses = threading.Event(), []

    def read() -> None:
        with closing(Reader(site)) as reader:
            while not stop.is_set():
                statuses.extend(reader.get(path)[0] for path in paths)

    threads = [threading.Thread(target=read, daemon=True) for _reader in range(READERS)]
    for thread in threads:
        thread.start()
    try:
        yield statuses
    finally:
        stop.set()
        for thread in threads:
            thread.join(30)


@pytest.fixture
def talk(site: Site) -> tuple[Member, Thread]:
    ana = make.make_member("ana")
    return ana, make.open_thread(ana, make.make_category())


@pytest.fixture
def stale(site: Site, talk: tuple[Member, Thread]) -> Callable[[int], tuple[int, list[int]]]:
    """`stale(50)`: how many of 50 replies were missing from the thread or the list asked for right afterwards."""
    ana, thread = talk
    path = thread.get_absolute_url()

    def run(times: int) -> tuple[int, list[int]]:
        missing = 0
        with closing(Reader(site)) as me, readers(site, path, "/threads/", "/") as statuses:
            for number in range(1, times + 1):
                post = actions.post_reply(author=ana, thread_id=thread.pk, body=f"Said as number {number}.")
                last = me.get(f"{path}?at={post.number}")[1]
                missing += f"Said as number {number}." not in last
                missing += f"</span>{number:,}</span>" not in me.get("/threads/")[1]
        return missing, statuses

    return run


def test_a_reply_is_on_the_very_next_page_fifty_times(stale: Callable[[int], tuple[int, list[int]]]) -> None:
    missing, statuses = stale(50)
    assert missing == 0
    assert len(statuses) > 100
    assert set(statuses) == {200}


@pytest.mark.deep
@pytest.mark.timeout(900)
def test_a_reply_is_on_the_very_next_page_a_thousand_times(stale: Callable[[int], tuple[int, list[int]]]) -> None:
    missing, statuses = stale(1000)
    assert missing == 0
    assert set(statuses) == {200}
