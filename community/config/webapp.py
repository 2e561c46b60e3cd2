"""What makes the site an app: its description, its service worker, and the page that is shown without a network.

All three are the same for everybody, so they may lie in any cache. They stand at addresses that do not change, hence a
browser asks each time whether its copy is still right (`ETag`); the files they name are hashed ones.
"""

import hashlib
import json
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles import finders
from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from django.shortcuts import render
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.urls import reverse
from django.utils import translation
from django.utils.http import parse_etags
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_safe

PAPER = "#f8f4ec"  # --paper of tokens.css, as in the head of every page
OFFLINE_FILES = ("css/tokens.css", "css/offline.css", "img/mark.svg")


@require_safe
def manifest(request: HttpRequest) -> HttpResponse:
    """`?lang=` is the language of the page that names it: browsers ask for it without cookies."""
    wanted = request.GET.get("lang", "")
    with translation.override(wanted if wanted in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE):
        body = json.dumps(_manifest(), ensure_ascii=False, separators=(",", ":"))
    return _asked_each_time(request, body, "application/manifest+json; charset=utf-8")


@require_safe
def worker(request: HttpRequest) -> HttpResponse:
    """At the root, so that it looks after the whole site. Its bytes change whenever a file it keeps does."""
    files = [reverse("offline"), *map(static, OFFLINE_FILES)]
    page = render_to_string("config/offline.html", _offline())
    version = hashlib.sha256("\n".join([*files, page]).encode()).hexdigest()[:12]
    site = {
        "cache": f"hiroba-{version}",
        "offline": files[0],
        "files": files,
        "icon": static("img/app/192.png"),
        "badge": static("img/app/badge-96.png"),
    }
    return _asked_each_time(request, f"const SITE = {json.dumps(site)};\n{_script()}", "text/javascript; charset=utf-8")


@require_safe
def offline(request: HttpRequest) -> HttpResponse:
    """In all languages at once: it is fetched long before anybody knows who will read it."""
    response = render(request, "config/offline.html", _offline())
    return _for_everybody(response)


def _manifest() -> dict[str, Any]:
    icons = [
        {"src": static("img/app/192.png"), "sizes": "192x192", "type": "image/png", "purpose": "any"},
        {"src": static("img/app/512.png"), "sizes": "512x512", "type": "image/png", "purpose": "any"},
        {"src": static("img/app/maskable-192.png"), "sizes": "192x192", "type": "image/png", "purpose": "maskable"},
        {"src": static("img/app/maskable-512.png"), "sizes": "512x512", "type": "image/png", "purpose": "maskable"},
    ]
    doors = [
        (pgettext("part of the site", "Talk"), "threads:list"),
        (_("Notices"), "notifications:inbox"),
        (_("Items"), "home:items"),
    ]
    square = _("A town square for handmade things")
    return {
        "id": "/",
        "name": f"{settings.SITE_NAME} – {square}",
        "short_name": settings.SITE_NAME,
        "description": _("A community of people who make things by hand and people who love them."),
        "lang": translation.get_language(),
        "dir": "ltr",
        "start_url": reverse("home:front"),
        "scope": "/",
        "display": "standalone",
        "background_color": PAPER,
        "theme_color": PAPER,
        "icons": icons,
        "shortcuts": [{"name": name, "url": reverse(view), "icons": icons[:1]} for name, view in doors],
    }


def _offline() -> dict[str, Any]:
    return {"languages": [code for code, _name in settings.LANGUAGES], "site_name": settings.SITE_NAME, "paper": PAPER}


def _script() -> str:
    path = finders.find("js/sw.js")
    return Path(str(path)).read_text(encoding="utf-8") if settings.DEBUG else _kept_script(str(path))


@lru_cache(maxsize=1)
def _kept_script(path: str) -> str:
    return Path(path).read_text(encoding="utf-8")


def _asked_each_time(request: HttpRequest, body: str, kind: str) -> HttpResponse:
    tag = f'"{hashlib.sha256(body.encode()).hexdigest()[:20]}"'
    response: HttpResponse
    if tag in parse_etags(request.headers.get("If-None-Match", "")):
        response = HttpResponseNotModified()
    else:
        response = HttpResponse(body, content_type=kind)
    response["ETag"] = tag
    return _for_everybody(response)


def _for_everybody(response: HttpResponse) -> HttpResponse:
    response["Cache-Control"] = "public, no-cache"
    return response
