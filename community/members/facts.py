"""What happens to members. Ids only."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class MemberJoined:
    member_id: int


@dataclass(frozen=True, slots=True)
class MemberForgotten:
    """An account that was never confirmed is gone, and its page with it."""

    member_id: int


@dataclass(frozen=True, slots=True)
class ProfileChanged:
    """What others see."""

    member_id: int


@dataclass(frozen=True, slots=True)
class PreferencesChanged:
    """How the site speaks to the member; nobody else sees it."""

    member_id: int


@dataclass(frozen=True, slots=True)
class RoleChanged:
    member_id: int
    role: str


@dataclass(frozen=True, slots=True)
class MemberBanned:
    member_id: int


@dataclass(frozen=True, slots=True)
class MemberUnbanned:
    member_id: int


@dataclass(frozen=True, slots=True)
class PasswordChanged:
    """Every session but the one that changed it has ended."""

    member_id: int


@dataclass(frozen=True, slots=True)
class SignedOut:
    """One session has ended. Its key opens nothing any more, but is kept out of logs all the same."""

    member_id: int
    session_key: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class MemberBlocked:
    blocker_id: int
    blocked_id: int


@dataclass(frozen=True, slots=True)
class MemberUnblocked:
    blocker_id: int
    blocked_id: int


@dataclass(frozen=True, slots=True)
class SignedOutElsewhere:
    """Every session but the one that asked for it has ended."""

    member_id: int


@dataclass(frozen=True, slots=True)
class SecondFactorChanged:
    """A member has a second factor now, or has none any more; of staff, with it goes what they may do."""

    member_id: int
    present: bool


@dataclass(frozen=True, slots=True)
class AddressTakenBack:
    """The holder of an old address undid its change; every session has ended."""

    member_id: int


@dataclass(frozen=True, slots=True)
class LeavingAsked:
    """A member wants their account to be erased; it stays as it is for some days."""

    member_id: int


@dataclass(frozen=True, slots=True)
class LeavingTakenBack:
    member_id: int


@dataclass(frozen=True, slots=True)
class MemberErased:
    """Nothing tells any more who this was; what they wrote stays, unless they wanted it gone as well."""

    member_id: int


@dataclass(frozen=True, slots=True)
class TrustMoved:
    """One move of a community level: the row that tells of it, whose, from where to where."""

    change_id: int
    member_id: int
    before: int
    after: int


@dataclass(frozen=True, slots=True)
class TrustChanged:
    """Community levels moved, as many as one transaction moved."""

    moves: tuple[TrustMoved, ...]
