"""Money is whole numbers of the minor unit."""

import pytest

from community.core import money
from community.core.errors import Invalid


@pytest.mark.parametrize(
    ("text", "currency", "minor"),
    [
        ("$1,234.00", "SGD", 123400),
        ("¥12,000", "JPY", 12000),
        ("2.55", "GBP", 255),
        ("0", "JPY", 0),
        ("-4.25", "GBP", -425),
    ],
)
def test_amounts_are_read_in_the_currency_s_minor_unit(text: str, currency: str, minor: int) -> None:
    assert money.to_minor(text, currency) == minor


@pytest.mark.parametrize("text", ["", "free", "NaN", "Infinity", "1e99", "12,34,x"])
def test_what_is_no_amount_is_refused(text: str) -> None:
    with pytest.raises(Invalid):
        money.to_minor(text, "JPY")


def test_amounts_are_shown_as_people_write_them() -> None:
    assert money.show(12000, "JPY", "ja") == "¥12,000"
    assert money.show(12000, "JPY", "en") == "¥12,000"
    assert "1,234.00" in money.show(123400, "SGD", "en")
