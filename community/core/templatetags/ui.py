"""Template tags of the design system: icons, times, money, avatars.

Every tag works without a request, because the same fragment is rendered for a page and for a live push.
"""

import unicodedata
from datetime import datetime
from hashlib import blake2s
from typing import Any, Final

from django import template
from django.http import QueryDict
from django.templatetags.static import static
from django.utils import formats, timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext, ngettext, pgettext

from community.core import clock, money

register = template.Library()

PATTERNS: Final = ("asanoha", "seigaiha", "shippo", "kikko", "uroko", "yagasuri")
DYES: Final = ("ai", "akane", "matcha", "kaki", "fuji", "sumi", "asagi", "kogane")
THEMES: Final = frozenset({"light", "dark"})
THEME_COOKIE: Final = "theme"
MINUTE: Final = 60
HOUR: Final = 60 * MINUTE
DAY: Final = 24 * HOUR


@register.simple_tag
def icon(name: str, *, size: str = "m", label: str = "") -> SafeString:
    """Draw one symbol of static/img/icons.svg; without a label it is decoration and hidden from readers."""
    href = f"{static('img/icons.svg')}#{name}"
    if label:
        return format_html(
            '<svg class="icon icon-{}" role="img" aria-label="{}"><use href="{}"></use></svg>',
            size,
            label,
            href,
        )
    return format_html(
        '<svg class="icon icon-{}" aria-hidden="true" focusable="false"><use href="{}"></use></svg>',
        size,
        href,
    )


@register.simple_tag(takes_context=True)
def theme(context: template.Context) -> str:
    """The colour theme the reader chose: ``light``, ``dark``, or ``auto`` (the system's).

    ``auto`` for every visitor, whose page is the same for all: ``theme.js`` puts their colours on.
    """
    if not getattr(context.get("user"), "is_authenticated", False):
        return "auto"
    request = getattr(context, "request", None) or context.get("request")
    chosen = request.COOKIES.get(THEME_COOKIE, "") if request is not None else ""
    return chosen if chosen in THEMES else "auto"


@register.filter(name="money")
def money_words(amount: int | None, currency: str = "JPY") -> str:
    """``amount`` is in the currency's minor unit (yen, cents): 123400 with SGD is ``S$1,234.00``."""
    if amount is None:
        return ""
    return money.show(int(amount), currency.upper(), get_language() or "ja")


@register.filter
def compact(number: int | None) -> str:
    """A count for a narrow place: exact to 9,999, then 1.2万 (Japanese) or 12.3k and 4.5M."""
    value = int(number or 0)
    if value < 10_000:
        return f"{value:,}"
    if (get_language() or "").startswith("ja"):
        steps = ((100_000_000, "億"), (10_000, "万"))
    else:
        steps = ((1_000_000, "M"), (1_000, "k"))
    unit, name = next(step for step in steps if value >= step[0])
    tenths = value * 10 // unit  # cut, not rounded: 99,999 is never shown as more than it is
    shown = f"{tenths / 10:.1f}".removesuffix(".0") if tenths < 1000 else f"{tenths // 10:,}"
    return f"{shown}{name}"


@register.filter
def craft_years(since: int | None) -> str:
    """How long somebody has been making things (クラフト歴): full years as far as the year tells, at least one."""
    if not since:
        return ""
    years = max(1, timezone.localtime(clock.now()).year - int(since))
    return ngettext("%(years)d year of craft", "%(years)d years of craft", years) % {"years": years}


@register.simple_tag
def when(at: datetime | None, *, style: str = "relative") -> SafeString:
    """A ``<time>`` with the words of ``style``: relative, date or full; the full moment is always its title."""
    if at is None:
        return SafeString("")
    local = timezone.localtime(at)
    full = formats.date_format(local, "DATETIME_FORMAT")
    words = relative(local) if style == "relative" else _date(local) if style == "date" else full
    extra = SafeString(" data-relative") if style == "relative" else ""
    return format_html(
        '<time datetime="{}" title="{}"{}>{}</time>', local.isoformat(timespec="seconds"), full, extra, words
    )


