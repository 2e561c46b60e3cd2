"""People at their browsers."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from django.test import Client
from django.utils import translation
from django.utils.translation import gettext, ngettext
from playwright.sync_api import BrowserContext, Page, expect

from community.members.models import Member
from tests.support.site import Site
from tests.threads.conftest import ana, answer, ben, bowl, maker, mori, question, sara, shop, square, talk

__all__ = ["ana", "answer", "ben", "bowl", "maker", "mori", "question", "sara", "shop", "square", "talk"]

expect.set_options(timeout=15_000)

Open = Callable[..., Page]
LOCALES = {"ja": "ja-JP", "en": "en-US"}
PHONE, DESK = 380, 1280
HEIGHTS = {PHONE: 800, DESK: 900}


@dataclass(frozen=True)
class Around:
    """What a journey happens in: the language of its people and their browsers, and the width of their windows."""

    language: str
    width: int

    def __str__(self) -> str:
        return f"{self.language}-{self.width}"

    @property
    def options(self) -> dict[str, Any]:
        """Of a browser: the language it asks for, and its window."""
        viewport = {"width": self.width, "height": HEIGHTS[self.width]}
        return {"locale": LOCALES[self.language], "viewport": viewport}

    @property
    def other(self) -> "Around":
        """The other device of the same person: a desk beside the phone, a phone beside the desk."""
        return Around(self.language, DESK if self.width == PHONE else PHONE)

    def says(self, message: str, many: str = "", **given: Any) -> str:
        """What a page says for this English message, with its `{n}` or `%(n)s` filled in. It must be translated."""
        with translation.override(self.language):
            said = ngettext(message, many, given["n"]) if many else gettext(message)
        assert self.language == "en" or said != message, f"nobody has translated {message!r}"
        for name, value in given.items():
            said = said.replace(f"{{{name}}}", str(value))
        return said % given if "%(" in said else said

    def fits(self, page: Page) -> None:
        """The page speaks this language, and nothing on it is wider than its window."""
        expect(page.locator("html")).to_have_attribute("lang", self.language)
        assert page.viewport_size is not None
        assert page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"], page.url


def until(page: Page, what: Callable[[], bool]) -> None:
    """Wait for something that happens outside of the page, while the browser goes on."""
    for _try in range(750):
        if what():
            return
        page.wait_for_timeout(20)
    raise AssertionError("did not happen within 15 seconds")


def in_surroundings(*always: Around) -> pytest.MarkDecorator:
    """All four; the ones that are not named belong to the long version of the test."""
    every = [Around(language, width) for language in LOCALES for width in HEIGHTS]
    given = [one if one in always else pytest.param(one, marks=pytest.mark.deep) for one in every]
    return pytest.mark.parametrize("around", given, ids=str)


# A phone in Japanese and a desk in English see both languages and both widths.
in_each_surrounding = in_surroundings(Around("ja", PHONE), Around("en", DESK))


@pytest.fixture
def around() -> Around | None:
    """Where the journey happens, if it says `@in_each_surrounding`."""
    return None


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
    site: Site,
    new_context: Callable[..., BrowserContext],
    sign_in: Callable[[BrowserContext, Member], BrowserContext],
    around: Around | None,
) -> Open:
    """`open_as(ana, "/threads/1/")`: a tab of that person's own browser, every script loaded. None is a visitor.

    In a surrounding it has that window and language, and the member has chosen the language, too.
    """

    def open_page(member: Member | None, path: str, **options: Any) -> Page:
        context = new_context(**(around.options if around else {}) | options)
        if member is not None:
            if around and member.language != around.language:
                member.language = around.language
                member.save(update_fields=["language"])
            sign_in(context, member)
        page = context.new_page()
        page.goto(site.url + path)
        if options.get("java_script_enabled", True):
            page.wait_for_selector("html[data-ready]", state="attached")
        return page

    return open_page
