"""From what a member typed to what is stored: text, mentions, cards, pictures, tags.

Every text that a member writes passes `compose` once, before anything is stored. It is done before the thread is
locked: making HTML takes milliseconds, and everybody in a busy thread waits for that lock.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.conf import settings
from django.db.models import Prefetch, prefetch_related_objects
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from community.catalog.models import Item
from community.core.errors import Invalid
from community.core.models import Picture
from community.core.pictures import take_uploads
from community.core.text import check_body, clean_line, parse
from community.members.models import Member
from community.members.permissions import Viewer, not_apart
from community.threads.models import Mention, Post, PostPicture
from community.threads.permissions import SHOWN_ITEMS

PICTURES_LIMIT = 8
CARDS_LIMIT = 5
# Written into posts for ever, hence a promise and no reverse().
MEMBER_PAGE = "/members/{handle}/"
_ITEM_PAGE = re.compile(r"/items/([1-9][0-9]{0,17})(?:/.*)?", re.ASCII | re.DOTALL)


@dataclass(frozen=True, slots=True)
class NewPicture:
    """An upload of the author's that this post is to show. `alt` may be empty."""

    picture_id: int
    alt: str = ""


@dataclass(frozen=True, slots=True)
class Written:
    """A text ready to be stored."""

    body: str
    html: str
    mentioned: tuple[int, ...]  # members, by id
    item_ids: tuple[int, ...]


def compose(body: str, *, author: Viewer) -> Written:
    """Check and render a text; raises `Invalid`. Who is kept apart from the author is not mentioned by it: their name
    stays a word. 2 queries at most, and one for an author with a block.
    """
    body = check_body(body)
    document = parse(body)
    people = _people(document.handles, author)
    return Written(
        body=body,
        html=document.html(people={handle: MEMBER_PAGE.format(handle=handle) for handle in people}),
        mentioned=tuple(sorted(people.values())),
        item_ids=_shown(linked_items(document.links)),
    )


def linked_items(links: Iterable[str]) -> list[int]:
    """Ids of the items that the links of a text lead to, in order; by path, or by address on this site."""
    found = []
    for link in links:
        parts = urlsplit(link)
        origin = f"{parts.scheme}://{parts.netloc}" if parts.netloc else settings.SITE_ORIGIN
        match = _ITEM_PAGE.fullmatch(parts.path)
        if match is not None and origin == settings.SITE_ORIGIN:
            found.append(int(match[1]))
    return list(dict.fromkeys(found))


def check_title(title: str) -> str:
    """Raises `Invalid`."""
    return clean_line(title, field="title", limit=120)


# --- Pictures ------------------------------------------------------------------------------------------------


def check_pictures(pictures: Sequence[NewPicture]) -> list[NewPicture]:
    """Their number and their words; raises `Invalid`."""
    if len(pictures) > PICTURES_LIMIT:
        raise too_many_pictures()
    if len({picture.picture_id for picture in pictures}) < len(pictures):
        raise Invalid(_("The same picture is there twice."), code="picture_twice", field="pictures")
    return [NewPicture(picture.picture_id, _clean_alt(picture.alt)) for picture in pictures]


def too_many_pictures() -> Invalid:
    message = ngettext(
        "A post shows at most %(limit)s picture.", "A post shows at most %(limit)s pictures.", PICTURES_LIMIT
    )
    return Invalid(message % {"limit": PICTURES_LIMIT}, code="too_many_pictures", field="pictures")


def take_pictures(pictures: Sequence[NewPicture], *, owner: Member) -> None:
    """Say that these unused uploads of `owner` are shown from now on. Raises `Invalid` for any other picture.

    Before the counters, as everywhere: the locks of pictures come before those of members. No query without one.
    """
    if pictures:
        _take({picture.picture_id for picture in pictures}, owner)


def add_pictures(post: Post, pictures: Sequence[NewPicture]) -> None:
    """Give a new post the pictures that were taken for it, and have them at hand. No query without one."""
    if pictures:
        _hang(post, pictures)
        prefetch_related_objects([post], Prefetch("pictures", PostPicture.objects.select_related("picture")))


def set_pictures(post: Post, pictures: Sequence[NewPicture], *, owner: Member) -> None:
    """Show these pictures and no others: ones that the post already has, and unused uploads of `owner`.

    Those left out may be swept away. Raises `Invalid` for any other picture.
    """
    had = set(post.pictures.values_list("picture_id", flat=True))
    wanted = {picture.picture_id for picture in pictures}
    _take(wanted - had, owner)
    Picture.objects.filter(pk__in=had - wanted).update(used_at=None)
    post.pictures.all().delete()
    _hang(post, pictures)


def _take(picture_ids: set[int], owner: Member) -> None:
    if not take_uploads(picture_ids, owner_id=owner.pk):
        raise Invalid(
            _("One of the pictures is not there any more. Add it again."), code="picture_not_yours", field="pictures"
        )


def _hang(post: Post, pictures: Sequence[NewPicture]) -> None:
    PostPicture.objects.bulk_create(
        PostPicture(post=post, picture_id=picture.picture_id, position=position, alt=picture.alt)
        for position, picture in enumerate(pictures)
    )


def _clean_alt(alt: str) -> str:
    return clean_line(alt, field="pictures", limit=200) if alt.strip() else ""


# --- Mentions and cards --------------------------------------------------------------------------------------


def add_mentions(post: Post, member_ids: Iterable[int]) -> None:
    """Make a post mention these members, too. No query without one."""
    new = [Mention(post=post, member_id=member_id) for member_id in sorted(set(member_ids))]
    if new:
        Mention.objects.bulk_create(new, ignore_conflicts=True)


def save_mentions(post: Post, member_ids: Iterable[int]) -> None:
    """Make the post mention exactly these members."""
    wanted = set(member_ids)
    Mention.objects.filter(post=post).exclude(member_id__in=wanted).delete()
    add_mentions(post, wanted)


def _people(handles: Sequence[str], author: Viewer) -> dict[str, int]:
    if not handles:
        return {}
    rows = Member.objects.filter(not_apart(author, "pk"), handle__in=handles, is_active=True)
    return dict(rows.values_list("handle", "pk"))


def _shown(item_ids: list[int]) -> tuple[int, ...]:
    if not item_ids:
        return ()
    shown = set(Item.objects.filter(SHOWN_ITEMS, pk__in=item_ids).values_list("pk", flat=True))
    return tuple(item_id for item_id in item_ids if item_id in shown)[:CARDS_LIMIT]
