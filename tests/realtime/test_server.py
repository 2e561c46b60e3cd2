"""The hardened server against clients that mean harm, or are only slow: real processes, real connections.

Each attack has its control: the same on Daphne as it comes breaks the bound. The controls and the full figures of
the trust catalogue are in the deep run.
"""

import json
import random
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import httpx
import pytest
import websockets.sync.client
from websockets.exceptions import ConnectionClosed, InvalidStatus

from tests.realtime.serving import MEGABYTE, Serve, Served, frame, servers, unix_wire

LIMIT = MEGABYTE
LONG_POST = b"POST /read HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n"
CHUNKED_POST = b"POST /read HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
GET = b"GET %b HTTP/1.1\r\nHost: x\r\n\r\n"
CHUNK = b"10000\r\n" + b"x" * 65536 + b"\r\n"
SHORT = {"header": 1.5, "body": 1, "request": 1, "idle": 1.5, "stalled": 0.5, "closing": 4, "linger": 2}


@pytest.fixture(scope="module")
def hardened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """One server for everything that leaves it as it was; its clocks run fast."""
    with servers(tmp_path_factory.mktemp("server")) as start:
        yield start(timeouts=SHORT)


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Serve]:
    with servers(tmp_path) as start:
        yield start


def connect(served: Served, path: str, **options: object) -> websockets.sync.client.ClientConnection:
    return websockets.sync.client.connect(served.ws + path, compression=None, **options)


def ask(served: Served, path: str, headers: bytes = b"") -> bytes:
    """The whole answer to a request on a connection of its own."""
    with served.connect() as wire:
        wire.send(b"GET %b HTTP/1.1\r\nHost: x\r\nConnection: close\r\n%b\r\n" % (path.encode(), headers))
        return wire.all()


def told(served: Served, headers: bytes = b"", path: str = "/told?a=1") -> dict[str, object]:
    """What the server tells the application about a request."""
    found: dict[str, object] = json.loads(ask(served, path, headers).partition(b"\r\n\r\n")[2])
    return found


def status_of(head: bytes) -> int:
    return int(head.split(b" ", 2)[1])


# Bodies (S28)


def test_an_announced_body_past_the_limit_is_refused_before_it_is_sent(hardened: Served) -> None:
    with hardened.connect() as wire:
        wire.send(LONG_POST % (LIMIT + 1))
        answer = wire.all()
    assert status_of(answer) == 413
    assert b"Connection: close" in answer
    assert answer.endswith(b'{"refused": 413}')


def test_a_client_that_asks_first_is_not_told_to_continue(hardened: Served) -> None:
    with hardened.connect() as wire:
        wire.send((LONG_POST % (LIMIT + 1)).replace(b"Host", b"Expect: 100-continue\r\nHost"))
        assert status_of(wire.all()) == 413
    with hardened.connect() as wire:
        wire.send((LONG_POST % 2).replace(b"Host", b"Expect: 100-continue\r\nHost"))
        assert status_of(wire.until(b"\r\n\r\n")) == 100
        wire.send(b"ok")
        assert status_of(wire.until(b"\r\n\r\n")) == 200


def test_a_chunked_body_is_refused_as_soon_as_it_is_too_long(hardened: Served) -> None:
    with hardened.connect() as wire:
        wire.send(CHUNKED_POST)
        wire.flood(CHUNK, total=40 * len(CHUNK))
        answer = wire.all()
    assert status_of(answer) == 413
    assert answer.endswith(b'{"refused": 413}')


def test_a_body_of_just_the_limit_arrives_in_pieces(hardened: Served) -> None:
    answer = httpx.post(hardened.url + "/read", content=b"x" * LIMIT).json()
    assert answer == {"size": LIMIT, "pieces": 16}
    answer = httpx.post(hardened.url + "/read", content=iter([b"x" * 1000] * 3)).json()
    assert answer == {"size": 3000, "pieces": 1}


