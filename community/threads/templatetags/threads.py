"""How faces of threads and posts become the words of the components. No request, no query: the same for a page and a
live push."""

from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from typing import Any

from django import template
from django.forms import BoundField
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from community.catalog.models import Item
from community.threads import fragments
from community.threads.forms import ReplyForm
from community.threads.fragments import CardFace, PostFace, RowFace, Shown
from community.threads.models import Post, Reaction, Thread

register = template.Library()

REACTION_ICONS = {
    Reaction.Kind.HEART: "heart",
    Reaction.Kind.CLAP: "clap",
    Reaction.Kind.THANKS: "thanks",
    Reaction.Kind.SMILE: "smile",
    Reaction.Kind.HELPFUL: "sparkle",
}

register.simple_tag(fragments.face_of)


@register.simple_tag
def reply_field(form: ReplyForm | str) -> BoundField:
    """The text of this form, or of an empty one where a page that lies ready has none."""
    return ReplyForm()["body"] if isinstance(form, str) else form["body"]


@register.simple_tag
def post_of(post: Post, thread: Thread, row: Shown | None = None) -> SafeString:
    """A post, ready (`threads.fragments.post`)."""
    return fragments.post(post, thread, row or None)


@register.simple_tag
def thread_row(thread: Thread, *, level: int | str = 3, at_item: bool | str = False) -> SafeString:
    """A thread of a list, ready (`threads.fragments.thread_row`); what a template does not know counts as not said."""
    return fragments.thread_row(thread, level=int(level or 3), at_item=bool(at_item))


@register.simple_tag
def reactions_of(counts: Sequence[int], mine: AbstractSet[str]) -> list[dict[str, Any]]:
    """Every kind in its order, with how often it was given and whether the viewer gave it."""
    return [
        {
            "kind": kind.value,
            "icon": REACTION_ICONS[kind],
            "label": kind.label,
            "count": count,
            "mine": kind.value in mine,
        }
        for kind, count in zip(Reaction.Kind, counts, strict=True)
    ]


@register.simple_tag
def links_of(face: PostFace) -> dict[str, Any]:
    """Where the parts and buttons of a post lead; "" for a button that is not for this viewer."""
    links: dict[str, Any] = {
        "is_opening": face.number == 1,
        "permalink": reverse("threads:post", args=[face.post_id]),
        "author": reverse("home:member", args=[face.author.handle]) if face.author.handle else "",
        "answered": reverse("threads:post", args=[face.answered.post_id]) if face.answered else "",
        "history": reverse("threads:history", args=[face.post_id]) if face.has_history else "",
        "cards": [card_face(card) for card in face.cards],
    }
    return links | (_buttons(face) | {"kept": _kept(face)} if face.may is not None else {})


def _buttons(face: PostFace) -> dict[str, str]:
    may, post = face.may, [face.post_id]
    if may is None:
        return {}
    reply = f"{reverse('threads:reply', args=[face.thread_id])}?to={face.post_id}" if may.reply else ""
    return {
        "react": reverse("threads:react", args=post),
        "reply": reply,
        "quote": f"{reply}&quote=1" if reply else "",
        "edit": reverse("threads:edit", args=post) if may.edit else "",
        "delete": reverse("threads:delete", args=post) if may.delete else "",
        "restore": reverse("threads:restore", args=post) if may.restore else "",
        "accept": reverse("threads:accept", args=post) if may.accept and not face.accepted else "",
        "unaccept": reverse("threads:unaccept", args=[face.thread_id]) if may.accept and face.accepted else "",
        "save": reverse("threads:bookmark", args=_kept(face)) if may.save else "",
    }


def _kept(face: PostFace) -> tuple[str, int]:
    """What is saved with a post: the opening one stands for its thread."""
    return ("thread", face.thread_id) if face.number == 1 else ("post", face.post_id)


@register.simple_tag
def links_of_row(face: RowFace) -> dict[str, Any]:
    """Where the parts of a row lead."""
    return {
        "category": reverse("threads:category", args=[face.category_slug]),
        "item": _item_path(face.item) if face.item else "",
        "tags": tag_links_of(face.tags),
    }


@register.simple_tag
def card_of(item: Item) -> dict[str, Any]:
    """What the item cards of the design system show; the item comes with its creator and pictures loaded."""
    return card_face(CardFace.of(item))


@register.simple_tag
def card_face(face: CardFace) -> dict[str, Any]:
    return face._asdict() | {"url": _item_path(face), "seed": face.item_id}


def _item_path(face: CardFace) -> str:
    return reverse("home:item", args=[face.item_id, face.slug] if face.slug else [face.item_id])


@register.simple_tag
def tag_links_of(tags: Iterable[tuple[str, str]]) -> list[dict[str, str]]:
    """Tags, given by name and slug, as `components/tags.html` takes them."""
    return [{"name": name, "url": reverse("home:tag", args=[slug])} for name, slug in tags]


@register.filter
def op_label(op: str) -> str:
    """What a step of a difference is, for those who hear it."""
    return {"added": pgettext("difference", "added"), "removed": pgettext("difference", "removed")}.get(op, _("same"))
