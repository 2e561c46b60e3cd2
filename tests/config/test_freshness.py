"""Whatever happens: the very next request shows it. A kept page and one made now are the same, byte for byte."""

import json
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.contrib import admin
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.db import transaction
from django.test import RequestFactory

from community.catalog import actions as catalog
from community.catalog.models import Channel, Creator, Item, Shop
from community.config.pagecache import PageCache
from community.config.serving.handler import Handler
from community.config.serving.workers import Workers
from community.core import clock, facts
from community.core.clock import now
from community.home.queries import sitemaps
from community.members import actions as members
from community.members.facts import ProfileChanged
from community.members.models import Member
from community.threads import actions
from community.threads.actions.heat import settle_heat
from community.threads.models import Category, Thread
from realtime import versions
from tests.factories import catalog as bring
from tests.factories import members as people
from tests.factories import threads as make
from tests.support.images import png
from tests.support.visitor import Page, ask, do

pytestmark = pytest.mark.usefixtures("transactional_db")
NOON = datetime(2026, 3, 3, 3, 0, tzinfo=UTC)


@dataclass
class Market:
    """One of each, with names for what a test does next."""

    ana: Member
    ben: Member
    kanri: Member
    chief: Member
    shop: Shop
    maker: Creator
    bowl: Item
    square: Category
    club: Category
    question: Thread
    talk: Thread
    quiet: Thread
    made: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def laid_out(cls) -> "Market":
        shop = bring.make_shop("kobo", name="Kobo")
        bring.make_creator(shop, "c1", name="Mokkobo")
        facts: dict[str, Any] = {"creator": "c1", "tags": ["ash"], "price": "1200", "series": "Spring"}
        bring.bring_item(shop, "i1", listings=[{"channel": "store", "url": "https://a.example/1"}], **facts)
        bring.bring_item(shop, "i2", **facts)
        square, club = make.make_category(slug="square"), make.make_category(slug="club", read_by="managers")
        ana, ben = people.make_member("ana"), people.make_member("ben")
        bowl = Item.objects.get(external_id="i1")
        market = cls(
            ana=ana,
            ben=ben,
            kanri=people.make_member("kanri", role=Member.Role.MANAGER),
            chief=people.make_member("chief", role=Member.Role.ADMIN),
            shop=shop,
            maker=Creator.objects.get(),
            bowl=bowl,
            square=square,
            club=club,
            question=make.open_thread(ana, square, kind="question", title="Which wax?", item_id=bowl.pk, tags=["wax"]),
            talk=make.open_thread(ben, square, title="Morning", body=f"Look: /items/{bowl.pk}/"),
            quiet=make.open_thread(ana, square, title="Quiet"),
        )
        market.made["answer"] = make.reply(ben, market.question, "Beeswax.")
        Thread.objects.filter(pk=market.quiet.pk).update(hot_score=1e6)  # until the scores are made anew
        return market

    def pages(self) -> list[str]:
        thread, bowl, maker = self.question.get_absolute_url(), self.bowl.get_absolute_url(), "/creators/mokkobo/"
        return [
            *(
                "/",
                "/about/",
                "/tags/",
                "/tags/ash/",
                "/tags/wax/?tab=threads",
                "/creators/",
                maker,
                f"{maker}?tab=talk",
                self.shop.get_absolute_url(),
                f"{self.shop.get_absolute_url()}?tab=creators",
            ),
            *("/threads/", "/threads/?sort=hot", "/threads/?sort=unanswered", "/threads/in/square/"),
            *(thread, f"{thread}?view=two", self.talk.get_absolute_url(), bowl, f"{bowl}?tab=questions"),
            *("/threads/feed/", "/threads/in/square/feed/", "/tags/wax/feed/", f"{maker}feed/"),
            *(f"/items/{self.bowl.pk}/talk/feed/", f"/threads/{self.question.pk}/feed/"),
            *("/sitemap.xml", "/sitemap-pages.xml", "/sitemap-threads-1.xml", "/sitemap-items-1.xml"),
            *("/sitemap-creators-1.xml", "/robots.txt"),
            *("/items/", "/items/?sort=talked", "/items/?sort=price", "/members/ana/", "/members/ben/?tab=threads"),
        ]

    # -- what is done

    def staff_form(self, model: type, change: Callable[[Any, Any], None]) -> None:
        """As the admin's pages do it: the form's writes in one transaction."""
        request = RequestFactory().post("/")
        request.user = self.kanri
        with transaction.atomic():
            change(admin.site._registry[model], request)


