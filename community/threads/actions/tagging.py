"""Tags of a thread. Tags are shared with items; spellings with one canonical key are one tag."""

from collections.abc import Sequence

from django.db import transaction
from django.utils.translation import ngettext

from community.catalog.models import Tag
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
    tags = tags_for(wanted)
    had = set(TaggedThread.objects.filter(content_object=thread).values_list("tag_id", flat=True))
    if had == {tag.pk for tag in tags}:
        return False
    TaggedThread.objects.filter(content_object=thread).exclude(tag__in=tags).delete()
    new = [TaggedThread(tag=tag, content_object=thread) for tag in tags if tag.pk not in had]
    TaggedThread.objects.bulk_create(new, ignore_conflicts=True)
    return True


def tags_for(wanted: dict[str, str]) -> list[Tag]:
    """The tags of these keys; new ones get the given names. Any number of writers may make the same tag at once."""
    found = {tag.key: tag for tag in Tag.objects.filter(key__in=wanted)}
    # In order, so that two writers who make the same two tags cannot wait for each other in a circle.
    for key in sorted(wanted.keys() - found.keys()):
        found[key] = _made(key, wanted[key])
    return [found[key] for key in wanted]


def _made(key: str, name: str) -> Tag:
    # ON CONFLICT DO NOTHING waits for another writer of the same tag and then leaves theirs. It also does nothing
    # where only the slug is taken ("c" and "c#" are two tags with one slug): then the next slug is tried.
    attempt = 0
    while True:
        slug = Tag().slugify(name, attempt or None)
        with transaction.atomic():
            Tag.objects.bulk_create([Tag(name=name, slug=slug, key=key)], ignore_conflicts=True)
        tag = Tag.objects.filter(key=key).first()
        if tag is not None:
            return tag
        attempt += 1
