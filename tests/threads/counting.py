"""Counts as the rows say them, to hold the stored ones against."""

from django.db.models import F, Sum

from community.catalog.models import Item
from community.members.models import Member
from community.threads.models import Category, Post, Reaction, State, Thread

VISIBLE = {"state": State.VISIBLE}


def assert_counts_are_exact() -> None:
    for thread in Thread.objects.all():
        posts = Post.objects.filter(thread=thread)
        numbers = list(posts.order_by("number").values_list("number", flat=True))
        assert numbers == list(range(1, thread.last_number + 1))
        shown = posts.filter(**VISIBLE)
        assert thread.reply_count == shown.filter(number__gt=1).count()
        assert thread.reaction_count == Reaction.objects.filter(post__in=shown).count()
        if last := shown.order_by("-number").first():
            assert (thread.last_post_at, thread.last_poster_id) == (last.created_at, last.author_id)
    for post in Post.objects.all():
        assert sum(post.reactions.values()) == Reaction.objects.filter(post=post).count()
    for category in Category.objects.all():
        threads = Thread.objects.filter(category=category, **VISIBLE)
        replies = threads.aggregate(n=Sum("reply_count"))["n"] or 0
        assert (category.thread_count, category.post_count) == (threads.count(), threads.count() + replies)
    _people()
    _items()


def _people() -> None:
    for member in Member.objects.all():
        assert member.post_count == Post.objects.filter(author=member, **VISIBLE).count(), member
        assert member.thread_count == Thread.objects.filter(author=member, **VISIBLE).count(), member
        accepted = Thread.objects.filter(accepted_post__author=member).exclude(author=F("accepted_post__author"))
        assert member.accepted_count == accepted.count(), member


def _items() -> None:
    for item in Item.objects.all():
        threads = Thread.objects.filter(item=item, **VISIBLE)
        questions = threads.filter(kind="question")
        answered = questions.exclude(accepted_post=None)
        assert item.thread_count == threads.count()
        assert (item.question_count, item.answered_count) == (questions.count(), answered.count())
