"""What the page's own scripts promise: nothing typed is lost, nothing is sent twice, nothing moves under the eye."""

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.template.loader import render_to_string
from django.utils import translation
from playwright.sync_api import BrowserContext, Page, Request, expect

from tests.support.stage import Stage


def rendered(template: str) -> str:
    with translation.override("en"):
        return render_to_string(template)


WORDS = rendered("components/words.html")
FORM = """<main><form id="reply" method="post" action="/send" data-send data-draft-key="reply:7">
  <input type="hidden" name="csrfmiddlewaretoken" value="t">
  <input type="hidden" name="idempotency_key" value="first-key">
  <label>Title <input name="title"></label><label>Text <textarea name="body"></textarea></label>
  <ul data-error-for="body"></ul><span data-draft-state></span>
  <div class="form-actions"><button>Send</button></div></form></main>"""


@pytest.fixture
def context(new_context: Callable[..., BrowserContext]) -> BrowserContext:
    return new_context(locale="en-US")


@pytest.fixture
def stage(context: BrowserContext) -> Stage:
    stage = Stage(context)
    stage.pages["/done"] = "<!doctype html><title>Done</title><h1>Done</h1>"
    stage.answers["/send"] = lambda request: answer(201, {"url": "/done"})
    return stage


def answer(status: int, body: dict[str, Any], **headers: str) -> dict[str, Any]:
    return {"status": status, "body": json.dumps(body), "content_type": "application/json", "headers": headers}


def field(request: Request, name: str) -> str:
    match = re.search(rf'name="{name}"\r\n\r\n(.*?)\r\n--', request.post_data or "", re.DOTALL)
    assert match, f"the form did not carry {name}"
    return match.group(1)


def open_form(stage: Stage, context: BrowserContext) -> Page:
    return stage.show(context.new_page(), FORM + WORDS)


# --- Input methods ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "habit",
    [
        "Object.defineProperty(event, 'isComposing', {value: true})",
        "Object.defineProperty(event, 'keyCode', {value: 229})",
        "event.target.dispatchEvent(new CompositionEvent('compositionend', {bubbles: true}))",
    ],
    ids=["isComposing", "keyCode 229", "Safari ends the composition before its key"],
)
def test_the_enter_that_confirms_a_conversion_never_reaches_the_page(
    stage: Stage, context: BrowserContext, habit: str
) -> None:
    page = open_form(stage, context)
    page.evaluate(
        f"""() => {{
            window.heard = 0;
            addEventListener("submit", (event) => event.preventDefault(), true);
            addEventListener("keydown", (event) => {{ {habit}; }}, {{capture: true, once: true}});
            document.querySelector("[name=title]").addEventListener("keydown", () => window.heard++);
        }}"""
    )
    page.focus("[name=title]")
    page.keyboard.press("Enter")
    assert page.evaluate("window.heard") == 0
    page.keyboard.press("Enter")  # the next, plain Enter is the page's again
    assert page.evaluate("window.heard") == 1


def test_safaris_late_enter_sends_nothing_and_the_next_one_does(stage: Stage, context: BrowserContext) -> None:
    page = open_form(stage, context)
    page.evaluate(
        """() => addEventListener("keydown", (event) =>
            event.target.dispatchEvent(new CompositionEvent("compositionend", {bubbles: true})),
            {capture: true, once: true})"""
    )
    page.focus("[name=title]")
    page.keyboard.press("Enter")
    page.wait_for_timeout(200)
    assert stage.posts == []
    page.keyboard.press("Enter")
    page.wait_for_url("**/done")
    assert len(stage.posts) == 1


def test_control_and_enter_sends_from_the_text_area_and_plain_enter_makes_a_line(
    stage: Stage, context: BrowserContext
) -> None:
    page = open_form(stage, context)
    page.fill("textarea", "one")
    page.keyboard.press("End")
    page.keyboard.press("Enter")
    assert stage.posts == []
    page.keyboard.type("two")
    page.keyboard.press("Control+Enter")
    page.wait_for_url("**/done")
    assert field(stage.posts[0], "body").split() == ["one", "two"]


# --- Sending once -------------------------------------------------------------------------------------------------


