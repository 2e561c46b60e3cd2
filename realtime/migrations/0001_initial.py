import django.contrib.postgres.indexes
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Stream",
            fields=[
                (
                    "name",
                    models.CharField(
                        db_collation="C", max_length=64, primary_key=True, serialize=False, verbose_name="name"
                    ),
                ),
                ("seq", models.BigIntegerField(verbose_name="newest number")),
                ("floor", models.BigIntegerField(db_default=0, default=0, verbose_name="removed up to")),
            ],
            options={
                "verbose_name": "stream",
                "verbose_name_plural": "streams",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("floor__gte", 0), ("seq__gte", models.F("floor"))),
                        name="realtime_stream_floor_below_seq",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="StreamEvent",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "stream", "seq", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("stream", models.CharField(db_collation="C", max_length=64, verbose_name="stream")),
                ("seq", models.BigIntegerField(verbose_name="number")),
                ("kind", models.CharField(max_length=64, verbose_name="kind")),
                ("payload", models.JSONField(verbose_name="payload")),
                ("at", models.DateTimeField(verbose_name="written at")),
            ],
            options={
                "verbose_name": "stream event",
                "verbose_name_plural": "stream events",
                "indexes": [
                    django.contrib.postgres.indexes.BrinIndex(
                        autosummarize=True, fields=["at"], name="realtime_event_at_brin", pages_per_range=32
                    )
                ],
            },
        ),
        # Half of every page stays free, so that counting a stream up rewrites its row in the same page.
        migrations.RunSQL(
            "ALTER TABLE realtime_stream SET (fillfactor = 50)", "ALTER TABLE realtime_stream RESET (fillfactor)"
        ),
    ]
