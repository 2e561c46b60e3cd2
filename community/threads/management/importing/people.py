"""Authors from elsewhere: members with a name and no way to sign in, so that nobody's words lose their author."""

import hashlib
import re
from collections.abc import Iterable

from django.contrib.auth.hashers import make_password

from community.core.clock import now
from community.core.text import tidy
from community.core.text.tidy import without_invisible
from community.members.models import Member
from community.threads.management.importing.rows import Author

NAME_LIMIT, HANDLE_LIMIT = 40, 30
NO_NAME = "Former member"
_NO_HANDLE = re.compile(r"[^a-z0-9]+")


def members_for(authors: Iterable[Author], *, origin: str) -> tuple[dict[str, int], int]:
    """Member ids by the authors' keys, and how many were made. Names that changed at the source stay as they came."""
    wanted = {author.key: author for author in authors}
    known = _known(wanted, origin)
    new = [author for key, author in wanted.items() if key not in known]
    if new:
        _make(new, origin)
        known |= _known([author.key for author in new], origin)
    return known, len(new)


def _known(keys: Iterable[str], origin: str) -> dict[str, int]:
    return dict(Member.objects.filter(origin=origin, origin_id__in=list(keys)).values_list("origin_id", "pk"))


def _make(authors: list[Author], origin: str) -> None:
    handles = {author.key: handle_for(origin, author.key) for author in authors}
    taken = set(Member.objects.filter(handle__in=handles.values()).values_list("handle", flat=True))
    made = []
    for author in authors:
        handle = handles[author.key]
        if handle in taken:
            handle = handle_for(origin, f"{author.key} again")
        member = Member(
            email=None,
            handle=handle,
            password=make_password(None),
            joined_at=author.joined or now(),
            origin=origin,
            origin_id=author.key,
        )
        member.rename(shown_name(author.name))
        made.append(member)
    Member.objects.bulk_create(made, batch_size=500)


def handle_for(origin: str, key: str) -> str:
    """`se_quantum_1847`; a key that is no number is named by its hash."""
    place = _NO_HANDLE.sub("_", origin.lower()).strip("_")[:16].rstrip("_") or "origin"
    own = key if key.isascii() and key.isdigit() and len(key) <= 10 else hashlib.sha256(key.encode()).hexdigest()[:12]
    return f"{place}_{own}"[:HANDLE_LIMIT]


def shown_name(name: str) -> str:
    """The name as it was, as far as a page can show it; attribution asks for no less."""
    line = " ".join(without_invisible(tidy(name)).split())
    return line[:NAME_LIMIT].strip() or NO_NAME
