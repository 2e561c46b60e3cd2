"""The shop's door: its creators, items, customers and orders at /api/v1/.

Every operation needs a key of the shop with the right scope, and sees rows of that shop alone.
"""

from datetime import datetime

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from ninja import Query, Router

from community.catalog import actions, schemas
from community.catalog.actions import words
from community.catalog.api.answers import JSON, require_type
from community.catalog.api.auth import ShopKey, key_of
from community.catalog.api.kinds import CREATORS, CUSTOMERS, ITEMS, ORDERS
from community.catalog.api.ndjson import bulk
from community.catalog.api.pictures import upload_of
from community.catalog.api.writing import get, page, put

router = Router(tags=["shop"])
Cursor = Query("", max_length=400)
Limit = Query(100, ge=1, le=500)


@router.get("/items", auth=ShopKey("items:read"), response=schemas.ItemPage, summary="The shop's items")
def list_items(request: HttpRequest, cursor: str = Cursor, limit: int = Limit) -> HttpResponse:
    return page(request, ITEMS, schemas.ItemPage, cursor=cursor, limit=limit)


@router.post("/items:bulk", auth=ShopKey("items:write"), summary="Many items (NDJSON)")
def bulk_items(request: HttpRequest) -> HttpResponseBase:
    return bulk(request, ITEMS)


@router.post(
    "/items/{path:external_id}/pictures",
    auth=ShopKey("items:write"),
    response={200: schemas.PictureOut, 201: schemas.PictureOut},
    summary="Add a picture to an item",
)
def add_picture(request: HttpRequest, external_id: str, alt: str = Query("", max_length=200)) -> HttpResponse:
    """The file as the body (image/…) or as the field `picture` of a form. The same file again changes nothing."""
    upload, said = upload_of(request)
    picture, is_new = actions.add_item_picture(
        shop=key_of(request).shop, external_id=external_id, upload=upload, alt=alt or said
    )
    face = picture.face()
    body = schemas.PictureOut(url=face["url"], alt=face["alt"], width=face["width"], height=face["height"])
    return HttpResponse(body.model_dump_json(), content_type=JSON, status=201 if is_new else 200)


@router.get("/items/{path:external_id}", auth=ShopKey("items:read"), response=schemas.ItemOut, summary="An item")
def get_item(request: HttpRequest, external_id: str) -> HttpResponse:
    return get(request, ITEMS, external_id)


@router.put(
    "/items/{path:external_id}",
    auth=ShopKey("items:write"),
    response={200: schemas.WrittenItem, 201: schemas.WrittenItem},
    summary="Create or change an item",
)
def put_item(request: HttpRequest, external_id: str, sent: schemas.ItemIn) -> HttpResponse:
    require_type(request, JSON)
    return put(request, ITEMS, external_id, sent, schemas.WrittenItem)


@router.delete(
    "/items/{path:external_id}", auth=ShopKey("items:write"), response={204: None}, summary="Withdraw an item"
)
def withdraw_item(request: HttpRequest, external_id: str, updated_at: str = "") -> HttpResponse:
    """Its page and the talk on it stay. `updated_at` is when the shop did it (default: now)."""
    shop = key_of(request).shop
    at: datetime | None = words.moment(updated_at, shop.time_zone, "updated_at")
    actions.withdraw_item(shop=shop, external_id=external_id, at=at)
    return HttpResponse(status=204)


@router.get("/orders", auth=ShopKey("orders:read"), response=schemas.OrderPage, summary="The shop's orders")
def list_orders(request: HttpRequest, cursor: str = Cursor, limit: int = Limit) -> HttpResponse:
    return page(request, ORDERS, schemas.OrderPage, cursor=cursor, limit=limit)


@router.post("/orders:bulk", auth=ShopKey("orders:write"), summary="Many orders (NDJSON)")
def bulk_orders(request: HttpRequest) -> HttpResponseBase:
    return bulk(request, ORDERS)


