"""Reads of members. Gates (`get_member`) answer "absent" and "hidden" alike."""

import hashlib
import re
import secrets
import unicodedata
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from allauth.account.models import EmailAddress
from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.models import Session
from django.db.models import BigIntegerField, Q, Subquery
from django.db.models.functions import Coalesce
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext as _

from community.core.clock import now
from community.core.errors import Invalid, NotVisible
from community.core.paging import Slice, cut
from community.core.text import canonical_name, check_display_name, check_handle, skeleton
from community.core.text.fold import fold
from community.core.text.names import RESERVED
from community.members.models import AddressChange, Archive, Block, Consent, LegalText, Member, RetiredHandle, SignIn
from community.members.permissions import Viewer, can_see_member, not_apart, visible_members
from community.members.registry import belongs_to_another

FOUND_LIMIT = 8
BLOCKED_PAGE = 30
WAY_BACK = timedelta(days=7)  # in which an old address can undo that it was replaced
# Titles that speak for the house when they stand anywhere in a name.
_HOUSE_TITLES = ("運営", "公式", "事務局", "管理者", "管理人")
_HOUSE_NAMES = frozenset(skeleton(word) for word in (*RESERVED, "広場", "スタッフ", "モデレーター", "サポート"))
# A handle for a name without Latin letters: a pleasant word and a number.
_WORDS = ("hana", "sora", "nagi", "mori", "tsuki", "nami", "yuki", "kaze", "hoshi", "kumo", "asa", "matsu", "ume")
_NOT_HANDLE = re.compile(r"[^a-z0-9]+")


def get_member(*, handle: str, viewer: Viewer, lock: bool = False) -> Member:
    """The member with this handle, as far as `viewer` may know of them; raises `NotVisible`."""
    rows = Member.objects.select_for_update(of=("self",)) if lock else Member.objects.all()
    member = rows.select_related("avatar").filter(handle=canonical_name(handle.lstrip("@"))).first()
    if member is None or not can_see_member(viewer, member):
        raise NotVisible(_("There is no such member."))
    return member


def members_by_handle(handles: Iterable[str], *, viewer: Viewer) -> dict[str, Member]:
    """Those of the handles that exist and may be seen, for mentions. One query."""
    rows = Member.objects.filter(visible_members(viewer), not_apart(viewer, "pk"), handle__in=set(handles))
    return {member.handle: member for member in rows}


def find_members(prefix: str, *, viewer: Viewer, size: int = FOUND_LIMIT) -> list[Member]:
    """Members whose handle or name begins with `prefix`, for completing a mention; never asks for an address.

    Names are compared folded: ｻ, サ and さ find the same people. Both halves are range scans of an index.
    """
    wanted = prefix.strip().lstrip("@")[:40]
    if not wanted:
        return []
    begins = Q(handle__startswith=canonical_name(wanted)) | Q(name_key__startswith=fold(wanted))
    seen = visible_members(viewer) & not_apart(viewer, "pk")
    rows = Member.objects.filter(begins, seen, banned_at=None).select_related("avatar")
    return list(rows.order_by("-post_count", "handle")[:size])


def who_signs_in(email: str) -> Member | None:
    """The member whose address this is. One query, whether or not there is one (S19)."""
    return Member.objects.filter(email=email.lower(), is_active=True).first()


def blocked_with(member_id: int) -> frozenset[int]:
    """The members whom this one blocked, and those who blocked this one: a block holds both ways. 1 query."""
    pairs = Block.objects.filter(Q(blocker=member_id) | Q(blocked=member_id)).values_list("blocker_id", "blocked_id")
    return frozenset(one for pair in pairs for one in pair) - {member_id}


def blocked_members(*, member: Member, cursor: str = "") -> Slice[Block]:
    """Whom the member has blocked, the latest first, each row with the person. 1 query."""
    rows = Block.objects.filter(blocker=member).select_related("blocked__avatar")
    return cut(rows, by=("-at", "-id"), size=BLOCKED_PAGE, cursor=cursor)


def get_blocked(*, member: Member, handle: str) -> Member:
    """One of those whom the member has blocked. Raises `NotVisible`. 1 query."""
    rows = Block.objects.filter(blocker=member, blocked__handle=canonical_name(handle)).select_related("blocked")
    row = rows.first()
    if row is None:
        raise NotVisible(_("You have blocked nobody of this name."))
    return row.blocked


def has_verified_address(member: Member) -> bool:
    """Whether the member has shown that mail reaches them."""
    return EmailAddress.objects.filter(user=member, verified=True).exists()


def sign_ins_of(member: Member) -> list[SignIn]:
    """Where the member is signed in, the last used first. Two queries.

    A session counts only if it would still open the door: not run out, and of the present password and epoch.
    """
    rows = {row.session_key: row for row in SignIn.objects.filter(member=member).order_by("-seen_at", "-pk")[:200]}
    sessions = Session.objects.filter(session_key__in=rows, expire_date__gt=now())
    good = {session.session_key for session in sessions if _opens(session, member)}
    return [row for key, row in rows.items() if key in good]


