"""What happens to members. Ids only."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class MemberJoined:
    member_id: int


@dataclass(frozen=True, slots=True)
class ProfileChanged:
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
