"""Members: one table for everybody who has a name here, with or without a way to sign in."""

from collections.abc import Iterator
from typing import Any, ClassVar

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.utils.crypto import salted_hmac
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from community.core.clock import now
from community.core.devices import HANDHELD
from community.core.models import Picture
from community.core.text import check_display_name, check_handle, skeleton
from community.core.text.fold import fold

# The apps whose rows a community manager may look at and change in the admin.
COMMUNITY_APPS = frozenset({"members", "catalog", "threads"})
MANAGER_VERBS = frozenset({"view", "change", "add"})


class MemberManager(BaseUserManager["Member"]):
    """What Django's own tools (createsuperuser, authentication) need to know."""

    def get_by_natural_key(self, username: str | None) -> "Member":
        return self.get(email=(username or "").lower())

    def create_superuser(self, email: str, handle: str, display_name: str, password: str | None = None) -> "Member":
        """An admin, for `manage.py createsuperuser`. Raises `Invalid` for an unusable handle or name."""
        member = Member(email=email.lower(), handle=check_handle(handle), role=Member.Role.ADMIN, joined_at=now())
        member.rename(check_display_name(display_name))
        member.set_password(password)
        member.save(force_insert=True)
        return member


class Member(AbstractBaseUser):
    """A person. `email` is None for authors who came with an import and cannot sign in.

    `session_epoch` goes up when every open session and socket of the member has to end: it is part of what a session
    is checked against (`get_session_auth_hash`), so no session survives it, wherever it is kept.
    """

    class Role(models.TextChoices):
        MEMBER = "member", _("member")
        MODERATOR = "moderator", _("moderator")
        MANAGER = "manager", _("community manager")
        ADMIN = "admin", _("admin")

    class Theme(models.TextChoices):
        AUTO = "auto", _("as the device")
        LIGHT = "light", _("light")
        DARK = "dark", _("dark")

    class Trust(models.IntegerChoices):
        NEWCOMER = 0, _("Newcomer")
        NEIGHBOUR = 1, _("Neighbour")
        REGULAR = 2, _("Regular")
        MAINSTAY = 3, _("Mainstay")

    email = models.EmailField(_("e-mail address"), unique=True, null=True, blank=True, max_length=254)
    handle = models.CharField(_("handle"), max_length=30, unique=True)
    display_name = models.CharField(_("display name"), max_length=40)
    # What the name looks like (core.text.skeleton); unique among people who can sign in, so nobody is imitated.
    name_skeleton = models.CharField(max_length=200, editable=False)
    # The name with width, case and kana folded: what completion of mentions looks for.
    name_key = models.CharField(max_length=160, editable=False, default="")
    role = models.CharField(_("role"), max_length=10, choices=Role, default=Role.MEMBER)
    avatar = models.ForeignKey(
        Picture, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", verbose_name=_("picture")
    )
    bio = models.TextField(_("about me"), blank=True)
    bio_html = models.TextField(blank=True, editable=False)
    language = models.CharField(
        _("language"), max_length=5, default="ja", choices=[("ja", "日本語"), ("en", "English")]
    )
    time_zone = models.CharField(_("time zone"), max_length=64, default="Asia/Tokyo")
    theme = models.CharField(_("appearance"), max_length=5, choices=Theme, default=Theme.AUTO)
    # How replies stand for them: "flat", one after the other, or "two", by answers; "" while they have not chosen.
    thread_view = models.CharField(max_length=4, blank=True, default="", editable=False)
    is_active = models.BooleanField(_("can sign in"), default=True)
    banned_at = models.DateTimeField(_("banned at"), null=True, blank=True)
    session_epoch = models.PositiveIntegerField(default=0, editable=False)
    # Whether signing in takes a code of a telephone or a passkey as well: counted from allauth's rows by
    # `actions.settle_second_factor`, so that a rule about staff costs no question.
    second_factor = models.BooleanField(default=False, editable=False)
    joined_at = models.DateTimeField(_("joined"))
    # A handle can be changed once: after that, links and mentions may rely on it.
    handle_changed_at = models.DateTimeField(null=True, blank=True, editable=False)
    # What older mentions still say; erasure looks for it as well.
    former_handle = models.CharField(max_length=30, blank=True, editable=False)
    # When the account will be erased, because its member asked for it; None otherwise. Signing in again takes it back.
    erase_at = models.DateTimeField(null=True, blank=True, editable=False)
    erase_posts = models.BooleanField(default=False, editable=False)
    erased_at = models.DateTimeField(null=True, blank=True, editable=False)
    # Where an imported author comes from, like ("se-quantum", "1847"); empty for people who signed up.
    origin = models.CharField(max_length=40, blank=True, editable=False)
    origin_id = models.CharField(max_length=64, blank=True, editable=False)
    # The newest `LegalText` that the member has agreed to, by its number; 0: none.
    terms_accepted = models.BigIntegerField(default=0, editable=False)
    post_count = models.PositiveIntegerField(default=0, editable=False)
    thread_count = models.PositiveIntegerField(default=0, editable=False)
    accepted_count = models.PositiveIntegerField(default=0, editable=False)
    # What the house trusts the member with; `trust` says how it is earned, `permissions.room_of` what it gives.
    trust_level = models.PositiveSmallIntegerField(
        _("community level"), choices=Trust, default=Trust.NEWCOMER, editable=False
    )
    # The day on which a member of level 3 was first found below nine tenths of what it asks for; None: they are not.
    trust_below_since = models.DateField(null=True, blank=True, editable=False)
    # While it is set, the level is what a manager said, and the daily round leaves it alone.
    trust_locked_at = models.DateTimeField(null=True, blank=True, editable=False)
    trust_locked_by = models.ForeignKey("self", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    # In how many blocks they are one of the two: with none, which is nearly everybody, no rule asks further.
    block_count = models.PositiveIntegerField(default=0, editable=False)

    objects: ClassVar[MemberManager] = MemberManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["handle", "display_name"]

    class Meta:
        verbose_name = _("member")
        verbose_name_plural = _("members")
        constraints = [
            models.UniqueConstraint(
                fields=["name_skeleton"], condition=Q(origin=""), name="members_name_looks_like_no_other"
            ),
            models.UniqueConstraint(
                fields=["origin", "origin_id"], condition=~Q(origin=""), name="members_origin_once"
            ),
            models.CheckConstraint(
                condition=Q(handle__regex=r"^[a-z0-9][a-z0-9_]*[a-z0-9]$"), name="members_handle_form"
            ),
            # One person, one address, however it is typed.
            models.CheckConstraint(condition=Q(email=Lower(F("email"))), name="members_email_lower"),
            models.CheckConstraint(condition=Q(trust_level__lte=3), name="members_trust_level_there_is"),
        ]
        indexes = [
            models.Index(fields=["name_key"], opclasses=["varchar_pattern_ops"], name="members_name_prefix"),
            models.Index(fields=["erase_at"], condition=~Q(erase_at=None), name="members_to_erase"),
        ]

    def __str__(self) -> str:
        return f"@{self.handle}"

    @property
    def is_welcome(self) -> bool:
        """Whether they may come in: neither closed nor banned."""
        return self.is_active and self.banned_at is None

    # The newest text that members have to agree to, where the row was read for a request (`accounts.Backend`).
    terms_asked = 0

    @property
    def has_to_agree(self) -> bool:
        """Whether there is a version of the terms that this member has not been asked about yet."""
        return self.terms_asked > self.terms_accepted

    @property
    def is_staff(self) -> bool:
        """Whether the admin opens for them (Django's name for it)."""
        return self.is_manager

    @property
    def rank(self) -> int:
        """0 for a member, 1 moderator, 2 community manager, 3 admin: the office, whether or not it can be exercised."""
        return self.Role.values.index(self.role)

    @property
    def lacks_second_factor(self) -> bool:
        """Whether an office rests until its holder signs in with a second factor (S29)."""
        return self.rank > 0 and not self.second_factor and settings.STAFF_SECOND_FACTOR

    @property
    def is_moderator(self) -> bool:
        return self._may_act_as(1)

    @property
    def is_manager(self) -> bool:
        return self._may_act_as(2)

    @property
    def is_admin(self) -> bool:
        return self._may_act_as(3)

    def _may_act_as(self, rank: int) -> bool:
        """Powers, not offices: every rule asks this, so without a second factor one is an ordinary member."""
        return self.rank >= rank and self.is_welcome and not self.lacks_second_factor

    def get_full_name(self) -> str:
        return self.display_name

    def get_short_name(self) -> str:
        return self.display_name

    def rename(self, display_name: str) -> None:
        """Set the checked name together with the forms of it that rules and search compare; saves nothing."""
        self.display_name = display_name
        self.name_skeleton = skeleton(display_name)
        self.name_key = fold(display_name)[:160]

    def get_session_auth_hash(self) -> str:
        """What a session of this member must carry: the password and the epoch, so that either ends it."""
        return self._session_hash(settings.SECRET_KEY)

    def get_session_auth_fallback_hash(self) -> Iterator[str]:
        """The same under the secrets that are being rotated out."""
        for secret in settings.SECRET_KEY_FALLBACKS:
            yield self._session_hash(secret)

    def _session_hash(self, secret: str | bytes) -> str:
        value = f"{self.password}:{self.session_epoch}"
        return salted_hmac("community.members.session", value, secret=secret, algorithm="sha256").hexdigest()

    def has_perm(self, perm: str, obj: Any = None) -> bool:
        """Django's question, asked by the admin only: admins may all; managers see and change the community's rows.

        What a row's own rules say (who may ban whom) is asked by the actions, here as everywhere.
        """
        if self.is_admin:
            return True
        app, _dot, codename = perm.partition(".")
        return self.is_manager and app in COMMUNITY_APPS and codename.partition("_")[0] in MANAGER_VERBS

    def has_perms(self, perm_list: Any, obj: Any = None) -> bool:
        return all(self.has_perm(perm, obj) for perm in perm_list)

    def has_module_perms(self, app_label: str) -> bool:
        """Whether the admin shows the app at all."""
        return self.is_admin or (self.is_manager and app_label in COMMUNITY_APPS)


class StaffAction(models.Model):
    """What staff did to somebody or something, and why. Append-only: a trigger refuses UPDATE and DELETE.

    `by` is None for the house itself (a command line, a periodic job). `target` is a name like "member" with its id,
    not a foreign key: the note outlives what it speaks of.
    """

    by = models.ForeignKey(Member, null=True, on_delete=models.PROTECT, related_name="+", verbose_name=_("by"))
    verb = models.CharField(_("what"), max_length=40)
    target = models.CharField(_("kind of target"), max_length=40)
    target_id = models.BigIntegerField(_("target"))
    reason = models.CharField(_("reason"), max_length=500)
    detail = models.JSONField(_("detail"), default=dict)
    at = models.DateTimeField(_("when"))

    class Meta:
        verbose_name = _("staff action")
        verbose_name_plural = _("staff actions")
        indexes = [models.Index(fields=["target", "target_id", "-at"], name="members_staff_target")]

    def __str__(self) -> str:
        return f"{self.verb} {self.target}:{self.target_id}"


class TrustChange(models.Model):
    """A member's community level moved. `reasons` are the requirements as they stood: [{"measure", "have", "need"}]."""

    class Cause(models.TextChoices):
        ROUND = "round", _("counted")
        MANAGER = "manager", _("set by a manager")
        BAN = "ban", _("ban")

    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="+")
    before = models.PositiveSmallIntegerField(_("before"), choices=Member.Trust)
    after = models.PositiveSmallIntegerField(_("after"), choices=Member.Trust)
    cause = models.CharField(max_length=8, choices=Cause)
    reasons = models.JSONField(default=list)
    at = models.DateTimeField(_("when"))

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(before=F("after")), name="members_trust_change_moves"),
            models.CheckConstraint(condition=Q(before__lte=3, after__lte=3), name="members_trust_change_levels"),
        ]
        indexes = [models.Index(fields=["member", "-at", "-id"], name="members_trust_of_member")]

    def __str__(self) -> str:
        return f"{self.member_id} {self.before} > {self.after}"

    @property
    def is_promotion(self) -> bool:
        return self.after > self.before


