"""Inboxes: what is told to whom, how, and what somebody wants to hear of.

A notice is one line of an inbox. Each thing that happened to cause it is a row of its own (`Cause`), under a key that
can be there once: so a notice is told exactly once however often a job is done again, says how many people stand behind
it, goes when the last of its causes goes, and comes back with it. What notices point at is named by kind and id, since
it lives in apps above this one.
"""

import hashlib

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from community.core.devices import HANDHELD
from community.core.webpush import Browser

Member = settings.AUTH_USER_MODEL


class Digest(models.TextChoices):
    """When mail comes."""

    NONE = "none", _("each time, if I have not seen it after a while")
    DAILY = "daily", _("gathered, once a day")
    WEEKLY = "weekly", _("gathered, once a week")


class Inbox(models.Model):
    """A member's inbox: how much of it is unread, and how the member is told of it.

    Whoever changes a notice holds this row first, so the number is always that of the rows. Minutes of quiet hours
    count from midnight in the member's own zone; both None: there are none.
    """

    member = models.OneToOneField(Member, primary_key=True, on_delete=models.CASCADE, related_name="+")
    unread = models.PositiveIntegerField(default=0)
    mail_at = models.DateTimeField(null=True, blank=True)  # when to look whether a mail is to be written
    digest = models.CharField(_("mail"), max_length=6, choices=Digest, default=Digest.NONE)
    quiet_from = models.PositiveSmallIntegerField(_("quiet from"), null=True, blank=True)
    quiet_until = models.PositiveSmallIntegerField(_("quiet until"), null=True, blank=True)

    class Meta:
        verbose_name = _("inbox")
        verbose_name_plural = _("inboxes")
        constraints = [
            models.CheckConstraint(
                condition=Q(quiet_from=None, quiet_until=None) | Q(quiet_from__lt=1440, quiet_until__lt=1440),
                name="notifications_quiet_hours",
            ),
        ]
        indexes = [
            models.Index(fields=["mail_at"], condition=~Q(mail_at=None), name="notifications_mail_due"),
        ]

    def __str__(self) -> str:
        return f"{self.member_id}: {self.unread}"


