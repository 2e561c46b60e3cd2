"""Text from people: storable, safe, and not mistaken for somebody else's."""

import json
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from linkify_it import LinkifyIt

from community.core.errors import Invalid
from community.core.text import (
    BODY_LIMIT,
    canonical_name,
    check_body,
    check_display_name,
    check_handle,
    clean_line,
    grammar,
    parse,
    plain_text,
    render_markdown,
    skeleton,
    tag_key,
    tidy,
    without_declarations,
)
from community.core.text.document import _cleaner, _parser, clean_html
from community.core.text.fold import fold
from tests.data import data_file

LINKIFY = LinkifyIt(options={"fuzzy_link": False, "fuzzy_email": False, "fuzzy_ip": False})  # as it comes


def rendered(source: str) -> str:
    return _parser().renderer.render(parse(source).tokens, _parser().options, {"people": {}}).strip()


class TestBody:
    @pytest.mark.parametrize("empty", ["", "   ", "\n\n", "\u200b\u200b", "\ufeff \u2060"])
    def test_nothing_written_is_refused(self, empty: str) -> None:
        with pytest.raises(Invalid) as refused:
            check_body(empty)
        assert refused.value.code == "body_empty"
        assert refused.value.field == "body"

    def test_a_body_over_the_limit_in_bytes_is_refused_although_its_characters_are_fewer(self) -> None:
        kept = check_body("あ" * (BODY_LIMIT // 3))
        assert len(kept) == BODY_LIMIT // 3
        with pytest.raises(Invalid) as refused:
            check_body("あ" * (BODY_LIMIT // 3 + 1))
        assert refused.value.code == "body_too_long"

    def test_a_text_of_nothing_but_marks_is_refused_before_it_is_parsed(self) -> None:
        with pytest.raises(Invalid) as refused:
            check_body("[" * 3000)
        assert refused.value.code == "body_too_many_marks"

    def test_line_ends_become_one_kind_and_control_characters_go(self) -> None:
        assert tidy("a\r\nb\rc\x00\x07d\ud800e") == "a\nb\ncd\ufffde"

    def test_direction_controls_become_visible(self) -> None:
        assert tidy("user\u202etxt.exe") == "user⟨U+202E⟩txt.exe"

    def test_a_title_is_one_line_without_invisible_characters_and_piled_marks(self) -> None:
        zalgo = "H" + "\u0335\u0336\u0337\u0338\u0339\u033a\u033b\u033c\u033d" + "i"
        assert clean_line("  藍染め\u200b の\n  手ぬぐい ", field="title", limit=50) == "藍染め の 手ぬぐい"
        assert len(clean_line(zalgo, field="title", limit=50)) == 6
        with pytest.raises(Invalid) as refused:
            clean_line("長" * 51, field="title", limit=50)
        assert refused.value.code == "title_too_long"


class TestDocument:
    def test_raw_html_is_shown_and_never_run(self) -> None:
        html = render_markdown("<script>alert(1)</script> <img src=x onerror=alert(1)> <b>b</b>")
        assert "<script" not in html and "<img" not in html and "<b>" not in html
        assert "&lt;script&gt;" in html

    @pytest.mark.parametrize(
        "target",
        [
            "javascript:alert(1)",
            "JaVaScRiPt:alert(1)",
            "data:text/html;base64,PHN2Zz4=",
            "vbscript:x",
            "file:///etc/passwd",
            "//evil.example/x",
            "&#106;avascript:alert(1)",
            "java\tscript:alert(1)",
            "ftp://x.example",
        ],
    )
    def test_a_link_elsewhere_than_the_web_mail_or_this_site_is_no_link(self, target: str) -> None:
        assert "<a" not in render_markdown(f"[here]({target})")

    def test_links_say_that_a_person_placed_them(self) -> None:
        html = render_markdown("https://example.com/a and [item](/items/3/)")
        assert html.count('rel="ugc nofollow noopener"') == 2
        assert parse("https://example.com/a [item](/items/3/)").links == ("https://example.com/a", "/items/3/")

    @settings(max_examples=300, deadline=None)
    @given(st.lists(st.sampled_from([*"a.@/:_ <\n*あ", "//", "http:", "HTTPS:", "mailto:", "Mailto:", "x.org"])))
    def test_the_quick_look_for_addresses_misses_none(self, pieces: list[str]) -> None:
        text = "".join(pieces)
        ours = _parser().linkify
        assert ours is not None
        assert (ours.pretest(text) and ours.test(text)) == LINKIFY.test(text)

    def test_what_is_quoted_is_not_linked_a_second_time(self) -> None:
        source = "> see https://example.com/a\n> > and [this](/items/3/)\n\nand [that](/items/4/)"
        assert parse(source).links == ("/items/4/",)
        assert render_markdown(source).count("<a ") == 3

    def test_a_mention_links_only_people_who_exist(self) -> None:
        source = "@hanako さん、@nobody_here さん、mail@hanako.example"
        assert parse(source).handles == ("hanako", "nobody_here")
        html = render_markdown(source, people={"hanako": "/members/hanako/"})
        assert html.count("<a ") == 1
        assert '<a class="mention" href="/members/hanako/">@hanako</a>' in html

    def test_headings_stay_below_the_page_own_ones(self) -> None:
        assert render_markdown("# a") == "<h3>a</h3>"
        assert render_markdown("# a\n## b\n### c\n#### d\n##### e").endswith("<h6>d</h6>\n<h6>e</h6>")

    def test_no_heading_is_more_than_one_level_below_the_one_before(self) -> None:
        assert render_markdown("###### a") == "<h3>a</h3>"
        assert render_markdown("# a\n### b\n# c") == "<h3>a</h3>\n<h4>b</h4>\n<h3>c</h3>"

    def test_a_line_break_is_a_line_break(self) -> None:
        assert render_markdown("一行目\n二行目") == "<p>一行目<br>\n二行目</p>"

    def test_remote_pictures_become_links(self) -> None:
        html = render_markdown("![photo](https://tracker.example/p.png)")
        assert "<img" not in html

    @settings(max_examples=200, deadline=None)
    @given(st.text(max_size=300))
    def test_cleaning_twice_is_cleaning_once(self, source: str) -> None:
        once = clean_html(render_markdown(source))
        assert clean_html(once) == once

    @settings(max_examples=200, deadline=None)
    @given(st.text(alphabet="<>&\"'/=abpcode hrefscripton#![]()*_`|\n\\", max_size=200))
    def test_what_the_grammar_proves_bleach_leaves_alone(self, html: str) -> None:
        if grammar.holds(html):
            same = _cleaner().clean(html)
            assert same.replace("&quot;", '"').replace("&amp;", "&") == html.replace("&quot;", '"').replace(
                "&amp;", "&"
            )

    @pytest.mark.parametrize(
        "html",
        [
            "<p>",
            "<p></em>",
            "<script>x</script>",
            '<a href="javascript:x" rel="ugc nofollow noopener">x</a>',
            '<a href="//evil" rel="ugc nofollow noopener">x</a>',
            '<a href="https://x" rel="ugc nofollow noopener" onclick="x">x</a>',
            '<a href="https://x">x</a>',
            '<p class="x">a</p>',
            "<P>a</P>",
            "<p>a",
            "</p>",
            "<!-- x -->",
            '<code class="x">a</code>',
            "<em><p>a</em></p>",
        ],
    )
    def test_the_grammar_refuses_everything_else(self, html: str) -> None:
        assert not grammar.holds(html)

    def test_the_commonmark_examples_are_equal_with_and_without_the_shortcut(self) -> None:
        proven = 0
        for example in json.loads(data_file("bad-input/commonmark_spec.json").read_text()):
            html = rendered(example["markdown"])
            if grammar.holds(html):
                proven += 1
                assert clean_html(html).replace('"', "&quot;") == html.replace('"', "&quot;")
        assert proven > 600

    @pytest.mark.parametrize(
        "source",
        [
            "> " * 800 + "x",
            "\n".join("  " * (i % 40) + "- a" for i in range(700)),
            "[" * 2400,
            "![" * 1200,
            "**a *a " * 700,
            "|a" * 1200 + "\n" + "|-" * 1200,
            "|a|b|\n|-|-|\n" + "|1|2|\n" * 600,
            "&amp;" * 2400,
            "@ab_" * 2000,
            "これは良い財布です。" * 1000,
        ],
        ids=range(10),
    )
    def test_the_worst_bodies_we_take_render_within_their_budget(self, source: str) -> None:
        """S12 allows 50 ms; the bound here is looser by the noise of a shared machine: the processor's time, the best
        of three.
        """
        body = check_body(source)
        taken = []
        for _round in range(3):
            start = time.thread_time()
            render_markdown(body)
            taken.append(time.thread_time() - start)
        assert min(taken) < 0.1


class TestFold:
    @pytest.mark.parametrize("spelling", ["さいふ", "サイフ", "ｻｲﾌ", "サイフ\u200b"])
    def test_width_and_kana_variants_are_one_word(self, spelling: str) -> None:
        assert fold(spelling) == "さいふ"

    @pytest.mark.parametrize(
        "spelling", ["Leather Wallet", "leather-wallet", "ＬＥＡＴＨＥＲ　ｗａｌｌｅｔ", " leather_wallet "]
    )
    def test_a_tag_has_one_key_however_it_is_typed(self, spelling: str) -> None:
        assert tag_key(spelling) == "leather-wallet"

    @given(st.text(max_size=80))
    def test_folding_twice_is_folding_once(self, text: str) -> None:
        assert fold(fold(text)) == fold(text)
        assert tag_key(tag_key(text)) == tag_key(text)

    def test_an_excerpt_has_no_marks(self) -> None:
        assert plain_text("**藍**の [手ぬぐい](/items/1/) です\n\n- 一枚") == "藍の 手ぬぐい です - 一枚"
        assert plain_text("あ" * 300, limit=10) == "あ" * 9 + "…"


class TestNames:
    @given(st.text(max_size=60))
    def test_the_canonical_form_is_idempotent(self, name: str) -> None:
        assert canonical_name(canonical_name(name)) == canonical_name(name)

    @pytest.mark.parametrize("spoof", ["Аdmin", "аdmіn", "ａｄｍｉｎ", "adm1n", "ADMIN", "adrnin", "ad min"])
    def test_look_alikes_share_a_skeleton(self, spoof: str) -> None:
        assert skeleton(spoof) == skeleton("admin")

    def test_japanese_look_alikes_share_a_skeleton(self) -> None:
        assert skeleton("口ボ") == skeleton("ロボ")
        assert skeleton("ニ葉") == skeleton("二葉")

    @pytest.mark.parametrize("pair", [("hana", "hara"), ("sato", "kato"), ("うさぎ", "うなぎ"), ("木工房", "木工坊")])
    def test_different_names_keep_different_skeletons(self, pair: tuple[str, str]) -> None:
        assert skeleton(pair[0]) != skeleton(pair[1])

    @pytest.mark.parametrize("name", ["はなこ", "花子Craft", "ハナ ko", "김치 Seoul", "José", "工房ひなた2号"])
    def test_honest_names_are_taken(self, name: str) -> None:
        assert check_display_name(name) == name

    @pytest.mark.parametrize(
        ("name", "code"),
        [
            ("Аdmin", "name_mixed_scripts"),
            ("ha\u200bna", "name_hidden"),
            ("\u202eanah", "name_hidden"),
            ("・・・", "name_without_letters"),
            ("   ", "display_name_empty"),
            ("あ" * 41, "display_name_too_long"),
        ],
    )
    def test_misleading_names_are_refused(self, name: str, code: str) -> None:
        with pytest.raises(Invalid) as refused:
            check_display_name(name)
        assert refused.value.code == code

    @pytest.mark.parametrize("handle", ["ab", "_ab", "ab_", "ハナコ", "admin", "a" * 31, "a b", "a-b"])
    def test_handles_outside_of_the_pattern_are_refused(self, handle: str) -> None:
        with pytest.raises(Invalid):
            check_handle(handle)

    def test_a_handle_is_kept_in_lower_case_without_its_at_sign(self) -> None:
        assert check_handle("@Hanako_27") == "hanako_27"


class TestDeclarations:
    @pytest.mark.parametrize("html", ["<![><img src=x>", "<!DOCTYPE [<!X>]>", "<<!x>![if]>", "<![CDATA[x", "<?xml?>"])
    def test_nothing_is_left_that_a_parser_takes_for_one(self, html: str) -> None:
        left = without_declarations(html)
        assert "<!" not in left
        assert "<?" not in left

    def test_a_comment_stays(self) -> None:
        assert without_declarations("a<!-- b -->c") == "a<!-- b -->c"
