"""Tables of the foundations: none of the domain."""

from django.conf import settings
from django.db import models


class IdempotencyKey(models.Model):
    """One command of one caller and, once it is done, the very bytes it was answered with (REL-4)."""

    class State(models.TextChoices):
        UNDER_WAY = "under_way"
        DONE = "done"

    owner = models.CharField(max_length=80)  # "member:12", "key:3", "session:…": who may replay it
    operation = models.CharField(max_length=80)
    key = models.CharField(max_length=255)
    body_hash = models.BinaryField(max_length=32)
    state = models.CharField(max_length=10, choices=State, default=State.UNDER_WAY)
    status = models.PositiveSmallIntegerField(null=True)
    headers = models.JSONField(default=dict)
    body = models.BinaryField(null=True)
    created_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["owner", "operation", "key"], name="core_idempotency_key_once"),
        ]

    def __str__(self) -> str:
        return f"{self.operation} {self.key}"


class Picture(models.Model):
    """A picture that was decoded and written anew by us: no metadata, no foreign bytes.

    `file` is the full size (longest side at most 2,048 px), `thumb` at most 480 px. Until something uses it
    (`used_at`), it may be swept away after a day.
    """

    # The member who uploaded it: a plain number, since members stand above this app and may be erased.
    owner_id = models.BigIntegerField(null=True, blank=True)
    file = models.CharField(max_length=120, unique=True)
    thumb = models.CharField(max_length=120)
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    bytes = models.PositiveIntegerField()
    digest = models.CharField(max_length=64, db_index=True)  # SHA-256 of what was sent, to know a repeat
    created_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["created_at"], condition=models.Q(used_at=None), name="core_picture_unused"),
        ]

    def __str__(self) -> str:
        return self.file

    @property
    def url(self) -> str:
        return f"{settings.MEDIA_URL}{self.file}"

    @property
    def thumb_url(self) -> str:
        return f"{settings.MEDIA_URL}{self.thumb}"
