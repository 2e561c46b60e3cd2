"""S11: hostile texts go in through the real doors, wherever a member or a shop may write, and nothing ever runs.

The pages are shown twice: as they are, and with the content policy switched off in the browser, so that the policy
does not hide a hole in front of it.
"""

import json
from collections.abc import Callable, Iterator
from functools import partial
from itertools import cycle
from typing import Any
from urllib.parse import quote

import pytest
from django.test import Client
from playwright.sync_api import BrowserContext

from community.catalog import queries as catalog_queries
from community.catalog.models import Creator, Item, Tag
from community.core.errors import RuleError
from community.core.text.tidy import tidy, without_invisible
from community.members import actions as members
from community.members.models import Member
from community.threads import actions, queries
from community.threads.actions import NewPicture
from community.threads.models import Category, Post, Thread
from tests.factories import catalog as shops
from tests.factories import threads as make
from tests.factories.members import make_member
from tests.trust import payloads
from tests.trust.window import Window

pytestmark = [pytest.mark.journey, pytest.mark.django_db, pytest.mark.timeout(600)]
FOR_SCRIPTS = {"accept": "application/json"}
MANY = 500  # rows a page: fewer pages, the same templates


@pytest.fixture(autouse=True)
def no_limits(settings: pytest.FixtureRequest) -> None:
    settings.LIMITS = {}  # type: ignore[attr-defined]


