"""A small market with somebody in every role and something in every state, for the matrix and the walks."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import Client
from procrastinate.contrib.django import app as jobs

from community.catalog import actions as catalog
from community.catalog.actions import tags_for
from community.catalog.actions.shops import SCOPES
from community.catalog.models import Item, Shop
from community.core.clock import now
from community.core.pictures import store_picture
from community.home.queries.sitemaps import RANGE
from community.members import actions as members
from community.members.models import Block, Member, SignIn
from community.notifications import actions as notices
from community.notifications.actions import tokens
from community.notifications.models import Notice, PushDevice
from community.threads import actions
from community.threads.models import Category, Post, State, Thread
from tests.factories import catalog as shops
from tests.factories import threads as make
from tests.factories.members import PASSWORD, make_member
from tests.support.images import png
from tests.trust.state import fingerprint

ROLES = ("visitor", "author", "other", "maker", "moderator", "manager", "admin", "banned")
KEYS = ("key", "other_key", "no_scope", "revoked", "no_key", "session")
MISSING = 999_999_999
SECRET = ("deleted", "hidden", "private", "closed")


@dataclass
class World:
    people: dict[str, Member] = field(default_factory=dict)
    sessions: dict[str, str] = field(default_factory=dict)
    keys: dict[str, str] = field(default_factory=dict)
    # state -> what an address calls its objects -> value
    places: dict[str, dict[str, Any]] = field(default_factory=dict)
    shop: Shop = field(default_factory=Shop)
    other_shop: Shop = field(default_factory=Shop)
    square: Category = field(default_factory=Category)
    makers_room: Category = field(default_factory=Category)
    rows: dict[str, str] = field(default_factory=dict)  # what the database holds: see tests.trust.state

    def client(self, role: str, **options: Any) -> Client:
        """A browser of that person, or for a key's name a program with that key."""
        client = Client(raise_request_exception=False, **options)
        if role == "session":
            role = "admin"
        if role in self.sessions:
            client.cookies["hiroba_session"] = self.sessions[role]
        return client


@contextmanager
def laid_out() -> Iterator[World]:
    """The world inside a transaction that is taken back at the end."""
    with transaction.atomic():
        yield _build()
        transaction.set_rollback(True)


