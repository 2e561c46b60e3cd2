"""Titles and bodies, the same for every product that is measured. Standard library only."""

import random

TEXT = (
    "price deal coupon shop order stock ship return refund size colour brand quality cheap good new used offer sale "
    "store cart review seller buyer box today week month warranty battery screen cable lamp chair shoe coat bag"
)
WORDS = TEXT.split()
THREADS = 200  # with REPLIES replies each; one more thread has LONG of them
REPLIES = 20
LONG = 10_000
USERS = 40
PASSWORD = "Bench-pass-1"
VARIETY = 500  # bodies that differ; they come round again


def title(index: int) -> str:
    chance = random.Random(10_000 + index)
    return f"Topic {index:04d} {_words(chance, 5)}"


def body(index: int) -> str:
    """About 225 bytes of Markdown: bold, a link, code and a list."""
    chance = random.Random(index % VARIETY)
    return (
        f"{_words(chance, 9).capitalize()} **{_words(chance, 2)}** {_words(chance, 8)}. "
        f"See [{_words(chance, 2)}](https://example.com/{index % VARIETY}) for `{_words(chance, 1)}`.\n\n"
        f"- {_words(chance, 4)}\n- {_words(chance, 4)}\n"
    )


def _words(chance: random.Random, count: int) -> str:
    return " ".join(chance.choice(WORDS) for _ in range(count))


def plan() -> list[int]:
    """How many replies each thread has; the last one is the long one."""
    return [REPLIES] * THREADS + [LONG]
