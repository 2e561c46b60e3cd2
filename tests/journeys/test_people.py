"""Two people who do not get on, in real browsers: the card beside a name, the block, and a thread that goes on live."""

import re

import pytest
from playwright.sync_api import Page, expect

from community.members.models import Member
from community.threads.models import Post, Thread
from tests.factories import threads as make
from tests.journeys.conftest import Open

pytestmark = pytest.mark.journey
CARD = ".member-card"


def top_of(page: Page, selector: str) -> float:
    return float(page.locator(selector).evaluate("node => node.getBoundingClientRect().top"))


def test_a_card_a_block_and_a_talk_that_goes_on_without_the_other(
    open_as: Open, ana: Member, ben: Member, mori: Member, question: Thread
) -> None:
    make.reply(ben, question, "Beeswax.")
    make.reply(mori, question, "Linseed oil.")
    page = open_as(ana, question.get_absolute_url())
    name = page.locator("#p2 a.member-name")
    below = top_of(page, "#p3")

    name.hover()
    card = page.locator(CARD)
    expect(card).to_be_visible()
    expect(card).to_contain_text(f"@{ben.handle}")
    assert top_of(page, "#p3") == below  # nothing moved
    page.keyboard.press("Escape")
    expect(card).to_have_count(0)

    name.focus()
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Tab")  # by the keyboard
    expect(card).to_be_visible()
    card.locator("summary").click()
    card.get_by_role("button", name=re.compile("Watch")).click()
    expect(card.locator("summary")).to_contain_text("Watching")
    assert page.url.endswith(question.get_absolute_url())
    card.get_by_role("link", name="Block").click()

    expect(page.get_by_role("heading", level=1)).to_contain_text("Block")
    page.get_by_role("button", name="Block").click()
    expect(page.get_by_text("You have blocked this member")).to_be_visible()

    page.goto(page.url.partition("/members/")[0] + question.get_absolute_url())
    page.wait_for_selector("html[data-ready]", state="attached")
    expect(page.locator("#p2.tombstone")).to_contain_text("This post is not shown.")
    expect(page.locator("#p3")).to_contain_text("Linseed oil.")
    others = open_as(None, question.get_absolute_url())

    make.reply(ben, question, "Or tung oil.")
    make.reply(mori, question, "Walnut oil.")
    expect(others.locator("#p4")).to_contain_text("Or tung oil.")  # the control
    expect(page.locator("#p5")).to_contain_text("Walnut oil.")
    expect(page.locator("#p4")).to_have_count(0)
    assert Post.objects.filter(thread=question).count() == 5
    page.reload()
    expect(page.locator("#p4.tombstone")).to_contain_text("This post is not shown.")
    expect(page.get_by_text("tung")).to_have_count(0)


def test_a_tap_shows_the_card_and_a_second_one_goes_to_the_page(
    open_as: Open, ana: Member, ben: Member, question: Thread
) -> None:
    make.reply(ben, question, "Beeswax.")
    page = open_as(ana, question.get_absolute_url(), has_touch=True, viewport={"width": 380, "height": 800})
    name = page.locator("#p2 a.member-name")
    name.scroll_into_view_if_needed()
    expect(page.locator(CARD)).to_have_count(0)  # a scroll shows nothing
    name.tap()
    card = page.locator(CARD)
    expect(card).to_be_visible()
    box = card.bounding_box()
    assert box is not None and box["x"] >= 0 and box["x"] + box["width"] <= 380
    name.tap()
    page.wait_for_url(re.compile(f"/members/{ben.handle}/"))