@contextmanager
def as_if() -> Iterator[None]:
    """What is done inside never happened."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def _build() -> World:
    world = World(square=make.make_category(slug="square"))
    world.makers_room = make.make_category(slug="makers-room", read_by=Category.OpenedBy.CREATORS)
    _people(world)
    _catalogue(world)
    for state in ("open", "locked", "deleted", "hidden", "private"):
        world.places[state] = {"kind": "heart", "level_kind": "thread"} | _thread(world, state)
    world.places["missing"] = _missing()
    _others(world)
    _sessions(world)
    world.rows = fingerprint()
    return world


def _people(world: World) -> None:
    roles = {"moderator": "moderator", "manager": "manager", "admin": "admin"}
    for name in ROLES[1:]:
        role = roles.get(name, "member")
        world.people[name] = make_member(f"the_{name}", role=role, password=PASSWORD)
    world.people["closed"] = make_member("the_closed")
    Member.objects.filter(pk=world.people["closed"].pk).update(is_active=False)


def _sessions(world: World) -> None:
    for name in ROLES[1:]:
        client = Client()
        client.force_login(world.people[name])
        world.sessions[name] = key = client.cookies["hiroba_session"].value
        members.see(member_id=world.people[name].pk, session_key=key, user_agent="", address="127.0.0.1")
    # The session epoch stays as it was: what refuses the session must be the ban itself.
    Member.objects.filter(pk=world.people["banned"].pk).update(banned_at=now())


def _catalogue(world: World) -> None:
    world.shop, world.other_shop = shops.make_shop("kobo"), shops.make_shop("ichiba")
    closed = shops.make_shop("shut")
    for shop in (world.shop, world.other_shop, closed):
        creator = shops.make_creator(shop, "c1", name=f"Maker of {shop.slug}")
        if shop is world.shop:
            catalog.link_creator(by=world.people["manager"], creator_id=creator.pk, member=world.people["maker"])
        own = "own" if shop is world.shop else f"of-{shop.slug}"
        for external_id in ("i1", own):
            shops.make_item(shop, external_id, title=f"Bowl {external_id}", creator="c1", price="1200", tags=["clay"])
        shops.make_creator(shop, own)
        shops.make_order(shop, own, lines=[{"item": "i1", "title": "Bowl", "quantity": 1, "unit_price": "1200"}])
        shops.bring_customer(shop, own, country="Japan")
    Shop.objects.filter(pk=closed.pk).update(is_open=False)
    world.keys = {
        "key": shops.make_key(world.shop),
        "other_key": shops.make_key(world.other_shop),
        "revoked": shops.make_key(world.shop),
    }
    for scope in SCOPES:
        world.keys[f"all but {scope}"] = shops.make_key(world.shop, *(one for one in SCOPES if one != scope))
    prefix = world.keys["revoked"].split("_")[1]
    catalog.revoke_api_key(key=world.shop.api_keys.get(prefix=prefix))


def _item(world: World, shop: str) -> Item:
    return Item.objects.select_related("creator").get(shop__slug=shop, external_id="i1")


def _thread(world: World, state: str) -> dict[str, Any]:
    """A question of `author` about the maker's bowl, with a reply of hers that a moderator once edited."""
    author, other = world.people["author"], world.people["other"]
    thread = make.open_thread(
        author, world.square, kind="question", title=f"Is this {state}?", item_id=_item(world, "kobo").pk
    )
    post = make.reply(author, thread, f"I found out: {state}.")
    accepted = make.reply(other, thread, "And so did I.")
    actions.edit_post(editor=world.people["moderator"], post_id=post.pk, body=f"Found: {state}.", seen_version=1)
    actions.accept_answer(by=author, post_id=accepted.pk)
    for name in set(ROLES[1:]) - {"author"}:
        actions.react(member=world.people[name], post_id=post.pk, kind="clap", on=True)
    _put(world, thread, post, state)
    revision = post.revisions.get()
    named = {"slug": thread.slug, "name": f"thread.{thread.pk}"}
    return {"thread_id": thread.pk, "post_id": post.pk, "revision_id": revision.pk} | named


def _put(world: World, thread: Thread, post: Post, state: str) -> None:
    """For a deleted and a hidden one, two things are gone: the reply, and a thread of its own (see `thread_id`)."""
    moderator = world.people["moderator"]
    if state == "locked":
        actions.lock_thread(by=moderator, thread_id=thread.pk)
    elif state == "private":
        actions.move_thread(by=moderator, thread_id=thread.pk, category_id=world.makers_room.pk)
    elif state == "deleted":
        actions.delete_post(by=world.people["author"], post_id=post.pk)
    elif state == "hidden":
        Post.objects.filter(pk=post.pk).update(state=State.HIDDEN)


