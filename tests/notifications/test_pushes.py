"""Notices to browsers whose pages are closed: encrypted for one browser, at most once about each line, to services we
know, and to nobody who has signed out.
"""

import hashlib
import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.exceptions import InvalidTag
from django.db import connection
from django.test import Client
from procrastinate.jobs import Job

from community.core import webpush
from community.core.clock import held_at, now
from community.core.errors import Invalid, NotAllowed, NotVisible
from community.members import actions as members
from community.members.models import Member, SignIn
from community.notifications import actions
from community.notifications.actions import Ways, pushes
from community.notifications.models import Notice, PushDevice
from community.notifications.tasks import AsTheServiceSays, deliver
from community.threads.models import Thread
from tests.factories import threads as make
from tests.factories.members import PASSWORD, make_member
from tests.support.push_service import PushService, Screen, push_service

pytestmark = pytest.mark.django_db
Settled = Callable[..., int]
CHROME = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0 Safari/537.36"


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[PushService, Path]]:
    with push_service(tmp_path_factory.mktemp("push")) as found:
        yield found


@pytest.fixture
def service(running: tuple[PushService, Path], settings: Any, monkeypatch: pytest.MonkeyPatch) -> PushService:
    """A push service that this site knows and trusts, and no waiting before something is said."""
    found, pem = running
    found.taken.clear(), found.asked.clear(), found.answers.clear()
    monkeypatch.setenv("SSL_CERT_FILE", str(pem))
    settings.PUSH_SERVICES = [found.place]
    settings.NOTICE_PUSH_DELAY = -3600  # of the clock of the test's transaction, too
    return found


def come_in(member: Member) -> Client:
    """A browser in which the member has signed in, so that its session is known by name."""
    client = Client(headers={"user-agent": CHROME, "accept-language": "en"})
    client.force_login(member)
    client.get("/notifications/")
    return client


def listen(client: Client, screen: Screen) -> int:
    """What the switch on the page does; returns the id of the browser."""
    given = screen.browser
    body = {"endpoint": given.endpoint, "keys": {"p256dh": given.p256dh, "auth": given.auth}}
    answer = client.put("/api/v1/push", body, content_type="application/json")
    assert answer.status_code == 200, answer.content
    return int(answer.json()["id"])


@pytest.fixture
def desk(ana: Member, service: PushService) -> Screen:
    """Ana's browser, switched on."""
    screen = service.screen("desk")
    listen(come_in(ana), screen)
    return screen


def choose(member: Member, **push: bool) -> None:
    """Which kinds of notices the member's browsers speak of."""
    ways = {kind: Ways(site=True, mail=False, push=on) for kind, on in push.items()}
    actions.set_preferences(member=member, ways=ways, digest="none", quiet_from=None, quiet_until=None)


# --- Another address -----------------------------------------------------------------------------------------------


def known(client: Client) -> str:
    answer = client.get("/api/v1/push")
    assert answer.status_code == 200 and "no-store" in answer["Cache-Control"]
    return str(answer.json()["known"])


def test_a_browser_is_known_by_its_own_sign_in_alone_and_no_more_once_it_is_removed(
    ana: Member, service: PushService
) -> None:
    here, there = come_in(ana), come_in(ana)
    assert Client().get("/api/v1/push").status_code == 401
    device = listen(here, service.screen("desk"))
    endpoint = service.screen("desk").browser.endpoint
    assert known(here) == hashlib.sha256(endpoint.encode()).hexdigest() and known(there) == ""
    assert endpoint not in here.get("/api/v1/push").content.decode()
    actions.remove_browser(member=ana, device_id=device)
    assert known(here) == ""


def test_a_new_address_takes_the_place_of_the_old_one_with_the_token_that_came_along(
    ana: Member, service: PushService
) -> None:
    come = come_in(ana)
    listen(come, service.screen("desk"))
    other = listen(come_in(ana), service.screen("phone"))
    strict = Client(enforce_csrf_checks=True, headers={"user-agent": CHROME})
    strict.cookies = come.cookies
    given = service.screen("desk-later").browser
    body = {"endpoint": given.endpoint, "keys": {"p256dh": given.p256dh, "auth": given.auth}}
    before = set(PushDevice.objects.values_list("endpoint", flat=True))
    assert strict.put("/api/v1/push", body, content_type="application/json").status_code == 403
    assert set(PushDevice.objects.values_list("endpoint", flat=True)) == before
    token = strict.get("/api/v1/push").json()["token"]
    answer = strict.put("/api/v1/push", body, content_type="application/json", headers={"x-csrftoken": token})
    assert answer.status_code == 200, answer.content
    elsewhere = service.screen("phone").browser.endpoint
    assert dict(PushDevice.objects.values_list("pk", "endpoint")) == {
        other: elsewhere,
        answer.json()["id"]: given.endpoint,
    }


