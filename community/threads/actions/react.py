"""Give a reaction to a post, or take it back."""

from django.db import connection
from django.db.models import F
from django.utils.translation import gettext as _

from community.core import facts
from community.core.clock import now
from community.core.errors import Invalid
from community.core.verdicts import ensure
from community.core.work import unit
from community.members.models import Member
from community.members.permissions import Viewer
from community.threads.actions.counters import change_thread
from community.threads.actions.heat import REACTION, warmer
from community.threads.facts import ReactionChanged
from community.threads.models import Post, Reaction
from community.threads.permissions import can_react
from community.threads.queries import get_post

_GIVE = (
    "INSERT INTO threads_reaction (post_id, member_id, kind, created_at) VALUES (%s, %s, %s, %s) ON CONFLICT DO NOTHING"
)


@unit
def react(*, member: Viewer, post_id: int, kind: str, on: bool) -> dict[str, int]:
    """Make the member's reaction of this kind be there (`on`) or not; saying it twice changes nothing.

    Returns how many of each kind the post has. Raises `NotVisible`, `NotAllowed`, `Invalid` for an unknown kind.
    """
    if kind not in Reaction.Kind.values:
        raise Invalid(_("There is no such reaction."), code="reaction_unknown", field="kind")
    post = get_post(post_id=post_id, viewer=member, lock=True)
    ensure(can_react(member, post))
    assert isinstance(member, Member)
    change = _give(post, member, kind) if on else -_take_back(post, member, kind)
    if not change:
        return post.reactions
    counts = _changed(post.reactions, kind, change)
    Post.objects.filter(pk=post.pk).update(reactions=counts, esteem=F("esteem") + change)
    warmth = {"hot_score": warmer(now(), REACTION)} if on else {}
    change_thread(post.thread, reaction_count=F("reaction_count") + change, **warmth)
    post.reactions = counts
    facts.record(ReactionChanged(post.thread_id, post.pk, member.pk, kind, added=on), wrote=post)
    return counts


def _give(post: Post, member: Member, kind: str) -> int:
    """1 if the row is new. Two clicks at once wait for each other at the post's row; the unique key is the proof."""
    with connection.cursor() as cursor:
        cursor.execute(_GIVE, [post.pk, member.pk, kind, now()])
        return cursor.rowcount


def _take_back(post: Post, member: Member, kind: str) -> int:
    return Reaction.objects.filter(post=post, member=member, kind=kind).delete()[0]


def _changed(counts: dict[str, int], kind: str, change: int) -> dict[str, int]:
    """The counts in the order of the kinds, without zeros."""
    raised = {**counts, kind: counts.get(kind, 0) + change}
    return {name: raised[name] for name in Reaction.Kind.values if raised.get(name, 0) > 0}
