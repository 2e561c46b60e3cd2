"""The API's description in the repository is the API's own."""

from pathlib import Path

from django.conf import settings

from community.config.management.commands.openapi import SNAPSHOT, described


def test_the_snapshot_is_what_the_api_says_of_itself() -> None:
    kept = (Path(settings.BASE_DIR) / SNAPSHOT).read_text(encoding="utf-8")
    assert kept == described(), "the API changed: look at it, then `manage.py openapi`"
