"""What changed between two texts, as people read it: words in Latin script, single characters in Japanese."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import accumulate
from typing import Literal

Op = Literal["same", "added", "removed"]
Change = tuple[Op, str]

# A Latin word, a run of spaces, or any one character.
_TOKEN = re.compile(r"[0-9A-Za-z\u00c0-\u024f_]+|[ \t]+|.", re.DOTALL)
# Comparing costs up to the cube of the length where the same few words repeat (600 lines of "a" and "b": 9 s). What is
# not compared when the steps are used up is shown as changed as a whole. 32 KB with a change in every line are within.
STEPS = 1_000_000
# A few equal characters between two changes tell the eye nothing; they join the change.
_ISLAND = 2


@dataclass(slots=True)
class _Steps:
    """How much comparing is left for one difference, so that no text makes it slow (about 0.3 s for all of them)."""

    left: int = STEPS

    def spend(self, steps: int) -> bool:
        if steps > self.left:
            return False
        self.left -= steps
        return True


def difference(old: str, new: str) -> list[Change]:
    """The steps from `old` to `new`: the "same" and "removed" ones joined are `old`, "same" and "added" are `new`."""
    steps = _Steps()
    changes: list[Change] = []
    for op, before, after in _matched(old.splitlines(keepends=True), new.splitlines(keepends=True), steps):
        if op == "same":
            changes.append(("same", before))
        elif before and after:
            changes += _within(before, after, steps)
        else:
            changes += _replaced(before, after)
    return _joined(changes)


def changed_characters(old: str, new: str) -> int:
    """How many characters were taken out or put in."""
    return sum(len(text) for op, text in difference(old, new) if op != "same")


def _within(before: str, after: str, steps: _Steps) -> list[Change]:
    changes: list[Change] = []
    for op, left, right in _without_islands(_matched(_TOKEN.findall(before), _TOKEN.findall(after), steps)):
        changes += [("same", left)] if op == "same" else _replaced(left, right)
    return changes


def _matched(old: Sequence[str], new: Sequence[str], steps: _Steps) -> list[tuple[str, str, str]]:
    """(same or changed, the old part, the new part), in order."""
    parts: list[tuple[str, str, str]] = []
    a = b = 0
    for at_old, at_new, size in [*_blocks(old, new, steps), (len(old), len(new), 0)]:
        if a < at_old or b < at_new:
            parts.append(("changed", "".join(old[a:at_old]), "".join(new[b:at_new])))
        a, b = at_old + size, at_new + size
        if size:
            parts.append(("same", "".join(old[at_old:a]), "".join(new[at_new:b])))
    return parts


def _blocks(old: Sequence[str], new: Sequence[str], steps: _Steps) -> list[tuple[int, int, int]]:
    """Where both are equal: (place in old, place in new, length), in order. As `SequenceMatcher` finds them, largest
    first, as long as there are steps.
    """
    head = _alike(old, new)
    tail = _alike(old[: head - 1 - len(old) : -1], new[: head - 1 - len(new) : -1])
    ends = [(0, 0, head), (len(old) - tail, len(new) - tail, tail)]
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    # The matcher looks at every place in `new` of every word of a passage of `old`.
    places = Counter(new)
    costs = [0, *accumulate(1 + places[word] for word in old)]
    found: list[tuple[int, int, int]] = []
    open_ = [(head, len(old) - tail, head, len(new) - tail)]
    while open_:
        a, a_end, b, b_end = open_.pop()
        if a < a_end and b < b_end and steps.spend(costs[a_end] - costs[a]):
            at_old, at_new, size = matcher.find_longest_match(a, a_end, b, b_end)
            if size:
                found.append((at_old, at_new, size))
                open_ += [(a, at_old, b, at_new), (at_old + size, a_end, at_new + size, b_end)]
    return sorted(block for block in (*ends, *found) if block[2])


def _alike(old: Sequence[str], new: Sequence[str]) -> int:
    """How many places from the start are equal."""
    return next((place for place, (a, b) in enumerate(zip(old, new, strict=False)) if a != b), min(len(old), len(new)))


def _without_islands(parts: list[tuple[str, str, str]]) -> list[tuple[str, str, str]]:
    kept: list[tuple[str, str, str]] = []
    for place, (op, left, right) in enumerate(parts):
        inside = 0 < place < len(parts) - 1
        if op == "same" and inside and len(left) < _ISLAND and not left.isspace():
            op = "changed"
        if op == "changed" and kept and kept[-1][0] == "changed":
            kept[-1] = ("changed", kept[-1][1] + left, kept[-1][2] + right)
        else:
            kept.append((op, left, right))
    return kept


def _replaced(before: str, after: str) -> list[Change]:
    steps: list[Change] = []
    if before:
        steps.append(("removed", before))
    if after:
        steps.append(("added", after))
    return steps


def _joined(steps: list[Change]) -> list[Change]:
    joined: list[Change] = []
    for op, text in steps:
        if joined and joined[-1][0] == op:
            joined[-1] = (op, joined[-1][1] + text)
        else:
            joined.append((op, text))
    return joined
