"""The admin's view of threads. Places are set up here, by an action; talk is looked at here and changed on its page."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from community.core.errors import RuleError
from community.members.permissions import viewer_of
from community.threads.actions.set_up_category import TEXTS, check_words, set_up_category
from community.threads.models import Category, Post, Thread
from community.threads.permissions import can_set_up_categories


class CategoryForm(forms.ModelForm):
    """A category with its kinds as boxes to tick."""

    kinds = forms.MultipleChoiceField(
        label=_("kinds of thread"), choices=Thread.Kind.choices, widget=forms.CheckboxSelectMultiple
    )

    class Meta:
        model = Category
        fields = (
            "slug",
            "name_ja",
            "name_en",
            "description_ja",
            "description_en",
            "kinds",
            "opened_by",
            "read_by",
            "position",
        )

    def clean(self) -> dict[str, Any]:
        """A text that the action would refuse is refused at its field."""
        cleaned = super().clean() or {}
        for name in TEXTS:
            try:
                cleaned[name] = check_words(name, cleaned.get(name, ""))
            except RuleError as error:
                self.add_error(name, str(error))
        return cleaned


@admin.register(Category)
class CategoryAdmin(admin.ModelAdmin):
    form = CategoryForm
    list_display = ("slug", "name_ja", "name_en", "opened_by", "read_by", "thread_count", "post_count", "position")
    ordering = ("position", "slug")

    def save_model(self, request: HttpRequest, obj: Category, form: Any, change: bool) -> None:
        set_up_category(by=viewer_of(request.user), category=obj, kinds=form.cleaned_data["kinds"])

    def has_add_permission(self, request: HttpRequest) -> bool:
        return bool(can_set_up_categories(viewer_of(request.user)))

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_add_permission(request)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A place with talk in it is emptied by moving the threads; it is not deleted."""
        return False


class LookedAt(admin.ModelAdmin):
    """To look at. Without a count of all rows: there may be a million."""

    show_full_result_count = False
    list_per_page = 50

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    @admin.display(description=_("page"))
    def page(self, obj: Thread | Post) -> SafeString:
        return format_html('<a href="{}">{}</a>', obj.get_absolute_url(), obj)


@admin.register(Thread)
class ThreadAdmin(LookedAt):
    list_display = ("page", "kind", "category", "author", "state", "reply_count", "last_post_at")
    list_filter = ("kind", "state", "category")
    list_select_related = ("category", "author")
    ordering = ("-last_post_at", "-id")


@admin.register(Post)
class PostAdmin(LookedAt):
    list_display = ("page", "author", "state", "version", "created_at")
    list_filter = ("state",)
    ordering = ("-id",)
    exclude = ("body_html",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Post]:
        return super().get_queryset(request).select_related("thread", "author").defer("body_html")
