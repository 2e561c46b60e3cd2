"""Customers come in from their shop, and are erased when they ask for it."""

from collections.abc import Sequence
from typing import Any

from community.catalog.actions.batch import Wave, hold, in_waves, store
from community.catalog.actions.pseudonyms import pseudonym, pseudonyms
from community.catalog.actions.rows import CustomerRow, Outcome, Result
from community.catalog.facts import CustomerErased
from community.catalog.models import Customer, Order, Shop
from community.core import facts
from community.core.clock import now
from community.core.errors import NotVisible
from community.core.work import unit


def upsert_customers(*, shop: Shop, rows: Sequence[CustomerRow]) -> list[Result]:
    """Bring in the customers of `shop`. A customer who was erased stays erased: their row counts as stale."""
    return in_waves(Customer, shop, rows, _write)


@unit
def erase_customer(*, shop: Shop, external_id: str) -> Customer:
    """Forget who a customer is (the right to erasure). Their orders stay as numbers without a person.

    Works also for a customer we never saw, so that a late import cannot bring them back. Doing it twice is doing it
    once.
    """
    hold(shop, "customers", alone=True)
    gone = Customer.objects.filter(shop=shop, external_id__in=pseudonyms(external_id)).first()
    row = Customer.objects.select_for_update(no_key=True).filter(shop=shop, external_id=external_id).first()
    if gone is not None and row is None:
        return gone
    row = row or Customer(shop=shop, imported_at=now())
    row.external_id, row.erased_at = pseudonym(external_id), now()
    row.country = row.email_digest = row.fingerprint = ""
    row.member, row.source_updated_at = None, None
    row.save()
    facts.record(CustomerErased(row.pk))
    return row


@unit
def erase_order(*, shop: Shop, external_id: str) -> Order:
    """Cut the tie between an order and its customer for good; raises `NotVisible` when there is no such order."""
    order = Order.objects.select_for_update(no_key=True).filter(shop=shop, external_id=external_id).first()
    if order is None:
        raise NotVisible("order")
    if order.erased_at is None:
        order.customer, order.erased_at = None, now()
        order.save(update_fields=["customer", "erased_at"])
    return order


def known_customers(shop: Shop, external_ids: Sequence[str]) -> dict[str, int]:
    """Our ids of the customers that orders name, made where they are missing: the order proves that they exist.

    An erased customer is found under their pseudonym. The caller holds "customers".
    """
    wanted = sorted({one for one in external_ids if one})
    if not wanted:
        return {}
    names = {stand_in: one for one in wanted for stand_in in pseudonyms(one)} | {one: one for one in wanted}
    found = _by_name(shop, names)
    missing = [one for one in wanted if one not in found]
    if missing:
        Customer.objects.bulk_create(
            [Customer(shop=shop, external_id=one, imported_at=now()) for one in missing], ignore_conflicts=True
        )
        found |= _by_name(shop, {one: one for one in missing})
    return found


def _by_name(shop: Shop, names: dict[str, str]) -> dict[str, int]:
    rows = Customer.objects.filter(shop=shop, external_id__in=list(names)).values_list("external_id", "pk")
    return {names[external_id]: pk for external_id, pk in rows}


def _write(wave: Wave[CustomerRow]) -> None:
    hold(wave.shop, "customers", alone=False)
    erased = _erased(wave)
    for external_id in erased:
        wave.outcomes[external_id] = Outcome.STALE
    rows = [row for row in wave.to_write if row.external_id not in erased]
    store(Customer, wave, [_record(wave, row) for row in rows], guard="AND t.erased_at IS NULL")


def _erased(wave: Wave[CustomerRow]) -> set[str]:
    names = {stand_in: row.external_id for row in wave.to_write for stand_in in pseudonyms(row.external_id)}
    found = Customer.objects.filter(shop=wave.shop, external_id__in=list(names), erased_at__isnull=False)
    return {names[external_id] for external_id in found.values_list("external_id", flat=True)}


def _record(wave: Wave[CustomerRow], row: CustomerRow) -> dict[str, Any]:
    return wave.origin(row) | {"country": row.country, "email_digest": row.email_digest}
