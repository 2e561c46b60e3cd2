"""Pages that lie ready for members: whatever happens, the next one is what Django would draw for this member alone."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.test import Client

from community.core import clock
from community.members.models import Member
from community.threads import actions
from community.threads.views import ready_thread
from tests.config.test_freshness import DEEDS, NOON, Market
from tests.factories import members as people
from tests.factories import threads as make

pytestmark = pytest.mark.django_db
ANOTHER_EACH_TIME = re.compile(
    r'(name="csrfmiddlewaretoken" value=|name="idempotency_key" value=|X-Request-ID )"[^"]*"|(?<=request id: )\w+'
)


@pytest.fixture(autouse=True)
def nothing_ready(monkeypatch: Any) -> Iterator[None]:
    ready_thread.READY.clear()
    ready_thread.MINE.clear()
    with clock.held_at(NOON):
        yield


@pytest.fixture
def market(db: None) -> Market:
    market = Market.laid_out()
    market.made["hidden"] = make.open_thread(market.kanri, market.club)
    return market


@pytest.fixture
def given() -> list[str]:
    """The addresses of pages that were given as they lay ready."""
    return []


@pytest.fixture(autouse=True)
def watched(monkeypatch: Any, given: list[str]) -> None:
    answer = ready_thread._answer

    def noted(request: Any, me: Any, ready: Any, rows: Any = None) -> Any:
        given.append(request.path)
        return answer(request, me, ready, rows)

    monkeypatch.setattr(ready_thread, "_answer", noted)


@contextmanager
def none_ready(monkeypatch: Any) -> Iterator[None]:
    with monkeypatch.context() as here:
        here.setattr(ready_thread, "_may_be_given", lambda request, me: False)
        yield


def seen(client: Client, path: str) -> str:
    page = client.get(path, headers={"accept-language": "en"})
    if page.status_code != 200:
        return f"{page.status_code} {page.headers.get('Location', '')}"
    return ANOTHER_EACH_TIME.sub("", page.content.decode())


def reader(member: Member) -> Client:
    client = Client()
    client.force_login(member)
    return client


@pytest.mark.timeout(300)
def test_after_everything_that_can_happen_members_see_what_is_theirs_to_see(
    market: Market, monkeypatch: Any, given: list[str]
) -> None:
    cho = people.make_member("cho")
    actions.react(member=cho, post_id=market.made["answer"].pk, kind="thanks", on=True)
    question, talk = market.question.get_absolute_url(), market.talk.get_absolute_url()
    readers = ((reader(cho), question), (reader(cho), talk), (reader(market.ben), question))

    def look(after: str) -> None:
        for client, path in readers:
            shown = [seen(client, path) for _time in range(2)]
            with none_ready(monkeypatch):
                alone = seen(client, path)
            assert shown == [alone, alone], f"{after}: {path} is another than it should be"

    look("nothing")
    for name, (deed, _page) in DEEDS.items():
        deed(market)
        look(name)
    assert len(given) > 4 * len(DEEDS)


def test_nothing_of_one_reader_is_given_to_the_next(market: Market, given: list[str]) -> None:
    path = market.question.get_absolute_url()
    for name in ("cho_x", "dai_x", "eve_x"):
        html = reader(people.make_member(name)).get(path).content.decode()
        assert f"@{name}" in html
        assert not [other for other in ("cho_x", "dai_x", "eve_x") if other != name and other in html]
        assert 'name="csrfmiddlewaretoken"' in html
    assert given == [path] * 3
    assert len(ready_thread.READY._table) == 1


def test_each_reader_has_a_key_and_a_token_of_their_own(market: Market) -> None:
    client, path = reader(people.make_member("cho")), market.question.get_absolute_url()
    keys = {re.search(r'name="idempotency_key" value="([^"]+)"', client.get(path).content.decode())[1] for _t in "123"}  # type: ignore[index]
    tokens = {re.search(r'middlewaretoken" value="([^"]+)"', client.get(path).content.decode())[1] for _t in "123"}  # type: ignore[index]
    assert (len(keys), len(tokens)) == (3, 3)


def test_who_wrote_reacts_or_looks_after_the_place_sees_the_buttons_for_it(market: Market, given: list[str]) -> None:
    path, answer = market.question.get_absolute_url(), market.made["answer"].pk
    assert f"/posts/{answer}/edit/" not in seen(reader(people.make_member("cho")), path)
    assert f"/posts/{answer}/edit/" in seen(reader(market.ben), path)
    assert given == [path, path]
    assert f"/posts/{answer}/accept/" in seen(reader(market.ana), path)  # asked
    assert f"/posts/{answer}/delete/" in seen(reader(market.kanri), path)  # looks after it
    assert given == [path, path]


def test_words_about_time_end_a_page(market: Market, given: list[str]) -> None:
    client, path = reader(people.make_member("cho")), market.question.get_absolute_url()
    assert "just now" in seen(client, path)
    with clock.held_at(NOON.replace(minute=7)):
        assert "7 min ago" in seen(client, path)


def test_another_query_or_another_title_is_no_page_that_lies_ready(market: Market, given: list[str]) -> None:
    client, path = reader(people.make_member("cho")), market.question.get_absolute_url()
    assert seen(client, f"{path}?x=1") == seen(client, f"{path}?x=1")
    assert seen(client, f"/threads/{market.question.pk}/another/").startswith("302")
    assert given == []


@pytest.mark.parametrize("size", [1, 2, 3])
def test_ones_own_posts_stand_in_their_places_on_every_page(
    market: Market, monkeypatch: Any, settings: Any, size: int
) -> None:
    settings.POSTS_PER_PAGE = size
    cho = people.make_member("cho")
    for who in (cho, market.ben, cho, cho, market.ben):
        make.reply(who, market.question, f"Words of {who.handle}.")
    client, base = reader(cho), market.question.get_absolute_url()
    look: Callable[[], list[str]] = lambda: [seen(client, f"{base}?page={n}") for n in range(1, 9 // size)]  # noqa: E731
    twice = [look(), look()]
    with none_ready(monkeypatch):
        assert twice == [look()] * 2
