"""Writing between real keyboards and real networks: sent once, never lost, never sent by an input method."""

import re

import pytest
from playwright.sync_api import Page, expect

from community.core.models import Picture
from community.members.models import Member
from community.threads import actions
from community.threads.models import Post, Thread
from tests.factories import threads as make
from tests.journeys.conftest import Open
from tests.support.images import png
from tests.support.site import Site

pytestmark = pytest.mark.journey

AREA = "#reply-form textarea"
SEND = "#reply-form .form-actions .button-primary"


def replies(thread: Thread) -> list[str]:
    return list(Post.objects.filter(thread=thread, number__gt=1).order_by("number").values_list("body", flat=True))


def drafted(page: Page) -> None:
    expect(page.locator("[data-draft-state]")).not_to_be_empty()


def test_the_enter_that_ends_a_conversion_sends_nothing(site: Site, open_as: Open, ben: Member, talk: Thread) -> None:
    page = open_as(ben, talk.get_absolute_url())
    area = page.locator(AREA)
    area.fill("蜜蝋です")
    area.evaluate(
        """area => {
          area.dispatchEvent(new CompositionEvent("compositionstart", {bubbles: true}));
          for (const init of [{isComposing: true, keyCode: 229}, {isComposing: true, keyCode: 13, ctrlKey: true}])
            area.dispatchEvent(new KeyboardEvent("keydown", {key: "Enter", bubbles: true, cancelable: true, ...init}));
          area.dispatchEvent(new CompositionEvent("compositionend", {bubbles: true}));
          area.dispatchEvent(new KeyboardEvent("keydown", {key: "Enter", keyCode: 229, ctrlKey: true, bubbles: true}));
        }"""
    )
    page.wait_for_timeout(600)
    assert replies(talk) == []

    area.press("Control+Enter")
    expect(page.locator("#p2 .prose")).to_have_text("蜜蝋です")
    assert replies(talk) == ["蜜蝋です"]


def test_plain_enter_makes_a_line(site: Site, open_as: Open, ben: Member, talk: Thread) -> None:
    page = open_as(ben, talk.get_absolute_url())
    page.locator(AREA).press_sequentially("one\ntwo")
    expect(page.locator(AREA)).to_have_value("one\ntwo")
    assert replies(talk) == []


def test_a_double_click_posts_once(site: Site, open_as: Open, ben: Member, talk: Thread) -> None:
    page = open_as(ben, talk.get_absolute_url())
    page.locator(AREA).fill("Only once, please.")
    page.locator(SEND).dblclick()
    expect(page.locator("#p2 .prose")).to_have_text("Only once, please.")
    page.wait_for_timeout(900)
    assert replies(talk) == ["Only once, please."]
    expect(page.locator("[data-draft-state]")).to_be_empty()
    assert page.locator("#posts > [data-number]").count() == 2


def test_a_lost_answer_is_sent_again_and_posts_once(site: Site, open_as: Open, ben: Member, talk: Thread) -> None:
    page = open_as(ben, talk.get_absolute_url())
    seen = []

    def lose_the_first_answer(route):  # type: ignore[no-untyped-def]
        seen.append(route.request.headers["idempotency-key"])
        if len(seen) == 1:
            route.fetch()  # it arrives and is answered; the answer is lost on its way back
            route.abort()
        else:
            route.continue_()

    page.route("**/reply/", lose_the_first_answer)
    page.locator(AREA).fill("Did it arrive?")
    page.locator(SEND).click()
    expect(page.locator(AREA)).to_have_value("")
    assert len(seen) == 2
    assert seen[0] == seen[1]
    assert replies(talk) == ["Did it arrive?"]
    assert page.locator("#posts > [data-number]").count() == 2


def test_a_text_survives_a_dead_network_and_a_closed_tab_and_is_sent_once_when_online(
    site: Site, open_as: Open, ana: Member, ben: Member, talk: Thread
) -> None:
    answered = make.reply(ana, talk, "Who knows more?")
    page = open_as(ben, talk.get_absolute_url())
    page.locator("#p2 [data-reply-to]").click()
    page.locator(AREA).press_sequentially("I know a little about")
    page.context.set_offline(True)
    page.locator(AREA).press_sequentially(" walnut oil.")
    drafted(page)
    context = page.context
    page.close()
    context.set_offline(False)

    again = context.new_page()
    again.goto(site.url + talk.get_absolute_url())
    expect(again.locator(AREA)).to_have_value("I know a little about walnut oil.")
    expect(again.locator("[data-reply-chip]")).to_be_visible()
    context.set_offline(True)
    again.locator(SEND).click()
    again.wait_for_timeout(500)
    assert len(replies(talk)) == 1
    context.set_offline(False)

    expect(again.locator("#p3 .prose")).to_have_text("I know a little about walnut oil.")
    assert replies(talk) == ["Who knows more?", "I know a little about walnut oil."]
    assert Post.objects.get(thread=talk, number=3).reply_to_id == answered.pk
    again.reload()
    expect(again.locator(AREA)).to_have_value("")


