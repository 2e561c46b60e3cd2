"""What the live side must know of members: whose private stream is whose, and whose sockets have to close (S7)."""

from typing import Any

from community.core import facts
from community.members.facts import (
    AddressTakenBack,
    MemberBanned,
    MemberBlocked,
    MemberErased,
    MemberUnblocked,
    PasswordChanged,
    RoleChanged,
    SecondFactorChanged,
    SignedOut,
    SignedOutElsewhere,
)
from community.members.models import Block
from community.members.permissions import apart, viewer_of
from realtime import registry, revoke


def may_watch_own(user: Any, pk: int) -> bool:
    """`member.<id>` carries what concerns one member alone."""
    viewer = viewer_of(user)
    return viewer.is_authenticated and viewer.pk == pk


# `within`: the live side itself waits for the commit, and a rolled back ban must close nothing.
@facts.within(
    *(
        AddressTakenBack,
        MemberBanned,
        MemberErased,
        PasswordChanged,
        RoleChanged,
        SecondFactorChanged,
        SignedOutElsewhere,
    ),
)
def close_sockets(fact: MemberBanned | PasswordChanged | RoleChanged) -> None:
    """Sessions that are still good come back at once, with the standing they have now."""
    revoke.revoke_user(fact.member_id)


@facts.within(SignedOut)
def close_session_sockets(fact: SignedOut) -> None:
    revoke.revoke_session(fact.session_key)


# --- People who are kept apart (M18) -------------------------------------------------------------------------


def apart_of(user: Any) -> frozenset[int]:
    return apart(viewer_of(user)).all


@facts.within(MemberBlocked)
def part_live(fact: MemberBlocked) -> None:
    revoke.part(fact.blocker_id, fact.blocked_id)


@facts.within(MemberUnblocked)
def rejoin_live(fact: MemberUnblocked) -> None:
    """Unless the other one has a block of their own."""
    if not Block.objects.filter(blocker=fact.blocked_id, blocked=fact.blocker_id).exists():
        revoke.rejoin(fact.blocker_id, fact.blocked_id)


registry.keep_apart(apart_of)
registry.register("member", may_subscribe=may_watch_own)
