"""A browser is switched on, hears of a reply while nobody looks, forgets what was read elsewhere, loses its network.

Everything is real but the push service: a headless Chromium has none to reach. What it would give the page stands in
`SERVICE`; our own stand-in takes the site's message over TLS and opens it, and the devtools hand it to the worker.
"""

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from community.core.clock import now
from community.members.models import Member
from community.notifications import actions
from community.notifications.models import Notice, PushDevice
from community.threads.models import Category
from tests.factories import threads as make
from tests.factories.members import make_member
from tests.journeys.conftest import until
from tests.support.push_service import PushService, Screen, push_service
from tests.support.site import Site

pytestmark = pytest.mark.journey
SERVICE = """
(() => {
  let here = null;
  const made = (options) => ({
    endpoint: GIVEN.endpoint,
    options,
    toJSON: () => ({ endpoint: GIVEN.endpoint, keys: { p256dh: GIVEN.p256dh, auth: GIVEN.auth } }),
    unsubscribe: async () => { here = null; sessionStorage.removeItem("push"); return true; },
  });
  PushManager.prototype.subscribe = async (options) => {
    if (!options.userVisibleOnly || options.applicationServerKey.length !== 65) throw new Error("not like that");
    sessionStorage.setItem("push", "on");
    here = made({ applicationServerKey: options.applicationServerKey.buffer });
    return here;
  };
  PushManager.prototype.getSubscription = async () => here ?? (sessionStorage.getItem("push") ? made({}) : null);
})();
"""
SHOWN = """async () => {
  const all = await (await navigator.serviceWorker.ready).getNotifications();
  return all.map(({ title, body, tag, lang, data }) => ({ title, body, tag, lang, url: data.url }));
}"""


@pytest.fixture
def service(tmp_path: Path) -> Iterator[tuple[PushService, Path]]:
    with push_service(tmp_path) as found:
        yield found


@pytest.fixture
def site(make_site: Callable[..., Site], service: tuple[PushService, Path]) -> Site:
    """A site that knows the stand-in and trusts its certificate, and says at once what there is to say."""
    stand_in, pem = service
    return make_site(HIROBA_PUSH_SERVICES=stand_in.place, SSL_CERT_FILE=str(pem), HIROBA_NOTICE_PUSH_DELAY="0")


@pytest.fixture
def hana(transactional_db: None) -> Member:
    return make_member("hana", language="ja")


@pytest.fixture
def phone(
    site: Site,
    service: tuple[PushService, Path],
    hana: Member,
    new_context: Callable[..., BrowserContext],
    sign_in: Callable[[BrowserContext, Member], BrowserContext],
) -> tuple[Page, Screen]:
    """Hana's telephone, signed in and asked to allow notifications, and what its push service gives it."""
    context = sign_in(new_context(service_workers="allow", viewport={"width": 380, "height": 800}), hana)
    context.grant_permissions(["notifications"], origin=site.url)
    screen = service[0].screen("phone")
    given = {name: getattr(screen.browser, name) for name in ("endpoint", "p256dh", "auth")}
    context.add_init_script(SERVICE.replace("GIVEN", f"({json.dumps(given)})"))
    return context.new_page(), screen


def deliver(page: Page, site: Site, payload: dict[str, Any]) -> None:
    """What the push service does: wake the worker with a message."""
    devtools = page.context.new_cdp_session(page)
    registrations: list[str] = []
    devtools.on(
        "ServiceWorker.workerRegistrationUpdated",
        lambda event: registrations.extend(one["registrationId"] for one in event["registrations"]),
    )
    devtools.send("ServiceWorker.enable")
    while not registrations:
        page.wait_for_timeout(20)
    devtools.send(
        "ServiceWorker.deliverPushMessage",
        {"origin": site.url, "registrationId": registrations[0], "data": json.dumps(payload)},
    )


def shown(page: Page) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = page.evaluate(SHOWN)
    return found


def test_a_browser_is_told_while_nobody_looks_and_forgets_what_was_read_elsewhere(
    site: Site, phone: tuple[Page, Screen], hana: Member, ben: Member, square: Category
) -> None:
    page, screen = phone
    wax = make.open_thread(hana, square, title="Which wax?")
    page.goto(f"{site.url}/settings/notifications/")
    switch = page.get_by_role("switch", name="このブラウザで通知を受け取る")
    expect(switch).to_be_enabled()
    expect(switch).not_to_be_checked()
    assert not PushDevice.objects.exists()
    switch.check()
    expect(page.locator("#push[data-state=on]")).to_be_visible()
    expect(page.locator("#push .sign-in")).to_contain_text("このブラウザ")
    assert PushDevice.objects.get().member == hana

    site.start_worker()
    make.reply(ben, wax, "Beeswax.")
    until(page, lambda: len(screen.told) == 1)
    (told,) = screen.told
    deliver(page, site, told)
    until(page, lambda: len(shown(page)) == 1)
    notice = Notice.objects.get(member=hana)
    assert shown(page) == [
        {
            "title": f"{ben.display_name}さんが返信しました",
            "body": "Which wax?\nBeeswax.",
            "tag": f"n{notice.pk}",
            "lang": "ja",
            "url": f"/threads/{wax.pk}/{wax.slug}/?at=2#p2",
        }
    ]
    deliver(page, site, told)  # a service may bring it twice: it takes its own place
    actions.mark_all_read(member=hana, until=now())  # on the desk
    until(page, lambda: shown(page) == [])

    switch.uncheck()
    expect(page.locator("#push[data-state=off]")).to_be_visible()
    expect(page.locator("#push .sign-in")).to_have_count(0)
    assert not PushDevice.objects.exists()


