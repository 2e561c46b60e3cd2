"""Things to come back to: saved on one device, seen on the other, with a note and a reminder; and without scripts."""

import re

import pytest
from playwright.sync_api import Page, expect

from community.catalog.models import Item
from community.members.models import Member
from community.threads.models import Bookmark, Thread
from tests.factories import threads as make
from tests.journeys.conftest import Open
from tests.support.site import Site

pytestmark = pytest.mark.journey


def is_live(page: Page) -> None:
    expect(page.locator("[data-live-state]")).to_have_attribute("data-state", "live")


def test_a_reply_is_saved_on_one_device_and_let_go_on_another(
    site: Site, open_as: Open, ana: Member, ben: Member, talk: Thread
) -> None:
    reply = make.reply(ben, talk, "Beeswax, thinly.")
    desk = open_as(ana, talk.get_absolute_url())
    phone = open_as(ana, talk.get_absolute_url(), viewport={"width": 380, "height": 800})
    is_live(desk)
    is_live(phone)
    mark = f'[data-bookmark="post:{reply.pk}"]'
    expect(desk.locator(mark)).to_have_attribute("aria-pressed", "false")

    # One press saves, on all devices; the line that says so leads to note and reminder.
    desk.locator(mark).click()
    expect(desk.locator(mark)).to_have_attribute("aria-pressed", "true")
    expect(phone.locator(mark)).to_have_attribute("aria-pressed", "true")
    desk.locator(".toast button", has_text="Note and reminder").click()
    dialog = desk.get_by_role("dialog", name="Note and reminder")
    expect(dialog.locator(".bookmark-about")).to_have_text(talk.title)
    dialog.locator("textarea").fill("for the walnut bowl")
    dialog.get_by_label("Tomorrow morning").check()
    dialog.locator(".button-primary").click()
    expect(dialog).to_have_count(0)
    expect(desk.locator(mark)).to_be_focused()
    row = Bookmark.objects.get()
    assert row.note == "for the walnut bowl" and row.waits and row.job_id

    # The list says what was saved; an edit of the post does not take the mark away.
    desk.goto(site.url + "/bookmarks/?show=reminders")
    line = desk.locator(".bookmark-row")
    expect(line).to_contain_text("Beeswax, thinly.")
    expect(line).to_contain_text("for the walnut bowl")
    desk.wait_for_selector("html[data-ready]", state="attached")
    desk.keyboard.press("j")
    expect(line.get_by_role("heading").get_by_role("link")).to_be_focused()

    # A pressed button opens what was said; from there it is let go, and brought back.
    phone.locator(mark).click()
    phone.locator(".bookmark-dialog").get_by_role("button", name="Remove").click()
    expect(phone.locator(mark)).to_have_attribute("aria-pressed", "false")
    expect(desk.locator("[data-bookmarks-news]")).to_be_visible()
    phone.locator(".toast button", has_text="Undo").click()
    expect(phone.locator(mark)).to_have_attribute("aria-pressed", "true")
    desk.locator("[data-bookmarks-news] a").click()
    desk.wait_for_selector("html[data-ready]", state="attached")
    desk.locator(".bookmark-row").get_by_role("button", name="Remove").click()
    expect(desk.locator(".bookmark-row")).to_have_count(0)
    expect(phone.locator(mark)).to_have_attribute("aria-pressed", "false")


def test_without_scripts_a_work_is_saved_with_a_reminder_of_one_s_own(
    site: Site, open_as: Open, ana: Member, bowl: Item
) -> None:
    page = open_as(ana, bowl.get_absolute_url(), java_script_enabled=False)
    page.locator(f'[data-bookmark="item:{bowl.pk}"]').click()
    expect(page).to_have_url(re.compile(rf"/bookmarks/item/{bowl.pk}/$"))
    page.get_by_label("At another time").check()
    page.get_by_label("Day and time").fill("2099-01-01T08:00")
    page.locator(".bookmark-form .button-primary").click()
    expect(page.locator(".bookmark-form .notice")).to_be_visible()  # too far away
    page.get_by_label("Tomorrow morning").check()
    page.locator(".bookmark-form .button-primary").click()
    expect(page.locator(".bookmark-when")).to_be_visible()
    page.get_by_role("button", name="Remove").click()
    expect(page.locator(".bookmark-row")).to_have_count(0)
    page.get_by_role("button", name="Undo").click()
    expect(page.locator(".bookmark-when")).to_be_visible()