class Notice(models.Model):
    """One line of an inbox. What happens again while it is unread joins it; once read, it stays as it is.

    `subject` is what lines are gathered under ("post:5"); `target`, `target_id` and `number` say where it leads: a
    page, and the post on it (0: none). `actors` are the latest of the people behind it, `people` is how many there are.
    """

    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="+", db_index=False)
    kind = models.CharField(_("kind"), max_length=20)
    subject = models.CharField(max_length=60)
    target = models.CharField(max_length=10)
    target_id = models.BigIntegerField()
    number = models.PositiveIntegerField(default=0)
    note = models.CharField(max_length=200, blank=True)
    actors = models.JSONField(default=list)
    people = models.PositiveIntegerField(default=0)
    count = models.PositiveIntegerField(default=0)
    quiet = models.BooleanField(default=False)  # shown in the inbox; no mail and no push
    first_at = models.DateTimeField()
    last_at = models.DateTimeField(_("when"))
    read_at = models.DateTimeField(_("read"), null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    mailed_at = models.DateTimeField(null=True, blank=True)
    pushed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("notice")
        verbose_name_plural = _("notices")
        constraints = [
            models.UniqueConstraint(
                fields=["member", "kind", "subject"], condition=Q(read_at=None), name="notifications_one_open_line"
            ),
        ]
        indexes = [
            models.Index(
                fields=["member", "-last_at", "-id"], condition=Q(withdrawn_at=None), name="notifications_inbox_lines"
            ),
            models.Index(
                fields=["member", "target", "target_id"],
                condition=Q(read_at=None, withdrawn_at=None),
                name="notifications_unread",
            ),
            models.Index(fields=["target", "target_id"], name="notifications_of_target"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject}"


class Cause(models.Model):
    """One thing that happened, told to one member. `actor_id` is who did it; 0: the house."""

    notice = models.ForeignKey(Notice, on_delete=models.CASCADE, related_name="causes")
    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="+", db_index=False)
    source = models.CharField(max_length=12)
    source_id = models.BigIntegerField()
    actor_id = models.BigIntegerField(default=0)
    number = models.PositiveIntegerField(default=0)
    quiet = models.BooleanField(default=False)
    at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["source", "source_id", "member", "actor_id"], name="notifications_told_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.source}:{self.source_id}"


class Level(models.Model):
    """How much a member wants to hear of a place. No row is `normal`; following is `track` or `watch`."""

    class Kind(models.TextChoices):
        THREAD = "thread", pgettext_lazy("what is followed", "thread")
        CATEGORY = "category", pgettext_lazy("what is followed", "category")
        TAG = "tag", pgettext_lazy("what is followed", "tag")
        ITEM = "item", pgettext_lazy("what is followed", "item")
        CREATOR = "creator", pgettext_lazy("what is followed", "creator")
        SHOP = "shop", pgettext_lazy("what is followed", "shop")
        MEMBER = "member", pgettext_lazy("what is followed", "member")

    class Value(models.TextChoices):
        WATCH = "watch", pgettext_lazy("level", "Watch")
        TRACK = "track", pgettext_lazy("level", "Follow quietly")
        NORMAL = "normal", pgettext_lazy("level", "Normal")
        MUTE = "mute", pgettext_lazy("level", "Mute")

    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="+", db_index=False)
    kind = models.CharField(_("kind"), max_length=8, choices=Kind)
    target_id = models.BigIntegerField()
    level = models.CharField(_("level"), max_length=6, choices=Value)
    changed_at = models.DateTimeField()

    class Meta:
        verbose_name = _("level")
        verbose_name_plural = _("levels")
        constraints = [
            models.UniqueConstraint(fields=["kind", "target_id", "member"], name="notifications_level_once"),
        ]
        indexes = [models.Index(fields=["member", "kind", "target_id"], name="notifications_levels_of")]

    def __str__(self) -> str:
        return f"{self.kind}:{self.target_id} {self.level}"


class Preference(models.Model):
    """Which ways a kind of notice may take to a member. No row: what the kind itself says."""

    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="+", db_index=False)
    kind = models.CharField(max_length=20)
    site = models.BooleanField(default=True)
    mail = models.BooleanField(default=True)
    push = models.BooleanField(default=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["member", "kind"], name="notifications_preference_once")]

    def __str__(self) -> str:
        return self.kind


class PushDevice(models.Model):
    """A browser that shows a member's notices while the site is closed. It goes with the sign-in that it was added in.

    `endpoint` is its address at a push service, and a secret: who knows it can be a nuisance. The two keys are its own.
    """

    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="+")
    sign_in = models.ForeignKey("members.SignIn", on_delete=models.CASCADE, related_name="+")
    endpoint = models.CharField(max_length=1000, unique=True)
    p256dh = models.CharField(max_length=100)
    auth = models.CharField(max_length=30)
    browser = models.CharField(max_length=30, blank=True)
    system = models.CharField(max_length=30, blank=True)
    created_at = models.DateTimeField()
    reached_at = models.DateTimeField(null=True, blank=True)  # when its service last took a message

    class Meta:
        verbose_name = _("browser that shows notices")
        verbose_name_plural = _("browsers that show notices")

    def __str__(self) -> str:
        return f"{self.browser} {self.system}".strip()

    @property
    def digest(self) -> str:
        """By which the browser itself knows its address, which no page needs to show."""
        return hashlib.sha256(self.endpoint.encode()).hexdigest()

    @property
    def is_handheld(self) -> bool:
        return self.system in HANDHELD

    @property
    def place(self) -> Browser:
        return Browser(self.endpoint, self.p256dh, self.auth)
