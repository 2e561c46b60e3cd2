"""M18: of a pair with a block, neither gets anything of the other, over any channel, whoever began it and whenever.

Each channel is a way in which words of one member reach another one. The control is the same pair without a block:
there every channel must bring them, or its silence would prove nothing.
"""

import asyncio
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse

from community.core.clock import held_at, now
from community.core.edge import ready
from community.members import actions as members
from community.members.models import Member
from community.notifications import actions as notices
from community.search import queries as search
from community.threads import actions
from community.threads.models import Category, Mention, Post, Thread
from tests.factories import threads as make
from tests.factories.members import make_member
from tests.notifications.jobs import do_waiting
from tests.realtime.harness import Reader, Web, append, in_thread, running, until
from tests.realtime.people import cookie_of, sign_in
from tests.realtime.people import make_member as make_plain

pytest_plugins = ["tests.realtime.servers"]

WORDS = "kingfisher"  # in everything that the author writes, and nowhere else
PAIRS = ["reader blocks author", "author blocks reader"]
LATER = timedelta(minutes=11)


@pytest.fixture(autouse=True)
def _nothing_kept() -> Iterator[None]:
    ready.forget_all()
    search.forget()
    yield
    ready.forget_all()
    search.forget()


@dataclass
class Scene:
    """What the author did where the reader could hear of it."""

    reader: Member
    author: Member
    theirs: Thread  # of the author
    mine: Thread  # of the reader, with a reply of the author
    public: Thread  # of somebody else, with a reply of both
    post: Post  # the author's, in `mine`
    client: Client = field(default_factory=Client)

    def get(self, path: str) -> str:
        answer = self.client.get(path)
        return answer.content.decode() if answer.status_code == 200 else ""


def block(who: str, reader: Member, author: Member) -> None:
    one, other = (reader, author) if who == PAIRS[0] else (author, reader)
    members.block(by=one, member_id=other.pk)
    for member in (reader, author):
        member.refresh_from_db()


def happen(reader: Member, author: Member, square: Category) -> Scene:
    other = make_member("cleo")
    notices.set_level(member=reader, kind="category", target_id=square.pk, level="watch")
    mine = make.open_thread(reader, square, title="Which wax?", body="For walnut.")
    theirs = make.open_thread(author, square, title=f"A {WORDS} cup", body=f"The {WORDS} is blue.")
    public = make.open_thread(other, square, title="Which oil?", body="For oak.")
    post = make.reply(author, mine, f"The {WORDS} one, @{reader.handle}.")
    mori = make_member("mori", role=Member.Role.MODERATOR)  # an edit by staff has a place in the history
    text = f"The {WORDS} wax, @{reader.handle}."
    actions.edit_post(editor=mori, post_id=post.pk, body=text, seen_version=1)
    make.reply(author, public, f"Any {WORDS} oil.")
    make.reply(reader, public, "Thank you.")
    return Scene(reader, author, theirs, mine, public, post)


def letters(scene: Scene) -> str:
    mail.outbox.clear()
    with held_at(now() + LATER):
        notices.write_due()
    sent = [one for one in mail.outbox if scene.reader.email in one.to]
    return " ".join(f"{one.subject} {one.body}" for one in sent)


def events(stream: Callable[[Scene], str]) -> Callable[[Scene], str]:
    return lambda scene: scene.get(f"/live/streams/{stream(scene)}/events?after=0&lang=en")


