"""Addresses of the pages that read many apps."""

from django.conf import settings
from django.urls import path

from community.home.views import feed, feeds, front, items, people, sitemaps, tags

app_name = "home"

urlpatterns = [
    path("", front.front, name="front"),
    path("about/", front.about, name="about"),
    path("keys/", front.keys, name="keys"),
    path("feed/", feed.feed, name="feed"),
    path("feed/news/", feed.news, name="feed_news"),
    path("items/", items.browse, name="items"),
    path("items/<int:item_id>/", items.item, name="item"),
    path("items/<int:item_id>/<str:slug>/", items.item, name="item"),
    path("creators/", people.creators, name="creators"),
    path("creators/<str:slug>/", people.creator, name="creator"),
    path("members/<str:handle>/", people.member, name="member"),
    path("members/<str:handle>/card/", people.card, name="card"),
    path("tags/", tags.tags, name="tags"),
    path("tags/<str:slug>/", tags.tag, name="tag"),
    path("threads/feed/", feeds.threads, name="threads_feed"),
    path("threads/in/<slug:slug>/feed/", feeds.category, name="category_feed"),
    path("threads/<int:thread_id>/feed/", feeds.thread, name="thread_feed"),
    path("items/<int:item_id>/talk/feed/", feeds.item, name="item_feed"),
    path("creators/<str:slug>/feed/", feeds.creator, name="creator_feed"),
    path("tags/<str:slug>/feed/", feeds.tag, name="tag_feed"),
    path("sitemap.xml", sitemaps.index, name="sitemaps"),
    path("sitemap-pages.xml", sitemaps.fixed, name="sitemap_pages"),
    path("sitemap-<slug:kind>-<int:number>.xml", sitemaps.part, name="sitemap"),
    path("robots.txt", sitemaps.robots, name="robots"),
]

if settings.DEBUG:
    from community.home.views import styleguide

    urlpatterns.append(path("styleguide/", styleguide.styleguide, name="styleguide"))
