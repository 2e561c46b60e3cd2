"""How long to wait, in words."""

import pytest
from django.utils import translation

from community.core.waiting import wait_words


@pytest.mark.parametrize(
    ("seconds", "english", "japanese"),
    [
        (1, "1 second", "1秒"),
        (119, "119 seconds", "119秒"),
        (120, "2 minutes", "2分"),
        (3599, "60 minutes", "60分"),
        (7201, "3 hours", "3時間"),
    ],
)
def test_a_wait_is_told_in_the_unit_a_person_would_use(seconds: int, english: str, japanese: str) -> None:
    with translation.override("en"):
        assert wait_words(seconds) == english
    with translation.override("ja"):
        assert wait_words(seconds) == japanese
