"""Under which answer each post stands, and what answers are ordered by. Rows that are there are filled in thread by
thread, each batch in a transaction of its own, and the indexes are made while people post.
"""

from django.conf import settings
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models, transaction

BATCH = 500  # threads

# Chains of replies, from their beginning. What answers a post that is no part of a chain (of another thread, after an
# import) is an answer itself.
FILL = """
WITH RECURSIVE chain AS (
    SELECT post.id, post.thread_id, post.number AS answer
    FROM threads_post post LEFT JOIN threads_post answered ON answered.id = post.reply_to_id
    WHERE post.thread_id = ANY(%(threads)s) AND post.number > 1
      AND (answered.id IS NULL OR answered.number = 1 OR answered.thread_id <> post.thread_id)
  UNION
    SELECT post.id, post.thread_id, chain.answer
    FROM chain JOIN threads_post post ON post.reply_to_id = chain.id AND post.thread_id = chain.thread_id
    WHERE post.number > 1
)
UPDATE threads_post post SET answer_number = coalesce(chain.answer, post.number),
  esteem = post.score + (SELECT coalesce(sum(value::int), 0) FROM jsonb_each_text(post.reactions))
FROM threads_post every LEFT JOIN chain ON chain.id = every.id
WHERE every.thread_id = ANY(%(threads)s) AND every.number > 1 AND post.id = every.id
"""


def fill(apps, schema_editor):
    thread, last = apps.get_model("threads", "Thread"), 0
    while ids := list(thread.objects.filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)[:BATCH]):
        with transaction.atomic(), schema_editor.connection.cursor() as cursor:
            cursor.execute(FILL, {"threads": ids})
        last = ids[-1]


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("threads", "0111_feed"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="post",
            name="answer_number",
            field=models.PositiveIntegerField(default=0, editable=False),
        ),
        migrations.AddField(
            model_name="post",
            name="esteem",
            field=models.IntegerField(default=0, editable=False),
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
        AddIndexConcurrently(
            model_name="post",
            index=models.Index(
                condition=models.Q(("answer_number", models.F("number"))),
                fields=["thread", "-esteem", "number"],
                name="threads_answers",
            ),
        ),
        AddIndexConcurrently(
            model_name="post",
            index=models.Index(
                condition=models.Q(("answer_number__lt", models.F("number"))),
                fields=["thread", "answer_number", "number"],
                name="threads_comments",
            ),
        ),
    ]
