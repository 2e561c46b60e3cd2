"""A permission is a value with a reason: truthy or falsy, with a code and a sentence."""

from dataclasses import dataclass

from community.core.errors import NotAllowed, NotVisible, Text

NOT_FOUND = "not_found"


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer to "may this person do this?".

    Templates hide a button with the same value that `ensure` turns into a refusal.
    """

    allowed: bool
    code: str = ""
    message: Text = ""

    def __bool__(self) -> bool:
        return self.allowed


YES = Verdict(allowed=True)


def no(code: str, message: Text) -> Verdict:
    """A refusal; `code` is for machines, `message` tells the person why."""
    return Verdict(allowed=False, code=code, message=message)


def ensure(verdict: Verdict) -> None:
    """Raise what the verdict says: `NotVisible` for `not_found`, else `NotAllowed`."""
    if verdict:
        return
    if verdict.code == NOT_FOUND:
        raise NotVisible(verdict.message)
    raise NotAllowed(verdict.message, code=verdict.code)
