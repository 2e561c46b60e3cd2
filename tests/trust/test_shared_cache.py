"""S34: people behind one caching proxy. Nobody is given what was made for somebody else, whatever page they ask for."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import pytest
from django.test import Client

from community.core.valkey import client as valkey
from tests.support.sharedcache import Answer, Origin, Request, SharedCache
from tests.trust import matrix
from tests.trust.calls import is_for_keys, path_of
from tests.trust.endpoints import every_endpoint
from tests.trust.probe import body_of, plain
from tests.trust.world import World, laid_out

# Interleaved: whoever comes first fills the cache for the others. "other" and "author" are the two members.
READERS = ("author", "other", "visitor", "author", "other")


@dataclass(frozen=True, slots=True)
class Given:
    """What a cache gave to somebody that was made for somebody else."""

    url: str
    to: str
    made_for: str
    differs: bool  # from what they get when they ask the site themselves
    sets_cookie: bool

    @property
    def is_leak(self) -> bool:
        return self.differs or self.sets_cookie


@pytest.fixture
def world(db: None) -> Iterator[World]:
    with laid_out() as found:
        yield found


def origin(request: Request) -> Answer:
    """The site itself, all of its middleware included."""
    valkey().flushdb()  # limits: a walk is in a hurry
    client = Client(raise_request_exception=False)
    response = client.generic(request.method, request.url, headers=dict(request.headers))
    headers = {name.lower(): value for name, value in response.headers.items()}
    if response.cookies:
        headers["set-cookie"] = response.cookies.output(header="", sep=",")
    return Answer(response.status_code, headers, body_of(response).encode(), request)


def asked_by(world: World, role: str, url: str) -> Request:
    session = world.sessions.get(role)
    cookie = {"cookie": f"hiroba_session={session}"} if session else {}
    return Request("GET", url, {"accept-language": "en", "accept": "text/html", **cookie})


def walk(world: World, urls: Sequence[str], readers: Sequence[str], site: Origin = origin) -> list[Given]:
    """Everybody asks for every address through one cache; returns whatever was made for somebody else."""
    cache, found = SharedCache(site), []
    for url in urls:
        for role in readers:
            request = asked_by(world, role, url)
            answer = cache.ask(request)
            cookie = answer.asked_by.headers.get("cookie", "")
            if not answer.from_cache or cookie == request.headers.get("cookie", ""):
                continue
            own = site(request)
            differs = plain(own.body.decode(), url) != plain(answer.body.decode(), url)
            maker = next((name for name, key in world.sessions.items() if key in cookie), "visitor")
            found.append(Given(url, role, maker, differs, "set-cookie" in answer.headers))
    return found


def pages_members_see(world: World, *, once: bool = False) -> list[str]:
    """Every address of the matrix that some member is answered at, in every state its object can be in, or in one."""
    endpoints, table = every_endpoint(), matrix.read(matrix.TABLE)
    shown = [endpoints[name] for name in table if endpoints[name].method == "GET" and not is_for_keys(endpoints[name])]
    seen = ((endpoint, state) for endpoint in shown for state in _seen(table[endpoint.name])[: 1 if once else None])
    return [path_of(endpoint, world, state) for endpoint, state in seen]


def _seen(row: matrix.Row) -> list[str]:
    answers = {state: {row.answer(state, role) for role in ("author", "other")} for state in row.cells}
    return [state for state, words in answers.items() if words & {"200", "302"}]


def test_two_members_and_a_visitor_behind_one_cache_never_get_each_others_pages(world: World) -> None:
    given = walk(world, pages_members_see(world, once=True), READERS[:3])
    assert [one for one in given if one.is_leak] == []
    public = [f"/media/{world.places['open']['path']}"]
    assert [one.to for one in walk(world, public, ("visitor", "author"))] == ["author"]  # what is public is shared


@pytest.mark.deep
@pytest.mark.timeout(900)
def test_nor_does_anybody_in_any_state_of_things_and_in_any_order(world: World) -> None:
    urls = pages_members_see(world)
    assert len(urls) > 60
    for readers in (READERS, ("visitor", "other", "author", "visitor")):
        assert [one for one in walk(world, urls, readers) if one.is_leak] == []


@pytest.mark.parametrize("rules", ["public, max-age=60", "must-revalidate"])
def test_a_page_that_calls_itself_public_and_tells_whose_it_is_leaks(world: World, rules: str) -> None:
    """The control, an application of its own: the walk sees it, said (`public`) or only not denied."""

    def forgetful(request: Request) -> Answer:
        cookie = request.headers.get("cookie", "nobody")
        return Answer(200, {"cache-control": rules}, f"You are {cookie}".encode(), request)

    leaks = [one for one in walk(world, ["/mine/"], READERS, forgetful) if one.is_leak]
    assert {(one.made_for, one.to) for one in leaks} == {("author", "other"), ("author", "visitor")}


@pytest.mark.urls("tests.trust.urls_shared")
def test_a_view_of_ours_that_calls_itself_public_still_differs_by_its_reader(world: World) -> None:
    """Whoever is signed in is looked up in the session, and that alone puts `Cookie` into `Vary`."""
    assert walk(world, ["/forgetful/"], READERS) == []
    assert "cookie" in origin(asked_by(world, "author", "/forgetful/")).varies_by


# -- the cache itself does what the standard says


def site_that_says(**headers: str) -> Any:
    """An origin that counts how often it is asked."""
    asked: list[Request] = []

    def ask(request: Request) -> Answer:
        asked.append(request)
        if request.headers.get("if-none-match") and request.headers["if-none-match"] == headers.get("etag"):
            return Answer(304, {"etag": headers["etag"]}, b"", request)
        given = {name.replace("_", "-"): value for name, value in headers.items() if name != "status"}
        return Answer(int(headers.get("status", 200)), given, str(len(asked)).encode(), request)

    ask.asked = asked  # type: ignore[attr-defined]
    return ask


@pytest.mark.parametrize(
    ("headers", "times"),
    [
        ({"cache_control": "no-store"}, 2),
        ({"cache_control": "private, max-age=60"}, 2),
        ({"cache_control": "max-age=0"}, 2),
        ({"cache_control": "max-age=60, s-maxage=0"}, 2),
        ({"expires": "0"}, 2),
        ({"status": "302"}, 2),
        ({"status": "302", "cache_control": "max-age=60"}, 1),
        ({"vary": "*"}, 2),
        ({"vary": "Cookie"}, 2),
        ({"vary": "Accept-Language"}, 1),
        ({"cache_control": "public"}, 1),
        ({"cache_control": "public, max-age=60", "set_cookie": "a=b"}, 1),
        ({}, 1),
        ({"status": "404"}, 1),
    ],
)
def test_what_is_kept_for_another_reader_and_what_is_not(headers: dict[str, str], times: int) -> None:
    ask = site_that_says(**headers)
    cache = SharedCache(ask)
    for cookie in ("a", "b"):
        cache.ask(Request("GET", "/x", {"cookie": cookie, "accept-language": "en"}))
    assert len(ask.asked) == times


def test_an_answer_to_somebody_with_a_key_is_kept_only_if_it_says_so() -> None:
    for rules, times in (("max-age=60", 2), ("public, max-age=60", 1)):
        ask = site_that_says(cache_control=rules)
        cache = SharedCache(ask)
        for _time in range(2):
            cache.ask(Request("GET", "/x", {"authorization": "Bearer x"}))
        assert len(ask.asked) == times


def test_what_is_old_is_asked_for_again_and_what_was_changed_is_forgotten() -> None:
    at = [0.0]
    ask = site_that_says(cache_control="public, max-age=60", etag='"1"')
    cache = SharedCache(ask, clock=lambda: at[0])
    first = cache.ask(Request("GET", "/x"))
    at[0] = 61.0
    again = cache.ask(Request("GET", "/x"))
    assert again.from_cache and again.body == first.body
    assert ask.asked[-1].headers["if-none-match"] == '"1"'
    cache.ask(Request("POST", "/x"))
    assert not cache.ask(Request("GET", "/x")).from_cache
