"""How much of what a newcomer's post may hold: `members.permissions.room_of` says it, here it is counted."""

import re
from collections.abc import Sequence

from django.conf import settings
from django.utils.translation import ngettext

from community.core.errors import Invalid
from community.members.models import Member
from community.members.permissions import room_of
from community.threads.actions.writing import NewPicture, Written
from community.threads.models import Mention, Post

# In the HTML, so that quotes count as well: whoever wants to advertise would quote themselves.
_LINK = re.compile(r'href="(https?://[^"]*)"')


def check_room(
    author: Member, written: Written, pictures: Sequence[NewPicture] | None = (), *, before: Post | None = None
) -> None:
    """Raises `Invalid` for more links to other sites, pictures or mentions than this author's post may have.

    `before` is the post that is edited: what stands there may stay. No query, but for somebody who has too much.
    """
    room = room_of(author)
    if room.links is not None and (count := len(_outside(written.html))) > room.links:
        _refuse(count, room.links, len(_outside(before.body_html)) if before else 0, _too_many_links(room.links))
    if room.pictures is not None and (count := len(pictures or ())) > room.pictures:
        _refuse(count, room.pictures, before.picture_count if before else 0, _too_many_pictures(room.pictures))
    if room.mentions is not None and (count := len(set(written.mentioned) - {author.pk})) > room.mentions:
        had = Mention.objects.filter(post=before).exclude(member=author).count() if before else 0
        _refuse(count, room.mentions, had, _too_many_mentions(room.mentions))


def _refuse(count: int, limit: int, had: int, refusal: Invalid) -> None:
    if count > max(limit, had):
        raise refusal


def _outside(html: str) -> set[str]:
    """The addresses on other sites that a post leads to."""
    own = settings.SITE_ORIGIN
    return {link for link in _LINK.findall(html) if link != own and not link.startswith((f"{own}/", f"{own}?"))}


def _too_many_links(limit: int) -> Invalid:
    message = ngettext(
        "While you are new here, a post leads to at most %(limit)s other site. There is more room once you have read"
        " around a little.",
        "While you are new here, a post leads to at most %(limit)s other sites. There is more room once you have read"
        " around a little.",
        limit,
    )
    return Invalid(message % {"limit": limit}, code="newcomer_links", field="body")


def _too_many_pictures(limit: int) -> Invalid:
    message = ngettext(
        "While you are new here, a post shows at most %(limit)s picture. There is more room once you have read around a"
        " little.",
        "While you are new here, a post shows at most %(limit)s pictures. There is more room once you have read around"
        " a little.",
        limit,
    )
    return Invalid(message % {"limit": limit}, code="newcomer_pictures", field="pictures")


def _too_many_mentions(limit: int) -> Invalid:
    message = ngettext(
        "While you are new here, a post calls at most %(limit)s member by name. There is more room once you have read"
        " around a little.",
        "While you are new here, a post calls at most %(limit)s members by name. There is more room once you have read"
        " around a little.",
        limit,
    )
    return Invalid(message % {"limit": limit}, code="newcomer_mentions", field="body")
