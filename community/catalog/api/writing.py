"""One row by PUT, read back by GET."""

from typing import Any

from django.http import HttpRequest, HttpResponse

from community.catalog import queries, schemas
from community.catalog.actions.batch import hold
from community.catalog.actions.rows import Outcome
from community.catalog.api.answers import check_preconditions, dumped, fresh_or_304, has_preconditions, written
from community.catalog.api.auth import key_of
from community.catalog.api.kinds import Kind
from community.catalog.models import Shop
from community.core.errors import NotVisible
from community.core.work import open_unit


def put(request: HttpRequest, kind: Kind, external_id: str, sent: schemas.RowIn, answer: type[Any]) -> HttpResponse:
    """Create or change the row; 201 when it is new. The preconditions are checked under the lock of the write."""
    shop = key_of(request).shop
    row = kind.read(dumped(sent) | {"external_id": external_id}, shop)
    with open_unit():
        if has_preconditions(request):
            # Writers with a condition about one row pass one at a time; others are caught by the row's own guard.
            hold(shop, f"row.{kind.model.__name__}.{row.external_id}", alone=True)
            check_preconditions(request, _shown(kind, shop, row.external_id))
        (result,) = kind.write(shop=shop, rows=[row])
        current = _shown(kind, shop, row.external_id)
    body = answer(outcome=result.outcome.value, warnings=list(result.warnings), row=current)
    return written(body, current, status=201 if result.outcome is Outcome.CREATED else 200)


def get(request: HttpRequest, kind: Kind, external_id: str) -> HttpResponse:
    shop = key_of(request).shop
    return fresh_or_304(request, kind.show(queries.get_row(kind.model, shop=shop, external_id=external_id)))


def page(request: HttpRequest, kind: Kind, answer: type[Any], *, cursor: str, limit: int) -> HttpResponse:
    found = queries.list_rows(kind.model, shop=key_of(request).shop, cursor=cursor, size=limit)
    return fresh_or_304(request, answer(rows=[kind.show(row) for row in found.rows], next=found.next))


def _shown(kind: Kind, shop: Shop, external_id: str) -> Any:
    try:
        return kind.show(queries.get_row(kind.model, shop=shop, external_id=external_id))
    except NotVisible:
        return None
