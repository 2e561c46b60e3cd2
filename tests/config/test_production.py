"""S1, S2, S3, S21, S33: a shop's settings are safe, or the program does not start."""

import json
import os
import subprocess
import sys
from typing import Any

import pytest
from django.conf import settings

from community.config.management.commands.gate import PRODUCTION


def run(code: str, **changed: str | None) -> subprocess.CompletedProcess[str]:
    """Python with the production settings; a name set to None is left out."""
    environment = {
        name: value for name, value in (dict(os.environ) | PRODUCTION | changed).items() if value is not None
    }
    return subprocess.run(
        [sys.executable, "-c", code], cwd=settings.BASE_DIR, env=environment, capture_output=True, text=True
    )


def value_of(*names: str, **changed: str | None) -> list[Any]:
    code = "import json\nfrom django.conf import settings as s\n"
    code += f"print(json.dumps([getattr(s, name) for name in {names!r}], default=str))"
    done = run(code, **changed)
    assert done.returncode == 0, done.stderr
    return list(json.loads(done.stdout))


@pytest.mark.parametrize(
    "name",
    ["SECRET_KEY", "ALLOWED_HOSTS", "SITE_ORIGIN", "DATABASE_URL", "REDIS_URL", "EMAIL_URL", "DEFAULT_FROM_EMAIL"],
)
def test_without_what_only_the_operator_knows_it_does_not_start(name: str) -> None:
    done = run("import django; django.setup()", **{name: None})
    assert done.returncode == 1
    assert f"{name} is not set." in done.stderr


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"ALLOWED_HOSTS": "*"}, "hiroba.E001"),
        ({"ALLOWED_HOSTS": "community.example.com,*"}, "hiroba.E001"),
        ({"SITE_ORIGIN": "https://community.example.com/path"}, "hiroba.E002"),
        ({"SITE_ORIGIN": "http://community.example.com"}, "hiroba.E003"),
        ({"HIROBA_TRUSTED_PROXIES": "-1"}, "hiroba.E004"),
        ({"DATABASE_POOL_MAX": "12"}, "hiroba.E005"),
        ({"WEB_THREADS": "0"}, "hiroba.E005"),
        ({"HIROBA_LIMITS": "off"}, "hiroba.E006"),
        ({"SECRET_KEY": "short"}, "security.W009"),
    ],
)
def test_dangerous_settings_fail_the_deploy_check(changed: dict[str, str], code: str) -> None:
    command = "from django.core.management import execute_from_command_line as run\n"
    command += "run(['manage.py', 'check', '--deploy', '--tag', 'security', '--fail-level', 'WARNING'])"
    done = run(command, **changed)
    assert done.returncode == 1
    assert code in done.stderr


def test_limits_stay_on_for_a_site_that_others_can_reach() -> None:
    assert value_of("LIMITS", HIROBA_LIMITS="off") == value_of("LIMITS")
    assert value_of("LIMITS", HIROBA_LIMITS="off", SITE_ORIGIN="http://127.0.0.1:8000") == [{}]


def test_cookies_belong_to_this_host_alone() -> None:
    names = ("SESSION_COOKIE_NAME", "CSRF_COOKIE_NAME", "SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE")
    assert value_of(*names) == ["__Host-session", "__Host-csrf", True, True]
    more = ("SESSION_COOKIE_SAMESITE", "CSRF_COOKIE_SAMESITE", "SESSION_COOKIE_HTTPONLY", "CSRF_COOKIE_HTTPONLY")
    assert value_of(*more) == ["Lax", "Lax", True, True]


def test_browsers_are_told_to_come_by_https_for_at_least_a_year() -> None:
    seconds, subdomains, preload = value_of(
        "SECURE_HSTS_SECONDS", "SECURE_HSTS_INCLUDE_SUBDOMAINS", "SECURE_HSTS_PRELOAD"
    )
    assert seconds >= 31_536_000
    assert subdomains
    assert preload


def test_old_keys_can_still_be_named() -> None:
    assert value_of("SECRET_KEY_FALLBACKS", SECRET_KEY_FALLBACKS="one,two") == [["one", "two"]]


def test_connections_come_from_a_pool_and_never_live_in_threads() -> None:
    (databases,) = value_of("DATABASES", DATABASE_POOL_MAX="7")
    assert databases["default"]["CONN_MAX_AGE"] == 0
    assert databases["default"]["OPTIONS"]["pool"]["max_size"] == 7


def test_the_debug_pages_are_off() -> None:
    assert value_of("DEBUG", DEBUG="true") == [False]
