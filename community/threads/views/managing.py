"""What moderators do with a thread (members of level 3 move it), and how a text is taken out of a history."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from community.core.errors import Invalid, RuleError
from community.core.verdicts import ensure
from community.threads import actions, permissions, queries
from community.threads.forms import MoveForm, SlowModeForm
from community.threads.models import Thread
from community.threads.views.answers import check, take, viewer

Deed = Callable[[HttpRequest, Thread], str]


def manage(request: HttpRequest, thread_id: int) -> HttpResponse:
    """GET shows the choices; POST does the one named by `do`."""
    me = viewer(request)
    thread = queries.get_thread(thread_id=thread_id, viewer=me)
    ensure(permissions.can_move_thread(me, thread))
    slow = SlowModeForm(initial={"seconds": thread.slow_mode_seconds})
    places = [row for row in queries.categories(me) if permissions.can_move_into(me, row)]
    move = MoveForm(categories=places, initial={"category": thread.category_id})
    status = 200
    if request.method == "POST":
        take(request, "edit_post")
        try:
            deed = DEEDS.get(request.POST.get("do", ""))
            if deed is None:
                raise Invalid(_("Choose what to do with the thread."), code="deed_unknown")
            messages.success(request, deed(request, thread))
            return redirect(queries.get_thread(thread_id=thread_id, viewer=me).get_absolute_url())
        except RuleError as error:
            status = error.status
            messages.error(request, str(error))
    may_manage = bool(permissions.can_manage_thread(me, thread))
    context = {"thread": thread, "slow": slow, "move": move, "may_manage": may_manage}
    return render(request, "threads/manage.html", context, status=status)


def _pin(request: HttpRequest, thread: Thread) -> str:
    actions.pin_thread(by=viewer(request), thread_id=thread.pk, on=True)
    return _("The thread is pinned to the top of its lists.")


def _unpin(request: HttpRequest, thread: Thread) -> str:
    actions.pin_thread(by=viewer(request), thread_id=thread.pk, on=False)
    return _("The thread is no longer pinned.")


def _lock(request: HttpRequest, thread: Thread) -> str:
    actions.lock_thread(by=viewer(request), thread_id=thread.pk, on=True)
    return _("The thread is locked: everybody can read it, nobody replies.")


def _unlock(request: HttpRequest, thread: Thread) -> str:
    actions.lock_thread(by=viewer(request), thread_id=thread.pk, on=False)
    return _("The thread is open for replies again.")


def _slow(request: HttpRequest, thread: Thread) -> str:
    seconds = check(SlowModeForm(request.POST))["seconds"]
    actions.set_slow_mode(by=viewer(request), thread_id=thread.pk, seconds=seconds)
    return _("Slow mode was changed.")


def _move(request: HttpRequest, thread: Thread) -> str:
    to = check(MoveForm(request.POST, categories=queries.categories(viewer(request))))["category"]
    actions.move_thread(by=viewer(request), thread_id=thread.pk, category_id=to.pk)
    return _("The thread was moved to “%(category)s”.") % {"category": to.name}


DEEDS: dict[str, Deed] = {
    "pin": _pin,
    "unpin": _unpin,
    "lock": _lock,
    "unlock": _unlock,
    "slow": _slow,
    "move": _move,
}


@require_POST
def hide_revision(request: HttpRequest, revision_id: int) -> HttpResponse:
    """Take a text out of a history, for personal data that slipped in; the trail stays."""
    revision: Any = actions.hide_revision(by=viewer(request), revision_id=revision_id)
    messages.success(request, _("That version is hidden from everybody but moderators."))
    return redirect("threads:history", revision.post_id)
