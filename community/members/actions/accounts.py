"""Writes of members, one verb each. Every verb opens, or joins, one transaction."""

import secrets
from contextlib import suppress
from datetime import timedelta
from typing import Any

from allauth.account.models import EmailAddress
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import IntegrityError, transaction
from django.db.models import Exists, F, OuterRef, QuerySet
from django.utils.translation import gettext as _

from community.core import facts
from community.core.clock import now
from community.core.errors import Conflict, Invalid, NotVisible
from community.core.models import Picture
from community.core.pictures import take_uploads
from community.core.text import check_body, check_handle, clean_line, render_markdown
from community.core.verdicts import ensure
from community.core.work import open_unit, unit
from community.members.actions.blocks import drop_blocks
from community.members.actions.moves import fall
from community.members.facts import (
    MemberBanned,
    MemberForgotten,
    MemberJoined,
    MemberUnbanned,
    PasswordChanged,
    PreferencesChanged,
    ProfileChanged,
    RoleChanged,
    SignedOut,
)
from community.members.models import Consent, Member, StaffAction
from community.members.permissions import (
    can_ban,
    can_change_handle,
    can_edit_profile,
    can_set_role,
)
from community.members.queries import checked_name, free_handle, is_retired, name_taken, texts_in_force

BIO_LIMIT = 4_000  # bytes
REASON_LIMIT = 500
HANDLE_TRIES = 5
THREAD_VIEWS = frozenset({"flat", "two"})


class _TakenBack(Exception):
    """Ends a rehearsal; never leaves this module."""


@unit
def sign_up(
    *,
    email: str,
    display_name: str,
    password: str = "",
    language: str = "ja",
    time_zone: str = "",
    handle: str = "",
    verified: bool = False,
    agrees: bool = False,
) -> Member:
    """Make an account. Without a password one signs in by code; `verified` means somebody vouches for the address,
    `agrees` that they were shown the terms in force and agree to them.

    Raises `Invalid` for a name or handle one may not have, `Conflict` (email_taken) when the address has an account.
    """
    name = checked_name(display_name)
    member = Member(
        email=email.strip().lower(),
        language=_language(language),
        time_zone=time_zone or settings.TIME_ZONE,
        joined_at=now(),
        password=make_password(password or None),
    )
    member.rename(name)
    if handle:
        member.handle = check_handle(handle)
        if is_retired(member.handle):
            raise _handle_taken()
        _insert(member)
    else:
        _insert_with_some_handle(member)
    EmailAddress.objects.create(user=member, email=member.email, primary=True, verified=verified)
    if agrees:
        _note_agreement(member)
    facts.record(MemberJoined(member_id=member.pk))
    return member


def _note_agreement(member: Member) -> None:
    texts = texts_in_force().values()
    how, at = Consent.How.SIGN_UP, member.joined_at
    Consent.objects.bulk_create(
        Consent(member=member, purpose=text.kind, text=text, given=True, how=how, at=at) for text in texts
    )
    member.terms_accepted = max((text.pk for text in texts), default=0)
    member.save(update_fields=["terms_accepted"])


def rehearse_sign_up(**given: Any) -> None:
    """Do all the work of `sign_up` and take it back.

    A sign-up with an address that has an account must take as long as any other (S19): this is that time, spent on
    the same statements and the same password hash. Raises what `sign_up` raises for the name.
    """
    with suppress(_TakenBack), open_unit():
        nobody = sign_up(**given | {"email": f"{secrets.token_hex(12)}@rehearsal.invalid"})
        # allauth looks at a new member's address before it writes to them
        EmailAddress.objects.filter(user=nobody).order_by("-primary").first()
        raise _TakenBack
    # A sign-up waits for the disk when it commits, so this one commits too: a row written as it was.
    Member.objects.filter(email=given["email"]).update(joined_at=F("joined_at"))


@unit
def abandon_sign_up(*, member_id: int) -> bool:
    """Delete an account that was never confirmed; says whether there was one. An account in use stays as it is."""
    members = _never_confirmed().select_for_update(of=("self",)).filter(pk=member_id)
    return bool([_forget(member) for member in members])


