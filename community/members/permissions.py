"""Who may do what to members, and the visitor who is not signed in."""

from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from community.core.verdicts import NOT_FOUND, YES, Verdict, no
from community.members.models import Block, Member


@dataclass(frozen=True, slots=True)
class Visitor:
    """Somebody who is not signed in. Answers every question that a member answers, so no rule asks "is there one?"."""

    pk: None = None
    id: None = None
    is_authenticated: bool = False
    is_active: bool = False
    is_moderator: bool = False
    is_manager: bool = False
    is_admin: bool = False
    is_staff: bool = False
    banned_at: None = None
    handle: str = ""
    display_name: str = ""
    rank: int = 0
    trust_level: int = 0
    block_count: int = 0


VISITOR = Visitor()
MODERATOR, MANAGER = 1, 2  # Member.rank: what counts in somebody who is spoken of, whatever they may do at the moment
Viewer = Member | Visitor


READER = Member(pk=-1, handle="reader")
"""A member who wrote nothing, owns nothing and looks after nothing: what they see, every ordinary member sees, but for
what is their own. Pages that are kept for members are drawn for them (`core.edge.ready`)."""


def is_ordinary(viewer: Viewer) -> bool:
    """Whether this is a member like `READER`, with things of their own perhaps, but with no rank."""
    return isinstance(viewer, Member) and not viewer.is_moderator


def viewer_of(user: Any) -> Viewer:
    """The viewer behind `request.user`: a member who may still sign in, else the visitor."""
    # `isinstance` also holds for the lazy object that Django puts on the request. What is inside of it is given back:
    # rules look at a viewer a hundred times a page, and each look through the lazy object is a detour.
    if isinstance(user, Member) and user.is_welcome:
        return getattr(user, "_wrapped", user)
    return VISITOR


# --- People who are kept apart -------------------------------------------------------------------------------


@dataclass(frozen=True)
class Apart:
    """Between whom and a member there is a block, by who began it."""

    blocked: frozenset[int] = frozenset()
    blocked_by: frozenset[int] = frozenset()

    @cached_property
    def all(self) -> frozenset[int]:
        return self.blocked | self.blocked_by


NOBODY_APART = Apart()


def apart(viewer: Viewer) -> Apart:
    """Those whom the viewer does not meet here, nor they the viewer (M18). Asked once per member object, and only
    where the member's own row counts a block: for nearly everybody this costs nothing.

    Staff are in no block (`can_block`; who takes an office leaves theirs behind), so no office looks past one.
    """
    if not isinstance(viewer, Member) or not viewer.block_count:
        return NOBODY_APART
    known = viewer.__dict__.get("_apart")
    if known is None or known[0] != viewer.block_count:
        known = viewer.__dict__["_apart"] = viewer.block_count, _ask_apart(viewer)
    found: Apart = known[1]
    return found


def apart_from(viewer: Viewer, member_id: int) -> bool:
    """Whether there is a block between the two, whoever began it."""
    return bool(viewer.block_count) and member_id in apart(viewer).all


def not_apart(viewer: Viewer, field: str = "author_id") -> Q:
    """The list twin of `apart_from`: rows whose `field` names nobody between whom and the viewer there is a block."""
    people = apart(viewer).all
    return ~Q(**{f"{field}__in": people}) if people else Q()


def _ask_apart(member: Member) -> Apart:
    rows = Block.objects.filter(Q(blocker=member) | Q(blocked=member)).values_list("blocker_id", "blocked_id")
    pairs: Collection[tuple[int, int]] = list(rows)
    return Apart(
        frozenset(other for one, other in pairs if one == member.pk),
        frozenset(one for one, other in pairs if other == member.pk),
    )


# --- Members -------------------------------------------------------------------------------------------------


def can_take_part(viewer: Viewer) -> Verdict:
    """Whether this person may write anything at all."""
    if not viewer.is_authenticated:
        return no("sign_in_first", _("Please sign in to do this."))
    if viewer.banned_at is not None or not viewer.is_active:
        return no("banned", _("This account cannot post at the moment."))
    return YES


def can_see_member(viewer: Viewer, member: Member) -> Verdict:
    """Profiles are public; a closed account is seen by moderators only, and who has blocked the viewer is not there
    for them. Whom the viewer blocked is: else nobody could take a block back.
    """
    if viewer.is_moderator or (member.is_active and member.pk not in apart(viewer).blocked_by):
        return YES
    return no(NOT_FOUND, _("There is no such member."))


def visible_members(viewer: Viewer) -> Q:
    """The list twin of `can_see_member`."""
    if viewer.is_moderator:
        return Q()
    hidden = apart(viewer).blocked_by
    return Q(is_active=True) & ~Q(pk__in=hidden) if hidden else Q(is_active=True)


