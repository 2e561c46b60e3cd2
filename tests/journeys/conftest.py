"""People at their browsers."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from playwright.sync_api import BrowserContext, Page, expect

from community.members.models import Member
from tests.support.site import Site
from tests.threads.conftest import ana, answer, ben, bowl, maker, mori, question, sara, shop, square, talk

__all__ = ["ana", "answer", "ben", "bowl", "maker", "mori", "question", "sara", "shop", "square", "talk"]

expect.set_options(timeout=15_000)

Open = Callable[..., Page]


@pytest.fixture
def sign_in(site: Site) -> Callable[[BrowserContext, Member], BrowserContext]:
    """Give a browser the session of a member, as the sign-in page would."""

    def give(context: BrowserContext, member: Member) -> BrowserContext:
        client = Client()
        client.force_login(member)
        context.add_cookies(
            [{"name": "hiroba_session", "value": client.cookies["hiroba_session"].value, "url": site.url}]
        )
        return context

    return give


@pytest.fixture
def open_as(
    site: Site, new_context: Callable[..., BrowserContext], sign_in: Callable[[BrowserContext, Member], BrowserContext]
) -> Open:
    """`open_as(ana, "/threads/1/")`: a tab of that person's own browser, every script loaded. None is a visitor."""

    def open_page(member: Member | None, path: str, **options: Any) -> Page:
        context = new_context(**options)
        if member is not None:
            sign_in(context, member)
        page = context.new_page()
        page.goto(site.url + path)
        if options.get("java_script_enabled", True):
            page.wait_for_selector("html[data-ready]", state="attached")
        return page

    return open_page
