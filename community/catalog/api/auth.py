"""Who calls: a shop's program with a key. Counted before the key is looked at (S20)."""

from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja.errors import AuthenticationError
from ninja.security import HttpBearer

from community.catalog.actions.shops import find_api_key, note_use
from community.catalog.models import ApiKey
from community.core.errors import NotAllowed
from community.core.limits import take


class ShopKey(HttpBearer):
    """`Authorization: Bearer hk_…` with the scope that the operation needs.

    Three counts: every call by address before anything else, failed ones by address, good ones by key.
    """

    openapi_bearerFormat = "hk_<prefix>_<secret>"

    def __init__(self, scope: str) -> None:
        super().__init__()
        self.scope = scope

    def __call__(self, request: HttpRequest) -> Any:
        take("api_call", address=request.META.get("REMOTE_ADDR", ""))
        key = self.authenticate(request, _token(request))
        if key is None:
            take("api_key", address=request.META.get("REMOTE_ADDR", ""))
            raise AuthenticationError
        return key

    def authenticate(self, request: HttpRequest, token: str) -> ApiKey | None:
        key = find_api_key(token)
        if key is None:
            return None
        take("api_write" if self.scope.endswith(":write") else "api_read", target=key.pk)
        if self.scope not in key.scopes:
            raise NotAllowed(_("This key has no right to “%(scope)s”.") % {"scope": self.scope}, code="scope_missing")
        note_use(key)
        return key


def _token(request: HttpRequest) -> str:
    kind, _space, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip()[:200] if kind.lower() == "bearer" else ""


def key_of(request: HttpRequest) -> ApiKey:
    """The key that `ShopKey` let in."""
    key: ApiKey = request.auth  # type: ignore[attr-defined]
    return key
