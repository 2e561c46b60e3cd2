"""How each operation is called so that it would do something: what is sent, and with which credentials."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.http.response import HttpResponseBase
from django.test import Client

from tests.factories.members import PASSWORD
from tests.support.images import png
from tests.trust.endpoints import Endpoint
from tests.trust.world import KEYS, World

JSON = "application/json"
NDJSON = "application/x-ndjson"
FORM = "multipart/form-data"
COMMAND = "6f6c2a5e-0000-4000-8000-000000000001"
# The example of RFC 8291, 5.
PUSH = {
    "endpoint": "https://fcm.googleapis.com/somewhere",
    "keys": {
        "p256dh": "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4",
        "auth": "BTBZMqHH6r4Tts7J_aSIgg",
    },
}
SHOP_ROWS = {
    "items": {"title": "Vase", "price": "900"},
    "orders": {"placed_at": "2026-05-01T10:00", "customer": "own"},
    "customers": {"country": "France"},
    "creators": {"name": "Somebody new"},
}
# What an address calls "slug" or "object_id" is something else in each family of addresses.
MEANT = {
    "threads/in/": {"slug": "category"},
    "creators/": {"slug": "creator"},
    "tags/": {"slug": "tag"},
    "items/": {"slug": "item_slug"},
    "sitemap-": {"kind": "map_kind", "number": "map_number"},
    "notifications/levels/": {"kind": "level_kind", "target_id": "thread_id"},
    "settings/blocked/<str:handle>/remove/": {"handle": "blocked_handle"},
    "bookmarks/": {"kind": "level_kind", "target_id": "thread_id"},
    "api/v1/bookmarks/": {"kind": "level_kind", "target_id": "thread_id"},
    "api/v1/levels/": {"kind": "level_kind", "target_id": "thread_id"},
}
FIXED = {
    "pk": 1,
    "key": "of-nobody",
    "app_label": "members",
    "content_type_id": 1,
    "object_id": 1,
    "url": "no-such-page",
}


@dataclass(frozen=True, slots=True)
class Call:
    """A body and its type. Without a body the request has none."""

    body: Any = None
    content_type: str = FORM


def arguments_of(endpoint: Endpoint) -> list[str]:
    """The names by which `World.places` knows the objects in the endpoint's address."""
    return [_meaning(endpoint, name) for name in endpoint.arguments]


def path_of(endpoint: Endpoint, world: World, state: str) -> str:
    place = FIXED | world.places.get(state, {})
    if endpoint.method == "DELETE" and "kind" in place:
        place["kind"] = "clap"  # which everybody gave before; "heart" is new
    if endpoint.method == "DELETE" and "blocked_handle" in place:
        place["handle"] = place["blocked_handle"]
    return endpoint.path({name: place[_meaning(endpoint, name)] for name in endpoint.arguments if name})


def is_for_keys(endpoint: Endpoint) -> bool:
    """Whether the operation is the shop's, opened by a key."""
    kind = endpoint.route.removeprefix("api/v1/").partition("/")[0].partition(":")[0]
    return endpoint.is_api and kind in SHOP_ROWS


def call_of(endpoint: Endpoint, world: World, state: str = "open") -> Call:
    if not endpoint.is_unsafe:
        return Call()
    if is_for_keys(endpoint):
        return _shop_call(endpoint)
    build = BODIES.get(endpoint.name)
    body = build(world, world.places.get(state, {})) if build else None
    return Call(body, JSON if endpoint.is_api else FORM)


def send(
    client: Client, endpoint: Endpoint, path: str, call: Call, *, key: str = "", **headers: str
) -> HttpResponseBase:
    """One request. `key` is a shop's token."""
    headers = {"Idempotency-Key": COMMAND, "Accept-Language": "en"} | headers
    if key:
        headers["Authorization"] = f"Bearer {key}"
    if not endpoint.is_unsafe:
        return client.get(path, headers=headers)
    if endpoint.method == "POST" and call.content_type == FORM:
        return client.post(path, call.body or {}, headers=headers)
    data = call.body if isinstance(call.body, (bytes, str)) else json.dumps(call.body) if call.body is not None else ""
    return client.generic(endpoint.method, path, data, content_type=call.content_type, headers=headers)


def key_for(endpoint: Endpoint, world: World, role: str) -> str:
    """The token that `role` brings; "no_scope" has every right but the one that is needed."""
    if role != "no_scope":
        return world.keys.get(role, "") if role in KEYS else ""
    kind = endpoint.route.removeprefix("api/v1/").partition("/")[0].partition(":")[0]
    needed = f"{kind}:{'write' if endpoint.is_unsafe else 'read'}"
    return world.keys[f"all but {needed}"]


def _meaning(endpoint: Endpoint, name: str) -> str:
    for prefix, names in MEANT.items():
        if endpoint.route.startswith(prefix) and name in names:
            return names[name]
    return name


def _shop_call(endpoint: Endpoint) -> Call:
    kind, _colon, verb = endpoint.route.removeprefix("api/v1/").partition("/")[0].partition(":")
    if verb == "bulk":
        return Call(json.dumps({"external_id": "new"} | SHOP_ROWS[kind]), NDJSON)
    if endpoint.route.endswith("/pictures"):
        return Call(png(width=61), "image/png")
    return Call(SHOP_ROWS[kind], JSON) if endpoint.method == "PUT" else Call()


Build = Callable[[World, dict[str, Any]], dict[str, Any]]


def _opening(world: World, place: dict[str, Any]) -> dict[str, Any]:
    category = world.makers_room if place.get("category") == world.makers_room.slug else world.square
    return {"kind": "talk", "category": category.pk, "title": "New", "body": "Words.", "idempotency_key": COMMAND}


