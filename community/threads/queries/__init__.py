"""Reads of threads. Gates (`get_…`) raise `NotVisible` for absent and hidden rows alike; every read has a fixed
number of queries, whatever the length of the thread."""

from community.threads.queries.alike import sees_what_all_see
from community.threads.queries.gates import categories, category_id, get_category, get_post, get_revision, get_thread
from community.threads.queries.history import Revisions, RevisionView, revisions
from community.threads.queries.lists import (
    add_tags,
    list_posts,
    list_threads,
    pinned_threads,
    streamed_thread,
    with_parts,
)
from community.threads.queries.page import PostRow, page_rows
from community.threads.queries.posts import my_reactions, streamed_post, thread_posts

__all__ = [
    "PostRow",
    "RevisionView",
    "Revisions",
    "add_tags",
    "categories",
    "category_id",
    "get_category",
    "get_post",
    "get_revision",
    "get_thread",
    "list_posts",
    "list_threads",
    "my_reactions",
    "page_rows",
    "pinned_threads",
    "revisions",
    "sees_what_all_see",
    "streamed_post",
    "streamed_thread",
    "thread_posts",
    "with_parts",
]
