"""`manage.py worker`: does the jobs."""

from typing import Any

from django.core.management.base import BaseCommand
from procrastinate.contrib.django import app
from procrastinate.contrib.django.django_connector import DjangoConnector

from community.config.lifeline import follow_parent


class Command(BaseCommand):
    help = "Do queued and periodic jobs in this process until it is told to stop."
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        follow_parent()
        connector = app.connector
        assert isinstance(connector, DjangoConnector)
        with app.replace_connector(connector.get_worker_connector()):
            # A job that succeeded is deleted: its arguments can be a mail.
            app.run_worker(concurrency=4, delete_jobs="successful", shutdown_graceful_timeout=10)