@unit
def update_profile(
    *,
    by: Member,
    member_id: int,
    display_name: str,
    handle: str,
    bio: str,
    avatar_id: int | None,
    reason: str = "",
) -> Member:
    """Set what others see of a member. `avatar_id` is an upload of the member, or their present picture; None: none.

    Staff who change somebody else's profile give a `reason`, which is kept. Raises `Invalid`, `NotAllowed`,
    `NotVisible`.
    """
    member = _locked(member_id)
    ensure(can_edit_profile(by, member))
    before = {"display_name": member.display_name, "handle": member.handle, "avatar": member.avatar_id}
    if display_name != member.display_name:
        member.rename(checked_name(display_name, member=member))
    _set_handle(by, member, handle)
    member.bio = check_body(bio, field="bio", limit=BIO_LIMIT) if bio.strip() else ""
    member.bio_html = render_markdown(member.bio) if member.bio else ""
    _set_avatar(member, avatar_id)
    _save(member)
    facts.record(ProfileChanged(member_id=member.pk))
    if by.pk != member.pk:
        note(by=by, verb="update_profile", target="member", target_id=member.pk, reason=reason, detail=before)
    return member


@unit
def set_preferences(*, member_id: int, language: str, time_zone: str, theme: str) -> Member:
    """Set how the site speaks to a member. Raises `Invalid` for a choice there is not."""
    member = _locked(member_id)
    if theme not in Member.Theme.values:
        raise Invalid(_("Choose one of the appearances."), code="theme_invalid", field="theme")
    member.language, member.time_zone, member.theme = _language(language), time_zone, theme
    member.save(update_fields=["language", "time_zone", "theme"])
    facts.record(PreferencesChanged(member_id=member.pk))
    return member


@unit
def keep_thread_view(*, member: Member, view: str) -> None:
    """Keep in which view the member reads threads. 1 query. Raises `Invalid` for no view of ours."""
    if view not in THREAD_VIEWS:
        raise Invalid(_("There is no such view."), code="view_invalid", field="view")
    Member.objects.filter(pk=member.pk).exclude(thread_view=view).update(thread_view=view)


@unit
def change_password(*, member_id: int, password: str) -> Member:
    """Set a password that was checked already; every session but the one that re-signs itself ends (S7)."""
    member = _locked(member_id)
    member.set_password(password)
    member.save(update_fields=["password"])
    facts.record(PasswordChanged(member_id=member.pk))
    return member


@unit
def drop_password(*, member_id: int) -> None:
    """Take away a password that was set before anybody had shown that the address is theirs."""
    member = _locked(member_id)
    member.set_unusable_password()
    member.save(update_fields=["password"])


@unit
def sign_out(*, member_id: int, session_key: str) -> None:
    """Tell that a session has ended, so that its sockets close too."""
    facts.record(SignedOut(member_id=member_id, session_key=session_key))


@unit
def set_role(*, by: Member, member_id: int, role: str, reason: str) -> Member:
    """Give a role. Raises `NotAllowed` (`by` is no admin), `Conflict` (the last admin), `Invalid` (no reason)."""
    if role not in Member.Role.values:
        raise Invalid(_("Choose one of the roles."), code="role_invalid", field="role")
    # All admins are locked in one order and read anew: two who demote each other at once cannot both succeed.
    admins = set(
        Member.objects.select_for_update()
        .filter(role=Member.Role.ADMIN, is_active=True, banned_at=None)
        .order_by("pk")
        .values_list("pk", flat=True)
    )
    member, actor = _locked(member_id), Member.objects.get(pk=by.pk)
    ensure(can_set_role(actor, member))
    if member.role == role:
        return member
    if admins == {member.pk}:
        raise Conflict(_("This is the last admin. Make somebody else an admin first."), code="last_admin", field="role")
    before, member.role = member.role, role
    member.save(update_fields=["role"])
    if member.rank:
        drop_blocks(member_id=member.pk)
    detail = {"from": before, "to": role}
    note(by=actor, verb="set_role", target="member", target_id=member.pk, reason=reason, detail=detail)
    facts.record(RoleChanged(member_id=member.pk, role=role))
    return member


@unit
def ban_member(*, by: Member, member_id: int, reason: str) -> Member:
    """Close the house to a member: every session and socket ends, posts stay. Banning twice changes nothing."""
    member = _locked(member_id)
    ensure(can_ban(by, member))
    if member.banned_at is not None:
        return member
    Member.objects.filter(pk=member.pk).update(banned_at=now(), session_epoch=F("session_epoch") + 1)
    member.refresh_from_db()
    fall(member)
    note(by=by, verb="ban", target="member", target_id=member.pk, reason=reason)
    facts.record(MemberBanned(member_id=member.pk))
    return member


