"""What an address asks for, read with good will: nonsense counts as not asked."""

from collections.abc import Sequence

from django.http import HttpRequest


def chosen(request: HttpRequest, name: str, allowed: Sequence[str]) -> str:
    """The value of `name` if it is one of `allowed`, else the first of them."""
    wanted = request.GET.get(name, "")
    return wanted if wanted in allowed else allowed[0]


def whole_number(request: HttpRequest, name: str) -> int | None:
    """A whole number, also in full-width digits and with separators; None for anything else."""
    text = "".join(request.GET.get(name, "").replace(",", "").replace("，", "").split())
    return int(text) if text.isdecimal() and len(text) <= 10 else None
