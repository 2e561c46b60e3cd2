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
                        db_collation="C", max_length=64, primary_key=True, serialize=False
                    ),
                ),
                ("seq", models.BigIntegerField()),
                ("floor", models.BigIntegerField(db_default=0, default=0)),
            ],
            options={
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
                ("stream", models.CharField(db_collation="C", max_length=64)),
                ("seq", models.BigIntegerField()),
                ("kind", models.CharField(max_length=64)),
                ("payload", models.JSONField()),
                ("at", models.DateTimeField()),
            ],
            options={
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