def test_a_refused_reply_keeps_its_words_and_says_why(
    site: Site, open_as: Open, ben: Member, mori: Member, talk: Thread
) -> None:
    page = open_as(ben, talk.get_absolute_url())
    page.locator(AREA).fill("Too late?")
    page.evaluate("document.querySelector('#posts').dataset.lastPage = 'true'")
    actions.set_slow_mode(by=mori, thread_id=talk.pk, seconds=3600)
    make.reply(ben, talk, "From my phone")
    page.locator(SEND).click()
    expect(page.locator("[data-send-state]")).to_contain_text(re.compile(r"You can post again in (60|59) minutes"))
    expect(page.locator(AREA)).to_have_value("Too late?")
    assert replies(talk) == ["From my phone"]


def test_a_picture_goes_up_while_one_writes_and_stands_in_the_reply(
    site: Site, open_as: Open, ben: Member, talk: Thread
) -> None:
    page = open_as(ben, talk.get_absolute_url())
    page.locator("#reply-form input[type=file]").set_input_files(
        {"name": "bowl.png", "mimeType": "image/png", "buffer": png()}
    )
    row = page.locator("[data-uploaded]")
    expect(row).to_have_count(1)
    row.locator("input[name^=alt_]").fill("A bowl, oiled")
    page.locator(AREA).fill("Like this.")
    page.locator(SEND).click()
    expect(page.locator("#p2 .gallery img")).to_have_attribute("alt", "A bowl, oiled")
    post = Post.objects.get(thread=talk, number=2)
    assert post.picture_count == 1
    assert Picture.objects.get().used_at is not None
    expect(row).to_have_count(0)


def test_uploaded_pictures_come_back_with_the_draft(site: Site, open_as: Open, ben: Member, talk: Thread) -> None:
    page = open_as(ben, talk.get_absolute_url())
    page.locator("#reply-form input[type=file]").set_input_files(
        {"name": "bowl.png", "mimeType": "image/png", "buffer": png()}
    )
    expect(page.locator("[data-uploaded]")).to_have_count(1)
    page.locator(AREA).fill("Half a sentence")
    # The upload was kept already, so that something is kept says nothing about the words.
    page.wait_for_function("() => Object.values(localStorage).some((kept) => kept.includes('Half a sentence'))")
    page.reload()
    expect(page.locator(AREA)).to_have_value("Half a sentence")
    expect(page.locator("[data-uploaded]")).to_have_count(1)
    page.locator(SEND).click()
    expect(page.locator("#p2 .gallery img")).to_have_count(1)


def test_selected_words_are_quoted_and_a_mention_is_completed(
    site: Site, open_as: Open, ana: Member, ben: Member, talk: Thread
) -> None:
    page = open_as(ben, talk.get_absolute_url())
    page.evaluate(
        """() => {
          const range = document.createRange();
          range.selectNodeContents(document.querySelector("#p1 .prose p"));
          getSelection().removeAllRanges();
          getSelection().addRange(range);
        }"""
    )
    page.locator(".quote-button").click()
    expect(page.locator(AREA)).to_have_value("> I oil mine every spring.\n\n")
    page.locator(AREA).press_sequentially("@ana")
    expect(page.locator(".mentions [role=option]").first).to_be_visible()
    page.locator(AREA).press("Enter")
    expect(page.locator(AREA)).to_have_value(f"> I oil mine every spring.\n\n@{ana.handle} ")


