"""What questions find, for whom, and in which order."""

from datetime import timedelta

import pytest

from community.catalog.models import Item, Shop
from community.core.clock import held_at, now
from community.core.errors import Invalid
from community.members import actions as members
from community.members.models import Member
from community.members.permissions import VISITOR
from community.search import permissions, queries
from community.search.actions.index import put
from community.search.models import Document
from community.search.registry import Entry
from community.threads import actions
from community.threads.models import Category, Thread
from tests.factories import catalog as shops
from tests.factories import threads as make
from tests.search.conftest import Find
from tests.search.test_words import kuromoji_cases

pytestmark = pytest.mark.django_db


@pytest.fixture
def talk(ana: Member, square: Category) -> Thread:
    return make.open_thread(ana, square, title="財布の色", body="茶色の革がいいと思います。")


# --- Words ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("written", ["財布", "さいふ", "ｻｲﾌ", "サイフ", "本革 財布", "財布　本革", "本革の財布"])
def test_every_spelling_finds_the_same_item(wallet: Item, find: Find, written: str) -> None:
    assert find(written) == [("item", wallet.pk)]


def test_what_is_written_in_kana_is_found_by_kanji(kobo: Shop, find: Find) -> None:
    item = shops.make_item(kobo, "i9", title="かわいいサイフ")
    assert find("財布") == [("item", item.pk)]


@pytest.mark.parametrize(
    ("title", "typed"),
    [
        ("豆絞りの手ぬぐい", "てぬぐい"),
        ("豆絞りの手ぬぐい", "テヌグイ"),
        ("うろこの靴下", "くつした"),
        ("うろこの靴下", "ｸﾂｼﾀ"),
        ("水引の帯留め", "みずひき"),
        ("はじめての金継ぎ", "きんつぎ"),
        ("飯碗 鱗文", "めしわん"),
        ("一輪挿し 籠目", "いちりんざし"),
        ("切子グラス 麻の葉", "あさのは"),
        ("豆絞りの手ぬぐい", "てぬぐい　まめしぼり"),
        ("豆絞りの手ぬぐい", "綿のてぬぐい"),
        ("椀の蓋", "わんのふた"),
    ],
)
def test_what_the_dictionary_takes_apart_is_found_in_kana(kobo: Shop, find: Find, title: str, typed: str) -> None:
    shops.make_item(kobo, "i1", title="ミトンと次の水の色", description="した。つぎ、いち、は。")
    item = shops.make_item(kobo, "i2", title=title, description="綿です。")
    assert find(typed) == [("item", item.pk)]
    assert not queries.search(text=typed, viewer=VISITOR).loose


def test_what_is_unwanted_in_kana_is_left_out_in_kanji_too(kobo: Shop, find: Find) -> None:
    shops.make_item(kobo, "i1", title="藍の手ぬぐい")
    bag = shops.make_item(kobo, "i2", title="藍の袋")
    assert find("藍 -てぬぐい") == [("item", bag.pk)]


def test_a_phrase_in_kana_is_no_more_than_its_words(kobo: Shop, find: Find) -> None:
    shops.make_item(kobo, "i1", title="水と布をひきました")
    assert find('"みずひき"') == []


def test_kana_that_are_words_of_their_own_are_still_found_apart(kobo: Shop, find: Find) -> None:
    item = shops.make_item(kobo, "i1", title="水の色", description="ひきます。")
    assert find("みずいろ みず") == [("item", item.pk)]


def test_kanji_that_only_sound_alike_are_different_words(kobo: Shop, find: Find) -> None:
    item = shops.make_item(kobo, "i9", title="橋の絵はがき")
    assert find("箸") == []
    assert find("橋") == [("item", item.pk)]


def test_long_marks_make_no_difference(kobo: Shop, find: Find) -> None:
    item = shops.make_item(kobo, "i9", title="コーヒードリッパー")
    assert find("ドリッパ") == find("コーヒー ドリッパー") == [("item", item.pk)]


def test_english_words_are_found_by_their_stems(kobo: Shop, find: Find) -> None:
    item = shops.make_item(kobo, "i9", title="Walnut bowls", description="Carved by hand.")
    assert find("bowl") == find("carving") == [("item", item.pk)]


