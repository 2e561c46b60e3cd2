"""The style page in a real Chromium: every component, light and dark, phone and desk, Japanese and English."""

import re
from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from django.contrib.auth.models import AnonymousUser
from django.template.loader import render_to_string
from django.test import RequestFactory
from django.utils import translation
from playwright.sync_api import BrowserContext, Page

from community.home.views.styleguide import samples
from tests.support.stage import ORIGIN, Stage

RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}


def styleguide() -> str:
    """The page as a visitor gets it."""
    request = RequestFactory().get("/styleguide/")
    request.user = AnonymousUser()
    return render_to_string("home/styleguide.html", samples(), request=request)


def style_page(new_context: Callable[..., BrowserContext], *, width: int, theme: str, language: str) -> Page:
    context = new_context(viewport={"width": width, "height": 850}, color_scheme=theme, has_touch=width < 600)
    stage = Stage(context)
    with translation.override(language):
        stage.pages["/styleguide/"] = styleguide()
    page = context.new_page()
    page.goto(f"{ORIGIN}/styleguide/")
    page.wait_for_selector("html[data-ready]")
    return page


@pytest.mark.parametrize(
    ("width", "theme", "language"),
    [(380, "light", "ja"), (380, "dark", "en"), (1280, "light", "ja"), (1280, "dark", "ja")],
)
def test_every_component_is_free_of_axe_violations_and_fits_its_page(
    new_context: Callable[..., BrowserContext], width: int, theme: str, language: str
) -> None:
    page = style_page(new_context, width=width, theme=theme, language=language)
    result = Axe().run(page, options=RULES)
    assert result.violations_count == 0, result.generate_report()
    assert len(result.response["passes"]) > 30  # the rules did run
    assert page.evaluate("document.documentElement.scrollWidth") == width


def test_the_controls_of_a_phone_are_at_least_44_pixels_high(new_context: Callable[..., BrowserContext]) -> None:
    page = style_page(new_context, width=380, theme="light", language="ja")
    low = page.evaluate(
        """() => [...document.querySelectorAll(".button, .tool, .tabbar a, .page-link, .tab, .reaction, .editor-tool")]
            .filter((node) => node.offsetParent && node.getBoundingClientRect().height < 43.5)
            .map((node) => node.outerHTML.slice(0, 90))"""
    )
    assert low == []


def test_the_chosen_colours_are_kept_in_a_cookie_for_the_next_page(
    new_context: Callable[..., BrowserContext],
) -> None:
    page = style_page(new_context, width=1280, theme="light", language="ja")
    paper = page.evaluate("getComputedStyle(document.documentElement).backgroundColor")
    page.click("summary:has(use[href$='#settings'])")
    page.click("[data-theme-choice=dark]")
    page.wait_for_function("(paper) => getComputedStyle(document.documentElement).backgroundColor !== paper", arg=paper)
    assert page.get_attribute("[data-theme-choice=dark]", "aria-pressed") == "true"
    cookies = {cookie["name"]: cookie["value"] for cookie in page.context.cookies()}
    assert cookies["theme"] == "dark"


def test_no_template_carries_inline_style_or_script() -> None:
    html = styleguide()
    assert not re.search(r"<style|<script(?![^>]*\bsrc=)|\sstyle=|\son[a-z]+=", html)


def test_the_page_moves_nothing_when_its_scripts_arrive(new_context: Callable[..., BrowserContext]) -> None:
    page = style_page(new_context, width=380, theme="light", language="ja")
    page.wait_for_timeout(300)
    shifts = page.evaluate(
        """() => new Promise((done) => {
            let sum = 0;
            new PerformanceObserver((list) => list.getEntries().forEach((e) => (sum += e.hadRecentInput ? 0 : e.value)))
                .observe({type: "layout-shift", buffered: true});
            setTimeout(() => done(sum), 200);
        })"""
    )
    assert shifts < 0.02