def test_a_dead_line_and_a_failing_server_are_retried_with_the_same_key(stage: Stage, context: BrowserContext) -> None:
    answers = iter([None, answer(503, {"title": "busy"}, **{"Retry-After": "1"}), answer(201, {"url": "/done"})])
    stage.answers["/send"] = lambda request: next(answers)
    page = open_form(stage, context)
    page.fill("textarea", "kept")
    page.click("text=Send")
    expect(page.locator("[data-send-state]")).to_contain_text("nothing is sent twice")
    page.wait_for_url("**/done", timeout=20_000)
    assert [field(request, "idempotency_key") for request in stage.posts] == ["first-key"] * 3
    assert {request.headers["idempotency-key"] for request in stage.posts} == {"first-key"}


def test_a_refusal_stands_at_its_field_keeps_the_text_and_ends_the_key(stage: Stage, context: BrowserContext) -> None:
    refusal = {
        "title": "No",
        "detail": "Too short.",
        "errors": [{"field": "body", "message": "Write more.", "code": "x"}],
    }
    answers = iter([answer(422, refusal), answer(201, {"url": "/done"})])
    stage.answers["/send"] = lambda request: next(answers)
    page = open_form(stage, context)
    page.fill("textarea", "hm")
    page.click("text=Send")
    expect(page.locator("[data-error-for=body] li")).to_have_text("Write more.")
    assert page.get_attribute("textarea", "aria-invalid") == "true"
    assert page.input_value("textarea") == "hm"
    expect(page.locator("textarea")).to_be_focused()
    page.fill("textarea", "hm, more")
    page.click("text=Send")
    page.wait_for_url("**/done")
    first, second = (field(request, "idempotency_key") for request in stage.posts)
    assert first == "first-key"
    assert second != "first-key"


def test_a_second_press_while_the_first_is_on_its_way_sends_nothing(stage: Stage, context: BrowserContext) -> None:
    page = open_form(stage, context)
    page.fill("textarea", "once")
    page.evaluate("() => { const form = document.forms.reply; form.requestSubmit(); form.requestSubmit(); }")
    page.wait_for_url("**/done")
    assert len(stage.posts) == 1


# --- Drafts -------------------------------------------------------------------------------------------------------


def test_what_was_typed_survives_a_closed_tab_and_says_so(stage: Stage, context: BrowserContext) -> None:
    page = open_form(stage, context)
    page.fill("textarea", "half a sentence")
    expect(page.locator("[data-draft-state]")).to_contain_text("Draft saved")
    page.close()
    page = open_form(stage, context)
    assert page.input_value("textarea") == "half a sentence"
    expect(page.locator(".draft-note")).to_contain_text("Your draft is back")
    page.click("text=Discard it")
    assert page.input_value("textarea") == ""
    page.reload()
    page.wait_for_selector("html[data-ready]")
    assert page.locator(".draft-note").count() == 0


def test_a_draft_is_forgotten_only_when_the_post_has_arrived(stage: Stage, context: BrowserContext) -> None:
    stage.answers["/send"] = lambda request: None
    page = open_form(stage, context)
    page.fill("textarea", "precious")
    page.click("text=Send")
    expect(page.locator("[data-send-state]")).not_to_be_empty()
    page.close()
    stage.answers["/send"] = lambda request: answer(201, {"url": "/done"})
    page = open_form(stage, context)
    assert page.input_value("textarea") == "precious"
    page.click("text=Send")
    page.wait_for_url("**/done")
    page = open_form(stage, context)
    assert page.input_value("textarea") == ""


def test_saved_is_never_said_when_the_browser_kept_nothing(stage: Stage, context: BrowserContext) -> None:
    page = open_form(stage, context)
    page.evaluate(
        "() => { Storage.prototype.setItem = () => { throw new DOMException('full', 'QuotaExceededError'); } }"
    )
    page.fill("textarea", "lost?")
    expect(page.locator("[data-draft-state]")).to_contain_text("could not keep the draft")
    assert "Draft saved" not in page.inner_text("body")


def test_of_two_tabs_on_one_draft_the_other_one_is_told_and_saves_nothing(
    stage: Stage, context: BrowserContext
) -> None:
    one, two = open_form(stage, context), open_form(stage, context)
    one.fill("textarea", "from the first")
    expect(one.locator("[data-draft-state]")).to_contain_text("Draft saved")
    two.locator(".draft-note").wait_for()
    two.fill("textarea", "from the second")
    two.wait_for_timeout(900)
    assert "Draft saved" not in two.inner_text("[data-draft-state]")
    assert "from the first" in two.evaluate("localStorage.getItem('hiroba:draft:reply:7')")
    two.click("text=Go on here")
    expect(two.locator("[data-draft-state]")).to_contain_text("Draft saved")
    assert "from the second" in two.evaluate("localStorage.getItem('hiroba:draft:reply:7')")
    expect(one.locator(".draft-note")).to_contain_text("another tab")


