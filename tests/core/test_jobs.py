"""Jobs that travel with the last statements of their transaction."""

import pytest
from django.db import connection
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

from community.core import jobs
from community.core.work import open_unit

pytestmark = pytest.mark.django_db


def test_outside_of_a_unit_there_is_nothing_to_travel_with() -> None:
    with pytest.raises(RuntimeError):
        jobs.enqueue("nothing.at_all")


def test_what_is_rolled_back_was_never_queued() -> None:
    with pytest.raises(ZeroDivisionError), open_unit():
        jobs.enqueue("nothing.at_all", number=1)
        raise ZeroDivisionError
    assert not ProcrastinateJob.objects.exists()


def test_it_is_the_job_that_procrastinate_itself_would_have_made() -> None:
    app.configure_task("nothing.at_all", lock="one").defer(word="器", number=1)
    with open_unit():
        jobs.enqueue("nothing.at_all", lock="one", word="器", number=1)
    kept = [field.attname for field in ProcrastinateJob._meta.concrete_fields if field.attname != "id"]
    theirs, ours = ProcrastinateJob.objects.order_by("pk").values(*kept)
    assert ours == theirs and connection.in_atomic_block