@pytest.mark.parametrize("opening", [LONG_POST % (150 * MEGABYTE), CHUNKED_POST])
def test_150_refused_megabytes_cost_no_memory_and_the_client_hears_why(hardened: Served, opening: bytes) -> None:
    before = hardened.rss()
    with hardened.connect() as wire:
        wire.send(opening)
        for _ in range(150):  # deaf, as many clients are: it sends all of it before it listens
            wire.send(CHUNK * 16)
        answer = wire.until(b"}")
    assert status_of(answer) == 413
    assert hardened.rss() - before <= 5 * MEGABYTE


@pytest.mark.deep
def test_control_daphne_takes_all_of_it(serve: Serve) -> None:
    served = serve("daphne")
    before = served.rss()
    with served.connect() as wire:
        wire.send((LONG_POST % (150 * MEGABYTE)).replace(b"/read", b"/slow?3"))
        wire.flood(CHUNK, total=150 * MEGABYTE)
        time.sleep(1)
        assert served.rss() - before > 50 * MEGABYTE


# What a client says about itself (S5)


EVIL = b"Daphne-Root-Path: /evil\r\nX_Forwarded_For: 1.2.3.4\r\n"


def root_of_a_socket(served: Served) -> str | bytes:
    with connect(served, "/root", additional_headers={"Daphne-Root-Path": "/evil"}) as open_socket:
        return open_socket.recv()


def test_no_header_sets_the_root_path(hardened: Served) -> None:
    clean, hostile = told(hardened), told(hardened, EVIL)
    assert hostile == clean
    assert clean["root_path"] == ""
    assert clean["query"] == "a=1"
    assert clean["headers"] == ["host", "connection"]
    assert root_of_a_socket(hardened) == '""'


# Answers that lie ready


@pytest.mark.parametrize(
    ("path", "body"),
    [("/ready", b"ready"), ("/later", b"later"), ("/late-no", b"hello"), ("/ready-fails", b"hello"), ("/", b"hello")],
)
def test_what_lies_ready_is_given_and_everything_else_comes_from_the_application(
    hardened: Served, path: str, body: bytes
) -> None:
    answer = ask(hardened, path)
    assert (status_of(answer), answer.endswith(b"\r\n\r\n" + body)) == (200, True)
    assert answer.lower().count(b"\r\nconnection: close\r\n") == 1


def test_requests_on_one_connection_are_answered_in_their_order_however_they_are_answered(hardened: Served) -> None:
    with hardened.connect() as wire:
        wire.send(b"".join(GET % path for path in (b"/later", b"/", b"/ready", b"/late-no", b"/ready")))
        assert [wire.until(body)[-5:] for body in (b"later", b"hello", b"ready", b"hello", b"ready")]


def test_an_old_client_is_answered_by_the_application(hardened: Served) -> None:
    with hardened.connect() as wire:
        wire.send(b"GET /ready HTTP/1.0\r\nHost: x\r\n\r\n")
        assert wire.all().endswith(b"hello")


def test_who_hangs_up_before_the_answer_lies_ready_harms_nobody(hardened: Served) -> None:
    with hardened.connect() as wire:
        wire.send(GET % b"/later")
    time.sleep(0.1)
    assert ask(hardened, "/ready").endswith(b"ready")


def test_what_lies_ready_too_late_is_not_sent_after_the_refusal(hardened: Served) -> None:
    with hardened.connect() as wire:  # the clock allows a second
        wire.send(GET % b"/later?2.2")
        answer = wire.until(b"}")
        assert (status_of(answer), answer.endswith(b'{"refused": 503}')) == (503, True)
        for _time in range(2):  # until it does
            wire.send(GET % b"/slow?0.8")
            assert b"later" not in wire.until(b"slow")
        wire.send(GET % b"/ready")
        assert wire.until(b"ready").endswith(b"\r\n\r\nready")


def test_told_to_stop_it_closes_with_what_lies_ready(serve: Serve) -> None:
    served = serve()
    with served.connect() as wire:
        wire.send(GET % b"/later?0.5")
        time.sleep(0.2)
        served.terminate()
        answer = wire.all()
    assert b"connection: close" in answer
    assert answer.endswith(b"later")