class TrustRound(models.Model):
    """The count of one day of the site's time zone: how far it has come (`reached`, a member's id), and its end."""

    day = models.DateField(unique=True)
    reached = models.BigIntegerField(default=0)
    done_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.day} {self.reached}"


class Block(models.Model):
    """`blocker` wants nothing to do with `blocked`. What follows from it holds in both directions."""

    blocker = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="+", db_index=False)
    blocked = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="+")
    at = models.DateTimeField(_("when"))

    class Meta:
        verbose_name = _("block")
        verbose_name_plural = _("blocks")
        constraints = [
            models.UniqueConstraint(fields=["blocker", "blocked"], name="members_block_once"),
            models.CheckConstraint(condition=~Q(blocker=F("blocked")), name="members_block_another"),
        ]

    def __str__(self) -> str:
        return f"{self.blocker_id} / {self.blocked_id}"


class SignIn(models.Model):
    """One session of a member, in words. Kept beside the session because a session cannot be looked for by its member.

    `seen_at` is late by up to `actions.sign_ins.SEEN_EVERY`. A row whose session has ended is never shown, and is
    swept at night.
    """

    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="+")
    session_key = models.CharField(max_length=40, unique=True)
    browser = models.CharField(max_length=30, blank=True)
    system = models.CharField(max_length=30, blank=True)
    network = models.CharField(max_length=45, blank=True)
    began_at = models.DateTimeField()
    seen_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["member", "-seen_at"], name="members_signin_member")]

    def __str__(self) -> str:
        return f"{self.browser} {self.system}".strip()

    @property
    def is_handheld(self) -> bool:
        return self.system in HANDHELD