def test_a_site_that_sends_none_knows_no_browser(ana: Member, settings: Any) -> None:
    client = come_in(ana)
    settings.PUSH_KEY = ""
    assert client.get("/api/v1/push").status_code == 404


# --- Nothing is said -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "endpoint",
    [
        "http://fcm.googleapis.com/x",
        "https://fcm.googleapis.com.example.com/x",
        "https://evil.example/fcm.googleapis.com",
        "https://fcm.googleapis.com@127.0.0.1/x",
        "https://user:word@fcm.googleapis.com/x",
        "https://fcm.googleapis.com:8443/x",
        "https://push.apple.com/x",
        "https://127.0.0.1/x",
        "https://[::1]/x",
        "https://localhost/x",
        "https://fcm.googleapis.com/x#y",
        "https://fcm.googleapis.com/x y",
        "https://fcm.googleapis.com/x\r\nHost: y",
        "https://fcm.googleapis.com/あ",
        "https://fcm.googleapis.com:x/",
        "https://fcm.googleapis.com/" + "x" * 1000,
        "file:///etc/passwd",
        "",
    ],
)
def test_this_server_is_led_nowhere_but_to_services_it_knows(endpoint: str, ana: Member) -> None:
    good = Screen("x", PushService()).browser
    with pytest.raises(Invalid) as refused:
        webpush.checked(webpush.Browser(endpoint, good.p256dh, good.auth))
    assert refused.value.code == "push_service_unknown"
    with pytest.raises(webpush.Refused):
        webpush.send(webpush.Browser(endpoint, good.p256dh, good.auth), {}, topic="t")
    client = come_in(ana)
    body = {"endpoint": endpoint, "keys": {"p256dh": good.p256dh, "auth": good.auth}}
    assert client.put("/api/v1/push", body, content_type="application/json").status_code == 422
    assert not PushDevice.objects.exists()


@pytest.mark.parametrize(
    "endpoint",
    [
        "https://fcm.googleapis.com/fcm/send/c:x",
        "https://updates.push.services.mozilla.com/wpush/v2/gA==",
        "https://web.push.apple.com/QG?x=1",
        "https://db5p.notify.windows.com:443/w/?token=B%2f",
    ],
)
def test_the_services_of_the_browsers_are_known(endpoint: str) -> None:
    good = Screen("x", PushService()).browser
    assert webpush.checked(webpush.Browser(endpoint, good.p256dh, good.auth)).endpoint == endpoint


@pytest.mark.parametrize(("p256dh", "auth"), [("", ""), ("AAAA", "AAAA"), ("B" * 87, "A" * 22), ("!" * 87, "A" * 22)])
def test_keys_that_open_nothing_are_not_kept(p256dh: str, auth: str, ana: Member, service: PushService) -> None:
    with pytest.raises(Invalid) as refused:
        webpush.checked(webpush.Browser(service.screen().browser.endpoint, p256dh, auth))
    assert refused.value.code == "push_keys_invalid"


def test_a_guessed_address_of_somebody_elses_browser_is_not_taken_over(ana: Member, ben: Member, desk: Screen) -> None:
    client = come_in(ben)
    body = {"endpoint": desk.browser.endpoint, "keys": {"p256dh": desk.browser.p256dh, "auth": "A" * 22}}
    assert client.put("/api/v1/push", body, content_type="application/json").status_code == 409
    device = PushDevice.objects.get()
    assert device.member == ana and device.auth == desk.browser.auth
    with pytest.raises(NotVisible):
        actions.remove_browser(member=ben, device_id=device.pk)
    assert PushDevice.objects.exists()


def test_whoever_is_banned_adds_nothing(ana: Member, service: PushService) -> None:
    Member.objects.filter(pk=ana.pk).update(banned_at=now())
    with pytest.raises(NotAllowed):
        actions.add_browser(
            member=Member.objects.get(pk=ana.pk), browser=service.screen().browser, session_key="x", user_agent="",
            address="",
        )  # fmt: skip
    assert not PushDevice.objects.exists()


