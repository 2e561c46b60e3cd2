"""Open a thread: about an item, about a maker, or about nothing but the joy of it."""

import re
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from community.catalog.models import Creator, Item
from community.core.errors import RuleError
from community.core.ids import given_id
from community.core.verdicts import ensure
from community.members.permissions import Viewer, can_take_part
from community.threads import actions, permissions, queries
from community.threads.forms import ThreadForm
from community.threads.models import Category, Thread
from community.threads.queries.posts import shown_items
from community.threads.views.answers import (
    Sent,
    check,
    fresh_key,
    once,
    refuse,
    take,
    viewer,
    wants_json,
)
from community.threads.views.drafts import draft_at, window_of
from community.threads.views.pictures import Chosen, as_new, chosen, rendered

_BETWEEN_TAGS = re.compile(r"[\s,、，;；#＃]+")


def new_thread(request: HttpRequest) -> HttpResponse:
    """`?item=`, `?creator=`, `?kind=` and `?category=` fill the form."""
    me = viewer(request)
    sent = request.POST if request.method == "POST" else request.GET
    about = _about(sent)
    categories = _open_categories(me, about)
    if request.method == "POST":
        return _post(request, about, categories)
    if not me.is_authenticated:
        return redirect_to_login(request.get_full_path())
    form = _form(None, about, categories, initial=_initial(request, about, categories))
    return _page(request, form, about, categories)


def words(text: str) -> list[str]:
    """Tags as people type them: between spaces or commas of either width, with or without a #."""
    return [word for word in _BETWEEN_TAGS.split(text) if word]


class About:
    """The item or maker that the thread will be tied to."""

    def __init__(self, item: Item | None = None, creator: Creator | None = None) -> None:
        self.item, self.creator = item, creator

    @property
    def context(self) -> str:
        """What a draft of this thread is kept under (`queries.drafts`)."""
        if self.item is not None:
            return f"thread:item-{self.item.pk}"
        return f"thread:creator-{self.creator.pk}" if self.creator is not None else "thread:new"


def _about(sent: Any) -> About:
    """What the address or the form names; a stale link must not keep anybody from writing."""
    item, creator = given_id(sent.get("item")), given_id(sent.get("creator"))
    if item is not None:
        return About(item=shown_items({item}).get(item))
    if creator is not None:
        return About(creator=Creator.objects.filter(permissions.SHOWN_CREATORS, pk=creator).first())
    return About()


def _open_categories(me: Viewer, about: About) -> dict[Category, list[str]]:
    """Where this person may open what."""
    found = {row: _open_kinds(me, row, about) for row in queries.categories(me)}
    return {row: kinds for row, kinds in found.items() if kinds}


def _open_kinds(me: Viewer, row: Category, about: About) -> list[str]:
    return [
        kind
        for kind in Thread.Kind.values
        if permissions.can_open_thread(me, row, kind, item=about.item, creator=about.creator)
    ]


def _form(data: Any, about: About, categories: dict[Category, list[str]], **kwargs: Any) -> ThreadForm:
    possible = {kind for kinds in categories.values() for kind in kinds}
    kinds = [kind for kind in Thread.Kind.values if kind in possible]
    return ThreadForm(data, categories=list(categories), kinds=kinds, **kwargs)


def _initial(request: HttpRequest, about: About, categories: dict[Category, list[str]]) -> dict[str, Any]:
    kind = request.GET.get("kind", "")
    if kind not in Thread.Kind.values:
        kind = Thread.Kind.QUESTION if about.item else Thread.Kind.TALK
    fitting = [row for row, kinds in categories.items() if kind in kinds]
    wanted = next((row for row in fitting if row.slug == request.GET.get("category")), None)
    return {
        "kind": kind,
        "category": wanted or (fitting[0] if fitting and (about.item or len(fitting) == 1) else None),
        "title": request.GET.get("title", "")[:120],
        "item": about.item and about.item.pk,
        "creator": about.creator and about.creator.pk,
        "idempotency_key": fresh_key(),
    }


def _post(request: HttpRequest, about: About, categories: dict[Category, list[str]]) -> HttpResponse:
    form = _form(request.POST, about, categories)
    pictures: list[Chosen] = []
    preview = ""
    try:
        ensure(can_take_part(viewer(request)))
        pictures, refusal = chosen(request)
        if refusal is not None:
            raise refusal
        if "preview" not in request.POST:
            return _send(request, form, about, pictures)
        preview, status = rendered(request), 200
    except RuleError as error:
        if wants_json(request):
            raise
        status = refuse(form, error)
    return _page(request, form, about, categories, pictures=pictures, preview=preview, status=status)


def _send(request: HttpRequest, form: ThreadForm, about: About, pictures: list[Chosen]) -> HttpResponse:
    said = check(form)
    take(request, "post_thread")

    window = window_of(request)

    def work() -> Sent:
        if window is not None and request.user.pk:
            actions.settle_draft(member_id=request.user.pk, context=about.context, window=window)
        thread = actions.open_thread(
            author=viewer(request),
            category_id=said["category"].pk,
            kind=said["kind"],
            title=said["title"],
            body=said["body"],
            item_id=about.item.pk if about.item else None,
            creator_id=about.creator.pk if about.creator else None,
            tags=words(said["tags"]),
            pictures=as_new(pictures),
        )
        return {"url": thread.get_absolute_url(), "number": 1}

    what = {name: said[name] for name in ("kind", "title", "body", "tags", "item", "creator")}
    what |= {"category": said["category"].pk, "pictures": [[row.digest, row.alt] for row in pictures]}
    return once(request, operation="threads.open", body=what, work=work)


def _page(
    request: HttpRequest,
    form: ThreadForm,
    about: About,
    categories: dict[Category, list[str]],
    *,
    pictures: list[Chosen] | None = None,
    preview: str = "",
    status: int = 200,
) -> HttpResponse:
    context = {
        "form": form,
        "about": about,
        "categories": categories,
        "pictures": pictures,
        "preview": preview,
        "draft": draft_at(request, about.context),
    }
    return render(request, "threads/new.html", context, status=status)