# --- New replies --------------------------------------------------------------------------------------------------

POSTS = "".join(
    f'<article class="post" id="p{n}" data-number="{n}">{"<p>line</p>" * 12}{n}</article>' for n in range(1, 11)
)
THREAD = f"""<main><div id="posts" class="posts" data-posts data-last-page="true">{POSTS}</div>
{rendered("components/new_posts_bar.html")}<form id="reply"><textarea name="body"></textarea></form></main>"""
ADD = """async ([number, own]) => {
    const { NewPosts } = await import("/static/js/newposts.js");
    const html = `<article class="post" id="p${number}" data-number="${number}"><p>new ${number}</p></article>`;
    NewPosts.of(document.querySelector("[data-posts]")).add(html, { number, own });
}"""


def numbers(page: Page) -> list[int]:
    return page.eval_on_selector_all(
        "[data-posts] > [data-number]", "nodes => nodes.map(n => Number(n.dataset.number))"
    )


def shows(page: Page, wanted: list[int]) -> None:
    """Replies that come close together are put in together, a moment later: waits for them."""
    expect(page.locator("[data-posts] > [data-number]")).to_have_count(len(wanted))
    assert numbers(page) == wanted


def top_of(page: Page, number: int) -> float:
    return float(page.evaluate("n => document.getElementById(`p${n}`).getBoundingClientRect().top", number))


def test_reading_in_the_middle_nothing_moves_and_the_bar_counts(stage: Stage, context: BrowserContext) -> None:
    page = stage.show(context.new_page(), THREAD + WORDS)
    page.evaluate("document.getElementById('p4').scrollIntoView()")
    before = top_of(page, 4)
    for number in (11, 12, 13):
        page.evaluate(ADD, [number, False])
    expect(page.locator("[data-new-posts-show]")).to_have_text("3 new replies")
    assert top_of(page, 4) == before
    page.click("[data-new-posts-show]")
    shows(page, list(range(1, 14)))
    expect(page.locator("#p11")).to_be_focused()
    expect(page.locator("[data-new-posts-show]")).to_be_hidden()


def test_while_the_reader_writes_replies_wait_and_the_text_area_stays(stage: Stage, context: BrowserContext) -> None:
    page = stage.show(context.new_page(), THREAD + WORDS)
    page.focus("textarea")
    page.evaluate("document.querySelector('textarea').scrollIntoView({block: 'end'})")
    place = "document.querySelector('textarea').getBoundingClientRect().top"
    before = page.evaluate(place)
    page.evaluate(ADD, [11, False])
    expect(page.locator("[data-new-posts-show]")).to_have_text("1 new reply")
    assert numbers(page) == list(range(1, 11))
    assert page.evaluate(place) == before
    page.evaluate(ADD, [12, True])  # the reader's own: all that came before it is let in first
    shows(page, list(range(1, 13)))


def test_at_the_end_of_the_thread_a_reply_simply_appears_once(stage: Stage, context: BrowserContext) -> None:
    page = stage.show(context.new_page(), THREAD + "<p>the foot of the page</p>" * 30 + WORDS)
    page.evaluate("document.getElementById('reply').scrollIntoView({block: 'center'})")
    page.evaluate(ADD, [12, False])
    page.evaluate(ADD, [11, False])  # out of order: put where its number belongs
    page.evaluate(ADD, [12, False])  # a repeat
    shows(page, list(range(1, 13)))
    page.evaluate(ADD, [12, False])  # another, when all is put in
    page.evaluate(ADD, [13, False])
    shows(page, list(range(1, 14)))
    expect(page.locator("[data-new-posts-show]")).to_be_hidden()


def test_on_an_earlier_page_new_replies_are_counted_and_not_mixed_in(stage: Stage, context: BrowserContext) -> None:
    earlier = THREAD.replace('data-last-page="true"', 'data-last-page="false"')
    page = stage.show(context.new_page(), earlier + WORDS)
    page.evaluate(ADD, [99, False])
    expect(page.locator("[data-new-posts-show]")).to_have_text("1 new reply")
    assert numbers(page) == list(range(1, 11))
