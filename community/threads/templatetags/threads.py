"""How rows of threads become the words of the components. No request, no query: the same for a page and a live push."""

from typing import Any

from django import template
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from community.catalog.models import Item
from community.threads.models import Post, Reaction, Thread

register = template.Library()

REACTION_ICONS = {
    Reaction.Kind.HEART: "heart",
    Reaction.Kind.CLAP: "clap",
    Reaction.Kind.THANKS: "thanks",
    Reaction.Kind.SMILE: "smile",
    Reaction.Kind.HELPFUL: "sparkle",
}


@register.simple_tag
def reactions_of(post: Post, mine: frozenset[str] = frozenset()) -> list[dict[str, Any]]:
    """Every kind in its order, with how often it was given and whether the viewer gave it."""
    return [
        {
            "kind": kind.value,
            "icon": REACTION_ICONS[kind],
            "label": kind.label,
            "count": post.reactions.get(kind.value, 0),
            "mine": kind.value in mine,
        }
        for kind in Reaction.Kind
    ]


@register.simple_tag
def face_of(post: Post, thread: Thread, row: Any = None) -> dict[str, Any]:
    """What `components/post.html` shows of a post. `row` (views.shown.Shown) adds what one viewer may do with it."""
    owner = thread.item.creator if thread.item else thread.creator
    creator = owner is not None and owner.member_id == post.author_id
    answered = post.reply_to
    face: dict[str, Any] = {
        "author": post.author,
        "author_url": reverse("home:member", args=[post.author.handle]),
        "creator": creator,
        "craft_since": owner.craft_started_year if creator and owner else None,
        "asker": thread.is_question and not post.is_opening and post.author_id == thread.author_id,
        "accepted": thread.accepted_post_id == post.pk,
        "permalink": post.get_absolute_url(),
        "history_url": reverse("threads:history", args=[post.pk]) if post.edit_count else "",
        "pictures": [_picture(row) for row in post.pictures.all()] if post.picture_count else [],
        "cards": [card_of(item) for item in getattr(post, "cards", ())],
        "reactions": reactions_of(post, row.mine if row else frozenset()),
    }
    if answered is not None:
        face |= {
            "reply_to_number": answered.number,
            "reply_to_url": answered.get_absolute_url(),
            "reply_to_name": answered.author.display_name,
        }
    return face | (_buttons(post, thread, row) if row else {})


def _buttons(post: Post, thread: Thread, row: Any) -> dict[str, Any]:
    accepted = thread.accepted_post_id == post.pk
    reply_url = f"{reverse('threads:reply', args=[thread.pk])}?to={post.pk}" if row.may.reply else ""
    return {
        "can_react": row.may.react,
        "react_url": reverse("threads:react", args=[post.pk]),
        "reply_url": reply_url,
        "quote_url": f"{reply_url}&quote=1" if reply_url else "",
        "edit_url": reverse("threads:edit", args=[post.pk]) if row.may.edit else "",
        "delete_url": reverse("threads:delete", args=[post.pk]) if row.may.delete else "",
        "restore_url": reverse("threads:restore", args=[post.pk]) if row.may.restore else "",
        "accept_url": reverse("threads:accept", args=[post.pk]) if row.may.accept and not accepted else "",
        "unaccept_url": reverse("threads:unaccept", args=[thread.pk]) if row.may.accept and accepted else "",
    }


def _picture(row: Any) -> dict[str, Any]:
    return {
        "url": row.picture.url,
        "thumb_url": row.picture.thumb_url,
        "width": row.picture.width,
        "height": row.picture.height,
        "alt": row.alt,
    }


@register.simple_tag
def card_of(item: Item) -> dict[str, Any]:
    """What the item cards of the design system show; the item comes with its creator and pictures loaded."""
    first = next(iter(item.pictures.all()), None)
    url = (first.picture.url if first.picture else first.remote_url) if first else ""
    thumb = (first.picture.thumb_url if first.picture else first.remote_url) if first else ""
    return {
        "url": reverse("home:item", args=[item.pk, item.slug] if item.slug else [item.pk]),
        "title": item.title,
        "creator_name": item.creator.name if item.creator else "",
        "picture": thumb or url,
        "seed": item.pk,
        "amount": item.price_minor,
        "currency": item.currency,
        "state": item.state,
    }


@register.simple_tag
def row_of(thread: Thread) -> dict[str, Any]:
    """What `components/thread_row.html` shows of a thread that came from a list."""
    # A shop that closed takes its items out of sight, not the talk about them.
    item = card_of(thread.item) if thread.item and thread.item.shop.is_open else {}
    url = thread.get_absolute_url()
    return {
        "url": url,
        "last_url": f"{url}?at={thread.last_number}#p{thread.last_number}",
        "author_url": reverse("home:member", args=[thread.author.handle]),
        "category_name": thread.category.name,
        "category_url": reverse("threads:category", args=[thread.category.slug]),
        "item_title": item.get("title", ""),
        "item_url": item.get("url", ""),
        "item_picture": item.get("picture", ""),
        "item_seed": item.get("seed", ""),
        "tags": tags_of(thread),
    }


@register.simple_tag
def tombstone_by(post: Post) -> str:
    """Who took the text away: "author" or "moderator"."""
    return "author" if post.deleted_by_id is not None and post.deleted_by_id == post.author_id else "moderator"


@register.simple_tag
def tags_of(thread: Thread) -> list[dict[str, str]]:
    return [{"name": tag.name, "url": reverse("home:tag", args=[tag.slug])} for tag in thread.tags.all()]


@register.filter
def op_label(op: str) -> str:
    """What a step of a difference is, for those who hear it."""
    return {"added": pgettext("difference", "added"), "removed": pgettext("difference", "removed")}.get(op, _("same"))
