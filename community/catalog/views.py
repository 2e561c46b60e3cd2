"""Pages of the catalogue that write. The pages that show it stand in `home`."""

from typing import Any, cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from community.catalog import actions, queries
from community.catalog.forms import CreatorForm
from community.catalog.models import Creator
from community.catalog.permissions import can_edit_creator
from community.core.errors import NotVisible, RuleError
from community.core.ids import given_id
from community.core.limits import take
from community.core.models import Picture
from community.core.pictures import Upload, store_picture
from community.core.verdicts import ensure
from community.members.models import Member


@login_required
@never_cache
def creator_edit(request: HttpRequest) -> HttpResponse:
    """The signed-in creator's own profile; nobody else has such a page."""
    member = request.user
    assert isinstance(member, Member)  # login_required
    creator = queries.creator_of(member=member, viewer=member)
    if creator is None:
        raise NotVisible(_("This page is for creators. If you are one, ask the shop to link your account."))
    ensure(can_edit_creator(member, creator))
    if request.method != "POST":
        return _page(request, creator, CreatorForm(initial=CreatorForm.initial_of(creator)))
    take("change_profile", user_id=member.pk)
    form = CreatorForm(_with_upload(request, member))
    if not form.is_valid() or not _saved(form, creator, member):
        return _page(request, creator, form, status=422)
    messages.success(request, _("Your page is saved."))
    return redirect(creator.get_absolute_url())


def _with_upload(request: HttpRequest, member: Member) -> Any:
    """What was typed; a new picture is kept although another field may be refused, and named by its number."""
    typed = request.POST.copy()
    upload = request.FILES.get("picture")
    if upload is not None:
        take("upload_picture", user_id=member.pk, address=request.META.get("REMOTE_ADDR", ""))
        try:
            typed["picture_id"] = str(store_picture(cast(Upload, upload), owner_id=member.pk).pk)
            typed.pop("remove_picture", None)
        except RuleError as error:
            typed["picture_refused"] = str(error.message)
    return typed


def _saved(form: CreatorForm, creator: Creator, member: Member) -> bool:
    """Do it; a refusal goes to the field it is about."""
    refused = form.data.get("picture_refused")
    if refused:
        form.add_error("picture", refused)
        return False
    typed = form.cleaned_data
    try:
        actions.update_creator_profile(
            by=member,
            creator_id=creator.pk,
            name=typed["name"],
            craft=typed["craft"],
            place=typed["place"],
            craft_started_year=typed["craft_started_year"],
            bio=typed["bio"],
            links=form.links,
            picture_id=None if typed["remove_picture"] else typed["picture_id"],
        )
    except RuleError as error:
        form.add_error(_field_of(error, form), str(error.message))
        return False
    return True


def _field_of(error: RuleError, form: CreatorForm) -> str | None:
    if error.field != "links":
        return error.field if error.field in form.fields else None
    typed = (url for _label, url in form.link_fields if url.value() and not str(url.value()).startswith("https://"))
    return next((url.name for url in typed), "link_url_1")


def _page(request: HttpRequest, creator: Creator, form: CreatorForm, *, status: int = 200) -> HttpResponse:
    chosen = given_id(form["picture_id"].value())
    mine = Picture.objects.filter(pk=chosen).first() if chosen is not None else None
    if mine is not None and mine.pk != creator.picture_id and mine.owner_id != request.user.pk:
        mine = None
    context = {
        "creator": creator,
        "form": form,
        "picture": mine,
    }
    return render(request, "catalog/creator_edit.html", context, status=status)
