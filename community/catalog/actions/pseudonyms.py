"""Stand-ins for personal data, made under the server's key: the same in gives the same out, and nothing leads back."""

import hashlib
import hmac

from django.conf import settings

ERASED = "erased:"


def email_digest(address: str) -> str:
    """64 hex digits for an address, whatever its case; "" for none."""
    address = address.strip().lower()
    return _digest("email", address, settings.SECRET_KEY) if address else ""


def pseudonym(external_id: str) -> str:
    """What an erased customer is called from now on, at most 64 characters."""
    return _pseudonym(external_id, settings.SECRET_KEY)


def pseudonyms(external_id: str) -> list[str]:
    """All names an erased customer may have: one per server key that was in use (SECRET_KEY_FALLBACKS)."""
    return [_pseudonym(external_id, str(key)) for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)]


def _pseudonym(external_id: str, key: str) -> str:
    return ERASED + _digest("customer", external_id, key)[:40]


def _digest(purpose: str, text: str, key: str) -> str:
    return hmac.new(f"community.catalog.{purpose}:{key}".encode(), text.encode(), hashlib.sha256).hexdigest()
