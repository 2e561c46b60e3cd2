"""HTML from shops becomes Markdown; the quick reader and the library agree."""

import csv
import gzip

import pytest

from community.catalog.actions import descriptions
from community.catalog.actions.descriptions import rendered, to_markdown
from tests.data import data_file


@pytest.mark.parametrize(
    "html",
    [
        "<script>alert(1)</script>",
        "<b onclick=alert(1)>x</b>",
        "&lt;script&gt;alert(1)&lt;/script&gt;",
        '<a href="javascript:alert(1)">x</a>',
        "<b>[x](javascript:alert(1))</b>",
        "<img src=x onerror=alert(1)>",
    ],
)
def test_nothing_in_a_description_can_run(html):
    shown = rendered(to_markdown(html, "html")[0])
    assert "<script" not in shown and "<img" not in shown and 'href="javascript' not in shown and "<b" not in shown


def test_both_readers_of_html_show_the_same(monkeypatch):
    with gzip.open(data_file("marketplace-stays/sg_items.csv.gz"), "rt", encoding="utf-8", newline="") as file:
        texts = [row["description"] for row in csv.DictReader(file)][::5]
    quick = [text for text in texts if descriptions._BREAKS_AND_BOLD.fullmatch(text)]
    assert len(quick) > 500
    by_hand = [words(text) for text in quick]
    monkeypatch.setattr(descriptions, "_BREAKS_AND_BOLD", descriptions.re.compile("never"))
    assert by_hand == [words(text) for text in quick]


def words(html: str) -> list[str]:
    return rendered(to_markdown(html, "html")[0]).split()


def test_stars_and_underscores_of_a_text_stay_what_they_are():
    assert (
        rendered(to_markdown("2*3*4 <b>snake_case_name</b>", "html")[0])
        == "<p>2*3*4 <strong>snake_case_name</strong></p>"
    )


def test_a_description_past_its_limit_is_cut_with_a_warning():
    markdown, warnings = to_markdown("あ" * 20_000, "markdown")
    assert len(markdown.encode()) <= 32 * 1024 and markdown.endswith("…") and len(warnings) == 1


def test_html_that_pythons_parser_gives_up_on_is_read() -> None:
    text, _warnings = to_markdown('<p>Blue</p><![><img src="]><img src=x> glaze', "html")
    assert "Blue" in text