def test_what_was_read_meanwhile_is_not_said(
    ana: Member, ben: Member, wax: Thread, desk: Screen, settled: Settled, settings: Any
) -> None:
    settings.NOTICE_PUSH_DELAY = 20
    make.reply(ben, wax)
    settled()
    actions.arrive(viewer=ana, target="thread", target_id=wax.pk, numbers=(1, 20))
    assert actions.push_to(member_id=ana.pk) == 0
    make.reply(ben, wax, "Once more.")
    settled()
    assert actions.push_to(member_id=ana.pk) == 1  # and this one is read between the two steps
    actions.mark_all_read(member=ana, until=now())
    settled()
    assert desk.service.asked == []


def test_what_is_muted_withdrawn_or_quiet_is_not_said(
    ana: Member, ben: Member, wax: Thread, desk: Screen, settled: Settled
) -> None:
    choose(ana, reply=False)
    make.reply(ben, wax)
    settled()
    assert Notice.objects.filter(member=ana).exists() and desk.service.asked == []
    choose(ana, reply=True)
    actions.mark_all_read(member=ana, until=now())
    post = make.reply(ben, wax, "This will be gone.")
    settled("notifications.push")
    make.actions.delete_post(by=ben, post_id=post.pk)
    settled()
    assert desk.service.asked == []


def test_in_quiet_hours_nothing_is_said_and_afterwards_all_of_it_in_one(
    ana: Member, ben: Member, wax: Thread, desk: Screen, settled: Settled
) -> None:
    Member.objects.filter(pk=ana.pk).update(time_zone="Asia/Tokyo")
    here = now()
    minute = (here + timedelta(hours=9)).hour * 60
    actions.set_preferences(member=ana, ways={}, digest="none", quiet_from=minute, quiet_until=(minute + 120) % 1440)
    for _number in range(4):
        make.reply(ben, make.open_thread(ana, wax.category))
    settled()
    assert desk.service.asked == [] and not Notice.objects.exclude(pushed_at=None).exists()
    with held_at(here + timedelta(hours=3)):
        assert actions.push_to(member_id=ana.pk) == 1
        settled()
    (said,) = desk.told
    assert said["title"] == "4 notices for you" and said["url"] == "/notifications/" and len(said["ids"]) == 4


def test_what_stood_there_before_a_browser_was_added_is_not_said_in_it(
    ana: Member, ben: Member, wax: Thread, service: PushService, settled: Settled
) -> None:
    make.reply(ben, wax)
    settled()
    screen = service.screen()
    listen(come_in(ana), screen)
    make.reply(ben, make.open_thread(ana, wax.category, title="Which oil?"))
    settled()
    (said,) = screen.told
    assert "Which oil?" in said["text"]


# --- It is said once -----------------------------------------------------------------------------------------------


def test_a_message_is_opened_by_its_browser_alone_and_says_what_the_inbox_says(
    ana: Member, ben: Member, wax: Thread, desk: Screen, settled: Settled
) -> None:
    make.reply(ben, wax, "Try **beeswax**, it smells of summer.")
    settled()
    notice = Notice.objects.get(member=ana)
    assert desk.told == [
        {
            "tag": f"n{notice.pk}",
            "ids": [notice.pk],
            "lang": "en",
            "title": "Ben replied to you",
            "text": "Which wax?\nTry beeswax, it smells of summer.",
            "url": f"/threads/{wax.pk}/{wax.slug}/?at=2#p2",
        }
    ]
    (sent,) = desk.service.taken
    assert sent["encoding"] == "aes128gcm" and sent["topic"] == f"n{notice.pk}" and sent["ttl"] == webpush.TTL
    assert sent["signed"]["key"] == webpush.public_key() and sent["signed"]["sub"].startswith("mailto:")
    assert sent["signed"]["aud"] == "https://localhost" and b"beeswax" not in sent["body"]
    with pytest.raises(InvalidTag):
        desk.service.screen("thief").opened(sent["body"])
    assert PushDevice.objects.get().reached_at is not None


def test_it_is_in_the_members_language_with_long_words_cut(
    ana: Member, ben: Member, square: Any, desk: Screen, settled: Settled
) -> None:
    Member.objects.filter(pk=ana.pk).update(language="ja")
    thread = make.open_thread(ana, square, title="蜜" * 110)
    make.reply(ben, thread, "蝋" * 2000)
    settled()
    (said,) = desk.told
    assert said["title"] == "Benさんが返信しました" and said["lang"] == "ja" and len(said["text"]) < 400


