from django.db import migrations

REFUSE = """
CREATE FUNCTION members_staffaction_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'members_staffaction is append-only' USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER members_staffaction_append_only BEFORE UPDATE OR DELETE ON members_staffaction
  FOR EACH ROW EXECUTE FUNCTION members_staffaction_refuse();
"""
ALLOW = """
DROP TRIGGER members_staffaction_append_only ON members_staffaction;
DROP FUNCTION members_staffaction_refuse();
"""


class Migration(migrations.Migration):
    dependencies = [("members", "0002_roles_names_and_staff_actions")]
    operations = [migrations.RunSQL(REFUSE, ALLOW)]
