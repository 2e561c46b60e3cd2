"""The addresses of `webapp`: the live ones, the client module, and an empty page that loads it."""

from pathlib import Path

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import include, path
from django.views.decorators.csrf import csrf_exempt
from django.views.static import serve

import realtime
from realtime import metrics
from tests.realtime.harness import append

STATIC = Path(realtime.__file__).parent / "static"


def page(_request: HttpRequest) -> HttpResponse:
    return HttpResponse('<!doctype html><html lang="en"><meta charset="utf-8"><title>probe</title>')


def post(request: HttpRequest) -> HttpResponse:
    """A write as the site makes it: one transaction that ends with the log."""
    return JsonResponse({"seq": append(request.POST["stream"], "note", text=request.POST["text"])})


def numbers(_request: HttpRequest) -> HttpResponse:
    return HttpResponse(metrics.text(), content_type=metrics.CONTENT_TYPE.decode())


urlpatterns = [
    path("post", csrf_exempt(post)),
    path("metrics", numbers),
    path("", page),
    path("live/", include("realtime.urls")),
    path("static/<path:path>", serve, {"document_root": STATIC}),
]
