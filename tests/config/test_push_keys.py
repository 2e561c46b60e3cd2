"""The key that messages to browsers are signed with."""

from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from community.config.checks import push_key_is_a_key
from community.core import webpush


def said(*arguments: str) -> str:
    out = StringIO()
    call_command("push_keys", *arguments, stdout=out)
    return out.getvalue().strip()


def test_each_key_is_new_and_fits_the_setting(settings: Any) -> None:
    one, two = said(), said()
    assert one != two
    settings.PUSH_KEY = one.removeprefix("HIROBA_PUSH_KEY=")
    assert said("--public") == webpush.public_key() and len(webpush.public_key()) == 87
    assert push_key_is_a_key(None) == []


@pytest.mark.parametrize("key", ["short", "ä" * 43, "A" * 44])
def test_what_is_no_key_is_found_before_anybody_needs_it(key: str, settings: Any) -> None:
    settings.PUSH_KEY = key
    (error,) = push_key_is_a_key(None)
    assert error.id == "hiroba.E008"


def test_without_a_key_there_is_no_public_half(settings: Any) -> None:
    settings.PUSH_KEY = ""
    assert push_key_is_a_key(None) == []
    with pytest.raises(CommandError):
        said("--public")
