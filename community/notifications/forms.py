"""The page of preferences: a row of switches for each kind of notice."""

from collections.abc import Iterator, Sequence
from datetime import time
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from community.core import webpush
from community.notifications.actions.preferences import SAME, Ways
from community.notifications.models import Digest, Inbox
from community.notifications.queries import KindWays

QUIET = ("quiet_from", "quiet_until")
FROM, UNTIL = time(21), time(8)  # what quiet hours begin with: the custom of Japan's mail rules


def _clock() -> forms.TimeInput:
    return forms.TimeInput({"type": "time"}, format="%H:%M")


class WaysForm(forms.Form):
    digest = forms.ChoiceField(label=gettext_lazy("When mail comes"), choices=Digest.choices, widget=forms.RadioSelect)
    quiet = forms.BooleanField(label=gettext_lazy("Keep quiet at certain hours"), required=False)
    quiet_from = forms.TimeField(label=pgettext_lazy("quiet hours", "Quiet from"), required=False, widget=_clock())
    quiet_until = forms.TimeField(label=pgettext_lazy("quiet hours", "Quiet until"), required=False, widget=_clock())

    def __init__(self, data: Any, *, box: Inbox, ways: Sequence[KindWays]) -> None:
        super().__init__(data, initial=_initial(box))
        for name in QUIET:
            self.fields[name].unmarked = True  # type: ignore[attr-defined]  # required or not: that is the tick's to say
        self.ways = ways
        self.has_push = webpush.is_on()
        self.columns = ("site", "mail", "push") if self.has_push else ("site", "mail")
        for one in ways:
            for way in self.columns:
                locked = way == "site" and one.kind.stays
                field = forms.BooleanField(required=False, initial=getattr(one, way), disabled=locked)
                self.fields[f"{one.kind.name}-{way}"] = field

    def rows(self) -> Iterator[dict[str, Any]]:
        """The switches of each kind, for the template."""
        for one in self.ways:
            yield {"kind": one.kind, **{way: self[f"{one.kind.name}-{way}"] for way in self.columns}}

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if given.get("quiet"):
            self._check_quiet(given)
        return given

    def _check_quiet(self, given: dict[str, Any]) -> None:
        missing = [name for name in QUIET if given.get(name) is None and name not in self.errors]
        for name in missing:
            self.add_error(name, _("Quiet hours need a beginning and an end."))
        if given.get("quiet_from") is not None and given.get("quiet_from") == given.get("quiet_until"):
            self.add_error("quiet_until", SAME)

    def chosen(self) -> dict[str, Any]:
        """What `actions.set_preferences` takes."""
        given = self.cleaned_data
        quiet = given["quiet"]
        ways = {
            one.kind.name: Ways(
                given[f"{one.kind.name}-site"],
                given[f"{one.kind.name}-mail"],
                given.get(f"{one.kind.name}-push", one.push),
            )
            for one in self.ways
        }
        return {
            "ways": ways,
            "digest": given["digest"],
            "quiet_from": _minutes(given["quiet_from"]) if quiet else None,
            "quiet_until": _minutes(given["quiet_until"]) if quiet else None,
        }


def _initial(box: Inbox) -> dict[str, Any]:
    quiet = box.quiet_from is not None and box.quiet_until is not None
    return {
        "digest": box.digest,
        "quiet": quiet,
        "quiet_from": _time(box.quiet_from, FROM),
        "quiet_until": _time(box.quiet_until, UNTIL),
    }


def _time(minutes: int | None, otherwise: time) -> time:
    return otherwise if minutes is None else time(minutes // 60, minutes % 60)


def _minutes(moment: time) -> int:
    return moment.hour * 60 + moment.minute