def test_the_root_path_is_the_one_it_was_given(serve: Serve) -> None:
    served = serve(root_path="/shop")
    assert told(served, EVIL)["root_path"] == "/shop"
    assert root_of_a_socket(served) == '"/shop"'


@pytest.mark.deep
def test_control_daphne_believes_the_client(serve: Serve) -> None:
    served = serve("daphne")
    assert told(served, EVIL)["root_path"] == "/evil"
    assert root_of_a_socket(served) == '"/evil"'


@pytest.mark.parametrize("value", [b"a\x0bb", b"a\x85b", b"a\x1cb"])
def test_a_header_that_could_be_read_as_two_is_refused(hardened: Served, value: bytes) -> None:
    for upgrade in (b"", b"Upgrade: websocket\r\nConnection: Upgrade\r\n"):
        with hardened.connect() as wire:
            wire.send(b"GET /told HTTP/1.1\r\nHost: x\r\n" + upgrade + b"X-Odd: " + value + b"\r\n\r\n")
            assert status_of(wire.until(b"\r\n")) == 400


def test_more_than_500_headers_or_16_kilobytes_of_them_are_refused(hardened: Served) -> None:
    for headers in (b"X-A: 1\r\n" * 501, b"X-A: " + b"1" * 16_384 + b"\r\n", (b"X-A: " + b"1" * 8_000 + b"\r\n") * 3):
        with hardened.connect() as wire:
            wire.send(b"GET / HTTP/1.1\r\n" + headers + b"\r\n")
            assert b" 200 " not in wire.all()


def test_two_lengths_are_refused(hardened: Served) -> None:
    with hardened.connect() as wire:
        wire.send(CHUNKED_POST[:-2] + b"Content-Length: 5\r\n\r\n0\r\n\r\n")
        assert status_of(wire.all()) == 400


# The language itself


def test_requests_on_one_connection_are_answered_in_order(hardened: Served) -> None:
    with hardened.connect() as wire:
        wire.send(GET % b"/slow?0.2" + GET % b"/" + GET % b"/told")
        assert [wire.until(end)[-len(end) :] for end in (b"slow", b"hello", b'"query": ""}')]


def test_head_has_no_body_and_an_old_client_no_second_request(hardened: Served) -> None:
    with hardened.connect() as wire:
        wire.send(b"HEAD / HTTP/1.1\r\nHost: x\r\n\r\n" + GET % b"/")
        assert wire.until(b"\r\n\r\n").lower().count(b"content-length: 5") == 1
        assert status_of(wire.until(b"hello")) == 200
    with hardened.connect() as wire:
        wire.send(b"GET / HTTP/1.0\r\n\r\n")
        answer = wire.all()
        assert answer.startswith(b"HTTP/1.0 200 OK\r\n")
        assert answer.endswith(b"hello")


def test_an_answer_without_a_length_is_chunked(hardened: Served) -> None:
    assert len(httpx.get(hardened.url + "/stream?3").content) == 3 * MEGABYTE


def test_a_broken_application_is_answered_for(hardened: Served) -> None:
    assert ask(hardened, "/fails").endswith(b'{"refused": 500}')
    assert not ask(hardened, "/breaks-off").endswith(b"0\r\n\r\n")  # half an answer does not look like a whole one


def test_an_application_hears_that_its_client_is_gone(hardened: Served) -> None:
    with hardened.connect() as wire:
        wire.send(GET % b"/long-poll")
        time.sleep(0.1)
    hardened.says("left")


def test_it_listens_on_a_unix_socket(serve: Serve, tmp_path: Path) -> None:
    path = str(tmp_path / "web")
    serve(unix=path)
    with unix_wire(path) as wire:
        wire.send(GET % b"/told")
        assert status_of(wire.until(b"}")) == 200
    with unix_wire(path) as wire:
        wire.open_socket("/echo")
        wire.send(frame(b"hi"))
        assert wire.exactly(4) == b"\x82\x02hi"


