"""What a newcomer's post may hold, on every way in; and how much of a day is theirs."""

from typing import Any

import pytest
from django.test import Client

from community.core.errors import Invalid
from community.members.models import Member
from community.threads import actions
from community.threads.actions import NewPicture
from community.threads.models import Category, Post, Thread
from tests.factories import threads as make

pytestmark = pytest.mark.django_db
LINKS = "Look: https://a.example/1 https://b.example/2 https://c.example/3"


@pytest.fixture
def neu(db: None) -> Member:
    """A newcomer."""
    return make.make_member("neu", trust_level=0)


def too_much(what: str, neu: Member) -> dict[str, Any]:
    """A text or pictures that a newcomer has no room for."""
    if what == "pictures":
        return {"pictures": [NewPicture(make.make_upload(neu).pk) for _each in range(5)]}
    if what == "links":
        return {"body": LINKS}
    return {"body": " ".join(f"@{make.make_member(name).handle}" for name in ("aa", "bb", "cc", "dd"))}


@pytest.mark.parametrize("what", ["links", "pictures", "mentions"])
def test_a_newcomer_has_less_room_in_a_reply(neu: Member, talk: Thread, what: str) -> None:
    with pytest.raises(Invalid) as refusal:
        make.reply(neu, talk, **too_much(what, neu))
    assert refusal.value.code == f"newcomer_{what}"
    assert not Post.objects.filter(author=neu).exists()


@pytest.mark.parametrize("what", ["links", "pictures", "mentions"])
def test_and_in_a_new_thread(neu: Member, square: Category, what: str) -> None:
    with pytest.raises(Invalid) as refusal:
        make.open_thread(neu, square, **too_much(what, neu))
    assert refusal.value.code == f"newcomer_{what}"
    assert not Thread.objects.exists()


@pytest.mark.parametrize("what", ["links", "pictures", "mentions"])
def test_and_cannot_put_it_in_afterwards(neu: Member, talk: Thread, what: str) -> None:
    post = make.reply(neu, talk, "Hello.")
    with pytest.raises(Invalid) as refusal:
        actions.edit_post(
            **{"editor": neu, "post_id": post.pk, "body": "Hello.", "seen_version": 1} | too_much(what, neu)
        )
    assert refusal.value.code == f"newcomer_{what}"
    post.refresh_from_db()
    assert (post.body, post.picture_count) == ("Hello.", 0)


def test_quoting_oneself_makes_no_room(neu: Member, talk: Thread) -> None:
    with pytest.raises(Invalid):
        make.reply(neu, talk, f"> {LINKS}\n\nAs I said.")


def test_what_fits_is_taken_and_own_pages_do_not_count(neu: Member, talk: Thread, ana: Member, settings: Any) -> None:
    own = " ".join(f"{settings.SITE_ORIGIN}/threads/{number}/" for number in range(5))
    body = f"https://a.example/1 https://b.example/2 https://b.example/2 {own} @{ana.handle} @{neu.handle}"
    post = make.reply(neu, talk, body, pictures=[NewPicture(make.make_upload(neu).pk) for _each in range(4)])
    assert post.picture_count == 4


def test_a_site_that_only_begins_like_ours_is_another(neu: Member, talk: Thread, settings: Any) -> None:
    settings.SITE_ORIGIN = "https://hiroba.example"
    with pytest.raises(Invalid):
        make.reply(neu, talk, " ".join(f"{settings.SITE_ORIGIN}.evil{number}.example/" for number in range(3)))


@pytest.mark.parametrize("level", [1, 2, 3])
def test_everybody_else_has_all_the_room(talk: Thread, level: int) -> None:
    member = make.make_member("old", trust_level=level)
    assert make.reply(member, talk, LINKS, pictures=too_much("pictures", member)["pictures"]).picture_count == 5
    make.reply(member, talk, too_much("mentions", member)["body"])


def test_what_stood_in_a_post_before_may_stay(neu: Member, talk: Thread) -> None:
    """Somebody whose level was taken away can still put a word right."""
    Member.objects.filter(pk=neu.pk).update(trust_level=1)
    post = make.reply(Member.objects.get(pk=neu.pk), talk, LINKS)
    edited = actions.edit_post(editor=neu, post_id=post.pk, body=f"{LINKS}!", seen_version=1)
    assert edited.body.endswith("!")
    with pytest.raises(Invalid):
        actions.edit_post(editor=neu, post_id=post.pk, body=f"{LINKS} https://d.example/4", seen_version=2)


def test_a_moderator_mends_a_newcomers_post_freely(neu: Member, mori: Member, talk: Thread) -> None:
    post = make.reply(neu, talk, "Hello.")
    assert actions.edit_post(editor=mori, post_id=post.pk, body=LINKS, seen_version=1).body == LINKS


# -- how often a day


def opened(client: Client, square: Category, title: str) -> int:
    given = {"kind": "talk", "category": square.pk, "title": title, "body": "Hello there."}
    return client.post("/threads/new/", given).status_code


def test_a_newcomer_opens_three_threads_a_day_and_others_more(neu: Member, ana: Member, square: Category) -> None:
    for member, good in ((neu, 3), (ana, 5)):
        client = Client()
        client.force_login(member)
        statuses = [opened(client, square, f"{member.handle} {number}") for number in range(5)]
        assert statuses == [302] * good + [429] * (5 - good)
    assert Thread.objects.filter(author=neu).count() == 3


def test_the_api_counts_the_same_bucket(neu: Member, talk: Thread, settings: Any) -> None:
    settings.LIMITS = {"react": {"user.0": (2, 86400), "user.1": (3, 86400)}}
    client = Client()
    client.force_login(neu)
    pk = make.opening(talk).pk
    answers = [client.post(f"/posts/{pk}/react/", {"kind": "heart"}, HTTP_ACCEPT="application/json").status_code]
    answers += [
        client.put(f"/api/v1/posts/{pk}/reactions/{kind}", content_type="application/json").status_code
        for kind in ("clap", "smile")
    ]
    assert answers == [200, 200, 429]


def test_a_form_tells_a_newcomer_before_they_write(neu: Member, ana: Member, talk: Thread) -> None:
    for member, told in ((neu, True), (ana, False), (neu, True)):
        client = Client()
        client.force_login(member)
        for url in (talk.get_absolute_url(), "/threads/new/"):
            page = client.get(url).content.decode()
            assert ("While you are new: up to 4 pictures" in page) == told, (member, url)
            assert ("Up to 4 pictures (" in page, "Up to 8 pictures (" in page) == (told, not told), (member, url)
