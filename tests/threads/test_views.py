"""The pages of threads: what is refused first, and what each answers."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import QueryDict
from django.test import Client
from django.urls import reverse

from community.catalog.models import Item, Shop
from community.core.errors import Invalid
from community.core.models import Picture
from community.members.models import Member
from community.threads import actions
from community.threads.forms import ReplyForm
from community.threads.models import Category, Post, PostRevision, Reaction, State, Thread
from community.threads.views.answers import check, checked
from tests.factories import threads as make
from tests.support.images import png

KEY = "11111111-2222-3333-4444-555555555555"
JSON = {"HTTP_ACCEPT": "application/json, text/html;q=0.5"}


@pytest.fixture
def as_ana(ana: Member) -> Client:
    return signed_in(ana)


@pytest.fixture
def as_ben(ben: Member) -> Client:
    return signed_in(ben)


@pytest.fixture
def as_mori(mori: Member) -> Client:
    return signed_in(mori)


@pytest.fixture
def visitor(db: None) -> Iterator[Client]:
    yield Client()


def signed_in(member: Member) -> Client:
    client = Client()
    client.force_login(member)
    return client


def reply_url(thread: Thread) -> str:
    return reverse("threads:reply", args=[thread.pk])


def page(client: Client, url: str, **query: Any) -> str:
    answer = client.get(url, query, follow=True)
    assert answer.status_code == 200, answer.status_code
    return answer.content.decode()


# --- Refusals ------------------------------------------------------------------------------------------------


def test_a_visitors_reply_is_refused_and_comes_back_filled(visitor: Client, talk: Thread) -> None:
    answer = visitor.post(reply_url(talk), {"body": "Let me in & listen", "idempotency_key": KEY})
    assert answer.status_code == 403
    assert "Let me in &amp; listen" in answer.content.decode()
    assert talk.posts.count() == 1


def test_a_reply_to_a_locked_thread_is_refused_and_comes_back_filled(as_ben: Client, locked_thread: Thread) -> None:
    answer = as_ben.post(reply_url(locked_thread), {"body": "One more thing", "idempotency_key": KEY})
    assert answer.status_code == 403
    assert "One more thing" in answer.content.decode()
    assert locked_thread.posts.count() == 1


def test_an_empty_reply_is_refused_at_its_field(as_ben: Client, talk: Thread) -> None:
    answer = as_ben.post(reply_url(talk), {"body": "  \n", "idempotency_key": KEY}, **JSON)
    assert answer.status_code == 422
    assert answer.json()["field"] == "body"
    assert talk.posts.count() == 1


def test_a_refused_form_carries_a_new_key(as_ben: Client, talk: Thread) -> None:
    answer = as_ben.post(reply_url(talk), {"body": "", "idempotency_key": KEY})
    assert answer.status_code == 422
    assert KEY not in answer.content.decode()


def test_a_key_that_comes_back_with_another_text_is_refused_and_nothing_is_lost(as_ben: Client, talk: Thread) -> None:
    as_ben.post(reply_url(talk), {"body": "First", "idempotency_key": KEY})
    answer = as_ben.post(reply_url(talk), {"body": "Second", "idempotency_key": KEY})
    assert answer.status_code == 422
    assert "Second" in answer.content.decode()
    assert talk.posts.count() == 2


def test_past_the_limit_a_reply_waits_and_is_kept(as_ben: Client, talk: Thread, settings: Any) -> None:
    settings.LIMITS = settings.LIMITS | {"post_reply": {"user": (1, 60)}}
    as_ben.post(reply_url(talk), {"body": "One", "idempotency_key": KEY})
    answer = as_ben.post(reply_url(talk), {"body": "Two", "idempotency_key": KEY[::-1]}, **JSON)
    assert answer.status_code == 429
    assert int(answer["Retry-After"]) >= 1
    assert talk.posts.count() == 2


@pytest.mark.parametrize("path", ["edit", "delete", "history"])
def test_a_strangers_deleted_post_is_not_there(
    as_ana: Client, ben: Member, mori: Member, talk: Thread, path: str
) -> None:
    post = make.reply(ben, talk, "Gone")
    actions.delete_post(by=ben, post_id=post.pk)
    assert as_ana.get(reverse(f"threads:{path}", args=[post.pk])).status_code == 404


@pytest.mark.parametrize("path", ["edit", "delete"])
def test_nobody_else_may_edit_or_delete(as_ana: Client, ben: Member, talk: Thread, path: str) -> None:
    post = make.reply(ben, talk, "Mine")
    answer = as_ana.post(reverse(f"threads:{path}", args=[post.pk]), {"body": "Yours", "seen_version": 1})
    assert answer.status_code == 403
    post.refresh_from_db()
    assert (post.body, post.state) == ("Mine", State.VISIBLE)


def test_a_member_may_not_manage(as_ana: Client, talk: Thread) -> None:
    url = reverse("threads:manage", args=[talk.pk])
    assert as_ana.get(url).status_code == 403
    assert as_ana.post(url, {"do": "lock"}).status_code == 403
    talk.refresh_from_db()
    assert talk.locked_at is None


@pytest.mark.parametrize("name", ["restore", "react", "accept"])
def test_a_link_never_changes_anything(as_ana: Client, talk: Thread, name: str) -> None:
    assert as_ana.get(reverse(f"threads:{name}", args=[make.opening(talk).pk])).status_code == 405


def test_a_room_for_makers_is_not_there_for_others(
    visitor: Client, sara: Member, maker: object, makers_room: Category
) -> None:
    thread = make.open_thread(sara, makers_room)
    for url in (thread.get_absolute_url(), reverse("threads:category", args=[makers_room.slug])):
        assert visitor.get(url).status_code == 404
    assert thread.title not in page(visitor, reverse("threads:list"))


def test_an_unknown_reaction_is_refused(as_ben: Client, talk: Thread) -> None:
    answer = as_ben.post(reverse("threads:react", args=[make.opening(talk).pk]), {"kind": "gold"}, **JSON)
    assert answer.status_code == 422
    assert Reaction.objects.count() == 0


def test_nine_pictures_are_refused_in_words_and_eight_of_them_are_kept(as_ben: Client, talk: Thread) -> None:
    files = [SimpleUploadedFile(f"{n}.png", png(width=20 + n), content_type="image/png") for n in range(9)]
    answer = as_ben.post(reply_url(talk), {"body": "All my bowls", "pictures": files, "idempotency_key": KEY})
    shown = answer.content.decode()
    assert answer.status_code == 422
    assert "All my bowls" in shown
    assert shown.count('name="kept_picture"') == 8
    assert talk.posts.count() == 1


def test_a_broken_picture_does_not_take_the_good_ones_with_it(as_ben: Client, talk: Thread) -> None:
    files = [
        SimpleUploadedFile("a.png", b"no picture", content_type="image/png"),
        SimpleUploadedFile("b.png", png(), content_type="image/png"),
    ]
    answer = as_ben.post(reply_url(talk), {"body": "Two bowls", "pictures": files, "idempotency_key": KEY})
    assert answer.status_code == 422
    assert answer.content.decode().count('name="kept_picture"') == 1
    assert talk.posts.count() == 1


def test_a_preview_is_counted_at_every_form(as_ben: Client, talk: Thread, settings: Any) -> None:
    settings.LIMITS = settings.LIMITS | {"preview": {"user": (1, 60)}}
    sent = {"body": "Look *here*", "preview": "1", "idempotency_key": KEY}
    assert as_ben.post(reply_url(talk), sent).status_code == 200
    again = as_ben.post(reply_url(talk), sent)
    assert again.status_code == 429
    assert "Look *here*" in again.content.decode()
    assert as_ben.post(reverse("threads:preview"), sent).status_code == 429


def test_pictures_of_others_cannot_be_used(as_ben: Client, ana: Member, talk: Thread) -> None:
    upload = make.make_upload(ana)
    as_ben.post(reply_url(talk), {"body": "Look", "kept_picture": upload.pk, "idempotency_key": KEY})
    assert Post.objects.get(thread=talk, number=2).picture_count == 0
    upload.refresh_from_db()
    assert upload.used_at is None


def test_a_visitor_may_not_upload_or_preview(visitor: Client) -> None:
    for name in ("upload_picture", "preview"):
        assert visitor.post(reverse(f"threads:{name}"), {"body": "x"}, **JSON).status_code == 403
    assert Picture.objects.count() == 0


def test_a_foreign_cursor_says_so(visitor: Client) -> None:
    assert visitor.get(reverse("threads:list"), {"cursor": "gibberish"}).status_code == 422


# --- Replies -------------------------------------------------------------------------------------------------


def test_a_reply_leads_to_its_place(as_ben: Client, talk: Thread) -> None:
    answer = as_ben.post(reply_url(talk), {"body": "Here I am", "idempotency_key": KEY})
    assert answer.status_code == 302
    assert answer["Location"] == f"{talk.get_absolute_url()}#p2"


def test_a_script_gets_the_reply_as_it_stands(as_ben: Client, talk: Thread) -> None:
    answer = as_ben.post(reply_url(talk), {"body": "Here I am", "idempotency_key": KEY}, **JSON)
    assert answer.status_code == 201
    sent = answer.json()
    assert sent["number"] == 2
    assert 'id="p2"' in sent["html"]
    assert "Here I am" in sent["html"]


def test_the_same_key_twice_posts_once_and_answers_the_same_bytes(as_ben: Client, talk: Thread) -> None:
    said = {"body": "Once", "idempotency_key": KEY}
    first, second = (as_ben.post(reply_url(talk), said, **JSON) for _ in range(2))
    assert first.content == second.content
    assert talk.posts.count() == 2


def test_a_reply_answers_the_post_it_names(as_ben: Client, ana: Member, talk: Thread) -> None:
    asked = make.reply(ana, talk, "Who knows?")
    html = page(as_ben, reply_url(talk), to=asked.pk, quote="1")
    assert "&gt; Who knows?" in html
    as_ben.post(reply_url(talk), {"body": "I do", "reply_to": asked.pk, "idempotency_key": KEY})
    assert Post.objects.get(thread=talk, number=3).reply_to_id == asked.pk
    assert f'data-goto="{asked.number}"' in page(as_ben, talk.get_absolute_url())


def test_files_of_a_refused_reply_are_kept_and_used_by_the_next_try(as_ben: Client, ben: Member, talk: Thread) -> None:
    file = SimpleUploadedFile("bowl.png", png(), "image/png")
    said = {"body": "", "pictures": file, "picture_alt": "a bowl", "idempotency_key": KEY}
    refused = as_ben.post(reply_url(talk), said)
    assert refused.status_code == 422
    kept = Picture.objects.get(owner_id=ben.pk)
    assert f'name="kept_picture" value="{kept.pk}"' in refused.content.decode()
    assert 'value="a bowl"' in refused.content.decode()

    again = {"body": "Look", "kept_picture": kept.pk, f"alt_{kept.pk}": "my bowl", "idempotency_key": KEY[::-1]}
    as_ben.post(reply_url(talk), again)
    shown = Post.objects.get(thread=talk, number=2).pictures.get()
    assert (shown.picture_id, shown.alt) == (kept.pk, "my bowl")


def test_a_preview_shows_the_text_and_posts_nothing(as_ben: Client, talk: Thread, bowl: Item) -> None:
    said = {"body": f"**Oil** it: [bowl](/items/{bowl.pk}/)", "preview": "1", "idempotency_key": KEY}
    html = as_ben.post(reply_url(talk), said).content.decode()
    assert "<strong>Oil</strong>" in html
    assert html.count("item-small") >= 1
    assert talk.posts.count() == 1


# --- Opening -------------------------------------------------------------------------------------------------


def test_a_thread_about_an_item_shows_its_card(as_ben: Client, bowl: Item, square: Category) -> None:
    new = reverse("threads:new")
    assert bowl.title in page(as_ben, new, item=bowl.pk)
    said = {"kind": "question", "category": square.pk, "title": "Dishwasher?", "body": "Well?", "tags": "care、#bowls"}
    answer = as_ben.post(new, said | {"item": bowl.pk, "idempotency_key": KEY}, follow=True)
    thread = Thread.objects.get()
    assert thread.item_id == bowl.pk
    assert {tag.name for tag in thread.tags.all()} == {"care", "bowls"}
    assert bowl.title in answer.content.decode()


def test_a_refused_thread_comes_back_filled(as_ben: Client, square: Category) -> None:
    said = {
        "kind": "talk",
        "category": square.pk,
        "title": "",
        "body": "Long words",
        "tags": "wood",
        "idempotency_key": KEY,
    }
    answer = as_ben.post(reverse("threads:new"), said)
    assert answer.status_code == 422
    html = answer.content.decode()
    assert "Long words" in html
    assert 'value="wood"' in html
    assert Thread.objects.count() == 0


def test_a_visitor_who_wants_to_open_a_thread_signs_in_first(visitor: Client) -> None:
    answer = visitor.get(reverse("threads:new"), {"kind": "question"})
    assert answer.status_code == 302
    assert answer["Location"].startswith(reverse("account_login"))


# --- Changing ------------------------------------------------------------------------------------------------


def test_two_editors_both_keep_their_words(as_ben: Client, ben: Member, mori: Member, talk: Thread) -> None:
    post = make.reply(ben, talk, "Beeswax is best.")
    actions.edit_post(editor=mori, post_id=post.pk, body="Beeswax is good, too.", seen_version=1)
    url = reverse("threads:edit", args=[post.pk])
    answer = as_ben.post(url, {"body": "Beeswax is best for bowls.", "seen_version": 1})
    assert answer.status_code == 409
    html = answer.content.decode()
    assert "Beeswax is good, too." in html
    assert "Beeswax is best for bowls." in html
    post.refresh_from_db()
    assert post.body == "Beeswax is good, too."

    assert 'name="seen_version" value="2"' in html
    as_ben.post(url, {"body": "Beeswax is best for bowls.", "seen_version": 2})
    post.refresh_from_db()
    assert post.body == "Beeswax is best for bowls."
    assert PostRevision.objects.filter(post=post, body="Beeswax is best.").exists()


def test_an_edit_whose_answer_was_lost_is_answered_again_and_not_called_a_conflict(
    as_ben: Client, ben: Member, talk: Thread
) -> None:
    post = make.reply(ben, talk, "Beeswax")
    said = {"body": "Beeswax, warm", "seen_version": 1, "idempotency_key": KEY}
    first, second = (as_ben.post(reverse("threads:edit", args=[post.pk]), said, **JSON) for _ in range(2))
    assert first.status_code == second.status_code == 201
    assert first.content == second.content
    post.refresh_from_db()
    assert post.version == 2


def test_the_history_shows_what_was_put_in_and_taken_out(
    visitor: Client, ben: Member, mori: Member, talk: Thread
) -> None:
    post = make.reply(ben, talk, "Beeswax is best.")
    actions.edit_post(editor=mori, post_id=post.pk, body="Walnut oil is best.", seen_version=1, reason="the label")
    html = page(visitor, reverse("threads:history", args=[post.pk]))
    assert "<ins>" in html
    assert "<del>" in html
    assert "the label" in html


def test_a_hidden_version_is_shown_to_moderators_only(
    as_ana: Client, as_mori: Client, ben: Member, mori: Member, talk: Thread
) -> None:
    post = make.reply(ben, talk, "Call me at 03-1234-5678.")
    actions.edit_post(editor=mori, post_id=post.pk, body="Write to me.", seen_version=1)
    revision = PostRevision.objects.get(post=post)
    hide = reverse("threads:hide_revision", args=[revision.pk])
    assert as_ana.post(hide).status_code == 403
    as_mori.post(hide)
    assert "1234" not in page(as_ana, reverse("threads:history", args=[post.pk]))
    assert "1234" in page(as_mori, reverse("threads:history", args=[post.pk]))


def test_a_deleted_reply_leaves_a_line_and_comes_back(
    as_ben: Client, as_ana: Client, ben: Member, talk: Thread
) -> None:
    post = make.reply(ben, talk, "Forget I said that.")
    assert "Forget" in page(as_ben, reverse("threads:delete", args=[post.pk]))
    after = as_ben.post(reverse("threads:delete", args=[post.pk]), follow=True).content.decode()
    restore = reverse("threads:restore", args=[post.pk])
    assert restore in after
    others = page(as_ana, talk.get_absolute_url())
    assert "Forget" not in others
    assert restore not in others
    assert "tombstone" in others
    as_ben.post(restore)
    assert "Forget" in page(as_ana, talk.get_absolute_url())


# --- Small presses -------------------------------------------------------------------------------------------


def test_a_reaction_is_given_once_however_often_it_is_said_and_taken_back(as_ben: Client, talk: Thread) -> None:
    post = make.opening(talk)
    url = reverse("threads:react", args=[post.pk])
    for _ in range(2):
        answer = as_ben.post(url, {"kind": "heart"}, **JSON)
    assert 'aria-pressed="true"' in answer.json()["replace"]
    assert answer.json()["target"] == f"#reactions-{post.pk}"
    post.refresh_from_db()
    assert post.reactions == {"heart": 1}
    as_ben.post(url, {"kind": "-heart", "next": talk.get_absolute_url()})
    post.refresh_from_db()
    assert not post.reactions.get("heart")


def test_a_press_never_leads_to_another_site(as_ben: Client, talk: Thread) -> None:
    url = reverse("threads:react", args=[make.opening(talk).pk])
    answer = as_ben.post(url, {"kind": "heart", "next": "https://evil.example/"})
    assert answer["Location"].startswith(talk.get_absolute_url())


def test_the_accepted_answer_stands_under_the_question(
    as_ana: Client, visitor: Client, ben: Member, question: Thread, answer: Post
) -> None:
    second = make.reply(ben, question, "And mine after ten.")
    as_ana.post(reverse("threads:accept", args=[second.pk]))
    assert seen(page(visitor, question.get_absolute_url())).count("And mine after ten.") == 2
    as_ana.post(reverse("threads:unaccept", args=[question.pk]))
    assert seen(page(visitor, question.get_absolute_url())).count("And mine after ten.") == 1


def seen(html: str) -> str:
    """The page without its head, where machines are told the same words."""
    return html.partition("</head>")[2]


def test_a_moderator_pins_locks_slows_and_moves(as_mori: Client, talk: Thread) -> None:
    url = reverse("threads:manage", args=[talk.pk])
    other = make.make_category()
    for said in ({"do": "pin"}, {"do": "lock"}, {"do": "slow", "seconds": 60}, {"do": "move", "category": other.pk}):
        assert as_mori.post(url, said).status_code == 302
    talk.refresh_from_db()
    assert talk.pinned_at
    assert talk.locked_at
    assert (talk.slow_mode_seconds, talk.category_id) == (60, other.pk)
    assert as_mori.post(url, {"do": "burn"}).status_code == 422


# --- Reading -------------------------------------------------------------------------------------------------


def test_a_permalink_leads_to_the_page_and_the_post(visitor: Client, ben: Member, talk: Thread) -> None:
    posts = [make.reply(ben, talk, f"Reply {n}") for n in range(25)]
    answer = visitor.get(posts[-1].get_absolute_url())
    assert answer["Location"] == f"{talk.get_absolute_url()}?page=2#p26"
    assert "Reply 24" in page(visitor, talk.get_absolute_url(), at=26)
    assert "Reply 24" in page(visitor, talk.get_absolute_url(), page=999)


def test_an_old_title_in_the_address_leads_to_the_new_one(visitor: Client, talk: Thread) -> None:
    answer = visitor.get(f"/threads/{talk.pk}/an-older-title/?page=2")
    assert answer.status_code == 302
    assert answer["Location"] == f"{talk.get_absolute_url()}?page=2"


@pytest.mark.parametrize("title", ["Reply", "Manage", "✿✿✿", "灰釉の飯碗"])
def test_every_title_has_an_address_that_shows_the_thread(
    visitor: Client, ana: Member, square: Category, title: str
) -> None:
    thread = make.open_thread(ana, square, title=title)
    answer = visitor.get(thread.get_absolute_url())
    assert answer.status_code == 200
    assert title in answer.content.decode()


def test_lists_show_what_waits_what_is_pinned_and_what_is_of_a_kind(
    visitor: Client, mori: Member, talk: Thread, question: Thread
) -> None:
    actions.pin_thread(by=mori, thread_id=talk.pk)
    everything = page(visitor, reverse("threads:list"))
    assert everything.index(talk.title) < everything.index(question.title)
    waiting = page(visitor, reverse("threads:list"), sort="unanswered")
    assert question.title in waiting
    assert talk.title not in waiting
    assert question.title not in page(visitor, reverse("threads:list"), kind="idea")
    assert question.title in page(visitor, reverse("threads:category", args=[question.category.slug]))


def test_a_long_list_is_walked_by_its_cursor_without_a_repeat(visitor: Client, ana: Member, square: Category) -> None:
    titles = [make.open_thread(ana, square, title=f"Thread number {n:02}").title for n in range(25)]
    first = visitor.get(reverse("threads:list"))
    second = page(visitor, reverse("threads:list"), cursor=first.context["found"].next)
    shown = [title for title in titles if title in first.content.decode()]
    assert len(shown) == 20
    assert [title for title in titles if title in second] == [title for title in titles if title not in shown]


def test_empty_lists_say_what_to_do(visitor: Client, as_ben: Client, square: Category) -> None:
    for query in ({}, {"kind": "idea"}, {"sort": "unanswered"}):
        html = page(as_ben, reverse("threads:list"), **query)
        assert 'class="empty"' in html
        assert reverse("threads:new") in html


def test_a_members_page_is_kept_by_no_cache(as_ben: Client, visitor: Client, talk: Thread) -> None:
    assert "no-store" in as_ben.get(talk.get_absolute_url())["Cache-Control"]
    assert "private" in visitor.get(talk.get_absolute_url())["Cache-Control"]


def test_a_page_carries_the_number_of_the_log_it_was_made_at(visitor: Client, ben: Member, talk: Thread) -> None:
    before = visitor.get(talk.get_absolute_url()).context["position"]
    make.reply(ben, talk)
    answer = visitor.get(talk.get_absolute_url())
    assert answer.context["position"] == before + 1
    assert f'data-position="{before + 1}"' in answer.content.decode()


# --- What a page costs ---------------------------------------------------------------------------------------


def test_a_thread_page_asks_the_same_few_questions_however_long_the_thread_is(
    visitor: Client, as_ana: Client, ben: Member, question: Thread, django_assert_num_queries: Any
) -> None:
    as_ana.get(reverse("members:preferences"))  # a sign-in says once in a while that it is in use
    for length in (1, 45):
        for n in range(length - (question.posts.count() - 1)):
            make.reply(ben, question, f"Reply {n}")
        for client, queries in ((visitor, 6), (as_ana, 10)):
            with django_assert_num_queries(queries):
                client.get(question.get_absolute_url(), {"page": 2})


def test_a_list_asks_the_same_few_questions_however_full_it_is(
    visitor: Client, ana: Member, mori: Member, square: Category, bowl: Item, django_assert_num_queries: Any
) -> None:
    for length in (2, 20):
        while Thread.objects.count() < length:
            thread = make.open_thread(ana, square, item_id=bowl.pk, tags=["wood"])
        actions.pin_thread(by=mori, thread_id=thread.pk)
        with django_assert_num_queries(6):
            visitor.get(reverse("threads:list"))


def test_the_history_of_a_post_that_nobody_changed_is_a_page(visitor: Client, talk: Thread) -> None:
    page(visitor, reverse("threads:history", args=[make.opening(talk).pk]))


def test_a_closed_shop_takes_its_items_out_of_the_lists_but_not_the_talk(visitor: Client, question: Thread) -> None:
    item = question.item
    assert item is not None
    url = reverse("threads:list")
    assert item.title in page(visitor, url)
    Shop.objects.update(is_open=False)
    shown = page(visitor, url)
    assert question.title in shown
    assert item.title not in shown
    assert item.get_absolute_url() not in shown


# --- A form's values without the form ------------------------------------------------------------------------


@pytest.mark.parametrize(
    "sent",
    [
        "body=a&idempotency_key=12345678",
        "body=%20%20a%0A&reply_to=3&reply_to=4",
        "body=a&body=b&reply_to=&other=x",
        "body=&reply_to=0",
        "reply_to=x&idempotency_key=" + "k" * 256,
        "body=a%00b",
        "",
    ],
)
def test_a_reply_is_checked_as_its_form_checks_it(sent: str) -> None:
    assert told(lambda: checked(ReplyForm, QueryDict(sent))) == told(lambda: check(ReplyForm(QueryDict(sent))))


def told(ask: Callable[[], dict[str, Any]]) -> Any:
    try:
        return ask()
    except Invalid as error:
        return error.code, error.errors