# Clocks


def test_headers_in_drops_are_not_waited_for(hardened: Served) -> None:
    with hardened.connect() as wire:
        began = time.monotonic()
        wire.send(b"GET /told HTTP/1.1\r\n")
        for byte in b"Host: " + b"x" * 60:
            if wire.arrived():
                break
            wire.send(bytes([byte]))
            time.sleep(0.1)
        assert status_of(wire.all()) == 408
    assert time.monotonic() - began < 6


def test_a_connection_that_says_nothing_is_closed(hardened: Served) -> None:
    with hardened.connect() as silent, hardened.connect() as idle:
        idle.send(GET % b"/")
        idle.until(b"hello")
        began = time.monotonic()
        assert silent.all() == b""
        assert idle.all() == b""
    assert time.monotonic() - began < 5


def test_a_body_in_drops_is_not_waited_for(hardened: Served) -> None:
    with hardened.connect() as wire:
        wire.send(LONG_POST % 1000)
        began = time.monotonic()
        while not wire.arrived() and time.monotonic() - began < 5:
            wire.send(b"x")
            time.sleep(0.1)
        assert status_of(wire.all()) == 408


def test_an_application_that_does_not_answer_in_time_is_answered_for(hardened: Served) -> None:
    with hardened.connect() as wire:
        wire.send(GET % b"/stuck")
        answer = wire.until(b"}")
        assert status_of(answer) == 503
        wire.send(GET % b"/")
        assert status_of(wire.until(b"hello")) == 200


def test_a_long_answer_has_the_time_it_needs(hardened: Served) -> None:
    """A slow reader that does read: a megabyte every quarter of a second, over all clocks of this server."""
    with hardened.connect() as wire:
        wire.send(GET % b"/stream?12")
        got = 0
        while got < 12 * MEGABYTE:
            part = sum(len(wire.more()) for _ in range(4))
            assert part
            got += part
            time.sleep(0.05 if got < 9 * MEGABYTE else 0.2)


# Slow readers (REL-15)


def test_an_answer_waits_for_its_reader_and_not_in_memory(hardened: Served) -> None:
    before = hardened.rss()
    with hardened.connect() as wire:
        wire.send(GET % b"/stream?200")
        time.sleep(1)
        grown = hardened.rss() - before
        assert grown <= 5 * MEGABYTE
        time.sleep(1.5)
        assert len(wire.all()) < 50 * MEGABYTE  # it was cut off: nothing was taken for half a second


def test_who_asks_again_and_again_without_reading_has_one_answer_in_memory(hardened: Served) -> None:
    before = hardened.rss()
    with hardened.connect() as wire:
        wire.send(GET % b"/big" * 300)
        time.sleep(0.3)
        assert hardened.rss() - before <= 5 * MEGABYTE
        for _ in range(20):  # and whoever reads is answered, in order
            wire.until(b"\r\n\r\n")
            wire.exactly(MEGABYTE)


@pytest.mark.deep
def test_control_daphne_answers_all_of_it_into_memory(serve: Serve) -> None:
    served = serve("daphne")
    before = served.rss()
    with served.connect() as wire:
        wire.send(GET % b"/big" * 300)
        time.sleep(3)
        assert served.rss() - before > 100 * MEGABYTE


def test_a_socket_that_does_not_read_is_closed_with_4408_and_harms_nobody(hardened: Served) -> None:
    before = hardened.rss()
    with hardened.connect() as wire:
        wire.open_socket("/gush")
        wire.send(frame(b"200", opcode=1))
        time.sleep(0.3)
        with connect(hardened, "/echo") as other:
            waits = [round_trip(other) for _ in range(20)]
        assert sorted(waits)[18] < 0.1
        assert hardened.rss() - before <= 20 * MEGABYTE
        time.sleep(1.8)  # the close frame is on its way, behind what is full
        assert wire.close_code() == 4408


