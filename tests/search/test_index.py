"""The index follows what is written, in the same transaction, and is what a rebuild would make."""

import json
from collections.abc import Callable
from importlib import import_module
from io import StringIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.db import connection

from community.catalog.actions import add_item_picture
from community.catalog.models import Item, Shop
from community.core.errors import NotAllowed
from community.core.work import open_unit
from community.members import actions as people
from community.members.models import Member
from community.search import actions as index
from community.search.actions.rebuild import rebuild
from community.search.models import Document, Rebuild
from community.search.registry import source
from community.threads import actions
from community.threads.models import Category, Thread
from tests.factories import catalog as shops
from tests.factories import threads as make
from tests.search.conftest import Find, index_as_it_is
from tests.support.images import png

pytestmark = pytest.mark.django_db


@pytest.fixture
def talk(ana: Member, square: Category) -> Thread:
    return make.open_thread(ana, square, title="藍染の手入れ", body="色落ちが心配です。", tags=["藍"])


def test_a_reply_is_found_as_soon_as_it_is_posted(talk: Thread, ben: Member, find: Find) -> None:
    post = make.reply(ben, talk, "酢を少し入れて陰干しします。")
    assert find("陰干し") == [("reply", post.pk)]


def test_a_reply_that_is_refused_is_not_in_the_index(talk: Thread, ben: Member, mori: Member) -> None:
    actions.lock_thread(by=mori, thread_id=talk.pk)
    before = index_as_it_is()
    with pytest.raises(NotAllowed):
        make.reply(ben, talk, "酢を少し。")
    assert index_as_it_is() == before


def test_what_is_taken_back_was_never_found(talk: Thread, ben: Member, find: Find) -> None:
    with pytest.raises(ValueError, match="no"), open_unit():
        make.reply(ben, talk, "酢を少し入れます。")
        raise ValueError("no")
    assert find("酢") == []


def test_an_edit_is_found_by_what_it_says_now(talk: Thread, ben: Member, find: Find) -> None:
    post = make.reply(ben, talk, "酢を少し入れます。")
    actions.edit_post(editor=ben, post_id=post.pk, body="塩を少し入れます。", seen_version=1)
    assert find("酢") == []
    assert find("塩") == [("reply", post.pk)]


def test_a_new_title_and_new_tags_are_found(talk: Thread, ana: Member, find: Find) -> None:
    first = make.opening(talk)
    actions.edit_post(
        editor=ana, post_id=first.pk, body=first.body, seen_version=1, title="草木染の手入れ", tags=["草木染"]
    )
    assert find("tag:藍", kind="thread") == []
    assert ("thread", talk.pk) in find("tag:草木染")
    assert find("藍染") == []


def test_what_is_deleted_is_not_found_and_what_is_restored_is(
    talk: Thread, ben: Member, mori: Member, find: Find
) -> None:
    post = make.reply(ben, talk, "酢を少し入れます。")
    actions.delete_post(by=ben, post_id=post.pk)
    for viewer in (ben, mori):
        assert find("酢", viewer) == []
    actions.restore_post(by=ben, post_id=post.pk)
    assert find("酢") == [("reply", post.pk)]


def test_a_thread_goes_with_all_that_was_said_in_it(talk: Thread, ana: Member, ben: Member, find: Find) -> None:
    post = make.reply(ben, talk, "酢を少し入れます。")
    actions.delete_post(by=ana, post_id=make.opening(talk).pk)
    assert not Document.objects.filter(thread_id=talk.pk).exists()
    actions.restore_post(by=ana, post_id=make.opening(talk).pk)
    assert find("酢") == [("reply", post.pk)]


def test_an_accepted_answer_is_one_and_is_none_when_it_is_taken_back(
    ana: Member, ben: Member, square: Category, find: Find
) -> None:
    thread = make.open_thread(ana, square, kind="question", title="何を塗りますか", body="くるみの器です。")
    post = make.reply(ben, thread, "蜜蝋がいいです。")
    assert find("is:unanswered") == [("thread", thread.pk)]
    actions.accept_answer(by=ana, post_id=post.pk)
    assert find("is:answered") == [("thread", thread.pk)]
    assert find("is:answer") == [("reply", post.pk)]
    actions.unaccept_answer(by=ana, thread_id=thread.pk)
    assert find("is:answer") == find("is:answered") == []


def test_a_thread_that_is_moved_is_read_by_those_who_read_there(
    talk: Thread, ben: Member, mori: Member, kanri: Member, find: Find
) -> None:
    post = make.reply(ben, talk, "酢を少し入れます。")
    backroom = make.make_category(read_by="managers")
    actions.move_thread(by=kanri, thread_id=talk.pk, category_id=backroom.pk)
    assert find("酢") == find("酢", ben) == find("酢", mori) == []
    assert find("酢", kanri) == [("reply", post.pk)]
    assert ("reply", post.pk) in find(f"in:{backroom.slug}", kanri)


def test_a_category_that_gets_other_readers_needs_no_change_of_the_index(
    talk: Thread, square: Category, kanri: Member, find: Find
) -> None:
    before = index_as_it_is()
    square.read_by = "creators"
    actions.set_up_category(by=kanri, category=square, kinds=square.kinds)
    assert find("藍染") == []
    assert index_as_it_is() == before


