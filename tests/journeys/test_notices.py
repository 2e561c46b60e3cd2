"""One member on two devices: the bell is in step, and no letter is written about what was read on the other one."""

import re
from datetime import timedelta

import httpx
import pytest
from django.core import mail
from playwright.sync_api import expect

from community.core.clock import held_at, now
from community.members.models import Member
from community.notifications import actions
from community.threads.models import Category
from tests.factories import threads as make
from tests.factories.members import make_member
from tests.factories.notifications import follow
from tests.journeys.conftest import Around, Open, in_each_surrounding
from tests.notifications.jobs import do_waiting
from tests.support.site import Site

pytestmark = pytest.mark.journey
BELL = "[data-inbox-count]"


@pytest.fixture
def hana(transactional_db: None, around: Around | None) -> Member:
    return make_member("hana", language=around.language if around else "ja")


@in_each_surrounding
def test_two_devices_are_in_step_and_only_what_stays_unread_is_written_about(
    site: Site, open_as: Open, around: Around, hana: Member, ben: Member, square: Category
) -> None:
    wax = make.open_thread(hana, square, title="Which wax?")
    oil = make.open_thread(hana, square, title="Which oil?")
    site.start_worker()
    one = open_as(hana, "/notifications/")
    two = open_as(hana, "/threads/", **around.other.options)
    expect(two.locator(BELL)).to_be_hidden()

    make.reply(ben, wax, "Beeswax.")
    make.reply(ben, oil, "Linseed.")
    for page in (one, two):
        expect(page.locator(BELL)).to_have_text("2")  # by themselves

    one.locator("[data-inbox-news] a").click()
    expect(one.locator(".notice-line.is-unread")).to_have_count(2)
    around.fits(one), around.fits(two)
    one.get_by_role("link", name="Which wax?").click()
    one.wait_for_url(re.compile(f"/threads/{wax.pk}/"))
    for page in (one, two):
        expect(page.locator(BELL)).to_have_text("1")

    with held_at(now() + timedelta(minutes=11)):
        actions.write_due()
    (letter,) = mail.outbox
    assert "Which oil?" in letter.subject and "Which wax?" not in letter.body
    assert around.says("%(who)s replied to you", who="").strip() in letter.subject
    assert around.says("This is new, and still unread:") in letter.body

    way_out = str(letter.extra_headers["List-Unsubscribe"]).strip("<>").partition("/notifications/")[2]
    answer = httpx.post(f"{site.url}/notifications/{way_out}", data={"List-Unsubscribe": "One-Click"})
    assert answer.status_code == 200
    one.goto(f"{site.url}/settings/notifications/")
    expect(one.locator("input[name=reply-mail]")).not_to_be_checked()
    expect(one.locator("input[name=reply-site]")).to_be_checked()
    around.fits(one)


def test_an_open_feed_says_what_is_new_in_what_one_follows_and_moves_nothing_before_it_is_asked(
    open_as: Open, hana: Member, ben: Member, square: Category
) -> None:
    follow([hana], "category", square.pk)
    old = make.open_thread(ben, square, title="Which wax?")
    do_waiting()
    page = open_as(hana, "/feed/", viewport={"width": 380, "height": 800})
    expect(page.locator("[data-live-state]")).to_have_attribute("data-state", "live")
    bar, rows = page.locator("[data-hub-show]"), page.locator(".feed-row")
    expect(rows).to_have_count(1)

    make.open_thread(ben, make.make_category(), title="Elsewhere")
    make.open_thread(hana, square, title="My own")
    news = [make.open_thread(ben, square, title=title) for title in ("Which oil?", "Which clay?")]
    do_waiting()
    expect(bar).to_have_text("新着が2件あります。表示する", timeout=25_000)  # the first may have been asked about alone
    expect(rows).to_have_count(1)
    bar.click()
    expect(rows).to_have_count(3)
    shown = [f"thread.{one.pk}" for one in (*reversed(news), old)]
    assert [row.get_attribute("data-entry") for row in rows.all()] == shown
    expect(bar).to_be_hidden()
