"""Single values of a shop's row: words, amounts, moments, addresses.

Files say everything in strings and repeat themselves a lot, so the costly readers remember their last answers.
"""

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from decimal import Decimal
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from babel.numbers import is_currency
from django.utils.translation import gettext as _

from community.core import money
from community.core.errors import Invalid
from community.core.text import clean_line, tidy

ID_LIMIT = 64
URL_LIMIT = 500
QUANTITY_LIMIT = 10_000_000
EARLIEST, LATEST = 1900, 2100
_AMOUNT = re.compile(r"[+\-−]?\s*(?:[A-Z]{0,3}[$¥￥£€])?\s*[+\-]?[0-9][0-9,]*(?:\.[0-9]+)?\s*円?")
_SIGNS = str.maketrans({"−": "-", "￥": "¥", "円": None})
_ID_FORBIDDEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ufeff\ud800-\udfff]")
_YES, _NO = frozenset({"true", "t", "yes", "y", "1"}), frozenset({"false", "f", "no", "n", "0", ""})


def refused(field: str, code: str, message: str) -> Invalid:
    return Invalid(message, code=code, field=field)


def plain(value: Any, field: str) -> str:
    """A value as text; raises `Invalid` for lists and objects."""
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float, Decimal, datetime, date)):
        return str(value)
    raise refused(field, "not_text", _("A single value is expected here."))


def identity(value: Any, field: str = "external_id") -> str:
    """A shop's own id: 1 to 64 characters, kept as it is (case matters), without control characters."""
    text = plain(value, field).strip()
    if not text:
        raise refused(field, "id_missing", _("The id is missing."))
    if len(text) > ID_LIMIT or _ID_FORBIDDEN.search(text):
        raise refused(field, "id_invalid", _("An id has at most 64 visible characters."))
    if text.startswith("erased:"):
        raise refused(field, "id_reserved", _("Ids that begin with “erased:” are ours."))
    return text


def reference(value: Any, field: str) -> str:
    """The id of another row, or "" for none."""
    return identity(value, field) if plain(value, field).strip() else ""


@lru_cache(maxsize=16_384)
def one_line(text: str, limit: int) -> tuple[str, bool]:
    """A tidy line cut at `limit` characters, and whether it had to be cut. "" stays ""."""
    try:
        text = clean_line(text, field="text", limit=1_000_000)
    except Invalid:
        return "", False
    return (text, False) if len(text) <= limit else (text[: limit - 1].rstrip() + "…", True)


@lru_cache(maxsize=256)
def tidied(text: str, limit: int) -> tuple[str, bool]:
    """A tidy text cut at `limit` bytes of UTF-8, and whether it had to be cut."""
    text = tidy(text).strip()
    raw = text.encode()
    return (text, False) if len(raw) <= limit else (raw[: limit - 3].decode(errors="ignore") + "…", True)


@lru_cache(maxsize=16_384)
def minor(text: str, currency: str, field: str) -> int | None:
    """An amount in main units ("1,234.50", "$12", "1200円") in minor units; None for ""."""
    text = text.strip()
    if not text:
        return None
    if len(text) > 32 or not _AMOUNT.fullmatch(text):
        raise refused(field, "amount_invalid", _("“%(amount)s” is not an amount of money.") % {"amount": text[:40]})
    bare = re.sub(r"[^0-9.\-]", "", text.translate(_SIGNS))
    try:
        return money.to_minor(bare, currency)
    except Invalid as error:
        raise Invalid(error.message, code=error.code, field=field) from error


@lru_cache(maxsize=64)
def currency_code(text: str, field: str = "currency") -> str:
    text = text.strip().upper()
    if not is_currency(text):
        raise refused(field, "currency_unknown", _("“%(code)s” is no currency of ISO 4217.") % {"code": text[:10]})
    return text


@lru_cache(maxsize=16_384)
def moment(text: str, zone: str, field: str) -> datetime | None:
    """ISO 8601, with or without time; without an offset it is a time of `zone`. None for ""."""
    text = text.strip()
    if not text:
        return None
    try:
        found = datetime.fromisoformat(text)
        if found.tzinfo is None:
            found = found.replace(tzinfo=ZoneInfo(zone))
        found = found.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise refused(
            field, "moment_invalid", _("“%(moment)s” is not a date or time of ISO 8601.") % {"moment": text[:40]}
        ) from error
    if not EARLIEST <= found.year <= LATEST:
        raise refused(field, "moment_invalid", _("The year %(year)s cannot be right.") % {"year": found.year})
    return found


def midnight(day: date, zone: str) -> datetime:
    return datetime.combine(day, time(), ZoneInfo(zone)).astimezone(UTC)


@lru_cache(maxsize=16_384)
def whole(text: str, field: str, lowest: int, highest: int) -> int | None:
    """A whole number in a range; None for ""."""
    text = text.strip()
    if not text:
        return None
    if not re.fullmatch(r"[+-]?[0-9]{1,12}(?:\.0+)?", text):
        raise refused(field, "number_invalid", _("“%(text)s” is not a whole number.") % {"text": text[:40]})
    number = int(text.partition(".")[0])
    if not lowest <= number <= highest:
        raise refused(
            field,
            "number_out_of_range",
            _("%(number)s is not between %(lowest)s and %(highest)s.")
            % {"number": number, "lowest": lowest, "highest": highest},
        )
    return number


def choice(text: str, field: str, allowed: Mapping[str, Any] | frozenset[str], default: str) -> str:
    text = text.strip().lower()
    if not text:
        return default
    if text not in allowed:
        words = ", ".join(sorted(allowed))
        raise refused(
            field, "choice_unknown", _("“%(word)s” is not one of: %(words)s.") % {"word": text[:40], "words": words}
        )
    return text


def yes_or_no(value: Any, field: str, default: bool) -> bool:
    if isinstance(value, bool):
        return value
    text = plain(value, field).strip().lower()
    if value is None:
        return default
    if text not in _YES | _NO:
        raise refused(field, "choice_unknown", _("“%(word)s” is neither true nor false.") % {"word": text[:40]})
    return text in _YES


@lru_cache(maxsize=1024)
def web_address(text: str, *, secure: bool = False) -> str:
    """An http(s) address with a host, or "" when it is none."""
    text = text.strip()
    if len(text) > URL_LIMIT or re.search(r"[\s\x00-\x1f\x7f<>\"'\\\\^`{|}]", text):
        return ""
    try:
        parts = urlsplit(text)
        host = parts.hostname
        parts.port  # noqa: B018  raises for a port that is no number
    except ValueError:
        return ""
    wanted = {"https"} if secure else {"http", "https"}
    return text if parts.scheme.lower() in wanted and host and "@" not in parts.netloc else ""
