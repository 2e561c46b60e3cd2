"""Feeds of what is being said. They are the same for everybody: whoever asks is shown what a visitor may read."""

from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_safe

from community.catalog import queries as catalog
from community.core import pages
from community.home.views import atom
from community.home.views.atom import Entry, Feed, Replies
from community.members.permissions import VISITOR
from community.threads import queries
from community.threads.models import Post, Thread


@require_safe
@pages.public(*pages.LISTS)
def threads(request: HttpRequest) -> HttpResponse:
    title = pgettext("part of the site", "Talk")
    return _answer(request, "threads", title, reverse("threads:list"))


@require_safe
@pages.public(*pages.LISTS)
def category(request: HttpRequest, slug: str) -> HttpResponse:
    place = queries.get_category(slug=slug, viewer=VISITOR)
    url = reverse("threads:category", args=[place.slug])
    return _answer(request, f"category.{place.pk}", place.name, url, place.description, category=place)


@require_safe
@pages.public(*pages.LISTS)
def tag(request: HttpRequest, slug: str) -> HttpResponse:
    """Any spelling of a tag leads to its feed."""
    word = catalog.get_tag(name=slug)
    if word.slug != slug:
        return redirect("home:tag_feed", slug=word.slug)
    url = f"{reverse('home:tag', args=[word.slug])}?tab=threads"
    return _answer(request, f"tag.{word.pk}", f"#{word.name}", url, tag=word)


@require_safe
@pages.public("item.{item_id}", pages.ABOUT, pages.ITEMS, pages.SITE)
def item(request: HttpRequest, item_id: int) -> HttpResponse:
    work = catalog.get_item(item_id=item_id, viewer=VISITOR)
    return _answer(request, f"item.{work.pk}", work.title, work.get_absolute_url(), item=work)


@require_safe
@pages.public(*pages.LISTS)
def creator(request: HttpRequest, slug: str) -> HttpResponse:
    maker = catalog.get_creator(slug=slug, viewer=VISITOR)
    url = f"{maker.get_absolute_url()}?tab=talk"
    return _answer(request, f"creator.{maker.pk}", maker.name, url, creator=maker)


@require_safe
@pages.public("thread.{thread_id}", pages.SITE)
def thread(request: HttpRequest, thread_id: int) -> HttpResponse:
    """The last replies of one thread, the newest first."""
    topic = queries.get_thread(thread_id=thread_id, viewer=VISITOR)
    replies = queries.newest_replies(viewer=VISITOR, thread=topic, size=atom.LIMIT)
    feed = Feed(f"thread.{topic.pk}", topic.title, topic.get_absolute_url(), entries=[_reply(one) for one in replies])
    return atom.answer(request, feed)


def _answer(request: HttpRequest, key: str, title: str, url: str, subtitle: str = "", **narrowed: Any) -> HttpResponse:
    """Threads with the newest talk, each with the text that opened it."""
    found = queries.list_threads(viewer=VISITOR, size=atom.LIMIT, with_pinned=True, **narrowed).rows
    entries = _entries(found)
    return atom.answer(request, Feed(key, title, url, subtitle, entries))


def _entries(threads: Sequence[Thread]) -> list[Entry]:
    openings = queries.openings(viewer=VISITOR, threads=threads)
    return [
        Entry(
            key=f"thread.{thread.pk}",
            title=thread.title,
            url=thread.get_absolute_url(),
            author=thread.author.display_name,
            author_url=reverse("home:member", args=[thread.author.handle]),
            published=thread.created_at,
            updated=thread.last_post_at,
            html=_html(openings.get(thread.pk)),
            tags=tuple(tag.name for tag in thread.tags.all()),
            replies=Replies(reverse("home:thread_feed", args=[thread.pk]), thread.reply_count),
        )
        for thread in threads
    ]


def _reply(post: Post) -> Entry:
    name = post.author.display_name
    return Entry(
        key=f"post.{post.pk}",
        title=_("Reply %(number)d by %(name)s") % {"number": post.number, "name": name},
        url=post.get_absolute_url(),
        author=name,
        author_url=reverse("home:member", args=[post.author.handle]),
        published=post.created_at,
        updated=post.edited_at or post.created_at,
        html=_html(post),
    )


def _html(post: Post | None) -> str:
    """The text with the post's pictures below it."""
    if post is None:
        return ""
    pictures = format_html_join(
        "",
        '<p><img src="{}" width="{}" height="{}" alt="{}"></p>',
        ((row.picture.url, row.picture.width, row.picture.height, row.alt) for row in post.pictures.all()),
    )
    return format_html("{}{}", SafeString(post.body_html), pictures)