def test_the_parts_of_a_compound_find_it(db: None, find: Find) -> None:
    """The 45 cases of Kuromoji's search mode, each part alone in an index that has all of them."""
    cases = kuromoji_cases()
    put([
        Entry(kind="reply", object_id=number, created_at=now(), body=compound)
        for number, (compound, _parts) in enumerate(cases, start=1)
    ])  # fmt: skip
    missed = []
    for number, (compound, parts) in enumerate(cases, start=1):
        Document.objects.exclude(object_id=number).update(place="nowhere")
        Document.objects.filter(object_id=number).update(place="public")
        for part in parts:
            asked = queries.understood(part)
            if [hit.object_id for hit in queries.find(asked=asked, viewer=VISITOR).hits] != [number]:
                missed.append((compound, part))
    assert len(cases) == 45
    assert missed == []


def test_a_phrase_stands_side_by_side(kobo: Shop, find: Find) -> None:
    near = shops.make_item(kobo, "i1", title="猫の首輪")
    shops.make_item(kobo, "i2", title="首輪と猫")
    assert len(find("猫 首輪")) == 2
    assert find('"猫の首輪"') == find("“猫の首輪”") == find("＂猫の首輪＂") == [("item", near.pk)]


def test_what_is_unwanted_is_left_out(wallet: Item, kobo: Shop, find: Find) -> None:
    other = shops.make_item(kobo, "i2", title="帆布の財布")
    assert find("財布 -本革") == find("財布 －本革") == [("item", other.pk)]
    assert find("財布 -帆布") == [("item", wallet.pk)]


def test_of_several_words_all_have_to_be_there_as_long_as_anything_has_them(
    wallet: Item, kobo: Shop, find: Find
) -> None:
    shops.make_item(kobo, "i2", title="帆布の財布")
    assert find("本革 財布") == [("item", wallet.pk)]
    found = queries.search(text="財布 茶碗", viewer=VISITOR)
    assert found.loose and len(found.rows) == 2


def test_a_sentence_finds_what_answers_it(wallet: Item, talk: Thread, find: Find) -> None:
    assert ("thread", talk.pk) in find("どの色の革の財布がいちばん長く使えると思いますか？")


# --- Who finds what ------------------------------------------------------------------------------------------


def test_what_may_not_be_read_is_not_found(ana: Member, ben: Member, mori: Member, kanri: Member, find: Find) -> None:
    backroom = make.make_category(read_by="managers")
    thread = make.open_thread(kanri, backroom, title="来月の予定", body="秘密です。")
    assert find("予定") == find("予定", ben) == find("予定", mori) == []
    assert find("予定", kanri) == [("thread", thread.pk)]


def test_the_rule_and_its_list_twin_agree(wallet: Item, talk: Thread, ana: Member, mori: Member, kanri: Member) -> None:
    make.open_thread(kanri, make.make_category(read_by="managers"), title="予定", body="秘密です。")
    make.open_thread(kanri, make.make_category(read_by="creators"), title="工房", body="秘密です。")
    for viewer in (VISITOR, ana, mori, kanri):
        listed = set(Document.objects.filter(permissions.visible_to(viewer)).values_list("pk", flat=True))
        allowed = {row.pk for row in Document.objects.all() if permissions.can_find(viewer, row)}
        assert listed == allowed


def test_a_document_that_stands_in_the_wrong_place_is_still_refused_by_its_app(
    talk: Thread, square: Category, find: Find
) -> None:
    Category.objects.filter(pk=square.pk).update(read_by="managers")
    Document.objects.filter(kind="thread").update(place="public")
    assert find("財布") == []


def test_people_who_have_blocked_each_other_do_not_find_each_other(
    talk: Thread, ana: Member, ben: Member, square: Category, find: Find
) -> None:
    other = make.open_thread(ben, square, title="財布の形", body="二つ折りです。")
    members.block(by=ben, member_id=ana.pk)
    ana.refresh_from_db()
    ben.refresh_from_db()
    for reader, own in ((ben, other), (ana, talk)):
        assert find("財布", reader) == [("thread", own.pk)]
        assert [row.card.title for row in queries.suggest(text="財布", viewer=reader)] == [own.title]
        address = f"/threads/{talk.pk}/"  # without the words of its title, which others may be found by
        assert find(address, reader) == ([("thread", talk.pk)] if own is talk else [])
    members.unblock(by=ben, member_id=ana.pk)
    ben.refresh_from_db()
    assert len(find("財布", ben)) == 2


# --- Operators -----------------------------------------------------------------------------------------------


