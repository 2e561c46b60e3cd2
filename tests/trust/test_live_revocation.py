"""S7 and S8: who may no longer see a stream gets not one event more, on every process, with and without Valkey."""

import asyncio
from collections.abc import Callable
from importlib import import_module

import pytest
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from community.members import actions
from community.members.models import Member, SignIn
from realtime import log, revoke
from realtime.conf import LiveSettings
from tests.realtime.harness import Note, OwnValkey, Reader, Web, append, both_servers, in_thread, running, until
from tests.realtime.people import cookie_of, make_member, sign_in

pytest_plugins = ["tests.realtime.servers"]
pytestmark = pytest.mark.django_db(transaction=True)

STREAM = "probe.8"
ROOMY = {"sockets_per_user": 20, "sockets_per_address": 40}


@pytest.fixture
def mallory() -> Member:
    return make_member("mallory")


def ban(member: Member) -> None:
    Member.objects.filter(pk=member.pk).update(banned_at=timezone.now())


def sockets_of(cookies: list[str], *processes: Web) -> list[Reader]:
    """Readers that do not come back when they are closed."""
    return [Reader(process, STREAM, cookie=cookie, returns=False) for process in processes for cookie in cookies]


async def all_subscribed(readers: list[Reader]) -> None:
    await until(lambda: all(reader.subscribed.is_set() for reader in readers), 15)


@both_servers
async def test_a_ban_closes_20_sockets_on_two_processes_within_two_seconds_and_nothing_arrives_after(
    web: Callable[..., Web], mallory: Member
) -> None:
    cookies = [cookie_of(await in_thread(sign_in, mallory)) for _ in range(10)]
    readers = sockets_of(cookies, web(**ROOMY), web(**ROOMY))
    async with running(readers):
        await all_subscribed(readers)
        await in_thread(append, STREAM)
        await until(lambda: all(reader.shown == [1] for reader in readers), 5)
        await in_thread(ban, mallory)
        await in_thread(revoke.revoke_user, mallory.pk)
        took = await until(lambda: all(reader.closed for reader in readers), 2)
        await in_thread(append, STREAM)
        await asyncio.sleep(0.5)
    print(f"\nS7: 20 sockets of a banned member closed in {took:.2f} s")
    assert all(reader.closed == [4401] and reader.shown == [1] for reader in readers)


async def test_without_valkey_a_ban_closes_every_socket_at_the_next_look(
    web: Callable[..., Web], own_valkey: OwnValkey, mallory: Member
) -> None:
    assert LiveSettings().recheck < 30  # what the site runs with; here the same clock runs faster
    cookies = [cookie_of(await in_thread(sign_in, mallory))] * 3
    readers = sockets_of(cookies, web(**ROOMY, recheck=2), web(**ROOMY, recheck=2))
    async with running(readers):
        await all_subscribed(readers)
        await in_thread(own_valkey.kill)
        await in_thread(ban, mallory)
        await in_thread(revoke.revoke_user, mallory.pk)
        await until(lambda: all(reader.closed for reader in readers), 5)
    assert all(reader.closed == [4401] for reader in readers)


async def test_control_without_valkey_and_before_the_next_look_the_banned_still_read(
    web: Callable[..., Web], own_valkey: OwnValkey, mallory: Member
) -> None:
    readers = sockets_of([cookie_of(await in_thread(sign_in, mallory))], web(recheck=600, poll_when_down=0.5))
    async with running(readers):
        await all_subscribed(readers)
        await in_thread(own_valkey.kill)
        await in_thread(ban, mallory)
        await in_thread(append, STREAM)
        await until(lambda: readers[0].shown, 5)
    assert readers[0].closed == []


async def test_a_log_out_closes_the_sockets_of_that_session_and_no_other(
    web: Callable[..., Web], mallory: Member
) -> None:
    phone, laptop = await in_thread(sign_in, mallory), await in_thread(sign_in, mallory)
    readers = sockets_of([cookie_of(phone), cookie_of(laptop)], web())
    async with running(readers):
        await all_subscribed(readers)
        await in_thread(import_module(settings.SESSION_ENGINE).SessionStore(phone).delete)
        await in_thread(revoke.revoke_session, phone)
        await until(lambda: readers[0].closed, 2)
        await in_thread(append, STREAM)
        await until(lambda: readers[1].shown, 2)
    assert readers[0].closed == [4401]
    assert readers[0].shown == []
    assert readers[1].closed == []


async def test_a_changed_password_ends_the_sockets_of_older_sessions(web: Callable[..., Web], mallory: Member) -> None:
    readers = sockets_of([cookie_of(await in_thread(sign_in, mallory))], web(recheck=1))
    async with running(readers):
        await all_subscribed(readers)
        mallory.set_password("another long password")
        await in_thread(mallory.save)
        await until(lambda: readers[0].closed, 4)
    assert readers[0].closed == [4401]


def hide(process: Web, *, then: int) -> None:
    """A thread is made private and talked in: the door shuts in the transaction that writes ACCESS, posts follow."""
    with transaction.atomic():
        process.members_only(STREAM)
        log.append_many([Note(STREAM, log.ACCESS)])
    for _ in range(then):
        append(STREAM, "secret")


