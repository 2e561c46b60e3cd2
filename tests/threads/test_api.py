"""Threads over HTTP: sessions, tokens, shapes, and the nine cases of a command sent twice (REL-4)."""

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client

from community.core import idempotency
from community.core.errors import Invalid
from community.core.models import IdempotencyKey
from community.members.models import Member
from community.threads import actions, api
from community.threads.models import Category, Post, Thread
from tests.factories.threads import make_creator, make_item, make_shop

pytestmark = pytest.mark.django_db

REPLY = {"body": "Oil, **twice** a year."}


def signed_in(member: Member, **options: Any) -> Client:
    client = Client(**options)
    client.force_login(member)
    return client


def send(client: Client, method: str, path: str, body: Any = None, *, key: str = "", **headers: str) -> HttpResponse:
    given = {"Idempotency-Key": key, **headers} if key else headers
    data = json.dumps(body) if body is not None else ""
    kind = "application/json" if body is not None else ""
    return client.generic(method, f"/api/v1{path}", data, content_type=kind, headers=given)


@pytest.fixture
def bens(ben: Member) -> Client:
    return signed_in(ben)


@pytest.fixture
def post(bens: Client, talk: Thread) -> Callable[..., HttpResponse]:
    def send_reply(key: str, body: Any = None) -> HttpResponse:
        return send(bens, "POST", f"/threads/{talk.pk}/posts", body or REPLY, key=key)

    return send_reply


def replies(thread: Thread) -> int:
    return Post.objects.filter(thread=thread, number__gt=1).count()


# --- The nine cases ------------------------------------------------------------------------------------------


def test_case_1_done_once_and_answered_twice_to_the_byte(post: Callable[..., HttpResponse], talk: Thread) -> None:
    key = str(uuid4())
    first, second = post(key), post(key)
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.content == second.content
    assert first["Location"] == second["Location"]
    assert second["Idempotency-Replayed"] == "true"
    assert replies(talk) == 1
    assert first.json()["body_html"] == "<p>Oil, <strong>twice</strong> a year.</p>"


def test_case_2_a_refusal_before_the_work_uses_up_no_key(post: Callable[..., HttpResponse], talk: Thread) -> None:
    key = str(uuid4())
    early = post(key, {"text": "no body"})
    assert early.status_code == 422
    assert early["Content-Type"] == "application/problem+json"
    assert not IdempotencyKey.objects.exists()
    assert post(key).status_code == 201
    assert replies(talk) == 1


def test_case_3_a_refusal_in_the_work_stands(post: Callable[..., HttpResponse], talk: Thread, mori: Member) -> None:
    actions.lock_thread(by=mori, thread_id=talk.pk)
    key = str(uuid4())
    first = post(key)
    actions.lock_thread(by=mori, thread_id=talk.pk, on=False)
    second = post(key)
    assert (first.status_code, first.json()["code"]) == (403, "thread_locked")
    assert first.content == second.content
    assert second.status_code == 403
    assert replies(talk) == 0
    assert post(str(uuid4())).status_code == 201


def test_case_4_a_refusal_after_the_work_takes_the_work_back(
    post: Callable[..., HttpResponse], talk: Thread, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_args: Any) -> None:
        assert replies(talk) == 1
        raise Invalid("too late", code="too_late")

    key = str(uuid4())
    with monkeypatch.context() as patched:
        patched.setattr(api.PostOut, "of", refuse)
        first = post(key)
    assert (first.status_code, first.json()["code"]) == (422, "too_late")
    assert replies(talk) == 0
    assert post(key).content == first.content
    assert replies(talk) == 0


def test_case_5_a_key_with_another_body_is_refused(post: Callable[..., HttpResponse], talk: Thread) -> None:
    key = str(uuid4())
    post(key)
    other = post(key, {"body": "Something else."})
    assert (other.status_code, other.json()["code"]) == (422, "key_reused")
    assert replies(talk) == 1


