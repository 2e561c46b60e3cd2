"""What staff do to other people's talk is on record, and places are set up by managers alone."""

from typing import Any

import pytest
from django.test import Client

from community.core.errors import Invalid, NotAllowed
from community.members.models import Member, StaffAction
from community.threads import actions
from community.threads.models import Category, Post, PostRevision, Thread
from tests.factories import threads as make

pytestmark = pytest.mark.django_db


def record() -> list[tuple[str, str, int, str]]:
    return list(StaffAction.objects.order_by("pk").values_list("verb", "target", "target_id", "reason"))


def test_what_people_do_to_their_own_is_not_on_record(talk: Thread, ana: Member, mori: Member) -> None:
    opening = make.opening(talk)
    actions.edit_post(editor=ana, post_id=opening.pk, body="Changed.", seen_version=1)
    own = make.reply(mori, talk)
    actions.delete_post(by=mori, post_id=own.pk)
    assert record() == []


def test_what_staff_do_is_on_record_with_its_reason(answer: Post, question: Thread, mori: Member) -> None:
    actions.edit_post(editor=mori, post_id=answer.pk, body="Cut.", seen_version=1, reason="an address")
    actions.hide_revision(by=mori, revision_id=PostRevision.objects.get().pk)
    actions.delete_post(by=mori, post_id=answer.pk, reason="spam")
    actions.restore_post(by=mori, post_id=answer.pk)
    for _twice in range(2):
        actions.lock_thread(by=mori, thread_id=question.pk)
        actions.set_slow_mode(by=mori, thread_id=question.pk, seconds=60)
    assert record() == [
        ("edit", "post", answer.pk, "an address"),
        ("hide_revision", "post", answer.pk, "—"),
        ("delete", "post", answer.pk, "spam"),
        ("restore", "post", answer.pk, "—"),
        ("lock", "thread", question.pk, "—"),
        ("slow_mode", "thread", question.pk, "—"),
    ]


def test_only_managers_set_up_places(square: Category, mori: Member, kanri: Member) -> None:
    square.name_en = "Taken over"
    with pytest.raises(NotAllowed):
        actions.set_up_category(by=mori, category=square, kinds=["talk"])
    for kinds in ([], ["poll"]):
        with pytest.raises(Invalid):
            actions.set_up_category(by=kanri, category=square, kinds=kinds)
    square.refresh_from_db()
    assert square.name_en.startswith("Place")
    assert record() == []


def test_setting_up_a_place_leaves_its_counts_alone(square: Category, kanri: Member, ana: Member) -> None:
    stale = Category.objects.get(pk=square.pk)
    make.open_thread(ana, square)
    stale.read_by = Category.OpenedBy.MANAGERS
    actions.set_up_category(by=kanri, category=stale, kinds=["question", "talk"])
    square.refresh_from_db()
    assert (square.thread_count, square.kinds, square.read_by) == (1, ["talk", "question"], "managers")


@pytest.fixture
def admin_page(kanri: Member, client: Client) -> Client:
    client.force_login(kanri)
    return client


def test_a_manager_sets_up_a_place_in_the_admin(admin_page: Client) -> None:
    given: dict[str, Any] = {"slug": "wood", "name_ja": "木のもの", "name_en": "Wood", "kinds": ["talk", "idea"]}
    given |= {"opened_by": "everybody", "read_by": "everybody", "position": "3"}
    refused = admin_page.post("/admin/threads/category/add/", given | {"name_en": "\u200b"})
    assert refused.status_code == 200
    assert not Category.objects.exists()
    assert admin_page.post("/admin/threads/category/add/", given).status_code == 302
    assert Category.objects.get().kinds == ["talk", "idea"]


def test_talk_can_be_looked_at_in_the_admin_and_not_changed(admin_page: Client, answer: Post, question: Thread) -> None:
    for path in ("category", "thread", "post", f"thread/{question.pk}/change", f"post/{answer.pk}/change"):
        assert admin_page.get(f"/admin/threads/{path}/").status_code == 200, path
    changed = admin_page.post(f"/admin/threads/post/{answer.pk}/change/", {"body": "mine"})
    assert changed.status_code == 403
    assert admin_page.post(f"/admin/threads/post/{answer.pk}/delete/", {"post": "yes"}).status_code == 403
