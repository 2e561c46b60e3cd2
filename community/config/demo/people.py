"""The members of the demo, and the makers' accounts."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from community.config.demo.book import Book, age
from community.config.demo.easel import Easel, Sketch
from community.core.clock import held_at
from community.core.work import unit
from community.members import actions
from community.members.models import Member, StaffAction

# Those who can sign in with the printed password; everybody else gets a code by mail.
DOORS = ("hanako@example.com", "creator@example.com", "moderator@example.com", "manager@example.com")


def accounts(book: Book) -> list[dict[str, Any]]:
    """One row per account: the members, and the people behind the workshops."""
    makers = [
        {"handle": row["handle"], "name": row["person"], "email": row.get("email", ""), "joined": row["joined"],
         "bio": row["bio"].strip().split("\n")[0], "crest": row["crest"]}
        for row in book.creators
    ]  # fmt: skip
    rows = [*book.members, *makers]
    return [{**row, "email": row.get("email") or f"{row['handle']}@example.com"} for row in rows]


def missing(book: Book) -> list[dict[str, Any]]:
    """Accounts that are not here yet, in the order they join."""
    rows = accounts(book)
    known = set(Member.objects.filter(email__in=[row["email"] for row in rows]).values_list("email", flat=True))
    return sorted((row for row in rows if row["email"] not in known), key=lambda row: age(row["joined"]), reverse=True)


def portrait(row: dict[str, Any]) -> Sketch:
    return Sketch.of(f"crest {row['handle']}", row["crest"])


def sign_up(row: dict[str, Any], *, anchor: datetime, password: str, easel: Easel) -> Member:
    """Make one account as it would have made itself, on the day it joined."""
    with held_at(anchor - age(row["joined"])):
        return _sign_up(row, password if row["email"] in DOORS else "", easel)


@unit
def _sign_up(row: dict[str, Any], password: str, easel: Easel) -> Member:
    member = actions.sign_up(
        email=row["email"],
        display_name=row["name"],
        handle=row["handle"],
        password=password,
        language=row.get("language", "ja"),
        verified=True,
    )
    picture = easel.hang(portrait(row), owner_id=member.pk)
    member = actions.update_profile(
        by=member,
        member_id=member.pk,
        display_name=member.display_name,
        handle=member.handle,
        bio=row["bio"],
        avatar_id=picture.pk,
    )
    # The round of a day counts what was read, and nobody has read here yet.
    member.trust_level = row.get("level", Member.Trust.NEIGHBOUR)
    member.save(update_fields=["trust_level"])
    if role := row.get("role"):
        _appoint(member, role)
    return member


@contextmanager
def offices_open() -> Iterator[None]:
    """While the demo is laid out its staff work without a second factor; then their office rests like anybody's."""
    staff = Member.objects.exclude(role=Member.Role.MEMBER).filter(second_factor=False)
    opened = list(staff.values_list("pk", flat=True))
    staff.update(second_factor=True)
    try:
        yield
    finally:
        appointed = StaffAction.objects.filter(verb="set_role", reason="demo").values("target_id")
        for pk in {*opened, *Member.objects.filter(pk__in=appointed).values_list("pk", flat=True)}:
            actions.settle_second_factor(member_id=pk)


def _appoint(member: Member, role: str) -> None:
    """`set_role` asks for an admin, and the demo has none: the house itself appoints, and notes it."""
    member.role, member.second_factor = role, True
    member.save(update_fields=["role", "second_factor"])
    actions.note(by=None, verb="set_role", target="member", target_id=member.pk, reason="demo", detail={"to": role})
