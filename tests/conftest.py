"""What every test can ask for. Servers: the checkout's PostgreSQL with a database of the run, and an own Valkey."""

import os
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import psutil
import pytest
import redis
from django.conf import settings
from django.core.management import call_command
from django.db import connections
from django.test.utils import setup_databases, teardown_databases
from django.utils import timezone, translation
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from community.config import private
from tests.support import chromium
from tests.support.site import Site, free_port

_held = ExitStack()


def pytest_sessionstart(session: pytest.Session) -> None:
    if session.config.option.collectonly:
        return
    if not hasattr(session.config, "workerinput"):  # compiled once, before the workers start
        call_command("messages", compile=True)
    _held.enter_context(private.attached())
    if private.database_is_private():
        _drop_forgotten_databases()
    if private.valkey_is_private():
        valkey = private.Valkey(private.places(settings.RUN_DIR))
        valkey.start()
        _held.callback(_forget_run, settings.RUN_DIR)
        _held.callback(valkey.stop)


def pytest_sessionfinish(session: pytest.Session) -> None:
    _held.close()


def _drop_forgotten_databases() -> None:
    """A run that was killed leaves its database; the name says whose it was."""
    with private.Postgres(private.places()).connect() as connection:
        rows = connection.execute("SELECT datname FROM pg_database WHERE datname LIKE 'test\\_hiroba\\_%'").fetchall()
        for (name,) in rows:
            owner = name.removeprefix("test_hiroba_").partition("x")[0]
            if owner.isdigit() and not psutil.pid_exists(int(owner)):
                connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
                _forget_run(settings.RUN_DIR.with_name(name.removeprefix("test_hiroba_")))


def _forget_run(folder: Path) -> None:
    where = private.places(folder)
    shutil.rmtree(where.run, ignore_errors=True)
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def django_db_modify_db_settings_xdist_suffix() -> None:
    """Nothing: the name of the database carries the worker already, and the sites that a test starts know it."""


@pytest.fixture(scope="session")
def django_db_setup(django_test_environment: None, django_db_modify_db_settings: None, django_db_blocker: Any) -> Any:
    """The database of the run, always. pytest-django makes one only where it finds a mark of its own; tests that commit
    for real and empty their own tables (`live_tables`), run alone, would be let loose on the developer's database.
    """
    with django_db_blocker.unblock():
        made = setup_databases(verbosity=0, interactive=False, aliases={"default"}, serialized_aliases=set())
    yield
    with django_db_blocker.unblock():
        teardown_databases(made, verbosity=0)


@pytest.fixture(autouse=True)
def _clean_slate() -> Iterator[None]:
    """Limits, presence, pages that lie ready, language and time zone do not leak from one test into the next."""
    from community.core.edge.ready import forget_all
    from community.core.valkey import client

    _forget_in_valkey(client())
    forget_all()
    yield
    translation.activate(settings.LANGUAGE_CODE)
    timezone.deactivate()


def _forget_in_valkey(valkey: Any) -> None:
    """After a test that took Valkey away our side leaves it alone for a moment (realtime.valkey)."""
    until = time.monotonic() + 15
    while True:
        try:
            return valkey.flushdb()
        except redis.ConnectionError:
            if time.monotonic() > until:
                raise
            time.sleep(0.1)


@pytest.fixture
def make_site(transactional_db: None, request: pytest.FixtureRequest) -> Iterator[Callable[..., Site]]:
    """`make_site(processes=2, DEBUG="false")`: real web processes on the test's database, with these variables."""
    sites: list[Site] = []

    def make(*, processes: int = 1, **environment: str) -> Site:
        folder = settings.RUN_DIR / "sites" / f"{request.node.name[:60].replace('/', '_')}-{len(sites)}"
        site = Site(folder, [free_port() for _ in range(processes)], environment)
        sites.append(site)
        site.start()
        return site

    yield make
    for site in sites:
        site.close()


@pytest.fixture
def site(make_site: Callable[..., Site]) -> Site:
    """The real site in one process: `.url`, `.restart()`, `.kill()`, `.start_worker()`, `.mails()`."""
    return make_site()


@pytest.fixture
def run_jobs(transactional_db: None) -> Callable[[], None]:
    """Do every job that is due, here and now, as the worker would."""
    from procrastinate.contrib.django import app

    def run() -> None:
        with app.replace_connector(app.connector.get_worker_connector()):
            app.run_worker(wait=False, install_signal_handlers=False, listen_notify=False, delete_jobs="successful")

    return run


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A real Chromium. One per module: Playwright's loop must be gone before an async test wants its own."""
    path = chromium.executable()
    if path is None:
        pytest.fail("Journeys need Chromium: `apt-get install chromium fonts-noto-cjk`, or name yours in CHROMIUM.")
    # Playwright's sync API keeps a loop on this thread, and Django takes that for async code.
    before = os.environ.get("DJANGO_ALLOW_ASYNC_UNSAFE")
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    try:
        with sync_playwright() as playwright:
            launched = playwright.chromium.launch(executable_path=path, args=chromium.arguments())
            yield launched
            launched.close()
            # What was opened under that loop is not seen after it, and would keep the test database from being dropped.
            connections.close_all()
    finally:
        if before is None:
            os.environ.pop("DJANGO_ALLOW_ASYNC_UNSAFE", None)


@pytest.fixture
def new_context(browser: Browser) -> Iterator[Callable[..., BrowserContext]]:
    """`new_context(locale="en-US")`: another person's browser, with cookies of its own."""
    contexts: list[BrowserContext] = []

    def make(**options: Any) -> BrowserContext:
        defaults: dict[str, Any] = {
            "locale": "ja-JP",
            "timezone_id": "Asia/Tokyo",
            "viewport": {"width": 1280, "height": 900},
            "reduced_motion": "reduce",
            # Between page and network it would hide from a test what it wants to hold up; its own journey lets it in.
            "service_workers": "block",
        }
        context = browser.new_context(**(defaults | options))
        context.set_default_timeout(15_000)
        contexts.append(context)
        return context

    yield make
    for context in contexts:
        context.close()


@pytest.fixture
def page(new_context: Callable[..., BrowserContext]) -> Page:
    """One tab of one person."""
    return new_context().new_page()
