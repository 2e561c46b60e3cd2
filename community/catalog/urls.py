"""Addresses of the catalogue's own pages."""

from django.urls import path

from community.catalog import views

app_name = "catalog"

urlpatterns = [path("settings/creator/", views.creator_edit, name="creator_edit")]
