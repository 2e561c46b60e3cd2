"""People's talk for tests. Rows are made by the actions, so every count and number is as in real life."""

from itertools import count
from typing import Any

from community.catalog.models import Creator, Item, Shop
from community.core.clock import now
from community.core.models import Picture
from community.members.models import Member
from community.threads import actions
from community.threads.models import Category, Post, Thread

_numbers = count(1)
ALL_KINDS = list(Thread.Kind.values)


def make_member(name: str = "", **fields: Any) -> Member:
    """Somebody who has been here for a while: no newcomer, unless `trust_level=0` says so."""
    number = next(_numbers)
    display_name = name or f"Member {number}"
    member = Member(
        **{
            "email": f"member{number}@example.org",
            "handle": f"{name.lower() or 'member'}_{number}",
            "joined_at": now(),
            "language": "en",
            "trust_level": Member.Trust.NEIGHBOUR,
            "second_factor": "role" in fields,  # of staff, so that their office is open
        }
        | fields
    )
    member.rename(f"{display_name} {number}")
    member.set_unusable_password()
    member.save(force_insert=True)
    return member


def make_category(**fields: Any) -> Category:
    number = next(_numbers)
    given = {"slug": f"place-{number}", "name_ja": f"広場{number}", "name_en": f"Place {number}", "kinds": ALL_KINDS}
    return Category.objects.create(**given | fields)


def make_shop(**fields: Any) -> Shop:
    number = next(_numbers)
    return Shop.objects.create(**{"slug": f"shop-{number}", "name": f"Shop {number}", "created_at": now()} | fields)


def make_creator(shop: Shop, *, member: Member | None = None, **fields: Any) -> Creator:
    number = next(_numbers)
    given = {"external_id": f"c{number}", "slug": f"maker-{number}", "name": f"Maker {number}", "imported_at": now()}
    return Creator.objects.create(shop=shop, member=member, **given | fields)


def make_item(shop: Shop, *, creator: Creator | None = None, **fields: Any) -> Item:
    number = next(_numbers)
    given = {"external_id": f"i{number}", "title": f"Bowl {number}", "published_at": now(), "imported_at": now()}
    return Item.objects.create(shop=shop, creator=creator, **given | fields)


def make_upload(owner: Member, **fields: Any) -> Picture:
    """A stored picture that nothing shows yet (the row; no file is read here)."""
    number = next(_numbers)
    given = {"file": f"pictures/{number}.webp", "thumb": f"pictures/{number}-s.webp", "width": 640, "height": 480}
    given |= {"bytes": 9, "digest": f"{number:064x}", "created_at": now()}
    return Picture.objects.create(owner_id=owner.pk, **given | fields)


def open_thread(author: Member, category: Category, *, kind: str = "talk", **given: Any) -> Thread:
    words = {"title": "Which wax for walnut bowls?", "body": "I oil mine every spring."}
    return actions.open_thread(author=author, category_id=category.pk, kind=kind, **words | given)


def reply(author: Member, thread: Thread, body: str = "The same here.", **given: Any) -> Post:
    return actions.post_reply(author=author, thread_id=thread.pk, body=body, **given)


def opening(thread: Thread) -> Post:
    return Post.objects.get(thread=thread, number=1)