def rename_shop(market: Market) -> None:
    def change(page: Any, request: Any) -> None:
        market.shop.name = "Kobo & Co."
        page.save_model(request, market.shop, None, True)

    market.staff_form(Shop, change)


def close_shop(market: Market) -> None:
    def change(page: Any, request: Any) -> None:
        market.shop.is_open = False
        page.save_model(request, market.shop, None, True)

    market.staff_form(Shop, change)


def rename_channel(market: Market) -> None:
    class Form:
        instance = market.shop

    class Rows:
        def save(self, commit: bool = True) -> None:
            Channel.objects.update(name="Our own store")

        def save_m2m(self) -> None: ...

    market.staff_form(Shop, lambda page, request: page.save_formset(request, Form, Rows(), True))


def set_up(category: Category, by: Member, **changes: Any) -> None:
    for name, value in changes.items():
        setattr(category, name, value)
    actions.set_up_category(by=by, category=category, kinds=make.ALL_KINDS)


def profile(member: Member, **changes: Any) -> None:
    given = {"display_name": member.display_name, "handle": member.handle, "bio": "", "avatar_id": None} | changes
    members.update_profile(by=member, member_id=member.pk, **given)


def creator_profile(market: Market) -> None:
    catalog.update_creator_profile(by=market.kanri, creator_id=market.maker.pk, name="Mokkobo", craft="Turning")


def forget(market: Market) -> None:
    with clock.held_at(now() - timedelta(days=30)):
        stranger = people.make_member("stranger", verified=False)
    market.made["stranger"] = stranger.handle
    members.forget_unverified()


def leave(market: Market) -> None:
    members.ask_to_leave(by=market.ben, with_posts=False)
    with clock.held_at(now() + timedelta(days=15)):
        members.erase_due()


def bring_talk(market: Market) -> None:
    author, at = {"id": "u1", "name": "花"}, "2024-05-01T09:00:00+09:00"
    post = {"id": "p1", "author": author, "body": "Brought along", "created_at": at}
    path = Path(settings.RUN_DIR) / "elsewhere.ndjson"
    path.write_text(json.dumps({"id": "t1", "title": "From elsewhere", "posts": [post]}))
    call_command("import_threads", str(path), stdout=StringIO())
    path.unlink()


def answer(market: Market) -> int:
    return market.made["answer"].pk


