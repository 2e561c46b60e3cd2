"""A real shop. What has no safe default must be named, or the program does not start."""

from django.core.exceptions import ImproperlyConfigured

from community.config.settings.base import *
from community.config.settings.base import CONTENT_SECURITY_POLICY, STORAGES, VAR_DIR
from community.config.settings.env import env


def _named(name: str, why: str) -> str:
    value = env.str(name, default="")
    if not value:
        raise ImproperlyConfigured(f"{name} is not set. {why} See .env.example.")
    return value


SECRET_KEY = _named(
    "SECRET_KEY",
    "It signs sessions and codes; make one with `python -c 'import secrets; print(secrets.token_urlsafe(50))'`.",
)
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])
ALLOWED_HOSTS = _named("ALLOWED_HOSTS", "Name the hosts this site answers to, with commas between them.").split(",")
_named("SITE_ORIGIN", "Addresses in mails are made from it: https:// and the host, nothing behind.")
_named("DATABASE_URL", "A private server is for trying things out; a shop names its PostgreSQL.")
_named("REDIS_URL", "A private server is for trying things out; a shop names its Valkey or Redis.")

SECURE_SSL_REDIRECT = env.bool("HIROBA_SSL_REDIRECT", default=True)
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
SECURE_PROXY_SSL_HEADER = None  # the door sets the scheme itself, from the proxies we trust
SECURE_HSTS_SECONDS = 63_072_000
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SECURE_HSTS_PRELOAD = True
# A __Host- cookie can be set neither by a sub-domain nor over plain http (S3).
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = True
SESSION_COOKIE_NAME = "__Host-session"
DEVICE_COOKIE_NAME = "__Secure-device"  # has a path of its own, which __Host- does not allow
CSRF_COOKIE_NAME = "__Host-csrf"
LANGUAGE_COOKIE_NAME = "__Host-language"
CONTENT_SECURITY_POLICY["DIRECTIVES"]["upgrade-insecure-requests"] = True

STORAGES = STORAGES | {"staticfiles": {"BACKEND": "community.config.static.HashedStorage"}}
STATIC_ROOT = VAR_DIR / "static"
WHITENOISE_USE_FINDERS = False
WHITENOISE_MAX_AGE = 60

_mail = env.email_url_config(_named("EMAIL_URL", "Sign-in codes go by mail: smtp+tls://user:password@host:587."))
HIROBA_EMAIL_BACKEND_REAL = _mail["EMAIL_BACKEND"]
EMAIL_HOST, EMAIL_PORT = _mail["EMAIL_HOST"], _mail["EMAIL_PORT"]
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = _mail["EMAIL_HOST_USER"], _mail["EMAIL_HOST_PASSWORD"]
EMAIL_USE_TLS, EMAIL_USE_SSL = _mail.get("EMAIL_USE_TLS", False), _mail.get("EMAIL_USE_SSL", False)
DEFAULT_FROM_EMAIL = SERVER_EMAIL = _named("DEFAULT_FROM_EMAIL", "Mails need a sender people can answer.")
