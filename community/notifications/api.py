"""Inboxes and levels over HTTP. Mounted at /api/v1/ by `community.config.api`."""

from typing import Annotated

from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.utils.translation import gettext as _
from ninja import Field, Query, Router
from ninja.security import django_auth

from community.core import webpush
from community.core.errors import Invalid, NotVisible
from community.core.limits import take
from community.core.webpush import Browser
from community.members.models import Member
from community.members.permissions import viewer_of
from community.notifications import actions, queries
from community.notifications.models import Level
from community.notifications.schemas import (
    LevelIn,
    LevelOut,
    LevelPage,
    NoticePage,
    PushHere,
    PushIn,
    PushOut,
    ReadIn,
    UnreadOut,
    WaitingOut,
)

router = Router(tags=["notifications"])
IDS_AT_MOST = 100
Ids = Annotated[list[Annotated[int, Field(gt=0, lt=1 << 63)]], Query(..., max_length=IDS_AT_MOST)]


@router.get("/notifications", response=NoticePage, auth=django_auth, summary="The caller's notices, latest first")
def inbox(request: HttpRequest, unread: bool = False, cursor: str = Query("", max_length=200)) -> NoticePage:
    lines, found = queries.inbox(member=_member(request), unread=unread, cursor=cursor)
    return NoticePage.of(lines, found)


@router.get("/notifications/unread", response=UnreadOut, auth=django_auth, summary="How many notices are unread")
def unread(request: HttpRequest) -> UnreadOut:
    here = queries.standing(_member(request).pk)
    return UnreadOut(unread=here.unread, position=here.position)


@router.post("/notifications/read", response=UnreadOut, auth=django_auth, summary="Mark notices as read")
def read(request: HttpRequest, given: ReadIn) -> UnreadOut:
    member = _member(request)
    take("inbox", user_id=member.pk, address=request.META.get("REMOTE_ADDR"))
    if len(given.ids) > IDS_AT_MOST:
        raise Invalid(_("Name at most %(n)s notices.") % {"n": IDS_AT_MOST}, code="too_many_ids", field="ids")
    if given.until is not None:
        if given.until.tzinfo is None:
            raise Invalid(_("Say the moment with its time zone."), code="until_invalid", field="until")
        actions.mark_all_read(member=member, until=given.until)
    if given.ids:
        actions.mark_read(member=member, notice_ids=given.ids)
    return unread(request)


@router.get(
    "/notifications/waiting", response=WaitingOut, auth=django_auth, summary="Which of these notices are still unread"
)
def waiting(request: HttpRequest, ids: Ids) -> WaitingOut:
    """For a browser that shows some of them on its screen: what was read elsewhere can go."""
    member = _member(request)
    take("inbox", user_id=member.pk, address=request.META.get("REMOTE_ADDR"))
    return WaitingOut(ids=queries.still_unread(member.pk, ids))


@router.get("/push", response=PushHere, auth=django_auth, summary="Whether this browser shows the caller's notices")
def browser_here(request: HttpRequest) -> PushHere:
    """For its service worker, which sees no page: whether to say its address again."""
    member = _member(request)
    take("inbox", user_id=member.pk, address=request.META.get("REMOTE_ADDR"))
    if not webpush.is_on():
        raise NotVisible(_("This site sends no notices to browsers."))
    device = queries.browser_of(member, str(request.session.session_key))
    known = device.digest if device is not None else ""
    return PushHere(known=known, key=webpush.public_key(), token=get_token(request))


@router.put("/push", response=PushOut, auth=django_auth, summary="Show the caller's notices in this browser")
def add_browser(request: HttpRequest, given: PushIn) -> PushOut:
    """Goes with the session: signing out ends it."""
    member, address = _member(request), str(request.META.get("REMOTE_ADDR", ""))
    take("push_device", user_id=member.pk, address=address)
    device = actions.add_browser(
        member=member,
        browser=Browser(given.endpoint, given.keys.p256dh, given.keys.auth),
        session_key=str(request.session.session_key),
        user_agent=request.headers.get("User-Agent", ""),
        address=address,
    )
    return PushOut(id=device.pk)


@router.delete("/push/{device_id}", response={204: None}, auth=django_auth, summary="Show no notices in a browser")
def remove_browser(request: HttpRequest, device_id: int) -> HttpResponse:
    take("push_device", user_id=request.user.pk, address=request.META.get("REMOTE_ADDR"))
    actions.remove_browser(member=_member(request), device_id=device_id)
    return HttpResponse(status=204)


@router.get("/levels", response=LevelPage, auth=django_auth, summary="What the caller follows, watches or has muted")
def levels(request: HttpRequest, kind: Level.Kind | None = None, cursor: str = Query("", max_length=200)) -> LevelPage:
    """The latest change first. A level of "normal" takes a place off the list."""
    rows, found = queries.followed(member=_member(request), kind=kind.value if kind else "", cursor=cursor)
    return LevelPage.of(rows, found)


@router.get("/levels/{kind}/{target_id}", response=LevelOut, auth=django_auth, summary="How much is heard of a place")
def level(request: HttpRequest, kind: Level.Kind, target_id: int) -> LevelOut:
    found = queries.level_of(_member(request).pk, kind.value, target_id)
    return LevelOut(kind=kind.value, target_id=target_id, level=found)


@router.put("/levels/{kind}/{target_id}", response=LevelOut, auth=django_auth, summary="Follow, watch or mute a place")
def set_level(request: HttpRequest, kind: Level.Kind, target_id: int, given: LevelIn) -> LevelOut:
    """A place is a thread, category, tag, item, creator, shop or member."""
    take("follow", user_id=request.user.pk, address=request.META.get("REMOTE_ADDR"))
    chosen = actions.set_level(
        member=viewer_of(request.user), kind=kind.value, target_id=target_id, level=given.level.value
    )
    return LevelOut(kind=kind.value, target_id=target_id, level=chosen)


def _member(request: HttpRequest) -> Member:
    member = request.user
    assert isinstance(member, Member)  # auth=django_auth
    return member
