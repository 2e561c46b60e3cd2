"""What can be found, and what people looked for.

A document holds no text: its words as lexemes, and what filters and order need. What a result shows is read from the
rows themselves when it is shown, so nothing that was taken down or erased lives on here.
"""

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.utils.translation import gettext_lazy as _


class Document(models.Model):
    """One thing that can be found. Ids point at rows of the apps that plug in, which this app does not know.

    `place` says who may read it (see `permissions`). `words` has the lexemes of the text with their places, and marks
    that begin with "@" and have none: "@by:m5", "@kind:item", "@week:2871". So one index answers words and filters.
    """

    kind = models.CharField(max_length=10)
    object_id = models.BigIntegerField()
    thread_id = models.BigIntegerField(null=True)
    author_id = models.BigIntegerField(null=True)
    place = models.CharField(max_length=40)
    created_at = models.DateTimeField()
    price = models.DecimalField(max_digits=16, decimal_places=3, null=True)  # in main units of the item's currency
    length = models.PositiveIntegerField(default=0)  # words
    words = SearchVectorField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "object_id"], name="search_document_once")]
        indexes = [
            # New words wait in a list of 1 MB before they are sorted in: a post does not wait for that.
            GinIndex(fields=["words"], name="search_words", fastupdate=True, gin_pending_list_limit=1024),
            models.Index(fields=["thread_id"], name="search_of_thread", condition=~models.Q(thread_id=None)),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.object_id}"


class Lookup(models.Model):
    """How often a question was asked on a day, and how often nothing was found. Nobody's name stands beside it."""

    day = models.DateField(_("day"))
    question = models.CharField(_("what was asked"), max_length=80)
    language = models.CharField(_("language"), max_length=8)
    times = models.PositiveIntegerField(_("asked"), default=0)
    in_vain = models.PositiveIntegerField(_("nothing found"), default=0)

    class Meta:
        verbose_name = _("search")
        verbose_name_plural = _("searches")
        constraints = [models.UniqueConstraint(fields=["day", "question", "language"], name="search_lookup_once")]

    def __str__(self) -> str:
        return self.question


class Rebuild(models.Model):
    """How far `manage.py reindex` has come with one kind of document; a broken-off run goes on from here."""

    kind = models.CharField(max_length=10, unique=True)
    begun_at = models.DateTimeField()
    after_id = models.BigIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return self.kind