def test_operators_narrow(wallet: Item, talk: Thread, ana: Member, square: Category, find: Find) -> None:
    thread, item = ("thread", talk.pk), ("item", wallet.pk)
    assert find(f"財布 by:{ana.handle}") == find(f"財布 投稿者：@{ana.handle}") == [thread]
    assert find("財布 by:革工房もり") == [item]
    assert find(f"財布 in:{square.slug}") == find(f"財布 場所:{square.name_ja}") == [thread]
    assert find("財布 tag:革小物") == find("財布 #革小物") == find("財布　＃革小物") == [item]
    assert find("財布 -tag:革小物") == [thread]
    assert find("財布 price:10000..15000") == find("財布 価格：１００００〜１５０００") == [item]
    assert find("財布 price:..3000") == find("財布 price:13000..") == []


def test_what_has_pictures_can_be_asked_for(ana: Member, square: Category, find: Find) -> None:
    pictures = [actions.NewPicture(make.make_upload(ana).pk, "A bowl")]
    shown = make.open_thread(ana, square, title="器です", pictures=pictures)
    make.open_thread(ana, square, title="器ですか")
    assert find("器 has:picture") == find("器　写真：あり") == [("thread", shown.pk)]


def test_days_bound_what_is_found(ana: Member, square: Category, find: Find) -> None:
    with held_at(now().replace(year=2026, month=4, day=10)):
        thread = make.open_thread(ana, square, title="桜の器")
    assert (
        find("桜 after:2026-04")
        == find("桜 before:2026-05-01")
        == find("桜 after:2026年4月1日")
        == [("thread", thread.pk)]
    )
    assert find("桜 before:2026-04-10") == find("桜 after:2026-04-11") == []


@pytest.mark.parametrize(
    "text",
    [
        "by:nobodyhere",
        "in:nowhere",
        "tag:",
        "has:",
        "has:wings",
        "is:blue",
        "before:tomorrow",
        "after:2026-13-40",
        "price:cheap",
        "price:",
        "財布 before:9999999",
    ],
)
def test_what_is_not_understood_is_said_kindly(wallet: Item, text: str) -> None:
    found = queries.search(text=f"財布 {text}", viewer=VISITOR)
    assert len(found.rows) == 1
    assert found.hints or text in {"tag:", "has:", "price:"}


@pytest.mark.parametrize(
    "text",
    [
        '"',
        '""',
        '"財布',
        "-",
        "--",
        "-財布",
        ":",
        "::",
        "a:b:c",
        "'",
        "\\",
        "' | 'a",
        "財布 & !",
        "財布 <-> 革",
        ":*",
        "()",
        "@kind:item",
        "%",
        "_",
        "財布:*",
        "\x01",
        "😀",
        "の",
        "財布" * 80,
        "a" * 300,
        "price:-",
        "price:5..1",
        "by:@",
        '-"財布',
        "=財布",
        "~さいふ",
        "^さい",
    ],
)
def test_nothing_that_can_be_typed_is_an_error(wallet: Item, text: str) -> None:
    queries.search(text=text, viewer=VISITOR)
    queries.suggest(text=text, viewer=VISITOR)


def test_marks_cannot_be_typed(wallet: Item, talk: Thread, find: Find) -> None:
    assert find("@kind:item") == find("@week:2900") == []


def test_filters_alone_list_the_newest(ana: Member, square: Category, find: Find) -> None:
    older = make.open_thread(ana, square, title="ひとつめ")
    with held_at(now() + timedelta(minutes=5)):
        newer = make.open_thread(ana, square, title="ふたつめ")
    assert find(f"by:{ana.handle}") == [("thread", newer.pk), ("thread", older.pk)]


# --- Addresses -----------------------------------------------------------------------------------------------


def test_a_pasted_address_finds_its_page(talk: Thread, ben: Member, wallet: Item, find: Find, settings: object) -> None:
    post = make.reply(ben, talk)
    origin = settings.SITE_ORIGIN  # type: ignore[attr-defined]
    assert find(origin + talk.get_absolute_url()) == find(f"/threads/{talk.pk}/") == [("thread", talk.pk)]
    assert find(f"{origin}{post.get_absolute_url()}") == [("reply", post.pk)]
    assert find(f"{origin}/posts/{make.opening(talk).pk}/") == [("thread", talk.pk)]
    assert find(f"{origin}{wallet.get_absolute_url()}?tab=talk#talk") == [("item", wallet.pk)]
    assert find(f"https://elsewhere.example{talk.get_absolute_url()}") == []


