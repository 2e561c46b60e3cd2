"""S36: who has left is found nowhere. A canary in all that a member can fill in, then a search of everything."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.test import Client

from community.catalog.models import Customer
from community.core.clock import held_at, now
from community.core.errors import Conflict, Invalid
from community.core.models import Picture
from community.members import actions
from community.members.models import Block, Member, StaffAction, TrustChange
from community.members.registry import leaving
from community.notifications.models import Level, Notice
from community.threads import actions as threads
from community.threads.models import Post, ReadPosition, Thread
from tests.factories import threads as make
from tests.factories.canary import CANARY, LATER, NAME, plant
from tests.factories.members import PASSWORD, make_member, proven
from tests.trust.canary import forget_files, places_with

pytestmark = pytest.mark.django_db(transaction=True)

# In what these erase no string can stand; their rows are looked for by name.
WORDLESS = {
    "threads: own posts",
    "catalog: customer and maker",
    "members: blocks",
    "members: the way to their level",
}


@pytest.fixture
def square() -> Any:
    return make.make_category(slug="square")


@pytest.fixture
def ben() -> Member:
    return make_member("ben")


@pytest.fixture
def mori() -> Member:
    return make_member("mori", role=Member.Role.MODERATOR)


@pytest.fixture
def canary(square: Any, ben: Member, mori: Member) -> Member:
    forget_files(CANARY)
    return plant(square, ben, mori)


def leave(member: Member, run_jobs: Callable[[], None], *, with_posts: bool = False) -> None:
    actions.ask_to_leave(by=Member.objects.get(pk=member.pk), with_posts=with_posts)
    with held_at(now() + LATER):
        assert actions.erase_due() == 1
    run_jobs()


@pytest.fixture
def without() -> Iterator[Callable[[str], None]]:
    """`without("live log")`: that eraser has been forgotten."""
    kept = dict(leaving._erasers)

    def forget(name: str) -> None:
        leaving._erasers[name] = lambda leaver: None

    yield forget
    leaving._erasers.clear()
    leaving._erasers.update(kept)


# -- it is found nowhere


def test_a_canary_that_has_left_is_found_in_no_table_no_file_and_no_key(
    canary: Member, run_jobs: Callable[[], None], caplog: pytest.LogCaptureFixture
) -> None:
    before = places_with(CANARY)
    assert len(before) >= 15, before  # the search sees what there is
    posts, rows = Post.objects.count(), StaffAction.objects.count()
    with caplog.at_level("DEBUG"):
        leave(canary, run_jobs)
    assert places_with(CANARY) == []
    assert CANARY not in caplog.text.lower()
    assert (Post.objects.count(), StaffAction.objects.count()) == (posts, rows)
    assert not Notice.objects.filter(member=canary).exists() and not Level.objects.exists()
    assert not ReadPosition.objects.filter(member=canary).exists()
    assert not Block.objects.exists() and not TrustChange.objects.exists()
    assert not Customer.objects.filter(member=canary).exists()


@pytest.mark.deep
@pytest.mark.parametrize("name", sorted(set(leaving._erasers) - WORDLESS))
def test_without_one_eraser_the_search_finds_it(
    name: str, canary: Member, without: Callable[[str], None], run_jobs: Callable[[], None]
) -> None:
    if name == "jobs":
        from procrastinate.contrib.django import app

        app.configure_task("community.config.tasks.send_mail", schedule_at=now() + timedelta(days=30)).defer(
            message={"to": [canary.email]}
        )
    if name == "kept answers":
        from community.core import idempotency

        with idempotency.claim(owner="member:1", operation="x", key="k" * 9, body=b"") as claim:
            claim.store(status=200, body=f'{{"name": "{NAME}"}}'.encode(), headers={})
    without(name)
    leave(canary, run_jobs)
    assert places_with(CANARY) != []


def test_talk_stays_readable_and_names_a_former_member(
    canary: Member, ben: Member, run_jobs: Callable[[], None]
) -> None:
    leave(canary, run_jobs)
    thread = Thread.objects.get(title="Which clay?")
    page = Client().get(thread.get_absolute_url()).content.decode()
    assert "For bowls." in page and "退会したメンバー" in page and CANARY not in page.lower()
    reply = Post.objects.get(author=ben, thread=thread)
    assert reply.body == f"Do ask @former_{canary.pk}."
    assert Client().get(f"/members/{CANARY}/").status_code == 404
    assert Client().get(f"/members/former_{canary.pk}/").status_code == 404
    for path in ("/", "/threads/", f"/posts/{reply.pk}/history/"):
        assert CANARY not in Client().get(path).content.decode().lower(), path


def test_their_own_words_go_as_well_if_they_wish(canary: Member, run_jobs: Callable[[], None]) -> None:
    own = list(Post.objects.filter(author=canary).values_list("pk", flat=True))
    assert own
    leave(canary, run_jobs, with_posts=True)
    assert set(Post.objects.filter(pk__in=own).values_list("body", "body_html")) == {("…", "")}
    assert not Post.objects.filter(pk__in=own, deleted_at=None).exists()
    assert places_with(CANARY) == []


def test_face_and_unused_uploads_go_and_a_picture_in_a_post_stays_with_the_post(
    canary: Member, square: Any, run_jobs: Callable[[], None], settings: Any
) -> None:
    shown = make.make_upload(canary)
    make.open_thread(canary, square, title="Look", pictures=[threads.NewPicture(shown.pk, "a bowl")])
    assert Picture.objects.count() == 3
    leave(canary, run_jobs)
    assert [(row.pk, row.owner_id) for row in Picture.objects.all()] == [(shown.pk, None)]


# -- and nobody takes their place


def test_a_handle_of_somebody_who_has_left_is_given_to_nobody(
    canary: Member, ben: Member, run_jobs: Callable[[], None]
) -> None:
    leave(canary, run_jobs)
    with pytest.raises(Conflict):
        actions.sign_up(email="x@example.com", display_name="Somebody", handle=CANARY)
    with pytest.raises((Conflict, Invalid)):
        actions.update_profile(by=ben, member_id=ben.pk, display_name="Ben", handle=CANARY, bio="", avatar_id=None)
    assert actions.sign_up(email="y@example.com", display_name=CANARY).handle != CANARY
    assert (
        actions.sign_up(email=f"{CANARY}@example.com", display_name="New Person").pk != canary.pk
    )  # the address is free


# -- the days of grace


def test_the_way_out_asks_who_it_is_signs_out_and_says_until_when(canary: Member, mori: Member) -> None:
    stranger = Client()
    stranger.force_login(canary)
    assert stranger.post("/settings/leave/")["Location"].startswith("/accounts/confirm/")
    assert Member.objects.get(pk=canary.pk).erase_at is None
    client = proven(stranger, canary)
    assert client.get("/settings/leave/").status_code == 200
    answer = client.post("/settings/leave/", {})
    assert answer.status_code == 200 and "_auth_user_id" not in client.session
    member = Member.objects.get(pk=canary.pk)
    assert member.erase_at is not None and not member.erase_posts
    assert mail.outbox[-1].to == [canary.email] and "erased on" in mail.outbox[-1].body


def test_signing_in_within_two_weeks_takes_it_back(ben: Member) -> None:
    ume = make_member("ume", password=PASSWORD)
    actions.ask_to_leave(by=ume, with_posts=True)
    with held_at(now() + timedelta(days=13)):
        assert actions.erase_due() == 0
    client = Client()
    client.post("/accounts/login/", {"login": ume.email, "password": PASSWORD})
    assert "_auth_user_id" in client.session
    with held_at(now() + LATER):
        assert actions.erase_due() == 0
    assert Member.objects.get(pk=ume.pk).display_name == "Ume"


def test_the_last_admin_cannot_leave() -> None:
    ada = make_member("ada", role=Member.Role.ADMIN)
    with pytest.raises(Conflict):
        actions.ask_to_leave(by=ada, with_posts=False)
    assert Member.objects.get(pk=ada.pk).erase_at is None


def test_the_record_of_staff_opens_to_nothing_but_an_erasure(mori: Member) -> None:
    from django.db import IntegrityError, connection, transaction

    row = actions.note(by=mori, verb="warn", target="member", target_id=1, reason="x")
    for setting, change in (("off", "reason = 'y'"), ("on", "verb = 'praise'"), ("on", "at = now()")):
        with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL hiroba.erasing = '{setting}'")
            cursor.execute(f"UPDATE members_staffaction SET {change} WHERE id = %s", [row.pk])
