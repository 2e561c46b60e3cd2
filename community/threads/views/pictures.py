"""Pictures of a post, and how a text will look: what the editor asks for while somebody writes."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from community.core import pictures
from community.core.errors import Invalid, RuleError
from community.core.ids import given_id
from community.core.models import Picture
from community.core.verdicts import ensure
from community.members.permissions import can_take_part
from community.threads.actions import NewPicture
from community.threads.actions.writing import PICTURES_LIMIT, compose, too_many_pictures
from community.threads.models import PostPicture
from community.threads.queries.posts import shown_items
from community.threads.views.answers import take, viewer


@dataclass(frozen=True, slots=True)
class Chosen:
    """A picture of the form: uploaded already, shown again if the form is refused."""

    id: int
    url: str
    thumb_url: str
    alt: str
    digest: str

    @classmethod
    def of(cls, picture: Picture, alt: str) -> "Chosen":
        return cls(picture.pk, picture.url, picture.thumb_url, alt[:200], picture.digest)


@require_POST
def upload_picture(request: HttpRequest) -> HttpResponse:
    """Keep one picture for a post that is still being written; it is swept away after a day if none uses it."""
    ensure(can_take_part(viewer(request)))
    take(request, "upload_picture")
    file = request.FILES.get("picture")
    if file is None:
        raise Invalid(_("Choose a picture first."), code="picture_missing", field="picture")
    picture = pictures.store_picture(file, owner_id=request.user.pk)
    return JsonResponse(
        {
            "id": picture.pk,
            "url": picture.url,
            "thumb_url": picture.thumb_url,
            "width": picture.width,
            "height": picture.height,
        },
        status=201,
    )


@require_POST
def preview(request: HttpRequest) -> HttpResponse:
    """The HTML that a text will become."""
    return HttpResponse(rendered(request))


def rendered(request: HttpRequest) -> str:
    """Safe HTML of a text that is not posted yet, cards below it.

    Counted like every other costly thing (S20). Raises `Invalid` for a text that could not be posted, `NotAllowed`,
    `TooSoon`.
    """
    ensure(can_take_part(viewer(request)))
    take(request, "preview")
    written = compose(request.POST.get("body", ""), author=viewer(request))
    items = shown_items(set(written.item_ids)) if written.item_ids else {}
    cards = [items[item_id] for item_id in written.item_ids if item_id in items]
    return render_to_string("threads/_preview.html", {"html": written.html, "cards": cards})


def chosen(request: HttpRequest, *, keep: Sequence[PostPicture] = ()) -> tuple[list[Chosen], RuleError | None]:
    """The pictures of a posted form: those uploaded before, by id, then the files that came with it; and why one of
    them was not taken. The others are stored at once, so that the refused form comes back with them.

    Ids of others' uploads are left out; `keep` are the pictures that already stand in the post that is edited.
    """
    gone = set(request.POST.getlist("remove_picture"))
    sent = [text for text in request.POST.getlist("kept_picture") if text not in gone]
    ids = [pk for text in sent if (pk := given_id(text)) is not None]
    found = [Chosen.of(row, request.POST.get(f"alt_{row.pk}", "")) for row in _known(request, ids, keep)]
    files = request.FILES.getlist("pictures")
    alts = [*request.POST.getlist("picture_alt"), *[""] * len(files)]
    room = max(0, PICTURES_LIMIT - len(found))
    refusal: RuleError | None = too_many_pictures() if len(files) > room else None
    for file, alt in zip(files[:room], alts, strict=False):
        try:
            take(request, "upload_picture")
            picture = pictures.store_picture(file, owner_id=request.user.pk, field="pictures")
            found.append(Chosen.of(picture, alt))
        except RuleError as error:
            refusal = error
    return found, refusal


def _known(request: HttpRequest, ids: list[int], keep: Sequence[PostPicture]) -> list[Picture]:
    """Pictures by id, in the order given: this person's uploads, and those already in the post."""
    known = {row.pk: row for row in Picture.objects.filter(pk__in=ids, owner_id=request.user.pk)} if ids else {}
    known |= {row.picture_id: row.picture for row in keep}
    return [known[pk] for pk in dict.fromkeys(ids) if pk in known]


def as_new(found: Sequence[Chosen]) -> list[NewPicture]:
    return [NewPicture(picture_id=row.id, alt=row.alt) for row in found]