@unit
def unban_member(*, by: Member, member_id: int, reason: str) -> Member:
    """Open the house again. Old sessions stay closed."""
    member = _locked(member_id)
    ensure(can_ban(by, member))
    if member.banned_at is None:
        return member
    member.banned_at = None
    member.save(update_fields=["banned_at"])
    note(by=by, verb="unban", target="member", target_id=member.pk, reason=reason)
    facts.record(MemberUnbanned(member_id=member.pk))
    return member


@unit
def note(
    *, by: Member | None, verb: str, target: str, target_id: int, reason: str, detail: dict[str, Any] | None = None
) -> StaffAction:
    """Write down what staff did, in the transaction that does it; other apps note theirs here too.

    Raises `Invalid` without a reason: a decision nobody can explain is not taken.
    """
    return StaffAction.objects.create(
        by=by,
        verb=verb,
        target=target,
        target_id=target_id,
        reason=clean_line(reason, field="reason", limit=REASON_LIMIT),
        detail=detail or {},
        at=now(),
    )


@unit
def forget_unverified(*, older_than_days: int = 7) -> int:
    """Delete accounts whose address nobody ever confirmed, so that a name is not held for ever; returns how many."""
    stale = _never_confirmed().filter(joined_at__lt=now() - timedelta(days=older_than_days))
    return len([_forget(member) for member in stale.order_by("pk")[:1000]])


def _forget(member: Member) -> Member:
    facts.record(MemberForgotten(member_id=member.pk))
    member.delete()
    return member


def _never_confirmed() -> "QuerySet[Member]":
    confirmed = EmailAddress.objects.filter(user=OuterRef("pk"), verified=True)
    return Member.objects.filter(
        ~Exists(confirmed),
        Exists(EmailAddress.objects.filter(user=OuterRef("pk"))),
        last_login=None,
        role=Member.Role.MEMBER,
        origin="",
        post_count=0,
        thread_count=0,
    )


def _insert_with_some_handle(member: Member) -> None:
    for _attempt in range(HANDLE_TRIES):
        member.handle = free_handle(member.display_name)
        try:
            return _insert(member)
        except Conflict as error:
            if error.code != "handle_taken":
                raise
    raise Conflict(_("Please send this again."), code="handle_taken", field="handle")


def _insert(member: Member) -> None:
    """Insert, and say whose place was taken if somebody was faster: the database decides, not a look beforehand."""
    try:
        with transaction.atomic():
            member.save(force_insert=True)
    except IntegrityError as error:
        raise _taken(error) from error


def _save(member: Member) -> None:
    try:
        with transaction.atomic():
            member.save()
    except IntegrityError as error:
        raise _taken(error) from error


def _taken(error: IntegrityError) -> Invalid | Conflict | IntegrityError:
    diagnosis = getattr(error.__cause__, "diag", None)
    constraint = str(getattr(diagnosis, "constraint_name", "") or "")
    if constraint == "members_name_looks_like_no_other":
        return name_taken()
    if "handle" in constraint:
        return _handle_taken()
    if "email" in constraint:
        return Conflict(_("There is an account with this address."), code="email_taken", field="email")
    return error


def _handle_taken() -> Conflict:
    return Conflict(_("This handle is taken. Please choose another."), code="handle_taken", field="handle")


def _set_handle(by: Member, member: Member, handle: str) -> None:
    wanted = check_handle(handle)
    if wanted == member.handle:
        return
    if is_retired(wanted):
        raise _handle_taken()
    verdict = can_change_handle(by, member)
    if not verdict:
        raise Invalid(verdict.message, code=verdict.code, field="handle")
    member.handle, member.former_handle, member.handle_changed_at = wanted, member.handle, now()


def _set_avatar(member: Member, avatar_id: int | None) -> None:
    if avatar_id == member.avatar_id:
        return
    if avatar_id is not None and not take_uploads([avatar_id], owner_id=member.pk):
        raise Invalid(_("Choose the picture again, please."), code="picture_unknown", field="avatar")
    if member.avatar_id is not None:
        # Left to the sweep of unused uploads: deleting files cannot be taken back if this transaction fails.
        Picture.objects.filter(pk=member.avatar_id).update(used_at=None)
    member.avatar_id = avatar_id


def _locked(member_id: int) -> Member:
    try:
        return Member.objects.select_for_update().get(pk=member_id)
    except Member.DoesNotExist as error:
        raise NotVisible(_("There is no such member.")) from error


def _language(code: str) -> str:
    code = code.partition("-")[0]
    return code if code in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE
