"""Threads and their posts.

A post is a numbered message of a thread: number 1 opens it, every later one is a reply. Numbers are dense and never
change, so a page is a range of them and a permalink lasts. HTML is made once, when a post is written.
"""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from taggit.managers import TaggableManager
from taggit.models import ItemBase

from community.catalog.models import Creator, Item, Tag
from community.core.models import Picture

Member = settings.AUTH_USER_MODEL


class Category(models.Model):
    """A place for threads. `kinds` are the kinds of thread that may be opened here, `opened_by` by whom."""

    class OpenedBy(models.TextChoices):
        EVERYBODY = "everybody", _("every member")
        CREATORS = "creators", _("creators")
        MANAGERS = "managers", _("community managers")

    slug = models.SlugField(max_length=60, unique=True)
    name_ja = models.CharField(_("name (Japanese)"), max_length=60)
    name_en = models.CharField(_("name (English)"), max_length=60)
    description_ja = models.CharField(_("description (Japanese)"), max_length=200, blank=True)
    description_en = models.CharField(_("description (English)"), max_length=200, blank=True)
    kinds = models.JSONField(_("kinds of thread"), default=list)
    opened_by = models.CharField(_("opened by"), max_length=10, choices=OpenedBy, default=OpenedBy.EVERYBODY)
    # Members outside of `read_by` do not see the category or anything in it.
    read_by = models.CharField(_("read by"), max_length=10, choices=OpenedBy, default=OpenedBy.EVERYBODY)
    position = models.PositiveSmallIntegerField(default=0)
    thread_count = models.PositiveIntegerField(default=0, editable=False)
    post_count = models.PositiveIntegerField(default=0, editable=False)

    class Meta:
        verbose_name = _("category")
        verbose_name_plural = _("categories")
        ordering = ["position", "slug"]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        return self.name_ja if (get_language() or "ja").startswith("ja") else self.name_en

    @property
    def description(self) -> str:
        return self.description_ja if (get_language() or "ja").startswith("ja") else self.description_en


class State(models.TextChoices):
    """Deleted by its author or staff (a tombstone stays), or hidden by moderation (only staff and author see it)."""

    VISIBLE = "visible", _("visible")
    DELETED = "deleted", _("deleted")
    HIDDEN = "hidden", _("hidden")


WITHHELD = "withheld"
"""What a post is for somebody who is kept apart from its author: never stored, and never told why."""


# Words after /threads/<id>/ that are not a title.
PAGES = frozenset({"reply", "manage", "unaccept", "feed"})


