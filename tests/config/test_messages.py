"""Message catalogs: found strings, kept translations, and what the check refuses."""

from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from community.config import messages
from community.config.messages import Area

PYTHON = """
from django.utils.translation import gettext as _, ngettext, pgettext_lazy
_("Hello")
ngettext("%(n)s bowl", "%(n)s bowls", 2)
pgettext_lazy("month", "May")
"""
TEMPLATE = """{% load i18n %}<h1>{% translate "It's open" %}</h1>
{% blocktranslate trimmed with name=who %}
  Good day,
  {{ name }}
{% endblocktranslate %}
{% blocktranslate count n=n %}{{ n }} reply{% plural %}{{ n }} replies{% endblocktranslate %}
{% include "x.html" with label=_("Send it") only %}{% translate "May" context "verb" %}
"""


@pytest.fixture
def area(tmp_path: Path) -> Area:
    (tmp_path / "community" / "shop").mkdir(parents=True)
    (tmp_path / "community" / "shop" / "views.py").write_text(PYTHON)
    (tmp_path / "templates" / "shop").mkdir(parents=True)
    (tmp_path / "templates" / "shop" / "page.html").write_text(TEMPLATE)
    return Area(tmp_path, "shop")


def translate(area: Area, **strings: str) -> None:
    """Give every message a translation: its own words, or those of `strings`."""
    text = area.po.read_text(encoding="utf-8")
    catalog = read_po(text.splitlines(keepends=True), locale="ja")
    for message in catalog:
        if message.id:
            last = message.id[-1] if isinstance(message.id, tuple | list) else message.id
            words = strings.get(last.replace(" ", "_"), last)
            message.string = (words,) if isinstance(message.id, tuple | list) else words
    with area.po.open("wb") as file:
        messages.write_po(file, catalog)


def test_strings_are_found_in_code_and_templates(area: Area) -> None:
    found = {(one.context, one.singular, one.plural) for one in area.found()}
    assert found == {
        (None, "Hello", None),
        (None, "%(n)s bowl", "%(n)s bowls"),
        ("month", "May", None),
        (None, "It's open", None),
        (None, "Good day, %(name)s", None),
        (None, "%(n)s reply", "%(n)s replies"),
        (None, "Send it", None),
        ("verb", "May", None),
    }


def test_an_untranslated_string_is_a_fault_until_it_is_translated(area: Area) -> None:
    messages.update(area, prune=False)
    assert len(list(messages.faults(area))) == 8
    translate(area)
    assert list(messages.faults(area)) == []


def test_a_second_run_changes_nothing(area: Area) -> None:
    assert messages.update(area, prune=False)
    assert not messages.update(area, prune=False)


def test_a_translation_outlives_new_strings_and_is_obsolete_without_its_own(area: Area) -> None:
    messages.update(area, prune=False)
    translate(area, Hello="こんにちは")
    source = area.code / "views.py"
    source.write_text(PYTHON + '_("New")\n')
    messages.update(area, prune=False)
    assert "こんにちは" in area.po.read_text(encoding="utf-8")
    source.write_text(PYTHON.replace('_("Hello")', ""))
    messages.update(area, prune=False)
    assert any("obsolete: 'Hello'" in fault for fault in messages.faults(area))
    messages.update(area, prune=True)
    assert "こんにちは" not in area.po.read_text(encoding="utf-8")


def test_a_placeholder_that_differs_is_a_fault(area: Area) -> None:
    messages.update(area, prune=False)
    translate(area, **{"Good_day,_%(name)s": "%(nam)s さん、こんにちは"})
    assert [fault for fault in messages.faults(area) if "placeholders differ" in fault]


def test_a_fuzzy_translation_is_a_fault(area: Area) -> None:
    messages.update(area, prune=False)
    translate(area)
    text = area.po.read_text(encoding="utf-8")
    area.po.write_text(text.replace('msgid "Hello"', '#, fuzzy\nmsgid "Hello"'), encoding="utf-8")
    assert any("fuzzy: 'Hello'" in fault for fault in messages.faults(area))


def test_one_sentence_has_one_translation_over_all_areas(area: Area) -> None:
    other = Area(area.house, "other")
    (area.house / "community" / "other").mkdir()
    (area.house / "community" / "other" / "views.py").write_text('_("Hello")\n')
    for each, words in ((area, "こんにちは"), (other, "やあ")):
        messages.update(each, prune=False)
        translate(each, Hello=words)
    assert [fault for fault in messages.conflicts([area, other]) if "'Hello'" in fault]


def test_what_is_compiled_is_what_gettext_reads(area: Area) -> None:
    import gettext

    messages.update(area, prune=False)
    translate(area, Hello="こんにちは")
    assert messages.compile_area(area)
    assert not messages.compile_area(area)
    with area.po.with_suffix(".mo").open("rb") as file:
        assert gettext.GNUTranslations(file).gettext("Hello") == "こんにちは"
