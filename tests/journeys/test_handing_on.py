"""A thread leaves the site: by a link that somebody hands on, as data for machines, and on paper."""

import json
from collections.abc import Callable
from urllib.parse import quote

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from community.members.models import Member
from community.threads.models import Post, Thread
from tests.factories import threads as make
from tests.support.site import Site

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]
BROKEN = "window.broken = []; addEventListener('securitypolicyviolation', (event) => broken.push(event.blockedURI))"
HANDED = "navigator.share = async (what) => { window.handed = what }"
NOT_ON_PAPER = (".site-header", ".tabbar", ".site-footer", ".post-actions", "#reply", ".feed-link", ".level-place")


@pytest.fixture
def hostile(ana: Member, talk: Thread) -> Thread:
    return make.open_thread(ana, talk.category, title="</script><b>Wax</b> & oil", body="See https://example.org/wax")


def opened(context: BrowserContext, address: str, *scripts: str) -> Page:
    for script in (BROKEN, *scripts):
        context.add_init_script(script)
    page = context.new_page()
    page.goto(address)
    page.wait_for_selector("html[data-ready]", state="attached")
    return page


def test_a_link_is_handed_on_in_every_way_there_is(
    site: Site, new_context: Callable[..., BrowserContext], ben: Member, hostile: Thread
) -> None:
    reply = make.reply(ben, hostile)
    address, permalink = site.url + hostile.get_absolute_url(), f"{site.url}/posts/{reply.pk}/"
    sheet_of_a_reply(opened(new_context(locale="en-US"), address), permalink)
    device = opened(new_context(locale="en-US"), address, HANDED)
    device.click(".level-place [data-share]")
    device.wait_for_function("() => window.handed")
    short = f"{site.url}/threads/{hostile.pk}/"  # an address with Japanese words is long once it is copied
    assert device.evaluate("() => window.handed") == {"url": short, "title": hostile.title}
    assert device.locator("#share-sheet[open]").count() == 0
    plain = new_context(locale="en-US", java_script_enabled=False).new_page()
    plain.goto(address)
    plain.click("#p2 [data-share]")
    plain.wait_for_url(f"**{hostile.get_absolute_url()}#p2")


def sheet_of_a_reply(page: Page, permalink: str) -> None:
    page.click("#p2 [data-share]")
    sheet = page.locator("#share-sheet")
    expect(sheet).to_be_visible()
    expect(sheet.locator("[data-share-address]")).to_have_value(permalink)
    ways = sheet.locator("a[data-way]").evaluate_all("(all) => all.map((one) => [one.href, one.rel])")
    assert [rel for _url, rel in ways] == ["noopener"] * 3
    assert all(quote(permalink, safe="") in url for url, _rel in ways)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    sheet.locator("[data-share-copy]").click()
    expect(sheet.locator("[role=status]")).to_have_text("The link is copied.")
    assert page.evaluate("() => navigator.clipboard.readText()") == permalink
    page.keyboard.press("Escape")
    expect(sheet).to_be_hidden()
    expect(page.locator("#p2 [data-share]")).to_be_focused()


def test_the_data_for_machines_breaks_no_rule_of_the_page_and_paper_shows_the_talk_alone(
    site: Site, new_context: Callable[..., BrowserContext], ben: Member, hostile: Thread, question: Thread, answer: Post
) -> None:
    make.reply(ben, hostile)
    for thread, kind in ((hostile, "DiscussionForumPosting"), (question, "QAPage")):
        page = opened(new_context(locale="en-US"), site.url + thread.get_absolute_url())
        block = page.locator("script[type='application/ld+json']")
        told = json.loads(str(block.text_content()))["@graph"][0]
        assert told["@type"] == kind
        assert (told.get("mainEntity", {}).get("name") or told["headline"]) == thread.title
        assert page.evaluate("() => window.broken") == []
    on_paper(opened(new_context(locale="en-US"), site.url + hostile.get_absolute_url()))


def on_paper(page: Page) -> None:
    page.emulate_media(media="print", color_scheme="dark")
    for shown in (".page-title", "#p1 .prose", "#p2 .post-head"):
        expect(page.locator(shown).first).to_be_visible()
    for hidden in NOT_ON_PAPER:
        expect(page.locator(hidden).first).to_be_hidden()
    colours = "(node) => [getComputedStyle(node).color, getComputedStyle(document.documentElement).backgroundColor]"
    assert page.locator("#p1 .prose").evaluate(colours) == ["rgb(0, 0, 0)", "rgb(255, 255, 255)"]
    after = "(link) => getComputedStyle(link, '::after').content"
    assert "https://example.org/wax" in page.locator("#p1 .prose a").first.evaluate(after)
