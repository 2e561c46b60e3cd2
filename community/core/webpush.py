"""The one door to the push services of browsers: what is sent through it is encrypted for one browser (RFC 8291),
signed with the site's own key (RFC 8292), and goes to services we know by name only.

The address of a browser is whatever a member's script said it is, so it is a way for a stranger to make this server
ask somebody (S15, SSRF): https only, a host from `PUSH_SERVICES`, no redirect, a few seconds.
"""

import base64
import binascii
import http.client
import json
import re
import ssl
from dataclasses import dataclass
from email.utils import parseaddr, parsedate_to_datetime
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from django.conf import settings
from django.utils.translation import gettext as _
from webpush import WebPush
from webpush.types import WebPushKeys, WebPushSubscription

from community.core.clock import now
from community.core.errors import Invalid

ENDPOINT_LIMIT = 1_000  # characters; those of Windows have some 600
PAYLOAD_LIMIT = 3_900  # bytes: a record of 4096 (RFC 8291, 4) without its header, key and tag
TTL = 24 * 3600  # seconds a service keeps it for a browser that is switched off
SECONDS = 5  # for each step of the way
_POINT, _SECRET = 65, 16  # bytes of a browser's two keys
_PATH = re.compile(r"/[!-~]*\Z")


class Gone(Exception):
    """The browser takes no more: its address is of no use to anybody."""


class ComeBack(Exception):
    """The service is busy or away. `seconds` is what it asked us to wait; 0: it did not say."""

    def __init__(self, reason: str, seconds: int = 0) -> None:
        super().__init__(reason)
        self.seconds = seconds


class Refused(Exception):
    """The service will not take this one, however often it is sent."""


@dataclass(frozen=True, slots=True)
class Browser:
    """Where a browser can be reached, and the two keys that only it can open a message with."""

    endpoint: str
    p256dh: str
    auth: str


def is_on() -> bool:
    """Whether this site has a key to sign with."""
    return bool(settings.PUSH_KEY)


def public_key() -> str:
    """What browsers are told, so that they take messages from us alone: an uncompressed point, base64url."""
    point = _private_key(settings.PUSH_KEY).public_key()
    return _base64(point.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint))


def is_known_service(endpoint: str) -> bool:
    """Whether an address is https at a service of `PUSH_SERVICES`, where "*.x.example" stands for any host below it."""
    try:
        parts = urlsplit(endpoint)
        host, port = (parts.hostname or "").lower(), parts.port
    except ValueError:
        return False
    plain = parts.scheme == "https" and "@" not in parts.netloc and not parts.fragment
    rest = endpoint.partition("://")[2].partition("/")
    if not plain or len(endpoint) > ENDPOINT_LIMIT or not _PATH.match("/" + rest[2]):
        return False
    place = host if port in (None, 443) else f"{host}:{port}"
    return any(_fits(place, service) for service in settings.PUSH_SERVICES)


def checked(browser: Browser) -> Browser:
    """The same; raises `Invalid` for an address or keys that no browser we know would have."""
    if not is_known_service(browser.endpoint):
        raise Invalid(
            _("This browser's push service is not one we know."), code="push_service_unknown", field="endpoint"
        )
    try:
        point, secret = _bytes(browser.p256dh), _bytes(browser.auth)
        ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
    except (ValueError, binascii.Error):
        point = secret = b""
    if len(point) != _POINT or len(secret) != _SECRET:
        raise Invalid(_("The browser's keys are not complete."), code="push_keys_invalid", field="keys")
    return browser


def send(browser: Browser, payload: dict[str, Any], *, topic: str) -> None:
    """Hand one message to the browser's service. A later one of the same `topic` takes the place of one that waits.

    Raises `Gone`, `ComeBack`, `Refused`; `ValueError` for a payload that is too long.
    """
    body = json.dumps(payload, ensure_ascii=False, separators=(",", ":")).encode()
    if len(body) > PAYLOAD_LIMIT:
        raise ValueError(f"{len(body)} bytes are too long for a push message")
    if not is_known_service(browser.endpoint):
        raise Refused("service unknown")
    message = _writer(settings.PUSH_KEY, _contact()).get(
        body,
        WebPushSubscription(
            endpoint=browser.endpoint,
            keys=WebPushKeys(auth=browser.auth, p256dh=browser.p256dh),
        ),
    )
    _post(browser.endpoint, message.encrypted, {**message.headers, "topic": topic, "urgency": "normal"})


def _post(endpoint: str, body: bytes, headers: dict[str, str]) -> None:
    parts = urlsplit(endpoint)
    path = endpoint.partition(parts.netloc)[2] or "/"
    context = ssl.create_default_context()
    line = http.client.HTTPSConnection(str(parts.hostname), parts.port, timeout=SECONDS, context=context)
    try:
        line.request("POST", path, body, {"content-type": "application/octet-stream", **headers})
        answer = line.getresponse()
        answer.read(1_000)
    except (OSError, http.client.HTTPException) as error:
        raise ComeBack(type(error).__name__) from error
    finally:
        line.close()
    _judge(answer.status, answer.getheader("retry-after") or "")


def _judge(status: int, retry_after: str) -> None:
    if 200 <= status < 300:
        return
    if status in (404, 410):
        raise Gone(str(status))
    if status in (408, 429) or status >= 500:
        raise ComeBack(str(status), _seconds(retry_after))
    raise Refused(str(status))  # redirects, too: nobody leads us anywhere


def _seconds(retry_after: str) -> int:
    """Seconds from now of a `Retry-After`: a number of them, or a date; 0 for what is neither."""
    if retry_after.isdecimal():
        return min(int(retry_after[:9]), TTL)
    try:
        moment = parsedate_to_datetime(retry_after)
        return max(0, min(int((moment - now()).total_seconds()), TTL))
    except (ValueError, TypeError):
        return 0


def _fits(place: str, service: str) -> bool:
    return place.endswith(service[1:]) if service.startswith("*.") else place == service


def _contact() -> str:
    """Whom a push service writes to when something is wrong with our messages (RFC 8292, 2.1)."""
    return parseaddr(settings.PUSH_CONTACT or settings.DEFAULT_FROM_EMAIL)[1]


@lru_cache(maxsize=2)
def _writer(key: str, contact: str) -> WebPush:
    private = _private_key(key)
    return WebPush(
        private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()),
        private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo),
        subscriber=contact,
        ttl=TTL,
    )


@lru_cache(maxsize=2)
def _private_key(key: str) -> ec.EllipticCurvePrivateKey:
    """The key whose number these 32 bytes are; raises `ValueError` for anything else."""
    number = _bytes(key)
    if len(number) != 32:
        raise ValueError("A push key is 32 bytes in base64url: manage.py push_keys makes one.")
    return ec.derive_private_key(int.from_bytes(number), ec.SECP256R1())


def _bytes(text: str) -> bytes:
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)


def _base64(given: bytes) -> str:
    return base64.urlsafe_b64encode(given).rstrip(b"=").decode()
