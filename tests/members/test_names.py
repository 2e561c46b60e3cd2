"""Names that cannot be mistaken for each other (S25)."""

import gzip
import itertools
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from community.core.errors import Conflict, Invalid
from community.core.text import canonical_name, skeleton
from community.members import actions, queries
from community.members.models import Member
from community.members.registry import guard_names, names
from tests.data import data_file
from tests.factories.members import make_imported, make_member

ADMIN_NAME = "Sakura Admin"


@given(st.text(max_size=60))
@settings(max_examples=1500, deadline=None)
def test_the_canonical_form_of_a_canonical_form_is_itself(name: str) -> None:
    once = canonical_name(name)
    assert canonical_name(once) == once


@given(st.text(max_size=40))
@settings(max_examples=500, deadline=None)
def test_a_name_looks_like_its_canonical_form(name: str) -> None:
    assert skeleton(canonical_name(name)) == skeleton(name)


@pytest.mark.django_db
def test_no_spoofed_form_of_the_admins_name_is_accepted() -> None:
    """Every single and double exchange of a letter for one that looks like it, from the table of UTS #39."""
    table = json.loads(gzip.decompress(data_file("bad-input/confusables.json.gz").read_bytes()))
    make_member("ada", display_name=ADMIN_NAME, role=Member.Role.ADMIN)
    spoofs = set(_spoofs(ADMIN_NAME, table))
    accepted = [spoof for spoof in sorted(spoofs) if _accepted(spoof)]
    assert len(spoofs) > 1000
    assert accepted == []


def test_a_rule_that_compares_letters_lets_the_spoofs_in() -> None:
    """The control: case and width folded, most of them are other words."""
    table = json.loads(gzip.decompress(data_file("bad-input/confusables.json.gz").read_bytes()))
    spoofs = set(_spoofs(ADMIN_NAME, table))
    let_in = [spoof for spoof in spoofs if canonical_name(spoof) != canonical_name(ADMIN_NAME)]
    assert len(let_in) > len(spoofs) / 4


def _spoofs(name: str, table: dict[str, list[dict[str, str]]]) -> list[str]:
    twins = {place: [twin["c"] for twin in table.get(char, [])] for place, char in enumerate(name)}
    single = [_put(name, {place: twin}) for place, many in twins.items() for twin in many]
    pairs = [
        _put(name, {one: first, two: second})
        for one, two in itertools.combinations(twins, 2)
        for first in twins[one][:4]
        for second in twins[two][:4]
    ]
    hidden = [name[:5] + sign + name[5:] for sign in "\u200b\u200d\u202e\u2066\u00ad\ufeff\u3164"]
    plain = [name.upper(), name.lower(), name.replace(" ", ""), f"  {name} ", name.replace(" ", "\u3000")]
    wide = ["".join(chr(ord(char) + 0xFEE0) if char != " " else char for char in name)]
    return [spoof for spoof in [*single, *pairs, *hidden, *plain, *wide] if spoof != name]


def _put(name: str, changes: dict[int, str]) -> str:
    return "".join(changes.get(place, char) for place, char in enumerate(name))


def _accepted(name: str) -> bool:
    try:
        queries.checked_name(name)
    except Invalid:
        return False
    return True


@pytest.mark.django_db
@pytest.mark.parametrize(
    "name",
    [
        "admin",
        "Ａｄｍｉｎ",
        "0fficial",
        "Hiroba",
        "広場",
        "スタッフ",
        "【公式】花屋",
        "広場運営事務局",
        "Ｓｕｐｐｏｒｔ",
    ],
)
def test_a_name_that_speaks_for_the_house_is_for_staff(name: str) -> None:
    with pytest.raises(Invalid) as refusal:
        queries.checked_name(name)
    assert refusal.value.code == "name_reserved"


@pytest.mark.django_db
def test_staff_may_carry_the_houses_name(kanri: Member) -> None:
    assert queries.checked_name("広場運営", member=kanri) == "広場運営"


@pytest.mark.django_db
def test_a_shops_name_is_its_own(monkeypatch: pytest.MonkeyPatch, hana: Member) -> None:
    monkeypatch.setattr(names, "_guards", [])
    guard_names(lambda shape, member_id: shape == skeleton("Kiku Pottery") and member_id != hana.pk)
    with pytest.raises(Invalid) as refusal:
        actions.sign_up(email="new@example.com", display_name="KIKU P0TTERY")
    assert refusal.value.code == "name_protected"
    assert queries.checked_name("Kiku Pottery", member=hana) == "Kiku Pottery"


@pytest.mark.django_db
def test_imported_authors_hold_no_name(imported: Member) -> None:
    assert actions.sign_up(email="craig@example.com", display_name="Craig").display_name == "Craig"
    make_imported("Craig", origin_id="99")


# -- handles


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["山田 花子", "さくら", "Ж", "A", "!!!1", "admin 1"])
def test_a_name_gets_a_usable_handle_that_tells_nothing_of_the_address(name: str) -> None:
    handle = queries.free_handle(name)
    Member.objects.filter(handle=handle).exists()
    member = actions.sign_up(email="secret.person@example.com", display_name=name if name != "admin 1" else "adminton")
    assert "secret" not in member.handle and "person" not in member.handle


@pytest.mark.django_db
def test_a_latin_name_becomes_the_handle_and_a_taken_one_gets_a_number() -> None:
    first = actions.sign_up(email="a@example.com", display_name="Rosé Martin")
    second = actions.sign_up(email="b@example.com", display_name="Rose-Martin")
    assert first.handle == "rose_martin" and second.handle.startswith("rose_martin_")


@pytest.mark.django_db
def test_a_handle_is_taken_once_whatever_was_looked_up_before(hana: Member, monkeypatch: pytest.MonkeyPatch) -> None:
    """The look beforehand always says "free"; the database still lets one through only."""
    offers = iter(["hana", "hana", "hana_12345"])
    monkeypatch.setattr(actions.accounts, "free_handle", lambda name: next(offers))
    assert actions.sign_up(email="b@example.com", display_name="Hanako").handle == "hana_12345"
    with pytest.raises(Conflict) as refusal:
        actions.sign_up(email="c@example.com", display_name="Hanami", handle="hana")
    assert refusal.value.code == "handle_taken"
