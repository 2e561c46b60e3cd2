"""Addresses of the search."""

from django.urls import path

from community.search import views

app_name = "search"

urlpatterns = [
    path("search/", views.search, name="search"),
    path("search/suggest/", views.suggest, name="suggest"),
    path("search/lookups/", views.lookups, name="lookups"),
]
