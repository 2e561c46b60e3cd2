"""`manage.py worker`: does the jobs."""

from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand

from community.config.lifeline import follow_parent


class Command(BaseCommand):
    help = "Do queued and periodic jobs in this process until it is told to stop."
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        follow_parent()
        # A job that succeeded is deleted: its arguments can be a mail.
        call_command(
            "procrastinate", "worker", "--concurrency=4", "--delete-jobs=successful", "--shutdown-graceful-timeout=10"
        )
