"""Who is told of what, once, and what is taken back."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from community.catalog.models import Creator, Item
from community.core.clock import held_at, now
from community.members import actions as members
from community.members.models import Member
from community.notifications import actions
from community.notifications.actions.preferences import Ways
from community.notifications.models import Cause, Notice
from community.threads import actions as threads
from community.threads.models import Category, Thread
from realtime.models import StreamEvent
from tests.factories import threads as make
from tests.factories.members import make_imported, make_member
from tests.factories.notifications import assert_counts_are_exact, follow, texts, unread

pytestmark = pytest.mark.django_db
Settled = Callable[[], int]


@pytest.fixture(autouse=True)
def exact(db: None) -> object:
    yield
    assert_counts_are_exact()


# --- Nobody is told --------------------------------------------------------------------------------------------


def test_nobody_is_told_of_what_they_did_themselves(ana: Member, wax: Thread, settled: Settled) -> None:
    make.reply(ana, wax, f"I mean it, @{ana.handle}.")
    threads.react(member=ana, post_id=make.reply(make_member("xeno"), wax).pk, kind="heart", on=True)
    settled()
    assert texts(ana) == ["Xeno replied to you: Which wax?"]


def test_nobody_hears_of_somebody_with_whom_there_is_a_block(
    ana: Member, ben: Member, cleo: Member, wax: Thread, settled: Settled
) -> None:
    members.block(by=ana, member_id=ben.pk)
    members.block(by=cleo, member_id=ana.pk)
    make.reply(ben, wax)
    make.reply(cleo, wax)
    settled()
    assert texts(ana) == [] and unread(ana) == 0 and not Cause.objects.exists()


def test_a_block_takes_back_what_was_told_and_only_that(
    ana: Member, ben: Member, cleo: Member, wax: Thread, settled: Settled
) -> None:
    make.reply(ben, wax)
    make.reply(cleo, wax)
    settled()
    members.block(by=ben, member_id=ana.pk)
    assert texts(ana) == ["Cleo replied to you: Which wax?"] and unread(ana) == 1


def test_nobody_is_told_of_a_thread_they_may_not_see(
    ana: Member, ben: Member, sara: Member, maker: Creator, settled: Settled
) -> None:
    room = make.make_category(read_by=Category.OpenedBy.CREATORS)
    follow([ana, ben], "category", room.pk)
    thread = make.open_thread(sara, room, body=f"For us makers, @{ben.handle}.")
    settled()
    assert texts(ana) == texts(ben) == [] and not Notice.objects.exists()
    assert thread.pk


def test_who_cannot_sign_in_has_no_inbox(ana: Member, wax: Thread, settled: Settled) -> None:
    ghost, banned = make_imported("ghost", origin_id="7"), make_member("gone")
    Member.objects.filter(pk=banned.pk).update(banned_at=now())
    make.reply(ana, wax, f"@{ghost.handle} @{banned.handle}")
    settled()
    assert not Cause.objects.exists()


def test_a_muted_thread_and_a_muted_person_are_silent(
    ana: Member, ben: Member, cleo: Member, wax: Thread, settled: Settled
) -> None:
    follow([ana], "thread", wax.pk, "mute")
    follow([cleo], "member", ben.pk, "mute")
    make.reply(ben, wax, f"@{ana.handle} @{cleo.handle}")
    settled()
    assert texts(ana) == texts(cleo) == []


def test_what_was_switched_off_is_not_told(ana: Member, ben: Member, wax: Thread, settled: Settled) -> None:
    off = Ways(site=False, mail=True, push=True)
    actions.set_preferences(
        member=ana, ways={"reply": off, "decision": off}, digest="none", quiet_from=None, quiet_until=None
    )
    mori = make_member("mori", role="moderator")
    make.reply(ben, wax)
    threads.delete_post(by=mori, post_id=make.opening(wax).pk, reason="Twice the same")
    settled()
    assert texts(ana) == ["The team took your post down: Which wax?"]  # that one stays


def test_what_is_old_is_not_told_for_the_first_time(
    ana: Member, ben: Member, square: Category, settled: Settled
) -> None:
    with held_at(now() - timedelta(days=8)):
        make.reply(ben, make.open_thread(ana, square))
    settled()
    assert texts(ana) == []


# --- Somebody is told --------------------------------------------------------------------------------------------


def test_the_one_spoken_to_is_told_once_and_by_what_concerns_them_most(
    ana: Member, ben: Member, cleo: Member, wax: Thread, settled: Settled
) -> None:
    settled()
    follow([ben, cleo], "thread", wax.pk)
    mine = make.reply(ben, wax)
    settled()
    make.reply(cleo, wax, f"> The same here.\n\nSo do I, @{ben.handle}.", reply_to_id=mine.pk)
    settled()
    assert texts(ben) == ["Cleo quoted you: Which wax?"]
    assert texts(cleo) == ["Ben wrote in a thread you watch: Which wax?"]
    assert texts(ana) == ["Cleo and Ben replied to you: Which wax?"]
    assert unread(ana) == 1


def test_many_are_gathered_in_one_line(ana: Member, wax: Thread, settled: Settled) -> None:
    for name in ("one", "two", "three", "four"):
        threads.react(member=make_member(name), post_id=make.opening(wax).pk, kind="heart", on=True)
    settled()
    assert texts(ana) == ["Four and 3 others reacted to your post: Which wax?"]
    assert unread(ana) == 1


def test_once_read_a_line_stays_and_another_begins(
    ana: Member, ben: Member, cleo: Member, wax: Thread, settled: Settled
) -> None:
    make.reply(ben, wax)
    settled()
    assert actions.mark_all_read(member=ana, until=now()) == 0
    make.reply(cleo, wax)
    settled()
    assert texts(ana) == ["Cleo replied to you: Which wax?", "Ben replied to you: Which wax?"]
    assert texts(ana, unread=True) == ["Cleo replied to you: Which wax?"]


def test_levels_say_how_much_is_heard(ana: Member, ben: Member, square: Category, bowl: Item, settled: Settled) -> None:
    watcher, tracker, normal, muter = (make_member(name) for name in ("watcher", "tracker", "normal", "muter"))
    follow([watcher, normal], "item", bowl.pk)
    follow([tracker], "item", bowl.pk, "track")
    follow([muter], "item", bowl.pk)
    follow([muter], "category", square.pk, "mute")
    thread = make.open_thread(ana, square, title="Is it light?", item_id=bowl.pk)
    follow([normal], "thread", thread.pk, "normal")
    settled()
    assert texts(watcher) == texts(tracker) == ["Ana opened a thread: Is it light?"]
    make.reply(ben, thread)
    settled()
    assert texts(watcher)[0] == "Ben wrote in a thread you watch: Is it light?"
    assert len(texts(tracker)) == 1 and texts(muter) == texts(normal) == []
    quiet = dict(Notice.objects.values_list("member__handle", "quiet").distinct())
    assert quiet == {"watcher": False, "tracker": True, "sara": False, "ana": False}


def test_the_maker_hears_of_threads_about_their_work(
    ana: Member, sara: Member, square: Category, bowl: Item, settled: Settled
) -> None:
    make.open_thread(ana, square, title="Is it light?", item_id=bowl.pk)
    settled()
    assert texts(sara) == ["Ana opened a thread about your work: Is it light?"]


def test_followers_of_a_maker_hear_of_new_works_in_one_line(ana: Member, settled: Settled) -> None:
    from tests.factories import catalog as shops

    shop = shops.make_shop("kobo")
    maker = shops.make_creator(shop, "c1", name="Sara")
    follow([ana], "creator", maker.pk)
    shops.bring_items(shop, *({"external_id": f"i{n}", "title": f"Bowl {n}", "creator": "c1"} for n in range(3)))
    settled()
    assert texts(ana) == ["3 new works are here: Sara"]
    shops.bring_item(shop, "i0", title="Bowl 0", creator="c1", price="900")  # changed, not new
    settled()
    assert texts(ana) == ["3 new works are here: Sara"]
    from community.catalog import actions as catalog

    catalog.withdraw_item(shop=shop, external_id="i1")
    settled()
    assert texts(ana) == ["2 new works are here: Sara"]


def test_followers_of_a_shop_hear_of_new_works_once_though_they_follow_the_maker_too(
    ana: Member, ben: Member, mori: Member, settled: Settled
) -> None:
    from tests.factories import catalog as shops

    shop = shops.make_shop("kobo")
    maker = shops.make_creator(shop, "c1", name="Sara")
    follow([ana, ben], "shop", shop.pk)
    follow([ben], "creator", maker.pk)
    shops.bring_item(shop, "i1", title="Bowl", creator="c1")
    settled()
    assert texts(ana) == texts(ben) == ["A new work is here: Sara"]
    assert texts(mori) == [], "who follows neither hears nothing"
    shops.bring_item(shop, "i2", title="Stool of an unknown hand")
    settled()
    assert texts(ana) == texts(ben)
    assert len(texts(ana)) == 2
    shops.bring_item(shops.make_shop("else"), "i3", title="Vase")
    settled()
    assert len(texts(ana)) == len(texts(ben)) == 2


def test_an_accepted_answer_and_a_locked_thread_are_told_while_they_are_so(
    ana: Member, ben: Member, mori: Member, square: Category, settled: Settled
) -> None:
    question = make.open_thread(ana, square, kind="question", title="Why?")
    answer = make.reply(ben, question)
    threads.accept_answer(by=ana, post_id=answer.pk)
    threads.lock_thread(by=mori, thread_id=question.pk)
    settled()
    assert texts(ben) == ["Your reply is the accepted answer: Why?"]
    assert "The team locked your thread: Why?" in texts(ana)
    threads.unaccept_answer(by=ana, thread_id=question.pk)
    threads.lock_thread(by=mori, thread_id=question.pk, on=False)
    settled()
    assert texts(ben) == [] and texts(ana) == ["Ben replied to you: Why?"]


# --- Taken back ----------------------------------------------------------------------------------------------------


def test_what_is_deleted_is_taken_back_and_comes_back_with_it(
    ana: Member, ben: Member, cleo: Member, wax: Thread, settled: Settled
) -> None:
    first, _second = make.reply(ben, wax), make.reply(cleo, wax)
    threads.react(member=ana, post_id=first.pk, kind="heart", on=True)
    settled()
    threads.delete_post(by=ben, post_id=first.pk)
    settled()
    assert texts(ana) == ["Cleo replied to you: Which wax?"] and texts(ben) == [] and unread(ben) == 0
    threads.restore_post(by=ben, post_id=first.pk)
    settled()
    assert texts(ana) == ["Cleo and Ben replied to you: Which wax?"]
    assert texts(ben) == ["Ana reacted to your post: Which wax?"] and unread(ben) == 1


def test_what_was_deleted_before_anybody_heard_of_it_is_never_told(
    ana: Member, ben: Member, wax: Thread, settled: Settled
) -> None:
    threads.delete_post(by=ben, post_id=make.reply(ben, wax).pk)
    settled()
    assert not Notice.objects.exists()


def test_a_reaction_taken_back_is_taken_back(
    ana: Member, ben: Member, cleo: Member, wax: Thread, settled: Settled
) -> None:
    post = make.opening(wax)
    for who, kind in ((ben, "heart"), (ben, "clap"), (cleo, "heart")):
        threads.react(member=who, post_id=post.pk, kind=kind, on=True)
    threads.react(member=ben, post_id=post.pk, kind="heart", on=False)
    settled()
    assert texts(ana) == ["Cleo and Ben reacted to your post: Which wax?"]  # the clap is still there
    threads.react(member=ben, post_id=post.pk, kind="clap", on=False)
    settled()
    assert texts(ana) == ["Cleo reacted to your post: Which wax?"]


def test_a_thread_that_goes_takes_its_notices_along(ana: Member, ben: Member, wax: Thread, settled: Settled) -> None:
    make.reply(ben, wax, f"@{ana.handle}, look.")
    settled()
    threads.delete_post(by=ana, post_id=make.opening(wax).pk)
    settled()
    assert texts(ana) == [] and unread(ana) == 0
    threads.restore_post(by=ana, post_id=make.opening(wax).pk)
    settled()
    assert texts(ana) == ["Ben mentioned you: Which wax?"] and unread(ana) == 1


def test_a_thread_moved_out_of_sight_takes_its_notices_along(
    ana: Member, ben: Member, mori: Member, wax: Thread, settled: Settled
) -> None:
    make.reply(ana, wax, f"@{ben.handle}, look.")
    settled()
    room = make.make_category(read_by=Category.OpenedBy.CREATORS)
    threads.move_thread(by=mori, thread_id=wax.pk, category_id=room.pk)
    assert texts(ben) == ["gone"]  # at once, by the rules asked when it is shown
    settled()
    assert texts(ben) == [] and unread(ben) == 0


def test_a_mention_edited_in_or_out_counts_as_it_now_stands(
    ana: Member, ben: Member, cleo: Member, wax: Thread, settled: Settled
) -> None:
    post = make.reply(ana, wax, f"@{ben.handle}, look.")
    settled()
    threads.edit_post(editor=ana, post_id=post.pk, body=f"@{cleo.handle}, look.", seen_version=1)
    settled()
    assert texts(ben) == [] and texts(cleo) == ["Ana mentioned you: Which wax?"]


# --- Exactly once, and live ------------------------------------------------------------------------------------------


def test_a_job_done_again_changes_nothing(ana: Member, ben: Member, wax: Thread, settled: Settled) -> None:
    post = make.reply(ben, wax)
    settled()
    before = list(Notice.objects.values()), list(Cause.objects.values()), StreamEvent.objects.count()
    actions.settle("post", post.pk)
    actions.settle("post", post.pk)
    assert (list(Notice.objects.values()), list(Cause.objects.values()), StreamEvent.objects.count()) == before


def test_every_change_of_the_number_is_told_to_the_members_own_stream(
    ana: Member, ben: Member, wax: Thread, settled: Settled
) -> None:
    make.reply(ben, wax)
    settled()
    actions.mark_all_read(member=ana, until=now())
    told = StreamEvent.objects.filter(stream=f"member.{ana.pk}", kind="inbox").order_by("seq")
    assert [event.payload for event in told] == [{"unread": 1}, {"unread": 0}]