def test_a_pasted_address_shows_nothing_that_may_not_be_read(talk: Thread, square: Category, find: Find) -> None:
    Category.objects.filter(pk=square.pk).update(read_by="managers")
    assert find(f"/threads/{talk.pk}/") == []


# --- Order and pages -----------------------------------------------------------------------------------------


def test_a_title_counts_more_than_a_text_and_new_more_than_old(
    ana: Member, ben: Member, square: Category, find: Find
) -> None:
    with held_at(now() - timedelta(days=900)):
        old = make.open_thread(ana, square, title="急須の選び方", body="教えてください。")
    new = make.open_thread(ana, square, title="急須の選び方", body="教えてください。")
    mention = make.open_thread(ana, square, title="お茶の時間", body="急須でいれるとおいしいです。")
    assert find("急須") == [("thread", new.pk), ("thread", old.pk), ("thread", mention.pk)]


def test_pages_follow_each_other_without_gap_or_repetition(kobo: Shop, db: None) -> None:
    shops.bring_items(kobo, *({"external_id": f"i{n}", "title": f"急須 {n}"} for n in range(45)))
    seen: list[int] = []
    cursor: str | None = ""
    pages = 0
    while cursor is not None:
        found = queries.search(text="急須", viewer=VISITOR, cursor=cursor)
        seen += [row.object_id for row in found.rows]
        cursor, pages = found.next, pages + 1
    assert (len(seen), len(set(seen)), pages) == (45, 45, 3)


def test_kinds_are_counted_and_filter(wallet: Item, talk: Thread, find: Find) -> None:
    found = queries.search(text="財布", viewer=VISITOR)
    assert {one.kind: one.count for one in found.kinds} == {"item": 1, "thread": 1}
    narrowed = queries.search(text="財布", viewer=VISITOR, kind="thread")
    assert [row.kind for row in narrowed.rows] == ["thread"]
    assert {one.kind: one.count for one in narrowed.kinds} == {"item": 1, "thread": 1}


@pytest.mark.parametrize("cursor", ["x", "bm90", "W2ZhbHNlLDFd", "W2ZhbHNlLDEsImEiLDJd"])
def test_a_foreign_cursor_is_refused(wallet: Item, cursor: str) -> None:
    with pytest.raises(Invalid):
        queries.search(text="財布", viewer=VISITOR, cursor=cursor)


# --- Excerpts ------------------------------------------------------------------------------------------------


def test_words_are_marked_as_they_were_written(ana: Member, square: Category) -> None:
    make.open_thread(ana, square, title="サイフの話", body="長い前置き。" * 40 + "ｻｲﾌとさいふと財布です。")
    [row] = queries.search(text="財布", viewer=VISITOR).rows
    assert row.title == "<mark>サイフ</mark>の話"
    assert "<mark>ｻｲﾌ</mark>と<mark>さいふ</mark>と<mark>財布</mark>" in row.excerpt
    assert row.excerpt.startswith("…")


def test_nothing_in_an_excerpt_is_html_but_the_marks(ana: Member, square: Category) -> None:
    make.open_thread(ana, square, title="<b>財布</b>", body="<script>alert('財布')</script> & <mark>")
    [row] = queries.search(text="財布", viewer=VISITOR).rows
    for html in (row.title, row.excerpt):
        assert "<" not in html.replace("<mark>", "").replace("</mark>", "")
    assert row.title == "&lt;b&gt;<mark>財布</mark>&lt;/b&gt;"


# --- Suggestions ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("typed", ["財", "さい", "サイ", "ｻｲﾌ", "本革 財", "本革の財"])
def test_what_is_begun_is_offered(wallet: Item, typed: str) -> None:
    assert [row.card.title for row in queries.suggest(text=typed, viewer=VISITOR)][:1] == ["本革の財布"]


def test_what_may_not_be_read_is_not_offered(talk: Thread, square: Category, kanri: Member) -> None:
    Category.objects.filter(pk=square.pk).update(read_by="managers")
    assert queries.suggest(text="財布", viewer=VISITOR) == []
    assert len(queries.suggest(text="財布", viewer=kanri)) == 1


def test_one_kana_offers_nothing_yet(wallet: Item) -> None:
    assert queries.suggest(text="さ", viewer=VISITOR) == []