def test_once_about_each_line_on_each_browser(
    ana: Member, ben: Member, cleo: Member, wax: Thread, desk: Screen, settled: Settled
) -> None:
    choose(ana, reaction=True)
    phone = desk.service.screen("phone")
    listen(come_in(ana), phone)
    post = make.reply(ana, wax)
    for member in (ben, cleo):
        make.actions.react(member=member, post_id=post.pk, kind="heart", on=True)
        settled()
    assert actions.push_to(member_id=ana.pk) == 0
    assert sorted(desk.service.asked) == ["/to/desk", "/to/phone"]


def test_a_worker_that_is_killed_between_the_steps_says_it_neither_twice_nor_never(
    ana: Member, ben: Member, wax: Thread, desk: Screen, settled: Settled, monkeypatch: pytest.MonkeyPatch
) -> None:
    make.reply(ben, wax)
    make.reply(ben, make.open_thread(ana, wax.category))
    settled("notifications.push")  # told in the inbox, and no more
    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(pushes, "_enqueue", killed_at_the_second(pushes._enqueue))
        actions.push_to(member_id=ana.pk)
    assert not Notice.objects.exclude(pushed_at=None).exists() and waiting() == []
    assert actions.push_to(member_id=ana.pk) == 2 and actions.push_to(member_id=ana.pk) == 0

    for arguments in waiting():
        deliver.func(**arguments)  # the service has it, and the worker dies before the job is done
    settled()  # so another one does all of it again
    assert len(desk.service.asked) == 4 and len(desk.told) == 2
    assert {said["tag"] for said in desk.told} == {f"n{pk}" for pk in Notice.objects.values_list("pk", flat=True)}


def killed_at_the_second(real: Callable[..., None]) -> Callable[..., None]:
    done: list[int] = []

    def enqueue(*given: Any) -> None:
        if done:
            raise KeyboardInterrupt
        done.append(1)
        real(*given)

    return enqueue


