"""/metrics: who may read it, and that it says what Prometheus can read."""

import re
from typing import Any

import pytest

from community.config.metrics import Metrics
from realtime import metrics, runtime

assert runtime  # imported for the numbers that live delivery declares
SAMPLE = re.compile(r'[a-z_]+(\{[a-z]+="[^"]*"\})? -?[0-9.e+]+')


async def ask(page: Metrics, *, client: str = "127.0.0.1", **headers: str) -> tuple[int, str]:
    sent: list[dict[str, Any]] = []

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b""}

    named = [(name.encode(), value.encode()) for name, value in ({"host": "127.0.0.1:8000"} | headers).items()]
    scope = {"type": "http", "path": "/metrics", "headers": named, "client": (client, 9), "request_id": "r"}
    await page(scope, receive, send)
    return sent[0]["status"], sent[1]["body"].decode()


@pytest.mark.parametrize(
    ("client", "host"),
    [("192.0.2.7", "127.0.0.1"), ("192.0.2.7", "shop.example"), ("127.0.0.1", "shop.example"), ("127.0.0.1", "")],
)
async def test_without_a_token_nobody_but_a_program_of_this_machine_may_read(client: str, host: str) -> None:
    status, body = await ask(Metrics(""), client=client, host=host)
    assert status == 404
    assert "hiroba_" not in body


@pytest.mark.parametrize("host", ["localhost:8000", "127.0.0.1:8000", "[::1]:8000"])
async def test_a_program_of_this_machine_may_read(host: str) -> None:
    assert (await ask(Metrics(""), host=host))[0] == 200


@pytest.mark.parametrize("given", ["", "Bearer wrong", "Bearer", "Basic secret", "Bearer secret secret"])
async def test_where_there_is_a_token_even_a_local_program_needs_it(given: str) -> None:
    status, body = await ask(Metrics("secret"), authorization=given)
    assert status == 401
    assert "hiroba_" not in body


async def test_whoever_has_the_token_may_read_from_anywhere() -> None:
    status, _body = await ask(Metrics("secret"), client="192.0.2.7", host="shop.example", authorization="Bearer secret")
    assert status == 200


async def test_every_line_is_a_comment_or_a_sample_of_a_declared_name() -> None:
    _status, body = await ask(Metrics(""))
    declared = set(re.findall(r"^# TYPE (\S+) (?:counter|gauge|histogram)$", body, re.MULTILINE))
    assert {"hiroba_live_sockets", "hiroba_live_deliveries_total", "hiroba_live_lag_seconds"} <= declared
    for line in body.splitlines():
        if not line.startswith("#"):
            assert SAMPLE.fullmatch(line), line
            assert re.sub(r"(_bucket|_sum|_count)?[{ ].*", "", line) in declared, line


def test_a_histogram_counts_every_measure_in_all_the_buckets_above_it() -> None:
    histogram = metrics.Histogram("probe_seconds", "A probe.", (0.1, 1.0))
    for measure in (0.05, 0.1, 0.5, 7.0):
        histogram.observe(measure)
    assert list(histogram.lines()) == [
        'probe_seconds_bucket{le="0.1"} 2',
        'probe_seconds_bucket{le="1"} 3',
        'probe_seconds_bucket{le="+Inf"} 4',
        "probe_seconds_sum 7.650000",
        "probe_seconds_count 4",
    ]


def test_a_counter_keeps_its_labels_apart_and_a_name_is_declared_once() -> None:
    counter = metrics.Counter("probe_total", "A probe.", "code")
    counter.add(label="4408")
    counter.add(2, label="4401")
    assert list(counter.lines()) == ['probe_total{code="4401"} 2', 'probe_total{code="4408"} 1']
    with pytest.raises(ValueError, match="twice"):
        metrics.counter("hiroba_live_deliveries_total", "Again.")
