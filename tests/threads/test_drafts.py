"""Drafts on the server: nobody's text is overwritten, and what was sent does not come back."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from community.core import clock, pictures
from community.core.errors import Conflict, Invalid, NotVisible
from community.core.models import Picture
from community.members.models import Member
from community.threads import actions, queries
from community.threads.actions import drafts
from community.threads.actions.drafts import Window
from community.threads.models import Category, Draft, Post, Thread
from realtime.models import StreamEvent
from tests.factories import threads as make

pytestmark = pytest.mark.django_db

HERE, THERE = "window-here", "window-there"


def save(member: Member, context: str, text: str, *, owner: str = HERE, sequence: int = 1, base: int = 0) -> int:
    fields = {"title": ["A title"], "body": [text], "tags": ["felt"]}
    window = Window(owner, sequence)
    return actions.save_draft(member=member, context=context, fields=fields, window=window, base=base)


def text_of(member: Member, context: str) -> str:
    return Draft.objects.get(member=member, context=context).body


def signed_in(member: Member) -> Client:
    client = Client()
    client.force_login(member)
    return client


def told(member: Member) -> list[dict[str, Any]]:
    rows = StreamEvent.objects.filter(stream=f"member.{member.pk}", kind="draft").order_by("seq")
    return list(rows.values_list("payload", flat=True))


# --- Refusals


@pytest.mark.parametrize("context", ["", "reply:", "reply:0", "reply:new", "edit:x", "thread:5", "thread:item-", "x:1"])
def test_a_draft_of_no_place_is_refused(ben: Member, context: str) -> None:
    with pytest.raises(Invalid):
        save(ben, context, "Words.")
    assert not Draft.objects.exists()


def test_too_much_text_and_too_many_drafts_are_refused(ben: Member, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(Invalid):
        save(ben, "thread:new", "x" * 33_000)
    monkeypatch.setattr(drafts, "DRAFTS_LIMIT", 2)
    save(ben, "reply:1", "One."), save(ben, "reply:2", "Two.")
    with pytest.raises(Invalid) as refused:
        save(ben, "reply:3", "Three.")
    assert refused.value.code == "too_many_drafts"
    save(ben, "reply:2", "Two, longer.", sequence=2, base=1)
    assert Draft.objects.count() == 2


def test_a_window_that_does_not_know_the_newest_text_is_refused(ben: Member) -> None:
    save(ben, "thread:new", "From here.")
    save(ben, "thread:new", "From there, which knew.", owner=THERE, sequence=2, base=1)
    for sequence, base in [(2, 1), (7, 1), (1, 0)]:
        with pytest.raises(Conflict) as refused:
            save(ben, "thread:new", "From here again.", sequence=sequence, base=base)
        assert refused.value.code == "draft_elsewhere"
    assert text_of(ben, "thread:new") == "From there, which knew."
    save(ben, "thread:new", "Seen and chosen.", sequence=3, base=2)
    assert text_of(ben, "thread:new") == "Seen and chosen."


def test_a_save_that_comes_twice_or_late_changes_nothing_and_is_no_conflict(ben: Member) -> None:
    save(ben, "thread:new", "One.", sequence=1)
    save(ben, "thread:new", "Three.", sequence=3, base=0)
    assert save(ben, "thread:new", "Two, overtaken.", sequence=2, base=0) == 3
    assert save(ben, "thread:new", "Three.", sequence=3, base=0) == 3
    assert text_of(ben, "thread:new") == "Three."
    assert [event["sequence"] for event in told(ben)] == [1, 3]


def test_drafts_are_for_their_writer_alone(ben: Member, mori: Member) -> None:
    save(ben, "thread:new", "Mine.")
    assert signed_in(mori).get("/drafts/?context=thread:new").status_code == 404
    assert "Mine." not in signed_in(mori).get("/drafts/").content.decode()
    assert Client().post("/drafts/save/", {"context": "thread:new"}).status_code == 403
    with pytest.raises(NotVisible):
        actions.discard_draft(member=mori, context="thread:new")
    assert Draft.objects.get().gone_at is None


@pytest.mark.parametrize("fields", ["", "[]", '{"body": "text"}', '{"body": [1]}', "{"])
def test_a_malformed_save_is_refused(ben: Member, fields: str) -> None:
    sent = {"context": "thread:new", "draft": f"{HERE}:1", "base": 0, "fields": fields}
    answer = signed_in(ben).post("/drafts/save/", sent, headers={"Accept": "application/json"})
    assert answer.status_code == 422
    assert not Draft.objects.exists()


# --- Sending


def send(client: Client, thread: Thread, body: str, draft: str) -> Any:
    return client.post(f"/threads/{thread.pk}/reply/", {"body": body, "draft": draft})


def test_a_sent_draft_is_gone_and_no_late_save_brings_it_back(talk: Thread, ben: Member) -> None:
    context = f"reply:{talk.pk}"
    save(ben, context, "Almost ready.")
    assert send(signed_in(ben), talk, "Ready.", f"{HERE}:2").status_code == 302
    late = [(HERE, 2, 1), (HERE, 2, 0), (THERE, 2, 1), (THERE, 9, 1), (THERE, 9, 0)]
    for owner, sequence, base in late:
        with pytest.raises(Conflict) as refused:
            save(ben, context, "Almost ready.", owner=owner, sequence=sequence, base=base)
        assert refused.value.code == "draft_gone"
    assert queries.list_drafts(member=ben) == []
    assert told(ben)[-1] == {"context": context, "sequence": 3}
    assert save(ben, context, "The next one.", sequence=4, base=1) == 4, "the same window goes on"


def test_the_first_save_that_is_still_on_its_way_comes_too_late(talk: Thread, ben: Member) -> None:
    assert send(signed_in(ben), talk, "Ready.", f"{HERE}:1").status_code == 302
    with pytest.raises(Conflict):
        save(ben, f"reply:{talk.pk}", "Ready.")
    assert not Draft.objects.filter(gone_at=None).exists()


def test_what_another_window_has_written_since_is_left_to_it(talk: Thread, ben: Member) -> None:
    context = f"reply:{talk.pk}"
    save(ben, context, "From here.")
    save(ben, context, "Another text, from there.", owner=THERE, sequence=5, base=1)
    send(signed_in(ben), talk, "From here.", f"{HERE}:1")
    assert Post.objects.filter(thread=talk).count() == 2
    assert text_of(ben, context) == "Another text, from there."


def test_a_refused_reply_keeps_its_draft(locked_thread: Thread, ben: Member) -> None:
    save(ben, f"reply:{locked_thread.pk}", "Too late?")
    assert send(signed_in(ben), locked_thread, "Too late?", f"{HERE}:1").status_code == 403
    assert text_of(ben, f"reply:{locked_thread.pk}") == "Too late?"
    page = signed_in(ben).get("/drafts/").content.decode()
    assert "Too late?</pre>" in page, "there is no form any more to read it in"
    assert "#reply" not in page


def test_a_reply_without_a_draft_leaves_no_row(talk: Thread, ben: Member) -> None:
    for draft in ("", "nonsense", f"{HERE}:x", f":{3}", f"{HERE}:{2**31}", "öäü:1"):
        send(signed_in(ben), talk, f"With {draft!r}.", draft)
    assert not Draft.objects.exists()


def test_edits_and_new_threads_settle_their_drafts(talk: Thread, square: Category, ana: Member) -> None:
    post, client = make.opening(talk), signed_in(ana)
    save(ana, f"edit:{post.pk}", "Better."), save(ana, "thread:new", "A new one.")
    said = {"title": talk.title, "body": "Better.", "tags": "", "seen_version": 1, "draft": f"{HERE}:1"}
    assert client.post(f"/posts/{post.pk}/edit/", said).status_code == 302
    said = {"kind": "talk", "category": square.pk, "title": "New", "body": "A new one.", "draft": f"{HERE}:1"}
    assert client.post("/threads/new/", said).status_code == 302
    assert queries.list_drafts(member=ana) == []


# --- Pages


def test_a_refused_save_is_told_what_stands_there(ben: Member) -> None:
    save(ben, "thread:new", "From there.", owner=THERE)
    sent = {"context": "thread:new", "draft": f"{HERE}:1", "base": 0, "fields": json.dumps({"body": ["From here."]})}
    answer = signed_in(ben).post("/drafts/save/", sent, headers={"Accept": "application/json"})
    assert answer.status_code == 409
    theirs = answer.json()["theirs"]
    assert (theirs["sequence"], theirs["gone"]) == (1, False)
    assert theirs["fields"] == {"title": ["A title"], "body": ["From there."], "tags": ["felt"]}


def test_what_the_database_cannot_keep_is_left_out(ben: Member) -> None:
    fields = json.dumps({"body": ["a\0b\ud800c"], "ta\0gs": ["\0"]})
    sent = {"context": "thread:new", "draft": f"{HERE}:1", "base": 0, "fields": fields}
    assert signed_in(ben).post("/drafts/save/", sent).status_code == 200
    draft = Draft.objects.get()
    assert (draft.body, draft.extra) == ("abc", {"tags": [""]})


def test_the_list_says_where_each_draft_belongs(
    talk: Thread, question: Thread, office: Category, kanri: Member, ana: Member
) -> None:
    item = question.item
    assert item is not None
    secret = make.open_thread(kanri, office)
    post = make.opening(talk)
    contexts = [f"reply:{talk.pk}", f"edit:{post.pk}", f"thread:item-{item.pk}", "thread:new", f"reply:{secret.pk}"]
    for context in contexts:
        save(ana, context, f"About {context}.")
    html = signed_in(ana).get("/drafts/").content.decode()
    for words in (f"A reply to “{talk.title}”", "A change to post 1", f"A new thread about “{item.title}”"):
        assert words in html
    assert "A reply in a thread that is no longer there" in html
    assert secret.title not in html.replace(talk.title, "")
    assert html.index("About thread:new.") < html.index(f"About reply:{talk.pk}."), "the newest first"


def test_a_deleted_draft_comes_back_with_undo(ben: Member) -> None:
    save(ben, "thread:new", "Perhaps.")
    client = signed_in(ben)
    html = client.post("/drafts/discard/", {"context": "thread:new"}, follow=True).content.decode()
    assert "Perhaps." not in html
    assert 'formaction="/drafts/restore/"' in html
    client.post("/drafts/restore/", {"context": "thread:new"})
    assert "Perhaps." in client.get("/drafts/").content.decode()
    assert client.post("/drafts/restore/", {"context": "thread:new"}).status_code == 404


def test_a_thread_page_says_which_draft_there_is(talk: Thread, ben: Member) -> None:
    client, path = signed_in(ben), talk.get_absolute_url()
    assert 'data-draft-sequence="0"' in client.get(path).content.decode()
    save(ben, f"reply:{talk.pk}", "Perhaps.")
    assert 'data-draft-sequence="1" data-draft-there' in client.get(path).content.decode()
    assert "data-draft-sequence" not in Client().get(path).content.decode()


# --- Time


def test_old_drafts_are_swept_and_what_was_put_away_loses_its_text(ben: Member) -> None:
    for context in ("reply:1", "reply:2", "reply:3", "reply:4"):
        save(ben, context, "Words.")
    actions.discard_draft(member=ben, context="reply:2"), actions.discard_draft(member=ben, context="reply:3")
    at = clock.now()
    Draft.objects.filter(context="reply:1").update(updated_at=at - timedelta(days=91))
    Draft.objects.filter(context="reply:2").update(gone_at=at - timedelta(days=2))
    Draft.objects.filter(context="reply:3").update(gone_at=at - timedelta(days=8))
    assert actions.sweep_drafts() == 2
    assert dict(Draft.objects.values_list("context", "body")) == {"reply:2": "", "reply:4": "Words."}


def test_pictures_of_a_draft_stay_while_it_lives(ben: Member, mori: Member) -> None:
    kept, left = make.make_upload(ben), make.make_upload(ben)
    fields = {"body": ["Look."], "kept_picture": [str(kept.pk)]}
    actions.save_draft(member=ben, context="thread:new", fields=fields, window=Window(HERE, 1), base=0)
    # Somebody else's draft keeps no picture that is not theirs.
    foreign = {"body": ["Look."], "kept_picture": [str(left.pk)]}
    actions.save_draft(member=mori, context="thread:new", fields=foreign, window=Window(HERE, 1), base=0)
    Picture.objects.update(created_at=clock.now() - timedelta(days=30))
    assert pictures.sweep() == 1
    assert list(Picture.objects.values_list("pk", flat=True)) == [kept.pk]
    Draft.objects.all().delete()
    assert pictures.sweep() == 1


def test_the_sweep_looks_beyond_pictures_that_are_kept(ben: Member, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pictures, "SWEPT_AT_ONCE", 2)
    uploads = [make.make_upload(ben) for _ in range(5)]
    fields = {"body": ["Look."], "kept_picture": [str(upload.pk) for upload in uploads[:4]]}
    actions.save_draft(member=ben, context="thread:new", fields=fields, window=Window(HERE, 1), base=0)
    Picture.objects.update(created_at=clock.now() - timedelta(days=30))
    assert pictures.sweep() == 1
    assert Picture.objects.count() == 4
