"""What all pages of inboxes ask of a request."""

from django.http import HttpRequest, HttpResponseRedirect
from django.utils.http import url_has_allowed_host_and_scheme

from community.core.limits import take
from community.members.models import Member


def member_of(request: HttpRequest) -> Member:
    """The member who asks; the views are for members only (`login_required`)."""
    member = request.user
    assert isinstance(member, Member)
    return member


def counted(request: HttpRequest, action: str) -> Member:
    """The same, with one `action` counted (S20)."""
    member = member_of(request)
    take(action, user_id=member.pk, address=request.META.get("REMOTE_ADDR"))
    return member


def back(request: HttpRequest, fallback: str) -> HttpResponseRedirect:
    """To the page the button was pressed on, if it is one of ours."""
    wanted = request.POST.get("next", "")
    if url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure()):
        return HttpResponseRedirect(wanted)
    return HttpResponseRedirect(fallback)
