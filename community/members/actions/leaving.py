"""Leaving: asked for, taken back within two weeks, and then for good (S36)."""

import logging
from datetime import timedelta

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.contrib.sessions.models import Session
from django.db import connection
from django.db.models import F
from django.utils.translation import gettext as _
from procrastinate.contrib.django import app as jobs
from procrastinate.types import JSONValue

from community.core import facts
from community.core.clock import now
from community.core.errors import Conflict
from community.core.models import Picture
from community.core.verdicts import ensure
from community.core.work import unit
from community.members.actions.accounts import _locked
from community.members.actions.blocks import drop_blocks
from community.members.actions.sign_ins import end_other_sign_ins
from community.members.facts import LeavingAsked, LeavingTakenBack, MemberErased
from community.members.models import (
    AddressChange,
    Archive,
    Consent,
    KnownDevice,
    Member,
    RetiredHandle,
    SignIn,
    StaffAction,
    TrustChange,
)
from community.members.permissions import can_leave
from community.members.queries import digest_of
from community.members.registry import Leaver, eraser, erasers

log = logging.getLogger(__name__)
GRACE = timedelta(days=14)
FORMER = "退会したメンバー (former member)"
"""In both languages at once: it is stored as the name, so every page, mail and answer shows it."""


@unit
def ask_to_leave(*, by: Member, with_posts: bool) -> Member:
    """Have the account erased in two weeks; every session ends now. Raises `NotAllowed`, `Conflict` (last_admin)."""
    member = _locked(by.pk)
    ensure(can_leave(by, member))
    others = Member.objects.filter(role=Member.Role.ADMIN, is_active=True, banned_at=None).exclude(pk=member.pk)
    if member.role == Member.Role.ADMIN and not others.exists():
        raise Conflict(_("This is the last admin. Make somebody else an admin first."), code="last_admin")
    member.erase_at, member.erase_posts = now() + GRACE, with_posts
    member.save(update_fields=["erase_at", "erase_posts"])
    facts.record(LeavingAsked(member_id=member.pk))
    return end_other_sign_ins(member_id=member.pk)


@unit
def stay(*, member_id: int) -> bool:
    """Take the wish to leave back; says whether there was one. Signing in does it."""
    changed = Member.objects.filter(pk=member_id, erased_at=None).exclude(erase_at=None)
    if not changed.update(erase_at=None, erase_posts=False):
        return False
    facts.record(LeavingTakenBack(member_id=member_id))
    return True


def erase_due() -> int:
    """Erase everybody whose days are over, each in a transaction of their own; returns how many."""
    due = Member.objects.filter(erase_at__lte=now(), erased_at=None).order_by("erase_at")
    return sum(erase(member_id=pk) for pk in list(due.values_list("pk", flat=True)[:100]))


@unit
def erase(*, member_id: int) -> bool:
    """Take everything that tells who it was out of every place that says it has such things (`registry.eraser`).

    Says whether it was done: somebody who has come back meanwhile is left in peace. All of it or nothing of it.
    """
    member = _locked(member_id)
    if member.erase_at is None or member.erase_at > now() or member.erased_at is not None:
        return False
    leaver = Leaver(
        member_id=member.pk,
        handles=tuple(filter(None, (member.handle, member.former_handle))),
        email=member.email or "",
        display_name=member.display_name,
        bio=member.bio,
        with_posts=member.erase_posts,
        stand_in=f"former_{member.pk}",
    )
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = '10min'")  # the whole log and every post may have to be read
    for erase_there in erasers().values():
        erase_there(leaver)
    facts.record(MemberErased(member_id=member.pk))
    log.info("member_erased", extra={"member": member.pk})
    return True


# --- What members themselves hold ----------------------------------------------------------------------------


