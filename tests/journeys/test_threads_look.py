"""The pages of threads as people see them: light and dark, phone and desk, for every role."""

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]

from community.members.models import Member
from community.threads import actions
from community.threads.models import Post, Thread
from tests.factories import threads as make
from tests.journeys.conftest import Open
from tests.support.site import Site

pytestmark = pytest.mark.journey

RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}


@pytest.fixture
def lively_question(ana: Member, ben: Member, mori: Member, question: Thread, answer: Post) -> Thread:
    """Answered, edited, reacted to, with a line where a post was deleted, pinned, on two pages."""
    best = make.reply(ben, question, "**Yes**, see [the care page](https://example.org/).\n\n> quoted\n\n- one\n- two")
    actions.react(member=ana, post_id=best.pk, kind="heart", on=True)
    actions.accept_answer(by=ana, post_id=best.pk)
    actions.edit_post(editor=mori, post_id=answer.pk, body="Mine is, after three years.", seen_version=1)
    actions.delete_post(by=ben, post_id=make.reply(ben, question, "Wrong thread").pk)
    for n in range(20):
        make.reply(ben, question, f"Another voice {n}", reply_to_id=best.pk)
    actions.pin_thread(by=mori, thread_id=question.pk)
    return question


@pytest.mark.parametrize(("width", "theme"), [(380, "dark"), (1280, "light")])
def test_no_page_has_an_axe_violation_a_script_error_or_a_sideways_scroll(
    site: Site, open_as: Open, ana: Member, ben: Member, mori: Member, lively_question: Thread, width: int, theme: str
) -> None:
    thread = lively_question
    edited = Post.objects.get(thread=thread, number=2)
    visits = [
        (None, "/threads/"),
        (None, thread.get_absolute_url()),
        (ana, thread.get_absolute_url()),
        (ben, f"{thread.get_absolute_url()}?page=2"),
        (ben, f"/threads/new/?item={thread.item_id}"),
        (ben, f"/threads/{thread.pk}/reply/?to={edited.pk}&quote=1"),
        (ben, f"/posts/{edited.pk}/edit/"),
        (ben, f"/posts/{edited.pk}/delete/"),
        (mori, f"/posts/{edited.pk}/history/"),
        (mori, f"/threads/{thread.pk}/manage/"),
    ]
    options = {"viewport": {"width": width, "height": 850}, "color_scheme": theme}
    for member, path in visits:
        page = open_as(member, path, **options)
        errors: list[str] = []
        page.on("console", lambda said, errors=errors: errors.append(said.text) if said.type == "error" else None)
        page.on("pageerror", lambda error, errors=errors: errors.append(str(error)))
        page.reload()
        page.wait_for_selector("html[data-ready]", state="attached")
        result = Axe().run(page, options=RULES)
        assert result.violations_count == 0, f"{path}\n{result.generate_report()}"
        assert len(result.response["passes"]) > 15, path  # the rules did run
        assert page.evaluate("document.documentElement.scrollWidth") == width, path
        assert errors == [], path
        page.context.close()