class Thread(models.Model):  # type: ignore[django-manager-missing]  # taggit's base has no manager the stubs know
    """A conversation. Counts are stored and kept by the actions under the thread's row lock."""

    class Kind(models.TextChoices):
        TALK = "talk", _("talk")
        QUESTION = "question", _("question")
        IDEA = "idea", _("idea")
        ANNOUNCEMENT = "announcement", _("announcement")

    category = models.ForeignKey(Category, on_delete=models.PROTECT, related_name="threads")
    kind = models.CharField(_("kind"), max_length=12, choices=Kind, default=Kind.TALK)
    # People write up to 120 characters; titles that come with an import may be longer.
    title = models.CharField(_("title"), max_length=200)
    slug = models.SlugField(max_length=120, allow_unicode=True, blank=True)
    author = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="+")
    item = models.ForeignKey(Item, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    creator = models.ForeignKey(Creator, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    state = models.CharField(max_length=8, choices=State, default=State.VISIBLE)
    created_at = models.DateTimeField()
    # The highest number given out; numbers are dense, so this is also how many posts there ever were.
    last_number = models.PositiveIntegerField(default=0)
    reply_count = models.PositiveIntegerField(default=0)  # visible posts but the first
    reaction_count = models.PositiveIntegerField(default=0)
    last_post_at = models.DateTimeField()
    last_poster = models.ForeignKey(Member, null=True, on_delete=models.SET_NULL, related_name="+")
    accepted_post = models.ForeignKey("Post", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    hot_score = models.FloatField(default=0)
    pinned_at = models.DateTimeField(null=True, blank=True)
    locked_at = models.DateTimeField(null=True, blank=True)
    slow_mode_seconds = models.PositiveIntegerField(default=0)  # pause between two posts of one member
    view_count = models.PositiveIntegerField(default=0)
    score = models.IntegerField(default=0)  # votes that came with an import
    origin = models.CharField(max_length=40, blank=True, editable=False)
    origin_id = models.CharField(max_length=64, blank=True, editable=False)

    tags = TaggableManager(
        through="threads.TaggedThread", blank=True, verbose_name=_("tags"), related_name="tagged_threads_of+"
    )

    class Meta:
        verbose_name = _("thread")
        verbose_name_plural = _("threads")
        constraints = [
            models.UniqueConstraint(
                fields=["origin", "origin_id"], condition=~Q(origin=""), name="threads_origin_once"
            ),
        ]
        indexes = [
            models.Index(fields=["-last_post_at", "-id"], name="threads_latest"),
            models.Index(fields=["-hot_score", "-id"], name="threads_hot"),
            models.Index(fields=["category", "-last_post_at", "-id"], name="threads_in_category"),
            models.Index(fields=["item", "kind", "-last_post_at", "-id"], name="threads_of_item"),
            models.Index(fields=["creator", "-last_post_at", "-id"], name="threads_of_creator"),
            models.Index(fields=["author", "-created_at", "-id"], name="threads_of_author"),
            models.Index(
                fields=["-created_at", "-id"],
                condition=Q(kind="question", accepted_post=None, state="visible"),
                name="threads_unanswered",
            ),
            models.Index(fields=["-pinned_at", "-id"], condition=~Q(pinned_at=None), name="threads_pinned"),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        """Its first page. A slug that is the word for one of its other pages is left out."""
        named = self.slug and self.slug not in PAGES
        return reverse("threads:thread", args=[self.pk, self.slug] if named else [self.pk])

    @property
    def stream(self) -> str:
        """The name of its live stream."""
        return f"thread.{self.pk}"

    @property
    def is_question(self) -> bool:
        return self.kind == self.Kind.QUESTION

    @property
    def is_answered(self) -> bool:
        return self.accepted_post_id is not None


class TaggedThread(ItemBase):
    """A thread carries a tag, once. Tags are shared with items."""

    # taggit walks back over this name, so it cannot be "+".
    tag = models.ForeignKey(Tag, on_delete=models.CASCADE, related_name="tagged_threads")
    content_object = models.ForeignKey(Thread, on_delete=models.CASCADE, related_name="tagged")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tag", "content_object"], name="threads_tagged_thread_once")]


class Post(models.Model):
    """A numbered message. `version` goes up with every change that a reader can see."""

    thread = models.ForeignKey(Thread, on_delete=models.CASCADE, related_name="posts")
    number = models.PositiveIntegerField()
    author = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="+")
    reply_to = models.ForeignKey("self", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    body = models.TextField(_("text"))
    body_html = models.TextField(editable=False)
    state = models.CharField(max_length=8, choices=State, default=State.VISIBLE)
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField()
    edited_at = models.DateTimeField(null=True, blank=True)  # of the last edit that left a revision
    edit_count = models.PositiveIntegerField(default=0)
    deleted_at = models.DateTimeField(null=True, blank=True)
    deleted_by = models.ForeignKey(Member, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    delete_reason = models.CharField(max_length=200, blank=True)
    # Under which answer it stands: the number of the reply to the opening post that a chain of replies began with. A
    # reply to the opening post, or to nobody in particular, is an answer itself; 0 for number 1.
    answer_number = models.PositiveIntegerField(default=0, editable=False)
    esteem = models.IntegerField(default=0, editable=False)  # reactions and votes: what answers are ordered by
    reactions = models.JSONField(default=dict)  # {"heart": 3}: how many of each kind
    item_ids = models.JSONField(default=list)  # items whose cards stand below the text
    picture_count = models.PositiveSmallIntegerField(default=0)
    score = models.IntegerField(default=0)  # votes that came with an import
    # Where an imported post comes from, and the page and licence to name below it.
    origin = models.CharField(max_length=40, blank=True, editable=False)
    origin_id = models.CharField(max_length=64, blank=True, editable=False)
    origin_url = models.CharField(max_length=200, blank=True, editable=False)
    origin_licence = models.CharField(max_length=40, blank=True, editable=False)

    # Set by `queries.thread_posts`: the items of `item_ids` that the viewer may see, in order.
    cards: list[Item]

    class Meta:
        verbose_name = _("post")
        verbose_name_plural = _("posts")
        constraints = [
            models.UniqueConstraint(fields=["thread", "number"], name="threads_post_number_once"),
            models.UniqueConstraint(
                fields=["origin", "origin_id"], condition=~Q(origin=""), name="threads_post_origin_once"
            ),
            models.CheckConstraint(condition=Q(number__gte=1), name="threads_post_number_from_one"),
        ]
        # By time, not by id: imported posts are older than their ids.
        indexes = [
            models.Index(fields=["author", "-created_at", "-id"], name="threads_post_of_author"),
            # A post is in one of these two: answers as they are ordered, and what stands under each.
            models.Index(
                fields=["thread", "-esteem", "number"],
                condition=Q(answer_number=models.F("number")),
                name="threads_answers",
            ),
            models.Index(
                fields=["thread", "answer_number", "number"],
                condition=Q(answer_number__lt=models.F("number")),
                name="threads_comments",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.thread_id}#{self.number}"

    def get_absolute_url(self) -> str:
        """Its permalink: leads to the page of the thread it stands on, wherever that is."""
        return reverse("threads:post", args=[self.pk])

    @property
    def is_opening(self) -> bool:
        return self.number == 1

    @property
    def is_visible(self) -> bool:
        return self.state == State.VISIBLE


class PostRevision(models.Model):
    """What a post said before an edit. A revision with personal data can be hidden; the trail stays."""

    post = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="revisions")
    version = models.PositiveIntegerField()  # the version this text was
    title = models.CharField(max_length=200, blank=True)  # of the thread, for number 1
    body = models.TextField()
    editor = models.ForeignKey(Member, null=True, on_delete=models.SET_NULL, related_name="+")
    reason = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField()
    hidden_at = models.DateTimeField(null=True, blank=True)
    hidden_by = models.ForeignKey(Member, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["post", "version"], name="threads_revision_once")]

    def __str__(self) -> str:
        return f"{self.post_id} v{self.version}"


class PostPicture(models.Model):
    """A picture in a post; up to 8 of them."""

    post = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="pictures")
    picture = models.ForeignKey(Picture, on_delete=models.CASCADE, related_name="+")
    position = models.PositiveSmallIntegerField()
    alt = models.CharField(_("what it shows"), max_length=200, blank=True)

    class Meta:
        ordering = ["position"]
        constraints = [models.UniqueConstraint(fields=["post", "position"], name="threads_post_picture_place")]

    def __str__(self) -> str:
        return self.alt


class Reaction(models.Model):
    """One member's reaction of one kind to one post."""

    class Kind(models.TextChoices):
        HEART = "heart", _("lovely")
        CLAP = "clap", _("well done")
        THANKS = "thanks", _("thank you")
        SMILE = "smile", _("made me smile")
        HELPFUL = "helpful", _("helpful")

    post = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="+")
    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=8, choices=Kind)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["post", "member", "kind"], name="threads_reaction_once")]

    def __str__(self) -> str:
        return self.kind


