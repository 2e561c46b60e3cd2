"""Who is on the other end of a socket: read once when it opens, and again every `recheck` seconds."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from http.cookies import CookieError, SimpleCookie
from importlib import import_module
from typing import Any
from urllib.parse import parse_qs

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY, get_user_model
from django.contrib.auth.models import AnonymousUser
from django.utils import translation
from django.utils.crypto import constant_time_compare
from django.utils.translation.trans_real import parse_accept_lang_header

from realtime.offload import in_thread

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Viewer:
    """`user_id` is None for a visitor. `epoch` and `role` are those of the time the socket was opened."""

    user: Any
    user_id: int | None
    session_key: str | None
    epoch: int
    role: str
    language: str
    address: str

    @property
    def key(self) -> str | None:
        """Names the person in presence counts; None for a visitor."""
        return None if self.user_id is None else f"u{self.user_id}"


class ViewerMiddleware:
    """Puts `scope["viewer"]` on a socket's scope. Sessions and users are read off the loop."""

    def __init__(self, inner: App) -> None:
        self.inner = inner

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        viewer = await in_thread(viewer_of, scope)
        await self.inner({**scope, "viewer": viewer}, receive, send)


def viewer_of(scope: Scope) -> Viewer:
    """The viewer a socket's cookies name. Asks the database."""
    headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope.get("headers", ())}
    cookies = _cookies(headers.get("cookie", ""))
    session_key = cookies.get(settings.SESSION_COOKIE_NAME) or None
    user = user_of_session(session_key)
    client = scope.get("client") or ("", 0)
    viewer = Viewer(AnonymousUser(), None, None, 0, "", _language(scope, cookies, headers), str(client[0]))
    if user is None:
        return viewer
    epoch, role = _standing(user)
    return replace(viewer, user=user, user_id=user.pk, session_key=session_key, epoch=epoch, role=role)


def user_of_session(session_key: str | None) -> Any | None:
    """The member signed in under this session, None when there is none or they may no longer come in.

    Reads only. Django's own `get_user` may cycle or flush the session, which from a socket would sign the
    page out.
    """
    if session_key is None:
        return None
    session = import_module(settings.SESSION_ENGINE).SessionStore(session_key)
    user_id, backend = session.get(SESSION_KEY), session.get(BACKEND_SESSION_KEY)
    if user_id is None or backend not in settings.AUTHENTICATION_BACKENDS:
        return None
    model = get_user_model()
    user = model._default_manager.filter(pk=model._meta.pk.to_python(user_id)).first()
    if user is None or not is_welcome(user) or not _same_password(user, session.get(HASH_SESSION_KEY)):
        return None
    return user


def is_welcome(user: Any) -> bool:
    return bool(user.is_active) and getattr(user, "banned_at", None) is None


def still_valid(viewer: Viewer) -> Viewer | None:
    """The viewer as of now; None when the session ended, the password changed, or the member was banned."""
    if viewer.user_id is None:
        return viewer
    user = user_of_session(viewer.session_key)
    if user is None or user.pk != viewer.user_id:
        return None
    epoch, role = _standing(user)
    return None if epoch != viewer.epoch else replace(viewer, user=user, role=role)


def _standing(user: Any) -> tuple[int, str]:
    return getattr(user, "session_epoch", 0), getattr(user, "role", "")


def _same_password(user: Any, claimed: str | None) -> bool:
    if not claimed:
        return False
    hashes = [user.get_session_auth_hash(), *user.get_session_auth_fallback_hash()]
    return any(constant_time_compare(claimed, known) for known in hashes)


def _cookies(header: str) -> dict[str, str]:
    try:
        return {name: morsel.value for name, morsel in SimpleCookie(header).items()}
    except CookieError:
        return {}


def _language(scope: Scope, cookies: dict[str, str], headers: dict[str, str]) -> str:
    """The page says its language (`?lang=`); otherwise cookie, header, default, as for pages."""
    asked = parse_qs(scope.get("query_string", b"").decode("latin-1")).get("lang", [])
    accepted = [code for code, _quality in parse_accept_lang_header(headers.get("accept-language", "")) if code != "*"]
    for code in (*asked, cookies.get(settings.LANGUAGE_COOKIE_NAME, ""), *accepted):
        try:
            return translation.get_supported_language_variant(code)
        except LookupError:
            continue
    return settings.LANGUAGE_CODE
