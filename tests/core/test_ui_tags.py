"""The design system's template tags."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from html import unescape
from types import SimpleNamespace

import pytest
from django.template import Context, Template
from django.test import RequestFactory
from django.utils import timezone, translation

from community.core import clock
from community.core.templatetags import ui

NOON = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)  # 12:00 in Tokyo


@pytest.fixture
def noon() -> Iterator[datetime]:
    with clock.held_at(NOON):
        yield NOON


@pytest.mark.parametrize(
    ("amount", "currency", "shown"),
    [
        (12000, "JPY", "¥12,000"),
        (123400, "SGD", "S$1,234.00"),
        (5, "USD", "$0.05"),
        (-1500, "JPY", "-¥1,500"),
        (1234567, "KWD", "KWD1,234.567"),
        (0, "jpy", "¥0"),
        (None, "JPY", ""),
    ],
)
def test_money_is_counted_in_the_minor_unit_of_its_currency(amount: int | None, currency: str, shown: str) -> None:
    assert ui.money_words(amount, currency).replace("\xa0", "") == shown


@pytest.mark.parametrize(
    ("number", "language", "shown"),
    [
        (9999, "ja", "9,999"),
        (12999, "ja", "1.2万"),
        (10000, "ja", "1万"),
        (230000000, "ja", "2.3億"),
        (12999, "en", "12.9k"),
        (4500000, "en", "4.5M"),
        (None, "en", "0"),
    ],
)
def test_a_large_count_is_cut_never_rounded_up(number: int | None, language: str, shown: str) -> None:
    with translation.override(language):
        assert ui.compact(number) == shown


@pytest.mark.parametrize(
    ("ago", "words"),
    [
        (timedelta(seconds=20), "just now"),
        (timedelta(minutes=3), "3 min ago"),
        (timedelta(hours=1), "1 hour ago"),
        (timedelta(hours=5), "5 hours ago"),
        (timedelta(days=6), "6 days ago"),
        (timedelta(days=-1), "just now"),
    ],
)
def test_relative_words_follow_the_age_of_the_moment(noon: datetime, ago: timedelta, words: str) -> None:
    with translation.override("en"):
        assert ui.relative(timezone.localtime(noon - ago)) == words


def test_a_moment_older_than_a_week_is_a_date_with_the_year_only_when_it_is_another(noon: datetime) -> None:
    with translation.override("en"), timezone.override("Asia/Tokyo"):
        assert ui.relative(timezone.localtime(noon - timedelta(days=20))) == "November 1"
        assert ui.relative(timezone.localtime(noon - timedelta(days=400))) == "Oct. 17, 2025"


def test_a_time_element_carries_the_machine_moment_and_the_full_words(noon: datetime) -> None:
    with translation.override("en"), timezone.override("Asia/Tokyo"):
        html = ui.when(noon - timedelta(minutes=3))
    assert 'datetime="2026-11-21T11:57:00+09:00"' in html
    assert 'title="Nov. 21, 2026, 11:57 a.m."' in html
    assert "data-relative" in html
    assert ui.when(None) == ""


def test_craft_years_are_full_years_and_at_least_one(noon: datetime) -> None:
    with translation.override("en"):
        assert ui.craft_years(2026) == "1 year of craft"
        assert ui.craft_years(2015) == "11 years of craft"
        assert ui.craft_years(None) == ""


@pytest.mark.parametrize(
    ("name", "letter"), [("花", "花"), ("ａna", "A"), ("\u200bken", "K"), ("★ゆき", "ゆ"), ("", "・"), ("<b>", "B")]
)
def test_an_initial_is_the_first_visible_letter(name: str, letter: str) -> None:
    assert ui.initial(name) == letter


def test_the_same_seed_always_gives_the_same_pattern() -> None:
    assert ui.pattern_class(41) == ui.pattern_class("41")
    assert len({ui.pattern_class(n) for n in range(200)}) > 30


def test_an_icon_without_a_label_is_hidden_from_screen_readers() -> None:
    assert 'aria-hidden="true"' in ui.icon("heart")
    labelled = ui.icon("lock", label='"Locked"')
    assert 'role="img"' in labelled
    assert "&quot;Locked&quot;" in labelled


def test_the_theme_comes_from_a_members_cookie_and_nothing_else_gets_through() -> None:
    request = RequestFactory().get("/")
    page = Template("{% load ui %}{% theme %}")
    known = Context({"request": request, "user": SimpleNamespace(is_authenticated=True)})
    assert page.render(known) == "auto"
    request.COOKIES["theme"] = "dark"
    assert page.render(known) == "dark"
    assert page.render(Context({"request": request})) == "auto"  # a visitor's page is the same for all
    request.COOKIES["theme"] = '"><script>'
    assert page.render(known) == "auto"
    assert page.render(Context()) == "auto"


def test_an_avatar_without_a_picture_has_no_address() -> None:
    assert ui.avatar_url(SimpleNamespace(avatar="")) == ""
    assert ui.avatar_url(None) == ""
    assert ui.avatar_url(SimpleNamespace(avatar=SimpleNamespace(url="/media/a.webp"))) == "/media/a.webp"


def test_roles_and_kinds_have_names_and_unknown_ones_do_not_break_a_page() -> None:
    with translation.override("en"):
        assert ui.role_label("moderator") == "Moderator"
        assert ui.role_label("member") == ""
        assert ui.kind_label("question") == "Question"
        assert ui.kind_label("strange") == "strange"
    assert ui.kind_icon("idea") == "idea"
    assert ui.kind_icon("strange") == "chat"


def test_a_page_link_keeps_the_filters_and_drops_the_jump_to_a_post() -> None:
    request = RequestFactory().get("/threads/", {"sort": "hot", "page": "3", "at": "77"})
    link = Template('{% load ui %}{% page_query 4 %} {% page_query 1 %} {% page_query "c1" name="cursor" %}')
    assert unescape(link.render(Context({"request": request}))).split() == [
        "?sort=hot&page=4",
        "?sort=hot",
        "?sort=hot&page=3&cursor=c1",
    ]
    assert Template("{% load ui %}{% page_query 2 %}").render(Context()) == "?page=2"
