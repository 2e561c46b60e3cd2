"""How many questions each page asks the database: fixed, whatever there is to show. One table, exact numbers."""

from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from community.catalog.models import Item
from community.home.queries.sitemaps import RANGE
from community.members.models import Member
from community.threads.models import Post, Thread
from tests.factories import catalog as shops
from tests.factories import threads as make
from tests.factories.members import make_member

pytestmark = pytest.mark.django_db

# page: (a visitor's queries, a member's). A member's include the session, the member and the bell, and where the page
# lies ready (`core.edge`), the streams it is compared with; the thread is ana's own, so hers is drawn for her.
COUNTS = {
    "front": (11, 5),
    "items": (3, 5),
    "items, by price": (3, 5),
    "item": (12, 5),
    "creators": (1, 4),
    "creator": (3, 6),
    "creator, talk": (5, 9),
    "shop": (3, 6),
    "shop, creators": (2, 5),
    "member": (3, 7),
    "member, threads": (6, 10),
    "tags": (1, 4),
    "tag": (3, 6),
    "tag, threads": (5, 9),
    "threads": (6, 5),
    "threads, hot": (5, 5),
    "threads, unanswered": (5, 5),
    "category": (7, 6),
    "thread": (8, 12),
    "thread, last page": (8, 12),
    "history": (2, 5),
    "about": (0, 3),
    "feed": (5, 7),
    "feed of a category": (6, 8),
    "feed of a tag": (6, 8),
    "feed of an item": (10, 12),
    "feed of a creator": (6, 8),
    "feed of a thread": (2, 4),
    "map of maps": (4, 6),
    "map of pages": (2, 4),
    "map of threads": (1, 3),
    "map of items": (1, 3),
    "map of creators": (1, 3),
    "map of shops": (1, 3),
    "robots": (0, 2),
}
Market = Callable[[int], dict[str, str]]


@pytest.fixture
def ana(db: None) -> Member:
    return make_member("ana")


@pytest.fixture
def market(ana: Member) -> Market:
    """`market(n)` lays out n items of n makers with talk, and n times 20 replies in one thread; gives the pages."""

    def lay_out(times: int) -> dict[str, str]:
        shop, square = shops.make_shop("kobo"), make.make_category(slug="square")
        ben = make_member("ben")
        for number in range(2 * times):
            shops.make_creator(shop, f"c{number}")
        shops.bring_items(shop, *(item_of(number, makers=2 * times) for number in range(10 * times)))
        bowl = Item.objects.get(shop=shop, external_id="i0")
        for number in range(4 * times):
            kind = ("question", "talk")[number % 2]
            thread = make.open_thread(
                ana, square, kind=kind, title=f"Thread {number}", tags=["clay"], item_id=bowl.pk, body="See @ben."
            )
        answers(thread, [ana, ben], bowl, 20 * times)
        post = make.opening(thread)
        return pages(bowl, thread, post, ana)

    return lay_out


def item_of(number: int, *, makers: int) -> dict[str, object]:
    return {
        "external_id": f"i{number}",
        "title": f"Bowl {number}",
        "description": "Fired **twice**.",
        "creator": f"c{number % makers}",
        "series": "Sea",
        "tags": ["clay", f"kind{number}"],
        "price": str(1000 + number),
        "category": f"Kind {number % 7}",
        "published_at": f"2026-05-01T00:{number % 60:02}:00Z",
        "pictures": [{"url": "https://pictures.example/1.jpg", "alt": "a bowl"}],
        "variants": [{"external_id": "v", "name": "S", "price": "900"}],
        "listings": [{"channel": "rakuten", "url": "https://r.example/1", "price": "1300"}],
    }


def answers(thread: Thread, writers: list[Member], bowl: Item, count: int) -> None:
    """Replies with cards, answers to others and reactions. The many are copies of rows that the action wrote."""
    first = make.reply(writers[1], thread, f"Like [this](/items/{bowl.pk}/).")
    make.actions.react(member=writers[0], post_id=first.pk, kind="heart", on=True)
    second = make.reply(writers[0], thread, "Thank you @ben!", reply_to_id=first.pk)
    kept = {"thread": thread, "body": second.body, "body_html": second.body_html, "created_at": second.created_at}
    Post.objects.bulk_create(
        Post(**kept, number=number, author=writers[number % 2], reply_to=first, item_ids=[bowl.pk])
        for number in range(4, count + 2)
    )
    Thread.objects.filter(pk=thread.pk).update(last_number=count + 1, reply_count=count)
    thread.refresh_from_db()


