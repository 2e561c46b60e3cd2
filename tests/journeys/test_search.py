"""Finding things with the keyboard alone, typing Japanese through an input method, with and without scripts."""

import pytest
from playwright.sync_api import expect

from community.catalog.models import Item
from community.members.models import Member
from community.threads.models import Category, Thread
from tests.factories import catalog as shops
from tests.factories import threads as make
from tests.journeys.conftest import Open
from tests.support.site import Site

pytestmark = pytest.mark.journey
ASKED = "**/search/suggest/**"


@pytest.fixture
def wallet(site: Site) -> Item:
    shop = shops.make_shop("kobo")
    return shops.make_item(shop, "i1", title="本革の財布", description="牛革を手で縫いました。", price="12000")


@pytest.fixture
def care(wallet: Item, ana: Member, square: Category) -> Thread:
    return make.open_thread(ana, square, kind="question", title="財布の手入れ", body="蜜蝋でいいですか。")


@pytest.mark.parametrize(("locale", "width"), [("ja-JP", 1280), ("en-US", 380)])
def test_a_wallet_is_found_with_the_keyboard_alone(
    open_as: Open, wallet: Item, care: Thread, locale: str, width: int
) -> None:
    page = open_as(None, "/search/", locale=locale, viewport={"width": width, "height": 900})
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "/search/suggest/" in request.url else None)
    field = page.get_by_role("combobox")
    expect(field).to_be_focused()
    # While the input method is at the word, nothing is asked; when it is taken, titles are offered.
    ime = page.context.new_cdp_session(page)
    ime.send("Input.imeSetComposition", {"text": "さい", "selectionStart": 2, "selectionEnd": 2})
    page.wait_for_timeout(400)
    assert asked == []
    with page.expect_response(ASKED):
        ime.send("Input.insertText", {"text": "さいふ"})
    first = page.get_by_role("option").first
    expect(first).to_contain_text("本革の財布")
    page.keyboard.press("ArrowDown")
    expect(first).to_have_attribute("aria-selected", "true")
    page.keyboard.press("Escape")
    expect(page.get_by_role("listbox")).to_be_hidden()
    page.keyboard.press("Enter")
    page.wait_for_url("**/search/?q=*")
    results = page.locator(".search-results li")
    expect(results).to_have_count(2)
    expect(results.first.locator("mark").first).to_have_text("財布")
    expect(page.locator(".search-kind").first).to_contain_text("2")
    results.first.get_by_role("link").focus()
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/items/{wallet.pk}/**")


def test_an_offer_is_taken_from_the_box_in_the_header(open_as: Open, wallet: Item) -> None:
    page = open_as(None, "/about/")
    field = page.get_by_role("combobox")
    field.focus()
    with page.expect_response(ASKED):
        page.keyboard.type("本革")
    expect(page.get_by_role("option")).to_have_count(1)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/items/{wallet.pk}/**")


def test_without_scripts_the_form_answers(open_as: Open, wallet: Item) -> None:
    page = open_as(None, "/search/", java_script_enabled=False)
    page.get_by_role("searchbox").fill("ｻｲﾌ")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search/?q=*")
    expect(page.locator(".search-results li")).to_have_count(1)
