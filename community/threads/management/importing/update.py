"""A thread that came with an earlier import, and what the source says of it now."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.db.models import F

from community.core.clock import now
from community.threads.management.importing.bulk import Fresh, reserved
from community.threads.management.importing.rows import Message, Talk
from community.threads.management.importing.words import Kept, Words, html_of, shown_title
from community.threads.models import Post, Thread

if TYPE_CHECKING:
    from community.threads.management.importing.load import Loader


@dataclass(slots=True)
class Update:
    """`thread`'s row is locked. `added` is how many posts were new."""

    loader: "Loader"
    thread: Thread
    talk: Talk
    kept: Kept
    fresh: Fresh
    added: int = 0
    here: dict[str, Post] = field(default_factory=dict)  # posts that were here before, by key

    def apply(self) -> bool:
        """Whether the thread itself changed; posts are counted in the loader's tally."""
        rows = Post.objects.filter(
            origin=self.loader.origin, origin_id__in=[message.key for message, _words in self.kept]
        )
        fields = ("origin_id", "author_id", "body", "score", "edit_count")
        self.here = {row.origin_id: row for row in rows.only(*fields)}
        counts = self.loader.tally.posts
        for message, words in self.kept:
            if message.key in self.here:
                changed = self._change_post(self.here[message.key], message, words)
                counts.changed += changed
                counts.unchanged += not changed
        ids = {key: row.pk for key, row in self.here.items()}
        changes = self._add(ids) | self._head(ids)
        if changes:
            Thread.objects.filter(pk=self.thread.pk).update(**changes)
        return bool(changes)

    def _change_post(self, row: Post, message: Message, words: Words) -> bool:
        """What was edited here stays as it was edited."""
        changes: dict[str, Any] = changed_values(row, {"score": message.score})
        if row.body != words.markdown and not row.edit_count:
            changes |= {"body": words.markdown, "body_html": html_of(words), "edited_at": now()}
            changes["version"] = F("version") + 1
        if "score" in changes:
            changes["esteem"] = F("esteem") + message.score - row.score
        if changes:
            Post.objects.filter(pk=row.pk).update(**changes)
        return bool(changes)

    def _add(self, ids: dict[str, int]) -> dict[str, Any]:
        """Later dumps add at the end: a number, once given, is for ever. New ids go into `ids`."""
        new = [(message, words) for message, words in self.kept if message.key not in self.here]
        self.added = len(new)
        if not new:
            return {}
        ids |= dict(zip((message.key for message, _words in new), reserved(Post, len(new)), strict=True))
        self.loader.add_posts(self.thread.pk, self.thread.last_number + 1, new, ids, self.fresh)
        changes: dict[str, Any] = {
            "last_number": F("last_number") + len(new),
            "reply_count": F("reply_count") + len(new),
        }
        newest = max((message for message, _words in new), key=lambda one: one.created_at)
        if newest.created_at > self.thread.last_post_at:
            changes |= {"last_post_at": newest.created_at, "last_poster_id": self.loader.people[newest.author.key]}
        return changes

    def _head(self, ids: dict[str, int]) -> dict[str, Any]:
        """Title, views, score and the accepted answer, as far as they differ. One accepted here stays."""
        first = self.kept[0][0]
        said: dict[str, Any] = {"view_count": self.talk.views, "score": first.score}
        if first.key in self.here and not self.here[first.key].edit_count:
            said["title"] = shown_title(self.talk.title)
        accepted = self.talk.accepted
        if accepted in ids and accepted != first.key and self.thread.accepted_post_id is None:
            said["accepted_post_id"] = ids[accepted]
            author = next(message.author.key for message, _words in self.kept if message.key == accepted)
            self.fresh.accepted(asker=self.thread.author_id, author=self.loader.people[author])
        return changed_values(self.thread, said)


def changed_values(row: Any, said: dict[str, Any]) -> dict[str, Any]:
    """What `said` says differently from `row`."""
    return {name: value for name, value in said.items() if getattr(row, name) != value}