# Of the first kind the author's words are looked for, of the second their name.
SPOKEN: dict[str, Callable[[Scene], str]] = {
    "the page of a thread": lambda it: it.get(it.mine.get_absolute_url()),
    "the same page, lying ready": lambda it: it.get(it.mine.get_absolute_url()),
    "a thread of somebody else": lambda it: it.get(it.public.get_absolute_url()),
    "one post as a fragment": lambda it: it.get(reverse("threads:fragment", args=[it.post.pk])),
    "the history of a post": lambda it: it.get(reverse("threads:history", args=[it.post.pk])),
    "the page that quotes it": lambda it: it.get(
        reverse("threads:reply", args=[it.mine.pk]) + f"?to={it.post.pk}&quote=1"
    ),
    "the list of threads": lambda it: it.get(reverse("threads:list")),
    "the list of a category": lambda it: it.get(reverse("threads:category", args=[it.theirs.category.slug])),
    "the front page": lambda it: it.get("/"),
    "the feed": lambda it: it.get("/feed/"),
    "search": lambda it: "".join(row.card.title for row in search.search(text=WORDS, viewer=it.reader).rows),
    "search while typing": lambda it: "".join(row.card.title for row in search.suggest(text=WORDS, viewer=it.reader)),
    "the API: posts of a thread": lambda it: it.get(f"/api/v1/threads/{it.mine.pk}/posts"),
    "the API: one post": lambda it: it.get(f"/api/v1/posts/{it.post.pk}"),
    "the API: history": lambda it: (
        it.get(f"/api/v1/posts/{it.post.pk}/history") and it.get(f"/api/v1/posts/{it.post.pk}")
    ),
    "the API: threads": lambda it: it.get("/api/v1/threads"),
    "live: the thread": events(lambda it: it.mine.stream),
    "live: the front page": events(lambda it: "home.1"),
}
NAMED: dict[str, Callable[[Scene], str]] = {
    "the inbox": lambda it: it.get(reverse("notifications:inbox")),
    "the API: notices": lambda it: it.get("/api/v1/notifications"),
    "mail": letters,
    "the API: completion of mentions": lambda it: it.get(f"/api/v1/members?q={it.author.handle}"),
    "the page of a thread": lambda it: it.get(it.mine.get_absolute_url()),
    "the API: posts of a thread": lambda it: it.get(f"/api/v1/threads/{it.mine.pk}/posts"),
    "live: the thread": events(lambda it: it.mine.stream),
    "live: the front page": events(lambda it: "home.1"),
}
# What only the one who was blocked does not see: the other one needs the way back.
OF_THE_BLOCKED: dict[str, Callable[[Scene], str]] = {
    "the member's page": lambda it: it.get(reverse("home:member", args=[it.author.handle])),
    "the card": lambda it: it.get(reverse("home:card", args=[it.author.handle])),
    "the API: the member": lambda it: it.get(f"/api/v1/members/{it.author.handle}"),
}


def heard(scene: Scene) -> set[str]:
    """The channels that brought something of the author."""
    found = {name for name, look in SPOKEN.items() if WORDS in look(scene).casefold()}
    found |= {f"{name}, by name" for name, look in NAMED.items() if scene.author.display_name in look(scene)}
    return found | {name for name, look in OF_THE_BLOCKED.items() if scene.author.display_name in look(scene)}


@pytest.fixture
def reader(db: None) -> Member:
    return make_member("rika")


@pytest.fixture
def author(db: None) -> Member:
    return make_member("benjiro")


@pytest.fixture
def square(db: None) -> Category:
    return make.make_category()


@pytest.mark.parametrize("when", ["before", "after", "never"])
@pytest.mark.parametrize("who", PAIRS)
@pytest.mark.django_db
def test_a_blocked_pair_gets_nothing_of_each_other_over_any_channel(
    reader: Member, author: Member, square: Category, who: str, when: str
) -> None:
    if when == "before":
        block(who, reader, author)
    scene = happen(reader, author, square)
    if when == "after":
        block(who, reader, author)
    do_waiting()
    scene.client.force_login(reader)
    everything = {*SPOKEN, *(f"{name}, by name" for name in NAMED), *OF_THE_BLOCKED}
    if when == "never":
        assert heard(scene) == everything  # the control
    elif who == PAIRS[0]:
        assert heard(scene) == set(OF_THE_BLOCKED)
    else:
        assert heard(scene) == set()


@pytest.mark.django_db
def test_a_page_that_lay_ready_is_not_given_to_who_has_blocked_somebody_on_it_since(
    reader: Member, author: Member, square: Category
) -> None:
    scene = happen(reader, author, square)
    scene.client.force_login(reader)
    place = scene.public.get_absolute_url()
    assert WORDS in scene.get(place) and WORDS in scene.get(place)
    assert WORDS in scene.get("/") and WORDS in scene.get(reverse("threads:list"))
    block(PAIRS[0], reader, author)
    shown = scene.get(place)
    assert WORDS not in shown and 'id="p2"' in shown and 'id="p3"' in shown
    assert "This post is not shown." in shown
    assert WORDS not in scene.get("/") and WORDS not in scene.get(reverse("threads:list"))
    members.unblock(by=reader, member_id=author.pk)
    assert WORDS in scene.get(place) and WORDS in scene.get("/")


