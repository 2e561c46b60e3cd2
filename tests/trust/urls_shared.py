"""The site with a page that calls itself public and tells whose it is."""

from django.http import HttpRequest, HttpResponse
from django.urls import path

from community.config.urls import urlpatterns as site


def forgetful(request: HttpRequest) -> HttpResponse:
    response = HttpResponse(f"Your address is {getattr(request.user, 'email', 'unknown')}.")
    response["Cache-Control"] = "public, max-age=60"
    return response


urlpatterns = [path("forgetful/", forgetful), *site]
