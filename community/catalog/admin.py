"""The admin's view of the catalogue. What a shop says is read only here; a manager opens shops, gives keys and links.

Every change is an action of ours; the rows that imports write can be looked at, never typed over.
"""

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.options import BaseModelAdmin
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from taggit.models import Tag as ForeignTag

from community.catalog import actions
from community.catalog.forms import KeyForm, LinkForm
from community.catalog.models import (
    ApiKey,
    Channel,
    ChannelListing,
    Creator,
    Customer,
    Item,
    Order,
    OrderLine,
    Shop,
    Tag,
    Variant,
)
from community.catalog.permissions import can_manage_shops
from community.core.errors import RuleError
from community.core.verdicts import ensure
from community.members.models import Member

# An address typed without its scheme is an https one.
ADDRESSES: dict[Any, dict[str, Any]] = {models.URLField: {"assume_scheme": "https"}}

# Tags of the market are `catalog.Tag`; taggit's own table stays empty, and its pages would only pretend otherwise.
admin.site.unregister(ForeignTag)


class ReadOnly(BaseModelAdmin):
    """To look at. Works for admins and for the rows inside them."""

    formfield_overrides = ADDRESSES

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class KeyRows(ReadOnly, admin.TabularInline):
    model = ApiKey
    extra = 0
    fields = ("name", "prefix", "scopes", "created_by", "created_at", "last_used_at", "revoked_at")
    readonly_fields = fields


class ChannelRows(admin.TabularInline):
    model = Channel
    extra = 0
    fields = ("code", "name", "position")


@admin.register(Shop)
class ShopAdmin(admin.ModelAdmin):
    list_display = ("name", "slug", "site_url", "currency", "is_open", "created_at")
    list_editable = ("is_open",)
    search_fields = ("name", "slug")
    fields = ("name", "slug", "site_url", "currency", "time_zone", "is_open", "keys")
    inlines = (ChannelRows, KeyRows)
    formfield_overrides = ADDRESSES

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("slug", "currency", "keys") if obj else ("keys", "is_open")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False  # a shop is closed, not deleted: talk hangs on its items

    @admin.display(description=gettext_lazy("API keys"))
    def keys(self, shop: Shop) -> str:
        if shop.pk is None:
            return ""
        return format_html('<a href="{}">{}</a>', reverse("admin:catalog_shop_key", args=[shop.pk]), _("Make a key"))

    def save_model(self, request: HttpRequest, obj: Shop, form: Any, change: bool) -> None:
        if change:
            super().save_model(request, obj, form, change)
            actions.shop_changed(obj)
            return
        typed = {name: form.cleaned_data[name] for name in ("name", "slug", "site_url", "currency", "time_zone")}
        obj.pk = actions.create_shop(**typed).pk
        obj.refresh_from_db()

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        """Channels."""
        super().save_formset(request, form, formset, change)
        actions.shop_changed(form.instance)

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        try:
            return super().changeform_view(request, *args, **kwargs)
        except RuleError as error:
            messages.error(request, str(error.message))
            return redirect(request.path)

    def get_urls(self) -> list[URLPattern]:
        key = path("<int:shop_id>/key/", self.admin_site.admin_view(self.key_page), name="catalog_shop_key")
        return [key, *super().get_urls()]

    def key_page(self, request: HttpRequest, shop_id: int) -> HttpResponse:
        """Make a key. The answer shows it once, and asks browsers and proxies not to keep the page."""
        shop = get_object_or_404(Shop, pk=shop_id)
        ensure(can_manage_shops(_staff(request)))
        form, token = KeyForm(request.POST or None), ""
        if form.is_valid():
            typed = form.cleaned_data
            try:
                _key, token = actions.create_api_key(
                    shop=shop, name=typed["name"], scopes=typed["scopes"], by=_staff(request)
                )
            except RuleError as error:
                form.add_error(error.field if error.field in form.fields else None, str(error.message))
        title = _("API key for %(shop)s") % {"shop": shop.name}
        context = self.admin_site.each_context(request) | {"opts": self.opts, "form": form, "token": token}
        response = TemplateResponse(request, "catalog/admin_key.html", context | {"shop": shop, "title": title})
        response["Cache-Control"] = "no-store, private"
        return response