def _others(world: World) -> None:
    """Threads that are gone as a whole, and all that is no thread."""
    author = world.people["author"]
    for state in ("deleted", "hidden"):
        thread = make.open_thread(author, world.square, kind="question", title=f"Gone: {state}")
        actions.accept_answer(by=author, post_id=make.reply(author, thread, "Yes.").pk)
        if state == "deleted":
            actions.delete_post(by=author, post_id=make.opening(thread).pk)
        else:
            Thread.objects.filter(pk=thread.pk).update(state=State.HIDDEN)
        world.places[state] |= {"thread_id": thread.pk, "slug": thread.slug, "name": f"thread.{thread.pk}"}
    shown, shut = _item(world, "kobo"), _item(world, "shut")
    catalog.withdraw_item(shop=world.shop, external_id="own")
    upload = SimpleUploadedFile("bowl.png", png(), "image/png")
    picture = store_picture(upload, owner_id=author.pk)
    jobs.configure_task("nothing.at_all", queue="tests").defer()
    members.note(by=None, verb="test", target="member", target_id=1, reason="a row to look at")
    tag = tags_for(["clay"])[0]
    world.places["open"] |= {
        "item_id": shown.pk,
        "item_slug": slug_of(shown),
        "creator": shown.creator.slug if shown.creator else "",
        "category": world.square.slug,
        "tag": tag.slug,
        "handle": author.handle,
        "blocked_handle": _blocked(world).handle,
        "member_id": world.people["other"].pk,
        "shop_id": world.shop.pk,
        "creator_id": shown.creator_id,
        "path": picture.file,
        "map_kind": "items",
        "map_number": (shown.pk - 1) // RANGE + 1,
        "notice_id": _notice(world.places["open"]["thread_id"]),
        "version": members.publish_text(by=None, kind="terms", ja="仲良く。", en="Be kind.", asks=False).version,
        "archive_id": members.ask_for_archive(by=author).pk,
        "token": tokens.token(world.people["other"].pk, ""),
        "device_id": _browser(author),
    }
    withdrawn = Item.objects.get(shop=world.shop, external_id="own")
    world.places["withdrawn"] = {"item_id": withdrawn.pk, "item_slug": slug_of(withdrawn)}
    world.places["private"] |= {"category": world.makers_room.slug}
    world.places["closed"] = {
        "item_id": shut.pk,
        "item_slug": slug_of(shut),
        "creator": shut.creator.slug if shut.creator else "",
        "handle": world.people["closed"].handle,
    }
    world.places["own"] = {"external_id": "own"}
    world.places["other"] = {"external_id": f"of-{world.other_shop.slug}"}
    for state, name in {
        "item": f"item.{shown.pk}",
        "item_closed": f"item.{shut.pk}",
        "home": "home.1",
        "home_else": "home.2",
        "feed": "feed.1",
        "feed_else": "feed.2",
        "member": f"member.{author.pk}",
    }.items():
        world.places[state] = {"name": name}


def _blocked(world: World) -> Member:
    """Somebody whom every ordinary member has blocked. The rows alone: the action lays out inboxes as well."""
    nuisance = make_member("the_nuisance")
    blockers = [world.people[name] for name in ("author", "other", "maker")]
    Block.objects.bulk_create(Block(blocker=one, blocked=nuisance, at=now()) for one in blockers)
    Member.objects.filter(pk__in=[one.pk for one in blockers]).update(block_count=1)
    Member.objects.filter(pk=nuisance.pk).update(block_count=len(blockers))
    return nuisance


def _notice(thread_id: int) -> int:
    """What `author` was told of the answer of `other`."""
    notices.settle("post", Post.objects.get(thread=thread_id, number=3).pk)
    return Notice.objects.get(target_id=thread_id).pk


def _browser(member: Member) -> int:
    """One that shows the member's notices."""
    row = SignIn.objects.create(member=member, session_key="of-no-session", began_at=now(), seen_at=now())
    given = {"endpoint": f"https://fcm.googleapis.com/{member.pk}", "p256dh": "x", "auth": "x", "created_at": now()}
    return PushDevice.objects.create(member=member, sign_in=row, **given).pk


def slug_of(item: Item) -> str:
    return item.get_absolute_url().rstrip("/").rpartition("/")[2]


def _missing() -> dict[str, Any]:
    numbers = dict.fromkeys(
        (
            "thread_id",
            "post_id",
            "revision_id",
            "item_id",
            "member_id",
            "shop_id",
            "creator_id",
            "notice_id",
            "device_id",
        ),
        MISSING,
    )
    words = dict.fromkeys(
        ("creator", "category", "tag", "handle", "blocked_handle", "external_id", "slug", "item_slug", "token"),
        "nobody-knows",
    )
    return (
        numbers
        | words
        | {"name": f"thread.{MISSING}", "kind": "heart", "level_kind": "thread"}
        | {"path": "pictures/none.webp", "map_kind": "items", "map_number": 999_999}
    )
