"""The small instruments: what wrk said, the HTTP client, the content, the processes."""

import asyncio
import sys
from collections import Counter

import psutil
import pytest

from benchmarks.fanout.servers.message import encoded, framed, mark
from benchmarks.load import parsed
from benchmarks.peers.inside import words
from benchmarks.processes import Failed, output, program, runs
from benchmarks.seed import LONG, LONGEST, MILLION, REPLIES, lengths
from benchmarks.wire import Client

WRK = """Running 1s test @ http://127.0.0.1:8770/threads/
  1 threads and 8 connections
  Thread Stats   Avg      Stdev     Max   +/- Stdev
    Latency     2.34ms    2.04ms  30.08ms   92.75%
    Req/Sec     3.82k   711.29     4.59k    81.82%
  Latency Distribution
     50%  850.00us
     75%    2.31ms
     90%    3.70ms
     99%    1.09s
  4174 requests in 1.10s, 20.30MB read
  Socket errors: connect 1, read 4174, write 0, timeout 2
  Non-2xx or 3xx responses: 3
Requests/sec:   3791.90
Transfer/sec:     18.44MB
"""


def test_what_wrk_said_is_read_in_milliseconds_and_read_errors_of_closing_servers_are_none() -> None:
    wanted = {"rate": 3791.9, "requests": 4174, "p50": 0.85, "p99": 1090, "bad": 3 + 1 + 2}
    assert parsed(WRK) == pytest.approx(wanted)


def test_words_that_are_not_wrks_are_a_failure() -> None:
    with pytest.raises(Failed, match="unable to connect"):
        parsed("unable to connect to 127.0.0.1:8770 Connection refused")


async def test_the_client_reads_every_kind_of_body_and_keeps_cookies() -> None:
    answers = {
        b"/length": b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\nSet-Cookie: a=1; Path=/\r\nSet-Cookie: b=2\r\n\r\nfour",
        b"/chunks": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2;x=y\r\nde\r\n0\r\n\r\n",
        b"/close": b"HTTP/1.1 302 Found\r\nConnection: close\r\nLocation: /there\r\n\r\nto the end",
    }
    seen: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while head := await reader.readuntil(b"\r\n\r\n"):
            seen.append(head)
            answer = answers[head.split()[1]]
            writer.write(answer)
            if b"Connection: close" in answer:
                writer.close()
                return

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    client = Client(server.sockets[0].getsockname()[1])
    try:
        assert (await client.get("/length")).body == b"four"
        assert (await client.get("/chunks")).body == b"abcde"
        last = await client.get("/close")
        assert (last.status, last.headers["location"], last.body) == (302, "/there", b"to the end")
        assert (await client.get("/length")).body == b"four"
    finally:
        await client.close()
        server.close()
    assert client.cookies == {"a": "1", "b": "2"}
    assert b"Cookie: a=1; b=2\r\n" in seen[1]


def test_a_program_is_stopped_with_its_children_when_the_block_is_left() -> None:
    child = "import subprocess, sys, time; subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)']); "
    with pytest.raises(KeyboardInterrupt), program("stopped", [sys.executable, "-c", child + "time.sleep(60)"]) as mine:
        while len(mine.pids) < 2:
            assert mine.process.poll() is None
        processes = [psutil.Process(pid) for pid in mine.pids]
        raise KeyboardInterrupt
    assert len(processes) == 2
    assert not any(runs(process) for process in processes)


def test_a_program_that_does_not_come_up_is_a_failure_with_its_last_words() -> None:
    with (
        pytest.raises(Failed, match="no such luck"),
        program("down", [sys.executable, "-c", "exit('no such luck')"], ports=[1]),
    ):
        pass
    with pytest.raises(Failed, match="no such luck"):
        output("down", [sys.executable, "-c", "exit('no such luck')"])


def test_a_message_is_one_text_frame_with_a_mark_of_fixed_length() -> None:
    text = encoded(42)
    frame = framed(text)
    assert len(mark(42)) == 29
    assert mark(42).endswith("00000042")
    assert 400 < len(text) < 600
    assert frame[0] == 0x81
    assert int.from_bytes(frame[2:4], "big") == len(text)
    assert frame[4:] == text.encode()


def test_the_content_is_the_same_for_everybody_and_grows_to_a_million_replies() -> None:
    assert words.body(7) == words.body(7) != words.body(8)
    assert 180 < sum(len(words.body(n)) for n in range(words.VARIETY)) / words.VARIETY < 280
    assert Counter(words.plan()) == {REPLIES: 200, LONG: 1}
    assert Counter(lengths(1)) == Counter(words.plan())
    assert lengths(0) == [REPLIES]
    assert lengths(10)[:3] == [REPLIES, LONG, LONGEST]
    assert sum(lengths(100)) == MILLION
