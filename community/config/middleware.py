"""What every request passes on its way in and out."""

import logging
import time
import uuid
from collections.abc import Callable
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import structlog
from csp.constants import HEADER
from csp.middleware import CheckableLazyObject, CSPMiddleware
from csp.utils import build_policy
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.cache import patch_vary_headers
from django.utils.http import urlencode

from community.config import errors, problems
from community.core.errors import RuleError
from community.members.actions import see

log = structlog.get_logger("community.request")
GetResponse = Callable[[HttpRequest], HttpResponseBase]
PERMISSIONS_POLICY = "camera=(), microphone=(), geolocation=(), payment=(), usb=(), browsing-topics=()"
NONCE_HERE = "nonce-goes-here"


class RequestIdMiddleware:
    """Name each request. The name is ours: one that a client sends is not read."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        scope = getattr(request, "scope", {})
        request.request_id = scope.get("request_id") or uuid.uuid4().hex  # type: ignore[attr-defined]
        began = time.monotonic()
        with structlog.contextvars.bound_contextvars(request_id=request.request_id):  # type: ignore[attr-defined]
            response = self.get_response(request)
            response["X-Request-ID"] = request.request_id  # type: ignore[attr-defined]
            self._log(request, response, time.monotonic() - began)
        return response

    def _log(self, request: HttpRequest, response: HttpResponseBase, seconds: float) -> None:
        match = request.resolver_match
        level = logging.ERROR if response.status_code >= 500 else logging.INFO
        if response.status_code < 400 and request.path_info.startswith((settings.STATIC_URL, settings.MEDIA_URL)):
            level = logging.DEBUG  # dozens to a page, and they tell nothing
        user = getattr(request, "_cached_user", None)
        log.log(
            level,
            "request",
            method=request.method,
            # The pattern, never the path: it can carry a one-time key or the name of somebody who leaves one day.
            route=match.route if match else None,
            status=response.status_code,
            ms=round(seconds * 1000, 1),
            member=getattr(user, "pk", None),
            address=request.META.get("REMOTE_ADDR", ""),
        )


class PolicyMiddleware(CSPMiddleware):
    """django-csp, which builds its policies anew for every answer (0.1 ms); ours differ by the nonce alone."""

    def __init__(self, get_response: GetResponse) -> None:
        super().__init__(get_response)
        self._without, self._with = build_policy(), build_policy(nonce=NONCE_HERE)
        excluded = settings.CONTENT_SECURITY_POLICY.get("EXCLUDE_URL_PREFIXES")
        reported = getattr(settings, "CONTENT_SECURITY_POLICY_REPORT_ONLY", None)
        self._is_plain = not (settings.DEBUG or excluded or reported)

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        # A view's own policy (csp.decorators) is left to django-csp, and so are Django's debug pages.
        if not self._is_plain or any(name.startswith("_csp_") for name in vars(response)):
            return super().process_response(request, response)
        nonce = getattr(request, "_csp_nonce", None)
        if HEADER not in response:
            response[HEADER] = self._with.replace(NONCE_HERE, nonce) if nonce else self._without
        if nonce is None:
            request.csp_nonce = CheckableLazyObject(self._csp_nonce_post_response)  # type: ignore[attr-defined]
        return response


class SecurityHeadersMiddleware:
    """Headers that Django has no setting for."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        response.headers.setdefault("Permissions-Policy", PERMISSIONS_POLICY)
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        return response


class PlainAddressMiddleware:
    """PostgreSQL keeps no NUL character and no address of ours has one: refused here, once, for every page and list."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if "\0" in request.path_info or "%00" in request.META.get("QUERY_STRING", ""):
            return problems.answer(request, problems.Problem(400, "bad_request"))
        return self.get_response(request)


class MemberChoicesMiddleware:
    """A member's language and time zone; and no page of a member in any cache (S34)."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        # A visitor without a session costs no query here.
        known = settings.SESSION_COOKIE_NAME in request.COOKIES and request.user.is_authenticated
        if known:
            self._apply(request)
        try:
            response = self.get_response(request)
        finally:
            timezone.deactivate()
        if "Cache-Control" not in response:
            response["Cache-Control"] = "private, no-store" if known else "private, no-cache"
            patch_vary_headers(response, ["Cookie"])
        return response

    def _apply(self, request: HttpRequest) -> None:
        language = getattr(request.user, "language", "")
        if language in dict(settings.LANGUAGES):
            translation.activate(language)
            request.LANGUAGE_CODE = language
        try:
            timezone.activate(ZoneInfo(getattr(request.user, "time_zone", "") or settings.TIME_ZONE))
        except (ZoneInfoNotFoundError, ValueError):
            timezone.activate(ZoneInfo(settings.TIME_ZONE))


class SeenMiddleware:
    """Remember, after the answer and once in a while, that a sign-in is in use: for its owner's list."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        key = request.session.session_key if settings.SESSION_COOKIE_NAME in request.COOKIES else None
        if key and request.user.is_authenticated and response.status_code < 500:
            see(
                member_id=request.user.pk,
                session_key=key,
                user_agent=request.headers.get("User-Agent", ""),
                address=str(request.META.get("REMOTE_ADDR", "")),
            )
        return response


class TermsMiddleware:
    """Who has not agreed to the terms in force is asked when they next open a page.

    A page is what a browser navigates to: a GET that wants HTML as its document. Everything else goes on as it was, so
    nothing that somebody has typed is lost: forms that are sent, scripts, sockets, the API. Left alone are the texts
    themselves, the door, and one's own settings: whoever refuses can take their data along and leave.

    It stands before the views, and so before pages that lie ready for members (`core.edge`). Pages that lie ready for
    visitors are given before Django is asked, to requests without a session only (`config.pagecache.asked`).
    """

    LEFT_ALONE = ("/accounts/", "/settings/", "/about/", "/i18n/", "/api/", "/live/", "/admin/")

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if self._is_a_page(request) and getattr(request.user, "has_to_agree", False):
            return redirect(f"{reverse('members:terms')}?{urlencode({'next': request.get_full_path()})}")
        return self.get_response(request)

    def _is_a_page(self, request: HttpRequest) -> bool:
        return (
            request.method == "GET"
            and settings.SESSION_COOKIE_NAME in request.COOKIES
            and request.headers.get("Sec-Fetch-Dest", "document") == "document"
            and "text/html" in request.headers.get("Accept", "")
            and not request.path_info.startswith((*self.LEFT_ALONE, settings.STATIC_URL, settings.MEDIA_URL))
        )


class RuleErrorMiddleware:
    """A rule's refusal that no view caught becomes a page or a problem JSON; the API does its own."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        # Whoever tries the site at home and mistypes an address sees our page, not Django's list of patterns.
        if settings.DEBUG and response.status_code == 404 and request.resolver_match is None:
            return errors.page_not_found(request, Http404())
        return response

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if isinstance(exception, RuleError):
            return problems.answer(request, problems.of_rule(exception))
        if errors.is_database_down(exception):
            log.error("database_unavailable", error=type(exception).__name__)
            return problems.answer(request, problems.Problem(503, "unavailable", headers=errors.BUSY))
        return None
