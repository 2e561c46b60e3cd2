"""Tags by their canonical form: two spellings are one tag, also when two people write them at the same moment."""

import hashlib
import unicodedata
from collections.abc import Sequence

from django.db import IntegrityError

from community.catalog.facts import TagsMade
from community.catalog.models import Tag
from community.core import facts
from community.core.text import clean_line, tag_key
from community.core.work import unit

ATTEMPTS = 5


@unit
def tags_for(names: Sequence[str]) -> list[Tag]:
    """The tags of `names`, made where they are missing; one per canonical form, in the order given.

    The first spelling that anybody used stays the one that is shown. Names without a letter or digit are left out;
    raises `Invalid` for names past 100 characters.
    """
    wanted: dict[str, str] = {}
    for name in names:
        line = clean_line(name, field="tags", limit=100) if name.strip() else ""
        if key := tag_key(line)[:100]:
            # Half a width is an accident of the keyboard: ｻｲﾌ is shown as サイフ.
            wanted.setdefault(key, unicodedata.normalize("NFKC", line)[:100])
    found = _found(wanted)
    made = missing = sorted(set(wanted) - set(found))
    for attempt in range(ATTEMPTS):
        if not missing:
            break
        _make(missing, wanted, attempt)
        found |= _found(missing)
        missing = [key for key in missing if key not in found]
    if missing:
        raise IntegrityError(f"no free address for the tags {missing}")
    if made:
        facts.record(TagsMade(tuple(sorted(found[key].pk for key in made))))
    return [found[key] for key in wanted]


def _found(keys: "dict[str, str] | list[str]") -> dict[str, Tag]:
    return {tag.key: tag for tag in Tag.objects.filter(key__in=list(keys))} if keys else {}


def _make(keys: Sequence[str], names: dict[str, str], attempt: int) -> None:
    """Sorted, so that two who make the same tags wait for each other in one order.

    "c++" and "c" have one address in letters, so a later attempt adds a number to it, and the last a mark of its own:
    there are more signs than numbers to try (😀 has no letters at all).
    """
    tags = [Tag(key=key, name=names[key], slug=_address(key, names[key], attempt)) for key in keys]
    Tag.objects.bulk_create(tags, ignore_conflicts=True)


def _address(key: str, name: str, attempt: int) -> str:
    words = Tag().slugify(name)[:80]
    if attempt == ATTEMPTS - 1:
        return f"{words}-{hashlib.blake2b(key.encode(), digest_size=6).hexdigest()}"
    return f"{words}-{attempt + 1}" if attempt else words