def _opens(session: Session, member: Member) -> bool:
    held = session.get_decoded()
    hashes = (member.get_session_auth_hash(), *member.get_session_auth_fallback_hash())
    claimed = str(held.get(HASH_SESSION_KEY, ""))
    is_theirs = str(held.get(SESSION_KEY)) == str(member.pk)
    return is_theirs and any(constant_time_compare(claimed, known) for known in hashes)


def find_way_back(key: str) -> AddressChange:
    """The change this key undoes; raises `NotVisible` for an unknown one and one that is too old."""
    row = AddressChange.objects.filter(digest=digest_of(key), at__gt=now() - WAY_BACK).select_related("member").first()
    if row is None or not row.member.is_welcome:
        raise NotVisible(_("This link is used up or older than a week."))
    return row


def texts_in_force() -> dict[str, LegalText]:
    """The newest terms and the newest privacy policy that hold now, by kind; empty where none were published. 1 query.

    The long texts are left in the database.
    """
    rows = LegalText.objects.filter(effective_at__lte=now()).order_by("kind", "-version").distinct("kind")
    return {row.kind: row for row in rows.defer("body_ja", "body_en", "html_ja", "html_en")}


def legal_text(kind: str, version: int | None = None) -> LegalText | None:
    """One version, or the one in force. One whose day has not come yet can be read as well: it was announced."""
    rows = LegalText.objects.filter(kind=kind)
    if version is None:
        return rows.filter(effective_at__lte=now()).order_by("-version").first()
    return rows.filter(version=version).first()


def versions_of(kind: str) -> list[LegalText]:
    """All versions, the newest first, without their texts."""
    rows = LegalText.objects.filter(kind=kind).order_by("-version")
    return list(rows.defer("body_ja", "body_en", "html_ja", "html_en"))


def newest_asked(at: Any) -> Coalesce:
    """The number of the newest text that asks members to agree and holds at `at`, as a part of another query; or 0."""
    asking = LegalText.objects.filter(asks=True, effective_at__lte=at).order_by("-pk")
    return Coalesce(Subquery(asking.values("pk")[:1]), 0, output_field=BigIntegerField())


def consents_of(member: Member) -> list[Consent]:
    """What the member agreed to and took back, the newest first."""
    rows = Consent.objects.filter(member=member).select_related("text").order_by("-at", "-pk")
    return list(rows.defer("text__body_ja", "text__body_en", "text__html_ja", "text__html_en"))


def agrees_to(member_id: int, purpose: str) -> bool:
    """Whether the last word of the member about this purpose was yes. Nothing was said: no."""
    row = Consent.objects.filter(member_id=member_id, purpose=purpose).order_by("-at", "-pk").first()
    return row is not None and row.given


def latest_archive(member: Member) -> Archive | None:
    """The archive the member asked for last, whatever became of it."""
    return Archive.objects.filter(member=member).order_by("-asked_at", "-pk").first()


def digest_of(key: str) -> str:
    """What is kept of a key that was sent by mail."""
    return hashlib.sha256(key.encode()).hexdigest()


def checked_name(name: str, *, member: Member | None = None) -> str:
    """`name` made storable, if `member` (None: somebody who signs up) may carry it; raises `Invalid`.

    A name may not look like another member's, speak for the house, or belong to a shop or maker.
    """
    name = check_display_name(name)
    shape, pk = skeleton(name), member.pk if member else None
    if not (member and member.rank) and _speaks_for_the_house(name, shape):
        raise Invalid(
            _("This name sounds as if it spoke for the team. Please choose another."),
            code="name_reserved",
            field="display_name",
        )
    if belongs_to_another(shape, pk):
        raise Invalid(
            _("This is the name of a shop or a maker here, or looks like one. Please choose another."),
            code="name_protected",
            field="display_name",
        )
    if Member.objects.filter(name_skeleton=shape, origin="").exclude(pk=pk or 0).exists():
        raise name_taken()
    return name


def name_taken() -> Invalid:
    return Invalid(
        _("Somebody here already has this name, or one that looks like it. Please choose another."),
        code="name_taken",
        field="display_name",
    )


def is_retired(handle: str) -> bool:
    """Whether somebody who has left was known by this handle."""
    return RetiredHandle.objects.filter(digest=digest_of(f"handle:{handle}")).exists()


def free_handle(name: str) -> str:
    """A handle for somebody of this name that nobody has yet. Made from the name alone, never from an address."""
    plain = unicodedata.normalize("NFKD", canonical_name(name)).encode("ascii", "ignore").decode()
    stem = _NOT_HANDLE.sub("_", plain).strip("_")[:20].strip("_")
    if _is_handle(stem) and not Member.objects.filter(handle=stem).exists() and not is_retired(stem):
        return stem
    if not _is_handle(stem):
        stem = secrets.choice(_WORDS)
    return f"{stem}_{secrets.randbelow(90_000) + 10_000}"


def _is_handle(stem: str) -> bool:
    try:
        return check_handle(stem) == stem
    except Invalid:
        return False


def _speaks_for_the_house(name: str, shape: str) -> bool:
    folded = canonical_name(name)
    return shape in _HOUSE_NAMES or any(title in folded for title in _HOUSE_TITLES)
