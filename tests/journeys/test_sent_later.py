"""What was to be sent without a line is sent by the member's next page, once, and by nobody else's."""

import re
import time
from collections.abc import Callable
from urllib.parse import quote

import pytest
from playwright.sync_api import BrowserContext, Page, Route, expect

from community.members.actions import sign_ins
from community.members.models import Member
from community.threads import actions as threads
from community.threads.models import Draft, Post, Thread
from tests.factories import threads as make
from tests.factories.members import PASSWORD, make_member
from tests.journeys.conftest import Open
from tests.support.site import Site

pytestmark = pytest.mark.journey

AREA = "#reply-form textarea"
SEND = "#reply-form .form-actions .button-primary"
WAITS = """() => Object.keys(localStorage).filter((slot) => slot.startsWith("hiroba:later:")).length"""
SignIn = Callable[[BrowserContext, Member], BrowserContext]
NO_LOCKS = "Object.defineProperty(Navigator.prototype, 'locks', {get: () => undefined})"


def loaded(page: Page, address: str) -> Page:
    page.goto(address)
    page.wait_for_selector("html[data-ready]", state="attached")
    return page


def sent_without_a_line(page: Page, words: str) -> BrowserContext:
    """The writer presses Send in a tunnel and closes the tab. Returns the browser, which has a line again."""
    context = page.context
    context.set_offline(True)
    page.locator(AREA).fill(words)
    page.locator(SEND).click()
    expect(page.locator("[data-send-state]")).to_contain_text("offline")
    page.close()
    context.set_offline(False)
    return context


def until(page: Page, test: Callable[[], bool], seconds: float = 15) -> None:
    """Wait, while the browser goes on, until it is so."""
    end = time.monotonic() + seconds
    while not test():
        assert time.monotonic() < end, "it did not come to that"
        page.wait_for_timeout(50)


def replies(thread: Thread, author: Member) -> list[str]:
    return list(Post.objects.filter(thread=thread, author=author, number__gt=1).values_list("body", flat=True))


def test_the_next_page_sends_it_says_so_and_leads_to_it(site: Site, open_as: Open, ben: Member, talk: Thread) -> None:
    context = sent_without_a_line(open_as(ben, talk.get_absolute_url()), "Typed in a tunnel.")
    assert replies(talk, ben) == []

    page = loaded(context.new_page(), site.url + "/")
    toast = page.locator(".toast")
    expect(toast).to_contain_text("has been sent")
    assert replies(talk, ben) == ["Typed in a tunnel."]
    assert page.evaluate(WAITS) == 0
    toast.get_by_role("link").click()
    expect(page.locator("#p2 .prose")).to_have_text("Typed in a tunnel.")
    page.wait_for_selector("html[data-ready]", state="attached")
    expect(page.locator(AREA)).to_have_value("")
    expect(page.locator(".draft-note")).to_have_count(0)
    assert not Draft.objects.filter(member=ben, gone_at=None).exists()


def test_on_the_page_of_the_thread_its_form_sends_it(site: Site, open_as: Open, ben: Member, talk: Thread) -> None:
    context = sent_without_a_line(open_as(ben, talk.get_absolute_url()), "Typed in a tunnel.")
    page = loaded(context.new_page(), site.url + talk.get_absolute_url())
    expect(page.locator("#p2 .prose")).to_have_text("Typed in a tunnel.")
    expect(page.locator(AREA)).to_have_value("")
    expect(page.locator(".draft-note")).to_have_count(0)
    assert replies(talk, ben) == ["Typed in a tunnel."]
    assert page.evaluate(WAITS) == 0


@pytest.mark.parametrize(
    ("knows_locks", "key_is_kept", "requests", "posts"),
    [
        pytest.param(True, True, 1, 1, id="one tab sends"),
        pytest.param(False, True, 2, 1, id="the key alone"),
        pytest.param(False, False, 2, 2, id="control: neither", marks=pytest.mark.deep),
    ],
)
def test_two_tabs_at_once_post_it_once(
    site: Site,
    open_as: Open,
    ben: Member,
    talk: Thread,
    knows_locks: bool,
    key_is_kept: bool,
    requests: int,
    posts: int,
) -> None:
    context = sent_without_a_line(open_as(ben, talk.get_absolute_url()), "Only once.")
    if not knows_locks:
        context.add_init_script(NO_LOCKS)
    held: list[Route] = []
    context.route("**/reply/", lambda route: held.append(route))
    tabs = [loaded(context.new_page(), site.url + "/") for _ in range(2)]
    until(tabs[0], lambda: len(held) == requests)
    for number, route in enumerate(held):
        own = {} if key_is_kept else {"idempotency-key": f"another-key-{number}"}
        route.continue_(headers=route.request.headers | own)
    for tab in tabs:
        tab.wait_for_function(f"() => ({WAITS})() === 0")
    until(tabs[0], lambda: len(replies(talk, ben)) == posts)
    assert replies(talk, ben) == ["Only once."] * posts
    assert len(held) == requests