@pytest.fixture
def long_pages(monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    settings.POSTS_PER_PAGE = MANY
    for name in ("list_threads", "list_posts"):
        monkeypatch.setattr(queries, name, partial(getattr(queries, name), size=MANY))
    listed = catalog_queries.list_items

    def list_items(**given: object) -> object:
        return listed(**given | {"size": MANY})  # type: ignore[arg-type]

    monkeypatch.setattr(catalog_queries, "list_items", list_items)


@pytest.fixture
def windows(new_context: Callable[..., BrowserContext], long_pages: None) -> list[Window]:
    """Two browsers: one obeys the pages' policy, for the other there is none."""
    return [Window(new_context), Window(new_context, without_policy=True)]


@pytest.fixture
def ana(db: None) -> Member:
    return make_member("ana")


@pytest.fixture
def square(db: None) -> Category:
    return make.make_category()


@pytest.fixture(scope="module")
def hostile() -> list[str]:
    """The strings that go everywhere, one by one."""
    return payloads.naughty() + payloads.cheatsheet() + payloads.sanitizer_cases()


def show(windows: list[Window], *paths: str) -> None:
    for path in paths:
        for window in windows:
            seen = window.show(path)
            assert seen.is_clean, f"{path}: {seen}"


def pages_of(thread: Thread) -> Iterator[str]:
    thread.refresh_from_db()
    for page in range(-(-thread.last_number // MANY)):
        yield f"{thread.get_absolute_url()}?page={page + 1}"


def signed_in(member: Member) -> Client:
    client = Client(raise_request_exception=False)
    client.force_login(member)
    return client


# --- The trap itself -----------------------------------------------------------------------------------------

PLANTED = (
    "<img src=x onerror=alert(1)>",
    "<script>confirm(1)</script>",
    "<svg onload=prompt(1)></svg>",
    '<p onmouseover="alert(2)">x</p>',
    "<iframe srcdoc='<script>parent.alert(3)</script>'></iframe>",
)


def planted(ana: Member, square: Category, html: str) -> str:
    """A post whose stored HTML never passed the sanitiser."""
    thread = make.open_thread(ana, square)
    Post.objects.filter(thread=thread).update(body_html=html)
    return thread.get_absolute_url()


@pytest.mark.parametrize("html", PLANTED)
def test_a_script_that_got_into_a_page_is_seen_to_run(
    new_context: Callable[..., BrowserContext], ana: Member, square: Category, html: str
) -> None:
    seen = Window(new_context, without_policy=True).show(planted(ana, square, html))
    assert seen.ran
    assert seen.armed


@pytest.mark.parametrize("html", PLANTED)
def test_the_policy_of_the_site_stops_a_script_that_got_in(
    new_context: Callable[..., BrowserContext], ana: Member, square: Category, html: str
) -> None:
    seen = Window(new_context).show(planted(ana, square, html))
    assert seen.ran == []
    assert seen.armed


@pytest.mark.parametrize(
    "html", ["<img src=//foreign.example/x.png>", "<script src=https://foreign.example/x.js></script>"]
)
def test_what_a_page_fetches_from_elsewhere_is_seen(
    new_context: Callable[..., BrowserContext], ana: Member, square: Category, html: str
) -> None:
    seen = Window(new_context, without_policy=True).show(planted(ana, square, html))
    assert "foreign.example" in seen.foreign[0]


@pytest.mark.parametrize(
    "html",
    ['<a href="javascript:alert(1)">x</a>', "<form action=/x></form>", "<b style='top:0'>z</b>"],
)
def test_what_waits_for_a_press_is_seen(
    new_context: Callable[..., BrowserContext], ana: Member, square: Category, html: str
) -> None:
    assert Window(new_context).show(planted(ana, square, html)).armed


# --- Where people and shops write ----------------------------------------------------------------------------


def test_replies(windows: list[Window], ana: Member, square: Category, hostile: list[str]) -> None:
    """Each string as a reply, every fourth over HTTP, by people whose names are hostile where the rules let them be."""
    thread = make.open_thread(ana, square)
    writers = [(member, signed_in(member)) for member in people(hostile[::9])[:40]]
    codes = []
    for number, (text, (member, client)) in enumerate(zip(hostile, cycle(writers))):
        if number % 4 == 0:
            path = f"/threads/{thread.pk}/reply/"
            codes.append(client.post(path, {"body": text}, headers=FOR_SCRIPTS).status_code)
        else:
            codes.append(status_of(member, thread, text))
    assert set(codes) <= {201, 422}
    assert codes.count(201) > len(hostile) * 0.95
    show(windows, *pages_of(thread))


def status_of(member: Member, thread: Thread, text: str) -> int:
    try:
        actions.post_reply(author=member, thread_id=thread.pk, body=text)
    except RuleError as refusal:
        return refusal.status
    return 201


def test_the_long_list_of_payloads_in_replies(windows: list[Window], ana: Member, square: Category) -> None:
    thread = make.open_thread(ana, square)
    lots = list(payloads.bundles(payloads.payload_list(), size=12, limit=30_000))
    for text in lots:
        try:
            actions.post_reply(author=ana, thread_id=thread.pk, body=text)
        except RuleError as refusal:
            assert refusal.code in {"body_too_many_marks", "body_too_long"}  # and nothing else
    thread.refresh_from_db()
    assert thread.reply_count > len(lots) * 0.98
    show(windows, *pages_of(thread))


def test_titles_and_tags_of_threads(windows: list[Window], ana: Member, square: Category, hostile: list[str]) -> None:
    opened = []
    for text in hostile:
        for tags in ([text[:40]], []):
            try:
                opened.append(make.open_thread(ana, square, title=text[:120], body="Words.", tags=tags))
                break
            except RuleError as refusal:
                assert refusal.status == 422
    assert len(opened) > len(hostile) * 0.9
    angry = [thread for thread in opened if "<" in thread.title or '"' in thread.title]
    lists = ["/threads/", f"/threads/in/{square.slug}/", "/", "/tags/", f"/members/{ana.handle}/?tab=threads"]
    show(windows, *lists, *(thread.get_absolute_url() for thread in angry[::40]))
    tagged = Tag.objects.filter(name__contains="<")[:5]
    show(windows, *(f"/tags/{tag.slug}/?tab=threads" for tag in tagged))


def test_names_and_lives_of_members(windows: list[Window], ana: Member, square: Category, hostile: list[str]) -> None:
    thread = make.open_thread(ana, square)
    named = people(hostile)
    assert len(named) > 150
    for member in named:
        actions.post_reply(author=member, thread_id=thread.pk, body="Hello.")
    lives = list(payloads.bundles([text[:1500] for text in hostile], size=60, limit=3_800))
    for bio, member in zip(lives, named, strict=False):
        profile = {"display_name": member.display_name, "handle": member.handle, "avatar_id": None}
        members.update_profile(by=member, member_id=member.pk, bio=bio, **profile)
    show(windows, *pages_of(thread), *(f"/members/{member.handle}/" for member in named[: len(lives)]))


def test_items_that_a_shop_brings_in(windows: list[Window], ana: Member, hostile: list[str]) -> None:
    """Every string as title, text (Markdown and HTML), tag, series, attribute, variant and picture words of an item."""
    shop = shops.make_shop("kobo")
    key = shops.make_key(shop)
    texts = hostile + payloads.payload_list()
    lines = "\n".join(json.dumps(item_of(number, text)) for number, text in enumerate(texts))
    answer = Client().post(
        "/api/v1/items:bulk", lines, content_type="application/x-ndjson", headers={"Authorization": f"Bearer {key}"}
    )
    outcomes = [json.loads(line)["outcome"] for line in answer.getvalue().splitlines()]
    assert len(outcomes) == len(texts)
    assert set(outcomes) <= {"created", "refused"}
    assert outcomes.count("created") > len(texts) * 0.95
    angry = Item.objects.filter(title__contains="<").order_by("pk")
    shown = [item.get_absolute_url() for item in angry[:: max(1, len(angry) // 12)]]
    show(windows, *browse(len(outcomes)), "/", *shown)


def test_lives_of_creators(windows: list[Window], hostile: list[str]) -> None:
    shop = shops.make_shop("kobo")
    lives = list(payloads.bundles([text[:1500] for text in hostile], size=60, limit=3_800))
    for number, (name, bio) in enumerate(zip(hostile[::50], lives, strict=False)):
        for kind in ("markdown", "html"):
            given = {"name": name[:60].strip() or "x", "bio": bio, "bio_format": kind, "craft": name, "place": name}
            try:
                shops.bring_creator(shop, f"{kind}{number}", **given)
            except RuleError as refusal:
                assert refusal.status == 422
    slugs = Creator.objects.filter(shop=shop).values_list("slug", flat=True)
    assert len(slugs) >= 10
    show(windows, "/creators/", *(f"/creators/{slug}/" for slug in slugs))


def test_words_about_pictures(windows: list[Window], ana: Member, square: Category, hostile: list[str]) -> None:
    thread = make.open_thread(ana, square)
    # Words that are nothing but invisible signs are refused: see tests/threads.
    words = [text for text in hostile if without_invisible(tidy(text)).strip()]
    for start in range(0, len(words), 8):
        shown = [NewPicture(make.make_upload(ana).pk, tidy(text)[:150]) for text in words[start : start + 8]]
        actions.post_reply(author=ana, thread_id=thread.pk, body="Look.", pictures=shown)
    show(windows, *pages_of(thread))


# --- What an address carries ---------------------------------------------------------------------------------

ADDRESSES = (
    ("/threads/", "cursor"),
    ("/threads/", "kind"),
    ("/items/", "category"),
    ("/items/", "min"),
    ("/threads/new/", "title"),
    ("/accounts/login/", "next"),
    ("/no/such/page/", "q"),
    ("/search/", "q"),
    ("/search/suggest/", "q"),
    ("/api/v1/search", "q"),
)


def test_no_address_breaks_a_page(ana: Member, hostile: list[str]) -> None:
    """Where a string is quoted back, it is quoted; and no string is a server's error."""
    client = signed_in(ana)
    for text, (path, name) in zip(hostile, cycle(ADDRESSES)):
        answer = client.get(path, {name: text})
        assert answer.status_code < 500, (path, name, text)
        if "<" in text and len(text) > 10:
            assert text not in answer.content.decode()
    for text in hostile[::4]:
        for family in ("tags", "members", "creators", "threads/in", "media"):
            path = f"/{family}/{quote(text.encode(errors='replace'), safe='')}/"
            assert client.get(path).status_code < 500, (family, text)


# --- How -----------------------------------------------------------------------------------------------------


def people(names: list[str]) -> list[Member]:
    """A member for every string that the rules take as a name."""
    found = []
    for number, name in enumerate(names):
        try:
            found.append(make_member(f"m{number}", display_name=name[:40]))
        except RuleError as refusal:
            assert refusal.status in {409, 422}
    return found


def item_of(number: int, text: str) -> dict[str, object]:
    return {
        "external_id": f"i{number}",
        "title": text[:180].strip() or "x",
        "description": text[:20_000],
        "description_format": "html" if number % 2 else "markdown",
        "series": text[:60],
        "category": text[:40],
        "tags": [text[:30]],
        "attributes": {text[:30] or "x": text[:60]},
        "variants": [{"external_id": "v", "name": text[:60].strip() or "x"}],
        "pictures": [{"url": "https://pictures.example/1.jpg", "alt": text[:100]}],
        "price": "1200",
    }


def browse(total: int) -> list[str]:
    """The pages of all items, by their cursors."""
    found, client, path = [], Client(), "/items/"
    while path and len(found) <= -(-total // MANY):
        found.append(path)
        following = client.get(path).context["page"].found.next
        path = f"/items/?cursor={following}" if following else ""
    return found
