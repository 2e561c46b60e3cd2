"""The addresses of `webapp`."""

from django.urls import include, path

urlpatterns = [path("live/", include("realtime.urls"))]
