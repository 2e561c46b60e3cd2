"""Tags: one per canonical form, each with an address of its own."""

import pytest

from community.catalog.actions import tags_for

pytestmark = pytest.mark.django_db


def test_signs_without_a_letter_never_run_out_of_addresses() -> None:
    signs = [chr(0x1F600 + number) for number in range(40)]
    tags = [tag for sign in signs for tag in tags_for([sign])]
    assert len({tag.slug for tag in tags}) == len({tag.pk for tag in tags}) == 40
    assert tags_for(signs) == tags


def test_words_with_the_same_letters_have_addresses_of_their_own() -> None:
    first, second = tags_for(["c", "c++"])
    assert (first.slug, second.slug) == ("c", "c-2")
