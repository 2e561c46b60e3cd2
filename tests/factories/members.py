"""People for tests. Ordinary ones come in through the same action as everybody."""

from typing import Any

from community.members import actions
from community.members.models import Member

PASSWORD = "seven quiet kettles"


def make_member(name: str, *, role: str = Member.Role.MEMBER, **given: Any) -> Member:
    """A member with a confirmed address <name>@example.com, the handle `name`, and no password unless given."""
    member = actions.sign_up(
        **{
            "email": f"{name}@example.com",
            "display_name": name.capitalize(),
            "handle": name,
            "language": "en",
            "verified": True,
        }
        | given
    )
    if role != Member.Role.MEMBER:
        member.role = role
        member.save(update_fields=["role"])
    return member


def make_imported(name: str, *, origin_id: str) -> Member:
    """An author who came with an import and cannot sign in."""
    member = Member(
        email=None,
        handle=f"import_{origin_id}",
        origin="se-quantum",
        origin_id=origin_id,
        joined_at="2020-01-01T00:00Z",
    )
    member.rename(name)
    member.set_unusable_password()
    member.save()
    return member
