"""The addresses of `webapp`: the live ones, the client module, and an empty page that loads it."""

from pathlib import Path

from django.http import HttpRequest, HttpResponse
from django.urls import include, path
from django.views.static import serve

import realtime

STATIC = Path(realtime.__file__).parent / "static"


def page(_request: HttpRequest) -> HttpResponse:
    return HttpResponse('<!doctype html><html lang="en"><meta charset="utf-8"><title>probe</title>')


urlpatterns = [
    path("", page),
    path("live/", include("realtime.urls")),
    path("static/<path:path>", serve, {"document_root": STATIC}),
]
