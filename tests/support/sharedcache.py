"""A shared cache as RFC 9111 allows it at its greediest: what it may keep it keeps, what it may give it gives.

`SharedCache(origin)` stands between readers and a site. It keeps an answer unless the answer forbids it (section 3),
under its address and the request headers that `Vary` names (4.1), gives it while it is fresh (4.2) — an hour where the
answer says nothing (4.2.2) —, asks again with the validator when it is not (4.3), and forgets an address to which
something was sent (4.4). Cookies are no business of a cache: it reads `Cookie` only where `Vary` says so.
"""

import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from email.utils import parsedate_to_datetime
from urllib.parse import urljoin

HEURISTIC = 3600.0
# RFC 9110 15.1: kept although nothing was said about how long.
BY_DEFAULT = frozenset({200, 203, 204, 300, 301, 308, 404, 405, 410, 414, 501})
SAFE = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})


@dataclass(frozen=True, slots=True)
class Request:
    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict)  # names in lower case


@dataclass(frozen=True, slots=True)
class Answer:
    """`headers` have names in lower case. `asked_by` is the request it was first made for."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    asked_by: Request
    kept_at: float = 0.0
    from_cache: bool = False

    @property
    def rules(self) -> dict[str, str]:
        """What `Cache-Control` says."""
        found = re.findall(r'([\w-]+)(?:=(?:"([^"]*)"|([^\s,]*)))?', self.headers.get("cache-control", ""))
        return {name.lower(): quoted or plain for name, quoted, plain in found}

    @property
    def varies_by(self) -> tuple[str, ...]:
        return tuple(name for name in re.split(r"[\s,]+", self.headers.get("vary", "").lower()) if name)

    def lifetime(self) -> float:
        """Seconds for which a shared cache may give it without asking."""
        rules = self.rules
        for name in ("s-maxage", "max-age"):
            if name in rules:
                return float(rules[name]) if rules[name].isdigit() else 0.0
        if "expires" in self.headers:
            return self._until_expiry()
        return HEURISTIC if self.status in BY_DEFAULT or "public" in rules else 0.0

    def _until_expiry(self) -> float:
        try:
            until = parsedate_to_datetime(self.headers["expires"]).timestamp()
        except ValueError:
            return 0.0  # "0" and other nonsense: in the past (5.3)
        return until - time.time()

    def fits(self, request: Request) -> bool:
        names = self.varies_by
        return "*" not in names and all(
            request.headers.get(name, "") == self.asked_by.headers.get(name, "") for name in names
        )


Origin = Callable[[Request], Answer]


def may_keep(answer: Answer) -> bool:
    """RFC 9111, section 3, for a shared cache."""
    rules, request = answer.rules, answer.asked_by
    asked = request.headers.get("cache-control", "").lower()
    if request.method != "GET" or answer.status == 206 or "no-store" in rules or "no-store" in asked:
        return False
    if "private" in rules:
        return False
    if "authorization" in request.headers and not {"public", "must-revalidate", "s-maxage"} & set(rules):
        return False
    said_how_long = {"max-age", "s-maxage", "public"} & set(rules) or "expires" in answer.headers
    return bool(said_how_long or answer.status in BY_DEFAULT)


class SharedCache:
    """One cache for everybody."""

    def __init__(self, origin: Origin, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._origin, self._clock = origin, clock
        self._kept: dict[str, list[Answer]] = {}

    def ask(self, request: Request) -> Answer:
        if request.method not in SAFE:
            return self._change(request)
        found = self._find(request)
        if found is not None and self._is_fresh(found):
            return replace(found, from_cache=True)
        if found is not None and "etag" in found.headers:
            return self._ask_again(request, found)
        return self._keep(self._origin(request))

    def _find(self, request: Request) -> Answer | None:
        return next((one for one in self._kept.get(request.url, []) if one.fits(request)), None)

    def _is_fresh(self, answer: Answer) -> bool:
        return "no-cache" not in answer.rules and self._clock() - answer.kept_at < answer.lifetime()

    def _ask_again(self, request: Request, found: Answer) -> Answer:
        headers = {**request.headers, "if-none-match": found.headers["etag"]}
        answer = self._origin(replace(request, headers=headers))
        if answer.status != 304:
            return self._keep(replace(answer, asked_by=request))
        renewed = replace(found, headers={**found.headers, **answer.headers}, kept_at=self._clock())
        self._put(renewed)
        return replace(renewed, from_cache=True)

    def _keep(self, answer: Answer) -> Answer:
        if may_keep(answer):
            self._put(replace(answer, kept_at=self._clock()))
        return answer

    def _put(self, answer: Answer) -> None:
        others = [one for one in self._kept.get(answer.asked_by.url, []) if not one.fits(answer.asked_by)]
        self._kept[answer.asked_by.url] = [answer, *others]

    def _change(self, request: Request) -> Answer:
        answer = self._origin(request)
        if answer.status < 400:
            self._kept.pop(request.url, None)
            for name in ("location", "content-location"):
                self._kept.pop(urljoin(request.url, answer.headers.get(name, request.url)), None)
        return answer