def pages(bowl: Item, thread: Thread, post: Post, ana: Member) -> dict[str, str]:
    assert bowl.creator is not None
    return {
        "front": "/",
        "items": "/items/",
        "items, by price": "/items/?sort=price&min=1001",
        "item": bowl.get_absolute_url(),
        "creators": "/creators/",
        "creator": bowl.creator.get_absolute_url(),
        "creator, talk": f"{bowl.creator.get_absolute_url()}?tab=talk",
        "shop": bowl.shop.get_absolute_url(),
        "shop, creators": f"{bowl.shop.get_absolute_url()}?tab=creators",
        "member": f"/members/{ana.handle}/",
        "member, threads": f"/members/{ana.handle}/?tab=threads",
        "tags": "/tags/",
        "tag": "/tags/clay/",
        "tag, threads": "/tags/clay/?tab=threads",
        "threads": "/threads/",
        "threads, hot": "/threads/?sort=hot",
        "threads, unanswered": "/threads/?sort=unanswered",
        "category": "/threads/in/square/",
        "thread": thread.get_absolute_url(),
        "thread, last page": f"{thread.get_absolute_url()}?page=9999",
        "history": f"/posts/{post.pk}/history/",
        "about": "/about/",
        "feed": "/threads/feed/",
        "feed of a category": "/threads/in/square/feed/",
        "feed of a tag": "/tags/clay/feed/",
        "feed of an item": f"/items/{bowl.pk}/talk/feed/",
        "feed of a creator": f"{bowl.creator.get_absolute_url()}feed/",
        "feed of a thread": f"/threads/{thread.pk}/feed/",
        "map of maps": "/sitemap.xml",
        "map of pages": "/sitemap-pages.xml",
        "map of threads": f"/sitemap-threads-{(thread.pk - 1) // RANGE + 1}.xml",
        "map of items": f"/sitemap-items-{(bowl.pk - 1) // RANGE + 1}.xml",
        "map of creators": f"/sitemap-creators-{(bowl.creator.pk - 1) // RANGE + 1}.xml",
        "map of shops": f"/sitemap-shops-{(bowl.shop_id - 1) // RANGE + 1}.xml",
        "robots": "/robots.txt",
    }


def counted(client: Client, path: str) -> tuple[int, str]:
    client.get(path)  # what a process asks once in its life is not the page's
    with CaptureQueriesContext(connection) as asked:
        answer = client.get(path)
    assert answer.status_code == 200, path
    return len(asked), "\n".join(query["sql"][:200] for query in asked.captured_queries)


@pytest.mark.parametrize("times", [1, 20])
def test_every_page_asks_a_fixed_number_of_questions(market: Market, ana: Member, times: int) -> None:
    paths = market(times)
    member = Client()
    member.force_login(ana)
    found = {name: (counted(Client(), path)[0], counted(member, path)[0]) for name, path in paths.items()}
    assert found == COUNTS


def test_a_thread_of_ten_thousand_replies_asks_what_one_of_twenty_asks(market: Market, ana: Member) -> None:
    thread = Thread.objects.get(pk=int(market(1)["thread"].split("/")[2]))
    short = counted(Client(), thread.get_absolute_url())
    answers_more(thread, ana, 10_000)
    for page in ("1", "250", "500"):
        assert counted(Client(), f"{thread.get_absolute_url()}?page={page}")[0] == short[0], short[1]


def answers_more(thread: Thread, writer: Member, count: int) -> None:
    pattern = Post.objects.filter(thread=thread).latest("number")
    kept = {"thread": thread, "author": writer, "body_html": pattern.body_html, "item_ids": pattern.item_ids}
    numbers = range(thread.last_number + 1, count + 2)
    Post.objects.bulk_create(Post(**kept, number=number, created_at=pattern.created_at) for number in numbers)
    Thread.objects.filter(pk=thread.pk).update(last_number=count + 1, reply_count=count)
    thread.refresh_from_db()


def test_an_extra_question_would_be_seen(market: Market, ana: Member, monkeypatch: pytest.MonkeyPatch) -> None:
    from community.home.views import front

    path, page = market(1)["front"], front.queries.front_page

    def one_more(**given: object) -> object:
        Member.objects.count()
        return page(**given)  # type: ignore[arg-type]

    monkeypatch.setattr(front.queries, "front_page", one_more)
    assert counted(Client(), path)[0] == COUNTS["front"][0] + 1
