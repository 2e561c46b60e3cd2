"""Reading a question by its answers while others go on talking."""

import re

import pytest
from playwright.sync_api import expect

from community.members.models import Member
from community.threads.models import Post, Thread
from community.threads.queries.two_levels import COMMENTS
from tests.factories import threads as make
from tests.journeys.conftest import Open
from tests.support.site import Site

pytestmark = pytest.mark.journey


@pytest.fixture
def asked(question: Thread, ben: Member) -> Thread:
    """2 is an answer with one comment too many (3 to 8), 9 another answer."""
    first = make.reply(ben, question, "こたえ")
    for number in range(COMMENTS + 1):
        make.reply(ben, question, f"ひとこと {number}", reply_to_id=first.pk)
    make.reply(ben, question, "べつのこたえ")
    question.refresh_from_db()
    return question


def test_what_arrives_finds_its_answer_and_the_choice_is_remembered(
    open_as: Open, asked: Thread, ana: Member, ben: Member
) -> None:
    page = open_as(ana, asked.get_absolute_url(), viewport={"width": 1280, "height": 3000})
    page.locator("[data-view=two]").click()
    page.wait_for_url("**view=two")
    page.wait_for_selector("html[data-ready]", state="attached")
    under = page.locator("[data-comments='2'] > .post")
    expect(under).to_have_count(COMMENTS)
    page.locator("[data-more-comments]").click()
    expect(under).to_have_count(COMMENTS + 1)
    expect(page.locator("#p8")).to_be_focused()
    # Somebody comments on the second answer, somebody else answers anew; one comment more on the first.
    second = Post.objects.get(thread=asked, number=9)
    late = make.reply(ben, asked, "それはいい", reply_to_id=second.pk)
    expect(page.locator(f"[data-comments='9'] > #p{late.number}")).to_be_visible()
    new = make.reply(ben, asked, "みっつめ")
    expect(page.locator(f"[data-answer='{new.number}'] > #p{new.number}")).to_be_visible()
    # One's own goes there, too, and stays on this page.
    page.locator("#p8 [data-reply-to]").click()
    page.locator("#reply-form textarea").fill("わたしも")
    page.locator("#reply-form .form-actions .button-primary").click()
    expect(under).to_have_count(COMMENTS + 2)
    expect(under.last).to_contain_text("わたしも")
    # The next question opens in the same way, a permalink at its post; until the other view is chosen.
    page.goto(page.url.split("?")[0] + "#p8")
    page.wait_for_url(re.compile(r"view=two&at=8#p8$"))
    expect(page.locator("#p8")).to_be_visible()
    page.wait_for_selector("html[data-ready]", state="attached")
    page.locator("[data-view=flat]").click()
    page.wait_for_url(lambda url: "view=" not in url)
    expect(page.locator(".posts-two")).to_have_count(0)


def test_while_one_writes_nothing_moves_and_the_bar_leads_to_what_is_new(
    open_as: Open, asked: Thread, ana: Member, ben: Member
) -> None:
    page = open_as(ana, f"{asked.get_absolute_url()}?view=two", viewport={"width": 380, "height": 800})
    page.locator("#reply-form textarea").fill("いま書いています")
    second = Post.objects.get(thread=asked, number=9)
    late = make.reply(ben, asked, "それはいい", reply_to_id=second.pk)
    bar = page.locator("[data-new-posts-show]")
    expect(bar).to_be_visible()
    expect(page.locator(f"#p{late.number}")).to_have_count(0)
    expect(bar).to_have_attribute("href", f"?view=two&at={late.number}#p{late.number}")


def test_the_chosen_view_follows_a_member_to_other_devices_and_stays_in_the_browser_of_a_visitor(
    site: Site, open_as: Open, asked: Thread, ana: Member
) -> None:
    here, there, anybody = (open_as(who, asked.get_absolute_url()) for who in (ana, ana, None))
    with here.expect_response("**/threads/view/") as told:
        here.locator("[data-view=two]").click()
    assert told.value.status == 204
    here.wait_for_url("**view=two")
    there.goto(site.url + asked.get_absolute_url())
    there.wait_for_url("**view=two")
    there.wait_for_selector("html[data-ready]", state="attached")
    with there.expect_response("**/threads/view/"):
        there.locator("[data-view=flat]").click()
    there.wait_for_url(lambda url: "view=" not in url)
    here.goto(site.url + asked.get_absolute_url())
    expect(here.locator(".posts-two")).to_have_count(0)

    anybody.locator("[data-view=two]").click()
    anybody.wait_for_url("**view=two")
    anybody.goto(site.url + asked.get_absolute_url())
    anybody.wait_for_url("**view=two")
    ana.refresh_from_db()
    assert ana.thread_view == "flat"
