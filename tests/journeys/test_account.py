"""One's own account in a real Chromium: an app, a recovery code, a passkey of the device, and the list of devices."""

import re
from collections.abc import Callable

from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import BrowserContext, Page, expect

from community.members.models import Member
from tests.factories.members import PASSWORD, code_of, late_numbers, make_member
from tests.support.site import Site

RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}


def sign_in(page: Page, home: str, member: Member) -> None:
    page.goto(f"{home}/accounts/login/")
    page.fill("#sign-in input[name=login]", str(member.email))
    page.fill("#sign-in input[name=password]", PASSWORD)
    page.click("#sign-in button")


def sign_out(page: Page, home: str) -> None:
    page.goto(f"{home}/accounts/logout/")
    page.click("#sign-out button")
    page.wait_for_url(f"{home}/")


def look_at(page: Page, url: str) -> None:
    """No violation, and nothing wider than the page."""
    page.goto(url)
    page.wait_for_selector("html[data-ready]", state="attached")
    result = Axe().run(page, options=RULES)
    assert result.violations_count == 0, f"{url}\n{result.generate_report()}"
    width = page.viewport_size["width"] if page.viewport_size else 0
    assert page.evaluate("document.documentElement.scrollWidth") <= width, url


def device_with_passkeys(page: Page) -> None:
    """What a telephone with a fingerprint reader is to the browser."""
    device = page.context.new_cdp_session(page)
    device.send("WebAuthn.enable")
    options = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True}
    options |= {"isUserVerified": True, "automaticPresenceSimulation": True}
    device.send("WebAuthn.addVirtualAuthenticator", {"options": options})


def test_a_member_sets_up_an_app_a_passkey_and_comes_in_each_way(
    make_site: Callable[..., Site], new_context: Callable[..., BrowserContext]
) -> None:
    # Passkeys belong to a name; of this origin only the name counts here.
    site = make_site(SITE_ORIGIN="http://localhost:80")
    home = site.url.replace("127.0.0.1", "localhost")
    late_numbers()
    hana = make_member("hana", display_name="はな", password=PASSWORD, language="ja")

    phone = new_context(viewport={"width": 380, "height": 800}, has_touch=True).new_page()
    device_with_passkeys(phone)
    sign_in(phone, home, hana)
    phone.wait_for_url(f"{home}/")
    phone.goto(f"{home}/settings/security/app/")
    secret = str(phone.text_content(".secret-key"))
    phone.fill("#totp-form input[name=code]", code_of(secret))
    phone.click("#totp-form button")
    codes = phone.locator(".recovery-codes code")
    expect(codes).to_have_count(10)
    spare = str(codes.nth(2).text_content())
    with phone.expect_download() as saved:
        phone.click("[data-codes-save]")
    assert codes.all_text_contents() == saved.value.path().read_text("utf-8").splitlines()[3:13]

    laptop = new_context(locale="en-US", color_scheme="dark").new_page()
    sign_in(laptop, home, hana)
    laptop.wait_for_url(f"{home}/accounts/login/second-step/")
    laptop.fill("#second-step input[name=code]", spare)
    laptop.click("#second-step button")
    laptop.wait_for_url(f"{home}/")
    laptop.goto(f"{home}/settings/sessions/")
    expect(laptop.locator(".sign-in")).to_have_count(2)

    phone.goto(f"{home}/settings/security/passkeys/add/")
    phone.click("[data-passkey-button]")
    phone.wait_for_url(f"{home}/settings/security/")
    expect(phone.locator(".sign-in-words strong")).to_have_count(1)
    for url in ("/settings/security/", "/settings/sessions/", "/settings/security/app/remove/"):
        look_at(phone, home + url)
        look_at(laptop, home + url)
    sign_out(phone, home)
    phone.goto(f"{home}/accounts/login/")
    phone.click("[data-passkey-button]")
    phone.wait_for_url(f"{home}/")
    expect(phone.locator("summary.tool .avatar")).to_be_visible()

    laptop.goto(f"{home}/settings/sessions/")
    laptop.click("button[value=others]")
    expect(laptop.locator(".sign-in")).to_have_count(1)
    phone.goto(f"{home}/settings/profile/")
    expect(phone).to_have_url(re.compile("/accounts/login/"))
