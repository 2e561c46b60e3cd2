"""Search over HTTP. Mounted at /api/v1/ by `community.config.api`."""

from django.http import HttpRequest
from ninja import Query, Router

from community.core.limits import take
from community.members.permissions import viewer_of
from community.search import queries
from community.search.queries import LIMIT, Result
from community.search.schemas import ResultOut, ResultPage

router = Router(tags=["search"])


@router.get("/search", response=ResultPage, summary="Search items, talk, creators and tags")
def search(
    request: HttpRequest,
    q: str = Query("", max_length=LIMIT),
    kind: str = Query("", max_length=10),
    cursor: str = Query("", max_length=200),
) -> ResultPage:
    """What the person who asks may see, best first. Words, "phrases", -without, and by: in: tag: has: is: before:
    after: price: as on the page.
    """
    viewer = viewer_of(request.user)
    take("search", user_id=viewer.pk, address=request.META.get("REMOTE_ADDR"))
    found = queries.search(text=q.replace("\x00", ""), viewer=viewer, kind=kind, cursor=cursor)
    return ResultPage(
        results=[_result(row) for row in found.rows],
        next=found.next,
        kinds={one.kind: one.count for one in found.kinds},
        more=found.more,
        loose=found.loose,
        hints=list(found.hints),
    )


def _result(row: Result) -> ResultOut:
    card = row.card
    return ResultOut(
        kind=row.kind,
        id=row.object_id,
        url=card.url,
        label=card.label,
        title=card.title,
        title_html=row.title,
        excerpt_html=row.excerpt,
        facts=list(card.facts),
        at=card.at,
        picture=card.picture or None,
    )
