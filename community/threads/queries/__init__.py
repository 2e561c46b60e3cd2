"""Reads of threads. Gates (`get_…`) raise `NotVisible` for absent and hidden rows alike; every read has a fixed
number of queries, whatever the length of the thread."""

from community.threads.queries.alike import has_less, sees_what_all_see
from community.threads.queries.bookmarks import BookmarkRow, Kept, get_bookmark, kept_of, list_bookmarks, marks_among
from community.threads.queries.drafts import DraftRow, get_draft, list_drafts, pictures_of_drafts
from community.threads.queries.feed import Feed, FeedRow, Reply, feed, news_of_feed
from community.threads.queries.feeds import newest_replies, openings
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
from community.threads.queries.page import PostRow, page_rows, rows_numbered
from community.threads.queries.posts import my_reactions, streamed_post, thread_posts
from community.threads.queries.reading import News, Place, news_among, news_of, place_in
from community.threads.queries.reminders import Preset, moment_in, presets, zone_of

__all__ = [
    "BookmarkRow",
    "DraftRow",
    "Feed",
    "FeedRow",
    "Kept",
    "News",
    "Place",
    "PostRow",
    "Preset",
    "Reply",
    "RevisionView",
    "Revisions",
    "add_tags",
    "categories",
    "category_id",
    "feed",
    "get_bookmark",
    "get_category",
    "get_draft",
    "get_post",
    "get_revision",
    "get_thread",
    "has_less",
    "kept_of",
    "list_bookmarks",
    "list_drafts",
    "list_posts",
    "list_threads",
    "marks_among",
    "moment_in",
    "my_reactions",
    "newest_replies",
    "news_among",
    "news_of",
    "news_of_feed",
    "openings",
    "page_rows",
    "pictures_of_drafts",
    "pinned_threads",
    "place_in",
    "presets",
    "revisions",
    "rows_numbered",
    "sees_what_all_see",
    "streamed_post",
    "streamed_thread",
    "thread_posts",
    "with_parts",
    "zone_of",
]
