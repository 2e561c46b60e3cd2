"""How somebody who has left goes out of what belongs to no app: the live log, kept answers, the admin's log, jobs."""

from django.contrib.admin.models import LogEntry
from django.db import connection

from community.members.actions.leaving import like
from community.members.registry import Leaver, eraser


@eraser("live log")
def erase_from_log(leaver: Leaver) -> None:
    """Numbers stay whole (`realtime.log.redact`): a late reader gets the ids, and asks for the rest."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE realtime_streamevent SET payload = payload - 'html' - 'title' - 'url'"
            " WHERE payload::text ILIKE ANY(%s)",
            [[like(sign) for sign in leaver.signs]],
        )
        cursor.execute("DELETE FROM realtime_streamevent WHERE stream = %s", [f"member.{leaver.member_id}"])
        cursor.execute("UPDATE realtime_stream SET floor = seq WHERE name = %s", [f"member.{leaver.member_id}"])


@eraser("kept answers")
def erase_answers(leaver: Leaver) -> None:
    """Their own, and those to others that were rendered with their name; a repeat of such a command runs anew."""
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM core_idempotencykey WHERE owner = %s OR headers::text ILIKE ANY(%s)"
            " OR EXISTS (SELECT 1 FROM unnest(%s::bytea[]) AS sign WHERE position(sign IN body) > 0)",
            [
                f"member:{leaver.member_id}",
                [like(sign) for sign in leaver.signs],
                [sign.encode() for sign in leaver.signs],
            ],
        )


@eraser("the admin's log")
def erase_admin_log(leaver: Leaver) -> None:
    LogEntry.objects.filter(user_id=leaver.member_id).delete()
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE django_admin_log SET object_repr = '…', change_message = ''"
            " WHERE object_repr || change_message ILIKE ANY(%s)",
            [[like(sign) for sign in leaver.signs]],
        )


@eraser("jobs")
def erase_jobs(leaver: Leaver) -> None:
    """Mails that wait or have failed; done ones are deleted by the worker."""
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM procrastinate_jobs WHERE status <> 'doing' AND args::text ILIKE ANY(%s)",
            [[like(sign) for sign in leaver.signs]],
        )
