"""Members over HTTP. Mounted at /api/v1/ by `community.config.api`."""

from django.http import HttpRequest
from ninja import Query, Router
from ninja.security import django_auth

from community.core.limits import take
from community.members import actions, queries, trust
from community.members.models import Member
from community.members.permissions import room_of, viewer_of
from community.members.schemas import (
    BlockOut,
    BlockPage,
    FoundMember,
    LevelOut,
    MemberOut,
    MeOut,
    Requirement,
    Room,
)

router = Router(tags=["members"])


@router.get("/me", response=MeOut, auth=django_auth, summary="The member who asks")
def me(request: HttpRequest) -> MeOut:
    member = request.auth  # type: ignore[attr-defined]
    own = {"email": member.email, "language": member.language, "time_zone": member.time_zone, "theme": member.theme}
    return MeOut(**_shown(member).dict(), **own)


@router.get("/me/level", response=LevelOut, auth=django_auth, summary="One's own community level, and why")
def level(request: HttpRequest) -> LevelOut:
    member = request.auth  # type: ignore[attr-defined]
    shown, room = trust.overview(member), room_of(member)
    return LevelOut(
        level=shown.level,
        name=member.get_trust_level_display(),
        settled=shown.is_locked,
        day=shown.day,
        asks=shown.asks,
        span_days=shown.span_days,
        requirements=[
            Requirement(measure=row.measure, label=str(row.label), have=row.have, need=row.need, met=row.is_met)
            for row in shown.rows
        ],
        lost_on=shown.goes_on,
        room=Room(links=room.links, pictures=room.pictures, mentions=room.mentions),
    )


@router.get(
    "/members", response=list[FoundMember], auth=django_auth, summary="Members whose handle or name begins like this"
)
def find(request: HttpRequest, q: str = Query("", max_length=40)) -> list[FoundMember]:
    """For completing a mention. Signed-in members only, and counted: this is no directory."""
    viewer = viewer_of(request.user)
    take("member_search", user_id=viewer.pk, address=request.META.get("REMOTE_ADDR"))
    found = queries.find_members(q, viewer=viewer)
    return [
        FoundMember(
            handle=member.handle,
            display_name=member.display_name,
            picture=member.avatar.thumb_url if member.avatar else None,
        )
        for member in found
    ]


@router.get("/members/{handle}", response=MemberOut, summary="A member's profile")
def profile(request: HttpRequest, handle: str) -> MemberOut:
    return _shown(queries.get_member(handle=handle, viewer=viewer_of(request.user)))


@router.get("/blocks", response=BlockPage, auth=django_auth, summary="Whom the caller has blocked, latest first")
def blocks(request: HttpRequest, cursor: str = Query("", max_length=200)) -> BlockPage:
    return BlockPage.of(queries.blocked_members(member=_member(request), cursor=cursor))


@router.put("/blocks/{handle}", response=BlockOut, auth=django_auth, summary="Block a member")
def block(request: HttpRequest, handle: str) -> BlockOut:
    """It holds in both directions: neither sees, hears of or answers the other. Saying it twice changes nothing."""
    me = _counted(request)
    member = queries.get_member(handle=handle, viewer=me)
    actions.block(by=me, member_id=member.pk)
    return BlockOut(handle=member.handle, blocked=True)


@router.delete("/blocks/{handle}", response=BlockOut, auth=django_auth, summary="Take a block back")
def unblock(request: HttpRequest, handle: str) -> BlockOut:
    me = _counted(request)
    member = queries.get_blocked(member=me, handle=handle)
    actions.unblock(by=me, member_id=member.pk)
    return BlockOut(handle=member.handle, blocked=False)


def _counted(request: HttpRequest) -> Member:
    me = _member(request)
    take("block", user_id=me.pk, address=request.META.get("REMOTE_ADDR"))
    return me


def _member(request: HttpRequest) -> Member:
    member = viewer_of(request.user)
    assert isinstance(member, Member)  # auth=django_auth
    return member


def _shown(member: Member) -> MemberOut:
    return MemberOut(
        handle=member.handle,
        display_name=member.display_name,
        role=member.role,
        picture=member.avatar.url if member.avatar else None,
        picture_small=member.avatar.thumb_url if member.avatar else None,
        bio=member.bio,
        bio_html=member.bio_html,
        joined_at=member.joined_at,
        post_count=member.post_count,
        thread_count=member.thread_count,
        accepted_count=member.accepted_count,
    )
