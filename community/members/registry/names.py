"""Names that belong to somebody.

A guard answers whether a name that looks like `skeleton` (core.text.skeleton) belongs to somebody other than the
member `member_id` (None: somebody who is just signing up).
"""

from collections.abc import Callable

NameGuard = Callable[[str, int | None], bool]

_guards: list[NameGuard] = []


def guard_names(guard: NameGuard) -> NameGuard:
    """Add a guard; usable as a decorator. Adding it twice counts once."""
    if guard not in _guards:
        _guards.append(guard)
    return guard


def belongs_to_another(skeleton: str, member_id: int | None) -> bool:
    """Whether any guard claims the name."""
    return any(guard(skeleton, member_id) for guard in _guards)
