"""Every operation of the site, found where Django and ninja keep them: nothing here is a list that somebody writes."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from django.urls import URLPattern, URLResolver, get_resolver

from community.config import asgi
from community.config.api import api

API = "api/v1/"
PAGE_METHODS = ("GET", "POST")
_ARGUMENT = re.compile(r"<(?:\w+:)?(\w+)>")
_GROUP = re.compile(r"\^?\(\?P<(\w+)>[^)]*\)(/?)\$?")


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One method at one route. `name` is what a row of the matrix is called: "GET /threads/<int:thread_id>/"."""

    method: str
    route: str
    callback: Callable[..., Any] | None = field(default=None, compare=False)

    @property
    def name(self) -> str:
        return f"{self.method} /{self.route}"

    @property
    def is_api(self) -> bool:
        return self.route.startswith(API)

    @property
    def is_unsafe(self) -> bool:
        return self.method not in {"GET", "HEAD"}

    @property
    def arguments(self) -> list[str]:
        return _ARGUMENT.findall(self.route)

    def path(self, values: dict[str, Any]) -> str:
        return "/" + _ARGUMENT.sub(lambda found: quote(str(values[found[1]]), safe=""), self.route)


def every_endpoint(urlconf: str | None = None) -> dict[str, Endpoint]:
    """By name. Pages count with GET and POST, whatever they do with them; the API with the methods it declares."""
    declared = _api_methods()
    found = {}
    for route, pattern in _patterns(get_resolver(urlconf)):
        for method in declared.get(route, ("GET",) if route.startswith(API) else PAGE_METHODS):
            endpoint = Endpoint(method, route, pattern.callback)
            found[endpoint.name] = endpoint
    return found


def doors() -> list[str]:
    """Paths that are answered before Django."""
    return sorted(asgi.application.answers)


def _patterns(resolver: URLResolver, prefix: str = "") -> Iterator[tuple[str, URLPattern]]:
    for entry in resolver.url_patterns:
        route = prefix + _GROUP.sub(r"<\1>\2", str(entry.pattern))
        if isinstance(entry, URLResolver):
            yield from _patterns(entry, route)
        else:
            yield route, entry


def _api_methods() -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for prefix, router in api._routers:
        for path, view in router.path_operations.items():
            route = (API.rstrip("/") + prefix + path).replace("{", "<").replace("}", ">")
            found[route] = tuple(method for operation in view.operations for method in operation.methods)
    return found
