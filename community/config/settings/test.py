"""The tests: the same engines, a database of their own, quick passwords. Nothing else differs from a real site."""

from typing import Any

from community.config.settings.base import *  # noqa: F403
from community.config.settings.base import DATABASES, VAR_DIR
from community.config.settings.env import env

SECRET_KEY = "only-for-tests-" + "k" * 40
ALLOWED_HOSTS = ["testserver", "127.0.0.1", "localhost"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
HIROBA_EMAIL_BACKEND_REAL = "django.core.mail.backends.locmem.EmailBackend"
# A run has a name (tests/conftest.py), so that two runs on one machine never meet. The site that a journey starts is a
# process of its own and is told the run's database by its real name.
RUN = env.str("HIROBA_TEST_RUN", default="alone")
_database: dict[str, Any] = DATABASES["default"]
_database["TEST"] = {"NAME": f"test_hiroba_{RUN}"}
if env.bool("HIROBA_TEST_SITE", default=False):
    _database["NAME"] = _database["TEST"]["NAME"]
    EMAIL_BACKEND = "community.config.mail.QueuedBackend"
    HIROBA_EMAIL_BACKEND_REAL = "django.core.mail.backends.filebased.EmailBackend"
# Only the session of a test gives up durability: a lost test database costs nothing.
_database["OPTIONS"]["options"] += " -c synchronous_commit=off"
MEDIA_ROOT = str(VAR_DIR / "test" / RUN / "media")
EMAIL_FILE_PATH = str(VAR_DIR / "test" / RUN / "mail")
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = False
LOGGING = {"level": env.str("HIROBA_LOG_LEVEL", default="WARNING"), "format": "json"}
