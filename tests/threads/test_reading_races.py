"""Two devices of one member at the same moment: what was read never goes back, and no draft overwrites another."""

from threading import Barrier

import pytest
from django.db import transaction

from community.core.clock import now
from community.core.errors import Conflict
from community.core.work import open_unit
from community.members.models import Member
from community.threads import actions
from community.threads.actions.drafts import Window
from community.threads.models import Draft, Post, ReadPosition, Thread
from realtime.models import StreamEvent
from tests.factories import threads as make
from tests.threads.test_races import at_once, of

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def long_talks(talk: Thread, ana: Member) -> list[Thread]:
    """Two threads of twelve posts each."""
    threads = [talk, make.open_thread(ana, talk.category, title="And for cherry?")]
    for thread in threads:
        for _ in range(11):
            make.reply(ana, thread)
    return threads


def test_control_a_position_that_is_looked_at_and_then_written_goes_back(
    long_talks: list[Thread], mori: Member
) -> None:
    """What the guarded statement is for."""
    thread = long_talks[0]
    ReadPosition.objects.create(member=mori, thread=thread, number=1, at=now())
    looked, first = Barrier(2), Barrier(2)

    def look_and_write(number: int, *, waits: bool) -> None:
        with transaction.atomic():
            there = ReadPosition.objects.get(member=mori, thread=thread)
            looked.wait()
            if waits:
                first.wait()
            if there.number < number:
                ReadPosition.objects.filter(pk=there.pk).update(number=number)
        if not waits:
            first.wait()

    at_once([lambda: look_and_write(9, waits=False), lambda: look_and_write(4, waits=True)])
    assert ReadPosition.objects.get(member=mori, thread=thread).number == 4


def test_twelve_reports_of_two_devices_in_any_order_end_at_the_highest(long_talks: list[Thread], mori: Member) -> None:
    one, two = long_talks

    def report(number: int) -> dict[int, int]:
        threads = (one, two) if number % 2 else (two, one)
        return actions.mark_read(member=mori, reached={thread.pk: number for thread in threads})

    answers = at_once([lambda n=number: report(n) for number in (7, 2, 12, 3, 9, 1, 11, 4, 10, 5, 8, 6)])
    assert all(isinstance(answer, dict) for answer in answers)
    assert set(ReadPosition.objects.filter(member=mori).values_list("number", flat=True)) == {12}
    told = StreamEvent.objects.filter(stream=f"member.{mori.pk}", kind="read").order_by("seq")
    for thread in long_talks:
        numbers = [event.payload["number"] for event in told if event.payload["thread"] == thread.pk]
        assert numbers == sorted(numbers), "every device hears of a rising position only"
        assert numbers[-1] == 12


def test_a_report_and_a_reply_of_the_same_member_do_not_wait_for_each_other(
    long_talks: list[Thread], mori: Member
) -> None:
    one, two = long_talks
    both = {one.pk: 12, two.pk: 12}
    works = [lambda n=n: actions.mark_read(member=mori, reached=dict.fromkeys(both, n)) for n in (12, 11, 10, 9)]
    answers = at_once([*works, lambda: make.reply(mori, one), lambda: make.reply(mori, two)])
    assert [answer for answer in answers if isinstance(answer, Exception)] == []


def test_control_a_draft_that_is_looked_at_and_then_written_loses_a_text(ben: Member) -> None:
    """What sequence and owner in the statement are for."""
    save_draft(ben, "Begun.", owner="first", sequence=1, base=0)
    looked = Barrier(2)

    def look_and_write(text: str) -> str:
        with transaction.atomic():
            there = Draft.objects.get(member=ben)
            looked.wait()
            Draft.objects.filter(pk=there.pk).update(body=text, sequence=there.sequence + 1)
        return text

    texts = at_once([lambda: look_and_write("One."), lambda: look_and_write("Two.")])
    assert texts == ["One.", "Two."], "both were told that it is kept"
    assert Draft.objects.get(member=ben).sequence == 2, "and one of them is not"


def test_of_eight_windows_that_build_on_one_text_one_is_kept_and_seven_are_told(ben: Member) -> None:
    save_draft(ben, "Begun.", owner="first", sequence=1, base=0)
    answers = at_once([lambda n=n: save_draft(ben, f"Text {n}.", owner=f"w{n}", sequence=2, base=1) for n in range(8)])
    assert (of(int, answers), of(Conflict, answers)) == (1, 7)
    winner = next(n for n, answer in enumerate(answers) if answer == 2)
    assert Draft.objects.get(member=ben).body == f"Text {winner}."


def test_of_eight_windows_that_begin_one_is_kept(ben: Member) -> None:
    answers = at_once([lambda n=n: save_draft(ben, f"Text {n}.", owner=f"w{n}", sequence=1, base=0) for n in range(8)])
    assert (of(int, answers), of(Conflict, answers)) == (1, 7)
    assert Draft.objects.count() == 1


def test_a_post_and_the_saves_around_it_never_leave_the_sent_text_behind(talk: Thread, ben: Member) -> None:
    context = f"reply:{talk.pk}"

    def post() -> Post:
        with open_unit(whole=True):
            actions.settle_draft(member_id=ben.pk, context=context, window=Window("w", 6))
            return make.reply(ben, talk, "Sent.")

    saves = [lambda n=n: save_draft(ben, "Sent.", owner="w", sequence=n, base=0, context=context) for n in range(1, 7)]
    answers = at_once([*saves[:3], post, *saves[3:]])
    assert of(Post, answers) == 1
    assert Draft.objects.get(member=ben).gone_at is not None
    assert Draft.objects.get(member=ben).body == ""


def save_draft(member: Member, text: str, *, owner: str, sequence: int, base: int, context: str = "thread:new") -> int:
    window = Window(owner, sequence)
    return actions.save_draft(member=member, context=context, fields={"body": [text]}, window=window, base=base)
