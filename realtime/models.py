"""Two tables: the newest number of every stream, and the events behind it."""

from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import F, Q


class Stream(models.Model):
    """One numbered sequence of events, e.g. `thread.5`.

    `seq` is the number of the newest event, `floor` the number of the newest one that retention removed: the
    events held are floor + 1 … seq. The row's lock is what gives the numbers their order, so the row stays
    narrow and no index names `seq` (PostgreSQL can then update it in place, without touching an index).
    """

    name = models.CharField(max_length=64, primary_key=True, db_collation="C")
    seq = models.BigIntegerField()
    floor = models.BigIntegerField(default=0, db_default=0)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(floor__gte=0) & Q(seq__gte=F("floor")), name="realtime_stream_floor_below_seq"
            )
        ]

    def __str__(self) -> str:
        return f"{self.name} @ {self.seq}"


class StreamEvent(models.Model):
    """One event. No foreign key to `Stream`: the writer holds that row's lock anyway, and a check per row
    costs.
    """

    pk = models.CompositePrimaryKey("stream", "seq")
    stream = models.CharField(max_length=64, db_collation="C")
    seq = models.BigIntegerField()
    kind = models.CharField(max_length=64)
    payload = models.JSONField()
    at = models.DateTimeField()

    class Meta:
        # Rows arrive in the order of time, so a block-range index answers "older than a week" from a few
        # kilobytes.
        indexes = [BrinIndex(fields=["at"], name="realtime_event_at_brin", pages_per_range=32, autosummarize=True)]

    def __str__(self) -> str:
        return f"{self.stream} #{self.seq} {self.kind}"
