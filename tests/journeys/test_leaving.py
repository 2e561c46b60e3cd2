"""Somebody leaves in a browser. Two weeks later nothing tells of them: no row, no key, no file, no log, no page."""

import email
import email.policy
from collections.abc import Callable
from email.message import EmailMessage, Message
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.utils import translation
from django.utils.formats import date_format
from playwright.sync_api import Locator, Page, expect

from community.core.clock import held_at, now
from community.members import actions
from community.members.models import Member
from community.notifications.models import Preference
from community.search.models import Lookup
from community.threads.models import Category, Draft, Thread
from tests.factories.canary import CANARY, LATER, plant
from tests.factories.members import PASSWORD, code_of, secret_of
from tests.journeys.conftest import Around, Open, in_each_surrounding, until
from tests.support.site import Site
from tests.trust.canary import forget_files, in_logs, places_with

pytestmark = pytest.mark.journey
FORMER = "former member"


@pytest.fixture
def site(make_site: Callable[..., Site]) -> Site:
    """A site that writes down all that it can, and does its jobs."""
    site = make_site(HIROBA_LOG_LEVEL="DEBUG")
    site.start_worker()
    return site


@pytest.fixture
def leaver(site: Site, around: Around, square: Category, ben: Member, mori: Member) -> Member:
    forget_files(CANARY)
    return plant(square, ben, mori, language=around.language)


@in_each_surrounding
def test_who_has_left_is_found_nowhere_and_their_words_stay_readable(
    site: Site, open_as: Open, around: Around, leaver: Member
) -> None:
    thread = Thread.objects.get(title="Which clay?")
    stranger = open_as(None, thread.get_absolute_url())
    expect(stranger.locator("#p1 .member-name")).to_have_text(leaver.display_name)
    assert results(stranger, site, f"by:{CANARY}").count() == 2  # the control
    stranger.goto(f"{site.url}/member/{CANARY}/")  # an address that somebody had mistyped

    last_things(open_as, site, leaver, thread)
    ask_to_leave(open_as, site, around, leaver)
    assert in_logs("settings/leave/", site.folder)  # it is written down what happens here
    assert len(places_with(CANARY)) >= 15

    with held_at(now() + LATER):
        assert actions.erase_due() == 1
    until(stranger, jobs_are_done)
    assert places_with(CANARY) == []

    for question in (CANARY, f"by:{CANARY}", f"@{CANARY}"):
        assert results(stranger, site, question).count() == 0
    expect(results(stranger, site, "clay").first).to_contain_text("Which clay?")
    assert CANARY not in stranger.content().lower()
    for path in (thread.get_absolute_url(), Thread.objects.get(title__startswith="Thanks").get_absolute_url()):
        stranger.goto(site.url + path)
        expect(stranger.locator("#posts .member-name", has_text=FORMER)).to_have_count(1)
        assert CANARY not in stranger.content().lower()
        around.fits(stranger)
    expect(stranger.locator("#p2 .prose")).to_have_text("My pleasure.")
    answer = stranger.goto(f"{site.url}/members/{CANARY}/")
    assert answer is not None and answer.status == 404
    assert in_logs(CANARY, site.folder) == []


def results(page: Page, site: Site, question: str) -> Locator:
    page.goto(f"{site.url}/search/?q={question}")
    return page.locator(".search-results li")


def last_things(open_as: Open, site: Site, leaver: Member, thread: Thread) -> None:
    """They sign in, look for themselves, begin a reply, and want no more mail about replies."""
    page = open_as(None, "/accounts/login/")
    page.fill("#sign-in input[name=login]", str(leaver.email))
    page.fill("#sign-in input[name=password]", PASSWORD)
    page.click("#sign-in button")
    page.fill("#second-step input[name=code]", code_of(secret_of(leaver)))
    page.click("#second-step button")
    page.wait_for_url(f"{site.url}/")
    page.goto(f"{site.url}/search/?q={CANARY}+bowls")
    assert Lookup.objects.filter(question=f"{CANARY} bowls").exists()
    page.goto(f"{site.url}/settings/notifications/")
    page.locator("input[name=reply-mail]").uncheck()
    page.locator("#ways-form .button-primary").click()
    expect(page.locator("input[name=reply-mail]")).not_to_be_checked()
    Draft.objects.filter(member=leaver).delete()
    page.goto(site.url + thread.get_absolute_url())
    page.wait_for_selector("html[data-ready]", state="attached")
    page.locator("#reply-form textarea").fill(f"{CANARY} says goodbye")
    until(page, lambda: Draft.objects.filter(member=leaver, body__contains="goodbye").exists())
    assert Preference.objects.filter(member=leaver, kind="reply", mail=False).exists()
    page.context.close()


def ask_to_leave(open_as: Open, site: Site, around: Around, leaver: Member) -> None:
    """On another device, which asks who they are and then says until when they can come back."""
    page = open_as(leaver, "/settings/leave/")
    page.wait_for_url("**/accounts/confirm/**")
    around.fits(page)
    page.fill("#proof input[name=code]", code_of(secret_of(leaver), ahead=1))  # the last one is used up
    page.click("#proof .button-primary")
    page.wait_for_url("**/settings/leave/")
    around.fits(page)
    earlier = len(site.mails())
    page.click("#leave-form .button-danger")
    expect(page.get_by_role("heading", name=around.says("Thank you for having been here"))).to_be_visible()
    leaver.refresh_from_db()
    assert leaver.erase_at is not None
    with translation.override(around.language):
        day = date_format(leaver.erase_at.astimezone(ZoneInfo(leaver.time_zone)), "DATE_FORMAT")
    expect(page.locator("main")).to_contain_text(day)
    around.fits(page)
    page.goto(f"{site.url}/settings/profile/")
    page.wait_for_url("**/accounts/login/**")

    subject = around.says("You are leaving %(site_name)s", site_name="Hiroba")
    until(page, lambda: subject in mails_to(site, leaver, after=earlier))
    assert day in mails_to(site, leaver, after=earlier)[subject]


def mails_to(site: Site, member: Member, *, after: int) -> dict[str, str]:
    """The texts of the mails that have gone out to a member, by their subjects; the first `after` are not looked at."""
    sent = site.mails()[after:]
    mails = [email.message_from_bytes(mail.encode(), policy=email.policy.default) for mail in sent]
    return {mail["Subject"].strip(): body_of(mail) for mail in mails if mail["To"] == member.email}


def body_of(mail: Message) -> str:
    assert isinstance(mail, EmailMessage)
    text = mail.get_body(("plain",))
    return str(text.get_content()) if text else ""


def jobs_are_done() -> bool:
    """Nothing is at work or due; what is for later may wait."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM procrastinate_jobs WHERE status = 'doing' "
            "OR (status = 'todo' AND coalesce(scheduled_at, now()) <= now())"
        )
        return bool(cursor.fetchone()[0] == 0)
