"""Threads over HTTP. Mounted at /api/v1/ by `community.config.api`, which also turns refusals into problem JSON.

Reading is open; what changes something needs a session and its CSRF token (the cookie authenticator checks it, S10),
takes JSON only, and is counted per member and address first. POST of a thread or reply needs an `Idempotency-Key`
header: the same key gives the same answer, to the byte (REL-4).
"""

from collections.abc import Callable
from typing import Any, Literal

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from ninja import Query, Router, Schema
from ninja.errors import HttpError
from ninja.security import django_auth

from community.catalog.models import Creator, Item, Tag
from community.catalog.permissions import visible_creators, visible_items
from community.core import idempotency
from community.core.errors import Invalid, NotVisible, RuleError
from community.core.limits import take
from community.core.paging import NumberPage
from community.core.text import tag_key, tidy
from community.members.models import Member
from community.members.permissions import Viewer, trust_of, viewer_of
from community.threads import actions, queries
from community.threads.actions import NewPicture
from community.threads.actions.bookmarks import Said
from community.threads.actions.writing import compose
from community.threads.models import Post
from community.threads.queries import BookmarkRow
from community.threads.schemas import (
    BookmarkIn,
    BookmarkOut,
    BookmarkPage,
    CategoryOut,
    Counts,
    EditIn,
    FeedPage,
    NewOut,
    PictureIn,
    PostOut,
    PostRange,
    PreviewIn,
    PreviewOut,
    ReplyIn,
    RevisionPage,
    ThreadIn,
    ThreadOut,
    ThreadPage,
    category_out,
)

router = Router(tags=["threads"])
RANGE_LIMIT = 100  # posts


# --- Reading -------------------------------------------------------------------------------------------------


@router.get("/categories", response=list[CategoryOut], summary="Places for threads")
def categories(request: HttpRequest) -> list[CategoryOut]:
    return [category_out(row) for row in queries.categories(_viewer(request))]


@router.get("/threads", response=ThreadPage, summary="Threads: latest, hot or unanswered")
def list_threads(
    request: HttpRequest,
    sort: str = Query("latest", description="latest, hot or unanswered"),
    kind: str = Query("", max_length=20),
    category: str = Query("", max_length=60),
    item_id: int | None = None,
    creator_id: int | None = None,
    author: str = Query("", max_length=30, description="a handle"),
    tag: str = Query("", max_length=100),
    cursor: str = Query("", max_length=200),
    size: int = Query(20, ge=1, le=50),
) -> ThreadPage:
    viewer = _viewer(request)
    found = queries.list_threads(
        viewer=viewer,
        sort=sort,
        kind=tidy(kind),
        category=queries.get_category(slug=tidy(category), viewer=viewer) if category else None,
        item=_one(Item, visible_items(viewer), pk=item_id) if item_id is not None else None,
        creator=_one(Creator, visible_creators(viewer), pk=creator_id) if creator_id is not None else None,
        author=_one(Member, handle=tidy(author).lower(), is_active=True) if author else None,
        tag=_one(Tag, key=tag_key(tidy(tag))) if tag else None,
        cursor=cursor,
        size=size,
        with_pinned=True,
    )
    return ThreadPage.of(found)


@router.get("/threads/{thread_id}", response=ThreadOut, summary="One thread")
def get_thread(request: HttpRequest, thread_id: int) -> ThreadOut:
    return ThreadOut.of(queries.get_thread(thread_id=thread_id, viewer=_viewer(request)))


@router.get("/threads/{thread_id}/posts", response=PostRange, summary="Posts of a thread, by their numbers")
def posts(
    request: HttpRequest, thread_id: int, first: int = Query(1, ge=1, le=2**31 - 200), size: int = Query(20, ge=1)
) -> PostRange:
    viewer = _viewer(request)
    thread = queries.get_thread(thread_id=thread_id, viewer=viewer)
    last = min(first + min(size, RANGE_LIMIT) - 1, thread.last_number)
    page = NumberPage(page=1, pages=1, size=size, first=first, last=last, total=thread.last_number)
    found = queries.thread_posts(thread=thread, viewer=viewer, page=page)
    mine = queries.my_reactions(viewer=viewer, posts=found)
    shown = [PostOut.of(post, mine.get(post.pk, frozenset())) for post in found]
    return PostRange(first=first, last=last, last_number=thread.last_number, posts=shown)


@router.get("/posts/{post_id}", response=PostOut, summary="One post")
def get_post(request: HttpRequest, post_id: int) -> PostOut:
    viewer = _viewer(request)
    post = queries.get_post(post_id=post_id, viewer=viewer)
    return _shown(viewer, post)


