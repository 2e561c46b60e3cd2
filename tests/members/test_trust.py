"""Community levels: the daily round, what a manager says, and what a ban takes. Figures are given here, not counted."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from community.core.clock import held_at
from community.core.errors import Invalid, NotAllowed
from community.core.work import open_unit
from community.members import actions, trust
from community.members.models import Member, StaffAction, TrustChange, TrustRound
from community.members.permissions import room_of, trust_of
from community.members.registry import Measure, Span, levels
from community.members.trust import LEVELS, Requirement
from community.members.trust.levels import ORDERS
from tests.factories.members import make_imported, make_member

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 3, 3, 3, 0, tzinfo=UTC)  # at noon, in Tokyo
Figures = dict[str, dict[int, int]]


@pytest.fixture
def figures(monkeypatch: pytest.MonkeyPatch) -> Figures:
    """`figures["voices"][member.pk] = 3`: what is counted of each measure, whatever rows there are."""
    known: Figures = {need.measure: {} for level in LEVELS for need in level.requirements}

    def counting(name: str) -> Measure:
        def count(members: Sequence[int], span: Span) -> Mapping[int, int]:
            return {pk: known[name][pk] for pk in members if pk in known[name]}

        return Measure(name, name, count)

    monkeypatch.setattr(levels, "_measures", {name: counting(name) for name in known})
    return known


@pytest.fixture
def nao() -> Member:
    return make_member("nao", trust_level=0)


def give(
    figures: Figures, member: Member, level: int, *, percent: int = 100, but: Mapping[str, int] | None = None
) -> None:
    """Let the member have `percent` of all that the levels up to `level` ask for."""
    for one in figures.values():
        one.pop(member.pk, None)
    needs: dict[str, int] = {}
    for row in (row for asked in LEVELS[:level] for row in asked.requirements):
        needs[row.measure] = max(needs.get(row.measure, 0), row.need)
    for name, need in (needs | dict(but or {})).items():
        figures[name][member.pk] = need if name in (but or {}) else -(-need * percent // 100)


def count_on(day: int, **options: Any) -> int:
    """The round of a day after NOON's; returns how many moved."""
    with held_at(NOON + timedelta(days=day)):
        return actions.settle_trust(**options).moved


def level_of(member: Member) -> int:
    return Member.objects.get(pk=member.pk).trust_level


# -- going up


@pytest.mark.parametrize("level", [1, 2, 3])
def test_a_level_asks_for_all_of_its_requirements(nao: Member, figures: Figures, level: int) -> None:
    for row in LEVELS[level - 1].requirements:
        give(figures, nao, level, but={row.measure: row.need - 1})
        TrustRound.objects.all().delete()
        Member.objects.update(trust_level=0)
        count_on(0)
        assert level_of(nao) < level, row.measure
    give(figures, nao, level)
    TrustRound.objects.all().delete()
    count_on(0)
    assert level_of(nao) == level


def test_what_decided_is_kept_with_the_move(nao: Member, figures: Figures) -> None:
    give(figures, nao, 1)
    assert count_on(0) == 1
    change = TrustChange.objects.get()
    assert (change.member, change.before, change.after, change.cause) == (nao, 0, 1, "round")
    assert change.reasons == [
        {"measure": row.measure, "have": row.need, "need": row.need} for row in LEVELS[0].requirements
    ]


def test_a_day_is_counted_once(nao: Member, figures: Figures) -> None:
    give(figures, nao, 2)
    assert [count_on(0), count_on(0)] == [1, 0]
    give(figures, nao, 3)
    assert count_on(0) == 0 and level_of(nao) == 2  # the day is over: tomorrow
    assert count_on(1) == 1 and level_of(nao) == 3
    assert [(row.before, row.after) for row in TrustChange.objects.order_by("pk")] == [(0, 2), (2, 3)]


def test_a_round_that_was_cut_off_goes_on_where_it_was(figures: Figures) -> None:
    people = [make_member(f"nao{number}", trust_level=0) for number in range(5)]
    for member in people:
        give(figures, member, 1)
    with held_at(NOON):
        day = trust.today()
        first = actions.settle_batch(day=day, size=2)
        assert (first.looked_at, first.moved, first.is_over) == (2, 2, False)
        with pytest.raises(RuntimeError), open_unit():  # the worker is killed: its batch never was
            actions.settle_batch(day=day, size=2)
            raise RuntimeError("killed")
        assert [level_of(member) for member in people] == [1, 1, 0, 0, 0]
        rest = actions.settle_trust(batch=2)
    assert (rest.looked_at, rest.moved) == (3, 3)
    assert TrustChange.objects.count() == 5 and TrustRound.objects.get().done_at is not None