def test_case_6_rules_that_changed_do_not_change_an_answer(
    post: Callable[..., HttpResponse], talk: Thread, mori: Member
) -> None:
    key = str(uuid4())
    first = post(key)
    actions.lock_thread(by=mori, thread_id=talk.pk)
    second = post(key)
    assert (second.status_code, second.content) == (201, first.content)


def test_case_7_a_crash_before_the_commit_leaves_nothing(
    post: Callable[..., HttpResponse], talk: Thread, monkeypatch: pytest.MonkeyPatch
) -> None:
    def crash(*_args: Any) -> None:
        raise MemoryError

    key = str(uuid4())
    with monkeypatch.context() as patched, pytest.raises(MemoryError):
        patched.setattr(api.PostOut, "of", crash)
        post(key)
    assert replies(talk) == 0
    assert not IdempotencyKey.objects.exists()
    assert post(key).status_code == 201
    assert replies(talk) == 1


def test_case_8_a_crash_after_the_commit_is_answered_from_memory(
    post: Callable[..., HttpResponse], talk: Thread, monkeypatch: pytest.MonkeyPatch
) -> None:
    def crash(*_args: Any, **_words: Any) -> None:
        raise MemoryError

    key = str(uuid4())
    with monkeypatch.context() as patched, pytest.raises(MemoryError):
        patched.setattr(api, "_answer", crash)
        post(key)
    assert replies(talk) == 1
    again = post(key)
    assert (again.status_code, again["Idempotency-Replayed"]) == (201, "true")
    assert replies(talk) == 1


@pytest.mark.django_db(transaction=True)
def test_case_9_the_same_command_meanwhile_is_told_to_wait(
    ben: Member, talk: Thread, monkeypatch: pytest.MonkeyPatch
) -> None:
    inside, go_on = Event(), Event()
    real = actions.post_reply

    def slow(**given: Any) -> Post:
        inside.set()
        assert go_on.wait(20)
        return real(**given)

    monkeypatch.setattr(api.actions, "post_reply", slow)
    key, path = str(uuid4()), f"/threads/{talk.pk}/posts"
    clients = [signed_in(ben), signed_in(ben)]

    def first() -> HttpResponse:
        try:
            return send(clients[0], "POST", path, REPLY, key=key)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        answer = pool.submit(first)
        assert inside.wait(20)
        meanwhile = send(clients[1], "POST", path, REPLY, key=key)
        go_on.set()
        assert answer.result().status_code == 201
    assert (meanwhile.status_code, meanwhile.json()["code"]) == (409, "key_busy")
    assert replies(talk) == 1
    assert send(clients[1], "POST", path, REPLY, key=key).content == answer.result().content


@pytest.mark.parametrize("key", ["", "short", "with space in it"])
def test_a_key_is_needed_and_has_a_form(bens: Client, talk: Thread, key: str) -> None:
    answer = send(bens, "POST", f"/threads/{talk.pk}/posts", REPLY, key=key)
    assert (answer.status_code, answer.json()["code"]) == (422, "key_invalid" if key else "key_missing")
    assert replies(talk) == 0


def test_a_key_belongs_to_its_member(bens: Client, ana: Member, talk: Thread) -> None:
    key, path = str(uuid4()), f"/threads/{talk.pk}/posts"
    assert send(bens, "POST", path, REPLY, key=key).status_code == 201
    assert send(signed_in(ana), "POST", path, REPLY, key=key).status_code == 201
    assert replies(talk) == 2


def test_old_answers_are_forgotten(post: Callable[..., HttpResponse]) -> None:
    post(str(uuid4()))
    assert idempotency.sweep() == 0
    IdempotencyKey.objects.update(created_at="2020-01-01T00:00:00Z")
    assert idempotency.sweep() == 1


# --- The door ------------------------------------------------------------------------------------------------


