"""The tests: the same engines, a database and a Valkey of the run's own, quick passwords. Nothing else differs."""

import os
import secrets
from typing import Any

# A developer's own .env must not decide what a test sees. Real variables still choose the servers.
os.environ.setdefault("HIROBA_ENV_FILE", "")

from community.config import private
from community.config.settings.base import *
from community.config.settings.base import DATABASES, STORAGES, VAR_DIR
from community.config.settings.env import env

SECRET_KEY = "only-for-tests-" + "k" * 40
PUSH_KEY = "only-for-tests-" + "k" * 27 + "A"  # 32 bytes
ALLOWED_HOSTS = ["testserver", "127.0.0.1", "localhost"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
HIROBA_EMAIL_BACKEND_REAL = "django.core.mail.backends.locmem.EmailBackend"

# A run has a name, so that two runs on one machine never meet; of one run, each worker has its own database and Valkey.
# Processes that a test starts inherit both.
RUN = os.environ.setdefault("HIROBA_TEST_RUN", f"{os.getpid()}x{secrets.token_hex(3)}")
RUN += os.environ.get("PYTEST_XDIST_WORKER", "")
RUN_DIR = VAR_DIR / "test" / RUN
REDIS_URL = env.str("REDIS_URL", default="") or private.redis_url(RUN_DIR)
_database: dict[str, Any] = DATABASES["default"]
_database["TEST"] = {"NAME": f"test_hiroba_{RUN}"}
# Only the sessions of a test give up durability: a lost test database costs nothing.
_database["OPTIONS"]["options"] += " -c synchronous_commit=off"
MEDIA_ROOT = str(RUN_DIR / "media")
ARCHIVE_ROOT = str(RUN_DIR / "archives")
STORAGES["archives"]["OPTIONS"]["location"] = ARCHIVE_ROOT
EMAIL_FILE_PATH = str(RUN_DIR / "mail")
# Static files are looked for when one is asked for: to list them all takes each new test client 30 ms.
WHITENOISE_AUTOREFRESH = True
LOGGING = {"level": env.str("HIROBA_LOG_LEVEL", default="WARNING"), "format": "json"}

# The site that a journey starts is a process of its own: it uses the run's database by its real name.
if env.bool("HIROBA_TEST_SITE", default=False):
    _database["NAME"] = _database["TEST"]["NAME"]
    WHITENOISE_AUTOREFRESH = False
    EMAIL_BACKEND = "community.config.mail.QueuedBackend"
    HIROBA_EMAIL_BACKEND_REAL = "django.core.mail.backends.filebased.EmailBackend"
