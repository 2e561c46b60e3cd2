"""What is drawn once: for whom, for how long, and never with somebody else's words in it."""

from typing import Any

import pytest
from django.template import Context, Template, TemplateSyntaxError
from django.utils import timezone, translation
from django.utils.safestring import SafeString

from community.core.kept import Kept
from community.core.templatetags import kept as tags

HEAD = '{% load kept %}{% kept "test" name unless=own %}{{ name }} {{ word }}{% fresh %}<{{ word }}>{% endfresh %}'


def drawn(source: str, **context: object) -> str:
    return Template(source).render(Context(context))


@pytest.fixture(autouse=True)
def _nothing_kept() -> None:
    tags.PARTS.clear()


def test_a_part_is_drawn_once_for_each_value_and_its_fresh_words_each_time() -> None:
    source = HEAD + "{% endkept %}"
    assert drawn(source, name="a", word="1") == "a 1<1>"
    assert drawn(source, name="a", word="2") == "a 1<2>"
    assert drawn(source, name="b", word="3") == "b 3<3>"
    assert len(tags.PARTS) == 2


def test_a_part_that_is_somebodys_own_is_not_kept() -> None:
    source = HEAD + "{% endkept %}"
    assert drawn(source, name="a", word="mine", own=True) == "a mine<mine>"
    assert len(tags.PARTS) == 0
    assert drawn(source, name="a", word="1") == "a 1<1>"


def test_languages_and_time_zones_have_parts_of_their_own() -> None:
    source = '{% load kept i18n %}{% kept "test" %}{% translate "Reply" %}{{ word }}{% endkept %}'
    said = {drawn(source, word="1")}
    with translation.override("en"):
        said.add(drawn(source, word="2"))
    with timezone.override("Asia/Kolkata"):
        said.add(drawn(source, word="3"))
    assert len(said) == 3


def test_a_token_outside_of_fresh_words_is_not_kept_for_others() -> None:
    source = '{% load kept %}{% kept "test" %}[{% csrf_token %}]{% fresh %}{% csrf_token %}{% endfresh %}{% endkept %}'
    for token in ("one", "two"):
        out = drawn(source, csrf_token=token)
        assert out.startswith("[]")
        assert out.count(token) == 1


def test_fresh_words_without_a_kept_part_around_them_are_ordinary_words() -> None:
    assert drawn("{% load kept %}{% fresh %}<{{ word }}>{% endfresh %}", word="1") == "<1>"


def test_fresh_words_of_another_template_in_a_kept_part_are_a_mistake() -> None:
    inner = Template("{% load kept %}{% fresh %}x{% endfresh %}")
    with pytest.raises(TemplateSyntaxError):
        drawn('{% load kept %}{% kept "outer" %}{% include inner %}{% endkept %}', inner=inner)


def test_in_a_page_that_is_kept_fresh_words_are_marks_and_the_parts_around_them_too() -> None:
    source = "{% fresh %}a{% endfresh %}" + HEAD.removeprefix("{% load kept %}") + "{% endkept %}"
    with tags.page_to_keep() as fresh:
        out = drawn("{% load kept %}" + source, name="b", word="1")
    assert tags.PAGE_MARK.split(out) == ["", "0", "b 1", "1", ""]
    assert [node.words(Context({"word": "2"})) for node in fresh] == ["a", "<2>"]
    assert drawn("{% load kept %}" + source, name="b", word="3") == "ab 1<3>"


def test_a_part_with_fresh_words_inside_of_another_part_is_a_mistake() -> None:
    inner = '{% kept "inner" %}{% fresh %}x{% endfresh %}{% endkept %}'
    with pytest.raises(TemplateSyntaxError):
        drawn("{% load kept %}" + f'{{% kept "outer" %}}{inner}{{% endkept %}}')


def test_the_least_used_make_room() -> None:
    kept = Kept(budget=10)
    for name in "abc":
        kept.get(name, lambda: SafeString("12345"))
        kept.get("a", lambda: SafeString("again"))
    assert len(kept) == 2
    assert kept.size == 10
    assert kept.get("a", lambda: SafeString("again")) == "12345"
    assert kept.get("b", lambda: SafeString("again")) == "again"


def test_one_piece_larger_than_all_room_leaves_again() -> None:
    kept = Kept(budget=10)
    kept.get("a", lambda: SafeString("1"))
    assert kept.get("b", lambda: SafeString("1" * 50)) == "1" * 50
    kept.get("c", lambda: SafeString("1"))
    assert kept.size == 1


def test_nothing_is_kept_while_one_works_on_templates(settings: Any) -> None:
    settings.DEBUG = True
    kept = Kept(budget=10)
    assert kept.get("a", lambda: SafeString("1")) == "1"
    assert kept.get("a", lambda: SafeString("2")) == "2"