def test_counting_a_day_again_from_its_beginning_changes_nothing(nao: Member, figures: Figures) -> None:
    give(figures, nao, 3)
    count_on(0)
    give(figures, nao, 3, percent=50)
    count_on(1)
    before = Member.objects.values("trust_level", "trust_below_since").get(pk=nao.pk)
    TrustRound.objects.all().delete()
    assert count_on(1) == 0
    assert Member.objects.values("trust_level", "trust_below_since").get(pk=nao.pk) == before


def test_who_cannot_come_in_is_not_counted(figures: Figures) -> None:
    imported, banned, gone = (
        make_imported("Craig", origin_id="1"),
        make_member("ban", trust_level=0),
        make_member("gone", trust_level=0),
    )
    Member.objects.filter(pk=banned.pk).update(banned_at=NOON)
    Member.objects.filter(pk=gone.pk).update(is_active=False)
    for member in (imported, banned, gone):
        give(figures, member, 3)
    assert count_on(0) == 0 and not TrustChange.objects.exists()


def test_a_level_that_is_not_there_cannot_be_stored(nao: Member) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Member.objects.filter(pk=nao.pk).update(trust_level=4)
    with pytest.raises(IntegrityError), transaction.atomic():
        TrustChange.objects.create(member=nao, before=1, after=1, cause="round", at=NOON)


# -- staying, and going down


def test_levels_1_and_2_are_never_lost_by_counting(nao: Member, figures: Figures) -> None:
    give(figures, nao, 2)
    count_on(0)
    give(figures, nao, 2, percent=0)
    assert [count_on(day) for day in range(1, 60, 7)] == [0] * 9
    assert level_of(nao) == 2


def test_level_3_stays_at_nine_tenths_and_goes_after_two_weeks_below(nao: Member, figures: Figures) -> None:
    give(figures, nao, 3)
    count_on(0)
    give(figures, nao, 3, percent=90)
    assert [count_on(day) for day in range(1, 40)] == [0] * 39
    give(figures, nao, 3, percent=90, but={"reading_days": 35})  # 36 are nine tenths of 40
    assert [count_on(day) for day in range(40, 54)] == [0] * 14 and level_of(nao) == 3
    assert count_on(54) == 1 and level_of(nao) == 2
    change = TrustChange.objects.latest("pk")
    assert {"measure": "reading_days", "have": 35, "need": 40} in change.reasons


def test_who_recovers_within_the_two_weeks_begins_them_anew(nao: Member, figures: Figures) -> None:
    give(figures, nao, 3)
    count_on(0)
    give(figures, nao, 3, percent=80)
    count_on(1), count_on(13)
    give(figures, nao, 3, percent=90)
    count_on(14)
    assert Member.objects.get(pk=nao.pk).trust_below_since is None
    give(figures, nao, 3, percent=80)
    assert [count_on(15), count_on(28)] == [0, 0]
    assert count_on(29) == 1


def test_the_way_back_to_level_3_asks_for_all_of_it(nao: Member, figures: Figures) -> None:
    give(figures, nao, 3)
    count_on(0)
    give(figures, nao, 3, percent=10)
    count_on(1), count_on(15)
    assert level_of(nao) == 2
    give(figures, nao, 3, percent=95)
    assert count_on(16) == 0
    give(figures, nao, 3)
    assert count_on(17) == 1


def test_a_worker_that_slept_for_days_does_not_make_the_two_weeks_longer(nao: Member, figures: Figures) -> None:
    give(figures, nao, 3)
    count_on(0)
    give(figures, nao, 3, percent=10)
    assert count_on(1) == 0
    assert count_on(30) == 1


# -- orders make the way shorter


@pytest.fixture
def orders(figures: Figures) -> Iterator[dict[int, int]]:
    """A shop is connected."""
    delivered: dict[int, int] = {}
    levels._measures[ORDERS] = Measure(ORDERS, "orders", lambda members, span: delivered)
    return delivered


def test_without_a_shop_nobody_is_asked_for_orders(nao: Member, figures: Figures) -> None:
    give(figures, nao, 3)
    count_on(0)
    assert level_of(nao) == 3
    assert trust.overview(Member.objects.get(pk=nao.pk)).orders is None


@pytest.mark.parametrize(("number", "minutes", "level"), [(0, 9, 0), (1, 8, 0), (1, 9, 1), (9, 4, 0), (9, 5, 1)])
def test_each_order_takes_a_tenth_off_the_reading_and_half_at_most(
    nao: Member, figures: Figures, orders: dict[int, int], number: int, minutes: int, level: int
) -> None:
    orders[nao.pk] = number
    give(figures, nao, 1, but={"reading_minutes": minutes})
    count_on(0)
    assert level_of(nao) == level


