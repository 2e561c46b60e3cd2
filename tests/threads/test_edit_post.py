"""Edits: when one leaves a trace, what the trace shows, and to whom."""

import time
from datetime import timedelta

import pytest

from community.core.clock import held_at
from community.core.errors import Conflict, Invalid, NotAllowed, NotVisible
from community.core.models import Picture
from community.members.models import Member
from community.threads import actions, queries
from community.threads.actions import NewPicture
from community.threads.models import Mention, Post, PostRevision, Thread
from community.threads.queries.differences import changed_characters, difference
from tests.factories import threads as make

pytestmark = pytest.mark.django_db


@pytest.fixture
def post(talk: Thread, ben: Member) -> Post:
    return make.reply(ben, talk, "I use beeswax from my uncle.")


def edit(editor: Member, post: Post, body: str, **more: object) -> Post:
    version = Post.objects.values_list("version", flat=True).get(pk=post.pk)
    return actions.edit_post(editor=editor, post_id=post.pk, body=body, **{"seen_version": version} | more)  # type: ignore[arg-type]


def test_others_cannot_change_a_post(post: Post, ana: Member) -> None:
    with pytest.raises(NotAllowed) as refusal:
        edit(ana, post, "Nonsense.")
    assert refusal.value.code == "not_yours"
    post.refresh_from_db()
    assert (post.body, post.version) == ("I use beeswax from my uncle.", 1)


def test_a_text_that_changed_meanwhile_is_not_written_over(post: Post, ben: Member) -> None:
    edit(ben, post, "I use beeswax.")
    with pytest.raises(Conflict) as refusal:
        edit(ben, post, "I use oil.", seen_version=1)
    assert refusal.value.code == "edited_meanwhile"
    post.refresh_from_db()
    assert post.body == "I use beeswax."


def test_a_locked_thread_keeps_its_posts(post: Post, talk: Thread, ben: Member, mori: Member) -> None:
    actions.lock_thread(by=mori, thread_id=talk.pk)
    with pytest.raises(NotAllowed) as refusal:
        edit(ben, post, "Changed.")
    assert refusal.value.code == "thread_locked"
    assert edit(mori, post, "Changed.").body == "Changed."


def test_a_small_change_at_once_leaves_no_scar(post: Post, ben: Member) -> None:
    with held_at(post.created_at + timedelta(seconds=300)):
        changed = edit(ben, post, "I use beeswax from my aunt, @" + ben.handle)
    assert (changed.version, changed.edit_count, changed.edited_at) == (2, 0, None)
    assert "aunt" in changed.body_html
    assert not PostRevision.objects.exists()
    assert Mention.objects.filter(post=post, member=ben).exists()


@pytest.mark.parametrize(
    ("after", "who", "body"),
    [
        (301, "ben", "I use beeswax from my uncle!"),
        (10, "ben", "I use beeswax from my uncle." + " And more." * 11),
        (10, "mori", "I use beeswax from my uncle!"),
    ],
    ids=["later", "larger", "by staff"],
)
def test_any_other_change_leaves_a_revision(
    post: Post, request: pytest.FixtureRequest, after: int, who: str, body: str
) -> None:
    editor = request.getfixturevalue(who)
    moment = post.created_at + timedelta(seconds=after)
    with held_at(moment):
        changed = edit(editor, post, body, reason="clearer")
    kept = PostRevision.objects.get()
    assert (kept.version, kept.body, kept.editor, kept.reason) == (1, post.body, editor, "clearer")
    assert (changed.version, changed.edit_count, changed.edited_at) == (2, 1, moment)


def test_saying_the_same_again_changes_nothing(post: Post, ben: Member, mori: Member) -> None:
    for editor in (ben, mori):
        assert edit(editor, post, post.body).version == 1
    assert not PostRevision.objects.exists()


def test_title_and_tags_belong_to_the_first_post(talk: Thread, post: Post, ana: Member, ben: Member) -> None:
    with pytest.raises(Invalid) as refusal:
        edit(ben, post, post.body, title="Mine now")
    assert refusal.value.code == "not_the_opening"
    opening = make.opening(talk)
    edit(ana, opening, opening.body, title="Which oil?", tags=["Oil"])
    talk.refresh_from_db()
    assert (talk.title, talk.slug) == ("Which oil?", "which-oil")
    assert [tag.name for tag in talk.tags.all()] == ["Oil"]
    [entry] = queries.revisions(post=queries.get_post(post_id=opening.pk, viewer=ben), viewer=ben).edits
    assert entry.titles == ("Which wax for walnut bowls?", "Which oil?")


