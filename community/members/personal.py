"""What members themselves keep of somebody, for their archive. How a leaver goes is in `actions.leaving`."""

from collections.abc import Iterator
from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from community.core.models import Picture
from community.members.models import AddressChange, Archive, Block, Consent, KnownDevice, Member, SignIn, TrustChange
from community.members.registry import Section, archive

WHEN = _("When")
BATCH = 500


@archive("account", _("Your account"))
def account(member_id: int) -> Iterator[Section]:
    yield _profile(member_id)
    yield _addresses(member_id)
    yield _sign_ins(member_id)
    yield _devices(member_id)
    yield _factors(member_id)
    yield _blocks(member_id)
    yield _levels(member_id)
    yield _consents(member_id)
    yield _archives(member_id)
    yield _pictures(member_id)


def _profile(member_id: int) -> Section:
    fields = (
        *("id", "email", "handle", "former_handle", "display_name", "bio", "language", "time_zone", "theme", "role"),
        *("thread_view", "joined_at", "last_login", "handle_changed_at", "banned_at", "second_factor"),
        *("post_count", "thread_count", "accepted_count"),
    )
    labels = {
        "display_name": _("Display name"),
        "handle": _("Handle"),
        "former_handle": _("Former handle"),
        "email": _("E-mail address"),
        "bio": _("About me"),
        "language": _("Language"),
        "time_zone": _("Time zone"),
        "joined_at": _("joined"),
    }
    rows = Member.objects.filter(pk=member_id).select_related("avatar")
    found = ({name: getattr(row, name) for name in fields} | {"picture": _file(row.avatar)} for row in rows)
    return Section("profile", _("Profile"), found, labels, file="picture")


def _addresses(member_id: int) -> Section:
    now_used = EmailAddress.objects.filter(user_id=member_id).values("email", "verified", "primary")
    before = AddressChange.objects.filter(member_id=member_id).values("old_email", "at")
    rows = [*now_used, *({"email": row["old_email"], "replaced_at": row["at"]} for row in before)]
    labels = {"email": _("E-mail address"), "verified": _("Confirmed"), "replaced_at": _("Replaced")}
    of = ("account.EmailAddress.user", "members.AddressChange.member")
    return Section("addresses", _("Addresses"), rows, labels, of=of)


def _sign_ins(member_id: int) -> Section:
    rows = SignIn.objects.filter(member_id=member_id).order_by("-seen_at")
    labels = {
        "browser": _("Browser"),
        "system": _("System"),
        "network": _("Network"),
        "began_at": _("Signed in"),
        "seen_at": _("Last used"),
    }
    return Section(
        "sign_ins", _("Where you are signed in"), rows.values(*labels), labels, of=("members.SignIn.member",)
    )


def _devices(member_id: int) -> Section:
    rows = KnownDevice.objects.filter(member_id=member_id).order_by("-seen_at").values("seen_at")
    labels = {"seen_at": _("Last used")}
    return Section("browsers", _("Browsers we know again"), rows, labels, of=("members.KnownDevice.member",))


def _factors(member_id: int) -> Section:
    """That there are any and since when; their secrets stay where they are."""
    rows = Authenticator.objects.filter(user_id=member_id).values("type", "created_at", "last_used_at")
    labels = {"type": _("Kind"), "created_at": _("Set up"), "last_used_at": _("Last used")}
    return Section("second_steps", _("Two-step sign-in"), rows, labels, of=("mfa.Authenticator.user",))


def _blocks(member_id: int) -> Section:
    rows = Block.objects.filter(blocker_id=member_id).order_by("pk").values("blocked__handle", "at")
    found = ({"handle": row["blocked__handle"], "at": row["at"]} for row in rows.iterator(BATCH))
    labels = {"handle": _("Handle"), "at": WHEN}
    return Section("blocks", _("Whom you blocked"), found, labels, of=("members.Block.blocker",))


def _levels(member_id: int) -> Section:
    rows = TrustChange.objects.filter(member_id=member_id).order_by("pk").values("at", "before", "after", "reasons")
    labels = {"at": WHEN, "before": _("before"), "after": _("after")}
    return Section("levels", _("Your community level"), rows, labels, of=("members.TrustChange.member",))


def _consents(member_id: int) -> Section:
    rows = Consent.objects.filter(member_id=member_id).order_by("pk")
    labels = {"at": WHEN, "purpose": _("To what"), "text__version": _("version"), "given": _("Agreed"), "how": _("How")}
    return Section("consents", _("What you agreed to"), rows.values(*labels), labels, of=("members.Consent.member",))


def _archives(member_id: int) -> Section:
    rows = Archive.objects.filter(member_id=member_id).order_by("pk").values("state", "asked_at", "ready_at", "bytes")
    labels = {"asked_at": WHEN, "state": pgettext_lazy("of an archive", "State")}
    return Section("archives", _("Archives you asked for"), rows, labels, of=("members.Archive.member",))


def _pictures(member_id: int) -> Section:
    rows = Picture.objects.filter(owner_id=member_id).order_by("pk")
    values = rows.values("file", "width", "height", "bytes", "created_at").iterator(BATCH)
    labels = {"file": _("File"), "created_at": WHEN}
    return Section("pictures", _("Pictures you uploaded"), values, labels, of=("core.Picture.owner_id",), file="file")


def _file(picture: Picture | None) -> Any:
    return picture.file if picture else ""