def test_everything_works_without_scripts(site: Site, open_as: Open, ben: Member, talk: Thread) -> None:
    page = open_as(ben, talk.get_absolute_url(), java_script_enabled=False)
    page.locator(AREA).fill("Written without a script.")
    page.locator(SEND).click()
    expect(page.locator("#p2 .prose")).to_have_text("Written without a script.")
    assert page.url.endswith("#p2")

    page.locator("#p1 button.reaction[data-kind=heart]").click()
    expect(page.locator("#p1 button.reaction[data-kind=heart]")).to_have_attribute("aria-pressed", "true")
    page.locator("#p1 button.reaction[data-kind=heart]").click()
    expect(page.locator("#p1 button.reaction[data-kind=heart]")).to_have_attribute("aria-pressed", "false")

    page.locator("#p1 [data-reply-to]").click()
    page.locator(AREA).fill("And to you.")
    page.locator("#reply-form button[name=preview]").click()
    expect(page.locator(".preview-panel .prose")).to_have_text("And to you.")
    page.locator(SEND).click()
    expect(page.locator("#p3 .post-answers")).to_be_visible()

    page.locator("#p3 .post-tools summary").click()
    page.locator("#p3 [href$='/edit/']").click()
    page.locator("#edit-form textarea").fill("And to all of you.")
    page.locator("#edit-form .button-primary").click()
    expect(page.locator("#p3 .prose")).to_have_text("And to all of you.")

    page.locator("#p3 .post-tools summary").click()
    page.locator("#p3 [href$='/delete/']").click()
    page.locator(".button-danger").click()
    expect(page.locator("#p3.tombstone")).to_be_visible()
    page.locator(".messages button[formaction$='/restore/']").click()
    expect(page.locator("#p3 .prose")).to_have_text("And to all of you.")


def test_a_thread_is_opened_without_scripts_and_a_refused_form_comes_back_filled(
    site: Site, open_as: Open, ben: Member, square: object
) -> None:
    page = open_as(ben, "/threads/new/?kind=question", java_script_enabled=False)
    page.locator("#id_title").fill("How do I mend a chip?")
    page.locator("#id_body").fill("It fell.")
    page.locator("#id_tags").fill("one two three four five six")
    page.locator("#thread-form input[type=file]").set_input_files(
        {"name": "chip.png", "mimeType": "image/png", "buffer": png()}
    )
    page.locator("#thread-form .button-primary").click()
    expect(page.locator(".notice-danger")).to_be_visible()
    expect(page.locator("#id_title")).to_have_value("How do I mend a chip?")
    expect(page.locator("input[name=kept_picture]")).to_have_count(1)
    assert Thread.objects.count() == 0

    page.locator("#id_tags").fill("mending、ceramics")
    page.locator("#thread-form .button-primary").click()
    expect(page.locator("h1")).to_have_text("How do I mend a chip?")
    expect(page.locator("#p1 .gallery img")).to_have_count(1)
    assert {tag.name for tag in Thread.objects.get().tags.all()} == {"mending", "ceramics"}


def test_the_keyboard_alone_reads_reacts_and_replies(
    site: Site, open_as: Open, ana: Member, ben: Member, talk: Thread
) -> None:
    page = open_as(ben, talk.get_absolute_url())
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    page.keyboard.press("Enter")
    press_until(page, "#p1 button.reaction[data-kind=heart]")
    page.keyboard.press("Space")
    expect(page.locator("#p1 button.reaction[data-kind=heart]")).to_have_attribute("aria-pressed", "true")
    expect(page.locator("#p1 button.reaction[data-kind=heart]")).to_be_focused()
    press_until(page, "#p1 [data-reply-to]")
    page.keyboard.press("Enter")
    expect(page.locator(AREA)).to_be_focused()
    page.keyboard.type("Without a mouse.")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#p2 .prose")).to_have_text("Without a mouse.")


def press_until(page: Page, selector: str, *, most: int = 40) -> None:
    for _ in range(most):
        page.keyboard.press("Tab")
        if page.evaluate("selector => document.activeElement?.matches(selector)", selector):
            return
    raise AssertionError(f"{selector} is not reached by the keyboard")


def test_two_who_edit_at_once_see_both_versions_and_lose_none(
    site: Site, open_as: Open, ben: Member, mori: Member, talk: Thread
) -> None:
    post = make.reply(ben, talk, "Beeswax is best.")
    page = open_as(ben, f"/posts/{post.pk}/edit/")
    page.locator("#edit-form textarea").fill("Beeswax is best for bowls.")
    drafted(page)
    actions.edit_post(editor=mori, post_id=post.pk, body="Beeswax is good, too.", seen_version=1)
    page.locator("#edit-form .button-primary").click()

    expect(page.locator(".conflict-text")).to_have_text("Beeswax is good, too.")
    expect(page.locator("#edit-form textarea")).to_have_value("Beeswax is best for bowls.")
    expect(page.locator(".conflict ins")).not_to_have_count(0)
    page.locator("#edit-form .button-primary").click()
    expect(page.locator("#p2 .prose")).to_have_text("Beeswax is best for bowls.")

    page.goto(f"{site.url}/posts/{post.pk}/edit/")
    page.wait_for_selector("html[data-ready]", state="attached")
    expect(page.locator(".draft-note")).to_have_count(0)