Deed = Callable[[Market], object]
# What is done, one after the other, and one page that must look different afterwards.
DEEDS: dict[str, tuple[Deed, str]] = {
    "a reply": (lambda m: make.reply(m.ana, m.talk), "/threads/"),
    "a reply about an item": (lambda m: make.reply(m.ana, m.question), "item"),
    "a reply where visitors do not read": (lambda m: make.reply(m.kanri, m.made["hidden"]), ""),
    "a new thread": (lambda m: make.open_thread(m.ben, m.square, title="New here", item_id=m.bowl.pk), "item"),
    "a hidden thread about an item": (lambda m: make.open_thread(m.kanri, m.club, item_id=m.bowl.pk), "item"),
    "an edit": (
        lambda m: actions.edit_post(editor=m.ben, post_id=answer(m), body="Carnauba.", seen_version=1),
        "thread",
    ),
    "a new title": (
        lambda m: actions.edit_post(
            editor=m.ana, post_id=make.opening(m.quiet).pk, body="x", seen_version=1, title="Not quiet", tags=["wax"]
        ),
        "/tags/wax/?tab=threads",
    ),
    "a reaction": (lambda m: actions.react(member=m.ana, post_id=answer(m), kind="heart", on=True), "item"),
    "a reaction taken back": (lambda m: actions.react(member=m.ana, post_id=answer(m), kind="heart", on=False), "/"),
    "an accepted answer": (lambda m: actions.accept_answer(by=m.ana, post_id=answer(m)), "/threads/?sort=unanswered"),
    "an answer no longer accepted": (lambda m: actions.unaccept_answer(by=m.ana, thread_id=m.question.pk), "item"),
    "a deleted reply": (lambda m: actions.delete_post(by=m.ben, post_id=answer(m)), "item"),
    "a reply put back": (lambda m: actions.restore_post(by=m.ben, post_id=answer(m)), "/members/ben/?tab=threads"),
    "a deleted thread": (lambda m: actions.delete_post(by=m.ana, post_id=make.opening(m.question).pk), "item"),
    "a thread put back": (lambda m: actions.restore_post(by=m.ana, post_id=make.opening(m.question).pk), "thread"),
    "a pin": (lambda m: actions.pin_thread(by=m.kanri, thread_id=m.question.pk), "/threads/in/square/"),
    "a lock": (lambda m: actions.lock_thread(by=m.kanri, thread_id=m.question.pk), "item"),
    "slow mode": (lambda m: actions.set_slow_mode(by=m.kanri, thread_id=m.question.pk, seconds=60), "thread"),
    "a move out of sight": (
        lambda m: actions.move_thread(by=m.kanri, thread_id=m.talk.pk, category_id=m.club.pk),
        "/threads/in/square/",
    ),
    "a move back": (
        lambda m: actions.move_thread(by=m.kanri, thread_id=m.talk.pk, category_id=m.square.pk),
        "/threads/",
    ),
    "heat settled": (lambda m: settle_heat(), "/threads/?sort=hot"),
    "a badge": (
        lambda m: members.set_trust(by=m.kanri, member_id=m.ana.pk, level=2, lock=False, reason="known"),
        "/members/ana/",
    ),
    "a badge taken": (
        lambda m: members.set_trust(by=m.kanri, member_id=m.ana.pk, level=1, lock=False, reason="a slip"),
        "/members/ana/",
    ),
    "another name": (lambda m: profile(m.ana, display_name="Anna"), "thread"),
    "another handle": (
        lambda m: members.update_profile(
            by=m.chief, member_id=m.ben.pk, display_name="Ben", handle="benno", bio="", avatar_id=None, reason="asked"
        ),
        "thread",
    ),
    "a role": (lambda m: members.set_role(by=m.chief, member_id=m.ana.pk, role="moderator", reason="good"), "thread"),
    "a ban": (lambda m: members.ban_member(by=m.kanri, member_id=m.ben.pk, reason="spam"), ""),
    "an account forgotten": (forget, ""),
    "somebody who has left": (leave, ""),
    "a category's name": (lambda m: set_up(m.square, m.kanri, name_ja="ひろば", name_en="Plaza"), "item"),
    "a category opened": (lambda m: set_up(m.club, m.kanri, read_by="everybody"), "/threads/"),
    "a creator's profile": (creator_profile, "/creators/"),
    "a creator's account": (
        lambda m: catalog.link_creator(by=m.kanri, creator_id=m.maker.pk, member=m.ben),
        "thread",
    ),
    "creators brought in": (lambda m: bring.bring_creator(m.shop, "c2", name="Newcomer"), ""),
    "an item brought in": (lambda m: bring.bring_item(m.shop, "i3", creator="c2", price="900"), "/creators/"),
    "another price": (lambda m: bring.bring_item(m.shop, "i1", creator="c1", price="1500", series="Spring"), "thread"),
    "an item of the same series": (lambda m: bring.bring_item(m.shop, "i4", creator="c1", series="Spring"), "item"),
    "talk brought in": (bring_talk, "/threads/"),
    "many items": (
        lambda m: bring.bring_items(m.shop, *({"external_id": f"m{n}", "title": f"Cup {n}"} for n in range(30))),
        "/items/",
    ),
    "an item picture": (
        lambda m: catalog.add_item_picture(shop=m.shop, external_id="i1", upload=SimpleUploadedFile("a.png", png())),
        "item",
    ),
    "a withdrawn item": (lambda m: catalog.withdraw_item(shop=m.shop, external_id="i1"), "thread"),
    "a channel's name": (rename_channel, ""),
    "a shop's name": (rename_shop, "/creators/mokkobo/"),
    "a closed shop": (close_shop, "thread"),
}


