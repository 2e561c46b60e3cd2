"""A folder of files through a column map: what goes in, what is refused by which line."""

import csv
import gzip
import json
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.utils import translation

from community.catalog.actions.files import FileError, load_mapping, preset_names, preset_path
from community.catalog.models import ApiKey, Creator, Customer, Item, Order, OrderLine, Shop
from tests.data import data_file


def run(folder: Path, *args: str, **options: object) -> str:
    out = StringIO()
    call_command("import_shop", str(folder), *args, stdout=out, stderr=StringIO(), **options)
    return out.getvalue()


def write(folder: Path, name: str, text: str, *, newline: str = "\r\n") -> None:
    data = text.replace("\n", newline).encode()
    (folder / name).write_bytes(gzip.compress(data) if name.endswith(".gz") else data)


def report(path: Path) -> list[tuple[str, ...]]:
    with path.open(encoding="utf-8", newline="") as file:
        return [tuple(row) for row in csv.reader(file)][1:]


@pytest.fixture
def folder(tmp_path, shop):
    return tmp_path


def generic(folder: Path, **options: object) -> str:
    return run(folder, preset="generic", shop="kobo", **options)


@pytest.mark.parametrize(
    ("toml", "message"),
    [
        ("x = ", "Invalid value"),
        ("", "maps nothing"),
        ("[itmes]\nfile='a.csv'", "itmes"),
        ("[items]\nfile='a.csv'", "external_id"),
        ("[items]\nexternal_id='id'", "file"),
        ("[items]\nfile='../a.csv'\nexternal_id='id'", "file"),
        ("[items]\nfile='a.csv'\nexternal_id='id'\ntitel='t'", "titel"),
        ("[items]\nfile='a.csv'\nexternal_id={column='a',value='b'}", "exactly one"),
        ("[items]\nfile='a.csv'\nexternal_id={column='a',splitt=';'}", "splitt"),
        ("[items]\nfile='a.csv'\nexternal_id='a'\n[[items.refuse]]\ncolumn='a'", "reason"),
        ("[orders]\nfile='a.csv'\nexternal_id='a'\ngroup_by='a'\n[orders.lines]\nsku='b'", "sku"),
    ],
)
def test_a_wrong_map_is_refused_by_the_name_of_its_fault(tmp_path, toml, message):
    path = tmp_path / "map.toml"
    path.write_text(toml, encoding="utf-8")
    with translation.override("en"), pytest.raises(FileError, match=message):
        load_mapping(path)


def test_a_file_without_the_column_is_refused_before_anything_is_written(folder):
    write(folder, "items.csv", "external_id,name\n1,Bowl\n")
    with pytest.raises(CommandError, match="title"):
        generic(folder)
    assert not Item.objects.exists()


def test_a_folder_without_files_is_refused(folder):
    with pytest.raises(CommandError, match="none of the files"):
        generic(folder)


def test_bad_rows_are_reported_by_line_and_good_ones_go_in(folder):
    rows = 'external_id,title,price,description\n1,One,10,"two\nlines\rand a return"\n2,,,\n3,Three,abc,\n4,Four\n'
    rows += "5,Five,5,ok\n,Six,,\n"
    write(folder, "items.csv", rows)
    out = generic(folder, report=folder / "report.csv")
    assert "items: 2 created, 0 changed, 0 unchanged, 4 refused" in out
    faults = [
        (line, external_id, field)
        for _file, line, external_id, _reason, field, _outcome in report(folder / "report.csv")
    ]
    # The first record takes the lines 2 and 3 of the file: its bare carriage return ends no line.
    assert faults == [("4", "2", "title"), ("5", "3", "price"), ("6", "", ""), ("8", "", "external_id")]
    assert set(Item.objects.values_list("external_id", flat=True)) == {"1", "5"}


def test_warnings_stand_in_the_report_too_and_cells_are_no_formulas(folder):
    write(folder, "items.csv", f"external_id,title\n=1+1,{'あ' * 300}\n")
    generic(folder, report=folder / "report.csv")
    ((_file, line, external_id, _reason, field, outcome),) = report(folder / "report.csv")
    assert (line, external_id, field, outcome) == ("2", "'=1+1", "title", "warning")


def test_a_dry_run_says_what_would_be_and_writes_nothing(folder):
    write(folder, "items.csv", "external_id,title\n1,One\n")
    write(folder, "creators.csv", "external_id,name\nc,Hana\n")
    out = run(folder, preset="generic", shop="new-shop", dry_run=True)
    assert "items: 1 created" in out and "nothing was written" in out
    assert not Item.objects.exists() and not Creator.objects.exists()
    assert not Shop.objects.filter(slug="new-shop").exists()


def test_json_lines_hold_what_the_api_takes(folder):
    rows = [
        {
            "external_id": "1",
            "title": "One",
            "price": 12,
            "tags": ["a", "b"],
            "variants": [{"external_id": "v", "name": "S"}],
        },
        {"external_id": "2"},
    ]
    text = "\n".join([json.dumps(rows[0], ensure_ascii=False), "{", "[]", "", json.dumps(rows[1])])
    write(folder, "items.ndjson.gz", text, newline="\n")
    out = generic(folder, report=folder / "report.csv")
    assert "1 created" in out and "3 refused" in out
    assert [row[1] for row in report(folder / "report.csv")] == ["2", "3", "5"]
    assert Item.objects.get().variants.get().name == "S"


