"""Shops, and the keys with which their own programs speak to us."""

import hashlib
import re
import secrets
from collections.abc import Collection
from datetime import timedelta
from zoneinfo import ZoneInfo, available_timezones

from django.db.models import Q
from django.utils.text import slugify
from django.utils.translation import gettext as _

from community.catalog.actions import words
from community.catalog.facts import ShopChanged
from community.catalog.models import ApiKey, Shop
from community.core import facts
from community.core.clock import now
from community.core.errors import Invalid
from community.core.text import clean_line
from community.core.work import unit
from community.members.models import Member

KINDS = ("items", "orders", "customers", "creators")
SCOPES = tuple(f"{kind}:{right}" for kind in KINDS for right in ("read", "write"))
_TOKEN = re.compile(r"hk_([0-9a-f]{10})_([A-Za-z0-9_-]{20,80})")
USED_EVERY = timedelta(minutes=1)  # how exact `last_used_at` is; a write per call would be a hot row


@unit
def create_shop(
    *, name: str, slug: str = "", site_url: str = "", currency: str = "JPY", time_zone: str = "Asia/Tokyo"
) -> Shop:
    """Plug a shop in. Raises `Invalid` for a taken slug, an unknown currency or time zone."""
    name = clean_line(name, field="name", limit=80)
    slug = slugify(slug or name, allow_unicode=True)[:60].strip("-") or "shop"
    if Shop.objects.filter(slug=slug).exists():
        raise Invalid(_("There is a shop “%(slug)s” already.") % {"slug": slug}, code="shop_taken", field="slug")
    if time_zone not in available_timezones():
        raise Invalid(_("“%(zone)s” is no time zone.") % {"zone": time_zone}, code="zone_unknown", field="time_zone")
    if site_url and not words.web_address(site_url):
        raise Invalid(_("This is not a web address."), code="address_invalid", field="site_url")
    shop = Shop.objects.create(
        name=name,
        slug=slug,
        site_url=site_url,
        currency=words.currency_code(currency),
        time_zone=ZoneInfo(time_zone).key,
        created_at=now(),
    )
    facts.record(ShopChanged(shop.pk))
    return shop


@unit
def shop_changed(shop: Shop) -> None:
    """Tell that the admin's forms have saved something about a shop; they write in this transaction."""
    facts.record(ShopChanged(shop.pk))


@unit
def create_api_key(*, shop: Shop, name: str, scopes: Collection[str], by: Member | None = None) -> tuple[ApiKey, str]:
    """Make a key; returns its row and the key itself, which is shown once and kept nowhere (S21).

    Raises `Invalid` for an unknown scope or none.
    """
    unknown = sorted(set(scopes) - set(SCOPES))
    if unknown or not scopes:
        raise Invalid(
            _("A key needs one or more of these scopes: %(scopes)s.") % {"scopes": ", ".join(SCOPES)},
            code="scope_unknown",
            field="scopes",
        )
    prefix, secret = secrets.token_hex(5), secrets.token_urlsafe(32)
    key = ApiKey.objects.create(
        shop=shop,
        name=clean_line(name, field="name", limit=60),
        prefix=prefix,
        secret_hash=_hash(secret),
        scopes=sorted(set(scopes)),
        created_by=by,
        created_at=now(),
    )
    return key, f"hk_{prefix}_{secret}"


@unit
def revoke_api_key(*, key: ApiKey) -> None:
    """From the next call on the key opens nothing."""
    ApiKey.objects.filter(pk=key.pk, revoked_at=None).update(revoked_at=now())


def find_api_key(token: str) -> ApiKey | None:
    """The key behind a bearer token, with its shop, unless it is unknown, revoked or wrong."""
    found = _TOKEN.fullmatch(token)
    prefix, secret = (found[1], found[2]) if found else ("", "")
    key = ApiKey.objects.select_related("shop").filter(prefix=prefix).first() if found else None
    # Compared also when there is no such key, so that the time taken does not tell which prefixes exist.
    fits = secrets.compare_digest(_hash(secret), key.secret_hash if key else "0" * 64)
    return key if key is not None and fits and key.revoked_at is None else None


def note_use(key: ApiKey) -> None:
    """Remember that the key is in use, at most once a minute."""
    moment = now()
    if key.last_used_at is None or key.last_used_at < moment - USED_EVERY:
        stale = Q(last_used_at=None) | Q(last_used_at__lt=moment - USED_EVERY)
        ApiKey.objects.filter(stale, pk=key.pk).update(last_used_at=moment)


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()
