"""Batches of threads into the tables: what is new goes in, what changed is changed, the rest is left alone.

Facts are not recorded: a decade of talk is no news to anybody. Counts are kept, in the order that all writers keep.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from community.catalog.actions.sql import run
from community.core import facts
from community.core.work import unit
from community.threads.actions.heat import score_of
from community.threads.actions.open_thread import slug_of
from community.threads.facts import ThreadsImported
from community.threads.management.importing.bulk import Fresh, columns_of, reserved
from community.threads.management.importing.people import members_for
from community.threads.management.importing.rows import ImportFault, Message, Report, Talk
from community.threads.management.importing.update import Update
from community.threads.management.importing.words import Kept, Words, html_of, shown_title
from community.threads.models import Category, Post, State, Thread

Batch = Sequence[tuple[Talk, Sequence[Words]]]


@dataclass(slots=True)
class Counts:
    """What became of the rows of one kind."""

    created: int = 0
    changed: int = 0
    unchanged: int = 0
    refused: int = 0


@dataclass(slots=True)
class Tally:
    """What an import did."""

    threads: Counts = field(default_factory=Counts)
    posts: Counts = field(default_factory=Counts)
    members: Counts = field(default_factory=Counts)


@dataclass(slots=True)
class Loader:
    """Writes batches that came from one place into one category."""

    origin: str
    category: Category
    report: Report
    tally: Tally = field(default_factory=Tally)
    people: dict[str, int] = field(default_factory=dict)  # member ids by the authors' keys
    seen: set[str] = field(default_factory=set)  # keys of threads ("t:…") and posts ("p:…") of this run

    @unit
    def write(self, batch: Batch) -> None:
        """One batch, whole or not at all. Two imports from one place wait for each other here."""
        run("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"import_threads {self.origin}"])
        usable = [(talk, kept) for talk, words in batch if (kept := self._usable(talk, words))]
        authors = [message.author for _talk, kept in usable for message, _words in kept]
        known_people, made = members_for((one for one in authors if one.key not in self.people), origin=self.origin)
        self.people |= known_people
        self.tally.members.created += made
        here = self._here([talk.key for talk, _kept in usable])
        fresh = Fresh()
        new = [kept for talk, kept in usable if talk.key not in here]
        ids, post_ids = reserved(Thread, len(new)), reserved(Post, sum(map(len, new)))
        for talk, kept in usable:
            if talk.key in here:
                self._update(here[talk.key], talk, kept, fresh)
            else:
                self._open(next(ids), post_ids, talk, kept, fresh)
        fresh.insert()
        brought = sorted([*(row["id"] for row in fresh.threads), *(thread.pk for thread in here.values())])
        facts.record(ThreadsImported(self.category.pk, tuple(brought)))

    def _usable(self, talk: Talk, words: Sequence[Words]) -> Kept:
        """The messages that can be stored; none if the first cannot."""
        kept: list[tuple[Message, Words]] = []
        gone: set[str] = set()
        first = talk.messages[0].key
        head_fault = self._head_fault(talk)
        for message, made in zip(talk.messages, words, strict=True):
            fault = head_fault if message.key == first else ""
            fault = fault or made.fault or ("this id was there before" if f"p:{message.key}" in self.seen else "")
            if gone & {first, message.reply_to}:
                fault = f"what it belongs to ({message.reply_to or first}) was refused"
            if fault:
                gone.add(message.key)
                self.tally.posts.refused += 1
                self.report(ImportFault(message.file, message.line, message.key, fault))
            else:
                self.seen.add(f"p:{message.key}")
                kept.append((message, made))
        self.tally.threads.refused += not kept
        return kept

    def _head_fault(self, talk: Talk) -> str:
        if f"t:{talk.key}" in self.seen:
            return "its thread was there before"
        self.seen.add(f"t:{talk.key}")
        return "" if shown_title(talk.title) else "a thread without a title"

    def _here(self, keys: list[str]) -> dict[str, Thread]:
        found = Thread.objects.filter(origin=self.origin, origin_id__in=keys)
        return {row.origin_id: row for row in found.order_by("pk").select_for_update(no_key=True)}

    def _open(self, pk: int, post_ids: Iterator[int], talk: Talk, kept: Kept, fresh: Fresh) -> None:
        messages = [message for message, _words in kept]
        authors = {message.key: self.people[message.author.key] for message in messages}
        first, last = messages[0], max(messages, key=lambda one: one.created_at)
        ids = {message.key: next(post_ids) for message in messages}
        self.add_posts(pk, 1, kept, ids, fresh)
        accepted = talk.accepted if talk.accepted in ids and talk.accepted != first.key else None
        title = shown_title(talk.title)
        row = columns_of(Thread) | {
            "id": pk,
            "category_id": self.category.pk,
            "kind": talk.kind,
            "title": title,
            "slug": slug_of(title),
            "author_id": authors[first.key],
            "created_at": first.created_at,
            "last_number": len(kept),
            "reply_count": len(kept) - 1,
            "last_post_at": last.created_at,
            "last_poster_id": authors[last.key],
            "accepted_post_id": ids[accepted] if accepted else None,
            "hot_score": score_of((one.created_at, authors[one.key]) for one in messages),
            "view_count": talk.views,
            "score": first.score,
            "origin": self.origin,
            "origin_id": talk.key,
        }
        fresh.threads.append(row)
        fresh.tagged.append((pk, talk.tags))
        fresh.thread_count[authors[first.key]] += 1
        fresh.category_threads[self.category.pk] += 1
        fresh.category_posts[self.category.pk] += len(kept)
        if accepted:
            fresh.accepted(asker=authors[first.key], author=authors[accepted])
        self.tally.threads.created += 1

    def add_posts(self, thread_id: int, number: int, kept: Kept, ids: dict[str, int], fresh: Fresh) -> None:
        """Rows numbered from `number` on. `ids` has theirs and those of the posts they may answer, by key."""
        under = self._answers(kept, ids, number)
        for place, (message, words) in enumerate(kept, start=number):
            author = self.people[message.author.key]
            fresh.post_count[author] += 1
            row = columns_of(Post) | {
                "id": ids[message.key],
                "thread_id": thread_id,
                "number": place,
                "author_id": author,
                "reply_to_id": ids.get(message.reply_to or ""),
                "body": words.markdown,
                "body_html": html_of(words),
                "created_at": message.created_at,
                "score": message.score,
                "esteem": message.score,
                "answer_number": under[message.key],
                "origin": self.origin,
                "origin_id": message.key,
                "origin_url": message.url[:200],
                "origin_licence": message.licence[:40],
            }
            fresh.posts.append(row)
        self.tally.posts.created += len(kept)

    def _answers(self, kept: Kept, ids: dict[str, int], number: int) -> dict[str, int]:
        """Under which answer each message stands (`Post.answer_number`), by key; those it may answer may be rows."""
        ours = {message.key for message, _words in kept}
        rows = {pk: key for key, pk in ids.items() if key not in ours}
        here = Post.objects.filter(pk__in=rows).values_list("pk", "answer_number") if rows else ()
        under = {rows[pk]: answer for pk, answer in here}
        for place, (message, _words) in enumerate(kept, start=number):
            under[message.key] = 0 if place == 1 else under.get(message.reply_to or "", 0) or place
        return under

    def _update(self, thread: Thread, talk: Talk, kept: Kept, fresh: Fresh) -> None:
        update = Update(loader=self, thread=thread, talk=talk, kept=kept, fresh=fresh)
        changed = update.apply()
        if thread.state == State.VISIBLE and update.added:
            fresh.category_posts[thread.category_id] += update.added
        self.tally.threads.changed += changed
        self.tally.threads.unchanged += not changed