@admin.register(ApiKey)
class ApiKeyAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ("name", "shop", "prefix", "scopes", "created_at", "last_used_at", "revoked_at")
    list_filter = ("shop", ("revoked_at", admin.EmptyFieldListFilter))
    list_select_related = ("shop",)
    exclude = ("secret_hash",)
    actions = ("revoke",)

    @admin.action(description=gettext_lazy("Revoke the chosen keys"), permissions=["view"])
    def revoke(self, request: HttpRequest, chosen: Any) -> None:
        ensure(can_manage_shops(_staff(request)))
        for key in chosen:
            actions.revoke_api_key(key=key)
        messages.success(request, _("From now on these keys open nothing."))


@admin.register(Creator)
class CreatorAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ("name", "shop", "craft", "place", "member", "item_count")
    list_filter = ("shop", ("member", admin.EmptyFieldListFilter))
    list_select_related = ("shop", "member")
    search_fields = ("name__istartswith", "external_id__exact", "slug__exact")
    ordering = ("-id",)
    exclude = ("fingerprint", "bio_html")
    readonly_fields = ("speaks",)

    @admin.display(description=gettext_lazy("who speaks for them"))
    def speaks(self, creator: Creator) -> str:
        url = reverse("admin:catalog_creator_link", args=[creator.pk])
        return format_html('<a href="{}">{}</a>', url, _("Link a member"))

    def get_urls(self) -> list[URLPattern]:
        link = path("<int:creator_id>/link/", self.admin_site.admin_view(self.link_page), name="catalog_creator_link")
        return [link, *super().get_urls()]

    def link_page(self, request: HttpRequest, creator_id: int) -> HttpResponse:
        creator = get_object_or_404(Creator.objects.select_related("member"), pk=creator_id)
        ensure(can_manage_shops(_staff(request)))
        form = LinkForm(request.POST or None, initial={"handle": creator.member.handle if creator.member else ""})
        if form.is_valid() and self._linked(request, creator, form):
            return redirect("admin:catalog_creator_change", creator.pk)
        title = _("Who speaks for %(name)s") % {"name": creator.name}
        context = self.admin_site.each_context(request) | {"opts": self.opts, "form": form, "creator": creator}
        return TemplateResponse(request, "catalog/admin_link.html", context | {"title": title})

    def _linked(self, request: HttpRequest, creator: Creator, form: LinkForm) -> bool:
        handle = form.cleaned_data["handle"].strip().lstrip("@").lower()
        member = Member.objects.filter(handle=handle).first() if handle else None
        if handle and member is None:
            form.add_error("handle", _("There is no such member."))
            return False
        try:
            actions.link_creator(by=_staff(request), creator_id=creator.pk, member=member)
        except RuleError as error:
            form.add_error("handle", str(error.message))
            return False
        messages.success(request, _("The link is saved."))
        return True


class VariantRows(ReadOnly, admin.TabularInline):
    model = Variant
    extra = 0


class ListingRows(ReadOnly, admin.TabularInline):
    model = ChannelListing
    extra = 0


@admin.register(Item)
class ItemAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ("title", "shop", "creator", "price_minor", "currency", "state", "thread_count", "published_at")
    list_filter = ("shop", "state")
    list_select_related = ("shop", "creator")
    search_fields = ("title__istartswith", "external_id__exact")
    ordering = ("-id",)
    exclude = ("fingerprint", "description_html", "tags")
    inlines = (VariantRows, ListingRows)


@admin.register(Tag)
class TagAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ("name", "key", "slug")
    search_fields = ("name__istartswith", "key__exact")
    ordering = ("name",)


@admin.register(Customer)
class CustomerAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ("external_id", "shop", "country", "member", "erased_at")
    list_filter = ("shop", ("erased_at", admin.EmptyFieldListFilter))
    list_select_related = ("shop", "member")
    search_fields = ("external_id__exact",)
    ordering = ("-id",)
    exclude = ("fingerprint", "email_digest")


class LineRows(ReadOnly, admin.TabularInline):
    model = OrderLine
    extra = 0
    fields = ("number", "item", "sku", "title", "quantity", "unit_price_minor", "state", "delivered_at", "ended_at")


@admin.register(Order)
class OrderAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ("external_id", "shop", "kind", "placed_at", "total_minor", "currency")
    list_filter = ("shop", "kind", "placed_at")
    list_select_related = ("shop",)
    search_fields = ("external_id__exact",)
    ordering = ("-id",)
    exclude = ("fingerprint",)
    inlines = (LineRows,)


def _staff(request: HttpRequest) -> Member:
    assert isinstance(request.user, Member)  # the admin lets nobody else in
    return request.user
