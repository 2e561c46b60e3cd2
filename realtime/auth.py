"""Who is on the other end of a socket: read once when it opens, and again every `recheck` seconds."""

import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from http.cookies import CookieError, SimpleCookie
from importlib import import_module
from typing import Any
from urllib.parse import parse_qs

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY, get_user_model
from django.contrib.auth.models import AnonymousUser
from django.utils import timezone, translation
from django.utils.crypto import constant_time_compare
from django.utils.translation.trans_real import parse_accept_lang_header

from realtime import registry

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]

NOBODY = AnonymousUser()
"""The user of every visitor."""

Sight = tuple[str, frozenset[int]]
"""What makes one reader's frames differ from another's: the language, and who is kept apart from them."""

SESSION = re.compile(r"[a-z0-9]{8,40}", re.ASCII)
"""What a session key can look like; anything else is not worth a question to the database."""


@dataclass(frozen=True, slots=True)
class Viewer:
    """`user_id` is None for a visitor. `epoch` and `role` are those of the time the socket was opened, `apart` are the
    people of whom this reader gets nothing (`registry.apart_of`).
    """

    user: Any
    user_id: int | None
    session_key: str | None
    epoch: int
    role: str
    language: str
    address: str
    apart: frozenset[int] = frozenset()

    @property
    def sight(self) -> Sight:
        return self.language, self.apart

    @property
    def key(self) -> str | None:
        """Names the person in presence counts; None for a visitor."""
        return None if self.user_id is None else f"u{self.user_id}"


async def viewer_of(scope: Scope, user_of: Callable[[str], Awaitable[Any]]) -> Viewer:
    """The viewer a socket's cookies name. `user_of` finds the member of a session; visitors cost no question."""
    headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope.get("headers", ())}
    cookies = _cookies(headers.get("cookie", ""))
    session_key = cookies.get(settings.SESSION_COOKIE_NAME, "")
    client = scope.get("client") or ("", 0)
    visitor = Viewer(NOBODY, None, None, 0, "", _language(scope, cookies, headers), str(client[0]))
    user = await user_of(session_key) if SESSION.fullmatch(session_key) else None
    if user is None:
        return visitor
    epoch, role = _standing(user)
    known = replace(visitor, user=user, user_id=user.pk, session_key=session_key, epoch=epoch, role=role)
    return replace(known, apart=registry.known_apart(user))


def users_of_sessions(keys: Sequence[str]) -> dict[str, Any | None]:
    """The member signed in under each session, None where there is none or they may no longer come in. Two queries,
    whatever the number of keys, and one for each who is kept apart from somebody; two sessions of one member get the
    same object.

    Reads only. Django's own `get_user` may cycle or flush the session, which from a socket would sign the page out.
    SESSION_ENGINE must be one that keeps its sessions in the database.
    """
    store = import_module(settings.SESSION_ENGINE).SessionStore
    rows = store.get_model_class().objects.filter(session_key__in=keys, expire_date__gt=timezone.now())
    sessions = {row.session_key: store().decode(row.session_data) for row in rows}
    user_ids = {key: _claimed_user(session) for key, session in sessions.items()}
    users = get_user_model()._default_manager.in_bulk({pk for pk in user_ids.values() if pk is not None})
    found: dict[str, Any | None] = dict.fromkeys(keys)
    for key, session in sessions.items():
        user = users.get(user_ids[key])
        if user is not None and is_welcome(user) and _same_password(user, session.get(HASH_SESSION_KEY)):
            registry.apart_of(user)  # now, while a database is at hand
            found[key] = user
    return found


def _claimed_user(session: dict[str, Any]) -> Any | None:
    user_id, backend = session.get(SESSION_KEY), session.get(BACKEND_SESSION_KEY)
    if user_id is None or backend not in settings.AUTHENTICATION_BACKENDS:
        return None
    return get_user_model()._meta.pk.to_python(user_id)


def is_welcome(user: Any) -> bool:
    return bool(user.is_active) and getattr(user, "banned_at", None) is None


def still_valid(viewer: Viewer, user: Any | None) -> Viewer | None:
    """The viewer as of now, `user` being whom the session names now; None when the session ended, the password changed,
    or the member was banned.
    """
    if user is None or user.pk != viewer.user_id:
        return None
    epoch, role = _standing(user)
    return None if epoch != viewer.epoch else replace(viewer, user=user, role=role, apart=registry.known_apart(user))


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
