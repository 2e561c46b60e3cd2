"""A reply: sent from the thread page, or from a page of its own, to which every "reply" link leads without scripts."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from community.core.errors import RuleError
from community.core.ids import given_id
from community.core.verdicts import ensure
from community.members.permissions import Viewer
from community.threads import actions, fragments, permissions, queries
from community.threads.forms import ReplyForm
from community.threads.models import Post, Thread
from community.threads.views.answers import (
    Sent,
    checked,
    fresh_key,
    once,
    refuse,
    take,
    viewer,
    wants_json,
)
from community.threads.views.drafts import window_of
from community.threads.views.pictures import Chosen, as_new, chosen, rendered
from community.threads.views.reading import place_of
from community.threads.views.shown import just_written


def reply(request: HttpRequest, thread_id: int) -> HttpResponse:
    me = viewer(request)
    if request.method == "POST":
        return _post(request, thread_id)
    thread = queries.get_thread(thread_id=thread_id, viewer=me)
    if not me.is_authenticated:
        return redirect_to_login(request.get_full_path())
    ensure(permissions.can_reply(me, thread))
    target = _target(request, thread, request.GET.get("to", ""))
    body = quote(target) if target and "quote" in request.GET else ""
    form = ReplyForm(initial={"body": body, "reply_to": target and target.pk, "idempotency_key": fresh_key()})
    return _page(request, thread, form, target=target)


def quote(post: Post) -> str:
    """The text of a post as a Markdown quotation, with room to write below."""
    lines = [f"> {line}" if line else ">" for line in post.body.splitlines()]
    return "\n".join(lines) + "\n\n"


def _post(request: HttpRequest, thread_id: int) -> HttpResponse:
    me = viewer(request)
    pictures: list[Chosen] = []
    preview = ""
    refused: RuleError | None = None
    try:
        if _is_costly(request):
            ensure(permissions.can_reply(me, queries.get_thread(thread_id=thread_id, viewer=me)))
        pictures, refusal = chosen(request)
        if refusal is not None:
            raise refusal
        if "preview" not in request.POST:
            return _send(request, thread_id, pictures)
        preview = rendered(request)
    except RuleError as error:
        if wants_json(request):
            raise
        refused = error
    form = ReplyForm(request.POST)
    status = refuse(form, refused) if refused is not None else 200
    thread = queries.get_thread(thread_id=thread_id, viewer=me)
    target = _target(request, thread, request.POST.get("reply_to", ""))
    return _page(request, thread, form, target=target, pictures=pictures, preview=preview, status=status)


def _is_costly(request: HttpRequest) -> bool:
    """Whether something is stored, looked up or counted before the action can say who may reply: then it is asked here
    as well. A member's plain text goes straight to the action.
    """
    asked = request.POST.keys() & {"preview", "kept_picture"}
    return bool(asked or request.FILES) or not viewer(request).is_authenticated


def _send(request: HttpRequest, thread_id: int, pictures: list[Chosen]) -> HttpResponse:
    said = checked(ReplyForm, request.POST)
    take(request, "post_reply", target=thread_id)
    draft, window = _drafted(viewer(request), thread_id, said, pictures), window_of(request)

    def work() -> Sent:
        if isinstance(draft, RuleError):
            raise draft
        if window is not None:
            # Before the reply: what is recorded last finds the new post at hand.
            actions.settle_draft(member_id=draft.post.author_id, context=f"reply:{thread_id}", window=window)
        return _sent(request, actions.send_reply(draft))

    what = {
        "thread": thread_id,
        "body": said["body"],
        "reply_to": said["reply_to"],
        "pictures": [[row.digest, row.alt] for row in pictures],
    }
    is_plain = isinstance(draft, actions.ReplyDraft) and draft.is_plain
    line = ("thread", thread_id) if is_plain else None
    return once(request, operation="threads.reply", body=what, work=work, line=line)


def _drafted(
    author: Viewer, thread_id: int, said: Mapping[str, Any], pictures: Sequence[Chosen]
) -> "actions.ReplyDraft | RuleError":
    """What is to be written, made before anybody waits for it. A refusal waits, too: what was sent a second time gets
    the first answer again, whatever has become of the thread since.
    """
    try:
        return actions.draft_reply(
            author=author,
            thread_id=thread_id,
            body=said["body"],
            reply_to_id=said["reply_to"],
            pictures=as_new(pictures),
        )
    except RuleError as error:
        return error


def _sent(request: HttpRequest, post: Post) -> Sent:
    """Where it stands, and how it looks for a script that puts it there; a browser without one goes to see the page."""
    sent: Sent = {"url": place_of(post), "number": post.number, "post_id": post.pk}
    if wants_json(request):
        sent["html"] = fragments.post(post, post.thread, just_written(viewer(request), post))
    return sent


def _target(request: HttpRequest, thread: Thread, sent: str) -> Post | None:
    """The post that is replied to; none when it is not of this thread or cannot be read."""
    post_id = given_id(sent)
    if post_id is None:
        return None
    try:
        post = queries.get_post(post_id=post_id, viewer=viewer(request))
    except RuleError:
        return None
    return post if post.thread_id == thread.pk else None


def _page(
    request: HttpRequest,
    thread: Thread,
    form: ReplyForm,
    *,
    target: Post | None,
    pictures: list[Chosen] | None = None,
    preview: str = "",
    status: int = 200,
) -> HttpResponse:
    context: dict[str, Any] = {
        "thread": thread,
        "form": form,
        "target": target,
        "pictures": pictures,
        "preview": preview,
        "place": queries.place_in(viewer=viewer(request), thread=thread),
    }
    return render(request, "threads/reply.html", context, status=status)