def relative(local: datetime) -> str:
    """Words for a past moment: "just now", minutes, hours, days to one week, then the date."""
    unit, n = Ages().of(local)
    if unit == "now":
        return gettext("just now")
    if unit == "minute":
        return ngettext("%(n)d min ago", "%(n)d min ago", n) % {"n": n}
    if unit == "hour":
        return ngettext("%(n)d hour ago", "%(n)d hours ago", n) % {"n": n}
    if unit == "day":
        return ngettext("%(n)d day ago", "%(n)d days ago", n) % {"n": n}
    return _date(local)


class Ages:
    """How old moments are, seen from now: all that the words of `when` depend on besides the moment itself."""

    def __init__(self) -> None:
        self._now = clock.now()
        self.year = timezone.localtime(self._now).year

    def of(self, at: datetime | None) -> tuple[str, int]:
        """(unit, how many), and ("date", the present year) for what is older than a week."""
        if at is None:
            return "never", 0
        seconds = int((self._now - at).total_seconds())
        if seconds < MINUTE:
            return "now", 0
        if seconds < HOUR:
            return "minute", seconds // MINUTE
        if seconds < DAY:
            return "hour", seconds // HOUR
        return ("day", seconds // DAY) if seconds < 7 * DAY else ("date", self.year)


def _date(local: datetime) -> str:
    this_year = local.year == timezone.localtime(clock.now()).year
    return formats.date_format(local, "MONTH_DAY_FORMAT" if this_year else "DATE_FORMAT")


@register.filter
def initial(name: object) -> str:
    """The first letter of a name as an avatar shows it: width-folded, upper case, never an invisible sign."""
    for sign in unicodedata.normalize("NFKC", str(name or "")):
        if unicodedata.category(sign)[0] in "LN":
            return sign.upper()
    return "・"


@register.simple_tag
def pattern_class(seed: object) -> str:
    """Classes of a traditional pattern and a dye colour; the same seed always gives the same art."""
    one, two = blake2s(str(seed).encode(), digest_size=2).digest()
    return f"pattern-{PATTERNS[one % len(PATTERNS)]} dye-{DYES[two % len(DYES)]}"


@register.simple_tag
def avatar_url(member: Any) -> str:
    """The address of a member's picture, or "" when the initial is to be drawn instead."""
    picture = getattr(member, "avatar", None)
    if not picture:
        return ""
    return str(getattr(picture, "url", picture))


@register.filter
def kind_label(kind: str) -> str:
    """The name of a thread's kind in the reader's language."""
    labels = {
        "talk": pgettext("kind of thread", "Talk"),
        "question": pgettext("kind of thread", "Question"),
        "idea": pgettext("kind of thread", "Idea"),
        "announcement": pgettext("kind of thread", "News"),
    }
    return labels.get(kind, kind)


@register.filter
def kind_icon(kind: str) -> str:
    """The icon of a thread's kind."""
    return {"question": "question", "idea": "idea", "announcement": "megaphone"}.get(kind, "chat")


@register.filter
def role_label(role: str) -> str:
    """What a member's role is called on a badge; "" for an ordinary member."""
    labels = {
        "moderator": gettext("Moderator"),
        "manager": gettext("Community team"),
        "admin": gettext("Staff"),
    }
    return labels.get(role, "")


@register.simple_tag(takes_context=True)
def page_query(context: template.Context, value: object, *, name: str = "page") -> str:
    """The query string of this page with ``name`` set to ``value``; page 1 has no parameter of its own."""
    request = getattr(context, "request", None) or context.get("request")
    query = request.GET.copy() if request is not None else QueryDict(mutable=True)
    query.pop("at", None)  # a jump to a post does not outlive turning the page
    if name == "page" and value == 1:
        query.pop(name, None)
    else:
        query[name] = str(value)
    return f"?{query.urlencode()}" if query else "?"