def test_another_account_in_the_same_browser_never_sends_it(
    site: Site, open_as: Open, sign_in: SignIn, ana: Member, ben: Member, talk: Thread
) -> None:
    context = sent_without_a_line(open_as(ben, talk.get_absolute_url()), "From ben alone.")
    asked: list[str] = []
    context.on("request", lambda request: asked.append(request.method))
    sign_in(context, ana)
    page = loaded(context.new_page(), site.url + "/about/")
    page.wait_for_load_state("networkidle")
    loaded(page, site.url + talk.get_absolute_url())
    page.wait_for_load_state("networkidle")
    assert page.evaluate(WAITS) == 1
    assert not Post.objects.filter(thread=talk, number__gt=1).exists()
    expect(page.locator(".toast")).to_have_count(0)

    sign_in(context, ben)  # the control
    loaded(page, site.url + "/about/")
    expect(page.locator(".toast")).to_contain_text("has been sent")
    assert replies(talk, ben) == ["From ben alone."]


def test_what_is_refused_stays_a_draft_and_its_writer_is_told_where(
    site: Site, open_as: Open, ben: Member, mori: Member, talk: Thread
) -> None:
    context = sent_without_a_line(open_as(ben, talk.get_absolute_url()), "Too late, I fear.")
    threads.lock_thread(by=mori, thread_id=talk.pk)
    page = loaded(context.new_page(), site.url + "/about/")
    expect(page.locator(".toast")).to_contain_text("could not be sent")
    assert page.evaluate(WAITS) == 0
    assert replies(talk, ben) == []
    page.locator(".toast").get_by_role("link").click()
    expect(page.locator(".draft-row")).to_contain_text("Too late, I fear.")
    loaded(page, site.url + "/about/")
    expect(page.locator(".toast")).to_have_count(0)  # once


def test_who_was_signed_out_elsewhere_is_told_and_comes_back_to_the_same_page(
    site: Site, open_as: Open, ben: Member, talk: Thread
) -> None:
    page = open_as(ben, talk.get_absolute_url())
    expect(page.locator("[data-live-state]")).to_have_attribute("data-state", "live")
    page.locator(AREA).fill("Half a thought")
    expect(page.locator("[data-draft-state]")).not_to_be_empty()
    sign_ins.end_other_sign_ins(member_id=ben.pk)
    toast = page.locator(".toast")
    expect(toast).to_have_count(1)
    expect(toast).to_contain_text("You were signed out on this device.")
    way = re.compile(r"/accounts/login/\?next=" + re.escape(quote(talk.get_absolute_url(), safe="")))
    expect(toast.get_by_role("link")).to_have_attribute("href", way)

    page.locator(SEND).click()
    expect(page.locator("[data-send-state] a")).to_have_attribute("href", way)
    assert replies(talk, ben) == []
    expect(page.locator(AREA)).to_have_value("Half a thought")


def test_the_device_that_signs_the_others_out_goes_on_being_told(
    site: Site, new_context: Callable[..., BrowserContext], ana: Member, talk: Thread
) -> None:
    """Its sockets end with the others', and come back."""
    kai = make_member("kai", password=PASSWORD)
    desk, phone = (come_in(site, new_context(), kai, talk) for _device in range(2))
    settings = loaded(desk.context.new_page(), site.url + "/settings/sessions/")
    settings.get_by_role("button", name="Sign out everywhere else").click()
    expect(phone.locator(".toast")).to_contain_text("You were signed out on this device.")

    make.reply(ana, talk, "Still there?")
    expect(desk.locator("#p2 .prose")).to_have_text("Still there?")
    expect(desk.locator("[data-live-state]")).to_have_attribute("data-state", "live")
    expect(desk.locator(".toast")).to_have_count(0)


def come_in(site: Site, context: BrowserContext, member: Member, thread: Thread) -> Page:
    page = context.new_page()
    page.goto(f"{site.url}/accounts/login/?next={thread.get_absolute_url()}")
    page.locator("[name=login]").fill(member.email)
    page.locator("[name=password]").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_selector("html[data-ready] [data-live-state][data-state=live]", state="attached")
    return page
