"""django-spirit as its own project template has it for production; only our addresses, and its rate limit off."""

import os
from pathlib import Path

from spirit.extra.project_template.project_name.settings.prod import *

_var = Path(os.environ["BENCH_VAR"])
_root = "spirit.extra.project_template.project_name"
SECRET_KEY = "a benchmark's"
ALLOWED_HOSTS = ["127.0.0.1"]
ROOT_URLCONF = f"{_root}.urls"
WSGI_APPLICATION = f"{_root}.wsgi.application"
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
    name: {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": os.environ["REDIS_URL"]}
    for name in ("default", "st_rate_limit")
}
CACHES["default"]["KEY_PREFIX"] = "spirit"
CACHES["st_rate_limit"]["TIMEOUT"] = None
STATIC_ROOT, MEDIA_ROOT = str(_var / "static"), str(_var / "media")
HAYSTACK_CONNECTIONS = {
    "default": {"ENGINE": "haystack.backends.whoosh_backend.WhooshEngine", "PATH": str(_var / "search")}
}
LOGGING = {"version": 1, "disable_existing_loggers": False}
ST_SITE_URL = os.environ["BENCH_ORIGIN"]
ST_RATELIMIT_ENABLE = False  # one comment in ten seconds
ST_TASK_MANAGER = None  # no worker: as its template has it