def can_edit_profile(viewer: Viewer, member: Member) -> Verdict:
    if viewer.pk == member.pk:
        return can_take_part(viewer)
    if viewer.is_admin or (viewer.is_manager and member.rank < MANAGER):
        return YES
    return no("not_yours", _("Only the member can change this profile."))


def can_change_handle(viewer: Viewer, member: Member) -> Verdict:
    """Once: afterwards links, mentions and people's memory rely on it."""
    allowed = can_edit_profile(viewer, member)
    if allowed and member.handle_changed_at is not None:
        return no("handle_settled", _("A handle can be changed once, and this one has been changed already."))
    return allowed


def can_set_role(viewer: Viewer, member: Member) -> Verdict:
    """Admins only. That the last admin stays one is the action's business: it needs a lock."""
    if not viewer.is_admin:
        return no("rank", _("Only admins give and take roles."))
    if member.email is None:
        return no("cannot_sign_in", _("This author came with an import and cannot sign in."))
    if member.banned_at is not None or not member.is_active:
        return no("banned", _("This account is closed. Open it first."))
    return YES


def can_ban(viewer: Viewer, member: Member) -> Verdict:
    """Moderators may ban members, managers also moderators, admins everybody but themselves."""
    if viewer.pk == member.pk:
        return no("not_yourself", _("You cannot close your own account here."))
    if viewer.is_admin:
        return YES
    if member.rank >= MANAGER or (member.rank >= MODERATOR and not viewer.is_manager):
        return no("rank", _("You need a higher role for this."))
    if viewer.is_moderator:
        return YES
    return no("rank", _("You need a higher role for this."))


def can_block(viewer: Viewer, member: Member) -> Verdict:
    """Anybody but oneself. Staff speak for the house and have to reach everybody, so they are not blocked and block
    nobody; their office counts, whether or not they can exercise it at the moment.
    """
    if not (verdict := can_take_part(viewer)):
        return verdict
    if viewer.pk == member.pk:
        return no("not_yourself", _("You cannot block yourself."))
    if member.rank:
        return no("not_staff", _("Staff cannot be blocked, since they have to be able to reach everybody."))
    if isinstance(viewer, Member) and viewer.rank:
        return no("staff_see_all", _("As one of the team you cannot block anybody: you have to see everything."))
    return YES


def can_reset_factor(viewer: Viewer, member: Member) -> Verdict:
    """Who has lost telephone and recovery codes is helped by a manager; staff and managers themselves by an admin."""
    if viewer.pk == member.pk:
        return no("not_yourself", _("Do this in your own settings."))
    if not member.second_factor:
        return no("no_factor", _("This account has no second factor."))
    if viewer.is_admin or (viewer.is_manager and member.rank == 0):
        return YES
    return no("rank", _("You need a higher role for this."))


def can_leave(viewer: Viewer, member: Member) -> Verdict:
    """Everybody may, also who is banned and holds an old session no more: then the team does it for them."""
    if viewer.pk != member.pk:
        return no("not_yours", _("Only the member can do this."))
    if member.erase_at is not None:
        return no("leaving_already", _("Your account is already being closed."))
    return YES


def can_publish_texts(viewer: Viewer) -> Verdict:
    """Terms and privacy policy are the operator's word: managers."""
    return YES if viewer.is_manager else no("rank", _("You need a higher role for this."))


def can_ask_for_archive(viewer: Viewer, member: Member) -> Verdict:
    """One's own, and not while the account is on its way out. How often is the action's business."""
    if viewer.pk != member.pk:
        return no("not_yours", _("Only the member can do this."))
    if member.erase_at is not None or not member.is_welcome:
        return no("leaving_already", _("Your account is already being closed."))
    return YES


# --- Community levels ------------------------------------------------------------------------------------------


def can_set_trust(viewer: Viewer, member: Member) -> Verdict:
    """Managers settle the level of members and moderators, admins everybody's; nobody their own."""
    if viewer.pk == member.pk:
        return no("not_yourself", _("Somebody else has to decide about your own level."))
    if viewer.is_admin or (viewer.is_manager and member.rank < MANAGER):
        return YES
    return no("rank", _("You need a higher role for this."))


@dataclass(frozen=True, slots=True)
class Room:
    """What fits into one post of somebody. None: as much as fits into any post."""

    links: int | None = None  # to other sites
    pictures: int | None = None
    mentions: int | None = None


# A first post of somebody nobody knows is where advertising stands. How often a day: `settings.LIMITS`.
NEWCOMERS_ROOM = Room(links=2, pictures=4, mentions=3)
ROOM = Room()


def trust_of(viewer: Viewer) -> int:
    """The level that counts for this person: whoever holds an office is trusted with everything."""
    return Member.Trust.MAINSTAY if viewer.rank else viewer.trust_level


def room_of(viewer: Viewer) -> Room:
    return ROOM if trust_of(viewer) else NEWCOMERS_ROOM