@router.get("/orders/{path:external_id}", auth=ShopKey("orders:read"), response=schemas.OrderOut, summary="An order")
def get_order(request: HttpRequest, external_id: str) -> HttpResponse:
    return get(request, ORDERS, external_id)


@router.put(
    "/orders/{path:external_id}",
    auth=ShopKey("orders:write"),
    response={200: schemas.WrittenOrder, 201: schemas.WrittenOrder},
    summary="Create or change an order with all its lines",
)
def put_order(request: HttpRequest, external_id: str, sent: schemas.OrderIn) -> HttpResponse:
    require_type(request, JSON)
    return put(request, ORDERS, external_id, sent, schemas.WrittenOrder)


@router.delete(
    "/orders/{path:external_id}",
    auth=ShopKey("orders:write"),
    response={204: None},
    summary="Cut the tie between an order and its customer",
)
def erase_order(request: HttpRequest, external_id: str) -> HttpResponse:
    actions.erase_order(shop=key_of(request).shop, external_id=external_id)
    return HttpResponse(status=204)


@router.get("/customers", auth=ShopKey("customers:read"), response=schemas.CustomerPage, summary="The shop's customers")
def list_customers(request: HttpRequest, cursor: str = Cursor, limit: int = Limit) -> HttpResponse:
    return page(request, CUSTOMERS, schemas.CustomerPage, cursor=cursor, limit=limit)


@router.post("/customers:bulk", auth=ShopKey("customers:write"), summary="Many customers (NDJSON)")
def bulk_customers(request: HttpRequest) -> HttpResponseBase:
    return bulk(request, CUSTOMERS)


@router.get(
    "/customers/{path:external_id}",
    auth=ShopKey("customers:read"),
    response=schemas.CustomerOut,
    summary="A customer",
)
def get_customer(request: HttpRequest, external_id: str) -> HttpResponse:
    return get(request, CUSTOMERS, external_id)


@router.put(
    "/customers/{path:external_id}",
    auth=ShopKey("customers:write"),
    response={200: schemas.WrittenCustomer, 201: schemas.WrittenCustomer},
    summary="Create or change a customer",
)
def put_customer(request: HttpRequest, external_id: str, sent: schemas.CustomerIn) -> HttpResponse:
    """A customer who was erased stays erased: `stale`, without a row."""
    require_type(request, JSON)
    return put(request, CUSTOMERS, external_id, sent, schemas.WrittenCustomer)


@router.delete(
    "/customers/{path:external_id}",
    auth=ShopKey("customers:write"),
    response={204: None},
    summary="Erase a customer",
)
def erase_customer(request: HttpRequest, external_id: str) -> HttpResponse:
    """Everything personal goes for good; the orders stay as numbers. Also for a customer we never saw."""
    actions.erase_customer(shop=key_of(request).shop, external_id=words.identity(external_id))
    return HttpResponse(status=204)


@router.get("/creators", auth=ShopKey("creators:read"), response=schemas.CreatorPage, summary="The shop's creators")
def list_creators(request: HttpRequest, cursor: str = Cursor, limit: int = Limit) -> HttpResponse:
    return page(request, CREATORS, schemas.CreatorPage, cursor=cursor, limit=limit)


@router.post("/creators:bulk", auth=ShopKey("creators:write"), summary="Many creators (NDJSON)")
def bulk_creators(request: HttpRequest) -> HttpResponseBase:
    return bulk(request, CREATORS)


@router.get(
    "/creators/{path:external_id}", auth=ShopKey("creators:read"), response=schemas.CreatorOut, summary="A creator"
)
def get_creator(request: HttpRequest, external_id: str) -> HttpResponse:
    return get(request, CREATORS, external_id)


@router.put(
    "/creators/{path:external_id}",
    auth=ShopKey("creators:write"),
    response={200: schemas.WrittenCreator, 201: schemas.WrittenCreator},
    summary="Create or change a creator",
)
def put_creator(request: HttpRequest, external_id: str, sent: schemas.CreatorIn) -> HttpResponse:
    require_type(request, JSON)
    return put(request, CREATORS, external_id, sent, schemas.WrittenCreator)
