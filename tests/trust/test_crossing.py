"""Authors who cross on several processes never lock each other out, and replies that share a commit stay exact."""

import http.client
import json
import random
import threading
import time
import uuid
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import urlencode

import pytest
from django.conf import settings
from django.db import connection

from community.members.models import Member
from community.threads.models import Thread
from realtime.models import StreamEvent
from tests.factories import threads as make
from tests.realtime.people import cookie_of, sign_in
from tests.support.site import Site
from tests.threads.counting import assert_counts_are_exact

TOKEN = "t" * 32
PROCESSES, AUTHORS, BROWSERS = 4, 6, 2


@dataclass
class Author:
    """A member in one browser, who answers here and there, one reply after the other."""

    port: int
    member: Member
    threads: list[Thread]
    chance: random.Random
    statuses: "Counter[int]" = field(default_factory=Counter)
    took: list[float] = field(default_factory=list)
    numbers: list[tuple[int, int]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.cookie = f"{cookie_of(sign_in(self.member))}; {settings.CSRF_COOKIE_NAME}={TOKEN}"

    def run(self, until: float) -> None:
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        while time.monotonic() < until:
            began, thread = time.monotonic(), self.chance.choice(self.threads)
            body = urlencode({"body": f"I say {uuid.uuid4()}.", "idempotency_key": str(uuid.uuid4())})
            headers = {"Cookie": self.cookie, "X-CSRFToken": TOKEN, "Accept": "application/json"}
            headers["Content-Type"] = "application/x-www-form-urlencoded"
            line.request("POST", f"/threads/{thread.pk}/reply/", body, headers)
            answer = line.getresponse()
            said = answer.read()
            self.statuses[answer.status] += 1
            self.took.append(time.monotonic() - began)
            if answer.status == 201:
                self.numbers.append((thread.pk, json.loads(said)["number"]))
        line.close()


def commits() -> int:
    """Transactions that wrote replies."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(DISTINCT xmin::text) FROM threads_post WHERE number > 1")
        return int(cursor.fetchone()[0])


@pytest.mark.deep
def test_authors_who_cross_on_four_processes_are_never_refused(
    make_site: Callable[..., Site],
) -> None:
    """Six authors, two browsers each, three threads of two categories, one about an item: everybody meets everybody."""
    ana, square = make.make_member(), make.make_category()
    threads = [
        make.open_thread(ana, square, item_id=make.make_item(make.make_shop()).pk),
        make.open_thread(ana, square),
        make.open_thread(ana, make.make_category()),
    ]
    members = [make.make_member() for _ in range(AUTHORS)]
    site = make_site(processes=PROCESSES, HIROBA_LIMITS="off")
    authors = [
        Author(site.ports[(n + browser) % PROCESSES], member, threads, random.Random(n * 10 + browser))
        for n, member in enumerate(members)
        for browser in range(BROWSERS)
    ]
    until = time.monotonic() + 6
    running = [threading.Thread(target=author.run, args=(until,)) for author in authors]
    for one in running:
        one.start()
    for one in running:
        one.join(60)
    statuses = sum((author.statuses for author in authors), Counter[int]())
    took = sorted(second for author in authors for second in author.took)
    print(
        f"\ncrossing: {dict(statuses)}, p50 {took[len(took) // 2] * 1e3:.0f} ms, worst {took[-1] * 1e3:.0f} ms, ",
        end="",
    )
    print(f"{commits()} commits")
    assert set(statuses) == {201}, site.log()[-3000:]
    given = sorted(pair for author in authors for pair in author.numbers)
    assert given == [(row.pk, n) for row in threads for n in range(2, Thread.objects.get(pk=row.pk).last_number + 1)]
    for row in threads:
        told = StreamEvent.objects.filter(stream=row.stream).order_by("seq").values_list("seq", "payload__number")
        assert [number for _seq, number in told] == list(range(2, len(told) + 2))
        assert [seq for seq, _number in told] == list(range(1, len(told) + 1))
    assert_counts_are_exact()