def test_no_order_buys_the_good_word_of_others(nao: Member, figures: Figures, orders: dict[int, int]) -> None:
    orders[nao.pk] = 1000
    give(figures, nao, 3, but={"voices": 2})
    count_on(0)
    assert level_of(nao) == 1


# -- a manager's word


@pytest.mark.parametrize("by", ["nao", "hana", "mori"])
def test_only_a_manager_settles_a_level(
    request: pytest.FixtureRequest, nao: Member, hana: Member, mori: Member, by: str
) -> None:
    with pytest.raises(NotAllowed):
        actions.set_trust(
            by={"nao": nao, "hana": hana, "mori": mori}[by], member_id=nao.pk, level=3, lock=True, reason="so"
        )
    assert level_of(nao) == 0 and not StaffAction.objects.exists() and not TrustChange.objects.exists()


def test_managers_do_not_settle_their_own_nor_each_others(kanri: Member, ada: Member, nao: Member) -> None:
    other = make_member("kan2", role=Member.Role.MANAGER)
    for target in (kanri, other, ada):
        with pytest.raises(NotAllowed):
            actions.set_trust(by=kanri, member_id=target.pk, level=3, lock=True, reason="so")
    actions.set_trust(by=ada, member_id=kanri.pk, level=3, lock=True, reason="so")
    assert level_of(kanri) == 3


@pytest.mark.parametrize(("level", "reason", "code"), [(4, "so", "level_unknown"), (2, " ", "reason_empty")])
def test_a_level_needs_to_exist_and_a_reason(kanri: Member, nao: Member, level: int, reason: str, code: str) -> None:
    with pytest.raises(Invalid) as refusal, transaction.atomic():
        actions.set_trust(by=kanri, member_id=nao.pk, level=level, lock=True, reason=reason)
    assert refusal.value.code == code and level_of(nao) == 0 and not TrustChange.objects.exists()


def test_a_settled_level_is_left_alone_until_it_is_released(kanri: Member, nao: Member, figures: Figures) -> None:
    give(figures, nao, 2)
    actions.set_trust(by=kanri, member_id=nao.pk, level=0, lock=True, reason="advertises")
    assert count_on(0) == 0 and level_of(nao) == 0
    actions.set_trust(by=kanri, member_id=nao.pk, level=0, lock=False, reason="has stopped")
    assert count_on(1) == 1 and level_of(nao) == 2
    notes = StaffAction.objects.filter(verb="set_trust").order_by("pk")
    assert [row.detail["locked"] for row in notes] == [True, False]


def test_saying_the_same_twice_is_noted_once(kanri: Member, nao: Member) -> None:
    for _again in range(2):
        actions.set_trust(by=kanri, member_id=nao.pk, level=2, lock=True, reason="helps everybody")
    assert StaffAction.objects.count() == TrustChange.objects.count() == 1


# -- a ban


def test_a_ban_takes_the_level_and_reading_brings_the_first_back(mori: Member, nao: Member, figures: Figures) -> None:
    give(figures, nao, 2)
    count_on(0)
    actions.ban_member(by=mori, member_id=nao.pk, reason="spam")
    assert level_of(nao) == 0
    actions.unban_member(by=mori, member_id=nao.pk, reason="talked about it")
    give(figures, nao, 2, but={"calm_days": 0})
    assert count_on(1) == 1 and level_of(nao) == 1
    assert list(TrustChange.objects.order_by("pk").values_list("cause", flat=True)) == ["round", "ban", "round"]


def test_a_ban_leaves_what_a_manager_has_settled(mori: Member, kanri: Member, nao: Member) -> None:
    actions.set_trust(by=kanri, member_id=nao.pk, level=2, lock=True, reason="known to us")
    actions.ban_member(by=mori, member_id=nao.pk, reason="by mistake")
    assert level_of(nao) == 2


# -- what it gives


def test_an_office_is_trusted_with_everything(nao: Member, mori: Member) -> None:
    assert (trust_of(nao), room_of(nao).links) == (0, 2)
    mori.trust_level = 0
    assert (trust_of(mori), room_of(mori).links) == (3, None)
    nao.trust_level = 1
    assert room_of(nao).links is None


def test_a_requirement_is_never_less_than_one_however_many_orders() -> None:
    assert trust.weighing._need(Requirement("reading_minutes", 1, eased=True), 50) == 1