def round_trip(open_socket: websockets.sync.client.ClientConnection) -> float:
    began = time.monotonic()
    open_socket.send("hi")
    assert open_socket.recv(timeout=5) == "hi"
    return time.monotonic() - began


def test_a_socket_that_never_reads_again_is_cut_off(serve: Serve) -> None:
    served = serve(timeouts={"stalled": 0.5, "closing": 0.5})
    with served.connect() as wire:
        wire.open_socket("/gush")
        wire.send(frame(b"200", opcode=1))
        served.says("closed 1006", seconds=10)


@pytest.mark.deep
def test_at_its_usual_clocks_a_slow_reader_is_gone_in_ten_seconds(serve: Serve) -> None:
    served = serve()
    before, most = served.rss(), 0
    with served.connect() as wire:
        wire.open_socket("/gush")
        wire.send(frame(b"200", opcode=1))
        began = time.monotonic()
        while "closed 1006" not in served.lines:
            most = max(most, served.rss() - before)
            assert time.monotonic() - began <= 10
            time.sleep(0.1)
    assert most <= 20 * MEGABYTE


@pytest.mark.deep
def test_control_daphne_keeps_what_nobody_reads(serve: Serve) -> None:
    served = serve("daphne")
    before = served.rss()
    with served.connect() as wire:
        wire.open_socket("/gush")
        wire.send(frame(b"200", opcode=1))
        served.says("all sent", seconds=20)
        assert served.rss() - before > 100 * MEGABYTE


# Writers (S27, REL-16)


def test_a_message_too_long_is_refused_at_its_first_bytes(hardened: Served) -> None:
    with hardened.connect() as wire:
        wire.open_socket("/echo")
        wire.send(frame(b"x" * 16_384))
        assert wire.exactly(4 + 16_384)
        wire.send(frame(b"", size=16_385))
        assert wire.close_code() == 4413
    with hardened.connect() as wire:
        wire.open_socket("/echo")
        wire.send(frame(b"x" * 10_000, final=False) + frame(b"x" * 6_000, opcode=0, final=False))
        wire.send(frame(b"", opcode=0, size=385))
        assert wire.close_code() == 4413


def test_what_we_send_may_be_longer(hardened: Served) -> None:
    with connect(hardened, "/gush") as open_socket:
        open_socket.send("1")
        assert len(open_socket.recv()) == 65_536


def test_a_burst_waits_for_a_busy_application(hardened: Served) -> None:
    """Twenty messages at once are what a page may send; nobody is closed for it, however busy we are."""
    with hardened.connect() as wire:
        wire.open_socket("/busy")
        wire.send(frame(b"x" * 1_000) * 20)
        time.sleep(1.5)
        assert not wire.arrived()


