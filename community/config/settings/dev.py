"""One machine, one person: no variable is needed. Mails are files under var/mail, and the debug pages are on."""

import secrets

from community.config.settings.base import *
from community.config.settings.base import HOST, IS_LOOPBACK, LIVE_ORIGINS, PORT, VAR_DIR
from community.config.settings.env import env

DEBUG = env.bool("DEBUG", default=True)
if DEBUG:
    PAGE_CACHE_BYTES = 0  # whoever works on a template sees the change at once


def _kept(name: str, size: int) -> str:
    """A secret of this checkout alone, so that a restart keeps people signed in and their browsers listening."""
    place = VAR_DIR / name
    if not place.exists():
        place.parent.mkdir(parents=True, exist_ok=True)
        place.touch(mode=0o600)
        place.write_text(secrets.token_urlsafe(size))
    return place.read_text()


SECRET_KEY = env.str("SECRET_KEY", default="") or _kept("secret-key", 50)
PUSH_KEY = env.str("HIROBA_PUSH_KEY", default="") or _kept("push-key", 32)
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["127.0.0.1", "localhost", "[::1]"])
if HOST not in ("127.0.0.1", "0.0.0.0", *ALLOWED_HOSTS):
    ALLOWED_HOSTS.append(HOST)
LIVE_ORIGINS += [f"http://{name}:{PORT}" for name in ALLOWED_HOSTS if f"http://{name}:{PORT}" not in LIVE_ORIGINS]

# The demo's moderators have no telephone. A site that others can reach keeps the rule.
STAFF_SECOND_FACTOR = env.bool("HIROBA_STAFF_SECOND_FACTOR", default=not IS_LOOPBACK)

HIROBA_EMAIL_BACKEND_REAL = "community.config.mail.TrialBackend"
EMAIL_FILE_PATH = str(VAR_DIR / "mail")
LOGGING = {
    "level": env.str("HIROBA_LOG_LEVEL", default="INFO"),
    "format": env.str("HIROBA_LOG_FORMAT", default="console"),
}
