"""Terms and privacy policy in versions, who agreed to which, and the page that asks (GDPR 7, APPI 21)."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from community.config.demo.legal import publish_templates
from community.core.clock import held_at, now
from community.core.errors import Conflict, Invalid, NotAllowed
from community.members import actions, queries
from community.members.models import Consent, LegalText, Member
from tests.factories import threads as make
from tests.factories.members import make_member, proven

pytestmark = pytest.mark.django_db
PAGE = {"accept": "text/html,application/xhtml+xml", "sec-fetch-dest": "document"}
SIGN_UP = {"email": "yuki@example.com", "display_name": "Yuki", "old_enough": "on", "agrees": "on"}


def publish(words: str = "Be kind.", *, kind: str = "terms", **given: Any) -> LegalText:
    return actions.publish_text(by=None, kind=kind, ja=f"やさしく。{words}", en=words, **given)


@pytest.fixture
def terms(db: None) -> LegalText:
    return publish()


@pytest.fixture
def hana_browses(hana: Member, signed_in: Callable[[Member], Client]) -> Client:
    """A browser as it opens pages, in which hana is signed in."""
    browser = signed_in(hana)
    browser.defaults |= {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in PAGE.items()}
    return browser


# -- publishing


def test_members_and_moderators_publish_nothing(hana: Member, mori: Member) -> None:
    for by in (hana, mori):
        with pytest.raises(NotAllowed):
            actions.publish_text(by=by, kind="terms", ja="x", en="x")
    with pytest.raises(Invalid):
        publish(" ")
    assert not LegalText.objects.exists()


def test_a_published_version_is_never_changed(terms: LegalText) -> None:
    for sql in ("UPDATE members_legaltext SET body_en = 'x'", "DELETE FROM members_legaltext"):
        with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql)
    assert LegalText.objects.get().body_en == "Be kind."


def test_a_manager_publishes_the_next_version_in_the_admin_and_edits_none(
    kanri: Member, signed_in: Callable[[Member], Client], terms: LegalText
) -> None:
    browser = signed_in(kanri)
    form = {"kind": "terms", "body_ja": "もっとやさしく。", "body_en": "Be *very* kind.", "asks": "on"}
    form |= {"effective_at_0": "2026-01-01", "effective_at_1": "00:00:00", "summary_en": "Kinder."}
    assert browser.post("/admin/members/legaltext/add/", form | {"body_en": ""}).status_code == 200
    assert browser.post("/admin/members/legaltext/add/", form).status_code == 302
    newest = LegalText.objects.get(version=2)
    assert newest.html_en == "<p>Be <em>very</em> kind.</p>" and newest.published_by == kanri
    assert browser.post(f"/admin/members/legaltext/{terms.pk}/change/", form).status_code == 403
    assert LegalText.objects.count() == 2


def test_who_never_agreed_is_asked_to_and_not_told_of_news(
    hana: Member, hana_browses: Client, terms: LegalText
) -> None:
    Member.objects.filter(pk=hana.pk).update(language="en")
    assert "Please read our terms and agree to them" in hana_browses.get("/settings/terms/").content.decode()
    hana_browses.post("/settings/terms/", {"shown": str(terms.pk)})
    publish("Be kinder.")
    assert "There is something new in our terms" in hana_browses.get("/settings/terms/").content.decode()


def test_everybody_reads_the_version_in_force_older_and_announced_ones(terms: LegalText) -> None:
    publish("Be kinder.", summary_en="Kinder.")
    publish("Be the kindest.", effective_at=now() + timedelta(days=9))
    page = Client().get("/about/terms/", headers={"accept-language": "en"}).content.decode()
    assert "Be kinder." in page and "Be the kindest." not in page and "/about/terms/1/" in page and "Kinder." in page
    older = Client().get("/about/terms/1/", headers={"accept-language": "en"}).content.decode()
    assert "Be kind." in older and "an older version" in older
    assert "not in force yet" in Client().get("/about/terms/3/", headers={"accept-language": "en"}).content.decode()
    assert Client().get("/about/terms/4/").status_code == 404
    assert "やさしく" in Client().get("/about/terms/").content.decode()
    assert Client().get("/about/privacy/").status_code == 200  # says that there is none yet


def test_the_templates_say_that_they_are_and_ask_nobody(hana_browses: Client) -> None:
    assert publish_templates() == 2 and publish_templates() == 0
    assert "is a template" in hana_browses.get("/about/privacy/").content.decode()
    assert hana_browses.get("/about/").status_code == 200
    assert hana_browses.get("/threads/").status_code == 200


# -- at the door


def test_nobody_joins_without_saying_their_age_and_agreeing(terms: LegalText) -> None:
    for missing in ("old_enough", "agrees"):
        form = {key: value for key, value in SIGN_UP.items() if key != missing}
        assert Client().post("/accounts/signup/", form).status_code == 200
    assert not Member.objects.exists() and not Consent.objects.exists()


def test_joining_writes_down_which_versions_one_agreed_to(terms: LegalText) -> None:
    privacy = publish(kind="privacy")
    assert Client().post("/accounts/signup/", SIGN_UP).status_code == 302
    member = Member.objects.get()
    assert {(row.text_id, row.given, row.how) for row in Consent.objects.filter(member=member)} == {
        (terms.pk, True, "sign_up"),
        (privacy.pk, True, "sign_up"),
    }
    assert member.terms_accepted == privacy.pk


def test_the_age_is_a_setting_and_leaves_no_trace(settings: Any) -> None:
    assert "16" in Client().get("/accounts/signup/").content.decode()
    settings.MINIMUM_AGE = 0
    form = {key: value for key, value in SIGN_UP.items() if key != "old_enough"}
    assert "old_enough" not in Client().get("/accounts/signup/").content.decode()
    assert Client().post("/accounts/signup/", form).status_code == 302


# -- a new version asks


def test_the_next_page_asks_once_and_leads_back(hana_browses: Client, hana: Member, terms: LegalText) -> None:
    answer = hana_browses.get("/threads/?sort=hot")
    assert answer["Location"] == "/settings/terms/?next=%2Fthreads%2F%3Fsort%3Dhot"
    page = hana_browses.get(answer["Location"]).content.decode()
    assert f'name="shown" value="{terms.pk}"' in page
    agreed = hana_browses.post("/settings/terms/", {"shown": terms.pk, "next": "/threads/?sort=hot"})
    assert agreed["Location"] == "/threads/?sort=hot"
    assert hana_browses.get("/threads/?sort=hot").status_code == 200
    assert [(row.text_id, row.how) for row in queries.consents_of(hana)] == [(terms.pk, "asked")]


def test_a_page_that_lies_ready_for_members_asks_as_well(hana_browses: Client, hana: Member) -> None:
    thread = make.open_thread(make_member("ben"), make.make_category(slug="square"))
    for _time in range(2):  # drawn, then ready
        assert hana_browses.get(thread.get_absolute_url()).status_code == 200
    publish()
    assert hana_browses.get(thread.get_absolute_url()).status_code == 302
    assert Client().get(thread.get_absolute_url()).status_code == 200  # a visitor is asked nothing


def test_what_is_typed_what_scripts_ask_and_ones_own_settings_go_on(hana_browses: Client, terms: LegalText) -> None:
    for path in ("/settings/data/", "/settings/profile/", "/about/terms/", "/about/privacy/"):
        assert hana_browses.get(path).status_code == 200, path
    assert hana_browses.get("/settings/leave/")["Location"].startswith("/accounts/confirm/")
    assert hana_browses.get("/threads/", headers={"sec-fetch-dest": "empty"}).status_code == 200
    assert hana_browses.get("/api/v1/me").status_code == 200
    assert hana_browses.post("/threads/preview/", {"body": "x"}).status_code == 200


def test_who_refuses_takes_their_data_and_leaves(hana: Member, hana_browses: Client, terms: LegalText) -> None:
    proven(hana_browses, hana)
    assert hana_browses.post("/settings/data/")["Location"] == "/settings/data/"
    assert hana_browses.post("/settings/leave/").status_code == 200
    assert Member.objects.get(pk=hana.pk).erase_at is not None


def test_nobody_agrees_to_what_they_were_not_shown(hana: Member, terms: LegalText) -> None:
    publish("Newer.")
    with pytest.raises(Conflict):
        actions.agree_to_texts(member_id=hana.pk, how="asked", shown=terms.pk)
    assert not Consent.objects.exists()


def test_a_version_asks_from_its_day_on_and_a_small_correction_not_at_all(hana_browses: Client, hana: Member) -> None:
    publish(asks=False)
    publish("Later.", effective_at=now() + timedelta(days=3))
    assert hana_browses.get("/about/").status_code == 200
    assert hana_browses.get("/threads/").status_code == 200
    with held_at(now() + timedelta(days=3, minutes=1)):
        assert hana_browses.get("/threads/").status_code == 302
        actions.agree_to_texts(member_id=hana.pk, how="asked")
        assert hana_browses.get("/threads/").status_code == 200


def test_asking_costs_no_statement(hana_browses: Client, hana: Member, terms: LegalText) -> None:
    actions.agree_to_texts(member_id=hana.pk, how="asked")
    hana_browses.get("/about/")  # a sign-in is seen once in ten minutes
    with CaptureQueriesContext(connection) as asked:
        hana_browses.get("/about/")
    assert len(asked) == 3  # session, member, bell


def test_only_this_site_is_led_back_to(hana_browses: Client, terms: LegalText) -> None:
    for target in ("https://evil.example/", "//evil.example/"):
        assert hana_browses.post("/settings/terms/", {"shown": terms.pk, "next": target})["Location"] == "/"


# -- what is asked for separately


def test_news_are_off_until_one_says_yes_and_can_be_taken_back(hana: Member, hana_browses: Client) -> None:
    assert not queries.agrees_to(hana.pk, Consent.Purpose.NEWS)
    for given in (True, True, False):
        hana_browses.post("/settings/data/", {"do": "news"} | ({"news": "on"} if given else {}))
        assert queries.agrees_to(hana.pk, Consent.Purpose.NEWS) is given
    page = hana_browses.get("/settings/data/").content.decode()
    assert [row.given for row in queries.consents_of(hana)] == [False, True]
    assert "Taken back:" in page and "Yes to:" in page