class KnownDevice(models.Model):
    """A browser that a member has signed in with: `digest` is made of its own cookie and the member's id."""

    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="+")
    digest = models.CharField(max_length=64)
    seen_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["member", "digest"], name="members_device_once")]

    def __str__(self) -> str:
        return f"device {self.pk}"


class AddressChange(models.Model):
    """A change of address that the holder of the old address can take back for some days.

    `digest` is that of the key in the mail to the old address. Rows are deleted when the days are over.
    """

    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="+")
    old_email = models.EmailField(max_length=254)
    digest = models.CharField(max_length=64, unique=True)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"change {self.pk}"


class LegalText(models.Model):
    """One version of the terms or of the privacy policy. Append-only: a trigger refuses UPDATE and DELETE.

    It holds from `effective_at` on, until a newer version does. `asks`: members have to agree to it before they go on;
    a slip of the pen that is put right need not ask again. `is_template`: ours, to be replaced by the operator's own.
    """

    class Kind(models.TextChoices):
        TERMS = "terms", _("terms of use")
        PRIVACY = "privacy", _("privacy policy")

    kind = models.CharField(_("kind"), max_length=8, choices=Kind)
    version = models.PositiveIntegerField(_("version"))
    body_ja = models.TextField(_("text (Japanese)"))
    body_en = models.TextField(_("text (English)"))
    html_ja = models.TextField()
    html_en = models.TextField()
    summary_ja = models.CharField(_("what is new (Japanese)"), max_length=500, blank=True)
    summary_en = models.CharField(_("what is new (English)"), max_length=500, blank=True)
    effective_at = models.DateTimeField(_("in force from"))
    asks = models.BooleanField(
        _("members have to agree"), default=True, help_text=_("They are asked on the next page they open.")
    )
    is_template = models.BooleanField(default=False)
    published_at = models.DateTimeField()
    published_by = models.ForeignKey(Member, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("legal text")
        verbose_name_plural = _("legal texts")
        constraints = [models.UniqueConstraint(fields=["kind", "version"], name="members_legal_version_once")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.version}"

    @property
    def html(self) -> str:
        return self.html_ja if (get_language() or "ja").startswith("ja") else self.html_en

    @property
    def summary(self) -> str:
        return self.summary_ja if (get_language() or "ja").startswith("ja") else self.summary_en


class Consent(models.Model):
    """That a member agreed to something, or took it back: what, when and where. The newest row of a purpose counts."""

    class Purpose(models.TextChoices):
        TERMS = "terms", _("terms of use")
        PRIVACY = "privacy", _("privacy policy")
        NEWS = "news", _("mails with news of the community")

    class How(models.TextChoices):
        SIGN_UP = "sign_up", _("when signing up")
        ASKED = "asked", _("when asked about a new version")
        SETTINGS = "settings", _("in the settings")

    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="+")
    purpose = models.CharField(max_length=8, choices=Purpose)
    text = models.ForeignKey(LegalText, null=True, on_delete=models.PROTECT, related_name="+")
    given = models.BooleanField()
    how = models.CharField(max_length=8, choices=How)
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["member", "purpose", "-at"], name="members_consents_of")]

    def __str__(self) -> str:
        return f"{self.member_id} {self.purpose} {self.given}"


