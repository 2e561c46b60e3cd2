"""Tags of a thread. Tags are shared with items; spellings with one canonical key are one tag."""

from collections.abc import Sequence

from django.utils.translation import ngettext

from community.catalog.actions import tags_for
from community.core.errors import Invalid
from community.core.text import clean_line, tag_key
from community.threads.models import TaggedThread, Thread

LIMIT = 5
LENGTH = 40


def check_tags(names: Sequence[str]) -> dict[str, str]:
    """The names by their keys, the first spelling of each; raises `Invalid`."""
    wanted: dict[str, str] = {}
    for name in names:
        line = clean_line(name.strip().lstrip("#＃"), field="tags", limit=LENGTH)
        if key := tag_key(line):
            wanted.setdefault(key, line)
    if len(wanted) > LIMIT:
        message = ngettext("At most %(limit)s tag.", "At most %(limit)s tags.", LIMIT)
        raise Invalid(message % {"limit": LIMIT}, code="too_many_tags", field="tags")
    return wanted


def set_tags(thread: Thread, wanted: dict[str, str]) -> bool:
    """Make the thread carry exactly these tags (from `check_tags`); returns whether that changed anything."""
    tags = tags_for(list(wanted.values()))
    had = set(TaggedThread.objects.filter(content_object=thread).values_list("tag_id", flat=True))
    if had == {tag.pk for tag in tags}:
        return False
    TaggedThread.objects.filter(content_object=thread).exclude(tag__in=tags).delete()
    new = [TaggedThread(tag=tag, content_object=thread) for tag in tags if tag.pk not in had]
    TaggedThread.objects.bulk_create(new, ignore_conflicts=True)
    return True
