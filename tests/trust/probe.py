"""What an operation answers somebody about something, in a word or a number."""

import re
from dataclasses import dataclass
from urllib.parse import quote

from django.http import StreamingHttpResponse
from django.http.response import HttpResponseBase

from community.core.valkey import client as valkey
from tests.trust import state as database
from tests.trust.calls import call_of, key_for, path_of, send
from tests.trust.endpoints import Endpoint
from tests.trust.world import World, as_if

_TOKENS = re.compile(r"[0-9a-f]{32}|nonce-[\w+/=-]+|[A-Za-z0-9]{64}")
_NUMBERS = re.compile(r"\d+")


@dataclass(frozen=True, slots=True)
class Answer:
    word: str  # "200", "404", "login" for a way to the sign-in page, …
    changed: list[str]  # tables
    text: str  # the body without what differs between two requests for the same thing

    @property
    def is_refusal(self) -> bool:
        return self.word == "login" or self.word[0] in "45"


def ask(world: World, endpoint: Endpoint, state: str, role: str) -> Answer:
    """Ask, and leave no trace."""
    with as_if():
        valkey().flushdb()
        path, call = path_of(endpoint, world, state), call_of(endpoint, world, state)
        key = key_for(endpoint, world, role)
        response = send(world.client(role), endpoint, path, call, key=key)
        text = body_of(response)
        written = database.changed(world.rows) if endpoint.is_unsafe else []
        return Answer(word_of(response), written, plain(text, path, *path.strip("/").split("/")))


def word_of(response: HttpResponseBase) -> str:
    place = response.headers.get("Location", "")
    return "login" if place.startswith(("/accounts/login/", "/admin/login/")) else str(response.status_code)


def body_of(response: HttpResponseBase) -> str:
    # Reading does the work of a stream, and closes it.
    content = response.getvalue() if isinstance(response, StreamingHttpResponse) else response.content  # type: ignore
    return content.decode(errors="replace")


def plain(text: str, *asked: str) -> str:
    """Without numbers and tokens, and without what the address itself said."""
    # Tokens first: a random one can hold a short part of the address ("in") by chance.
    text = _TOKENS.sub("#", text)
    for part in filter(lambda part: not part.isdigit(), asked):
        for spelled in {part, quote(part, safe=""), quote(part)}:
            text = text.replace(spelled, "ASKED")
    return _NUMBERS.sub("#", text)
