"""What a member keeps for later: saved once, shown by the rules of the moment, reminded of exactly once."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test import Client
from procrastinate.contrib.django.models import ProcrastinateJob

from community.catalog.models import Item
from community.core import clock
from community.core.clock import now
from community.core.errors import Invalid, NotAllowed, NotVisible
from community.core.work import open_unit
from community.members.models import Member
from community.notifications import actions as inboxes
from community.notifications.models import Cause, Notice
from community.threads import actions, queries
from community.threads.actions.bookmarks import Said
from community.threads.models import Bookmark, Category, Thread
from community.threads.queries import moment_in, presets
from realtime.models import StreamEvent
from tests.factories import threads as make
from tests.factories.notifications import texts
from tests.notifications.jobs import do_waiting

pytestmark = pytest.mark.django_db
TOKYO = ZoneInfo("Asia/Tokyo")
BERLIN = ZoneInfo("Europe/Berlin")
SOON = timedelta(hours=2)


@pytest.fixture
def wax(ben: Member) -> Thread:
    """A thread of Ben's."""
    return make.open_thread(ben, make.make_category(), title="Which wax?")


def waiting() -> list[ProcrastinateJob]:
    return list(ProcrastinateJob.objects.filter(task_name="threads.remind", status="todo"))


def save(member: Member, thread: Thread, **said: Any) -> Bookmark:
    return actions.save_bookmark(member=member, kind="thread", target_id=thread.pk, said=Said(**said) if said else None)


def come_due(row: Bookmark) -> None:
    """The worker's clock is the database's: the job is made due, and the moment is that of the reminder."""
    assert row.job_id is not None
    ProcrastinateJob.objects.filter(pk=row.job_id).update(scheduled_at=None)
    assert row.remind_at is not None
    with clock.held_at(row.remind_at):
        do_waiting()


# --- Refused ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["thread", "post", "item", "creator"])
def test_what_is_not_there_is_not_saved(ana: Member, kind: str) -> None:
    with pytest.raises(NotVisible):
        actions.save_bookmark(member=ana, kind=kind, target_id=2**62)
    assert not Bookmark.objects.exists()


def test_what_is_not_for_them_looks_like_what_is_not_there(ana: Member, ben: Member) -> None:
    room = make.make_category(read_by=Category.OpenedBy.CREATORS)
    maker = make.make_creator(make.make_shop(), member=ben)
    hidden = make.open_thread(ben, room, creator_id=maker.pk)
    closed = make.make_item(make.make_shop(is_open=False))
    for kind, pk in (("thread", hidden.pk), ("post", make.opening(hidden).pk), ("item", closed.pk)):
        with pytest.raises(NotVisible):
            actions.save_bookmark(member=ana, kind=kind, target_id=pk)
    assert not Bookmark.objects.exists()


def test_a_visitor_saves_nothing(wax: Thread) -> None:
    from community.members.permissions import VISITOR

    with pytest.raises(NotAllowed):
        actions.save_bookmark(member=VISITOR, kind="thread", target_id=wax.pk)
    assert not Bookmark.objects.exists()


@pytest.mark.parametrize(
    ("said", "code"),
    [
        (Said(note="あ" * 281), "note_too_long"),
        (Said(remind_at=datetime(2020, 1, 1, tzinfo=UTC)), "reminder_past"),
        (Said(remind_at=datetime(2099, 1, 1, tzinfo=UTC)), "reminder_far"),
        (Said(remind_at=datetime(2099, 1, 1)), "reminder_invalid"),
    ],
)
def test_a_note_too_long_or_a_moment_that_cannot_be_leaves_nothing_behind(
    ana: Member, wax: Thread, said: Said, code: str
) -> None:
    with pytest.raises(Invalid) as refused:
        actions.save_bookmark(member=ana, kind="thread", target_id=wax.pk, said=said)
    assert refused.value.code == code
    assert not Bookmark.objects.exists() and not waiting()


