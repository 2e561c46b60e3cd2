"""Two people, one name or one address, at the same moment: one wins, the other is told; never both, never neither."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from threading import Barrier, Event
from typing import Any

import pytest
from django.core import mail
from django.db import connection
from django.test import Client

from community.core.errors import Conflict, Invalid, RuleError
from community.members import actions, queries, trust
from community.members.models import Member, TrustChange
from tests.factories.members import make_member

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(*jobs: Callable[[], Any]) -> list[Any]:
    """Run the jobs in threads that start together; their results, or the refusals they raised."""
    start = Barrier(len(jobs))

    def run(job: Callable[[], Any]) -> Any:
        try:
            start.wait(10)
            return job()
        except RuleError as error:
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(len(jobs)) as pool:
        return list(pool.map(run, jobs))


@pytest.fixture
def look_together(monkeypatch: pytest.MonkeyPatch) -> None:
    """Both look whether the name is free before either takes it: the worst moment, every time."""
    meet = Barrier(2)

    def look(name: str, *, member: Member | None = None) -> str:
        checked = queries.checked_name(name, member=member)
        meet.wait(10)
        return checked

    monkeypatch.setattr(actions.accounts, "checked_name", look)


def test_of_two_with_one_name_one_comes_in_and_the_other_is_told(look_together: None) -> None:
    results = at_once(
        lambda: actions.sign_up(email="one@example.com", display_name="Sakura"),
        lambda: actions.sign_up(email="two@example.com", display_name="SAKURA"),
    )
    refused = [result for result in results if isinstance(result, RuleError)]
    assert [(type(error), error.code, error.field) for error in refused] == [(Invalid, "name_taken", "display_name")]
    assert Member.objects.count() == 1


def test_of_two_with_one_address_one_comes_in(look_together: None) -> None:
    results = at_once(
        lambda: actions.sign_up(email="one@example.com", display_name="Sakura"),
        lambda: actions.sign_up(email="ONE@example.com", display_name="Momiji"),
    )
    refused = [result for result in results if isinstance(result, RuleError)]
    assert [(type(error), error.code) for error in refused] == [(Conflict, "email_taken")]
    assert Member.objects.count() == 1


def test_without_the_database_both_would_come_in(look_together: None) -> None:
    """The control: with the unique constraint away, looking first lets both through."""
    index = "members_name_looks_like_no_other"
    with connection.cursor() as cursor:
        cursor.execute(f"DROP INDEX {index}")
    try:
        at_once(
            lambda: actions.sign_up(email="one@example.com", display_name="Sakura"),
            lambda: actions.sign_up(email="two@example.com", display_name="SAKURA"),
        )
        assert Member.objects.count() == 2
    finally:
        Member.objects.all().delete()
        with connection.cursor() as cursor:
            cursor.execute(f"CREATE UNIQUE INDEX {index} ON members_member (name_skeleton) WHERE origin = ''")


def test_at_the_door_the_second_with_one_address_sees_what_everybody_sees(look_together: None) -> None:
    def send(name: str) -> tuple[int, str]:
        form = {"email": "one@example.com", "display_name": name, "old_enough": "on"}
        answer = Client().post("/accounts/signup/", form)
        return answer.status_code, answer["Location"]

    assert at_once(lambda: send("Sakura"), lambda: send("Momiji")) == [(302, "/accounts/confirm-email/")] * 2
    assert Member.objects.count() == 1 and len(mail.outbox) == 2


def test_two_admins_who_demote_each_other_leave_one() -> None:
    ada, eve = (make_member(name, role=Member.Role.ADMIN) for name in ("ada", "eve"))
    results = at_once(
        lambda: actions.set_role(by=ada, member_id=eve.pk, role="member", reason="mine"),
        lambda: actions.set_role(by=eve, member_id=ada.pk, role="member", reason="mine"),
    )
    assert sum(isinstance(result, RuleError) for result in results) == 1
    assert Member.objects.filter(role=Member.Role.ADMIN).count() == 1


# -- the round of community levels against everybody else


@pytest.fixture
def slow_count(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Event, Event]]:
    """The round finds that everybody has earned level 2, and stands still before it writes: (it does, it may go on)."""
    counted, go_on = Event(), Event()

    def weigh(members: Sequence[Member], day: date) -> dict[int, trust.Standing]:
        counted.set()
        assert go_on.wait(10)
        return {member.pk: trust.Standing(2) for member in members}

    monkeypatch.setattr(trust, "weigh", weigh)
    yield counted, go_on
    go_on.set()


def during(slow: tuple[Event, Event], deed: Callable[[], object]) -> None:
    """Have the deed done between the count of a round and what the round writes."""
    counted, go_on = slow

    def meanwhile() -> None:
        assert counted.wait(10)
        deed()
        go_on.set()

    at_once(actions.settle_trust, meanwhile)


@pytest.mark.parametrize("level", [0, 1, 3])
def test_a_level_that_a_manager_settles_meanwhile_is_not_overwritten(slow_count: Any, level: int) -> None:
    nao, kanri = make_member("nao"), make_member("kanri", role=Member.Role.MANAGER)
    during(slow_count, lambda: actions.set_trust(by=kanri, member_id=nao.pk, level=level, lock=True, reason="so"))
    nao.refresh_from_db()
    assert nao.trust_level == level and nao.trust_locked_at is not None
    assert not TrustChange.objects.filter(member=nao, cause="round").exists()


def test_who_is_banned_meanwhile_does_not_go_up(slow_count: Any) -> None:
    nao, mori = make_member("nao"), make_member("mori", role=Member.Role.MODERATOR)
    during(slow_count, lambda: actions.ban_member(by=mori, member_id=nao.pk, reason="spam"))
    nao.refresh_from_db()
    assert nao.trust_level == 0


def test_a_role_given_meanwhile_and_the_level_both_stand(slow_count: Any) -> None:
    nao, ada = make_member("nao"), make_member("ada", role=Member.Role.ADMIN)
    during(slow_count, lambda: actions.set_role(by=ada, member_id=nao.pk, role="moderator", reason="helps"))
    nao.refresh_from_db()
    assert (nao.role, nao.trust_level) == ("moderator", 2)


def test_two_workers_count_a_day_once(monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(6):
        make_member(f"nao{number}", trust_level=0)
    monkeypatch.setattr(trust, "weigh", lambda members, day: {member.pk: trust.Standing(1) for member in members})
    monkeypatch.setattr(trust, "explain_all", lambda members, level, day: {pk: [] for pk in members})
    done = at_once(*[lambda: actions.settle_trust(batch=2)] * 3)
    assert sum(one.looked_at for one in done) == sum(one.moved for one in done) == TrustChange.objects.count() == 6