@router.get("/posts/{post_id}/history", response=RevisionPage, summary="The edits of a post, newest first")
def history(request: HttpRequest, post_id: int, cursor: str = Query("", max_length=200)) -> RevisionPage:
    viewer = _viewer(request)
    post = queries.get_post(post_id=post_id, viewer=viewer)
    return RevisionPage.of(queries.revisions(post=post, viewer=viewer, cursor=cursor))


# --- Writing -------------------------------------------------------------------------------------------------


@router.post("/threads", response={201: ThreadOut}, auth=django_auth, summary="Open a thread")
def open_thread(request: HttpRequest, given: ThreadIn) -> HttpResponse:
    def work(viewer: Viewer) -> tuple[Schema, str]:
        words = given.model_dump(exclude={"pictures"})
        thread = actions.open_thread(author=viewer, pictures=_pictures(given.pictures), **words)
        return ThreadOut.of(thread), f"/api/v1/threads/{thread.pk}"

    _count(request, "post_thread")
    return _once(request, "threads.open_thread", work)


@router.post("/threads/{thread_id}/posts", response={201: PostOut}, auth=django_auth, summary="Reply")
def post_reply(request: HttpRequest, thread_id: int, given: ReplyIn) -> HttpResponse:
    def work(viewer: Viewer) -> tuple[Schema, str]:
        post = actions.post_reply(
            author=viewer,
            thread_id=thread_id,
            body=given.body,
            reply_to_id=given.reply_to_id,
            pictures=_pictures(given.pictures),
        )
        return PostOut.of(post), f"/api/v1/posts/{post.pk}"

    _count(request, "post_reply", target=thread_id)
    return _once(request, f"threads.post_reply.{thread_id}", work)


@router.patch("/posts/{post_id}", response=PostOut, auth=django_auth, summary="Change a post")
def edit_post(request: HttpRequest, post_id: int, given: EditIn) -> PostOut:
    viewer = _counted(request, "edit_post")
    words = given.model_dump(exclude={"pictures"})
    pictures = None if given.pictures is None else _pictures(given.pictures)
    return _shown(viewer, actions.edit_post(editor=viewer, post_id=post_id, pictures=pictures, **words))


@router.delete("/posts/{post_id}", response=PostOut, auth=django_auth, summary="Delete a post; number 1: the thread")
def delete_post(request: HttpRequest, post_id: int, reason: str = Query("", max_length=200)) -> PostOut:
    viewer = _counted(request, "edit_post")
    return _shown(viewer, actions.delete_post(by=viewer, post_id=post_id, reason=reason))


@router.post("/posts/{post_id}/restore", response=PostOut, auth=django_auth, summary="Bring a deleted post back")
def restore_post(request: HttpRequest, post_id: int) -> PostOut:
    viewer = _counted(request, "edit_post")
    return _shown(viewer, actions.restore_post(by=viewer, post_id=post_id))


@router.put("/posts/{post_id}/reactions/{kind}", response=Counts, auth=django_auth, summary="React to a post")
def react(request: HttpRequest, post_id: int, kind: str) -> Counts:
    viewer = _counted(request, "react")
    return Counts(reactions=actions.react(member=viewer, post_id=post_id, kind=kind, on=True))


@router.delete("/posts/{post_id}/reactions/{kind}", response=Counts, auth=django_auth, summary="Take a reaction back")
def take_back(request: HttpRequest, post_id: int, kind: str) -> Counts:
    viewer = _counted(request, "react")
    return Counts(reactions=actions.react(member=viewer, post_id=post_id, kind=kind, on=False))


@router.put("/posts/{post_id}/accepted", response=ThreadOut, auth=django_auth, summary="Accept the answer")
def accept(request: HttpRequest, post_id: int) -> ThreadOut:
    viewer = _counted(request, "edit_post")
    return ThreadOut.of(actions.accept_answer(by=viewer, post_id=post_id))


@router.delete("/threads/{thread_id}/accepted", response=ThreadOut, auth=django_auth, summary="Accept no answer")
def unaccept(request: HttpRequest, thread_id: int) -> ThreadOut:
    viewer = _counted(request, "edit_post")
    return ThreadOut.of(actions.unaccept_answer(by=viewer, thread_id=thread_id))


@router.post("/preview", response=PreviewOut, auth=django_auth, summary="See Markdown as it will look")
def preview(request: HttpRequest, given: PreviewIn) -> PreviewOut:
    viewer = _counted(request, "preview")
    return PreviewOut(html=compose(given.body, author=viewer).html)


@router.get("/feed", response=FeedPage, auth=django_auth, summary="What is new in what the caller follows")
def feed(request: HttpRequest, cursor: str = Query("", max_length=200), size: int = Query(20, ge=1, le=50)) -> FeedPage:
    """New threads and items, accepted answers and replies of makers, the latest first."""
    found = queries.feed(member=_member(request), cursor=tidy(cursor), size=size)
    return FeedPage(news=[NewOut.of(row) for row in found.rows], next=found.next)


