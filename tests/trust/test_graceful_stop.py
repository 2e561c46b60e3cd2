"""REL-18: a deployment stops a process in the middle of everything, and nobody loses a word."""

import http.client
import json
import os
import signal
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import pytest
from django.conf import settings

from community.members.models import Member
from community.threads.models import Post, Thread
from tests.factories import threads as make
from tests.realtime.people import cookie_of, sign_in
from tests.realtime.serving import Wire, connect, frame
from tests.support.site import HOUSE, Site

LOADS = [pytest.param(4, 20, id="small"), pytest.param(8, 200, id="full", marks=pytest.mark.deep)]
TOKEN = "t" * 32


@dataclass
class Poster:
    """A member whose page sends one reply after the other, on one connection as long as that is kept."""

    port: int
    member: Member
    thread: Thread
    acknowledged: list[int] = field(default_factory=list)
    refused: list[int] = field(default_factory=list)  # statuses that are no 201
    cut: list[str] = field(default_factory=list)  # requests that got no answer at all

    def __post_init__(self) -> None:
        self.cookie = f"{cookie_of(sign_in(self.member))}; {settings.CSRF_COOKIE_NAME}={TOKEN}"
        self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)

    def run(self) -> None:
        """Until nobody listens any more."""
        while True:
            try:
                if self.connection.sock is None:
                    self.connection.connect()
            except OSError:
                return
            self.post()

    def post(self) -> None:
        headers = {"Cookie": self.cookie, "X-CSRFToken": TOKEN, "Content-Type": "application/json"}
        headers["Idempotency-Key"] = str(uuid.uuid4())
        try:
            self.connection.request("POST", f"/api/v1/threads/{self.thread.pk}/posts", '{"body": "Oil."}', headers)
            answer = self.connection.getresponse()
            body = answer.read()
        except (OSError, http.client.HTTPException) as error:
            self.cut.append(repr(error))
            self.connection.close()
            return
        if answer.status == 201:
            self.acknowledged.append(json.loads(body)["id"])
        else:
            self.refused.append(answer.status)


@contextmanager
def posting(posters: list[Poster]) -> Iterator[None]:
    """Yields when every one of them has posted; afterwards waits for all to end."""
    threads = [threading.Thread(target=poster.run, daemon=True) for poster in posters]
    for thread in threads:
        thread.start()
    deadline = time.monotonic() + 30
    while not all(poster.acknowledged or poster.refused for poster in posters):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    yield
    for thread in threads:
        thread.join(30)
    for poster in posters:
        poster.connection.close()


def watch(port: int, thread: Thread) -> Wire:
    wire = connect(port)
    wire.open_socket("/live/ws", b"Origin: http://127.0.0.1:%d" % port)
    wire.send(frame(json.dumps({"type": "subscribe", "streams": {f"thread.{thread.pk}": None}}).encode(), opcode=1))
    return wire


@pytest.fixture
def talk(transactional_db: None) -> Thread:
    return make.open_thread(make.make_member("ana"), make.make_category())


@dataclass
class Load:
    """What the stop did to those who were there."""

    posters: list[Poster]
    codes: list[int]
    seconds: float

    @property
    def cut(self) -> list[str]:
        return [error for poster in self.posters for error in poster.cut]

    @property
    def acknowledged(self) -> list[int]:
        return [pk for poster in self.posters for pk in poster.acknowledged]


def stop_under_load(process: "subprocess.Popen[bytes]", port: int, talk: Thread, people: int, sockets: int) -> Load:
    posters = [Poster(port, make.make_member(), talk) for _ in range(people)]
    wires = [watch(port, talk) for _ in range(sockets)]
    with posting(posters):
        began = time.monotonic()
        process.send_signal(signal.SIGTERM)
        codes = [wire.close_code() for wire in wires]
        process.wait(30)
        took = time.monotonic() - began
    for wire in wires:
        wire.socket.close()
    return Load(posters, codes, took)


@pytest.mark.parametrize(("people", "sockets"), LOADS)
def test_a_stop_under_load_answers_every_request_and_loses_no_acknowledged_reply(
    make_site: Callable[..., Site], talk: Thread, people: int, sockets: int
) -> None:
    site = make_site(HIROBA_LIMITS="off", HIROBA_LIVE_SOCKETS_PER_ADDRESS="1000")
    process = site.webs[0].running
    assert process is not None
    load = stop_under_load(process, site.ports[0], talk, people, sockets)
    assert load.cut == []
    assert set(load.codes) <= {1012, 4012}
    assert load.seconds <= 15
    assert process.returncode == 0
    assert load.acknowledged
    assert set(Post.objects.filter(pk__in=load.acknowledged).values_list("pk", flat=True)) == set(load.acknowledged)


@pytest.mark.deep
def test_control_under_daphne_requests_and_sockets_are_cut(make_site: Callable[..., Site], talk: Thread) -> None:
    site = make_site(HIROBA_LIMITS="off", HIROBA_LIVE_SOCKETS_PER_ADDRESS="1000")
    site.stop()
    port = site.ports[0]
    command = [sys.executable, "-m", "daphne", "-p", str(port), "-v", "0", "community.config.asgi:application"]
    environment = os.environ | site._environment(port)
    with subprocess.Popen(command, cwd=HOUSE, env=environment, stderr=subprocess.DEVNULL) as process:
        site.webs[0].running = process
        site.wait()
        load = stop_under_load(process, port, talk, 8, 20)
    assert load.cut
    assert set(load.codes) == {1006}
