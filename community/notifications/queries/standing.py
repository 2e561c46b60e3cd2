"""Where a member stands when a page opens: the number on the bell, the number of the live stream that belongs to it,
and, on a page that can be followed, the member's level and whether something unread led here. One question for all of
it, since every page of every member asks it.
"""

from dataclasses import dataclass
from functools import cache

from django.db import connection

from community.core import live

_ASK = """
SELECT coalesce((SELECT unread FROM notifications_inbox WHERE member_id = %(me)s), 0), {position},
  (SELECT level FROM notifications_level WHERE member_id = %(me)s AND kind = %(kind)s AND target_id = %(id)s),
  EXISTS (SELECT FROM notifications_notice WHERE member_id = %(me)s AND target = %(kind)s AND target_id = %(id)s
    AND read_at IS NULL AND withdrawn_at IS NULL AND number BETWEEN %(first)s AND %(last)s)
"""
_ANY = (0, 2_147_483_647)


@dataclass(frozen=True, slots=True)
class Standing:
    """`position` is read together with `unread`: what the stream says after it is newer. `level` is "" without one."""

    member_id: int
    target: str
    target_id: int
    numbers: tuple[int, int] | None
    unread: int
    position: int
    level: str
    waits: bool

    @property
    def stream(self) -> str:
        return f"member.{self.member_id}"

    def read_again(self) -> "Standing":
        return standing(self.member_id, self.target, self.target_id, numbers=self.numbers)


def standing(
    member_id: int, target: str = "", target_id: int = 0, *, numbers: tuple[int, int] | None = None
) -> Standing:
    """Of a member on the page of ("thread", 5), which shows the posts of these numbers (None: all). 1 query."""
    first, last = numbers or _ANY
    given: dict[str, str | int] = {"me": member_id, "kind": target, "id": target_id, "first": first, "last": last}
    with connection.cursor() as cursor:
        cursor.execute(_sql(), given)
        unread, position, level, waits = cursor.fetchone()
    return Standing(member_id, target, target_id, numbers, unread, position, level or "", waits)


@cache
def _sql() -> str:
    return _ASK.format(position=live.position_sql("'member.' || %(me)s::text"))
