"""The living style page: every component of templates/components in each of its states, with made-up people.

Nothing here is read from the database, so the page shows the same in every house.
"""

import re
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from django import forms
from django.contrib.staticfiles import finders
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from community.core.clock import now
from community.core.paging import NumberPage
from community.core.templatetags.ui import DYES

SYMBOL = re.compile(r'<symbol id="([^"]+)"')
COLOURS = (
    *("paper", "surface", "sunken", "chip", "ink", "ink-soft", "muted", "line", "line-strong"),
    *("accent", "accent-strong", "accent-soft", "akane", "akane-soft", "matcha", "matcha-soft"),
    *("ochre", "ochre-soft", "danger", "danger-soft", "focus"),
)
TAGS = (("藍染め", 128), ("手ぬぐい", 42), ("haori", 7))
BODY = """
<p>はじめまして。先日お迎えした藍染めの手ぬぐい、毎日お弁当を包むのに使っています。洗うたびに色がやわらかくなって、とても気に入りました。</p>
<p>ひとつ教えてください。<strong>最初の数回は塩水で洗う</strong>と聞いたのですが、<code>塩ひとつまみ</code>くらいで足りるでしょうか。</p>
<blockquote><p>色止めはしてありますが、はじめは白いものと分けて洗ってください。</p></blockquote>
<ul><li>水は冷たいほうがよいですか</li><li>陰干しは半日くらい？</li></ul>
<table><thead><tr><th>回数</th><th>水の色</th></tr></thead><tbody><tr><td>1回目</td><td>うすい藍</td></tr>
<tr><td>3回目</td><td>ほぼ透明</td></tr></tbody></table>
"""


@dataclass(frozen=True, slots=True)
class Person:
    """A member as the components see one."""

    pk: int
    display_name: str
    handle: str
    role: str = "member"
    avatar: str = ""


HANA = Person(3, "花と糸", "hana")
KEN = Person(11, "Ken Tanaka", "ken", role="moderator")
YUKI = Person(24, "ゆきのこ", "yukinoko")
MIO = Person(8, "澪", "mio", role="manager")


class SampleForm(forms.Form):
    """One field of each kind, with its label, help and refusal."""

    name = forms.CharField(label=gettext_lazy("Name shown to others"), max_length=30)
    mail = forms.EmailField(label=gettext_lazy("E-mail"), help_text=gettext_lazy("Never shown to anybody."))
    kind = forms.ChoiceField(
        label=gettext_lazy("Kind"), choices=[("talk", gettext_lazy("Talk")), ("question", gettext_lazy("Question"))]
    )
    mood = forms.ChoiceField(
        label=gettext_lazy("Answers may come"),
        widget=forms.RadioSelect,
        choices=[("any", gettext_lazy("from anybody")), ("maker", gettext_lazy("from the creator"))],
    )
    mail_me = forms.BooleanField(label=gettext_lazy("Mail me when somebody answers"), required=False)
    body = forms.CharField(label=gettext_lazy("Your words"), widget=forms.Textarea)


def styleguide(request: HttpRequest) -> HttpResponse:
    """Draw the style page (its route exists with DEBUG only)."""
    return render(request, "home/styleguide.html", samples())


def samples() -> dict[str, Any]:
    """Everything the style page needs to show each component in each state."""
    refused = SampleForm({"name": "あ" * 40, "mail": "hana", "kind": "talk", "body": "塩はどのくらい？"})
    return {
        "icons": _icons(),
        "colours": COLOURS,
        "dyes": DYES,
        "trail": [{"label": _("Square"), "url": "/"}, {"label": _("Style page")}],
        "tabs": _tabs(),
        "form": SampleForm(initial={"kind": "question"}),
        "refused": refused,
        "stats": _stats(),
        "tags": [{"name": name, "url": "/tags/", "count": n} for name, n in TAGS],
        "few": NumberPage.of(page=1, size=20, total=55),
        "many": NumberPage.of(page=214, size=20, total=10_000),
        "empties": _empties(),
        "reactions": _reactions(),
        "body": BODY,
        **_times(),
        **_people(),
    }


def _icons() -> list[str]:
    sprite = finders.find("img/icons.svg")
    return SYMBOL.findall(Path(str(sprite)).read_text(encoding="utf-8")) if sprite else []


def _people() -> dict[str, Any]:
    return {"hana": HANA, "ken": KEN, "yuki": YUKI, "mio": MIO}


def _times() -> dict[str, Any]:
    here = now()
    ages = {"just": timedelta(seconds=8), "minutes": timedelta(minutes=7), "hours": timedelta(hours=5)}
    ages |= {"days": timedelta(days=3), "weeks": timedelta(days=40)}
    return {name: here - age for name, age in ages.items()}


def _tabs() -> list[dict[str, Any]]:
    return [
        {"label": _("Latest"), "url": "?sort=latest", "current": True, "icon": "clock"},
        {"label": _("Lively"), "url": "?sort=hot", "current": False, "count": 12},
        {"label": _("Waiting for an answer"), "url": "?sort=unanswered", "current": False, "count": 3},
    ]


def _stats() -> list[dict[str, Any]]:
    return [
        {"label": _("Items"), "value": "3,483", "icon": "item"},
        {"label": _("Talk"), "value": "1.2万", "icon": "chat"},
        {"label": _("Creators"), "value": "915", "icon": "maker"},
    ]


def _reactions() -> list[dict[str, Any]]:
    return [
        {"kind": "heart", "icon": "heart", "label": _("Lovely"), "count": 24, "mine": True},
        {"kind": "clap", "icon": "clap", "label": _("Well done"), "count": 5},
        {"kind": "thanks", "icon": "thanks", "label": _("Thank you"), "count": 0},
    ]


def _empties() -> list[dict[str, str]]:
    return [
        {"art": "talk", "title": _("No talk here yet"), "text": _("Be the first to say something about this piece.")},
        {"art": "items", "title": _("The shelves are empty"), "text": _("New pieces appear here when they arrive.")},
        {"art": "search", "title": _("Nothing found"), "text": _("Try fewer words, or another way of writing them.")},
        {"art": "makers", "title": _("No creators yet"), "text": _("Makers appear here with their first piece.")},
        {"art": "done", "title": _("All answered"), "text": _("Time for a cup of tea.")},
        {"art": "offline", "title": _("The line is cut"), "text": _("What you wrote is kept on this device.")},
    ]
