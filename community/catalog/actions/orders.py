"""Orders and their lines come in from their shop."""

from collections.abc import Sequence
from typing import Any

from community.catalog.actions import sql
from community.catalog.actions.batch import Wave, hold, ids_of, in_waves, store
from community.catalog.actions.customers import known_customers
from community.catalog.actions.rows import OrderRow, Result
from community.catalog.facts import OrdersImported
from community.catalog.models import Item, Order, OrderLine, Shop
from community.core import facts

WAVE = 500  # orders per transaction, of about twenty lines each
# A tie that was cut (erasure) is not made anew.
UNLESS = {"customer_id": "t.erased_at IS NOT NULL"}


def upsert_orders(*, shop: Shop, rows: Sequence[OrderRow]) -> list[Result]:
    """Bring in the orders of `shop` with all their lines; one result per row, in order.

    Lines keep their id as long as their number stays. An item that is not here yet is remembered by its id in the
    shop and linked when it comes.
    """
    return in_waves(Order, shop, rows, _write, WAVE)


def _write(wave: Wave[OrderRow]) -> None:
    hold(wave.shop, "customers", alone=False)
    hold(wave.shop, "items", alone=False)
    customers = known_customers(wave.shop, [row.customer for row in wave.to_write])
    items = ids_of(Item, wave.shop, (line.item for row in wave.to_write for line in row.lines))
    store(Order, wave, [_record(wave, row, customers) for row in wave.to_write], unless=UNLESS)
    _store_lines(wave, items)
    if wave.ids:
        facts.record(OrdersImported(wave.shop.pk, tuple(wave.ids.values())))


def _record(wave: Wave[OrderRow], row: OrderRow, customers: dict[str, int]) -> dict[str, Any]:
    return wave.origin(row) | {
        "customer_id": customers.get(row.customer),
        "kind": row.kind,
        "placed_at": row.placed_at,
        "currency": row.currency,
        "total_minor": row.total_minor,
        "channel_code": row.channel,
    }


def _store_lines(wave: Wave[OrderRow], items: dict[str, int]) -> None:
    written = wave.written()
    records = [
        {
            "order_id": wave.ids[row.external_id],
            "number": line.number,
            "item_id": items.get(line.item),
            "sku": line.item,
            "title": line.title,
            "quantity": line.quantity,
            "unit_price_minor": line.unit_price_minor,
            "state": line.state,
            "delivered_at": line.delivered_at,
            "ended_at": line.ended_at,
        }
        for row in written
        for line in row.lines
    ]
    sql.upsert(OrderLine, records, key=("order_id", "number"))
    lengths = [
        {"order_id": wave.ids[row.external_id], "number": len(row.lines)}
        for row in written
        if row.external_id in wave.known
    ]
    if lengths:
        sql.run(
            f"DELETE FROM catalog_orderline t USING {sql.recordset(OrderLine, ('order_id', 'number'))}"  # noqa: S608
            " WHERE t.order_id = r.order_id AND t.number > r.number",
            [sql.as_json(lengths)],
            fetch=False,
        )
