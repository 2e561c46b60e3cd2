"""Creators, shops and members, with what they made and said."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from community.catalog import queries as catalog
from community.catalog.models import Creator, Item, Shop
from community.catalog.permissions import can_edit_creator
from community.core.paging import Slice
from community.members import queries as members
from community.members.models import Member
from community.members.permissions import Viewer, apart, can_block
from community.threads import queries as threads
from community.threads.models import Post, Thread


@dataclass(frozen=True, slots=True)
class CreatorPage:
    creator: Creator
    tab: str
    items: Slice[Item] | None
    talk: Slice[Thread] | None
    tabs: Sequence[dict[str, Any]]
    trail: Sequence[dict[str, str]]
    may_edit: bool


@dataclass(frozen=True, slots=True)
class ShopPage:
    shop: Shop
    tab: str
    items: Slice[Item] | None
    creators: Slice[Creator] | None
    tabs: Sequence[dict[str, Any]]
    trail: Sequence[dict[str, str]]


@dataclass(frozen=True, slots=True)
class MemberPage:
    member: Member
    creator: Creator | None
    tab: str
    posts: Slice[Post] | None
    threads: Slice[Thread] | None
    tabs: Sequence[dict[str, Any]]
    stats: Sequence[dict[str, Any]]
    is_me: bool
    may_block: bool
    blocked: bool  # by the viewer: then nothing of them is shown but the way back


@dataclass(frozen=True, slots=True)
class MemberCard:
    """What the card of a member shows, beside the reader's level."""

    member: Member
    creator: Creator | None
    is_me: bool
    may_block: bool
    blocked: bool


def member_card(*, viewer: Viewer, handle: str) -> MemberCard:
    """Raises `NotVisible`. 2 queries."""
    member = members.get_member(handle=handle, viewer=viewer)
    return MemberCard(
        member=member,
        creator=catalog.creator_of(member=member, viewer=viewer),
        is_me=viewer.pk == member.pk,
        may_block=bool(can_block(viewer, member)),
        blocked=member.pk in apart(viewer).blocked,
    )


def creators(*, viewer: Viewer, cursor: str = "") -> Slice[Creator]:
    return catalog.list_creators(viewer=viewer, cursor=cursor, size=24)


def creator_page(*, viewer: Viewer, slug: str, tab: str = "works", cursor: str = "") -> CreatorPage:
    """Raises `NotVisible`."""
    creator = catalog.get_creator(slug=slug, viewer=viewer)
    works = tab == "works"
    base = creator.get_absolute_url()
    return CreatorPage(
        creator=creator,
        tab=tab,
        items=catalog.list_items(viewer=viewer, creator=creator, cursor=cursor, size=24) if works else None,
        talk=None if works else threads.list_threads(viewer=viewer, creator=creator, cursor=cursor, with_pinned=True),
        tabs=[
            {"label": _("Items"), "url": base, "current": works, "count": creator.item_count, "icon": "item"},
            {"label": _("Threads"), "url": f"{base}?tab=talk", "current": not works, "icon": "chat"},
        ],
        trail=[{"label": _("Creators"), "url": reverse("home:creators")}, {"label": creator.name, "url": ""}],
        may_edit=creator.member_id is not None
        and creator.member_id == viewer.pk
        and bool(can_edit_creator(viewer, creator)),
    )


def shop_page(*, viewer: Viewer, slug: str, tab: str = "works", cursor: str = "") -> ShopPage:
    """Raises `NotVisible`."""
    shop = catalog.get_shop(slug=slug, viewer=viewer)
    works = tab == "works"
    base = shop.get_absolute_url()
    return ShopPage(
        shop=shop,
        tab=tab,
        items=catalog.list_items(viewer=viewer, shop=shop, cursor=cursor, size=24) if works else None,
        creators=None if works else catalog.list_creators(viewer=viewer, shop=shop, cursor=cursor, size=24),
        tabs=[
            {"label": _("Items"), "url": base, "current": works, "icon": "item"},
            {"label": _("Creators"), "url": f"{base}?tab=creators", "current": not works, "icon": "maker"},
        ],
        trail=[{"label": _("Items"), "url": reverse("home:items")}, {"label": shop.name, "url": ""}],
    )


def member_page(*, viewer: Viewer, handle: str, tab: str = "posts", cursor: str = "") -> MemberPage:
    """Raises `NotVisible`."""
    member = members.get_member(handle=handle, viewer=viewer)
    base = reverse("home:member", args=[member.handle])
    posts = tab == "posts"
    return MemberPage(
        member=member,
        creator=catalog.creator_of(member=member, viewer=viewer),
        tab=tab,
        posts=threads.list_posts(viewer=viewer, author=member, cursor=cursor) if posts else None,
        threads=None if posts else threads.list_threads(viewer=viewer, author=member, cursor=cursor),
        tabs=[
            {"label": _("Posts"), "url": base, "current": posts, "count": member.post_count},
            {
                "label": _("Threads"),
                "url": f"{base}?tab=threads",
                "current": not posts,
                "count": member.thread_count,
            },
        ],
        stats=[
            {"label": _("Posts"), "value": member.post_count, "icon": "chat"},
            {"label": _("Threads"), "value": member.thread_count, "icon": "pencil"},
            {"label": _("Accepted answers"), "value": member.accepted_count, "icon": "check"},
        ],
        is_me=viewer.pk == member.pk,
        may_block=bool(can_block(viewer, member)),
        blocked=member.pk in apart(viewer).blocked,
    )
