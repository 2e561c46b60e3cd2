"""Whether somebody has shown lately who they are: asked before anything that would help a thief (S29).

allauth asks such a question too, but lets everybody through who has neither password nor second factor. Here most
members sign in with codes by mail, so a code by mail is what they are asked for.
"""

import hashlib
import secrets
import time
from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from allauth.account.internal.flows.login import get_authentication_records, record_authentication
from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.http import urlencode

from community.members.models import Member

V = TypeVar("V", bound=Callable[..., Any])
SLOT = "hiroba_proof_code"
CODE_AGE = 15 * 60
TRIES = 3


def is_fresh(request: HttpRequest) -> bool:
    """Whether this session has seen the member's password, code or factor in the last quarter of an hour.

    Of a member with a second factor, that factor is what counts.
    """
    member = request.user
    if not isinstance(member, Member):
        return False
    oldest = time.time() - settings.ACCOUNT_REAUTHENTICATION_TIMEOUT
    records = get_authentication_records(request, member)
    return any(
        record.get("at", 0) > oldest and (record.get("method") == "mfa" or not member.second_factor)
        for record in records
    )


def fresh_proof(view: V) -> V:
    """Decorate a view that helps a thief: who has not shown lately who they are does so first, and comes back."""

    @wraps(view)
    def asked(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if not is_fresh(request):
            return redirect(f"{reverse('account_reauthenticate')}?{urlencode({'next': request.get_full_path()})}")
        return view(request, *args, **kwargs)

    return login_required(asked)  # type: ignore[return-value]


def remember(request: HttpRequest, method: str) -> None:
    """Write down that the member of this session has just shown who they are."""
    record_authentication(request, request.user, method, reauthenticated=True)


def make_code(request: HttpRequest) -> str:
    """A code for a mail, good for a quarter of an hour and three tries; the session keeps its digest."""
    digits = f"{secrets.randbelow(10**8):08}"
    request.session[SLOT] = {"digest": _digest(request, digits), "until": time.time() + CODE_AGE, "tries": 0}
    return f"{digits[:4]}-{digits[4:]}"


def code_is_waited_for(request: HttpRequest) -> bool:
    """Whether a code is on its way that can still be entered."""
    kept: dict[str, Any] = request.session.get(SLOT) or {"until": 0, "tries": 0}
    return bool(kept["until"] > time.time() and kept["tries"] < TRIES)


def code_is_right(request: HttpRequest, typed: str) -> bool:
    """Whether this is the code; a right one and the third wrong one end it."""
    if not code_is_waited_for(request):
        return False
    kept = request.session[SLOT]
    digits = "".join(sign for sign in typed if sign.isdecimal())
    right = constant_time_compare(kept["digest"], _digest(request, digits))
    if right:
        del request.session[SLOT]
    else:
        request.session[SLOT] = kept | {"tries": kept["tries"] + 1}
    return right


def _digest(request: HttpRequest, digits: str) -> str:
    text = hashlib.sha256(f"{request.user.pk}:{digits}".encode()).hexdigest()
    return salted_hmac("community.members.proof", text, algorithm="sha256").hexdigest()