def waiting() -> list[dict[str, Any]]:
    """The messages that are queued."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT args FROM procrastinate_jobs WHERE task_name = 'notifications.deliver' ORDER BY id")
        return [json.loads(args) if isinstance(args, str) else args for (args,) in cursor.fetchall()]


# --- What the service answers --------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [404, 410])
def test_a_browser_that_is_gone_is_forgotten(
    status: int, ana: Member, ben: Member, wax: Thread, desk: Screen, settled: Settled
) -> None:
    desk.service.answers = [(status, {})]
    make.reply(ben, wax)
    settled()
    assert not PushDevice.objects.exists()


@pytest.mark.parametrize(
    ("status", "asked", "wait"), [(429, "90", 90), (503, "", 16), (500, "-5", 16), (503, "Wed, 21 Oct 2015", 16)]
)
def test_a_busy_service_is_asked_again_when_it_likes(
    status: int, asked: str, wait: int, ana: Member, ben: Member, wax: Thread, desk: Screen
) -> None:
    desk.service.answers = [(status, {"retry-after": asked} if asked else {})]
    with pytest.raises(webpush.ComeBack) as busy:
        webpush.send(desk.browser, {"title": "x"}, topic="t")
    job = Job(id=1, queue="push", lock=None, queueing_lock=None, task_name="x", attempts=1)
    before = datetime.now(UTC)
    decided = AsTheServiceSays().get_retry_decision(exception=busy.value, job=job)
    assert decided is not None and decided.retry_at is not None
    assert timedelta(seconds=wait) <= decided.retry_at - before < timedelta(seconds=wait + 5)
    assert AsTheServiceSays().get_retry_decision(exception=busy.value, job=job.evolve(attempts=7)) is None
    assert PushDevice.objects.exists() and desk.told == []


@pytest.mark.parametrize("status", [301, 307, 400, 401, 403, 413])
def test_what_is_refused_is_left_and_a_redirect_is_not_followed(
    status: int, ana: Member, ben: Member, wax: Thread, desk: Screen, settled: Settled
) -> None:
    desk.service.answers = [(status, {"location": f"{desk.service.url}/elsewhere"})]
    make.reply(ben, wax)
    settled()
    assert desk.service.asked == ["/to/desk"] and PushDevice.objects.get().reached_at is None


def test_a_service_that_cannot_be_reached_or_trusted_is_asked_again_later(
    desk: Screen, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SSL_CERT_FILE")
    with pytest.raises(webpush.ComeBack, match="SSL"):
        webpush.send(desk.browser, {}, topic="t")
    settings.PUSH_SERVICES = ["localhost:1"]
    with pytest.raises(webpush.ComeBack, match="ConnectionRefused"):
        webpush.send(webpush.Browser("https://localhost:1/x", desk.browser.p256dh, desk.browser.auth), {}, topic="t")


# --- Signed out is signed out --------------------------------------------------------------------------------------


def test_signing_out_takes_this_browser_along_and_no_other(ana: Member, service: PushService) -> None:
    here, there = come_in(ana), come_in(ana)
    listen(here, service.screen("here"))
    kept = listen(there, service.screen("there"))
    here.post("/accounts/logout/")
    assert [device.pk for device in PushDevice.objects.all()] == [kept]


@pytest.mark.parametrize("end", ["one", "others", "ban", "password", "expiry"])
def test_however_a_sign_in_ends_its_browser_hears_nothing_more(
    end: str, ana: Member, ben: Member, wax: Thread, desk: Screen, settled: Settled
) -> None:
    sign_in = SignIn.objects.get(member=ana)
    make.reply(ben, wax)
    settled("notifications.deliver")
    (message,) = waiting()
    if end == "one":
        members.end_sign_in(member_id=ana.pk, sign_in_id=sign_in.pk)
    elif end == "others":
        members.end_other_sign_ins(member_id=ana.pk)
    elif end == "ban":
        members.ban_member(by=make_member("mori", role="moderator"), member_id=ana.pk, reason="rude")
    elif end == "password":
        members.change_password(member_id=ana.pk, password="another " + PASSWORD)
    else:
        come_in(ana).session.model.objects.filter(session_key=sign_in.session_key).update(expire_date=now())
    deliver.func(**message)
    assert desk.service.asked == [] and not PushDevice.objects.exists()


# --- The page ------------------------------------------------------------------------------------------------------


def test_the_page_lists_the_browsers_and_removes_one(ana: Member, desk: Screen, service: PushService) -> None:
    client = come_in(ana)
    device = listen(client, service.screen("two"))
    again = listen(client, service.screen("three"))  # the same browser with another address
    page = client.get("/settings/notifications/").content.decode()
    assert page.count("Chrome on Windows</strong>") == 2 and page.count("This browser</span>") == 1
    assert webpush.public_key() in page and desk.browser.endpoint not in page and 'name="reply-push"' in page
    assert not PushDevice.objects.filter(pk=device).exists()
    assert client.post(f"/settings/notifications/browsers/{again}/").status_code == 302
    assert client.delete(f"/api/v1/push/{again}").status_code == 404
    assert list(PushDevice.objects.values_list("endpoint", flat=True)) == [desk.browser.endpoint]


def test_a_browser_that_changed_hands_belongs_to_who_is_there_now(ana: Member, ben: Member, desk: Screen) -> None:
    listen(come_in(ben), desk)
    assert PushDevice.objects.get().member == ben


def test_without_a_key_there_is_nothing_to_switch_on(ana: Member, settings: Any, service: PushService) -> None:
    settings.PUSH_KEY = ""
    page = come_in(ana).get("/settings/notifications/").content.decode()
    assert "data-push" not in page and "reply-push" not in page
    with pytest.raises(NotVisible):
        actions.add_browser(member=ana, browser=service.screen().browser, session_key="x", user_agent="", address="")


def test_which_notices_still_wait_is_told_of_ones_own_alone(
    ana: Member, ben: Member, wax: Thread, settled: Settled
) -> None:
    make.reply(ben, wax)
    make.reply(ben, make.open_thread(ana, wax.category))
    settled()
    one, two = Notice.objects.filter(member=ana).order_by("pk").values_list("pk", flat=True)
    actions.mark_read(member=ana, notice_ids=[one])
    asked = {"ids": [one, two, 2**40]}
    assert come_in(ana).get("/api/v1/notifications/waiting", asked).json() == {"ids": [two]}
    assert come_in(ben).get("/api/v1/notifications/waiting", asked).json() == {"ids": []}
    assert Client().get("/api/v1/notifications/waiting", asked).status_code == 401
    for wrong in ([], [0], [2**63], list(range(1, 102))):
        assert come_in(ana).get("/api/v1/notifications/waiting", {"ids": wrong}).status_code == 422
