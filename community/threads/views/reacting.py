"""One press: react to a post, accept an answer."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.views.decorators.http import require_POST

from community.core.errors import Invalid
from community.threads import actions, queries
from community.threads.models import Reaction
from community.threads.views.answers import back, take, viewer, wants_json
from community.threads.views.reading import place_of
from community.threads.views.shown import one


@require_POST
def react(request: HttpRequest, post_id: int) -> HttpResponse:
    """`kind=heart` gives, `kind=-heart` takes back: said, not toggled, so a double click counts once."""
    take(request, "react")
    wanted = request.POST.get("kind", "")
    kind, on = wanted.removeprefix("-"), not wanted.startswith("-")
    if kind not in Reaction.Kind.values:
        raise Invalid("kind is one of " + ", ".join(Reaction.Kind.values), code="kind_unknown", field="kind")
    actions.react(member=viewer(request), post_id=post_id, kind=kind, on=on)
    post = queries.get_post(post_id=post_id, viewer=viewer(request))
    if not wants_json(request):
        return back(request, place_of(post))
    context = {"row": one(viewer(request), post), "thread": post.thread}
    html = render_to_string("threads/_reactions.html", context, request)
    return JsonResponse({"replace": html, "target": f"#reactions-{post.pk}"})


@require_POST
def accept(request: HttpRequest, post_id: int) -> HttpResponse:
    take(request, "edit_post")
    actions.accept_answer(by=viewer(request), post_id=post_id)
    return redirect(place_of(queries.get_post(post_id=post_id, viewer=viewer(request))))


@require_POST
def unaccept(request: HttpRequest, thread_id: int) -> HttpResponse:
    take(request, "edit_post")
    actions.unaccept_answer(by=viewer(request), thread_id=thread_id)
    thread = queries.get_thread(thread_id=thread_id, viewer=viewer(request))
    return back(request, thread.get_absolute_url())