@pytest.mark.parametrize("valkey", ["up", "down"])
async def test_after_a_thread_is_made_private_its_visitors_get_no_further_event_and_its_members_get_all(
    web: Callable[..., Web], own_valkey: OwnValkey, mallory: Member, valkey: str
) -> None:
    cookie = cookie_of(await in_thread(sign_in, mallory))
    one, other = web(poll_when_down=0.5), web(poll_when_down=0.5)
    visitors, members = sockets_of([""], one, other), sockets_of([cookie], one, other)
    async with running(visitors + members):
        await all_subscribed(visitors + members)
        await in_thread(append, STREAM)
        await until(lambda: all(reader.shown == [1] for reader in visitors + members), 5)
        if valkey == "down":
            await in_thread(own_valkey.kill)
        await in_thread(lambda: hide(one, then=5))
        took = await until(lambda: all(len(reader.shown) == 7 for reader in members), 5)
        await until(lambda: all(reader.got("revoked") for reader in visitors), 2)
    print(f"\nS8 (valkey {valkey}): members have all events after {took:.2f} s, visitors none")
    assert all(reader.shown == [1] for reader in visitors)
    assert all(reader.shown == list(range(1, 8)) for reader in members)


async def test_a_visitor_who_comes_after_a_thread_was_made_private_gets_nothing_of_it(web: Callable[..., Web]) -> None:
    process = web()
    await in_thread(append, STREAM)
    visitor = Reader(process, STREAM, returns=False)
    await in_thread(lambda: hide(process, then=3))
    async with running([visitor]):
        await until(lambda: visitor.got("denied"), 5)
    assert visitor.shown == []


async def test_revoking_a_stream_drops_its_readers_on_every_process(web: Callable[..., Web]) -> None:
    processes = web(), web()
    readers = sockets_of([""], *processes)
    async with running(readers):
        await all_subscribed(readers)
        processes[0].shut(STREAM)
        await in_thread(revoke.revoke_stream, STREAM)
        took = await until(lambda: all(reader.got("revoked") for reader in readers), 2)
        await in_thread(append, STREAM)
        await asyncio.sleep(0.5)
    print(f"\nS8: both processes dropped the stream in {took:.2f} s")
    assert all(reader.shown == [] for reader in readers)


async def test_control_a_door_that_shuts_without_a_word_lets_the_next_event_through(web: Callable[..., Web]) -> None:
    process = web()
    readers = sockets_of([""], process)
    async with running(readers):
        await all_subscribed(readers)
        process.shut(STREAM)
        await in_thread(append, STREAM)
        await until(lambda: readers[0].shown, 5)
    assert readers[0].shown == [1]


async def test_a_sign_in_that_is_ended_in_the_list_closes_its_sockets_on_two_processes_and_no_other(
    web: Callable[..., Web], mallory: Member
) -> None:
    """The phone is signed out from the laptop's settings page, by the action behind the button."""
    phone, laptop = await in_thread(sign_in, mallory), await in_thread(sign_in, mallory)
    rows = await in_thread(lambda: [listed(mallory, key) for key in (phone, laptop)])
    one, other = web(**ROOMY), web(**ROOMY)
    phones, laptops = sockets_of([cookie_of(phone)] * 5, one, other), sockets_of([cookie_of(laptop)], one, other)
    async with running(phones + laptops):
        await all_subscribed(phones + laptops)
        await in_thread(lambda: actions.end_sign_in(member_id=mallory.pk, sign_in_id=rows[0]))
        took = await until(lambda: all(reader.closed for reader in phones), 2)
        await in_thread(append, STREAM)
        await until(lambda: all(reader.shown for reader in laptops), 2)
    print(f"\nS7: 10 sockets of an ended sign-in closed in {took:.2f} s, the member's other sign-in reads on")
    assert all(reader.closed == [4401] and reader.shown == [] for reader in phones)
    assert all(reader.closed == [] for reader in laptops)


async def test_without_valkey_signing_out_everywhere_else_closes_the_sockets_at_the_next_look(
    web: Callable[..., Web], own_valkey: OwnValkey, mallory: Member
) -> None:
    assert LiveSettings().recheck < 30  # what the site runs with; here the same clock runs faster
    keys = [await in_thread(sign_in, mallory) for _ in range(3)]
    await in_thread(lambda: [listed(mallory, key) for key in keys])
    readers = sockets_of([cookie_of(key) for key in keys], web(**ROOMY, recheck=2), web(**ROOMY, recheck=2))
    async with running(readers):
        await all_subscribed(readers)
        await in_thread(own_valkey.kill)
        await in_thread(lambda: actions.end_other_sign_ins(member_id=mallory.pk))
        took = await until(lambda: all(reader.closed for reader in readers), 5)
    print(f"\nS7 (valkey down, a look every 2 s): 6 sockets closed in {took:.2f} s")
    assert all(reader.closed == [4401] for reader in readers)


def listed(member: Member, session_key: str) -> int:
    """The sign-in as the settings page lists it."""
    actions.see(member_id=member.pk, session_key=session_key, user_agent="", address="192.0.2.1")
    return SignIn.objects.get(session_key=session_key).pk
