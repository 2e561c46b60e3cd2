"""What search engines ask for first: which pages there are, and which are nothing for them."""

from collections.abc import Iterable

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.views.decorators.http import require_safe

from community.core import pages
from community.core.templatetags.head import whole
from community.home import queries
from community.home.queries import Place

NAMESPACE = "http://www.sitemaps.org/schemas/sitemap/0.9"
# Forms, one's own pages, answers to scripts, and lists that anybody can narrow down as they like.
NOT_FOR_ROBOTS = (
    *("/accounts/", "/admin/", "/api/", "/drafts/", "/i18n/", "/live/", "/notifications/", "/search/", "/settings/"),
    *("/threads/new/", "/threads/news/", "/threads/*/reply/", "/posts/*/fragment/", "/posts/*/history/"),
    *("/items/?*min=", "/items/?*max=", "/items/?*state="),
)


@require_safe
@pages.public(*pages.LISTS)
def index(_request: HttpRequest) -> HttpResponse:
    parts = queries.sitemap_parts()
    urls = [reverse("home:sitemap_pages"), *(reverse("home:sitemap", args=part) for part in parts)]
    rows = format_html_join("", "<sitemap><loc>{}</loc></sitemap>", ((whole(url),) for url in urls))
    return _xml(format_html('<sitemapindex xmlns="{}">{}</sitemapindex>', NAMESPACE, rows))


@require_safe
@pages.public(*pages.LISTS)
def fixed(_request: HttpRequest) -> HttpResponse:
    return _urls(queries.fixed_places())


@require_safe
@pages.public(*pages.LISTS)
def part(_request: HttpRequest, kind: str, number: int) -> HttpResponse:
    return _urls(queries.sitemap_places(kind=kind, number=number))


@require_safe
@pages.public(pages.SITE)
def robots(_request: HttpRequest) -> HttpResponse:
    lines = ["User-agent: *", *(f"Disallow: {path}" for path in NOT_FOR_ROBOTS)]
    lines += ["", f"Sitemap: {whole(reverse('home:sitemaps'))}", ""]
    return HttpResponse("\n".join(lines), content_type="text/plain; charset=utf-8")


def _urls(places: Iterable[Place]) -> HttpResponse:
    told = ((whole(place.path), _changed(place)) for place in places)
    rows = format_html_join("", "<url><loc>{}</loc>{}</url>", told)
    return _xml(format_html('<urlset xmlns="{}">{}</urlset>', NAMESPACE, rows))


def _changed(place: Place) -> str:
    moment = place.changed
    return format_html("<lastmod>{}</lastmod>", moment.isoformat(timespec="seconds")) if moment else ""


def _xml(words: str) -> HttpResponse:
    body = f'<?xml version="1.0" encoding="UTF-8"?>\n{words}'
    return HttpResponse(body, content_type="application/xml; charset=utf-8")