class Mention(models.Model):
    """A post names a member."""

    post = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="+")
    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["post", "member"], name="threads_mention_once")]

    def __str__(self) -> str:
        return f"{self.post_id} @{self.member_id}"


# --- What belongs to one reader ------------------------------------------------------------------------------


class ReadPosition(models.Model):
    """How far a member has read a thread: everything up to `number`. It only ever goes up, on whatever device."""

    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="+")
    thread = models.ForeignKey(Thread, on_delete=models.CASCADE, related_name="+")
    number = models.PositiveIntegerField()
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["member", "thread"], name="threads_read_position_once")]

    def __str__(self) -> str:
        return f"{self.member_id} {self.thread_id}#{self.number}"


class ReadMark(models.Model):
    """ "All read": what was written up to `before` counts as read, in one category or (None) everywhere."""

    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="+")
    category = models.ForeignKey(Category, null=True, on_delete=models.CASCADE, related_name="+")
    before = models.DateTimeField()
    previous = models.DateTimeField(null=True)  # what "undo" goes back to

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["member", "category"], nulls_distinct=False, name="threads_read_mark_once"),
        ]

    def __str__(self) -> str:
        return f"{self.member_id} {self.category_id or 'all'} {self.before}"


class ReadingDay(models.Model):
    """How long a member was reading on one day of the site's time zone: for trust levels. Never more than passed."""

    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="+")
    day = models.DateField()
    seconds = models.PositiveIntegerField(default=0)
    at = models.DateTimeField()  # of the last report

    class Meta:
        constraints = [models.UniqueConstraint(fields=["member", "day"], name="threads_reading_day_once")]

    def __str__(self) -> str:
        return f"{self.member_id} {self.day} {self.seconds} s"


