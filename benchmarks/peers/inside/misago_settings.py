"""Misago as its own `devproject` has it, without its debug toolbar and flood guard; only our addresses."""

import os
from pathlib import Path

from devproject.settings import *
from misago.conf import defaults

_var = Path(os.environ["BENCH_VAR"])
DEBUG = False
ALLOWED_HOSTS = ["127.0.0.1"]
INSTALLED_APPS = [app for app in INSTALLED_APPS if app != "debug_toolbar"]
MIDDLEWARE = [name for name in MIDDLEWARE if "debug_toolbar" not in name]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # forty people sign in before each measurement
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": os.environ["BENCH_DATABASE"],
        "USER": "postgres",
        "HOST": os.environ["BENCH_DATABASE_HOST"],
        "PORT": "5432",
        "CONN_MAX_AGE": 600,
    }
}
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": os.environ["REDIS_URL"],
        "KEY_PREFIX": "misago",
    }
}
CELERY_BROKER_URL = os.environ["BENCH_QUEUE"]  # jobs are queued; no worker takes core time to do them
STATIC_ROOT, MEDIA_ROOT = str(_var / "static"), str(_var / "media")
MISAGO_USER_DATA_DOWNLOADS_WORKING_DIR = str(_var / "userdata")
EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
MISAGO_POSTING_MIDDLEWARES = [name for name in defaults.MISAGO_POSTING_MIDDLEWARES if "floodprotection" not in name]