# --- What the caller keeps for later --------------------------------------------------------------------------


@router.get("/bookmarks", response=BookmarkPage, auth=django_auth, summary="What the caller saved, latest first")
def bookmarks(
    request: HttpRequest,
    show: Literal["all", "reminders", "threads", "replies", "items"] = "all",
    cursor: str = Query("", max_length=200),
    size: int = Query(20, ge=1, le=50),
) -> BookmarkPage:
    """Those with a reminder to come are in the order of their times."""
    return BookmarkPage.of(*queries.list_bookmarks(member=_member(request), show=show, cursor=tidy(cursor), size=size))


@router.put("/bookmarks/{kind}/{target_id}", response=BookmarkOut, auth=django_auth, summary="Save for later")
def save_bookmark(
    request: HttpRequest, kind: Literal["thread", "post", "item"], target_id: int, given: BookmarkIn
) -> BookmarkOut:
    """Sent again, it changes nothing. The opening post stands for its thread, and is answered as such."""
    viewer = _counted(request, "bookmark")
    said = Said(note=given.note, remind_at=given.remind_at)
    row = actions.save_bookmark(member=viewer, kind=kind, target_id=target_id, said=said)
    kept = queries.kept_of(viewer, [(row.kind, row.target_id)])
    return BookmarkOut.of(BookmarkRow(row, kept.get((row.kind, row.target_id))))


@router.delete("/bookmarks/{kind}/{target_id}", response={204: None}, auth=django_auth, summary="Let go of it")
def remove_bookmark(request: HttpRequest, kind: Literal["thread", "post", "item"], target_id: int) -> HttpResponse:
    """204 as well where nothing was saved."""
    _count(request, "bookmark")
    actions.remove_bookmark(member=_member(request), kind=kind, target_id=target_id)
    return HttpResponse(status=204)


# --- How -----------------------------------------------------------------------------------------------------


def _once(request: HttpRequest, operation: str, work: Callable[[Viewer], tuple[Schema, str]]) -> HttpResponse:
    """Do the work once per key; a refusal of the work stands for the key as well (`config.api` writes it down)."""
    key = request.headers.get("Idempotency-Key")
    if key is None:
        raise Invalid("The header Idempotency-Key is missing. Send a new UUID per command.", code="key_missing")
    viewer = _viewer(request)
    owner = f"member:{request.user.pk}"
    claimed: Any = {"owner": owner, "operation": operation, "key": key, "body": request.body}
    try:
        with idempotency.claim(**claimed) as claim:
            if claim.replay is not None:
                return _answer(claim.replay, replayed=True)
            made, place = work(viewer)
            headers = {"Content-Type": "application/json", "Location": place}
            answer = claim.store(status=201, body=made.model_dump_json().encode(), headers=headers)
    except RuleError as error:
        if idempotency.is_final(error):
            request.refused_claim = claimed  # type: ignore[attr-defined]
        raise
    return _answer(answer, replayed=False)


def _answer(answer: idempotency.Answer, *, replayed: bool) -> HttpResponse:
    response = HttpResponse(answer.body, status=answer.status, headers=dict(answer.headers))
    if replayed:
        response["Idempotency-Replayed"] = "true"
    return response


def _viewer(request: HttpRequest) -> Viewer:
    return viewer_of(request.user)


def _member(request: HttpRequest) -> Member:
    member = request.user
    assert isinstance(member, Member)  # auth=django_auth
    return member


def _counted(request: HttpRequest, action: str) -> Viewer:
    _count(request, action)
    return _viewer(request)


def _count(request: HttpRequest, action: str, *, target: int | None = None) -> None:
    if request.body and request.content_type != "application/json":
        raise HttpError(415, "application/json only")
    address, level = request.META.get("REMOTE_ADDR"), trust_of(_viewer(request))
    take(action, user_id=request.user.pk, address=address, target=target, level=level)


def _shown(viewer: Viewer, post: Post) -> PostOut:
    mine = queries.my_reactions(viewer=viewer, posts=[post])
    return PostOut.of(post, mine.get(post.pk, frozenset()))


def _pictures(given: list[PictureIn]) -> list[NewPicture]:
    return [NewPicture(picture.id, picture.alt) for picture in given]


def _one(model: Any, *shown: Q, **known: Any) -> Any:
    """The row a filter names; of a closed shop's it says what it says of none."""
    found = model.objects.filter(*shown, **known).first()
    if found is None:
        raise NotVisible("There is nothing of that name.")
    return found
