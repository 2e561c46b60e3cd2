"""Money is a whole number of the currency's minor unit, never a float."""

from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from functools import cache

from babel.numbers import format_currency, get_currency_precision, list_currencies

from community.core.errors import Invalid

# A price above this in minor units is a typing error, not a price (10 digits fit every currency we know of).
LARGEST_MINOR = 9_999_999_999


# Signs that readers know, where the locale data would print the three letters.
_SIGNS = {"SGD": "S$", "HKD": "HK$", "AUD": "A$", "CAD": "C$", "NZD": "NZ$", "TWD": "NT$", "USD": "$", "CNY": "CN¥"}


def digits(currency: str) -> int:
    """How many decimal places the currency has (ISO 4217): JPY 0, SGD 2."""
    return get_currency_precision(currency)


@cache
def by_digits() -> dict[int, list[str]]:
    """The currencies by their number of decimal places: {0: ["JPY", …], 2: ["EUR", …], 3: ["KWD", …]}."""
    found: dict[int, list[str]] = {}
    for code in sorted(list_currencies()):
        found.setdefault(digits(code), []).append(code)
    return found


def to_minor(amount: str | Decimal | int, currency: str) -> int:
    """Turn "1,234.00", "$12" or Decimal("12") into minor units; raises `Invalid`.

    Rounds half up on the last place of the currency. Signs are kept: a refund may be negative.
    """
    text = str(amount).strip().replace(",", "").lstrip("$¥£€").strip()
    try:
        value = Decimal(text)
    except InvalidOperation as error:
        raise Invalid(f"“{amount}” is not an amount of money.", code="amount_invalid") from error
    if not value.is_finite():
        raise Invalid(f"“{amount}” is not an amount of money.", code="amount_invalid")
    minor = int((value * 10 ** digits(currency)).to_integral_value(rounding=ROUND_HALF_UP))
    if abs(minor) > LARGEST_MINOR:
        raise Invalid(f"“{amount}” is larger than any price we take.", code="amount_too_large")
    return minor


def to_decimal(minor: int, currency: str) -> Decimal:
    """Minor units as a decimal amount."""
    return Decimal(minor).scaleb(-digits(currency))


def show(minor: int, currency: str, language: str = "ja") -> str:
    """The amount as people of that language write it: "¥12,000", "S$1,234.00"."""
    shown = format_currency(to_decimal(minor, currency), currency, locale=language.replace("-", "_"))
    # CLDR's Japanese yen sign is the full-width one, which sits badly between Latin digits.
    return shown.replace("￥", "¥").replace(currency, _SIGNS.get(currency, currency))
