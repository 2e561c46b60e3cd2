"""What machines are told of a thread's page (schema.org, as search engines ask for it): a question with its answers, or
a posting with its comments. From the rows that the page shows anyway, so it asks the database nothing.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import pgettext

from community.core.kept import Table
from community.core.paging import NumberPage
from community.core.templatetags.head import about_page, trail_of, whole
from community.core.text import words_of
from community.threads.models import Post, State, Thread
from community.threads.queries import PostRow

Data = dict[str, Any]
# Replies as they are told, under all that is told of them; only looked at.
REPLIES: Table[Data] = Table(budget=8_000_000)
Pictures = Mapping[int, list[str]]


class Said(NamedTuple):
    """A post that everybody may read."""

    pk: int
    number: int
    name: str
    handle: str
    html: str
    at: datetime
    edited_at: datetime | None
    liked: int

    @classmethod
    def row(cls, row: PostRow) -> "Said":
        liked = sum(json.loads(row.reactions).values())
        own = row.display_name, row.handle, row.body_html, row.created_at, row.edited_at
        return cls(row.pk, row.number, *own, liked)

    @classmethod
    def post(cls, post: Post) -> "Said":
        own = post.author.display_name, post.author.handle, post.body_html, post.created_at, post.edited_at
        return cls(post.pk, post.number, *own, sum(post.reactions.values()))


def of_page(row: Thread, page: NumberPage, rows: Iterable[PostRow], rich: Sequence[Post]) -> SafeString:
    """The block for one page as visitors see it. `rich` are those of its posts that have pictures or cards."""
    said = [Said.row(post) for post in rows if post.state == State.VISIBLE]
    opening = next((post for post in said if post.number == 1), None)
    replies = [post for post in said if post.number > 1]
    pictures = {post.pk: [whole(shown.picture.url) for shown in post.pictures.all()] for post in rich}
    accepted = _accepted(row, page, replies)
    # A question without answers is none to search engines: they want one at least.
    if row.is_question and (replies or accepted):
        topic = _question(row, opening, accepted, replies, pictures)
    else:
        topic = _posting(row, opening, replies, pictures)
    return about_page(topic, trail_of(_steps(row)))


def _accepted(row: Thread, page: NumberPage, replies: Sequence[Said]) -> Said | None:
    """The accepted answer where the page shows it: in its place, and below the question."""
    here = next((post for post in replies if post.pk == row.accepted_post_id), None)
    if here is not None or page.page > 1 or row.accepted_post is None or not row.accepted_post.is_visible:
        return here
    return Said.post(row.accepted_post)


def _question(
    row: Thread, opening: Said | None, accepted: Said | None, replies: Sequence[Said], pictures: Pictures
) -> Data:
    answers = [_reply("Answer", post, pictures) for post in replies if accepted is None or post.pk != accepted.pk]
    data = {"@type": "Question", "name": row.title, **_topic(row, opening, pictures), "answerCount": row.reply_count}
    if opening is not None:
        data["upvoteCount"] = opening.liked
    if accepted is not None:
        data["acceptedAnswer"] = _reply("Answer", accepted, pictures)
    if answers:
        data["suggestedAnswer"] = answers
    return {"@type": "QAPage", "mainEntity": data}


def _posting(row: Thread, opening: Said | None, replies: Sequence[Said], pictures: Pictures) -> Data:
    counts = [_count("CommentAction", row.reply_count)]
    if opening is not None:
        counts.append(_count("LikeAction", opening.liked))
    return {
        "@type": "DiscussionForumPosting",
        "headline": row.title,
        **_topic(row, opening, pictures),
        "commentCount": row.reply_count,
        "interactionStatistic": counts,
        **({"comment": [_reply("Comment", post, pictures) for post in replies]} if replies else {}),
    }


def _topic(row: Thread, opening: Said | None, pictures: Pictures) -> Data:
    """Who began it and when; the text stands on the first page alone, whose address all pages name."""
    data = {
        "url": whole(row.get_absolute_url()),
        "author": _person(row.author.display_name, row.author.handle),
        "datePublished": row.created_at.isoformat(),
    }
    return data | (_content(opening, pictures) if opening is not None else {})


def _reply(kind: str, post: Said, pictures: Pictures) -> Data:
    key = kind, post, tuple(pictures.get(post.pk, ()))
    known = REPLIES.find(key)
    if known is None:
        known = _reply_made(kind, post, pictures)
        REPLIES.put(key, known, 2 * len(post.html) + 1_000)
    return known


def _reply_made(kind: str, post: Said, pictures: Pictures) -> Data:
    is_answer = kind == "Answer"
    liked = {"upvoteCount": post.liked} if is_answer else {"interactionStatistic": _count("LikeAction", post.liked)}
    return {
        "@type": kind,
        "url": whole(reverse("threads:post", args=[post.pk])),
        "author": _person(post.name, post.handle),
        "datePublished": post.at.isoformat(),
        **_content(post, pictures),
        **liked,
    }


def _content(post: Said, pictures: Pictures) -> Data:
    words = words_of(post.html)
    data: Data = {"text": words} if words else {}
    if found := pictures.get(post.pk):
        data["image"] = found
    if post.edited_at is not None:
        data["dateModified"] = post.edited_at.isoformat()
    return data


def _person(name: str, handle: str) -> Data:
    return {"@type": "Person", "name": name, "url": whole(reverse("home:member", args=[handle]))}


def _count(action: str, number: int) -> Data:
    interaction = f"https://schema.org/{action}"
    return {"@type": "InteractionCounter", "interactionType": interaction, "userInteractionCount": number}


def _steps(row: Thread) -> list[dict[str, str]]:
    category = {"label": row.category.name, "url": reverse("threads:category", args=[row.category.slug])}
    talk = {"label": pgettext("part of the site", "Talk"), "url": reverse("threads:list")}
    return [talk, category, {"label": row.title, "url": ""}]
