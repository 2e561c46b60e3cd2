"""The bell of every page, and the control with which a place is followed."""

from typing import Any

from django import template
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from community.core.templatetags.ui import compact, icon, pattern_class
from community.notifications import queries
from community.notifications.models import Level
from community.notifications.queries import Standing

register = template.Library()
SHOWN_AT_MOST = 99
ICONS = {Level.Value.WATCH: "bell", Level.Value.TRACK: "eye", Level.Value.NORMAL: "plus", Level.Value.MUTE: "offline"}
# The dyes of static/css/tokens.css: mail programs read no style sheet.
DYES = {
    "ai": "#2a5580",
    "akane": "#a3414a",
    "matcha": "#54733a",
    "kaki": "#a85528",
    "fuji": "#6c5a96",
    "sumi": "#57524b",
    "asagi": "#2a7378",
    "kogane": "#8a6414",
}


@register.filter
def dye(seed: object) -> str:
    """The colour that a member's face has on the site, for mails; that of the house for nobody."""
    return DYES[pattern_class(seed).rpartition("dye-")[2]] if seed else DYES["ai"]


@register.simple_tag(takes_context=True)
def bell(context: template.Context) -> SafeString:
    """The way to the inbox with the number of what is unread; inbox.js keeps it in step. Nothing for a visitor,
    nor on a page about a fault, which is drawn without asking who looks.
    """
    request: HttpRequest | None = context.get("request")
    user = getattr(request, "user", None)  # none yet where a request is refused before anybody asks who it is
    if request is None or user is None or not user.is_authenticated:
        return SafeString("")
    here = standing_of(request)
    return format_html(
        '<a class="tool bell" data-shortcut="g n" href="{}" data-inbox="{}" data-position="{}" data-unread="{}"'
        ' data-words="{}"{}>{}'
        '<span class="sr-only" data-inbox-words>{}</span><span class="bell-count" data-inbox-count{}'
        ' aria-hidden="true">{}</span></a>',
        reverse("notifications:inbox"),
        here.stream,
        here.position,
        here.unread,
        _("Notices, {n} unread"),
        SafeString(' aria-current="page"') if request.path == reverse("notifications:inbox") else "",
        icon("bell"),
        _("Notices, {n} unread").replace("{n}", str(here.unread)),
        "" if here.unread else SafeString(" hidden"),
        f"{SHOWN_AT_MOST}+" if here.unread > SHOWN_AT_MOST else compact(here.unread),
    )


@register.inclusion_tag("notifications/_level.html", takes_context=True)
def level_control(context: template.Context) -> dict[str, Any]:
    """The control of the place whose page this is, which the view said with `actions.arrive`; a visitor is led to the
    door. It belongs into `{% fresh %}`: what it shows is one reader's.
    """
    request: HttpRequest = context["request"]
    here: Standing | None = getattr(request, "standing", None)
    if here is None:
        return {"signed_in": False, "next": request.get_full_path()}
    level = Level.Value(here.level or Level.Value.NORMAL)
    return {
        "action": reverse("notifications:level", args=[here.target, here.target_id]),
        "place": f"{here.target}-{here.target_id}",
        "level": level,
        "label": _current(level),
        "icon": ICONS[level],
        "choices": choices(here.target, level),
        "signed_in": True,
    }


def standing_of(request: HttpRequest) -> Standing:
    """What the view found already, else asked now; once for a page."""
    here: Standing | None = getattr(request, "standing", None)
    if here is None:
        here = queries.standing(request.user.pk or 0)
        request.standing = here  # type: ignore[attr-defined]
    return here


def choices(kind: str, level: str) -> list[dict[str, Any]]:
    """The four levels in words."""
    return [
        {"value": one.value, "label": one.label, "icon": ICONS[one], "hint": _hint(kind, one), "current": one == level}
        for one in Level.Value
    ]


def _current(level: str) -> str:
    return {
        Level.Value.WATCH: pgettext("my level", "Watching"),
        Level.Value.TRACK: pgettext("my level", "Following quietly"),
        Level.Value.NORMAL: pgettext("my level", "Follow"),
        Level.Value.MUTE: pgettext("my level", "Muted"),
    }[Level.Value(level)]


def _hint(kind: str, level: Level.Value) -> str:
    if kind == Level.Kind.THREAD:
        words = {
            Level.Value.WATCH: _("Every new reply; by mail, too, if you have set it so."),
            Level.Value.TRACK: _("New replies stand in your notices; no mail."),
            Level.Value.NORMAL: _("Only when somebody speaks to you."),
            Level.Value.MUTE: _("Nothing from this thread, not even mentions."),
        }
        return words[level]
    words = {
        Level.Value.WATCH: _("Everything new and every reply; by mail, too, if you have set it so."),
        Level.Value.TRACK: _("New threads and works stand in your notices; no mail."),
        Level.Value.NORMAL: _("Only when somebody speaks to you."),
        Level.Value.MUTE: _("Nothing new from here, even where you follow something else about it."),
    }
    return words[level]
