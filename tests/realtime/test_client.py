"""live.js in a real Chromium, against a real web process."""

import json
import signal
import time
from collections.abc import Callable
from typing import Any

import pytest
from django.db import transaction
from playwright.sync_api import BrowserContext, Page

from realtime import log, revoke
from realtime.retention import trim
from tests.realtime.harness import Note, Web, append

pytest_plugins = ["tests.realtime.servers"]
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.journey]

STREAM = "probe.5"

WATCH = """async (after) => {
  const { connect } = await import("/static/realtime/live.js");
  window.seen = []; window.states = []; window.counts = [];
  window.live = connect();
  live.watch("probe.5", after, {
    onEvent: (event) => seen.push(event.seq),
    onReset: (seq) => { seen.push(`reset ${seq}`); return seq; },
    onRevoked: () => seen.push("revoked"),
    onPresence: (count) => counts.push(count),
    onState: (state) => states.push(state),
  });
}"""


def append_many(count: int) -> None:
    with transaction.atomic():
        log.append_many([Note(STREAM) for _ in range(count)])


def watch(page: Page, process: Web, after: int | None = 0) -> Page:
    page.goto(f"{process.origin}/")
    page.evaluate(WATCH, after)
    return page


def wait_for(page: Page, expression: str, *, seconds: float = 10) -> None:
    """Ask the page until `expression` holds. (Playwright's own way evaluates a string, which our CSP refuses.)"""
    deadline = time.monotonic() + seconds
    while not page.evaluate(expression):
        assert time.monotonic() < deadline, f"not within {seconds} s: {expression}; {page.evaluate('[seen, states]')}"
        page.wait_for_timeout(20)


def live(page: Page) -> Page:
    wait_for(page, "live.state === 'live'")
    return page


def shows(page: Page, *expected: Any, seconds: float = 10) -> None:
    """Wait until the page was given just that."""
    wait_for(page, f"JSON.stringify(seen) === '{json.dumps(expected, separators=(',', ':'))}'", seconds=seconds)


def test_an_event_reaches_both_open_pages_and_each_hears_that_two_are_here(
    web: Callable[..., Web], new_context: Callable[..., BrowserContext]
) -> None:
    process = web(presence_every=0.3)
    pages = [live(watch(new_context().new_page(), process)) for _ in range(2)]
    append(STREAM)
    for page in pages:
        shows(page, 1)
        wait_for(page, "counts.at(-1) === 2")


def test_1000_events_of_a_web_process_that_was_killed_are_there_within_a_second_of_reconnecting(
    web: Callable[..., Web], page: Page
) -> None:
    process = web()
    live(watch(page, process))
    append(STREAM)
    shows(page, 1)
    process.kill()
    append_many(1_000)
    process.start()
    wait_for(page, "live.socket && live.socket.readyState === 1", seconds=30)
    start = time.monotonic()
    wait_for(page, "seen.length >= 1001", seconds=10)
    took = time.monotonic() - start
    assert page.evaluate("seen") == list(range(1, 1_002))
    assert took < 1


def test_an_event_that_never_arrived_is_fetched_before_the_next_is_shown(web: Callable[..., Web], page: Page) -> None:
    live(watch(page, web()))
    page.evaluate(
        "() => { const take = live.receive.bind(live);"
        " live.receive = (text) => [2, 3].includes(JSON.parse(text).seq) || take(text); }"
    )
    for _ in range(4):
        append(STREAM)
    shows(page, 1, 2, 3, 4)


def test_events_that_overtake_each_other_or_come_twice_are_shown_once_in_order(
    web: Callable[..., Web], page: Page
) -> None:
    live(watch(page, web()))
    append_many(5)
    shows(page, 1, 2, 3, 4, 5)
    page.evaluate(
        "[9, 7, 5, 6, 6, 8, 9, 1].forEach((seq) => live.receive(JSON.stringify("
        "{ type: 'event', stream: 'probe.5', seq, kind: 'note', payload: {} })))"
    )
    shows(page, 1, 2, 3, 4, 5, 6, 7, 8, 9)


def test_a_lost_last_message_heals_with_the_next_heartbeat(web: Callable[..., Web], page: Page) -> None:
    live(watch(page, web(beat=1)))
    page.evaluate(
        "() => { const take = live.receive.bind(live);"
        " live.receive = (text) => JSON.parse(text).type === 'event' || take(text); }"
    )
    append(STREAM)
    shows(page, 1)


def test_a_page_from_before_retention_is_told_once_to_reload_and_goes_on(
    web: Callable[..., Web], page: Page, settings: Any
) -> None:
    settings.LIVE = {"keep_events": 5}
    append_many(20)
    trim()
    watch(page, web(), after=3)
    shows(page, "reset 20")
    append(STREAM)
    shows(page, "reset 20", 21)


def test_where_no_socket_can_be_opened_the_events_come_over_http(web: Callable[..., Web], page: Page) -> None:
    page.add_init_script("window.WebSocket = class { constructor() { throw new Error('blocked'); } }")
    watch(page, web())
    append_many(3)
    shows(page, 1, 2, 3, seconds=25)
    assert page.evaluate("live.state") == "live"


def test_a_socket_that_only_says_it_is_open_is_found_out_when_the_page_is_looked_at(
    web: Callable[..., Web], page: Page
) -> None:
    process = web()
    live(watch(page, process))
    assert process.process is not None
    process.process.send_signal(signal.SIGSTOP)
    try:
        page.evaluate("() => { window.before = live.socket; document.dispatchEvent(new Event('visibilitychange')); }")
        wait_for(page, "live.socket !== before", seconds=8)
    finally:
        process.process.send_signal(signal.SIGCONT)
    append(STREAM)
    shows(page, 1, seconds=20)


def test_a_page_whose_thread_was_closed_is_told_and_gets_nothing_more(web: Callable[..., Web], page: Page) -> None:
    process = web()
    live(watch(page, process))
    process.shut(STREAM)
    revoke.revoke_stream(STREAM)
    shows(page, "revoked")
    append(STREAM)
    page.wait_for_timeout(500)
    assert page.evaluate("seen") == ["revoked"]


def test_the_back_off_is_spread_over_its_whole_range(web: Callable[..., Web], page: Page) -> None:
    watch(page, web())
    bounds = page.evaluate(
        """async () => {
          const { backOff } = await import("/static/realtime/live.js");
          return [0, 3, 20].map((n) => [backOff(n, () => 0), backOff(n, () => 0.5), backOff(n, () => 1)]);
        }"""
    )
    assert bounds == [[500, 4_250, 8_000], [500, 15_250, 30_000], [500, 15_250, 30_000]]
