"""Jobs that travel with the last statements of their transaction."""

from datetime import timedelta

import pytest
from django.db import connection
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

from community.core import jobs
from community.core.clock import now
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


def test_a_job_with_a_time_is_the_one_procrastinate_would_have_made_and_can_be_taken_back() -> None:
    at = now() + timedelta(hours=1)
    app.configure_task("nothing.at_all", schedule_at=at).defer(number=1)
    with open_unit():
        first, second = (jobs.schedule("nothing.at_all", at=at, number=1) for _turn in range(2))
    kept = [field.attname for field in ProcrastinateJob._meta.concrete_fields if field.attname != "id"]
    theirs, ours, _again = ProcrastinateJob.objects.order_by("pk").values(*kept)
    assert ours == theirs
    ProcrastinateJob.objects.filter(pk=second).update(status="doing")
    with open_unit():
        jobs.cancel([first, second, 0])
    assert not ProcrastinateJob.objects.filter(pk=first).exists()
    assert ProcrastinateJob.objects.get(pk=second).status == "doing"  # it has begun: it looks for itself


def test_outside_of_a_unit_nothing_is_scheduled_and_nothing_taken_back() -> None:
    with pytest.raises(RuntimeError):
        jobs.schedule("nothing.at_all", at=now())
    with pytest.raises(RuntimeError):
        jobs.cancel([1])
    assert not ProcrastinateJob.objects.exists()
