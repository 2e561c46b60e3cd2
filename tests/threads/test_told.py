"""What machines are told of a thread: whole by the rules of those who read it, for visitors alone, and never a hole."""

import json
import re
from typing import Any

import pytest
from django.conf import settings as site
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from community.core.templatetags.head import about_page
from community.members.models import Member
from community.threads import actions
from community.threads.models import Post, Thread
from tests.factories import threads as make

pytestmark = pytest.mark.django_db
BLOCK = re.compile(r'<script type="application/ld\+json">(.*?)</script>', re.DOTALL)
# What search engines require; of a posting the text may be missing where another page has it.
REQUIRED = {
    "QAPage": {"mainEntity"},
    "Question": {"name", "answerCount"},
    "Answer": {"text"},
    "DiscussionForumPosting": {"author", "datePublished"},
    "Comment": {"author", "datePublished", "text"},
    "Person": {"name"},
    "InteractionCounter": {"interactionType", "userInteractionCount"},
    "BreadcrumbList": {"itemListElement"},
    "ListItem": {"position", "name"},
}


@pytest.fixture
def visitor() -> Client:
    return Client()


def told(client: Client, path: str) -> dict[str, dict[str, Any]]:
    """The two things that a page tells of, by type, both of the right shape."""
    blocks = BLOCK.findall(client.get(path).text)
    assert len(blocks) == 1
    data = json.loads(blocks[0])
    assert data["@context"] == "https://schema.org"
    check(data["@graph"])
    return {part["@type"]: part for part in data["@graph"]}


def check(data: Any) -> None:
    """Every object has what its type requires; addresses are whole."""
    if isinstance(data, list):
        for part in data:
            check(part)
    elif isinstance(data, dict):
        assert REQUIRED[data["@type"]] <= set(data), data
        if data["@type"] == "Question":
            assert "acceptedAnswer" in data or "suggestedAnswer" in data
        for name in {"url", "item"} & set(data):
            assert data[name].startswith(f"{site.SITE_ORIGIN}/"), data
        check(list(data.values()))


def test_members_are_not_told_and_their_pages_have_no_block(ana: Member, ben: Member, question: Thread) -> None:
    for member in (ana, ben):
        client = Client()
        client.force_login(member)
        assert not BLOCK.search(client.get(question.get_absolute_url()).text)


def test_what_was_taken_down_is_not_told(visitor: Client, ben: Member, talk: Thread) -> None:
    kept, gone = make.reply(ben, talk, "Stays here."), make.reply(ben, talk, "Goes away.")
    actions.delete_post(by=ben, post_id=gone.pk)
    posting = told(visitor, talk.get_absolute_url())["DiscussionForumPosting"]
    assert [comment["text"] for comment in posting["comment"]] == ["Stays here."]
    assert posting["comment"][0]["url"].endswith(f"/posts/{kept.pk}/")
    assert "Goes away." not in json.dumps(posting)


def test_a_talk_is_a_posting_with_its_comments(visitor: Client, ana: Member, ben: Member, talk: Thread) -> None:
    post = make.reply(ben, talk, "**Same** here,\n\n- [linseed](https://example.org/)")
    actions.react(member=ana, post_id=post.pk, kind="heart", on=True)
    posting = told(visitor, talk.get_absolute_url())["DiscussionForumPosting"]
    assert posting["headline"] == talk.title
    assert posting["text"] == "I oil mine every spring."
    assert posting["author"]["name"] == ana.display_name
    assert posting["datePublished"] == talk.created_at.isoformat()
    assert {one["interactionType"]: one["userInteractionCount"] for one in posting["interactionStatistic"]} == {
        "https://schema.org/CommentAction": 1,
        "https://schema.org/LikeAction": 0,
    }
    (comment,) = posting["comment"]
    assert comment["text"] == "Same here,\nlinseed"
    assert (comment["author"]["name"], comment["interactionStatistic"]["userInteractionCount"]) == (ben.display_name, 1)


def test_a_question_has_its_answers_and_the_accepted_one_is_not_told_twice(
    visitor: Client, ana: Member, ben: Member, question: Thread, answer: Post
) -> None:
    make.reply(ben, question, "Or carnauba.")
    actions.react(member=ana, post_id=answer.pk, kind="helpful", on=True)
    before = told(visitor, question.get_absolute_url())["QAPage"]["mainEntity"]
    assert "acceptedAnswer" not in before
    assert [one["upvoteCount"] for one in before["suggestedAnswer"]] == [1, 0]
    actions.accept_answer(by=ana, post_id=answer.pk)
    after = told(visitor, question.get_absolute_url())["QAPage"]["mainEntity"]
    assert after["acceptedAnswer"]["url"].endswith(f"/posts/{answer.pk}/")
    assert [one["text"] for one in after["suggestedAnswer"]] == ["Or carnauba."]
    assert after["answerCount"] == 2 and after["name"] == question.title and after["text"]


def test_a_question_without_an_answer_is_told_as_a_posting(visitor: Client, question: Thread) -> None:
    assert set(told(visitor, question.get_absolute_url())) == {"DiscussionForumPosting", "BreadcrumbList"}


def test_later_pages_name_the_first_and_tell_of_their_own_posts(
    visitor: Client, ana: Member, ben: Member, question: Thread, settings: Any
) -> None:
    settings.POSTS_PER_PAGE = 2
    replies = [make.reply(ben, question, f"Answer {number}") for number in range(2, 6)]
    actions.accept_answer(by=ana, post_id=replies[-1].pk)
    url = question.get_absolute_url()
    first = told(visitor, url)["QAPage"]["mainEntity"]
    assert first["acceptedAnswer"]["text"] == "Answer 5"  # it stands below the question, too
    second = told(visitor, f"{url}?page=2")["QAPage"]["mainEntity"]
    assert second["url"] == first["url"] == site.SITE_ORIGIN + url
    assert [one["text"] for one in second["suggestedAnswer"]] == ["Answer 3", "Answer 4"]
    assert "acceptedAnswer" not in second and "text" not in second


def test_the_way_to_a_thread_is_told(visitor: Client, talk: Thread) -> None:
    steps = told(visitor, talk.get_absolute_url())["BreadcrumbList"]["itemListElement"]
    assert [step["position"] for step in steps] == [1, 2, 3]
    assert steps[1]["item"] == f"{site.SITE_ORIGIN}/threads/in/{talk.category.slug}/"
    assert steps[2]["name"] == talk.title and "item" not in steps[2]


HOSTILE = "</script><script>alert(1)</script><!-- & \u2028\u2029"


def test_no_title_leaves_the_block(visitor: Client, ana: Member, talk: Thread) -> None:
    Thread.objects.filter(pk=talk.pk).update(title=HOSTILE)
    html = visitor.get(talk.get_absolute_url()).text
    (block,) = BLOCK.findall(html)
    assert json.loads(block)["@graph"][0]["headline"] == HOSTILE
    assert not set("<>&\u2028\u2029") & set(block)
    assert "<script>alert" not in html


def test_the_block_says_what_it_was_given() -> None:
    data = {"@type": "Person", "name": HOSTILE + '"\\ 花'}
    assert json.loads(BLOCK.findall(about_page(data))[0])["@graph"] == [data]


def test_it_asks_the_database_nothing(
    visitor: Client, ben: Member, question: Thread, answer: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    def asked() -> int:
        with CaptureQueriesContext(connection) as found:
            visitor.get(question.get_absolute_url())
        return len(found)

    asked()
    whole = asked()
    monkeypatch.setattr("community.threads.views.told.of_page", lambda *_given: "")
    assert asked() == whole
