"""Our real pages in a real Chromium that tells what ran, what was fetched from elsewhere, and where it was led.

Django answers in this process, so a test may show a thousand rows a page; headers, scripts and styles are the site's.
"""

import contextvars
import mimetypes
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote, urlsplit

from django.contrib.staticfiles import finders
from django.test import Client
from playwright.sync_api import BrowserContext, Page, Route

ORIGIN = "http://testserver"

# Everything a payload of the lists does when it runs, made visible.
TRAP = """
window.__ran = [];
const told = (name) => (...given) => { window.__ran.push(name + "(" + given + ")"); return null; };
for (const name of ["alert", "confirm", "prompt", "print", "open"])
  Object.defineProperty(window, name, {value: told(name)});
const write = document.write.bind(document);
document.write = (...given) => { window.__ran.push("document.write"); write(...given); };
"""
# What would run once somebody presses, hovers or focuses it; and what no text of a member may ever become.
ARMED = """() => {
  const found = [];
  const bad = /^[\\s\\u0000-\\u0020]*(javascript|vbscript|data|livescript|mocha):/i;
  for (const node of document.querySelectorAll("*")) {
    for (const {name, value} of node.attributes) {
      if (name.startsWith("on")) found.push(node.tagName + " " + name);
      if (["href", "src", "action", "formaction", "xlink:href", "data", "poster"].includes(name) && bad.test(value)
          && !value.startsWith("data:image/")) found.push(node.tagName + " " + name + "=" + value.slice(0, 80));
    }
    if (node.matches("iframe, object, embed, frame, base, applet, marquee")) found.push(node.tagName);
    if (node.tagName === "SCRIPT" && !(node.src.startsWith(location.origin + "/static/") || node.type.includes("json")))
      found.push("SCRIPT " + node.outerHTML.slice(0, 80));
  }
  for (const node of document.querySelectorAll(".prose *"))
    if (node.matches("form, input, button, style, script, meta, link, svg, math, video, audio, img, [style]"))
      found.push("in a text: " + node.outerHTML.slice(0, 80));
  for (const node of document.querySelectorAll("main *"))
    for (const type of ["mouseover", "focus"]) node.dispatchEvent(new Event(type));
  return found;
}"""


@dataclass
class Seen:
    """What a page did that it should not have done."""

    ran: list[str] = field(default_factory=list)
    armed: list[str] = field(default_factory=list)
    foreign: list[str] = field(default_factory=list)
    led_to: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)

    @property
    def is_clean(self) -> bool:
        return not (self.ran or self.armed or self.foreign or self.led_to or self.failed)


class Window:
    """A visitor's browser, or with `client` somebody's. `without_policy` switches the page's CSP off in the browser."""

    def __init__(
        self, new_context: Callable[..., BrowserContext], *, client: Client | None = None, without_policy: bool = False
    ) -> None:
        self.client = client or Client(raise_request_exception=False)
        self.seen = Seen()
        self._wanted = ""
        self._context = contextvars.copy_context()
        context = new_context(bypass_csp=without_policy)
        context.add_init_script(TRAP)
        context.route("**/*", self._answer)
        self.page: Page = context.new_page()
        self.page.on("dialog", self._dialog)

    def show(self, path: str, *, settle: int = 100) -> Seen:
        """Open a page, let it settle, touch everything, and tell what happened on it."""
        self.seen = Seen()
        self._wanted = quote(unquote(path), safe="/?=&%")
        # Playwright answers in a context of its own, where Django would open a second connection and see no test data.
        self._context = contextvars.copy_context()
        self.page.goto(ORIGIN + path, wait_until="load")
        self.page.wait_for_timeout(settle)
        self.seen.armed += self.page.evaluate(ARMED)
        self.page.wait_for_timeout(50)
        self.seen.ran += self.page.evaluate("window.__ran")
        return self.seen

    def each(self, path: str, look: Callable[[Page, str], list[str]]) -> list[str]:
        """What `look` finds on the page at `path`; it opens the page itself."""
        self.seen, self._wanted = Seen(), quote(unquote(path), safe="/?=&%")
        self._context = contextvars.copy_context()
        found = look(self.page, path)
        return found + [f"{path}: {failed}" for failed in self.seen.failed]

    def _dialog(self, dialog: Any) -> None:
        self.seen.ran.append(f"dialog {dialog.message}")
        dialog.dismiss()

    def _answer(self, route: Route) -> None:
        request = route.request
        parts = urlsplit(request.url)
        path = parts.path + (f"?{parts.query}" if parts.query else "")
        if f"{parts.scheme}://{parts.netloc}" != ORIGIN:
            self.seen.foreign.append(request.url[:200])
            route.abort()
        elif parts.path.startswith("/static/"):
            _static(route, parts.path.removeprefix("/static/"))
        elif request.is_navigation_request() and path != self._wanted:
            self.seen.led_to.append(path)
            route.abort()
        else:
            self._from_django(route, path)

    def _from_django(self, route: Route, path: str) -> None:
        response, body = self._context.run(self._read, path)
        if response.status_code >= 500:
            self.seen.failed.append(f"{response.status_code} {path}")
        headers = {name: value for name, value in response.items() if name.lower() != "content-length"}
        route.fulfill(status=response.status_code, headers=headers, body=body)

    def _read(self, path: str) -> tuple[Any, bytes]:
        response: Any = self.client.get(path)
        return response, response.getvalue() if response.streaming else response.content


def _static(route: Route, name: str) -> None:
    found = finders.find(name)
    if not found:
        route.fulfill(status=404, body="")
        return
    kind = "text/javascript" if name.endswith(".js") else mimetypes.guess_type(name)[0] or "application/octet-stream"
    route.fulfill(body=Path(str(found)).read_bytes(), content_type=kind)
