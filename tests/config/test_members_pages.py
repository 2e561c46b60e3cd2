"""Pages that lie ready for members: whatever happens, the next one is what Django would draw for this member alone."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import product
from typing import Any

import pytest
from django.test import Client

from community.catalog import actions as catalog
from community.core import clock
from community.core.edge.shared import Shared
from community.home.views import front, items
from community.members.actions import block, unblock
from community.members.models import Member
from community.threads import actions
from community.threads.views import listing, ready_thread
from tests.config.test_freshness import DEEDS, NOON, Market
from tests.factories import members as people
from tests.factories import threads as make

pytestmark = pytest.mark.django_db
SHARED = (front.FRONT, items.ITEM, items.BROWSE, listing.LISTS)
ANOTHER_EACH_TIME = re.compile(
    r'(name="csrfmiddlewaretoken" value=|name="idempotency_key" value=|X-Request-ID )"[^"]*"|(?<=request id: )\w+'
)


@pytest.fixture(autouse=True)
def at_noon() -> Iterator[None]:
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
        here.setattr(Shared, "_is_alike", lambda self, viewer, ready: False)
        for view in SHARED:
            here.setattr(view, "_alike", lambda viewer: False)
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


FEW = ("a reply", "a reaction", "a deleted reply", "a lock", "a move out of sight", "another name", "a closed shop")


@pytest.mark.timeout(300)
@pytest.mark.parametrize(
    "names", [pytest.param(FEW, id="few"), pytest.param((*DEEDS,), marks=pytest.mark.deep, id="all")]
)
def test_after_everything_that_can_happen_members_see_what_is_theirs_to_see(
    market: Market, monkeypatch: Any, given: list[str], names: tuple[str, ...]
) -> None:
    cho = people.make_member("cho")
    actions.react(member=cho, post_id=market.made["answer"].pk, kind="thanks", on=True)
    item, question, talk = (row.get_absolute_url() for row in (market.bowl, market.question, market.talk))
    as_cho, as_ben = reader(cho), reader(market.ben)

    def look(after: str, page: str) -> None:
        for client, path in ((as_cho, question), (as_ben, question), (as_cho, talk), (as_cho, page or "/")):
            shown = [seen(client, path) for _time in range(2)]
            with none_ready(monkeypatch):
                alone = seen(client, path)
            assert shown == [alone, alone], f"{after}: {path} is another than it should be"

    for page in ("/", "/threads/", "/items/", item):
        look("nothing", page)
    for name in names:
        deed, page = DEEDS[name]
        deed(market)
        look(name, {"item": item, "thread": "/threads/?sort=hot"}.get(page, page))
    assert len(given) > 4 * len(names)


def test_lists_show_makers_and_those_with_hidden_threads_what_is_for_them(market: Market) -> None:
    other = people.make_member("cho")
    assert "Quiet" in seen(reader(other), "/threads/")
    actions.delete_post(by=market.ana, post_id=make.opening(market.quiet).pk)
    for _time in range(2):
        assert "Quiet" not in seen(reader(other), "/threads/")
        assert "Quiet" in seen(reader(market.ana), "/threads/")
    room = make.make_category(slug="makers", read_by="creators")
    make.open_thread(market.kanri, room, title="For makers")
    assert "For makers" not in seen(reader(market.ben), "/threads/")
    catalog.link_creator(by=market.kanri, creator_id=market.maker.pk, member=market.ben)
    for _time in range(2):
        assert "For makers" in seen(reader(market.ben), "/threads/")
        assert "For makers" not in seen(reader(other), "/threads/")


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


def test_when_a_block_begins_and_ends_each_of_the_two_sees_what_is_theirs_to_see(
    market: Market, monkeypatch: Any
) -> None:
    cho, dai = people.make_member("cho"), people.make_member("dai")
    make.reply(cho, market.question, "A kingfisher.")
    make.open_thread(cho, market.square, title="Kingfishers")
    paths = (
        market.question.get_absolute_url(),
        "/",
        "/threads/",
        market.bowl.get_absolute_url(),
        f"/members/{cho.handle}/",
    )
    readers = {"dai": reader(dai), "cho": reader(cho), "ben": reader(market.ben)}

    def look() -> dict[tuple[str, str], str]:
        found = {}
        for (name, client), path in product(readers.items(), paths):
            shown = [seen(client, path) for _time in range(2)]
            with none_ready(monkeypatch):
                alone = seen(client, path)
            assert shown == [alone, alone], f"{name}: {path}"
            found[name, path] = alone.casefold()
        return found

    before = look()
    block(by=dai, member_id=cho.pk)
    apart = look()
    assert {place for place in before if "kingfisher" in before[place]} >= {("dai", path) for path in paths[:3]}
    assert not [place for place in apart if place[0] == "dai" and "kingfisher" in apart[place]]
    assert all(apart["ben", path] == before["ben", path] for path in paths)
    unblock(by=dai, member_id=cho.pk)
    assert look() == before
