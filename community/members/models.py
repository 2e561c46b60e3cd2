"""Members: one table for everybody who has a name here, with or without a way to sign in."""

from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from community.core.models import Picture


class MemberManager(BaseUserManager["Member"]):
    """What Django's own tools (createsuperuser, password reset) need to know."""

    def get_by_natural_key(self, username: str | None) -> "Member":
        return self.get(email=(username or "").lower())


class Member(AbstractBaseUser, PermissionsMixin):
    """A person. `email` is None for authors who came with an import and cannot sign in.

    `session_epoch` goes up when every open session and socket of the member has to end.
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

    email = models.EmailField(_("e-mail address"), unique=True, null=True, blank=True, max_length=254)
    handle = models.CharField(_("handle"), max_length=30, unique=True)
    display_name = models.CharField(_("display name"), max_length=40)
    # What the name looks like (core.text.skeleton); unique among people who can sign in, so nobody is imitated.
    name_skeleton = models.CharField(max_length=200, editable=False)
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
    is_active = models.BooleanField(_("can sign in"), default=True)
    banned_at = models.DateTimeField(_("banned at"), null=True, blank=True)
    session_epoch = models.PositiveIntegerField(default=0, editable=False)
    joined_at = models.DateTimeField(_("joined"))
    # Where an imported author comes from, like ("se-quantum", "1847"); empty for people who signed up.
    origin = models.CharField(max_length=40, blank=True, editable=False)
    origin_id = models.CharField(max_length=64, blank=True, editable=False)
    post_count = models.PositiveIntegerField(default=0, editable=False)
    thread_count = models.PositiveIntegerField(default=0, editable=False)
    accepted_count = models.PositiveIntegerField(default=0, editable=False)

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
        ]

    def __str__(self) -> str:
        return f"@{self.handle}"

    @property
    def is_staff(self) -> bool:
        """Whether the admin opens for them (Django's name for it)."""
        return self.is_manager

    @property
    def is_moderator(self) -> bool:
        return self.is_active and self.role in {self.Role.MODERATOR, self.Role.MANAGER, self.Role.ADMIN}

    @property
    def is_manager(self) -> bool:
        return self.is_active and self.role in {self.Role.MANAGER, self.Role.ADMIN}

    @property
    def is_admin(self) -> bool:
        return self.is_active and self.role == self.Role.ADMIN

    def get_full_name(self) -> str:
        return self.display_name

    def get_short_name(self) -> str:
        return self.display_name
