"""Who may see a thread has changed, and with it who is to have been told of it."""

from community.notifications import actions as notices
from community.notifications import queries
from community.threads.models import Post, Thread


def tell_thread_again(thread_id: int) -> None:
    """Look again at all that somebody was told of in this thread, and at its first post. For jobs."""
    opening = Post.objects.filter(thread=thread_id, number=1).values_list("pk", flat=True)
    told = {*queries.sources_at("thread", thread_id), *(("post", pk) for pk in opening)}
    for source, source_id in sorted(told):
        notices.settle(source, source_id)


def tell_category_again(category_id: int) -> None:
    """The same for every thread of a category that a notice leads to. For jobs."""
    rows = Thread.objects.filter(category=category_id)
    for thread_id in rows.order_by("pk").values_list("pk", flat=True).iterator(chunk_size=1000):
        for source, source_id in sorted(queries.sources_at("thread", thread_id)):
            notices.settle(source, source_id)
