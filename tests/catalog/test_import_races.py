"""Imports that meet. Each promise has a control: without the guard, the same test fails."""

import threading
from collections.abc import Callable

import pytest
from django.db import connection

from community.catalog import actions
from community.catalog.actions import batch, items, orders, reading, sql
from community.catalog.models import Creator, Item, OrderLine, Tag
from tests.factories.catalog import bring_creator, bring_item, bring_order, make_shop

pytestmark = pytest.mark.django_db(transaction=True)


def together(*jobs: Callable[[], object]) -> list[BaseException]:
    """Run the jobs at the same moment, each with its own connection; returns what they raised."""
    errors: list[BaseException] = []
    start = threading.Barrier(len(jobs))

    def run(job: Callable[[], object]) -> None:
        try:
            start.wait(10)
            job()
        except BaseException as error:
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(job,)) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return errors


def rows_of(shop, order, mark):
    raws = [
        {"external_id": f"i{n}", "title": f"{mark} {n}", "creator": f"c{n % 5}", "tags": [f"t{n % 7}", mark]}
        for n in order
    ]
    return [reading.read_item(raw, shop) for raw in raws]


def test_the_same_rows_at_once_neither_double_nor_block_each_other():
    shop = make_shop()
    for n in range(5):
        bring_creator(shop, f"c{n}")
    orders_of_rows = [range(60), range(59, -1, -1), [*range(0, 60, 2), *range(1, 60, 2)], range(60)]

    def job(place, order):
        return lambda: [actions.upsert_items(shop=shop, rows=rows_of(shop, order, f"m{place}")) for _turn in range(4)]

    assert together(*[job(place, order) for place, order in enumerate(orders_of_rows)]) == []
    assert Item.objects.count() == 60
    assert sum(Creator.objects.values_list("item_count", flat=True)) == 60


def met_head_on() -> list[BaseException]:
    """Four imports of the same known rows, named in opposite orders, again and again."""
    shop = make_shop()
    for n in range(5):
        bring_creator(shop, f"c{n}")
    actions.upsert_items(shop=shop, rows=rows_of(shop, range(300), "first"))

    def job(place: int) -> Callable[[], object]:
        order = range(300) if place % 2 else range(299, -1, -1)
        return lambda: [actions.upsert_items(shop=shop, rows=rows_of(shop, order, f"{place} {n}")) for n in range(8)]

    return together(*[job(place) for place in range(4)])


def test_imports_that_name_rows_in_opposite_orders_do_not_block_each_other():
    assert met_head_on() == []


def test_control_without_one_order_of_locks_they_do(monkeypatch):
    monkeypatch.setattr(sql, "_sorted_by", lambda model, key: "NULL::int")
    assert any("deadlock" in str(error) for error in met_head_on())


def crossing(monkeypatch, *, guarded: bool) -> int | None:
    """An order looks for its item just before the item is created, and commits just after."""
    shop = make_shop()
    looked, created = threading.Event(), threading.Event()
    real = batch.ids_of

    def slow(model, *args, **kwargs):
        found = real(model, *args, **kwargs)
        if model is Item:
            looked.set()
            created.wait(2)
        return found

    monkeypatch.setattr(orders, "ids_of", slow)
    if not guarded:
        for module in (orders, items):
            monkeypatch.setattr(module, "hold", lambda *args, **kwargs: None)

    def item_comes():
        looked.wait(10)
        bring_item(shop, "i1")
        created.set()

    assert together(lambda: bring_order(shop, "o1"), item_comes) == []
    return OrderLine.objects.get().item_id


def test_an_order_and_its_item_that_cross_are_linked(monkeypatch):
    assert crossing(monkeypatch, guarded=True) == Item.objects.get().pk


def test_control_without_the_lock_they_miss_each_other(monkeypatch):
    assert crossing(monkeypatch, guarded=False) is None


def test_one_tag_written_by_many_at_once_is_one_tag():
    jobs = [lambda name=name: actions.tags_for([name, "other"]) for name in ("サイフ", "ｻｲﾌ", "さいふ", "サイフ")]
    assert together(*jobs) == []
    assert Tag.objects.count() == 2


def test_creators_of_one_name_in_two_shops_at_once_both_come_in():
    shops = [make_shop(f"s{n}") for n in range(4)]
    assert together(*[lambda shop=shop: bring_creator(shop, name="花") for shop in shops]) == []
    assert Creator.objects.count() == 4