@pytest.mark.parametrize("message", [b"x" * 16_000, b"", b"x" * 125])
def test_a_flood_to_a_busy_application_is_closed_with_4429_within_two_seconds(hardened: Served, message: bytes) -> None:
    before = hardened.rss()
    with hardened.connect() as wire:
        wire.open_socket("/busy")
        began = time.monotonic()
        wire.flood(frame(message) * max(1, 65_536 // (len(message) + 8)), total=150 * MEGABYTE)
        assert wire.close_code() == 4429
        assert time.monotonic() - began <= 2
    assert hardened.rss() - before <= 20 * MEGABYTE


@pytest.mark.parametrize(
    "piece", [frame(b"", opcode=9), frame(b"x" * 125, opcode=9), frame(b"", opcode=0, final=False)]
)
def test_a_flood_of_what_is_no_message_is_closed_too(hardened: Served, piece: bytes) -> None:
    before, used = hardened.rss(), hardened.cpu()
    with hardened.connect() as wire:
        wire.open_socket("/echo")
        wire.send(frame(b"", final=False))
        wire.flood(piece * 5_000, total=20 * MEGABYTE)
        assert wire.close_code() == 4429
    assert hardened.rss() - before <= 5 * MEGABYTE
    assert hardened.cpu() - used < 0.5


def test_a_flood_harms_only_itself(hardened: Served) -> None:
    with hardened.connect() as wire, connect(hardened, "/echo") as other, ThreadPoolExecutor() as pool:
        wire.open_socket("/busy")
        flood = pool.submit(wire.flood, frame(b"x" * 16_000), total=150 * MEGABYTE)
        waits = [round_trip(other) for _ in range(50)]
        flood.result()
    assert sorted(waits)[47] <= 0.2


@pytest.mark.deep
def test_control_daphne_keeps_what_nobody_takes(serve: Serve) -> None:
    served = serve("daphne")
    before = served.rss()
    with served.connect() as wire:
        wire.open_socket("/busy")
        assert wire.flood(frame(b"x" * 16_000), total=150 * MEGABYTE) >= 150 * MEGABYTE
        time.sleep(2)
        assert served.rss() - before > 100 * MEGABYTE


def test_nothing_is_read_before_the_application_accepts(hardened: Served) -> None:
    with hardened.connect() as wire:
        wire.open_socket("/slow-accept")
    with connect(hardened, "/slow-accept") as open_socket:
        assert round_trip(open_socket) < 1
    before = hardened.rss()
    with hardened.connect() as wire:
        opening = b"GET /slow-accept HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        wire.send(opening + b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n")
        wire.send(frame(b"GET / HTTP/1.1\r\n\r\n"))
        wire.flood(frame(b"x" * 16_000), total=20 * MEGABYTE, seconds=0.4)
        assert hardened.rss() - before <= 5 * MEGABYTE


# Sockets otherwise


def test_a_socket_is_told_any_code_and_why(hardened: Served) -> None:
    with connect(hardened, "/restart") as open_socket, pytest.raises(ConnectionClosed) as closed:
        open_socket.recv(timeout=5)
    assert closed.value.rcvd is not None
    assert (closed.value.rcvd.code, closed.value.rcvd.reason) == (1012, "back soon")


def test_a_socket_of_a_broken_application_is_closed(hardened: Served) -> None:
    with connect(hardened, "/fails") as open_socket, pytest.raises(ConnectionClosed) as closed:
        open_socket.recv(timeout=5)
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 1011


def test_a_socket_may_be_refused(hardened: Served) -> None:
    with pytest.raises(InvalidStatus) as refused:
        connect(hardened, "/no")
    assert refused.value.response.status_code == 403


def test_what_is_over_leaves_no_garbage(serve: Serve) -> None:
    """The site collects garbage in quiet moments only: a busy process must not need it."""
    served = serve()
    ask(served, "/garbage")
    for _ in range(20):
        ask(served, "/read")
        with served.connect() as wire:
            wire.open_socket("/echo")
            wire.send(frame(b"hi"))
            wire.exactly(4)
            wire.send(frame(b"\x03\xe8", opcode=8))
            assert wire.close_code() == 1000
    served.says("closed 1000", times=20)
    assert int(ask(served, "/garbage").rpartition(b"\n")[2]) < 20


def test_nothing_is_compressed(hardened: Served) -> None:
    with websockets.sync.client.connect(hardened.ws + "/echo", compression="deflate") as open_socket:
        assert open_socket.protocol.extensions == []


@pytest.mark.parametrize("times", [150, pytest.param(5_000, marks=pytest.mark.deep)])
def test_nonsense_breaks_nothing(hardened: Served, times: int) -> None:
    """What goes wrong inside would be in the log, which is read at the end (`servers`)."""
    dice = random.Random(18)
    for turn in range(times):
        with hardened.connect() as wire, suppress(OSError):
            if turn % 2:
                wire.open_socket("/echo")
            pieces = [GET % b"/read", CHUNKED_POST, LONG_POST % 5, frame(b"x" * 200, opcode=dice.randrange(16))]
            nonsense = bytearray(b"".join(dice.choices([*pieces, dice.randbytes(40)], k=4)))
            for _ in range(dice.randrange(6)):
                nonsense[dice.randrange(len(nonsense))] = dice.randrange(256)
            wire.send(nonsense)
            wire.socket.shutdown(socket.SHUT_WR)
    assert ask(hardened, "/").endswith(b"hello")


# The end (REL-18)


def test_told_to_stop_it_answers_what_it_has_begun(serve: Serve) -> None:
    served = serve()
    with ThreadPoolExecutor(8) as pool, served.connect() as kept, served.connect() as idle:
        idle.send(GET % b"/")
        idle.until(b"hello")
        asked = [pool.submit(ask, served, "/until-drain") for _ in range(8)]
        kept.send(GET % b"/until-drain")
        served.says("begun", times=9)
        served.terminate()
        served.says("draining")
        answers = [answer.result() for answer in asked]
        assert all(answer.endswith(b"slow") and b"Connection: close" in answer for answer in answers)
        assert b"Connection: close" in kept.all()
        assert idle.all() == b""
        with pytest.raises(ConnectionError):
            served.connect()
        assert served.ends(5) < 5
    assert served.process.returncode == 0
    served.says("done", times=9)


def test_told_to_stop_it_sends_every_socket_away_with_1012(serve: Serve) -> None:
    served = serve()
    wires = [served.connect() for _ in range(50)]
    for wire in wires:
        wire.open_socket("/echo")
    served.terminate()
    codes = [wire.close_code() for wire in wires]
    assert codes == [1012] * 50
    assert served.ends(5) < 4
    for wire in wires:
        wire.socket.close()


def test_what_hangs_does_not_keep_it(serve: Serve) -> None:
    served = serve(timeouts={"drain": 2})
    with served.connect() as wire, served.connect() as deaf:
        deaf.open_socket("/gush")
        deaf.send(frame(b"200", opcode=1))
        wire.send(GET % b"/stuck")
        served.says("begun")
        served.terminate()
        assert served.ends(5) < 3


def test_asked_twice_it_ends_at_once(serve: Serve) -> None:
    served = serve()
    with served.connect() as wire:
        wire.send(GET % b"/slow?5")
        served.says("begun")
        served.process.send_signal(signal.SIGINT)
        served.says("draining")
        served.process.send_signal(signal.SIGINT)
        assert served.ends(2) < 1


def test_another_process_on_the_port_takes_over(serve: Serve) -> None:
    first = serve()
    second = serve(port=first.port)
    first.terminate()
    first.says("draining")
    time.sleep(0.1)
    for _ in range(30):
        assert ask(second, "/").endswith(b"hello")


@pytest.mark.deep
def test_control_daphne_cuts_what_it_has_begun(serve: Serve) -> None:
    served = serve("daphne")
    with served.connect() as request, served.connect() as wire:
        wire.open_socket("/echo")
        request.send(GET % b"/slow?1")
        served.says("begun")
        served.terminate()
        assert b"slow" not in request.all()
        assert wire.close_code() == 1006


# Idleness


@pytest.mark.deep
def test_two_thousand_idle_sockets_cost_nothing_to_look_after(serve: Serve) -> None:
    served = serve()
    wires = [served.connect() for _ in range(2000)]
    for wire in wires:
        wire.open_socket("/echo")
    time.sleep(1)
    before = served.cpu()
    time.sleep(10)
    assert served.cpu() - before < 0.1  # one hundredth of a core
    for wire in wires:
        wire.socket.close()


def test_a_server_that_cannot_listen_ends_and_says_why() -> None:
    program = (
        "import socket; from realtime.server import HardenedServer; shut = socket.socket(); shut.close();"
        "HardenedServer(print, sockets=[shut], body_limit=1).run()"
    )
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=20, check=False)
    assert ended.returncode == 1
    assert "Bad file descriptor" in ended.stderr


def test_the_same_application_runs_under_uvicorn(serve: Serve) -> None:
    served = serve("uvicorn")
    assert told(served)["path"] == "/told"
    with connect(served, "/echo") as open_socket:
        assert round_trip(open_socket) < 1
