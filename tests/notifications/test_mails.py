"""Letters: only about what is unread, at most once, when it suits, and with a way out."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from allauth.account.models import EmailAddress
from django.conf import settings
from django.core import mail
from django.test import Client

from community.core.clock import held_at, now
from community.members.models import Member
from community.notifications import actions
from community.notifications.actions import Ways
from community.notifications.actions.due import mail_time
from community.notifications.models import Inbox
from community.notifications.templatetags.notices import DYES, dye
from community.threads.models import Thread
from tests.factories import threads as make

pytestmark = pytest.mark.django_db
Settled = Callable[[], int]
LATER = timedelta(minutes=11)
INBOX = f'{settings.SITE_ORIGIN}/notifications/"'


def letters(at: datetime | None = None) -> list[mail.EmailMessage]:
    """What is written `at` that moment (default: when the delay is over)."""
    mail.outbox.clear()
    with held_at(at or now() + LATER):
        actions.write_due()
    return list(mail.outbox)


def html_of(letter: mail.EmailMessage) -> str:
    return str(letter.alternatives[0][0])  # type: ignore[attr-defined]


def choose(member: Member, **chosen: object) -> None:
    given = {"ways": {}, "digest": "none", "quiet_from": None, "quiet_until": None}
    actions.set_preferences(member=member, **given | chosen)  # type: ignore[arg-type]


def test_nothing_is_written_before_the_delay_is_over(ana: Member, ben: Member, wax: Thread, settled: Settled) -> None:
    make.reply(ben, wax)
    settled()
    assert letters(now()) == []
    assert len(letters()) == 1


def test_nothing_is_written_about_what_was_read_meanwhile(
    ana: Member, ben: Member, wax: Thread, settled: Settled
) -> None:
    make.reply(ben, wax)
    settled()
    actions.arrive(viewer=ana, target="thread", target_id=wax.pk, numbers=(1, 20))
    assert letters() == []


def test_nothing_is_written_about_what_was_taken_back(ana: Member, ben: Member, wax: Thread, settled: Settled) -> None:
    post = make.reply(ben, wax)
    settled()
    make.actions.delete_post(by=ben, post_id=post.pk)
    settled()
    assert letters() == []


def test_nothing_is_written_to_an_address_nobody_confirmed(
    ana: Member, ben: Member, wax: Thread, settled: Settled
) -> None:
    EmailAddress.objects.filter(user=ana).update(verified=False)
    make.reply(ben, wax)
    settled()
    assert letters() == []


def test_a_letter_is_written_once_and_says_who_what_and_where(
    ana: Member, ben: Member, wax: Thread, settled: Settled
) -> None:
    make.reply(ben, wax, "Try **beeswax**.")
    settled()
    (letter,) = letters()
    assert letter.subject == "Ben replied to you: Which wax?" and letter.to == ["ana@example.com"]
    html = html_of(letter)
    for part in (letter.body, html):
        assert "Try beeswax." in part and f"/threads/{wax.pk}/" in part and "/notifications/unsubscribe/" in part
    assert letters(now() + timedelta(days=1)) == []


def test_the_button_leads_to_the_one_thing_or_to_the_inbox(
    ana: Member, ben: Member, wax: Thread, settled: Settled
) -> None:
    make.reply(ben, wax)
    settled()
    (letter,) = letters()
    html = html_of(letter)
    assert html.count(f"{wax.get_absolute_url()}?at=2#p2") == 2 and INBOX not in html
    actions.mark_all_read(member=ana, until=now())
    make.reply(ben, wax)
    make.reply(ben, make.open_thread(ana, wax.category, title="Which oil?"))
    settled()
    (letter,) = letters()
    assert INBOX in html_of(letter)


def test_a_letter_loads_no_picture_and_its_faces_have_the_colours_of_the_site(
    ana: Member, ben: Member, wax: Thread, settled: Settled
) -> None:
    make.reply(ben, wax)
    settled()
    (letter,) = letters()
    html = html_of(letter)
    assert "<img" not in html and f"background:{dye(ben.pk)}" in html
    tokens = (Path(settings.BASE_DIR) / "static/css/tokens.css").read_text()
    assert all(f"--dye-{name}: {colour};" in tokens for name, colour in DYES.items())


def test_letters_about_one_thread_stand_together(ana: Member, ben: Member, wax: Thread, settled: Settled) -> None:
    make.reply(ben, wax)
    settled()
    (first,) = letters()
    actions.mark_all_read(member=ana, until=now())
    make.reply(ben, wax)
    settled()
    (second,) = letters()
    assert (
        first.extra_headers["References"] == second.extra_headers["References"] == second.extra_headers["In-Reply-To"]
    )
    assert first.extra_headers["Message-ID"] != second.extra_headers["Message-ID"]


def test_a_letter_is_in_the_members_language(ana: Member, ben: Member, wax: Thread, settled: Settled) -> None:
    Member.objects.filter(pk=ana.pk).update(language="ja")
    make.reply(ben, wax)
    settled()
    (letter,) = letters()
    assert letter.subject == "Benさんが返信しました: Which wax?" and "Ana" in letter.body


def test_what_is_switched_off_is_not_written_about(ana: Member, ben: Member, wax: Thread, settled: Settled) -> None:
    choose(ana, ways={"reply": Ways(site=True, mail=False, push=True)})
    make.reply(ben, wax)
    settled()
    assert letters() == []


def test_quiet_hours_are_kept_in_the_members_own_zone(ana: Member) -> None:
    Member.objects.filter(pk=ana.pk).update(time_zone="Asia/Tokyo")
    choose(ana, quiet_from=21 * 60, quiet_until=8 * 60)
    box = Inbox.objects.select_related("member").get(pk=ana.pk)
    evening = datetime(2026, 5, 1, 12, 30, tzinfo=UTC)  # 21:30 in Tokyo
    assert mail_time(box, evening) == datetime(2026, 5, 1, 23, 0, tzinfo=UTC)  # 8:00 there
    noon = datetime(2026, 5, 1, 3, 0, tzinfo=UTC)
    assert mail_time(box, noon) == noon + timedelta(minutes=10)


def test_a_gathered_letter_comes_on_the_morning_and_only_with_something_in_it(
    ana: Member, ben: Member, wax: Thread, settled: Settled
) -> None:
    choose(ana, digest="weekly")
    box = Inbox.objects.select_related("member").get(pk=ana.pk)
    friday = datetime(2026, 5, 1, 3, 0, tzinfo=UTC)
    assert mail_time(box, friday) == datetime(2026, 5, 3, 23, 0, tzinfo=UTC)  # Monday, 8:00 in Tokyo
    make.reply(ben, wax)
    settled()
    assert letters() == []
    (letter,) = letters(now() + timedelta(days=8))
    assert letter.subject == "1 notice for you"
    assert letters(now() + timedelta(days=16)) == []


def test_one_post_to_the_headers_address_ends_it_without_a_session(
    ana: Member, ben: Member, wax: Thread, settled: Settled
) -> None:
    make.reply(ben, wax)
    settled()
    (letter,) = letters()
    assert letter.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    path = "/notifications" + letter.extra_headers["List-Unsubscribe"].strip("<>").partition("/notifications")[2]
    program = Client(enforce_csrf_checks=True)
    assert program.get(path).status_code == 200  # a program that follows links changes nothing
    make.reply(make.make_member("cleo"), wax)
    settled()
    assert program.post(path[:-9] + "/").status_code == 404
    assert (
        program.post(path, "List-Unsubscribe=One-Click", content_type="application/x-www-form-urlencoded").status_code
        == 200
    )
    assert letters() == []
    assert program.get(path).context["stopped"] is True
    choose(ana, ways={"reply": Ways(site=True, mail=True, push=True)})
    assert program.get(path).context["stopped"] is False
