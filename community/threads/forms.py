"""Shapes of what people send. Rules (who may, how long, how many) are the actions'."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from community.core.templatetags.ui import kind_label
from community.threads.models import Category


class BodyField(forms.CharField):
    """Markdown as it was written: leading spaces mean something in it."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            strip=False,
            widget=forms.Textarea(attrs={"rows": 7}),
            error_messages={"required": _("Write something first.")},
            **kwargs,
        )


class KeyField(forms.CharField):
    """The idempotency key of one form on one page."""

    def __init__(self) -> None:
        super().__init__(required=False, max_length=255, widget=forms.HiddenInput)


class ReplyForm(forms.Form):
    body = BodyField(label=_("Your reply"))
    reply_to = forms.IntegerField(required=False, min_value=1, widget=forms.HiddenInput)
    idempotency_key = KeyField()


class ThreadForm(forms.Form):
    """A new thread. `categories` are those this person may open a thread in."""

    kind = forms.ChoiceField(label=_("What is it?"), widget=forms.RadioSelect)
    category = forms.ModelChoiceField(
        label=_("Where does it belong?"), queryset=Category.objects.none(), empty_label=_("Choose a place")
    )
    title = forms.CharField(label=_("Title"), max_length=120, widget=forms.TextInput(attrs={"data-ime": ""}))
    body = BodyField(label=_("Text"))
    tags = forms.CharField(
        label=_("Tags"),
        required=False,
        max_length=200,
        help_text=_("Up to 5, with spaces or commas between them."),
        widget=forms.TextInput(attrs={"data-ime": "", "autocomplete": "off"}),
    )
    item = forms.IntegerField(required=False, min_value=1, widget=forms.HiddenInput)
    creator = forms.IntegerField(required=False, min_value=1, widget=forms.HiddenInput)
    idempotency_key = KeyField()

    def __init__(self, *args: Any, categories: list[Category], kinds: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["category"].queryset = Category.objects.filter(pk__in=[row.pk for row in categories])  # type: ignore[attr-defined]
        self.fields["kind"].choices = [(kind, kind_label(kind)) for kind in kinds]  # type: ignore[attr-defined]


class EditForm(forms.Form):
    title = forms.CharField(label=_("Title"), max_length=120)
    body = BodyField(label=_("Text"))
    tags = forms.CharField(
        label=_("Tags"), required=False, max_length=200, help_text=_("Up to 5, with spaces or commas between them.")
    )
    reason = forms.CharField(
        label=_("Why you changed it"),
        required=False,
        max_length=200,
        help_text=_("Shown in the history. May stay empty."),
    )
    seen_version = forms.IntegerField(min_value=1, widget=forms.HiddenInput)
    idempotency_key = KeyField()

    def __init__(self, *args: Any, is_opening: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not is_opening:
            del self.fields["title"], self.fields["tags"]


class ReasonForm(forms.Form):
    reason = forms.CharField(
        label=_("Reason"), required=False, max_length=200, help_text=_("Shown to the author and in the record.")
    )


class SlowModeForm(forms.Form):
    """Seconds between two posts of one member; 0 switches it off."""

    seconds = forms.TypedChoiceField(
        label=_("Slow mode"),
        coerce=int,
        choices=[
            (0, _("off")),
            (30, _("one post every 30 seconds")),
            (60, _("one post a minute")),
            (300, _("one post every 5 minutes")),
            (1800, _("one post every 30 minutes")),
            (3600, _("one post an hour")),
        ],
    )


class MoveForm(forms.Form):
    category = forms.ModelChoiceField(label=_("Move to"), queryset=Category.objects.none(), empty_label=None)

    def __init__(self, *args: Any, categories: list[Category], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["category"].queryset = Category.objects.filter(pk__in=[row.pk for row in categories])  # type: ignore[attr-defined]
