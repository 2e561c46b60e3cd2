"""The search page, what is offered while one types, and what people looked for."""

from collections.abc import Sequence

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from community.core.limits import take
from community.core.text.words import has_letters
from community.core.verdicts import ensure
from community.members.permissions import viewer_of
from community.search import actions, queries
from community.search.permissions import can_see_lookups
from community.search.queries import LIMIT, Asked, Results
from community.search.queries.facets import Facet

NEWEST = "new"


@require_safe
def search(request: HttpRequest) -> HttpResponse:
    """`/search/?q=&kind=&order=new&cursor=`. Whatever is typed is answered; only too many questions are refused."""
    text = request.GET.get("q", "")[:LIMIT].replace("\x00", "").strip()
    kind, cursor = request.GET.get("kind", ""), request.GET.get("cursor", "")
    viewer = viewer_of(request.user)
    context = {"text": text, "kind": kind, "limit": LIMIT, "begins": not cursor}
    context |= {"examples": queries.examples(), "sees_lookups": bool(can_see_lookups(viewer))}
    if not text:
        return render(request, "search/search.html", context)
    take("search", user_id=viewer.pk, address=request.META.get("REMOTE_ADDR"))
    newest = request.GET.get("order") == NEWEST
    found = queries.search(text=text, viewer=viewer, kind=kind, cursor=cursor, newest=newest)
    address = found.pasted or found.gone or found.page
    if not cursor and not kind and has_letters(text) and not address:
        # What has some of the words only is not what was asked for.
        actions.note_lookup(question=text, language=get_language() or "", found=bool(found.rows) and not found.loose)
    context |= {"found": found, "kinds": _kinds(found, text, kind, newest), "first_url": _address(text, kind, newest)}
    context |= {"ask_url": _ask_url(found.asked), "orders": _orders(text, kind, newest)}
    facets = queries.facets_of(found=found.counted, asked=found.asked, text=text, kind=kind)
    context |= {"facets": _facets(facets, kind, newest), "chosen": _chosen(found, kind, newest)}
    return render(request, "search/search.html", context)


@require_safe
def suggest(request: HttpRequest) -> JsonResponse:
    """`/search/suggest/?q=`: titles and names for what is being typed, as `{"rows": [{"url", "html", "label"}]}`."""
    viewer = viewer_of(request.user)
    take("suggest", user_id=viewer.pk, address=request.META.get("REMOTE_ADDR"))
    found = queries.suggest(text=request.GET.get("q", "").replace("\x00", ""), viewer=viewer)
    rows = [{"url": row.card.url, "title": row.card.title, "label": row.card.label} for row in found]
    return JsonResponse({"rows": rows})


@require_safe
@login_required
def lookups(request: HttpRequest) -> HttpResponse:
    """What people look for, and what they did not find: for managers."""
    ensure(can_see_lookups(viewer_of(request.user)))
    context = {"most": queries.asked_most(), "in_vain": queries.asked_in_vain()}
    return render(request, "search/lookups.html", context)


def _ask_url(asked: Asked) -> str:
    """Where the question can be asked of people, in its words."""
    words = " ".join([asked.words, *asked.phrases]).strip()
    return reverse("threads:new") + (f"?{urlencode({'title': words})}" if words else "")


def _kinds(found: Results, text: str, kind: str, newest: bool) -> list[dict[str, object]]:
    """The filters: all, and each kind that was found."""
    rows = [{"label": _("All"), "count": found.total, "url": _address(text, "", newest), "current": not kind}]
    return rows + [
        {"label": one.name, "count": one.count, "url": _address(text, one.kind, newest), "current": one.kind == kind}
        for one in found.kinds
    ]


def _orders(text: str, kind: str, newest: bool) -> list[dict[str, object]]:
    names = ((_("Best match"), False), (_("Newest"), True))
    return [{"label": name, "url": _address(text, kind, one), "current": one == newest} for name, one in names]


def _facets(facets: Sequence[Facet], kind: str, newest: bool) -> list[dict[str, object]]:
    """Each choice with its address."""
    return [
        {
            "title": facet.title,
            "choices": [
                {"name": one.name, "count": one.count, "url": _address(one.question, kind, newest)}
                for one in facet.choices
            ],
        }
        for facet in facets
    ]


def _chosen(found: Results, kind: str, newest: bool) -> list[dict[str, object]]:
    """The filters of the question, each with the address without it."""
    return [{"text": one.text, "url": _address(one.rest, kind, newest)} for one in found.asked.filters if one.rest]


def _address(text: str, kind: str, newest: bool) -> str:
    said = {"q": text, "kind": kind, "order": NEWEST if newest else ""}
    return f"{reverse('search:search')}?{urlencode({name: value for name, value in said.items() if value})}"
