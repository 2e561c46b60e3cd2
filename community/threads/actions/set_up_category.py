"""Make a place for threads, or change what it is."""

from collections.abc import Sequence

from django.utils.translation import gettext as _

from community.core import facts
from community.core.errors import Invalid
from community.core.text import clean_line
from community.core.verdicts import ensure
from community.core.work import unit
from community.members.actions import note
from community.members.models import Member
from community.members.permissions import Viewer
from community.threads.facts import CategoryChanged, CategoryReadersChanged
from community.threads.models import Category, Thread
from community.threads.permissions import can_set_up_categories

TEXTS = {"name_ja": 60, "name_en": 60, "description_ja": 200, "description_en": 200}


@unit
def set_up_category(*, by: Viewer, category: Category, kinds: Sequence[str]) -> Category:
    """Save a category (new, or with changed fields) that takes `kinds`. Raises `NotAllowed`, `Invalid`.

    `slug` is part of addresses; a change of it breaks links and is the manager's to judge.
    """
    ensure(can_set_up_categories(by))
    assert isinstance(by, Member)
    if not kinds or not set(kinds) <= set(Thread.Kind.values):
        raise Invalid(_("Choose at least one kind of thread."), code="kinds_invalid", field="kinds")
    category.kinds = [kind for kind in Thread.Kind.values if kind in kinds]
    for name in TEXTS:
        setattr(category, name, check_words(name, getattr(category, name)))
    before = Category.objects.select_for_update(no_key=True).filter(pk=category.pk).first() if category.pk else None
    if before is None:
        category.save(force_insert=True)
    else:
        # The counts are the writers' of threads and stay out of this.
        category.save(update_fields=["slug", *TEXTS, "kinds", "opened_by", "read_by", "position"])
    note(by=by, verb="set_up", target="category", target_id=category.pk, reason=category.slug)
    facts.record(CategoryChanged(category.pk, by.pk))
    if before is not None and before.read_by != category.read_by:
        facts.record(CategoryReadersChanged(category.pk, by.pk))
    return category


def check_words(name: str, text: str) -> str:
    """A name or description as one clean line; names are needed in both languages. Raises `Invalid`."""
    if not text.strip() and name.startswith("description_"):
        return ""
    return clean_line(text, field=name, limit=TEXTS[name])
