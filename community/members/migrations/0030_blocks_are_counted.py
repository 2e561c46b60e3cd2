from django.db import migrations, models

# Nobody could block anybody from a page before, but the rows may be there.
COUNT = """
UPDATE members_member SET block_count = found.n
FROM (
    SELECT member_id, count(*) AS n FROM (
        SELECT blocker_id AS member_id FROM members_block UNION ALL SELECT blocked_id FROM members_block
    ) side GROUP BY member_id
) found
WHERE members_member.id = found.member_id
"""


class Migration(migrations.Migration):
    dependencies = [("members", "0020_blocks")]

    operations = [
        migrations.AddField(
            model_name="member",
            name="block_count",
            field=models.PositiveIntegerField(default=0, editable=False),
        ),
        migrations.RunSQL(COUNT, migrations.RunSQL.noop),
    ]
