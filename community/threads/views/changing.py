"""Edit, delete, restore."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from community.core.errors import Conflict, RuleError
from community.core.verdicts import ensure
from community.threads import actions, permissions, queries
from community.threads.forms import EditForm, ReasonForm
from community.threads.models import Post
from community.threads.queries.differences import difference
from community.threads.views.answers import Sent, check, fresh_key, once, put, refuse, take, viewer, wants_json
from community.threads.views.drafts import draft_at, window_of
from community.threads.views.opening import words
from community.threads.views.pictures import Chosen, as_new, chosen, rendered
from community.threads.views.reading import place_of


def edit(request: HttpRequest, post_id: int) -> HttpResponse:
    """The edit page. If somebody else changed the post meanwhile, both versions are shown and nothing is lost."""
    post = queries.get_post(post_id=post_id, viewer=viewer(request))
    ensure(permissions.can_edit_post(viewer(request), post))
    there = [(row, Chosen.of(row.picture, row.alt)) for row in post.pictures.select_related("picture")]
    if request.method == "POST":
        return _save(request, post, [row for row, _shown in there])
    form = EditForm(initial=_as_it_is(post), is_opening=post.is_opening)
    return _edit_page(request, post, form, pictures=[shown for _row, shown in there])


def _as_it_is(post: Post) -> dict[str, Any]:
    said: dict[str, Any] = {"body": post.body, "seen_version": post.version, "idempotency_key": fresh_key()}
    if post.is_opening:
        tags = " ".join(tag.name for tag in post.thread.tags.all())
        said |= {"title": post.thread.title, "tags": tags}
    return said


def _save(request: HttpRequest, post: Post, there: list[Any]) -> HttpResponse:
    form = EditForm(request.POST, is_opening=post.is_opening)
    pictures: list[Chosen] = []
    preview, theirs = "", None
    try:
        pictures, refusal = chosen(request, keep=there)
        if refusal is not None:
            raise refusal
        if "preview" not in request.POST:
            return _edited(request, post, form, pictures)
        preview, status = rendered(request), 200
    except Conflict as error:
        if wants_json(request):
            raise
        status = refuse(form, error)
        theirs = queries.get_post(post_id=post.pk, viewer=viewer(request))
        # The text in the form stays the editor's own; saving it again says: I have seen the other version.
        put(form, seen_version=str(theirs.version))
    except RuleError as error:
        if wants_json(request):
            raise
        status = refuse(form, error)
    return _edit_page(request, post, form, pictures=pictures, preview=preview, theirs=theirs, status=status)


def _edited(request: HttpRequest, post: Post, form: EditForm, pictures: list[Chosen]) -> HttpResponse:
    said = check(form)
    take(request, "edit_post")

    window = window_of(request)

    def work() -> Sent:
        if window is not None and request.user.pk:
            actions.settle_draft(member_id=request.user.pk, context=f"edit:{post.pk}", window=window)
        edited = actions.edit_post(
            editor=viewer(request),
            post_id=post.pk,
            body=said["body"],
            reason=said["reason"],
            seen_version=said["seen_version"],
            title=said.get("title"),
            tags=words(said["tags"]) if "tags" in said else None,
            pictures=as_new(pictures),
        )
        return {"url": place_of(edited), "number": edited.number}

    what = {name: said.get(name) for name in ("body", "reason", "seen_version", "title", "tags")}
    what |= {"post": post.pk, "pictures": [[row.digest, row.alt] for row in pictures]}
    return once(request, operation="threads.edit", body=what, work=work)


def _edit_page(
    request: HttpRequest,
    post: Post,
    form: EditForm,
    *,
    pictures: list[Chosen],
    preview: str = "",
    theirs: Post | None = None,
    status: int = 200,
) -> HttpResponse:
    context = {
        "form": form,
        "post": post,
        "thread": post.thread,
        "pictures": pictures,
        "preview": preview,
        "theirs": theirs,
        "conflict": difference(theirs.body, request.POST.get("body", "").replace("\r\n", "\n")) if theirs else [],
        "place": place_of(post),
        "draft": draft_at(request, f"edit:{post.pk}"),
    }
    return render(request, "threads/edit.html", context, status=status)


def delete(request: HttpRequest, post_id: int) -> HttpResponse:
    """GET asks, POST deletes; the page that follows offers to take it back."""
    me = viewer(request)
    post = queries.get_post(post_id=post_id, viewer=me)
    ensure(permissions.can_delete_post(me, post))
    form = ReasonForm(request.POST if request.method == "POST" else None)
    if request.method != "POST":
        return _confirm_page(request, post, form)
    take(request, "edit_post")
    said = check(form)
    actions.delete_post(by=viewer(request), post_id=post.pk, reason=said["reason"])
    restore_url = reverse("threads:restore", args=[post.pk])
    if wants_json(request):
        return JsonResponse({"url": place_of(post), "undo": restore_url})
    text = _("The thread was deleted.") if post.is_opening else _("The post was deleted.")
    undo = '{} <button form="act" formaction="{}" class="button button-s">{}</button>'
    messages.success(request, format_html(undo, text, restore_url, _("Undo")))
    return redirect(place_of(post))


def _confirm_page(request: HttpRequest, post: Post, form: ReasonForm) -> HttpResponse:
    by_author = post.author_id == request.user.pk
    context = {"post": post, "thread": post.thread, "form": form, "by_author": by_author, "place": place_of(post)}
    return render(request, "threads/delete.html", context)


@require_POST
def restore(request: HttpRequest, post_id: int) -> HttpResponse:
    take(request, "edit_post")
    post = actions.restore_post(by=viewer(request), post_id=post_id)
    if wants_json(request):
        return JsonResponse({"url": place_of(post)})
    return redirect(place_of(post))
