"""System checks: settings that would be dangerous are refused before the first request."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from django.apps.config import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register

from community.core import webpush
from realtime.conf import live

Apps = Sequence[AppConfig] | None


@register(Tags.security)
def hosts_are_named(app_configs: Apps, **options: Any) -> list[CheckMessage]:
    """S33. A wildcard would also switch the socket's origin check into a formality."""
    if any(host.strip() in {"*", ""} for host in settings.ALLOWED_HOSTS):
        return [Error("ALLOWED_HOSTS holds '*' or an empty name.", hint="Name each host.", id="hiroba.E001")]
    return []


@register(Tags.security)
def origin_is_an_origin(app_configs: Apps, **options: Any) -> list[CheckMessage]:
    parts = urlsplit(settings.SITE_ORIGIN)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.path or parts.query or parts.username:
        hint = "Write it like https://community.example.com, with nothing behind the host and port."
        return [Error(f"SITE_ORIGIN is not an origin: {settings.SITE_ORIGIN!r}.", hint=hint, id="hiroba.E002")]
    return []


@register(Tags.security, deploy=True)
def origin_is_encrypted(app_configs: Apps, **options: Any) -> list[CheckMessage]:
    if not settings.SITE_ORIGIN.startswith("https://"):
        return [Error("SITE_ORIGIN is not https.", hint="Sign-in codes travel through it.", id="hiroba.E003")]
    return []


@register(Tags.security)
def proxies_are_counted(app_configs: Apps, **options: Any) -> list[CheckMessage]:
    if not 0 <= settings.TRUSTED_PROXIES <= 10:
        hint = "It is the number of our own proxies between a visitor and this program: 0 without one, 1 behind nginx."
        return [Error("HIROBA_TRUSTED_PROXIES is not a number from 0 to 10.", hint=hint, id="hiroba.E004")]
    return []


@register(Tags.security)
def pool_has_a_connection_for_every_thread(app_configs: Apps, **options: Any) -> list[CheckMessage]:
    """REL-14. A thread that waits for a connection keeps everybody behind it waiting, too."""
    pool = settings.DATABASES["default"]["OPTIONS"].get("pool", {})
    threads = settings.WEB_THREADS + live().db_threads + 1  # and /readyz
    if settings.WEB_THREADS < 1 or pool.get("max_size", threads) < threads:
        hint = f"Threads of one process may ask at the same time: at least {threads}, or fewer WEB_THREADS."
        return [Error("DATABASE_POOL_MAX is smaller than the threads that use it.", hint=hint, id="hiroba.E005")]
    return []


@register(Tags.security)
def push_key_is_a_key(app_configs: Apps, **options: Any) -> list[CheckMessage]:
    """Found now, and not by the first member who switches a browser on."""
    try:
        if webpush.is_on():
            webpush.public_key()
    except ValueError:
        hint = "manage.py push_keys makes one: 32 bytes in base64url."
        return [Error("HIROBA_PUSH_KEY is no key.", hint=hint, id="hiroba.E008")]
    return []


@register(Tags.security)
def staff_have_a_second_factor(app_configs: Apps, **options: Any) -> list[CheckMessage]:
    """S29. For trying things out on one's own machine an office may open without one, nowhere else."""
    if not settings.STAFF_SECOND_FACTOR and not settings.IS_LOOPBACK:
        hint = "Take HIROBA_STAFF_SECOND_FACTOR away: staff are led to the page where they set one up."
        return [Error("Staff need no second factor on a site that others can reach.", hint=hint, id="hiroba.E007")]
    return []


@register(Tags.security)
def limits_are_on(app_configs: Apps, **options: Any) -> list[CheckMessage]:
    """S20. Without limits a site is measured, not run: they stay on for any address but this machine's own."""
    if settings.LIMITS_OFF and not settings.IS_LOOPBACK:
        hint = "It is for measuring at 127.0.0.1 and has no effect elsewhere."
        return [Error("HIROBA_LIMITS is off for a site that others can reach.", hint=hint, id="hiroba.E006")]
    return []
