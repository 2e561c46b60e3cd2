"""The profile that a creator writes about themselves (C10)."""

from collections.abc import Mapping, Sequence

from django.utils.translation import gettext as _

from community.catalog.actions import words
from community.catalog.actions.descriptions import rendered
from community.catalog.facts import CreatorLinked, CreatorProfileChanged
from community.catalog.models import Creator
from community.catalog.permissions import can_edit_creator, can_manage_shops
from community.core import facts
from community.core.clock import now
from community.core.errors import Conflict, Invalid, NotVisible
from community.core.pictures import take_uploads
from community.core.text import check_body, clean_line
from community.core.verdicts import ensure
from community.core.work import unit
from community.members.models import Member

BIO_LIMIT = 8_000  # bytes
LINKS_LIMIT = 10
FIRST_YEAR = 1900


@unit
def update_creator_profile(
    *,
    by: Member,
    creator_id: int,
    name: str,
    craft: str = "",
    place: str = "",
    craft_started_year: int | None = None,
    bio: str = "",
    links: Sequence[Mapping[str, str]] = (),
    picture_id: int | None = None,
) -> Creator:
    """Write the profile; imports leave it alone from then on.

    `links` are `{"label", "url"}` with https addresses; `picture_id` is an upload of `by` or the picture it has.
    Raises `NotVisible`, `NotAllowed` or `Invalid` with the field.
    """
    creator = Creator.objects.select_for_update(no_key=True).filter(pk=creator_id).first()
    if creator is None:
        raise NotVisible(_("There is no such creator."))
    ensure(can_edit_creator(by, creator))
    creator.name = clean_line(name, field="name", limit=80)
    creator.craft = _line(craft, "craft")
    creator.place = _line(place, "place")
    creator.craft_started_year = _year(craft_started_year)
    creator.bio = check_body(bio, field="bio", limit=BIO_LIMIT) if bio.strip() else ""
    creator.bio_html = rendered(creator.bio)
    creator.links = _links(links)
    creator.picture_id = _picture(picture_id, creator, by)
    creator.edited_at = now()
    creator.save()
    facts.record(CreatorProfileChanged(creator.pk))
    return creator


@unit
def link_creator(*, by: Member, creator_id: int, member: Member | None) -> Creator:
    """Say which account speaks for a creator (None: nobody). Managers only; one account per creator and back.

    Raises `NotAllowed`, `NotVisible` or `Conflict`.
    """
    ensure(can_manage_shops(by))
    creator = Creator.objects.select_for_update(no_key=True).filter(pk=creator_id).first()
    if creator is None:
        raise NotVisible(_("There is no such creator."))
    if member is not None and Creator.objects.filter(member=member).exclude(pk=creator.pk).exists():
        raise Conflict(_("This member already speaks for another creator."), code="member_taken", field="member")
    creator.member = member
    creator.save(update_fields=["member"])
    facts.record(CreatorLinked(creator.pk))
    return creator


def _line(text: str, field: str) -> str:
    return clean_line(text, field=field, limit=60) if text.strip() else ""


def _year(year: int | None) -> int | None:
    if year is not None and not FIRST_YEAR <= year <= now().year:
        raise Invalid(
            _("Enter a year between %(first)s and %(last)s.") % {"first": FIRST_YEAR, "last": now().year},
            code="year_invalid",
            field="craft_started_year",
        )
    return year


def _links(links: Sequence[Mapping[str, str]]) -> list[dict[str, str]]:
    found = []
    for one in links[:LINKS_LIMIT]:
        sent = one.get("url", "").strip()
        url = words.web_address(sent, secure=True)
        if sent and not url:
            raise Invalid(
                _("“%(url)s” cannot be linked: use an address that begins with https://.") % {"url": sent[:80]},
                code="link_invalid",
                field="links",
            )
        if url:
            found.append({"label": words.one_line(one.get("label", ""), 60)[0] or url, "url": url})
    return found


def _picture(picture_id: int | None, creator: Creator, by: Member) -> int | None:
    if picture_id is None or picture_id == creator.picture_id:
        return picture_id
    if not take_uploads([picture_id], owner_id=by.pk):
        raise Invalid(_("Upload the picture again."), code="picture_unknown", field="picture")
    return picture_id
