"""The shapes of what people send to the catalogue's pages."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from community.catalog.actions.profile import FIRST_YEAR
from community.catalog.actions.shops import SCOPES
from community.catalog.models import Creator
from community.core.clock import now

LINKS = 5


class CreatorForm(forms.Form):
    """A creator's own profile. `picture` is an upload, `picture_id` the one that was uploaded before."""

    name = forms.CharField(label=_("Name of you or your workshop"), max_length=80)
    craft = forms.CharField(
        label=_("Craft"),
        required=False,
        max_length=60,
        help_text=_("What you make, in a word or two: pottery, indigo."),
    )
    place = forms.CharField(label=_("Place"), required=False, max_length=60, help_text=_("Where you make it."))
    craft_started_year = forms.IntegerField(
        label=_("Making since"),
        required=False,
        min_value=FIRST_YEAR,
        help_text=_("The year you began. It is shown as years of craft beside your name."),
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
    )
    bio = forms.CharField(
        label=_("About you and your work"),
        required=False,
        max_length=4_000,
        help_text=_("How you came to it, what you care for. Markdown works."),
        widget=forms.Textarea(attrs={"rows": "8"}),
    )
    picture = forms.FileField(
        label=_("Picture"),
        required=False,
        help_text=_("JPEG, PNG, WebP or GIF up to 10 MB. Place and camera data are removed."),
        widget=forms.FileInput(attrs={"accept": "image/jpeg,image/png,image/webp,image/gif"}),
    )
    picture_id = forms.IntegerField(required=False, widget=forms.HiddenInput)
    remove_picture = forms.BooleanField(label=_("Use no picture"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["craft_started_year"].widget.attrs["max"] = str(now().year)
        for place in range(1, LINKS + 1):
            self.fields[f"link_label_{place}"] = forms.CharField(
                label=_("Name of link %(number)s") % {"number": place}, required=False, max_length=60
            )
            self.fields[f"link_url_{place}"] = forms.CharField(
                label=_("Address of link %(number)s") % {"number": place},
                required=False,
                max_length=500,
                widget=forms.URLInput(attrs={"placeholder": "https://"}),
            )

    @property
    def link_fields(self) -> list[tuple[Any, Any]]:
        """The pairs of fields, for the template."""
        return [(self[f"link_label_{place}"], self[f"link_url_{place}"]) for place in range(1, LINKS + 1)]

    @property
    def links(self) -> list[dict[str, str]]:
        typed = self.cleaned_data
        return [
            {"label": typed[f"link_label_{place}"], "url": typed[f"link_url_{place}"]} for place in range(1, LINKS + 1)
        ]

    @staticmethod
    def initial_of(creator: Creator) -> dict[str, Any]:
        """What the form shows before anything is typed."""
        shown: dict[str, Any] = {
            name: getattr(creator, name)
            for name in ("name", "craft", "place", "craft_started_year", "bio", "picture_id")
        }
        for place, link in enumerate(creator.links[:LINKS], start=1):
            shown |= {f"link_label_{place}": link["label"], f"link_url_{place}": link["url"]}
        return shown


class KeyForm(forms.Form):
    """A new API key, in the admin."""

    name = forms.CharField(label=_("What it is for"), max_length=60)
    scopes = forms.MultipleChoiceField(
        label=_("Scopes"),
        choices=[(one, one) for one in SCOPES],
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Only what the program needs."),
    )


class LinkForm(forms.Form):
    """Which member speaks for a creator, in the admin."""

    handle = forms.CharField(
        label=_("Handle of the member"), max_length=30, required=False, help_text=_("Empty: nobody speaks for them.")
    )
