"""What changed between two texts, as people read it: words in Latin script, single characters in Japanese."""

import re
from collections.abc import Sequence
from difflib import SequenceMatcher
from typing import Literal

Op = Literal["same", "added", "removed"]
Change = tuple[Op, str]

# A Latin word, a run of spaces, or any one character.
_TOKEN = re.compile(r"[0-9A-Za-z\u00c0-\u024f_]+|[ \t]+|.", re.DOTALL)
# Comparing costs up to the product of both lengths. Past this, a changed passage is shown as a whole (a text of 32 KB
# changed everywhere is compared in about 50 ms).
_CELLS = 1_000_000
# A few equal characters between two changes tell the eye nothing; they join the change.
_ISLAND = 2


def difference(old: str, new: str) -> list[Change]:
    """The steps from `old` to `new`: the "same" and "removed" ones joined are `old`, "same" and "added" are `new`."""
    steps: list[Change] = []
    for op, before, after in _matched(old.splitlines(keepends=True), new.splitlines(keepends=True)):
        if op == "same":
            steps.append(("same", before))
        elif before and after:
            steps += _within(before, after)
        else:
            steps += _replaced(before, after)
    return _joined(steps)


def changed_characters(old: str, new: str) -> int:
    """How many characters were taken out or put in."""
    return sum(len(text) for op, text in difference(old, new) if op != "same")


def _within(before: str, after: str) -> list[Change]:
    old, new = _TOKEN.findall(before), _TOKEN.findall(after)
    if len(old) * len(new) > _CELLS:
        return _replaced(before, after)
    steps: list[Change] = []
    for op, left, right in _without_islands(_matched(old, new)):
        steps += [("same", left)] if op == "same" else _replaced(left, right)
    return steps


def _matched(old: Sequence[str], new: Sequence[str]) -> list[tuple[str, str, str]]:
    """(same or changed, the old part, the new part), in order."""
    codes = SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
    return [
        ("same" if tag == "equal" else "changed", "".join(old[a:b]), "".join(new[c:d])) for tag, a, b, c, d in codes
    ]


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