# An event that a test makes is not trusted, so `waitUntil` is its own; the push service is what `SERVICE` is to pages.
CHANGED = """async (given) => {
  const made = { endpoint: given.endpoint, options: {}, toJSON: () => ({ endpoint: given.endpoint, keys: given }) };
  PushManager.prototype.getSubscription = async () => null;
  PushManager.prototype.subscribe = async ({ userVisibleOnly, applicationServerKey }) => {
    if (!userVisibleOnly || applicationServerKey.length !== 65) throw new Error("not like that");
    return made;
  };
  let done;
  const event = new ExtendableEvent("pushsubscriptionchange");
  Object.defineProperty(event, "waitUntil", { value: (promise) => { done = promise; } });
  if (given.told) Object.defineProperty(event, "newSubscription", { value: made });
  self.dispatchEvent(event);
  await done;
}"""


@pytest.mark.parametrize("told", [True, False])
def test_a_browser_that_gets_another_address_says_so_unless_it_was_switched_off(
    site: Site, phone: tuple[Page, Screen], service: tuple[PushService, Path], hana: Member, told: bool
) -> None:
    page, screen = phone
    page.goto(f"{site.url}/settings/notifications/")
    page.get_by_role("switch", name="このブラウザで通知を受け取る").check()
    expect(page.locator("#push[data-state=on]")).to_be_visible()
    (worker,) = page.context.service_workers
    later = service[0].screen("phone-later").browser
    given = {"endpoint": later.endpoint, "p256dh": later.p256dh, "auth": later.auth, "told": told}
    worker.evaluate(CHANGED, given)
    assert list(PushDevice.objects.values_list("member", "endpoint")) == [(hana.pk, later.endpoint)]

    # The page finds that the server knows another address than this browser's, and says this one.
    page.goto(f"{site.url}/settings/notifications/")
    expect(page.locator("#push[data-state=on]")).to_be_visible()
    assert list(PushDevice.objects.values_list("member", "endpoint")) == [(hana.pk, screen.browser.endpoint)]

    # Removed on another device: neither the page nor the worker switches it on again.
    actions.remove_browser(member=hana, device_id=PushDevice.objects.get().pk)
    page.goto(f"{site.url}/settings/notifications/")
    expect(page.locator("#push[data-state=off]")).to_be_visible()
    worker.evaluate(CHANGED, given)
    assert not PushDevice.objects.exists()


def test_without_a_network_there_is_a_kind_page_and_no_page_of_a_member_was_kept(
    site: Site, phone: tuple[Page, Screen], hana: Member, square: Category
) -> None:
    page, _screen = phone
    wax = make.open_thread(hana, square, title="Which wax?")
    refused: list[str] = []
    page.on("console", lambda message: refused.append(message.text) if "Content Security" in message.text else None)
    page.goto(f"{site.url}/")
    page.wait_for_function("() => navigator.serviceWorker.controller !== null")
    for path in (wax.get_absolute_url(), "/notifications/", "/settings/notifications/"):
        page.goto(site.url + path)
    told = page.evaluate("async () => JSON.parse((await (await fetch('/sw.js')).text()).match(/SITE = (.*);/)[1])")
    kept = page.evaluate(
        "async () => Promise.all((await caches.keys()).map(async (name) =>"
        " (await (await caches.open(name)).keys()).map(({ url }) => new URL(url).pathname)))"
    )
    assert kept == [told["files"]] and told["files"][0] == "/offline/"

    site.stop()
    page.goto(f"{site.url}/notifications/")
    expect(page.get_by_role("heading", name="いまはつながっていません")).to_be_visible()
    expect(page.get_by_role("heading", name="There is no network right now")).to_be_visible()
    assert page.locator("img").evaluate("(mark) => mark.naturalWidth") > 0
    assert page.evaluate("() => getComputedStyle(document.body).display") == "grid"  # its style sheet is there, too
    site.restart()
    page.get_by_role("link", name="もう一度ひらく").click()
    page.wait_for_url(re.compile("/notifications/$"))
    expect(page.get_by_role("heading", name="お知らせ", exact=True)).to_be_visible()
    assert refused == []
