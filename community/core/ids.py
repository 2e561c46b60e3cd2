"""Ids as they come in addresses and forms."""

_DIGITS = 18  # any of them fits a bigint column


def given_id(text: object) -> int | None:
    """The id that `text` spells in ASCII digits; None for anything else ("²" is a digit to Python, too)."""
    spelled = str(text)
    return int(spelled) if spelled.isascii() and spelled.isdigit() and len(spelled) <= _DIGITS else None