def unsafe_calls(thread: Thread, post_id: int) -> list[tuple[str, str, Any]]:
    words = {"category_id": thread.category_id, "kind": "talk", "title": "New", "body": "Words"}
    return [
        ("POST", "/threads", words),
        ("POST", f"/threads/{thread.pk}/posts", REPLY),
        ("PATCH", f"/posts/{post_id}", {"body": "x", "seen_version": 1}),
        ("DELETE", f"/posts/{post_id}", None),
        ("POST", f"/posts/{post_id}/restore", None),
        ("PUT", f"/posts/{post_id}/reactions/heart", None),
        ("DELETE", f"/posts/{post_id}/reactions/heart", None),
        ("PUT", f"/posts/{post_id}/accepted", None),
        ("DELETE", f"/threads/{thread.pk}/accepted", None),
        ("POST", "/preview", {"body": "x"}),
    ]


def state() -> list[Any]:
    return [list(Post.objects.order_by("pk").values()), list(Thread.objects.order_by("pk").values())]


def test_without_a_session_nothing_is_changed(question: Thread, answer: Post) -> None:
    before = state()
    for method, path, body in unsafe_calls(question, answer.pk):
        refused = send(Client(), method, path, body, key=str(uuid4()))
        assert refused.status_code == 401, (method, path)
    assert state() == before


def test_with_a_session_but_no_token_nothing_is_changed(question: Thread, answer: Post, ana: Member) -> None:
    before = state()
    client = signed_in(ana, enforce_csrf_checks=True)
    for method, path, body in unsafe_calls(question, answer.pk):
        refused = send(client, method, path, body, key=str(uuid4()))
        assert refused.status_code == 403, (method, path)
    assert state() == before


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"])
def test_only_json_is_taken(bens: Client, talk: Thread, kind: str) -> None:
    path = f"/api/v1/threads/{talk.pk}/posts"
    refused = bens.generic(
        "POST", path, json.dumps(REPLY), content_type=kind, headers={"Idempotency-Key": str(uuid4())}
    )
    assert refused.status_code in {415, 400, 422}
    assert refused.status_code == 415 or kind != "text/plain"
    assert replies(talk) == 0


def test_fields_that_are_not_ours_are_refused(bens: Client, talk: Thread) -> None:
    for extra in ({"author_id": 1}, {"number": 1}, {"body_html": "<b>"}, {"state": "visible"}):
        refused = send(bens, "POST", f"/threads/{talk.pk}/posts", REPLY | extra, key=str(uuid4()))
        assert refused.status_code == 422
    assert replies(talk) == 0


@pytest.mark.parametrize("number", ["0", "-1", "99999999999999999999", "1.5", "abc"])
def test_ids_that_no_row_can_have_are_no_server_error(bens: Client, number: str) -> None:
    for path in (f"/threads/{number}", f"/threads/{number}/posts", f"/posts/{number}", f"/threads?item_id={number}"):
        assert send(bens, "GET", path).status_code in {404, 422}, path
    refused = send(bens, "DELETE", f"/posts/{number}")
    assert refused.status_code in {404, 422}


def test_words_that_no_database_holds_are_no_server_error(bens: Client, talk: Thread) -> None:
    for name in ("author", "tag", "category", "kind", "cursor", "sort"):
        assert send(bens, "GET", f"/threads?{name}=%00%ff").status_code == 400, name
    sent = send(bens, "POST", f"/threads/{talk.pk}/posts", {"body": "a\x00b\ud800"}, key=str(uuid4()))
    assert (sent.status_code, sent.json()["body"]) == (201, "ab\ufffd")


