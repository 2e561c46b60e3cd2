"""Tags of the settings pages, many of which are allauth's views and know nothing of the tabs above them."""

from typing import Any

from django import template
from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from community.members.models import Member
from community.members.permissions import room_of, trust_of
from community.members.registry import settings_pages

register = template.Library()


@register.simple_tag(takes_context=True)
def settings_tabs(context: template.Context) -> list[dict[str, Any]]:
    """The settings pages as components/tabs.html takes them; the page that is shown is the current one."""
    user = context["request"].user
    pages = [
        ("members:profile_edit", _("Profile")),
        *((page.view_name, page.label) for page in (settings_pages(user) if isinstance(user, Member) else ())),
        ("members:preferences", _("Display and language")),
        ("notifications:settings", _("Notices")),
        ("account_email", pgettext("settings tab", "E-mail")),
        ("account_change_password", _("Password")),
        ("mfa_index", _("Two-step sign-in")),
        ("members:sign_ins", _("Devices")),
        ("members:level", pgettext("settings tab", "Level")),
        ("members:blocked", _("Blocked members")),
        ("members:data", _("Data and privacy")),
        ("members:leave", pgettext("settings tab", "Leave")),
    ]
    here = context["request"].resolver_match.view_name
    here = "account_change_password" if here == "account_set_password" else here
    here = "mfa_index" if here.startswith("mfa_") else here
    return [{"label": label, "url": reverse(name), "current": name == here} for name, label in pages]


@register.simple_tag
def device_words(browser: str, system: str) -> str:
    """ "Chrome on Windows", in the reader's language."""
    if browser and system:
        return _("%(browser)s on %(system)s") % {"browser": browser, "system": system}
    return browser or system or _("An unknown device")


@register.simple_tag
def level_words(level: int) -> str:
    """What a community level says about somebody, in a sentence to them."""
    words = {
        Member.Trust.NEWCOMER: _("Nice to meet you. Have a look around."),
        Member.Trust.NEIGHBOUR: _("You have looked around, and you are at home here."),
        Member.Trust.REGULAR: _("People here know you, and like to read what you write."),
        Member.Trust.MAINSTAY: _("This place would not be the same without you."),
    }
    return words[Member.Trust(level)]


@register.simple_tag
def level_gives(member: Member) -> list[str]:
    """What this member may do, a sentence each: the figures are those of the rules."""
    return [_in_a_post(member), _of_a_day(member), *_more(member)]


@register.simple_tag
def newcomer_words(member: Any) -> str:
    """What fits into a newcomer's post, to be read before writing; "" for everybody else."""
    if not getattr(member, "is_authenticated", False) or room_of(member).links is None:
        return ""
    return _in_a_post(member)


@register.simple_tag
def picture_room(member: Any) -> int | str:
    """How many pictures fit into this member's post; "" where that is as many as into any."""
    if not getattr(member, "is_authenticated", False):
        return ""
    return room_of(member).pictures or ""


def _in_a_post(member: Member) -> str:
    room = room_of(member)
    if room.links is None:
        return _("Links, mentions and up to eight pictures in a post, as you need them.")
    given = {"links": room.links, "pictures": room.pictures, "mentions": room.mentions}
    words = _("While you are new: up to %(pictures)s pictures, %(links)s links and %(mentions)s mentions in a post.")
    return words % given


def _of_a_day(member: Member) -> str:
    threads, replies = _daily(member, "post_thread"), _daily(member, "post_reply")
    if threads is None or replies is None:
        return _("Threads and replies without a count for the day.")
    return _("%(threads)s new threads and %(replies)s replies a day.") % {"threads": threads, "replies": replies}


def _more(member: Member) -> list[str]:
    words = []
    if (reactions := _daily(member, "react")) is not None:
        words.append(ngettext("%(n)s reaction a day.", "%(n)s reactions a day.", reactions) % {"n": reactions})
    if member.trust_level >= Member.Trust.REGULAR:
        words.append(_("A badge on your page says that people know you here."))
    if trust_of(member) >= Member.Trust.MAINSTAY:
        words.append(_("You may move a thread to the place where it belongs better."))
    return words


def _daily(member: Member, action: str) -> int | None:
    """How often a day this member's level lets them; None without such a rule."""
    rule = settings.LIMITS.get(action, {}).get(f"user.{int(trust_of(member))}")
    return rule[0] if rule is not None else None
