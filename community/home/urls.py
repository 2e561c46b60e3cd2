"""Addresses of the pages that read many apps."""

from django.conf import settings
from django.urls import path

from community.home.views import feed, front, items, people, tags

app_name = "home"

urlpatterns = [
    path("", front.front, name="front"),
    path("about/", front.about, name="about"),
    path("feed/", feed.feed, name="feed"),
    path("items/", items.browse, name="items"),
    path("items/<int:item_id>/", items.item, name="item"),
    path("items/<int:item_id>/<str:slug>/", items.item, name="item"),
    path("creators/", people.creators, name="creators"),
    path("creators/<str:slug>/", people.creator, name="creator"),
    path("members/<str:handle>/", people.member, name="member"),
    path("tags/", tags.tags, name="tags"),
    path("tags/<str:slug>/", tags.tag, name="tag"),
]

if settings.DEBUG:
    from community.home.views import styleguide

    urlpatterns.append(path("styleguide/", styleguide.styleguide, name="styleguide"))
