"""Members over HTTP, read only. Mounted at /api/v1/ by `community.config.api`."""

from django.http import HttpRequest
from ninja import Query, Router
from ninja.security import django_auth

from community.core.limits import take
from community.members import queries, trust
from community.members.models import Member
from community.members.permissions import room_of, viewer_of
from community.members.schemas import FoundMember, LevelOut, MemberOut, MeOut, Requirement, Room

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