@eraser("members: the account")
def _erase_account(leaver: Leaver) -> None:
    member = Member.objects.get(pk=leaver.member_id)
    _let_pictures_go(member)
    RetiredHandle.objects.bulk_create(
        (RetiredHandle(digest=digest_of(f"handle:{handle}")) for handle in leaver.handles), ignore_conflicts=True
    )
    member.email, member.handle, member.former_handle = None, leaver.stand_in, ""
    member.display_name, member.name_key, member.name_skeleton = FORMER, "", f"\u0001{member.pk}"
    member.bio = member.bio_html = member.origin = member.origin_id = ""
    member.role, member.second_factor, member.is_active = Member.Role.MEMBER, False, False
    member.language, member.time_zone, member.theme, member.thread_view = "ja", "Asia/Tokyo", Member.Theme.AUTO, ""
    member.erase_at, member.erase_posts, member.erased_at, member.last_login = None, False, now(), None
    member.trust_level, member.trust_below_since = Member.Trust.NEWCOMER, None
    member.trust_locked_at = member.trust_locked_by = None
    member.set_unusable_password()
    member.save()


@eraser("members: ways to sign in")
def _erase_ways_in(leaver: Leaver) -> None:
    pk = leaver.member_id
    Session.objects.filter(session_key__in=SignIn.objects.filter(member_id=pk).values("session_key")).delete()
    for rows in (SignIn, KnownDevice, AddressChange):
        rows.objects.filter(member_id=pk).delete()
    EmailAddress.objects.filter(user_id=pk).delete()
    Authenticator.objects.filter(user_id=pk).delete()
    Member.objects.filter(pk=pk).update(session_epoch=F("session_epoch") + 1)


@eraser("members: blocks")
def _erase_blocks(leaver: Leaver) -> None:
    drop_blocks(member_id=leaver.member_id)


@eraser("members: the way to their level")
def _erase_trust(leaver: Leaver) -> None:
    TrustChange.objects.filter(member_id=leaver.member_id).delete()


@eraser("members: archives and consents")
def _erase_archives(leaver: Leaver) -> None:
    rows = Archive.objects.filter(member_id=leaver.member_id)
    files: list[JSONValue] = [*rows.exclude(file="").values_list("file", flat=True)]
    rows.delete()
    Consent.objects.filter(member_id=leaver.member_id).delete()
    if files:
        jobs.configure_task("members.forget_archives").defer(files=files)


@eraser("members: the record of staff")
def _erase_from_record(leaver: Leaver) -> None:
    """That there was an action, whose, when and of which kind stays; the words that name somebody go.

    The table refuses changes; its trigger knows this one exception (migration 0011).
    """
    about = StaffAction.objects.filter(target="member", target_id=leaver.member_id)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL hiroba.erasing = 'on'")
    for row in [*about, *_naming(leaver)]:
        row.reason = leaver.mention.sub(rf"\g<1>{leaver.stand_in}", row.reason)
        row.detail = {key: value for key, value in row.detail.items() if key in {"from", "to", "version"}}
        row.save(update_fields=["reason", "detail"])
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL hiroba.erasing = 'off'")


def _naming(leaver: Leaver) -> list[StaffAction]:
    where = StaffAction.objects.exclude(target="member", target_id=leaver.member_id)
    found = where.extra(
        where=["members_staffaction::text ILIKE ANY(%s)"], params=[[like(sign) for sign in leaver.signs]]
    )
    return list(found)


def like(sign: str) -> str:
    """A pattern of LIKE that finds exactly this anywhere."""
    escaped = sign.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"


def _let_pictures_go(member: Member) -> None:
    """Face and unused uploads; pictures in posts belong to the posts. Files go by a job, once this is committed."""
    member.avatar = None
    member.save(update_fields=["avatar"])
    shown = Picture.objects.filter(owner_id=member.pk)
    gone = [row for row in shown if not _is_in_a_post(row)]
    files: list[JSONValue] = [file for row in gone for file in (row.file, row.thumb)]
    Picture.objects.filter(pk__in=[row.pk for row in gone]).delete()
    Picture.objects.filter(owner_id=member.pk).update(owner_id=None)
    if files:
        jobs.configure_task("members.forget_files").defer(files=files)


def _is_in_a_post(picture: Picture) -> bool:
    """Whether a row of another app still points to it."""
    relations = [field for field in Picture._meta.get_fields(include_hidden=True) if field.one_to_many]
    return any(
        relation.related_model._default_manager.filter(**{relation.field.name: picture}).exists()  # type: ignore
        for relation in relations
    )