def test_pictures_are_kept_added_and_let_go(talk: Thread, ben: Member, ana: Member) -> None:
    old, kept, new = make.make_upload(ben), make.make_upload(ben), make.make_upload(ben)
    post = make.reply(ben, talk, pictures=[NewPicture(old.pk), NewPicture(kept.pk)])
    with pytest.raises(Invalid):
        edit(ben, post, "x", pictures=[NewPicture(make.make_upload(ana).pk)])
    changed = edit(ben, post, "x", pictures=[NewPicture(new.pk, "a jar"), NewPicture(kept.pk)])
    assert [row.picture_id for row in changed.pictures.all()] == [new.pk, kept.pk]
    assert changed.picture_count == 2
    assert Picture.objects.get(pk=old.pk).used_at is None


def test_history_tells_each_edit_and_hides_what_staff_hid(post: Post, ben: Member, mori: Member, ana: Member) -> None:
    later = post.created_at + timedelta(hours=1)
    with held_at(later):
        edit(ben, post, "My address is 1-2-3 Kyoto.")
        edit(ben, post, "My address is a secret.")
        edit(ben, post, "My address is no secret.")
    _first, second, _third = PostRevision.objects.order_by("version")
    with pytest.raises(NotAllowed):
        actions.hide_revision(by=ben, revision_id=second.pk)
    actions.hide_revision(by=mori, revision_id=second.pk)
    found = queries.revisions(post=queries.get_post(post_id=post.pk, viewer=ana), viewer=ana).edits
    assert [(entry.version, entry.hidden, bool(entry.diff)) for entry in found] == [
        (3, False, True),
        (2, True, False),
        (1, False, False),  # the edit before it shows the hidden text as its result
    ]
    assert all("Kyoto" not in text for entry in found for _op, text in entry.diff)
    assert any("Kyoto" in text for e in queries.revisions(post=post, viewer=mori).edits for _op, text in e.diff)
    actions.hide_revision(by=mori, revision_id=second.pk, hidden=False)
    assert all(entry.diff for entry in queries.revisions(post=post, viewer=ana).edits)


def test_the_history_of_a_deleted_post_is_gone_with_it(post: Post, ben: Member, ana: Member) -> None:
    actions.delete_post(by=ben, post_id=post.pk)
    deleted = Post.objects.select_related("thread__category").get(pk=post.pk)
    with pytest.raises(NotVisible):
        queries.revisions(post=deleted, viewer=ana)


@pytest.mark.parametrize(
    ("old", "new", "steps"),
    [
        ("I like wax.", "I like oil.", [("same", "I like "), ("removed", "wax"), ("added", "oil"), ("same", ".")]),
        ("革の財布です", "布の財布です", [("removed", "革"), ("added", "布"), ("same", "の財布です")]),
        ("a\nb\n", "a\nb\nc\n", [("same", "a\nb\n"), ("added", "c\n")]),
        ("", "x", [("added", "x")]),
        ("same", "same", [("same", "same")]),
    ],
)
def test_a_difference_is_told_in_words_or_japanese_characters(old: str, new: str, steps: list) -> None:
    assert difference(old, new) == steps


@pytest.mark.timeout(5)
def test_a_difference_of_two_large_texts_stays_quick() -> None:
    old, new = "".join(chr(0x4E00 + i % 5000) for i in range(10_000)), "木" * 10_000
    steps = difference(old, new)
    assert "".join(text for op, text in steps if op != "added") == old
    assert "".join(text for op, text in steps if op != "removed") == new
    assert changed_characters(old, new) >= 19_000


@pytest.mark.parametrize(
    ("old", "new"),
    [("a\n" * 2000, "a\nb\n" * 1000), ("あ" * 1000, "あい" * 500), ("x" * 900 + "\n" + "い" * 900, "い x" * 600)],
    ids=["lines", "letters", "both"],
)
def test_texts_of_few_words_repeated_are_compared_without_delay(old: str, new: str) -> None:
    began = time.process_time()
    steps = difference(old, new)
    assert time.process_time() - began < 2  # without a limit on the steps: 10 s to some minutes
    assert "".join(text for op, text in steps if op != "added") == old
    assert "".join(text for op, text in steps if op != "removed") == new


def test_what_is_equal_at_both_ends_is_found_in_the_longest_text() -> None:
    steps = difference("あ" * 5000 + "いう" + "え" * 5000, "あ" * 5000 + "かき" + "え" * 5000)
    assert steps == [("same", "あ" * 5000), ("removed", "いう"), ("added", "かき"), ("same", "え" * 5000)]


def test_a_long_history_is_read_page_by_page_and_each_edit_once(post: Post, mori: Member) -> None:
    for number in range(1, 46):
        edit(mori, post, f"Text {number}.")
    post = queries.get_post(post_id=post.pk, viewer=mori)
    cursor, seen = "", []
    for _page in range(3):
        page = queries.revisions(post=post, viewer=mori, cursor=cursor)
        assert len(page.edits) <= 20
        seen += page.edits
        cursor = page.next or ""
    assert not cursor
    assert [view.version for view in seen] == list(range(45, 0, -1))
    told = ["".join(text for op, text in view.diff if op != "removed") for view in seen]
    assert told == [f"Text {number}." for number in range(45, 0, -1)]
