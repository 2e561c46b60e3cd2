"""Atom (RFC 4287) as we write it: Django's generator, with whole texts and ids that outlive an address."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.feedgenerator import Atom1Feed
from django.utils.translation import get_language
from django.utils.xmlutils import SimplerXMLGenerator

from community.core.templatetags.head import whole
from community.core.text import for_xml, with_whole_addresses

CONTENT_TYPE = "application/atom+xml; charset=utf-8"
THREADING = "http://purl.org/syndication/thread/1.0"
LIMIT = 30  # entries
_BEGINNING = datetime(2026, 1, 1, tzinfo=UTC)  # of a feed without an entry


@dataclass(frozen=True, slots=True)
class Entry:
    """`key` names the thing for ever ("post.7"), `url` and the author's are paths, `html` is ours."""

    key: str
    title: str
    url: str
    author: str
    author_url: str
    published: datetime
    updated: datetime
    html: str
    tags: tuple[str, ...] = ()
    replies: "Replies | None" = None


@dataclass(frozen=True, slots=True)
class Replies:
    """How many there are, and the path of their own feed (RFC 4685)."""

    url: str
    count: int


@dataclass(frozen=True, slots=True)
class Feed:
    key: str
    title: str
    url: str  # of the page that shows the same
    subtitle: str = ""
    entries: Iterable[Entry] = field(default=())


class Generator(Atom1Feed):
    """Django's writes a summary; readers want the text itself."""

    def root_attributes(self) -> dict[str, str]:
        return {**super().root_attributes(), "xmlns:thr": THREADING}

    def latest_post_date(self) -> datetime:
        # Not the present moment for an empty feed: the same feed has the same bytes.
        return super().latest_post_date() if self.items else _BEGINNING

    def add_item_elements(self, handler: SimplerXMLGenerator, item: dict[str, Any]) -> None:
        super().add_item_elements(handler, item)
        handler.addQuickElement("content", item["html"], {"type": "html", "xml:base": settings.SITE_ORIGIN})
        if (replies := item["replies"]) is not None:
            there = {"rel": "replies", "type": "application/atom+xml", "href": whole(replies.url)}
            handler.addQuickElement("link", "", {**there, "thr:count": str(replies.count)})


def answer(request: HttpRequest, feed: Feed) -> HttpResponse:
    made = Generator(
        title=for_xml(f"{feed.title} – {settings.SITE_NAME}"),
        link=whole(feed.url),
        description=None,
        subtitle=for_xml(feed.subtitle) or None,
        language=get_language(),
        feed_url=whole(request.path),
        feed_guid=tag_uri(f"feed.{feed.key}"),
    )
    for entry in feed.entries:
        made.add_item(
            title=for_xml(entry.title),
            link=whole(entry.url),
            description=None,  # type: ignore[arg-type]  # the text itself comes below
            author_name=for_xml(entry.author),
            author_link=whole(entry.author_url),
            pubdate=entry.published,
            updateddate=entry.updated,
            unique_id=tag_uri(entry.key),
            categories=[for_xml(tag) for tag in entry.tags],
            html=for_xml(with_whole_addresses(entry.html, settings.SITE_ORIGIN)),
            replies=entry.replies,
        )
    return HttpResponse(made.writeString("utf-8"), content_type=CONTENT_TYPE)


def tag_uri(key: str) -> str:
    """An id (RFC 4151) that stays when a title, and with it the address, changes."""
    return f"tag:{urlsplit(settings.SITE_ORIGIN).hostname},2026:{key}"
