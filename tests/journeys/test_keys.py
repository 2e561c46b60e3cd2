"""Walking through the site with single keys, and not being walked when one writes."""

import pytest
from playwright.sync_api import Page, expect

from community.members.models import Member
from community.threads.models import Thread
from tests.factories import threads as make
from tests.journeys.conftest import Open

pytestmark = pytest.mark.journey


@pytest.fixture
def chat(ana: Member, ben: Member, talk: Thread) -> Thread:
    for words in ("ひとつめ", "ふたつめ"):
        make.reply(ben, talk, words)
    talk.refresh_from_db()
    return talk


def here(page: Page, number: int) -> None:
    expect(page.locator(f"#p{number}")).to_be_focused()


def test_a_member_walks_answers_and_goes_home(open_as: Open, ana: Member, ben: Member, chat: Thread) -> None:
    page = open_as(ana, chat.get_absolute_url(), viewport={"width": 1280, "height": 700})
    press = page.keyboard.press
    for number in (1, 2, 3):
        press("j")
        here(page, number)
    press("k")
    here(page, 2)
    press("l")
    expect(page.locator("#p2 [data-kind=heart]")).to_have_attribute("aria-pressed", "true")
    press("b")
    expect(page.locator("#p2 .bookmark")).to_have_attribute("aria-pressed", "true")
    here(page, 2)
    # What arrives meanwhile is walked to as well, and a key at the end shows what waits.
    late = make.reply(ben, chat, "あとから")
    expect(page.locator(f"#p{late.number}")).to_be_attached()
    for number in (3, late.number):
        press("j")
        here(page, number)
    # Writing is writing: letters go into the text, also those an input method is at; with Ctrl nothing is ours.
    press("Control+j")
    here(page, late.number)
    press("r")
    body = page.locator("#reply-form textarea")
    expect(body).to_be_focused()
    expect(page.locator("[data-reply-number]")).to_have_text(str(late.number))
    page.wait_for_timeout(800)  # longer than a draft waits to be kept: whom one answers is no draft yet
    expect(page.locator("[data-draft-state]")).to_be_empty()
    assert page.evaluate("() => Object.keys(localStorage).filter((key) => key.startsWith('hiroba:draft:'))") == []
    page.keyboard.type("jk?")
    expect(body).to_have_value("jk?")
    ime = page.context.new_cdp_session(page)
    ime.send("Input.imeSetComposition", {"text": "じ", "selectionStart": 1, "selectionEnd": 1})
    press("j")
    expect(body).to_be_focused()
    expect(page.locator("dialog[open]")).to_have_count(0)
    ime.send("Input.insertText", {"text": "字"})
    body.fill("")
    body.blur()
    press("u")
    page.wait_for_url("**/threads/in/**")
    press("g")
    press("h")
    page.wait_for_url(lambda url: url.endswith("/") and "/threads/" not in url)


def test_the_list_of_keys_opens_and_all_of_them_can_be_switched_off(open_as: Open, ana: Member, chat: Thread) -> None:
    page = open_as(ana, "/threads/", locale="en-US", viewport={"width": 1280, "height": 700})
    press = page.keyboard.press
    press("j")
    title = page.locator(".thread-row .card-link").first
    expect(title).to_be_focused()
    press("?")
    dialog = page.get_by_role("dialog")
    expect(dialog).to_be_visible()
    press("j")  # below the dialog nothing moves
    press("Escape")
    expect(dialog).to_be_hidden()
    expect(title).to_be_focused()
    press("/")
    expect(page.locator("#site-q")).to_be_focused()
    page.locator("#site-q").blur()
    press("?")
    dialog.get_by_role("checkbox").uncheck()
    press("Escape")
    press("g")
    press("n")
    press("?")
    expect(dialog).to_be_hidden()
    page.goto(page.url.replace("/threads/", "/settings/preferences/"))
    switch = page.get_by_role("checkbox")
    expect(switch).not_to_be_checked()
    switch.check()
    switch.blur()
    press("g")
    press("n")
    page.wait_for_url("**/notifications/")


def test_enter_opens_an_entry_and_a_visitor_has_the_same_keys(open_as: Open, chat: Thread) -> None:
    page = open_as(None, "/threads/", viewport={"width": 380, "height": 800})
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/threads/{chat.pk}/**")
    page.keyboard.press("r")  # no form, no button: nothing happens
    page.keyboard.press("g")
    page.keyboard.press("s")
    page.wait_for_url("**/search/")
    page.keyboard.press("Escape")
    page.goto(page.url.replace("/search/", "/keys/"))
    expect(page.locator("#keys kbd").first).to_be_visible()