class Archive(models.Model):
    """All that the site knows of a member, asked for by them, made by a job, kept for some days for them alone.

    `file` is its random name in the storage "archives", which no address leads into. `steps` of `of_steps` areas are
    written, `rows` entries so far.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("being prepared")
        READY = "ready", pgettext_lazy("archive", "ready")
        FAILED = "failed", _("failed")
        EXPIRED = "expired", _("expired")

    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="+")
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    asked_at = models.DateTimeField()
    ready_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True)
    file = models.CharField(max_length=80, blank=True)
    bytes = models.BigIntegerField(default=0)
    steps = models.PositiveSmallIntegerField(default=0)
    of_steps = models.PositiveSmallIntegerField(default=0)
    rows = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["member"], condition=Q(state="waiting"), name="members_one_archive_at_a_time"
            ),
        ]
        indexes = [models.Index(fields=["member", "-asked_at"], name="members_archives_of")]

    def __str__(self) -> str:
        return f"archive {self.pk} {self.state}"


class RetiredHandle(models.Model):
    """A handle that nobody may have any more, because links and memories speak of somebody who has left.

    Kept as a digest, and beside no member: the row tells nobody whose it was.
    """

    digest = models.CharField(max_length=64, unique=True)

    def __str__(self) -> str:
        return f"handle {self.pk}"