def test_lines_of_an_order_need_not_be_neighbours(folder):
    (folder / "map.toml").write_text(
        """
        [orders]
        file = "lines.csv"
        group_by = "no"
        external_id = "no"
        placed_at = "at"
        kind = { column = "no", starts_with = { C = "cancellation" }, default = "sale" }
        [orders.lines]
        item = "sku"
        quantity = "n"
        unit_price = "price"
        """,
        encoding="utf-8",
    )
    write(
        folder,
        "lines.csv",
        "no,at,sku,n,price\nA,2026-01-01 10:00,x,1,5\nB,2026-01-01 10:05,x,1,5\nA,2026-01-01 10:01,y,2,5\n"
        "C1,2026-01-02,x,-1,5\nD,2026-01-02,x,1,5\nD,2026-01-02,x,many,5\n",
    )
    out = run(folder, mapping=folder / "map.toml", shop="kobo", report=folder / "report.csv")
    assert "orders: 3 created, 0 changed, 0 unchanged, 1 refused (4 lines)" in out
    assert [row[1:3] for row in report(folder / "report.csv")] == [("7", "D")]
    order = Order.objects.get(external_id="A")
    assert (order.lines.count(), order.total_minor, order.kind) == (2, 15, "sale")
    assert Order.objects.get(external_id="C1").total_minor == -5
    assert Order.objects.get(external_id="C1").kind == "cancellation"


def test_every_preset_can_be_read():
    assert {"generic", "retail", "stays"} <= set(preset_names())
    for name in preset_names():
        load_mapping(preset_path(name))


def test_stays_come_in_whole_and_a_second_time_changes_nothing(db):
    folder = data_file("marketplace-stays")
    first, second = run(folder, preset="stays"), run(folder, preset="stays")
    assert "creators: 915 created, 0 changed, 0 unchanged, 0 refused" in first
    assert "items: 3,483 created, 0 changed, 0 unchanged, 0 refused" in first
    assert "creators: 0 created, 0 changed, 915 unchanged, 0 refused" in second
    assert "items: 0 created, 0 changed, 3,483 unchanged, 0 refused" in second
    assert (Creator.objects.count(), Item.objects.count()) == (915, 3483)
    assert Item.objects.filter(price_minor=10_999_900).count() == 1
    assert Item.objects.filter(title__contains="★").exists()
    assert sum(Creator.objects.values_list("item_count", flat=True)) == 3483
    assert not Item.objects.filter(creator=None).exists()


def test_retail_comes_in_whole_and_a_second_time_changes_nothing(db, tmp_path):
    folder = data_file("orders-retail")
    first = run(folder, preset="retail", report=tmp_path / "report.csv")
    second = run(folder, preset="retail")
    assert "customers: 3,092 created, 0 changed, 0 unchanged, 0 refused" in first
    assert "orders: 13,689 created, 0 changed, 0 unchanged, 0 refused (265,810 lines)" in first
    assert "orders: 0 created, 0 changed, 13,689 unchanged, 0 refused (265,810 lines)" in second
    assert "customers: 0 created, 0 changed, 3,092 unchanged" in second and "items: 0 created, 0 changed" in second
    assert (Order.objects.count(), OrderLine.objects.count(), Customer.objects.count()) == (13_689, 265_810, 3_092)
    assert Order.objects.filter(kind="cancellation").count() == 2_130
    with gzip.open(folder / "orders.csv.gz", "rt", encoding="utf-8", newline="") as file:
        totals = {row["order_no"]: int(row["total_pence"]) for row in csv.DictReader(file)}
    assert dict(Order.objects.values_list("external_id", "total_minor")) == totals
    # What is no goods is refused as an item, by line, and stays a line without one.
    refused = {row[2] for row in report(tmp_path / "report.csv")}
    assert {"POST", "DOT", "M", "m", "D", "S", "C2", "BANK CHARGES", "AMAZONFEE", "gift_0001_20"} <= refused
    assert not OrderLine.objects.filter(sku__in=["POST", "M", "m"]).exclude(item=None).exists()
    assert OrderLine.objects.filter(sku="85123A").exclude(item__external_id="85123A").count() == 0


def test_keys_and_shops_are_made_from_the_command_line(db):
    out = StringIO()
    call_command("create_shop", "Kobo Lane", currency="EUR", stdout=out)
    call_command("create_api_key", "kobo-lane", "sync", scope=["items:write"], stdout=out)
    slug, token = out.getvalue().split()
    assert (slug, token[:3]) == ("kobo-lane", "hk_")
    assert ApiKey.objects.get().scopes == ["items:write"]
    with pytest.raises(CommandError):
        call_command("create_shop", "Kobo Lane", stdout=out)
    with pytest.raises(CommandError):
        call_command("create_api_key", "nowhere", "sync", stdout=out)
