"""What this app itself can tell of: new works and community levels, of apps below. Blocks are heard of here, too."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from community.catalog.facts import ItemsImported
from community.catalog.models import Creator, Item, Shop, Tag
from community.catalog.permissions import visible_creators, visible_items, visible_shops
from community.core import facts, jobs
from community.members.facts import MemberBanned, MemberBlocked, SignedOut, TrustChanged
from community.members.models import Member, TrustChange
from community.members.permissions import VISITOR, Viewer, not_apart, visible_members
from community.notifications import actions, registry
from community.notifications.models import Cause, Notice
from community.notifications.registry import Face, Happening, Kind, Place, Told

NEW_WORK = "new_work"
EXCERPT = 120


def new_work_words(who: str, notice: Any) -> str:
    return ngettext("A new work is here", "%(n)d new works are here", notice.count) % {"n": notice.count}


registry.add_kinds(Kind(NEW_WORK, gettext_lazy("New works of makers and shops I follow"), "item", new_work_words))

# --- New works -----------------------------------------------------------------------------------------------


@facts.within(ItemsImported)
def works_came(fact: ItemsImported) -> None:
    """One job for however many came: an import of thousands waits for none of this."""
    jobs.enqueue("notifications.works_came", item_ids=fact.item_ids, new_ids=fact.new_ids)


@registry.source("item")
def new_work(item_id: int, actor_id: int | None) -> Iterator[Happening]:
    item = Item.objects.filter(visible_items(VISITOR), pk=item_id).exclude(state=Item.State.WITHDRAWN).first()
    if item is None:
        return
    tags = list(item.tags.values_list("pk", flat=True))
    places = [("shop", item.shop_id), *(("tag", pk) for pk in tags)]
    target, target_id = "item", item.pk
    if item.creator_id is not None:
        target, target_id = "creator", item.creator_id
        places.append(("creator", item.creator_id))
    yield Happening(
        source="item",
        source_id=item.pk,
        actor_id=0,
        at=item.published_at,
        readers=lambda members: [member.pk for member in members],
        persons={},
        followers=Told(NEW_WORK, f"{target}:{target_id}", target, target_id),
        places=tuple(places),
        opens=True,
    )


@registry.target("creator")
def creator_faces(viewer: Viewer, notices: Sequence[Notice]) -> Mapping[int, Face]:
    rows = Creator.objects.filter(visible_creators(viewer), pk__in={notice.target_id for notice in notices})
    creators = {creator.pk: creator for creator in rows}
    titles = _titles(notices)
    return {
        notice.pk: Face(
            creators[notice.target_id].name,
            creators[notice.target_id].get_absolute_url(),
            " / ".join(titles.get(notice.pk, []))[:EXCERPT],
        )
        for notice in notices
        if notice.target_id in creators
    }


@registry.target("item")
def item_faces(viewer: Viewer, notices: Sequence[Notice]) -> Mapping[int, Face]:
    rows = Item.objects.filter(visible_items(viewer), pk__in={notice.target_id for notice in notices})
    items = {item.pk: item for item in rows}
    return {
        notice.pk: Face(items[notice.target_id].title, items[notice.target_id].get_absolute_url(), notice.note)
        for notice in notices
        if notice.target_id in items
    }


def _titles(notices: Sequence[Notice]) -> dict[int, list[str]]:
    causes = Cause.objects.filter(notice__in=[notice.pk for notice in notices], source="item", withdrawn_at=None)
    pairs = list(causes.order_by("-at", "-id").values_list("notice_id", "source_id"))
    titles = dict(Item.objects.filter(pk__in={pk for _notice, pk in pairs}).values_list("pk", "title"))
    found: dict[int, list[str]] = {}
    for notice_id, item_id in pairs:
        if item_id in titles:
            found.setdefault(notice_id, []).append(titles[item_id])
    return {notice_id: names[:3] for notice_id, names in found.items()}


# --- Community levels ------------------------------------------------------------------------------------------

LEVEL = "level"


def level_words(who: str, notice: Any) -> str:
    words = {
        Member.Trust.NEIGHBOUR: _("You have settled in: there is more room in your posts now"),
        Member.Trust.REGULAR: _("You are a regular here now"),
        Member.Trust.MAINSTAY: _("This place would not be the same without you"),
    }
    return words.get(notice.number, words[Member.Trust.NEIGHBOUR])


registry.add_kinds(
    Kind(LEVEL, gettext_lazy("A new community level of mine"), "star", level_words, mail=False, push=False)
)


@facts.within(TrustChanged)
def levels_moved(fact: TrustChanged) -> None:
    """A level that is won is told; of one that is lost, the settings page says so to whoever looks."""
    for move in fact.moves:
        if move.after > move.before:
            actions.look_again("level", move.change_id)


@registry.source("level")
def level_won(change_id: int, actor_id: int | None) -> Iterator[Happening]:
    change = TrustChange.objects.filter(pk=change_id).select_related("member").first()
    if change is None or change.member.trust_level < change.after:
        return
    yield Happening(
        source="level",
        source_id=change.pk,
        actor_id=0,
        at=change.at,
        readers=lambda members: [member.pk for member in members],
        persons={change.member_id: Told(LEVEL, f"level:{change.after}", LEVEL, change.member_id, change.after)},
    )


@registry.target(LEVEL)
def level_faces(viewer: Viewer, notices: Sequence[Notice]) -> Mapping[int, Face]:
    url = reverse("members:level")
    return {notice.pk: Face(_("What you can do now"), url) for notice in notices if notice.target_id == viewer.pk}


# --- What can be followed here ---------------------------------------------------------------------------------


@registry.place("creator")
def creators(viewer: Viewer, ids: Sequence[int]) -> Mapping[int, Place]:
    rows = Creator.objects.filter(visible_creators(viewer), pk__in=ids)
    return {creator.pk: Place(creator.name, creator.get_absolute_url()) for creator in rows}


@registry.place("item")
def items(viewer: Viewer, ids: Sequence[int]) -> Mapping[int, Place]:
    rows = Item.objects.filter(visible_items(viewer), pk__in=ids)
    return {item.pk: Place(item.title, item.get_absolute_url()) for item in rows}


@registry.place("shop")
def shops(viewer: Viewer, ids: Sequence[int]) -> Mapping[int, Place]:
    rows = Shop.objects.filter(visible_shops(viewer), pk__in=ids)
    return {shop.pk: Place(shop.name, shop.get_absolute_url()) for shop in rows}


@registry.place("tag")
def tags(viewer: Viewer, ids: Sequence[int]) -> Mapping[int, Place]:
    rows = Tag.objects.filter(pk__in=ids)
    return {tag.pk: Place(f"#{tag.name}", reverse("home:tag", args=[tag.slug])) for tag in rows}


@registry.place("member")
def members(viewer: Viewer, ids: Sequence[int]) -> Mapping[int, Place]:
    seen = visible_members(viewer) & not_apart(viewer, "pk")
    rows = Member.objects.filter(seen, pk__in=ids).exclude(pk=viewer.pk or 0)
    return {member.pk: Place(member.display_name, reverse("home:member", args=[member.handle])) for member in rows}


# --- People who do not get on ----------------------------------------------------------------------------------


@facts.within(MemberBlocked)
def part_them(fact: MemberBlocked) -> None:
    """What one caused in the other's inbox goes, and neither follows the other any more."""
    actions.withdraw_between(fact.blocker_id, fact.blocked_id)
    actions.stop_following(fact.blocker_id, fact.blocked_id)


# --- Browsers that nobody is signed in with ----------------------------------------------------------------------


@facts.within(MemberBanned)
def stop_telling(fact: MemberBanned) -> None:
    actions.forget_browsers(member_id=fact.member_id)


@facts.within(SignedOut)
def stop_telling_here(fact: SignedOut) -> None:
    """Other ends of a sign-in take its browser along: its row goes, or the next message finds it dead."""
    actions.forget_browsers(session_key=fact.session_key)
