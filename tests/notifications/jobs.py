"""The queue, done by hand: inside of a test's transaction no worker would see a job."""

import json

from django.db import connection
from procrastinate.contrib.django import app


def do_waiting(but: str = "") -> int:
    """Do every job that is due now, `but` of one kind, in the order they came; returns how many."""
    done = 0
    while True:
        with connection.cursor() as cursor:
            cursor.execute(
                "DELETE FROM procrastinate_jobs WHERE id = (SELECT id FROM procrastinate_jobs WHERE status = 'todo'"
                " AND task_name <> %s AND (scheduled_at IS NULL OR scheduled_at <= now()) ORDER BY id LIMIT 1)"
                " RETURNING task_name, args",
                [but],
            )
            row = cursor.fetchone()
        if row is None:
            return done
        name, arguments = row
        app.tasks[name].func(**(json.loads(arguments) if isinstance(arguments, str) else arguments))
        done += 1
