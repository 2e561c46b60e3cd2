"""The words of a text: what the index keeps and what a question asks for meet."""

import threading

import pytest

from community.core.text.words import Shape, has_letters, tails_of, words_of
from tests.data import data_file


def lexemes(text: str) -> set[str]:
    found: set[str] = set()

    def take(shape: Shape) -> None:
        found.update(shape.forms)
        for part in shape.parts:
            take(part)

    for word in words_of(text):
        take(word.shape)
    return found


@pytest.mark.parametrize("written", ["財布", "さいふ", "ｻｲﾌ", "サイフ"])
def test_four_spellings_are_one_word(written: str) -> None:
    assert lexemes(written) == {"財布"}


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("サーバ", "サーバー"),
        ("引越し", "引っ越し"),
        ("ハンドメイド", "ﾊﾝﾄﾞﾒｲﾄﾞ"),
        ("Ｗａｌｌｅｔ", "wallets"),
        ("２０２６", "2026"),
    ],
)
def test_spellings_of_one_word_meet(one: str, two: str) -> None:
    assert lexemes(one) & lexemes(two)


def test_a_compound_is_there_whole_and_in_its_parts() -> None:
    assert lexemes("関西国際空港") >= {"関西国際空港", "関西", "国際", "空港"}


def test_particles_and_signs_are_no_words_but_keep_their_places() -> None:
    words = words_of("猫の、首輪!")
    assert [(word.shape.forms[0], word.place) for word in words] == [("猫", 0), ("首輪", 3)]


def test_what_is_read_is_known_beside_what_is_written() -> None:
    [word] = words_of("包丁")
    assert word.shape.sound == "ほうちょう"


def test_english_is_told_by_its_stems_whatever_stands_around_it() -> None:
    assert lexemes("walnut bowls") == {"walnut", "bowl"}
    assert {"bowl"} <= lexemes("Bowlsを買った")


def test_a_long_text_is_read_to_its_end() -> None:
    assert "財布" in lexemes("これは何でしょう。" * 4_000 + "財布")


@pytest.mark.parametrize("text", ["", " ", "!?", "😀", "の", "ー", "\n\n", "~", "'", "\\"])
def test_what_has_no_words_gives_none(text: str) -> None:
    assert words_of(text) == []


def test_signs_are_no_letters() -> None:
    assert has_letters("革") and has_letters("a") and not has_letters("…！ 😀")


def test_threads_have_a_tokenizer_each() -> None:
    text = "東京都の美術館で革の財布を作る体験をしました。" * 20
    wanted = [word.shape for word in words_of(text)]
    wrong: list[object] = []

    def read() -> None:
        wrong.extend(one for _ in range(10) if (one := [word.shape for word in words_of(text)]) != wanted)

    readers = [threading.Thread(target=read) for _ in range(4)]
    for reader in readers:
        reader.start()
    for reader in readers:
        reader.join()
    assert wrong == []


def kuromoji_cases() -> list[tuple[str, list[str]]]:
    lines = data_file("ja/kuromoji_search_segmentation.txt").read_text(encoding="utf-8").splitlines()
    rows = [line.split("\t") for line in lines if line.strip() and not line.startswith("#")]
    return [(compound, parts.split()) for compound, parts in rows]


def test_there_are_tails_of_long_names_only() -> None:
    assert tails_of("革とサイフ") == []
    assert "ぷろていんてくのろじー" in tails_of("フジプロテインテクノロジー")