@pytest.mark.parametrize("who", PAIRS)
@pytest.mark.django_db
def test_neither_of_a_blocked_pair_speaks_to_the_other(
    reader: Member, author: Member, square: Category, who: str
) -> None:
    scene = happen(reader, author, square)
    block(who, reader, author)
    scene.client.force_login(reader)
    before = Post.objects.count()
    sent = {"body": "To you.", "reply_to_id": scene.post.pk}
    path, key = f"/api/v1/threads/{scene.mine.pk}/posts", {"Idempotency-Key": "5f1b1f1e-0000-4000-8000-000000000001"}
    answer = scene.client.post(path, json.dumps(sent), content_type="application/json", headers=key)
    assert (answer.status_code, answer.json()["code"]) == (422, "reply_to_gone")
    assert scene.client.put(f"/api/v1/posts/{scene.post.pk}/reactions/heart").status_code == 404
    assert scene.client.post(reverse("threads:react", args=[scene.post.pk]), {"kind": "heart"}).status_code == 404
    assert Post.objects.count() == before
    assert Post.objects.get(pk=scene.post.pk).reactions == {}
    # In the thread itself both may speak, to the others; a name that is typed stays a word.
    said = make.reply(reader, scene.theirs, f"@{author.handle} is a word here.")
    assert "<a " not in said.body_html
    assert not Mention.objects.filter(post=said).exists()


# --- The socket, with real processes -------------------------------------------------------------------------

STREAM = "probe.8"


class Listener(Reader):
    """Keeps what arrived, and shows it by number alone."""

    def __init__(self, *args: Any, **given: Any) -> None:
        super().__init__(*args, **given)
        self.events: list[dict[str, Any]] = []

    def show(self, event: dict[str, Any]) -> None:
        if event["seq"] == (self.last or 0) + 1:
            self.events.append(event)
        super().show(event)

    def kinds(self) -> list[str]:
        return [event["kind"] for event in self.events]


@pytest.mark.django_db(transaction=True)
async def test_a_socket_that_is_open_gets_no_event_of_the_other_from_the_moment_of_the_block(
    web: Callable[..., Web],
) -> None:
    hana, ken = await in_thread(make_plain, "hana"), await in_thread(make_plain, "ken")
    cookies = [cookie_of(await in_thread(sign_in, member)) for member in (hana, ken)]
    processes = web(), web()
    of_hana, of_ken = ([Listener(one, STREAM, cookie=cookie) for one in processes] for cookie in cookies)
    visitors = [Listener(one, STREAM) for one in processes]
    everybody = [*of_hana, *of_ken, *visitors]

    async def say(author: Member, **more: Any) -> None:
        number = await in_thread(lambda: append(STREAM, "said", author_id=author.pk, html="kingfisher", **more))
        await until(lambda: all(reader.last == number for reader in everybody), 10)

    async with running(everybody):
        await until(lambda: all(reader.subscribed.is_set() for reader in everybody), 15)
        await say(ken)
        await in_thread(lambda: members.block(by=hana, member_id=ken.pk))
        await say(ken)
        await say(hana)
        await in_thread(lambda: append(STREAM, "said", author_id=0, names=[ken.pk], html="kingfisher"))
        await until(lambda: all(reader.last == 4 for reader in everybody), 10)
        late = Listener(processes[0], STREAM, cookie=cookies[0])  # who comes now reads the log
        async with running([late]):
            await until(lambda: late.last == 4, 10)
        await in_thread(lambda: members.unblock(by=hana, member_id=ken.pk))
        await say(ken)
    for reader in of_hana:
        assert reader.kinds() == ["said", "withheld", "said", "said", "said"]
        assert reader.events[1]["payload"] == {}
        assert "html" not in reader.events[3]["payload"]  # it names ken: the page asks for its own
    for reader in of_ken:
        assert reader.kinds() == ["said", "said", "withheld", "said", "said"]
        assert reader.events[2]["payload"] == {}
    for reader in visitors:  # the control
        assert reader.kinds() == ["said"] * 5 and all("html" in event["payload"] for event in reader.events)
    assert late.kinds() == ["withheld", "withheld", "said", "said"]
    assert all(reader.closed == [] for reader in everybody)


@pytest.mark.django_db(transaction=True)
async def test_without_valkey_a_block_reaches_open_sockets_at_the_next_look(
    web: Callable[..., Web], own_valkey: Any
) -> None:
    hana, ken = await in_thread(make_plain, "hana"), await in_thread(make_plain, "ken")
    reader = Listener(web(recheck=1, poll_when_down=0.3), STREAM, cookie=cookie_of(await in_thread(sign_in, hana)))
    async with running([reader]):
        await until(lambda: reader.subscribed.is_set(), 15)
        await in_thread(own_valkey.kill)
        await in_thread(lambda: members.block(by=hana, member_id=ken.pk))

        async def withheld() -> bool:
            number = await in_thread(lambda: append(STREAM, "said", author_id=ken.pk))
            await until(lambda: reader.last == number, 10)
            return reader.kinds()[-1] == "withheld"

        for _look in range(30):
            if await withheld():
                break
            await asyncio.sleep(0.2)
        assert await withheld()
