"""The one error family. Rules raise it anywhere; each edge translates it once.

Pages: `community.config.middleware` shows the page or the form again. API: problem JSON (RFC 9457).
Sockets: a closing message. A rule never knows which of them is listening.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.functional import Promise

Text = str | Promise


@dataclass(frozen=True, slots=True)
class FieldError:
    """One thing wrong with one field of what was sent."""

    field: str
    message: Text
    code: str = "invalid"


class RuleError(Exception):
    """A rule said no.

    `message` is a sentence for people that says what to do, `code` a word for machines (tests assert it),
    `field` the form or JSON field it belongs to, if any.
    """

    status = 400
    default_code = "refused"

    def __init__(
        self,
        message: Text,
        *,
        code: str = "",
        field: str | None = None,
        errors: Sequence[FieldError] = (),
    ) -> None:
        super().__init__(message)
        self.message = message
        self.code = code or self.default_code
        self.field = field
        self.errors = tuple(errors)

    def __str__(self) -> str:
        return str(self.message)


class Invalid(RuleError):
    """What was sent cannot be used as it is."""

    status = 422
    default_code = "invalid"


class NotAllowed(RuleError):
    """The person is known and may not do this; the message gives the reason."""

    status = 403
    default_code = "not_allowed"


class NotVisible(RuleError):
    """Absent, or hidden from this person: the two must look alike."""

    status = 404
    default_code = "not_found"


class Conflict(RuleError):
    """Somebody else was first, or the same thing is under way (`retry_after` seconds, and it may be sent again)."""

    status = 409
    default_code = "conflict"

    def __init__(
        self, message: Text, *, code: str = "", field: str | None = None, retry_after: int | None = None
    ) -> None:
        super().__init__(message, code=code, field=field)
        self.retry_after = retry_after


class TooLarge(RuleError):
    """More bytes than we take."""

    status = 413
    default_code = "too_large"


class TooSoon(RuleError):
    """A limit is used up; `retry_after` is in whole seconds."""

    status = 429
    default_code = "too_soon"

    def __init__(self, message: Text, *, retry_after: int, code: str = "", field: str | None = None) -> None:
        super().__init__(message, code=code, field=field)
        self.retry_after = max(1, retry_after)


class Unavailable(RuleError):
    """A part we need is down; trying again later may work."""

    status = 503
    default_code = "unavailable"

    def __init__(self, message: Text, *, retry_after: int = 5, code: str = "") -> None:
        super().__init__(message, code=code)
        self.retry_after = max(1, retry_after)