def _opening_json(world: World, place: dict[str, Any]) -> dict[str, Any]:
    category = world.makers_room if place.get("category") == world.makers_room.slug else world.square
    return {"kind": "talk", "category_id": category.pk, "title": "New", "body": "Words."}


BODIES: dict[str, Build] = {
    "POST /threads/new/": _opening,
    "POST /api/v1/threads": _opening_json,
    "POST /threads/<int:thread_id>/reply/": lambda _w, _p: {"body": "Me too.", "idempotency_key": COMMAND},
    "POST /api/v1/threads/<thread_id>/posts": lambda _w, _p: {"body": "Me too."},
    "POST /threads/<int:thread_id>/manage/": lambda _w, _p: {"do": "pin"},
    "POST /threads/preview/": lambda _w, _p: {"body": "**x**"},
    "POST /api/v1/preview": lambda _w, _p: {"body": "**x**"},
    "POST /threads/pictures/": lambda _w, _p: {"picture": SimpleUploadedFile("a.png", png(width=62), "image/png")},
    "POST /threads/view/": lambda _w, _p: {"view": "two"},
    "POST /threads/read/": lambda _w, place: {"reached": f"{place.get('thread_id', 1)}:1", "seconds": 3},
    "POST /drafts/save/": lambda _w, _p: {"context": "thread:new", "draft": "w:1", "fields": '{"body": ["Words."]}'},
    "POST /drafts/discard/": lambda _w, _p: {"context": "thread:new"},
    "POST /drafts/restore/": lambda _w, _p: {"context": "thread:new"},
    "POST /posts/<int:post_id>/edit/": lambda _w, _p: {"body": "Changed.", "seen_version": 2},
    "PATCH /api/v1/posts/<post_id>": lambda _w, _p: {"body": "Changed.", "seen_version": 2},
    "POST /posts/<int:post_id>/react/": lambda _w, _p: {"kind": "heart"},
    "POST /i18n/setlang/": lambda _w, _p: {"language": "ja"},
    "POST /accounts/login/": lambda _w, _p: {"login": "the_other@example.com", "password": PASSWORD},
    "POST /accounts/login/code/": lambda _w, _p: {"email": "the_other@example.com"},
    "POST /accounts/signup/": lambda _w, _p: {
        "email": "new@example.com",
        "display_name": "New",
        "old_enough": "on",
        "agrees": "on",
    },
    "POST /accounts/email/": lambda _w, _p: {"action_add": "1", "email": "else@example.com"},
    "POST /accounts/password/reset/": lambda _w, _p: {"email": "the_other@example.com"},
    "POST /accounts/password/change/": lambda _w, _p: {"oldpassword": PASSWORD, "password1": "nine loud teapots"},
    "POST /settings/profile/": lambda _w, _p: {"display_name": "Renamed", "handle": "renamed_1", "bio": "I am."},
    "POST /settings/creator/": lambda _w, _p: {"name": "Studio Maker", "craft": "clay", "links-0": ""},
    "POST /notifications/read/": lambda _w, _p: {"until": "2099-01-01T00:00:00Z"},
    "POST /notifications/levels/<slug:kind>/<int:target_id>/": lambda _w, _p: {"level": "watch"},
    "PUT /api/v1/levels/<kind>/<target_id>": lambda _w, _p: {"level": "watch"},
    "PUT /api/v1/bookmarks/<kind>/<target_id>": lambda _w, _p: {"note": "for the walnut bowl"},
    "POST /api/v1/notifications/read": lambda _w, _p: {"until": "2099-01-01T00:00:00Z"},
    "PUT /api/v1/push": lambda _w, _p: PUSH,
    "POST /settings/notifications/": lambda _w, _p: {"digest": "weekly", "reply-site": "on", "quiet_from": "21:00"},
    "POST /settings/sessions/": lambda _w, _p: {"do": "others"},
    "POST /accounts/confirm/": lambda _w, _p: {"password": "not the password"},
    "POST /settings/data/": lambda _w, _p: {"do": "news", "news": "on"},
    "POST /settings/terms/": lambda _w, _p: {"shown": "1"},
    "POST /admin/members/legaltext/add/": lambda _w, _p: {
        "kind": "terms",
        "body_ja": "仲良く。",
        "body_en": "Be kind.",
        "effective_at_0": "2026-01-01",
        "effective_at_1": "00:00:00",
    },
    "POST /settings/preferences/": lambda _w, _p: {"language": "ja", "theme": "dark", "time_zone": "Europe/Paris"},
    "POST /admin/members/member/<int:member_id>/role/": lambda _w, _p: {
        "role": "moderator",
        "reason": "kind and patient",
        "password": PASSWORD,
    },
    "POST /admin/members/member/<int:member_id>/level/": lambda _w, _p: {"level": "2", "reason": "kind and patient"},
    "POST /admin/catalog/shop/<int:shop_id>/key/": lambda _w, _p: {"name": "till", "scopes": ["items:read"]},
    "POST /admin/catalog/creator/<int:creator_id>/link/": lambda _w, _p: {"handle": "the_other"},
    "POST /admin/members/member/<path:object_id>/change/": lambda _w, _p: {
        "display_name": "Put right",
        "bio": "",
        "reason": "a typing slip",
    },
    "POST /admin/members/member/": lambda world, _p: {
        "action": "ban_selected",
        "_selected_action": [str(world.people["other"].pk)],
        "decide": "Ban",
        "reason": "sells fakes",
    },
    "POST /admin/taggit/tag/add/": lambda _w, _p: {"name": "n", "slug": "n"},
    "POST /admin/taggit/tag/<path:object_id>/change/": lambda _w, _p: {"name": "n", "slug": "n"},
    "POST /admin/taggit/tag/<path:object_id>/delete/": lambda _w, _p: {"post": "yes"},
}