# What is made for programs must look different as well.
FEEDS: dict[str, tuple[str, ...]] = {
    "a reply": ("/threads/feed/", "/threads/in/square/feed/"),
    "a reply about an item": ("/threads/feed/", "/tags/wax/feed/"),
    "a new thread": ("/threads/feed/", "/creators/mokkobo/feed/", "/sitemap-threads-1.xml"),
    "a new title": ("/threads/feed/", "/tags/wax/feed/", "/sitemap-threads-1.xml"),
    "a deleted thread": ("/threads/feed/", "/tags/wax/feed/", "/sitemap-threads-1.xml"),
    "a move out of sight": ("/threads/feed/", "/threads/in/square/feed/", "/sitemap-threads-1.xml"),
    "another name": ("/threads/feed/",),
    "a category's name": ("/threads/in/square/feed/",),
    "a category opened": ("/sitemap-pages.xml",),
    "an item brought in": ("/sitemap-items-1.xml",),
    "a closed shop": ("/sitemap.xml", "/creators/mokkobo/feed/"),
}


@pytest.fixture
def site() -> PageCache:
    return PageCache(Handler(Workers(threads=2, waiting=64, seconds=8)), budget=8 << 20)


@pytest.fixture(autouse=True)
def one_map_of_each_kind(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever ids the rows of this run have."""
    monkeypatch.setattr(sitemaps, "RANGE", 10**9)


@pytest.fixture(autouse=True)
async def closed() -> AsyncIterator[None]:
    yield
    await versions.close()


@pytest.fixture
def at_noon() -> Iterator[None]:
    with clock.held_at(NOON):
        yield


@pytest.mark.timeout(600)
async def test_after_everything_that_can_happen_the_next_request_shows_it(site: PageCache, at_noon: None) -> None:
    market = await do(Market.laid_out)
    market.made["hidden"] = await do(lambda: make.open_thread(market.kanri, market.club))
    for path in market.pages() * 2:  # of a thread with an item the second one is kept
        assert (await ask(site, path)).status == 200, path
    before = {path: what_of(await ask(site, path)) for path in market.pages()}
    for name, (deed, shown_on) in DEEDS.items():
        await do(lambda deed=deed: deed(market))
        after = {path: await seen(site, path, name) for path in market.pages()}
        page = {"item": market.bowl.get_absolute_url(), "thread": market.question.get_absolute_url()}
        for changed in (page.get(shown_on, shown_on), *FEEDS.get(name, ())):
            assert not changed or before[changed] != after[changed], f"{name}: {changed} shows nothing of it"
        before = after
    assert site.hits > len(DEEDS)


async def test_every_public_page_is_kept_from_the_second_time_on(site: PageCache, at_noon: None) -> None:
    market = await do(Market.laid_out)
    for path in market.pages() * 2:
        await ask(site, path)
    for path in market.pages():
        hits = site.hits
        await ask(site, path)
        assert site.hits == hits + 1, path


async def test_the_control_that_hears_of_nothing_but_replies_shows_an_old_name(site: PageCache, at_noon: None) -> None:
    market = await do(Market.laid_out)
    path = market.question.get_absolute_url()
    for _time in range(2):
        assert "Ana" in (await ask(site, path)).body
    heard = facts._last.pop(ProfileChanged)
    try:
        await do(lambda: profile(market.ana, display_name="Anna"))
        assert "Anna" not in (await ask(site, path)).body
    finally:
        facts._last[ProfileChanged] = heard


async def seen(site: PageCache, path: str, name: str) -> str:
    """What a visitor sees; where it was kept, it is compared with the page as Django makes it now."""
    hits = site.hits
    shown = what_of(await ask(site, path))
    if site.hits > hits:
        assert shown == what_of(await ask(site.app, path)), f"{name}: {path} is stale"
    return shown


def what_of(page: Page) -> str:
    """An error's page has a number of its own, so its status is all there is to compare."""
    return page.body if page.status == 200 else str(page.status)
