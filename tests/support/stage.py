"""Our own templates, styles and scripts in a real browser, without a server: for what happens inside a page.

The browser asks `http://hiroba.test`; every answer is given here, so a test decides what the "server" says and when
the line is dead. The content policy is production's in what matters: no inline script or style runs.
"""

import mimetypes
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.contrib.staticfiles import finders
from playwright.sync_api import BrowserContext, Page, Request, Route

ORIGIN = "http://hiroba.test"
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'"
)
SHELL = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Stage</title>
<link rel="stylesheet" href="/static/css/tokens.css"><link rel="stylesheet" href="/static/css/base.css">
<link rel="stylesheet" href="/static/css/layout.css"><link rel="stylesheet" href="/static/css/feedback.css">
<link rel="stylesheet" href="/static/css/posts.css"><link rel="stylesheet" href="/static/css/utilities.css">
<script type="module" src="/static/js/main.js"></script></head><body>{body}</body></html>"""
Answer = Callable[[Request], dict[str, Any] | None]


class Stage:
    """`pages` maps paths to HTML; `answers` maps paths to what a POST gets (None: the network is dead)."""

    def __init__(self, context: BrowserContext) -> None:
        self.pages: dict[str, str] = {}
        self.answers: dict[str, Answer] = {}
        self.posts: list[Request] = []
        context.route("**/*", self._serve)

    def show(self, page: Page, body: str, *, path: str = "/") -> Page:
        """Open a page with this body, its scripts loaded and running."""
        self.pages[path] = SHELL.replace("{body}", body)
        page.goto(ORIGIN + path)
        page.wait_for_selector("html[data-ready]")
        return page

    def _serve(self, route: Route) -> None:
        path = urlsplit(route.request.url).path
        if route.request.method == "POST":
            self._answer(route, path)
        elif path.startswith("/static/"):
            self._static(route, path.removeprefix("/static/"))
        elif path in self.pages:
            headers = {"Content-Security-Policy": POLICY}
            route.fulfill(body=self.pages[path], content_type="text/html; charset=utf-8", headers=headers)
        else:
            route.fulfill(status=404, body="")

    def _answer(self, route: Route, path: str) -> None:
        self.posts.append(route.request)
        answer = self.answers[path](route.request)
        if answer is None:
            route.abort("internetdisconnected")
        else:
            route.fulfill(**answer)

    def _static(self, route: Route, name: str) -> None:
        found = finders.find(name)
        if not found:
            route.fulfill(status=404, body="")
            return
        kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
        kind = "text/javascript" if name.endswith(".js") else kind
        route.fulfill(body=Path(str(found)).read_bytes(), content_type=kind)
