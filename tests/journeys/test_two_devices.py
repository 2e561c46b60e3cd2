"""One member, two devices: what is read on one is read on the other, and a text goes along."""

import re
from urllib.parse import parse_qs

import pytest
from playwright.sync_api import Page, Request, expect

from community.members.models import Member
from community.threads.models import Draft, Post, Thread
from tests.factories import threads as make
from tests.journeys.conftest import PHONE, Around, Open, in_each_surrounding, in_surroundings
from tests.support.site import Site

pytestmark = pytest.mark.journey

AREA = "#reply-form textarea"
SEND = "#reply-form .form-actions .button-primary"
LONG = "\n\n".join(["A word about wax, oil and patience."] * 12)
HERE = "Draft saved on this device"
ANYWHERE = "Draft saved. You can go on with it on any device."


@pytest.fixture
def long_talk(ana: Member, ben: Member, talk: Thread) -> Thread:
    """ana's thread, to which ben has said a lot: no window holds two of his posts."""
    for _ in range(4):
        make.reply(ben, talk, LONG)
    talk.refresh_from_db()
    return talk


def is_live(page: Page) -> None:
    expect(page.locator("[data-live-state]")).to_have_attribute("data-state", "live")


def read_to(page: Page, number: int) -> None:
    """Scroll a post into the window, as a reader does, until the clock has counted it."""
    page.mouse.move(200, 300)
    page.locator(f"#p{number}").evaluate("node => node.scrollIntoView({block: 'center'})")
    expect(page.locator("#posts")).to_have_attribute("data-read", str(number))


@in_each_surrounding
def test_two_devices_stay_in_step(
    site: Site, open_as: Open, around: Around, ana: Member, ben: Member, long_talk: Thread
) -> None:
    one = open_as(ana, "/threads/")
    two = open_as(ana, long_talk.get_absolute_url(), **around.other.options)
    is_live(two)
    row = one.locator(f'.thread-row[data-thread="{long_talk.pk}"]')
    expect(row.locator("[data-unread]")).to_have_text(around.says("{n} new", n=4))
    expect(two.locator("#unread + #p2")).to_have_count(1)
    around.fits(one), around.fits(two)

    # Reading on the second device takes the first along; it leads to what is left.
    read_to(two, 3)
    expect(row.locator("[data-unread]")).to_have_text(around.says("{n} new", n=2))
    expect(row.locator(".thread-title a")).to_have_attribute("href", re.compile(r"\?at=4#p4$"))
    row.locator(".thread-title a").click()
    one.wait_for_selector("html[data-ready]", state="attached")
    is_live(one)
    expect(one.locator("#unread + #p4")).to_be_in_viewport()

    # A text begun on the first stands on the second, is finished there, sent once, and is gone from both.
    one.locator(AREA).fill("Walnut oil, I think")
    expect(two.locator(AREA)).to_have_value("Walnut oil, I think")
    two.locator(AREA).fill("Walnut oil, I think, twice a year.")
    expect(one.locator(AREA)).to_have_value("Walnut oil, I think, twice a year.")
    around.fits(one), around.fits(two)
    two.locator(SEND).click()
    expect(two.locator("#p6 .prose")).to_have_text("Walnut oil, I think, twice a year.")
    expect(one.locator(AREA)).to_have_value("")
    assert Post.objects.filter(thread=long_talk, author=ana, number__gt=1).count() == 1
    assert not Draft.objects.filter(member=ana, gone_at=None).exists()
    one.goto(site.url + "/drafts/")
    expect(one.get_by_text(around.says("No drafts"), exact=True)).to_be_visible()
    expect(one.locator(".draft-row")).to_have_count(0)


@in_surroundings(Around("ja", PHONE))
def test_a_text_written_on_two_devices_at_once_is_never_overwritten(
    site: Site, open_as: Open, around: Around, ana: Member, talk: Thread
) -> None:
    one = open_as(ana, talk.get_absolute_url(), **around.other.options)
    two = open_as(ana, talk.get_absolute_url())
    is_live(one), is_live(two)
    two.context.set_offline(True)
    two.locator(AREA).fill("From the second.")
    expect(two.locator("[data-draft-state]")).to_contain_text(around.says(HERE))
    one.locator(AREA).fill("From the first.")
    expect(one.locator("[data-draft-state]")).to_contain_text(around.says(ANYWHERE))
    two.context.set_offline(False)

    expect(two.locator(".draft-other")).to_have_text("From the first.")
    expect(two.locator(AREA)).to_have_value("From the second.")
    expect(two.locator("[data-draft-state]")).to_be_empty()
    assert Draft.objects.get(member=ana).body == "From the first."
    around.fits(two)

    two.get_by_role("button", name=around.says("Go on here")).click()
    expect(two.locator("[data-draft-state]")).to_contain_text(around.says(ANYWHERE))
    expect(one.locator(AREA)).to_have_value("From the second.")
    assert Draft.objects.get(member=ana).body == "From the second."


@in_each_surrounding
def test_a_reply_typed_offline_survives_a_closed_tab_is_kept_and_posted_once(
    site: Site, open_as: Open, around: Around, ben: Member, talk: Thread
) -> None:
    page = open_as(ben, talk.get_absolute_url())
    context = page.context
    context.set_offline(True)
    page.locator(AREA).fill("Typed in a tunnel.")
    expect(page.locator("[data-draft-state]")).to_contain_text(around.says(HERE))
    page.close()
    assert not Draft.objects.exists()
    context.set_offline(False)

    again = context.new_page()
    again.goto(site.url + talk.get_absolute_url())
    expect(again.locator(AREA)).to_have_value("Typed in a tunnel.")
    expect(again.locator("[data-draft-state]")).to_contain_text(around.says(ANYWHERE))
    around.fits(again)
    again.locator(SEND).dblclick()
    expect(again.locator("#p2 .prose")).to_have_text("Typed in a tunnel.")
    assert Post.objects.filter(thread=talk, author=ben).count() == 1
    again.reload()
    again.wait_for_selector("html[data-ready]", state="attached")
    expect(again.locator(AREA)).to_have_value("")
    expect(again.locator(".draft-note")).to_have_count(0)


def test_a_tab_that_nobody_touches_reads_for_three_minutes_and_no_longer(
    site: Site, open_as: Open, ana: Member, long_talk: Thread
) -> None:
    page = open_as(ana, "/about/")
    page.clock.install()
    reports: list[dict[str, list[str]]] = []
    page.on("request", lambda request: request.url.endswith("/threads/read/") and reports.append(said(request)))
    page.goto(site.url + long_talk.get_absolute_url())
    page.wait_for_selector("html[data-ready]", state="attached")
    for _minute in range(10):
        page.clock.run_for(60_000)
    assert 120 <= sum(int(report["seconds"][0]) for report in reports if "seconds" in report) <= 181

    page.mouse.move(200, 300)
    page.mouse.move(210, 310)
    page.clock.run_for(60_000)
    assert 180 <= sum(int(report["seconds"][0]) for report in reports if "seconds" in report) <= 241
    assert {report["reached"][0].partition(":")[0] for report in reports if "reached" in report} == {str(long_talk.pk)}


def said(request: Request) -> dict[str, list[str]]:
    return parse_qs(request.post_data or "")