def test_a_limit_is_told_with_the_time_to_wait(bens: Client, talk: Thread, settings: Any) -> None:
    settings.LIMITS = settings.LIMITS | {"post_reply": {"user": (2, 60)}}
    answers = [send(bens, "POST", f"/threads/{talk.pk}/posts", REPLY, key=str(uuid4())) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [201, 201, 429]
    assert int(answers[2]["Retry-After"]) >= 1
    assert replies(talk) == 2


# --- Use -----------------------------------------------------------------------------------------------------


def test_a_thread_from_its_opening_to_its_answer(ana: Member, bens: Client, square: Category) -> None:
    anas = signed_in(ana)
    words = {
        "category_id": square.pk,
        "kind": "question",
        "title": "Oil or wax?",
        "body": "For a bowl.",
        "tags": ["Oil"],
    }
    thread = send(anas, "POST", "/threads", words, key=str(uuid4())).json()
    assert (thread["kind"], thread["tags"], thread["last_number"]) == ("question", ["Oil"], 1)
    reply = send(bens, "POST", f"/threads/{thread['id']}/posts", REPLY, key=str(uuid4())).json()
    assert send(anas, "PUT", f"/posts/{reply['id']}/reactions/thanks").json() == {"reactions": {"thanks": 1}}
    assert send(anas, "PUT", f"/posts/{reply['id']}/accepted").json()["accepted_post_id"] == reply["id"]
    changed = send(bens, "PATCH", f"/posts/{reply['id']}", {"body": "Oil. " * 30, "seen_version": 1}).json()
    assert (changed["version"], changed["edit_count"], changed["accepted"]) == (2, 1, True)
    late = send(bens, "PATCH", f"/posts/{reply['id']}", {"body": "Wax.", "seen_version": 1})
    assert (late.status_code, late.json()["code"]) == (409, "edited_meanwhile")
    [edit] = send(Client(), "GET", f"/posts/{reply['id']}/history").json()["edits"]
    assert {step["op"] for step in edit["diff"]} <= {"same", "added", "removed"}
    shown = send(anas, "GET", f"/threads/{thread['id']}/posts?first=2&size=5").json()
    assert (shown["first"], shown["last"], shown["last_number"]) == (2, 2, 2)
    assert shown["posts"][0]["my_reactions"] == ["thanks"]
    assert send(anas, "DELETE", f"/threads/{thread['id']}/accepted").json()["accepted_post_id"] is None


def test_a_deleted_post_shows_its_text_to_nobody_else(bens: Client, answer: Post, question: Thread) -> None:
    assert send(bens, "DELETE", f"/posts/{answer.pk}?reason=oops").json()["state"] == "deleted"
    assert send(Client(), "GET", f"/posts/{answer.pk}").status_code == 404
    stone = send(Client(), "GET", f"/threads/{question.pk}/posts").json()["posts"][1]
    assert (stone["number"], stone["state"], stone["body"], stone["body_html"]) == (2, "deleted", "", "")
    assert send(bens, "POST", f"/posts/{answer.pk}/restore").json()["state"] == "visible"


def test_lists_are_walked_by_cursor(talk: Thread, question: Thread) -> None:
    first = send(Client(), "GET", "/threads?size=1").json()
    assert [thread["id"] for thread in first["threads"]] == [question.pk]
    second = send(Client(), "GET", f"/threads?size=1&cursor={first['next']}").json()
    assert [thread["id"] for thread in second["threads"]] == [talk.pk]
    assert second["next"] is None
    assert send(Client(), "GET", "/threads?kind=question&sort=unanswered").json()["threads"][0]["id"] == question.pk
    assert send(Client(), "GET", "/threads?author=nobody_at_all").status_code == 404


def test_a_preview_looks_as_the_post_will(bens: Client, ana: Member) -> None:
    shown = send(bens, "POST", "/preview", {"body": f"**hi** @{ana.handle} <script>"}).json()["html"]
    assert f'href="/members/{ana.handle}/"' in shown
    assert "<script" not in shown


def test_the_works_and_makers_of_a_closed_shop_are_no_filter_just_like_none(bens: Client) -> None:
    shop = make_shop(is_open=False)
    maker = make_creator(shop)
    item = make_item(shop, creator=maker)
    for name, pk in (("item_id", item.pk), ("creator_id", maker.pk)):
        hidden, missing = (bens.get("/api/v1/threads", {name: number}) for number in (pk, 10**9))
        assert hidden.status_code == missing.status_code == 404
        assert hidden.json()["code"] == missing.json()["code"]
    shop.is_open = True
    shop.save()
    assert bens.get("/api/v1/threads", {"item_id": item.pk}).status_code == 200
