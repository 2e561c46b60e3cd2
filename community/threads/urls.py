"""Addresses of the talk: lists, threads, posts and what is done to them."""

from django.urls import path

from community.threads.views import (
    bookmarks,
    changing,
    drafts,
    listing,
    managing,
    marking,
    opening,
    pictures,
    reacting,
    reading,
    replying,
)

app_name = "threads"

urlpatterns = [
    path("threads/", listing.thread_list, name="list"),
    path("threads/in/<slug:slug>/", listing.category, name="category"),
    path("threads/new/", opening.new_thread, name="new"),
    path("threads/preview/", pictures.preview, name="preview"),
    path("threads/pictures/", pictures.upload_picture, name="upload_picture"),
    path("threads/read/", marking.read, name="read"),
    path("threads/news/", marking.news, name="news"),
    path("threads/view/", marking.view, name="view"),
    path("threads/read/all/", marking.read_all, name="read_all"),
    path("threads/read/undo/", marking.undo_read_all, name="undo_read_all"),
    path("threads/<int:thread_id>/reply/", replying.reply, name="reply"),
    path("threads/<int:thread_id>/manage/", managing.manage, name="manage"),
    path("threads/<int:thread_id>/unaccept/", reacting.unaccept, name="unaccept"),
    path("threads/<int:thread_id>/", reading.thread, name="thread"),
    path("threads/<int:thread_id>/<str:slug>/", reading.thread, name="thread"),
    path("drafts/", drafts.drafts, name="drafts"),
    path("drafts/save/", drafts.save, name="save_draft"),
    path("drafts/discard/", drafts.discard, name="discard_draft"),
    path("drafts/restore/", drafts.restore, name="restore_draft"),
    path("bookmarks/", bookmarks.bookmarks, name="bookmarks"),
    path("bookmarks/marks/", bookmarks.marks, name="marks"),
    path("bookmarks/<slug:kind>/<int:target_id>/", bookmarks.bookmark, name="bookmark"),
    path("posts/<int:post_id>/", reading.permalink, name="post"),
    path("posts/<int:post_id>/fragment/", reading.fragment, name="fragment"),
    path("posts/<int:post_id>/history/", reading.history, name="history"),
    path("posts/<int:post_id>/edit/", changing.edit, name="edit"),
    path("posts/<int:post_id>/delete/", changing.delete, name="delete"),
    path("posts/<int:post_id>/restore/", changing.restore, name="restore"),
    path("posts/<int:post_id>/react/", reacting.react, name="react"),
    path("posts/<int:post_id>/accept/", reacting.accept, name="accept"),
    path("revisions/<int:revision_id>/hide/", managing.hide_revision, name="hide_revision"),
]
