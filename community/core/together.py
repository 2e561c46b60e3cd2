"""Commands that want the same row are committed together (ADR 0012).

Eight people who post into one thread want its row one after the other, and each holds it for some round trips and a
commit. They wait in any case; so those who wait in the same process are done in one transaction: the row is locked
once, the live log is written once, there is one commit and one wake-up. Each still has its own key, its own rules, its
own facts and its own answer, and everything is durable before any of them hears of it.

What does not work out together is done again by each one alone, on its own thread, so nobody is refused for somebody
else's reason. That is for the rare case: whoever knows beforehand that a command will be refused does not join a line.
"""

import logging
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field
from datetime import tzinfo

from django.utils import timezone, translation
from django.utils.translation import get_language

from community.core.idempotency import Answer, Command, claimed, given, keep
from community.core.lines import Lines
from community.core.work import Unit, open_unit

log = logging.getLogger(__name__)

MOST = 16
"""Commands in one transaction: none waits for more than so many others."""


@dataclass(slots=True, eq=False)
class _Turn:
    """A command in line, with the language and the time zone of who sent it: another thread may do its work."""

    command: Command
    work: Callable[[], Answer]
    language: str | None = field(default_factory=get_language)
    zone: tzinfo = field(default_factory=timezone.get_current_timezone)
    answer: Answer | None = None

    def part(self, mine: Unit) -> Answer:
        """Its part of the unit, told as it ends: what comes after it may have other rows at hand."""
        with translation.override(self.language), timezone.override(self.zone):
            answer = self.work()
            keep(self.command, answer)
            mine.settle()
        return answer


def once(command: Command, work: Callable[[], Answer], *, line: Hashable | None = None) -> Answer:
    """Do `work` once per key and return its answer, or the one that it was given already; raises as `claim` does.

    With a `line`, commands of that line which wait for each other may share a transaction. Their work must take its
    locks in an order in which it can be done several times over: one row of the line first, and nothing after it that
    another command locks before; counts go through `work.tally`.
    """
    if line is not None:
        turn = _Turn(command, work)
        _LINES.join(line, turn)
        if turn.answer is not None:
            return turn.answer
    return _alone(command, work)


def _alone(command: Command, work: Callable[[], Answer]) -> Answer:
    with claimed(command) as claim:
        if claim.replay is not None:
            return claim.replay
        claim.answer = work()
    return claim.answer


def _serve(turns: Sequence[_Turn]) -> None:
    if len(turns) == 1:
        turns[0].answer = _alone(turns[0].command, turns[0].work)
        return
    # The same command twice (a double click): the second one finds the first one's answer afterwards.
    party = list({turn.command.name: turn for turn in reversed(turns)}.values())[::-1]
    try:
        answers = _in_one(party)
    except Exception as error:
        log.info("together_taken_back", extra={"commands": len(party), "error": type(error).__name__})
        return
    for turn, answer in zip(party, answers, strict=True):
        turn.answer = answer


def _in_one(party: Sequence[_Turn]) -> list[Answer]:
    """One transaction; their answers once it is committed."""
    with open_unit(whole=True) as mine:
        before = given([turn.command for turn in party])
        return [answer or turn.part(mine) for turn, answer in zip(party, before, strict=True)]


_LINES: Lines[_Turn] = Lines(_serve, most=MOST)
