"""A visitor's pages are the same for everybody; what a browser chose is there all the same."""

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext

from tests.support.site import Site

pytestmark = pytest.mark.journey
# Writes down the colours at the moment in which there is something to draw.
WATCH = """new MutationObserver((_, watch) => {
  if (!document.body) return;
  window.coloursAtFirst = document.documentElement.dataset.theme;
  watch.disconnect();
}).observe(document, { childList: true, subtree: true })"""


def test_the_chosen_colours_are_there_before_anything_is_drawn(
    site: Site, new_context: Callable[..., BrowserContext]
) -> None:
    page = new_context(locale="ja-JP").new_page()
    page.goto(f"{site.url}/about/")
    page.click("summary:has(use[href$='#settings'])")
    page.click("[data-theme-choice=dark]")
    page.add_init_script(WATCH)
    page.goto(f"{site.url}/about/")
    page.wait_for_selector("html[data-ready]")
    assert page.evaluate("window.coloursAtFirst") == "dark"
    assert page.get_attribute("[data-theme-choice=dark]", "aria-pressed") == "true"
    assert 'data-theme="auto"' in page.request.get(f"{site.url}/about/").text()  # the bytes know nothing of it


@pytest.mark.parametrize("scripts", [True, False])
def test_the_language_is_switched_with_one_press_with_and_without_scripts(
    site: Site, new_context: Callable[..., BrowserContext], scripts: bool
) -> None:
    page = new_context(locale="ja-JP", java_script_enabled=scripts).new_page()
    page.goto(f"{site.url}/items/?sort=price")
    assert page.get_attribute("html", "lang") == "ja"
    page.click("summary:has(use[href$='#settings'])")
    page.click("button[name=language][value=en]")
    page.wait_for_selector("html[lang=en]")
    assert page.url == f"{site.url}/items/?sort=price"