def test_a_ban_leaves_what_was_said_and_found(talk: Thread, ana: Member, mori: Member, find: Find) -> None:
    people.ban_member(by=mori, member_id=ana.pk, reason="spam")
    assert find("藍染")[:1] == [("thread", talk.pk)]


# --- The catalogue -------------------------------------------------------------------------------------------


def test_items_creators_and_tags_are_found(wallet: Item, find: Find) -> None:
    assert find("財布") == [("item", wallet.pk)]
    assert {kind for kind, _pk in find("革工房もり")} == {"item", "creator"}
    assert {kind for kind, _pk in find("革小物")} == {"item", "tag"}


def test_an_item_is_found_by_what_the_shop_says_now(wallet: Item, kobo: Shop, find: Find) -> None:
    shops.bring_item(kobo, "i1", title="帆布の鞄")
    assert find("財布") == []
    assert find("鞄") == [("item", wallet.pk)]


def test_threads_about_an_item_are_found_by_its_name(wallet: Item, ana: Member, square: Category, find: Find) -> None:
    thread = make.open_thread(ana, square, title="色について", body="茶色はありますか。", item_id=wallet.pk)
    assert find("財布") == [("item", wallet.pk), ("thread", thread.pk)]


def test_a_closed_shop_is_found_by_managers_alone(wallet: Item, kobo: Shop, kanri: Member, find: Find) -> None:
    Shop.objects.filter(pk=kobo.pk).update(is_open=False)
    assert find("財布") == []
    assert find("財布", kanri) == [("item", wallet.pk)]


def test_many_items_are_left_to_the_worker(kobo: Shop, run_later: Callable[[], None], find: Find) -> None:
    shops.bring_items(kobo, *({"external_id": f"i{n}", "title": f"急須 {n}"} for n in range(60)))
    assert find("急須") == []
    run_later()
    assert len(find("急須")) == 20


@pytest.fixture
def run_later() -> Callable[[], None]:
    """Do the index's waiting jobs in this transaction."""
    from community.search import tasks

    def run() -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT args FROM procrastinate_jobs WHERE task_name = 'search.index' ORDER BY id")
            for (args,) in cursor.fetchall():
                tasks.index(**json.loads(args))

    return run


# --- Rebuilding (REL-33) -------------------------------------------------------------------------------------


@pytest.fixture
def market(wallet: Item, talk: Thread, ana: Member, ben: Member, square: Category) -> None:
    """Everything that leaves a trace in the index."""
    question = make.open_thread(ana, square, kind="question", title="革の手入れ", body="何を?", item_id=wallet.pk)
    answer = make.reply(ben, question, "馬油です。")
    actions.accept_answer(by=ana, post_id=answer.pk)
    gone = make.reply(ben, talk, "忘れてください。")
    actions.delete_post(by=ben, post_id=gone.pk)
    edited = make.reply(ben, talk, "酢です。")
    actions.edit_post(editor=ben, post_id=edited.pk, body="塩です。", seen_version=1)
    away = make.open_thread(ben, square, title="さようなら", body="もう行きます。")
    actions.delete_post(by=ben, post_id=make.opening(away).pk)
    actions.restore_post(by=ben, post_id=make.opening(away).pk)


def test_a_rebuilt_index_is_the_one_that_grew(market: None) -> None:
    grown = index_as_it_is()
    assert len(grown) >= 8
    Document.objects.all().delete()
    call_command("reindex", stdout=StringIO())
    assert index_as_it_is() == grown
    assert not Rebuild.objects.exists()


def test_a_picture_that_the_shop_sends_is_in_the_index(market: None, wallet: Item, kobo: Shop) -> None:
    add_item_picture(shop=kobo, external_id="i1", upload=SimpleUploadedFile("a.png", png()))
    grown = index_as_it_is()
    assert "'@has:picture'" in Document.objects.get(kind="item", object_id=wallet.pk).words
    call_command("reindex", stdout=StringIO())
    assert index_as_it_is() == grown


def test_a_rebuild_mends_what_is_wrong_and_takes_out_what_is_gone(market: None, wallet: Item) -> None:
    grown = index_as_it_is()
    Document.objects.filter(kind="reply").update(words="'nonsense'", place="nowhere")
    Document.objects.filter(kind="item").delete()
    index.index_later("item", [])
    connection.cursor().execute(
        "INSERT INTO search_document (kind, object_id, place, created_at, length, words) "
        "VALUES ('item', 999999, 'public', now(), 1, '''ghost''')"
    )
    call_command("reindex", stdout=StringIO())
    assert index_as_it_is() == grown


def test_a_rebuild_that_was_broken_off_goes_on(market: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(import_module("community.search.actions.rebuild"), "BATCH", 1)
    grown = index_as_it_is()
    replies = source("reply")
    assert replies is not None

    def stop(kind: str, done: int) -> None:
        if done == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        rebuild(replies, progress=stop)
    assert Rebuild.objects.get(kind="reply").done == 2
    told: list[int] = []
    rebuild(replies, progress=lambda _kind, done: told.append(done))
    assert told[0] == 3
    assert index_as_it_is() == grown


def test_an_unknown_kind_is_named(market: None) -> None:
    with pytest.raises(CommandError, match="There are: item, thread, reply, creator, tag"):
        call_command("reindex", "chairs")