def test_there_is_an_end_to_it(ana: Member, wax: Thread, bowl: Item, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("community.threads.actions.bookmarks.MOST", 1)
    save(ana, wax)
    with pytest.raises(NotAllowed) as refused:
        actions.save_bookmark(member=ana, kind="item", target_id=bowl.pk)
    assert refused.value.code == "too_many_bookmarks"
    save(ana, wax, note="what is there can still be changed")
    assert Bookmark.objects.count() == 1


# --- Saved -------------------------------------------------------------------------------------------------------


def test_saying_it_twice_changes_nothing_and_a_press_of_the_button_keeps_the_note(ana: Member, wax: Thread) -> None:
    at = now() + SOON
    first = save(ana, wax, note="for the walnut bowl", remind_at=at)
    (job,) = waiting()
    again = save(ana, wax, note="for the walnut bowl", remind_at=at)
    pressed = save(ana, wax)
    assert first.pk == again.pk == pressed.pk and pressed.note == "for the walnut bowl"
    assert [one.pk for one in waiting()] == [job.pk] == [pressed.job_id] and job.scheduled_at == at


def test_the_opening_post_stands_for_its_thread(ana: Member, wax: Thread) -> None:
    row = actions.save_bookmark(member=ana, kind="post", target_id=make.opening(wax).pk)
    assert (row.kind, row.target_id) == ("thread", wax.pk)
    assert save(ana, wax).pk == row.pk


def test_removed_and_brought_back_it_is_as_it_was_with_a_reminder_to_come(ana: Member, wax: Thread) -> None:
    at = now() + SOON
    save(ana, wax, note="wax", remind_at=at)
    assert actions.remove_bookmark(member=ana, kind="thread", target_id=wax.pk)
    assert not waiting() and queries.get_bookmark(member=ana, kind="thread", target_id=wax.pk) is None
    assert not actions.remove_bookmark(member=ana, kind="thread", target_id=wax.pk)
    row = actions.restore_bookmark(member=ana, kind="thread", target_id=wax.pk)
    assert (row.note, row.remind_at) == ("wax", at)
    assert [(one.pk, one.scheduled_at) for one in waiting()] == [(row.job_id, at)]


def test_saved_anew_it_begins_without_the_old_note(ana: Member, wax: Thread) -> None:
    save(ana, wax, note="old", remind_at=now() + SOON)
    actions.remove_bookmark(member=ana, kind="thread", target_id=wax.pk)
    row = save(ana, wax)
    assert (row.note, row.remind_at, row.job_id) == ("", None, None) and not waiting()


def test_after_a_day_there_is_nothing_to_bring_back(ana: Member, ben: Member, wax: Thread) -> None:
    save(ana, wax)
    save(ben, wax)
    actions.remove_bookmark(member=ana, kind="thread", target_id=wax.pk)
    with clock.held_at(now() + timedelta(days=1, minutes=1)):
        with pytest.raises(NotVisible):
            actions.restore_bookmark(member=ana, kind="thread", target_id=wax.pk)
        assert actions.sweep_bookmarks() == 1
    assert [row.member_id for row in Bookmark.objects.all()] == [ben.pk]


def test_all_devices_hear_what_was_saved_and_let_go_without_a_word_of_it(ana: Member, wax: Thread) -> None:
    save(ana, wax, note="secret")
    actions.remove_bookmark(member=ana, kind="thread", target_id=wax.pk)
    told = StreamEvent.objects.filter(stream=f"member.{ana.pk}", kind="bookmark").order_by("seq")
    assert [row.payload for row in told] == [
        {"kind": "thread", "id": wax.pk, "saved": True},
        {"kind": "thread", "id": wax.pk, "saved": False},
    ]


# --- Reminded ----------------------------------------------------------------------------------------------------


def test_the_reminder_stands_in_the_inbox_once_however_often_the_job_is_done(ana: Member, wax: Thread) -> None:
    row = save(ana, wax, note="for the walnut bowl", remind_at=now() + SOON)
    do_waiting()
    assert texts(ana) == []  # not before its time
    come_due(row)
    assert row.remind_at is not None and row.job_id is not None
    for _again in range(3):  # a worker that was killed before it could say that it was done
        actions.remind(bookmark_id=row.pk, at=row.remind_at)
        inboxes.settle("reminder", row.job_id)
        do_waiting()
    assert texts(ana) == ["You wanted to come back to this: Which wax?"]
    assert Cause.objects.filter(source="reminder").count() == 1 == Notice.objects.get().count
    assert Notice.objects.get().note == "for the walnut bowl"


def test_a_worker_that_dies_in_the_middle_has_told_nothing_and_the_next_one_does(ana: Member, wax: Thread) -> None:
    row = save(ana, wax, remind_at=now() + SOON)
    assert row.remind_at is not None
    with pytest.raises(ZeroDivisionError), open_unit():
        actions.remind(bookmark_id=row.pk, at=row.remind_at)
        raise ZeroDivisionError
    row.refresh_from_db()
    assert row.reminded_at is None and texts(ana) == []
    come_due(row)
    assert texts(ana) == ["You wanted to come back to this: Which wax?"]


def test_a_changed_reminder_replaces_the_job_and_the_old_one_says_nothing(ana: Member, wax: Thread) -> None:
    first, later = now() + SOON, now() + 2 * SOON
    old = save(ana, wax, remind_at=first).job_id
    row = save(ana, wax, remind_at=later)
    assert [(one.pk, one.scheduled_at) for one in waiting()] == [(row.job_id, later)] and old != row.job_id
    # The old job had begun already when the reminder was changed.
    assert not actions.remind(bookmark_id=row.pk, at=first)
    do_waiting()
    assert texts(ana) == []
    come_due(row)
    assert len(texts(ana)) == 1


def test_a_cleared_reminder_is_none(ana: Member, wax: Thread) -> None:
    at = now() + SOON
    save(ana, wax, remind_at=at)
    row = save(ana, wax, note="only this")
    assert not waiting() and row.remind_at is None
    assert not actions.remind(bookmark_id=row.pk, at=at)
    assert texts(ana) == []


def test_the_same_command_after_the_reminder_does_not_set_it_again(ana: Member, wax: Thread) -> None:
    at = now() + SOON
    row = save(ana, wax, note="x", remind_at=at)
    come_due(row)
    save(ana, wax, note="x", remind_at=at)
    assert not waiting() and len(texts(ana)) == 1


def test_another_reminder_of_the_same_thing_takes_the_place_of_the_last(ana: Member, wax: Thread) -> None:
    come_due(save(ana, wax, remind_at=now() + SOON))
    row = save(ana, wax, remind_at=now() + 2 * SOON)
    do_waiting()
    assert texts(ana) == []  # put off: what was told of it goes until then
    come_due(row)
    assert texts(ana) == ["You wanted to come back to this: Which wax?"]


def test_nobody_is_reminded_of_what_they_may_not_see_any_more(ana: Member, ben: Member, wax: Thread) -> None:
    row = save(ana, wax, note="hidden gem", remind_at=now() + SOON)
    actions.delete_post(by=ben, post_id=make.opening(wax).pk)
    come_due(row)
    assert texts(ana) == [] and not Notice.objects.filter(member=ana).exists()


def test_an_item_and_a_reply_can_be_reminded_of(ana: Member, ben: Member, wax: Thread, bowl: Item) -> None:
    reply = make.reply(ben, wax, "Beeswax, thinly.")
    do_waiting()
    for kind, pk in (("item", bowl.pk), ("post", reply.pk)):
        said = Said(remind_at=now() + SOON)
        come_due(actions.save_bookmark(member=ana, kind=kind, target_id=pk, said=said))
    assert sorted(texts(ana)) == sorted(
        f"You wanted to come back to this: {title}" for title in (bowl.title, "Which wax?")
    )


# --- Shown -------------------------------------------------------------------------------------------------------


def test_what_was_taken_down_is_a_line_without_a_word_of_it(ana: Member, ben: Member, wax: Thread, bowl: Item) -> None:
    reply = make.reply(ben, wax, "Beeswax, thinly.")
    actions.save_bookmark(member=ana, kind="post", target_id=reply.pk, said=Said(note="my words"))
    actions.save_bookmark(member=ana, kind="item", target_id=bowl.pk)
    actions.delete_post(by=ben, post_id=reply.pk)
    bowl.shop.is_open = False
    bowl.shop.save(update_fields=["is_open"])
    client = Client()
    client.force_login(ana)
    page = client.get("/bookmarks/").content.decode()
    assert "Beeswax" not in page and "Which wax?" not in page and bowl.title not in page
    assert page.count("This is not there any more") == 2 and "my words" in page
    assert client.get(f"/bookmarks/post/{reply.pk}/").status_code == 404
    told = client.get("/api/v1/bookmarks").json()["bookmarks"]
    assert {(row["title"], row["excerpt"], row["url"]) for row in told} == {("", "", None)}
    for kind, pk in (("post", reply.pk), ("item", bowl.pk)):
        assert client.post(f"/bookmarks/{kind}/{pk}/", {"do": "remove"}).status_code == 302
    assert queries.list_bookmarks(member=ana)[0] == []


def test_the_list_has_a_number_of_queries_that_does_not_grow(
    ana: Member, ben: Member, wax: Thread, django_assert_num_queries: Callable[[int], Any]
) -> None:
    shop = make.make_shop()
    for _turn in range(3):
        save(ana, make.open_thread(ben, wax.category))
        actions.save_bookmark(member=ana, kind="post", target_id=make.reply(ben, wax).pk)
        actions.save_bookmark(member=ana, kind="item", target_id=make.make_item(shop).pk)
    with django_assert_num_queries(5):  # the slice, "is she a maker?", threads, posts, items
        rows, found = queries.list_bookmarks(member=ana, size=8)
    assert len(rows) == 8 and all(row.kept for row in rows) and found.next
    rest, _end = queries.list_bookmarks(member=ana, size=8, cursor=found.next)
    assert len(rest) == 1 and {row.bookmark.kind for row in rows + rest} == {"thread", "post", "item"}


def test_lists_by_kind_and_reminders_by_their_time(ana: Member, ben: Member, wax: Thread, bowl: Item) -> None:
    save(ana, wax, remind_at=now() + 2 * SOON)
    actions.save_bookmark(member=ana, kind="item", target_id=bowl.pk, said=Said(remind_at=now() + SOON))
    actions.save_bookmark(member=ana, kind="post", target_id=make.reply(ben, wax).pk)
    shown = {
        show: [row.bookmark.kind for row in queries.list_bookmarks(member=ana, show=show)[0]]
        for show in ("all", "reminders", "threads", "replies", "items")
    }
    assert shown == {
        "all": ["post", "item", "thread"],
        "reminders": ["item", "thread"],
        "threads": ["thread"],
        "replies": ["post"],
        "items": ["item"],
    }


def test_one_question_tells_which_buttons_are_pressed(
    ana: Member, ben: Member, wax: Thread, bowl: Item, django_assert_num_queries: Callable[[int], Any]
) -> None:
    reply = make.reply(ben, wax)
    save(ana, wax, remind_at=now() + SOON)
    actions.save_bookmark(member=ben, kind="item", target_id=bowl.pk)
    client = Client()
    client.force_login(ana)
    of = f"thread:{wax.pk},post:{reply.pk},item:{bowl.pk},post:x,cat:1,item:99999999999999999999999"
    client.get("/bookmarks/marks/")  # a session notes its first use
    with django_assert_num_queries(3):  # session, member, marks
        marks = client.get("/bookmarks/marks/", {"of": of}).json()["marks"]
    assert list(marks) == [f"thread:{wax.pk}"]
    assert Client().get("/bookmarks/marks/", {"of": of}).json() == {"marks": {}}


def test_without_scripts_the_button_leads_to_the_page_of_the_bookmark(ana: Member, wax: Thread) -> None:
    client = Client(headers={"accept-language": "en"})
    client.force_login(ana)
    url = f"/bookmarks/thread/{wax.pk}/"
    page = client.get(wax.get_absolute_url()).content.decode()
    assert f'formaction="{url}" name="do" value="keep" data-bookmark="thread:{wax.pk}"' in page
    assert client.post(url, {"do": "keep"}).headers["Location"] == url
    assert "Everything I saved" in client.get(url).content.decode()
    refused = client.post(url, {"do": "change", "note": "n", "remind": "own", "at": "2020-01-01T08:00"})
    assert refused.status_code == 422 and "This moment is over already." in refused.content.decode()
    when = (now() + timedelta(days=3)).astimezone(TOKYO).strftime("%Y-%m-%dT%H:%M")
    assert client.post(url, {"do": "change", "note": "n", "remind": "own", "at": when}).status_code == 302
    row = Bookmark.objects.get()
    assert row.note == "n" and row.remind_at is not None
    assert row.remind_at.astimezone(TOKYO).strftime("%Y-%m-%dT%H:%M") == when


def test_the_api_saves_once_lists_and_lets_go(ana: Member, wax: Thread) -> None:
    client = Client()
    client.force_login(ana)
    url = f"/api/v1/bookmarks/thread/{wax.pk}"
    at = (now() + SOON).isoformat()
    answers = [
        client.put(url, {"note": "wax", "remind_at": at}, content_type="application/json").json() for _turn in "12"
    ]
    assert answers[0] == answers[1] and answers[0]["title"] == "Which wax?" and len(waiting()) == 1
    assert client.put(url, {"notes": "?"}, content_type="application/json").status_code == 422
    assert [row["note"] for row in client.get("/api/v1/bookmarks?show=reminders").json()["bookmarks"]] == ["wax"]
    assert [client.delete(url).status_code for _turn in "12"] == [204, 204]
    assert client.get("/api/v1/bookmarks").json()["bookmarks"] == [] and not waiting()


# --- Moments -----------------------------------------------------------------------------------------------------


def names(moment: str, zone: ZoneInfo = TOKYO) -> list[tuple[str, str]]:
    at = datetime.fromisoformat(moment).replace(tzinfo=zone)
    return [(one.name, one.at.strftime("%a %d %H:%M %z")) for one in presets(moment=at, zone=zone)]


def test_moments_that_are_offered_fit_the_day() -> None:
    assert names("2026-11-18T10:20") == [
        ("later", "Wed 18 13:00 +0900"),
        ("evening", "Wed 18 19:00 +0900"),
        ("tomorrow", "Thu 19 08:00 +0900"),
        ("weekend", "Sat 21 10:00 +0900"),
        ("next_week", "Mon 23 08:00 +0900"),
    ]
    assert [name for name, _at in names("2026-11-18T23:30")] == ["tomorrow", "weekend", "next_week"]
    # On a Friday, tomorrow is the weekend; from four on, "later" is the evening.
    assert [name for name, _at in names("2026-11-20T09:00")] == ["later", "evening", "tomorrow", "next_week"]
    assert [name for name, _at in names("2026-11-20T16:00")] == ["later", "tomorrow", "next_week"]
    assert names("2026-11-21T20:00") == [  # a Saturday
        ("tomorrow", "Sun 22 08:00 +0900"),
        ("next_week", "Mon 23 08:00 +0900"),
        ("next_weekend", "Sat 28 10:00 +0900"),
    ]
    assert names("2026-11-22T20:00") == [  # a Sunday: next week is tomorrow
        ("tomorrow", "Mon 23 08:00 +0900"),
        ("next_weekend", "Sat 28 10:00 +0900"),
        ("in_a_week", "Sun 29 08:00 +0900"),
    ]


def test_on_every_day_of_the_week_there_is_something_to_choose_in_the_order_of_time() -> None:
    for day in range(16, 23):
        for hour in range(24):
            offered = presets(moment=datetime(2026, 11, day, hour, 30, tzinfo=TOKYO), zone=TOKYO)
            moments = [one.at for one in offered]
            assert moments == sorted(set(moments)) and len(moments) >= 2 + (day != 20)
            assert moments[0] > datetime(2026, 11, day, hour, 30, tzinfo=TOKYO)


def test_tomorrow_at_eight_is_at_eight_though_clocks_are_changed_tonight() -> None:
    assert names("2026-10-24T12:00", BERLIN)[2] == ("tomorrow", "Sun 25 08:00 +0100")
    assert names("2026-03-28T12:00", BERLIN)[2] == ("tomorrow", "Sun 29 08:00 +0200")


@pytest.mark.parametrize(
    ("text", "utc"),
    [
        ("2026-07-01T08:00", "2026-07-01T06:00"),
        ("2026-12-01T08:00", "2026-12-01T07:00"),
        ("2026-03-29T02:30", "2026-03-29T01:30"),  # there is no such time: half past three
        ("2026-10-25T02:30", "2026-10-25T00:30"),  # there are two: the first
        ("2026-07-01T08:00+09:00", "2026-06-30T23:00"),
    ],
)
def test_an_own_time_is_that_of_where_the_member_is(text: str, utc: str) -> None:
    found = moment_in(BERLIN, text)
    assert found is not None and found.astimezone(UTC).strftime("%Y-%m-%dT%H:%M") == utc


@pytest.mark.parametrize("text", ["", "tomorrow", "2026-02-31T08:00", "0001-01-01T00:00", "9999-12-31T23:59", "own"])
def test_words_that_are_no_moment_are_none_or_refused(text: str, ana: Member, wax: Thread) -> None:
    client = Client()
    client.force_login(ana)
    answer = client.post(f"/bookmarks/thread/{wax.pk}/", {"do": "change", "remind": "own", "at": text})
    assert answer.status_code == 422 and not Bookmark.objects.exists() and connection.in_atomic_block
