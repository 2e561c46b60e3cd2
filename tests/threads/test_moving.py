"""Members of level 3 put threads where they belong: plain talk, from one open place to another."""

from typing import Any

import pytest
from django.test import Client

from community.core.errors import NotAllowed, RuleError
from community.members.models import Member, StaffAction
from community.threads import actions
from community.threads.models import Category, Thread
from tests.factories import threads as make

pytestmark = pytest.mark.django_db


@pytest.fixture
def sue(db: None) -> Member:
    """Of level 3."""
    return make.make_member("sue", trust_level=3)


@pytest.fixture
def garden(db: None) -> Category:
    return make.make_category()


def place_of(thread: Thread) -> int:
    return Thread.objects.values_list("category_id", flat=True).get(pk=thread.pk)


def browser_of(member: Member) -> Client:
    client = Client()
    client.force_login(member)
    return client


@pytest.mark.parametrize("level", [0, 1, 2])
def test_nobody_else_moves_what_is_not_theirs(talk: Thread, garden: Category, level: int) -> None:
    member = make.make_member("m", trust_level=level)
    with pytest.raises(NotAllowed):
        actions.move_thread(by=member, thread_id=talk.pk, category_id=garden.pk)
    client = browser_of(member)
    assert client.get(f"/threads/{talk.pk}/manage/").status_code == 403
    assert client.post(f"/threads/{talk.pk}/manage/", {"do": "move", "category": garden.pk}).status_code == 403
    assert place_of(talk) == talk.category_id and not StaffAction.objects.exists()


@pytest.mark.parametrize("change", [{"locked_at": "2026-01-01T00:00Z"}, {"kind": "announcement"}, {"state": "deleted"}])
def test_what_is_not_plain_talk_stays(sue: Member, talk: Thread, garden: Category, change: dict[str, Any]) -> None:
    Thread.objects.filter(pk=talk.pk).update(**change)
    with pytest.raises(RuleError):
        actions.move_thread(by=sue, thread_id=talk.pk, category_id=garden.pk)
    assert place_of(talk) == talk.category_id


@pytest.mark.parametrize("closed", [{"opened_by": "managers"}, {"read_by": "creators"}])
def test_only_from_and_to_places_that_are_everybodys(
    sue: Member, ana: Member, talk: Thread, closed: dict[str, str]
) -> None:
    there = make.make_category(**closed)
    with pytest.raises(RuleError):
        actions.move_thread(by=sue, thread_id=talk.pk, category_id=there.pk)
    home = talk.category_id
    Thread.objects.filter(pk=talk.pk).update(category=there)
    with pytest.raises(RuleError):
        actions.move_thread(by=sue, thread_id=talk.pk, category_id=home)
    assert place_of(talk) == there.pk


@pytest.mark.parametrize("do", ["pin", "lock", "slow"])
def test_the_other_deeds_stay_the_moderators(sue: Member, talk: Thread, do: str) -> None:
    assert browser_of(sue).post(f"/threads/{talk.pk}/manage/", {"do": do, "seconds": 60}).status_code == 403
    talk.refresh_from_db()
    assert (talk.pinned_at, talk.locked_at, talk.slow_mode_seconds) == (None, None, 0)


def test_a_thread_is_moved_from_its_page_and_the_move_is_noted(sue: Member, talk: Thread, garden: Category) -> None:
    office, client = make.make_category(opened_by="managers"), browser_of(sue)
    assert f'href="/threads/{talk.pk}/manage/"' in client.get(talk.get_absolute_url()).content.decode()
    page = client.get(f"/threads/{talk.pk}/manage/").content.decode()
    assert "Slow mode" not in page and garden.name in page and office.name not in page
    assert client.post(f"/threads/{talk.pk}/manage/", {"do": "move", "category": garden.pk}).status_code == 302
    assert place_of(talk) == garden.pk
    note = StaffAction.objects.get()
    assert (note.by, note.verb, note.target_id) == (sue, "move", talk.pk)


def test_the_way_there_is_on_the_page_of_nobody_else(sue: Member, ben: Member, mori: Member, talk: Thread) -> None:
    """The page lies ready for members: whoever comes first, each gets what is theirs."""
    link = f'<a class="button button-s" href="/threads/{talk.pk}/manage/">'

    def links(member: Member) -> int:
        return browser_of(member).get(talk.get_absolute_url()).content.decode().count(link)

    assert [links(member) for member in (ben, sue, ben, sue, mori)] == [0, 1, 0, 1, 1]