class Draft(models.Model):
    """What a member is writing, kept beside the copy in their browser.

    `sequence` goes up with every save; `owner` is the window that saved last. A row with `gone_at` was sent (no text)
    or discarded (its text waits a day, for "undo"): it stays for a while, so that a window which does not know of it
    yet is refused instead of bringing the text back.
    """

    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="+")
    context = models.CharField(max_length=80)  # queries.drafts.CONTEXT
    title = models.CharField(max_length=200, blank=True)
    body = models.TextField(blank=True)
    extra = models.JSONField(default=dict)  # the other fields of the form: {"tags": ["felt"]}
    picture_ids = models.JSONField(default=list)  # uploads that are kept while the draft is
    sequence = models.PositiveIntegerField()
    owner = models.CharField(max_length=64)
    updated_at = models.DateTimeField()
    gone_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["member", "context"], name="threads_draft_once")]
        indexes = [models.Index(fields=["updated_at"], name="threads_draft_age")]

    def __str__(self) -> str:
        return f"{self.member_id} {self.context}"


class Bookmark(models.Model):
    """Something a member keeps for later: a thread, a reply or an item, exactly one of them. ADR 0023.

    `remind_at` stays when it was told (`reminded_at`), so that a command which comes twice finds it as it was. `job_id`
    is the job that tells, and the key of its notice. A row with `gone_at` was removed and waits a day for "undo".
    """

    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="+", db_index=False)
    thread = models.ForeignKey(Thread, null=True, on_delete=models.CASCADE, related_name="+")
    post = models.ForeignKey(Post, null=True, on_delete=models.CASCADE, related_name="+")
    item = models.ForeignKey(Item, null=True, on_delete=models.CASCADE, related_name="+")
    note = models.CharField(_("note"), max_length=280, blank=True)
    remind_at = models.DateTimeField(_("reminder"), null=True)
    reminded_at = models.DateTimeField(null=True)
    job_id = models.BigIntegerField(null=True, unique=True)
    created_at = models.DateTimeField()
    gone_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(thread__isnull=False, post=None, item=None)
                | Q(thread=None, post__isnull=False, item=None)
                | Q(thread=None, post=None, item__isnull=False),
                name="threads_bookmark_of_one",
            ),
            models.UniqueConstraint(fields=["member", "thread"], name="threads_bookmark_thread_once"),
            models.UniqueConstraint(fields=["member", "post"], name="threads_bookmark_post_once"),
            models.UniqueConstraint(fields=["member", "item"], name="threads_bookmark_item_once"),
        ]
        indexes = [
            models.Index(
                fields=["member", "-created_at", "-id"], condition=Q(gone_at=None), name="threads_bookmarks_latest"
            ),
            models.Index(
                fields=["member", "remind_at", "id"],
                condition=~Q(remind_at=None) & Q(reminded_at=None, gone_at=None),
                name="threads_bookmarks_due",
            ),
            models.Index(fields=["gone_at"], condition=~Q(gone_at=None), name="threads_bookmarks_gone"),
        ]

    def __str__(self) -> str:
        return f"{self.member_id} {self.kind}:{self.target_id}"

    @property
    def kind(self) -> str:
        """What is kept: "thread", "post" or "item"."""
        return "thread" if self.thread_id else "post" if self.post_id else "item"

    @property
    def target_id(self) -> int:
        return self.thread_id or self.post_id or self.item_id or 0

    @property
    def waits(self) -> bool:
        """Whether there is a reminder still to come."""
        return self.remind_at is not None and self.reminded_at is None


class FeedEntry(models.Model):
    """One new thing at one place that can be followed: what personal feeds are read from, by its index alone.

    `kind` and `target_id` are the place ("tag", 7), `source` and `source_id` the thing ("thread", "reply" or "item").
    `places` are all places that the thing lies in ("tag:7"), so that what somebody muted is left out by the same row.
    Made by `actions.feed` from the rows; it holds nothing that they do not say.
    """

    kind = models.CharField(max_length=8)
    target_id = models.BigIntegerField()
    at = models.DateTimeField()
    source = models.CharField(max_length=6)
    source_id = models.BigIntegerField()
    thread = models.ForeignKey(Thread, null=True, on_delete=models.CASCADE, related_name="+")
    places = ArrayField(models.CharField(max_length=30))

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["source", "source_id", "kind", "target_id"], name="threads_feed_entry_once"
            ),
        ]
        indexes = [
            models.Index(
                fields=["kind", "target_id", "-at", "-source", "-source_id"],
                include=["places"],
                name="threads_feed_of_place",
            ),
            models.Index(fields=["at"], name="threads_feed_age"),
        ]

    def __str__(self) -> str:
        return f"{self.kind}:{self.target_id} {self.source}:{self.source_id}"
