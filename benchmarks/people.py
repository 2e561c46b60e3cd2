"""Members of each product as a browser is one: signed in, with the token of a form, able to reply."""

import json
import re
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from uuid import uuid4

from benchmarks.peers.inside.words import PASSWORD
from benchmarks.processes import Failed
from benchmarks.wire import Answer, Client


class Refused(Failed):
    """A product did not let in whom it should."""


@dataclass(slots=True)
class Person(ABC):
    """One member. `reply` gives the path where the reply stands, or "" when it was refused (`last` says how)."""

    client: Client
    token: str = ""
    last: Answer | None = None

    @abstractmethod
    async def enter(self, name: str) -> None:
        """Sign in as `name`. Raises `Refused`."""

    @abstractmethod
    async def reply(self, thread: int, text: str) -> str:
        """Post `text` by the product's own form or API."""


class OfHiroba(Person):
    """`name` is the session's key: everybody came in before."""

    async def enter(self, name: str) -> None:
        self.client.cookies["__Host-session"] = name

    async def form(self, thread: int) -> None:
        """The page with the form, for its token."""
        page = await self.client.get(f"/threads/{thread}/reply/")
        self.token = _first(page, r'name="csrfmiddlewaretoken" value="([^"]+)')

    async def reply(self, thread: int, text: str) -> str:
        if not self.token:
            await self.form(thread)
        fields = {"body": text, "csrfmiddlewaretoken": self.token, "idempotency_key": str(uuid4())}
        self.last = await self.client.form(
            f"/threads/{thread}/reply/", fields, Origin=f"http://127.0.0.1:{self.client.port}"
        )
        return self.last.headers.get("location", "").partition("#")[0] if self.last.status == 302 else ""


class OfSpirit(Person):
    async def enter(self, name: str) -> None:
        page = await self.client.get("/user/login/")
        token = _first(page, r'csrfmiddlewaretoken" value="([^"]+)')
        fields = {"username": name, "password": PASSWORD, "csrfmiddlewaretoken": token}
        answer = await self.client.form("/user/login/", fields)
        if answer.status != 302:
            raise Refused(answer.text[:300])

    async def reply(self, thread: int, text: str) -> str:
        fields = {"comment": text, "csrfmiddlewaretoken": self.client.cookies["csrftoken"]}
        self.last = await self.client.form(f"/comment/{thread}/publish/", fields)
        return self.last.headers.get("location", "") if self.last.status == 302 else ""


class OfMisago(Person):
    async def enter(self, name: str) -> None:
        await self.client.get("/")
        answer = await self._api("/api/auth/", {"username": name, "password": PASSWORD})
        if answer.status != 200:
            raise Refused(answer.text[:300])

    async def reply(self, thread: int, text: str) -> str:
        self.last = await self._api(f"/api/threads/{thread}/posts/", {"post": text})
        return str(json.loads(self.last.body)["url"]["index"]) if self.last.status == 200 else ""

    async def _api(self, path: str, what: dict[str, str]) -> Answer:
        headers = {"Content-Type": "application/json", "X-CSRFToken": self.client.cookies["csrftoken"]}
        return await self.client.request("POST", path, headers, json.dumps(what).encode())


def _first(page: Answer, pattern: str) -> str:
    found = re.search(pattern, page.text)
    if not found:
        raise Refused(f"{page.status}: {pattern} is not on the page")
    return found[1]


KINDS: dict[str, Callable[[Client], Person]] = {"hiroba": OfHiroba, "spirit": OfSpirit, "misago": OfMisago}
