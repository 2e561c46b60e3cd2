"""The admin's view of members. It changes nothing itself: every change is an action, with its rule and its note."""

from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.decorators import secure_admin_login
from allauth.account.models import EmailAddress
from allauth.account.views import logout as sign_out
from allauth.mfa.models import Authenticator
from django import forms
from django.contrib import admin, messages
from django.contrib.auth.models import Group
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from community.core.clock import now
from community.core.errors import RuleError
from community.core.limits import take
from community.core.text import check_body
from community.core.verdicts import ensure
from community.members import actions, trust
from community.members.actions.consents import TEXT_LIMIT
from community.members.forms import ask_rule
from community.members.models import LegalText, Member, StaffAction
from community.members.permissions import can_edit_profile, can_set_role, can_set_trust


def _own_password_page(request: HttpRequest, extra_context: Any = None) -> HttpResponse:
    return redirect("account_change_password")


def _sign_out(request: HttpRequest, extra_context: Any = None) -> HttpResponseBase:
    return sign_out(request)


def _led_to_second_factor(login: Any) -> Any:
    """Whose office rests is told what is missing, not that they may not come in."""

    def ask(request: HttpRequest, extra_context: Any = None) -> HttpResponseBase:
        if isinstance(request.user, Member) and request.user.lacks_second_factor:
            return redirect("mfa_index")
        return login(request, extra_context)

    return ask


# One door: signing in, signing out and passwords are what they are everywhere, with their limits and facts.
admin.site.login = _led_to_second_factor(secure_admin_login(admin.site.login))  # type: ignore[method-assign]
admin.site.password_change = _own_password_page  # type: ignore[method-assign,assignment]
admin.site.logout = _sign_out  # type: ignore[method-assign,assignment]
admin.site.site_header = admin.site.site_title = gettext_lazy("Hiroba administration")
admin.site.index_title = gettext_lazy("The community")
# Rights come with the role; groups and a second list of addresses would only pretend otherwise.
admin.site.unregister(Group)
admin.site.unregister(EmailAddress)
admin.site.unregister(Authenticator)  # secrets of members: nobody's to look at


class ReasonForm(forms.Form):
    """Why: kept with the decision."""

    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=500,
        help_text=gettext_lazy("Kept in the record of staff actions. Write it so that the member could read it."),
        widget=forms.Textarea(attrs={"rows": "3", "cols": "60"}),
    )


class RoleForm(ReasonForm):
    """A role, why, and the admin's own password: nobody gives roles from a desk that was left open (S29)."""

    role = forms.ChoiceField(label=gettext_lazy("Role"), choices=Member.Role.choices)
    password = forms.CharField(
        label=gettext_lazy("Your own password"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )
    field_order = ["role", "reason", "password"]

    def __init__(self, *args: Any, by: Member, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.by = by

    def clean_password(self) -> str:
        if not self.by.check_password(self.cleaned_data["password"]):
            raise forms.ValidationError(
                _("That is not your password. If you have none yet, set one in your settings first."), code="password"
            )
        return str(self.cleaned_data["password"])


class LevelForm(ReasonForm):
    """A manager's word about a community level, and why."""

    level = forms.TypedChoiceField(label=gettext_lazy("Community level"), choices=Member.Trust.choices, coerce=int)
    lock = forms.BooleanField(
        label=gettext_lazy("Settle it"),
        required=False,
        help_text=gettext_lazy("The daily round leaves it alone until this is taken off again."),
    )
    field_order = ["level", "lock", "reason"]


class ProfileAdminForm(forms.ModelForm):
    """What a manager may put right in a profile, and why."""

    reason = ReasonForm.base_fields["reason"]
    remove_picture = forms.BooleanField(label=gettext_lazy("Remove the picture"), required=False)

    class Meta:
        model = Member
        fields = ("display_name", "bio")


@admin.register(Member)
class MemberAdmin(admin.ModelAdmin):
    form = ProfileAdminForm
    list_display = ("display_name", "handle", "email", "role", "trust_level", "standing", "joined_at", "post_count")
    list_filter = ("role", "trust_level", ("banned_at", admin.EmptyFieldListFilter), "language", "joined_at")
    search_fields = ("handle__startswith", "display_name__istartswith", "email__iexact")
    search_help_text = gettext_lazy("The beginning of a handle or name, or a whole e-mail address.")
    ordering = ("-id",)
    list_select_related = False
    show_full_result_count = False
    list_per_page = 50
    actions = ("ban_selected", "unban_selected", "reset_factor_of_selected")
    fieldsets = (
        (None, {"fields": ("display_name", "bio", "remove_picture", "reason")}),
        (
            gettext_lazy("Account"),
            {"fields": ("handle", "email", "role_with_link", "level_with_link", "standing", "language", "time_zone")},
        ),
        (
            gettext_lazy("Activity"),
            {"fields": ("joined_at", "last_login", "thread_count", "post_count", "accepted_count")},
        ),
    )

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        writable = {"display_name", "bio", "remove_picture", "reason"}
        shown = [str(name) for _title, rows in self.fieldsets for name in rows["fields"]]
        return ["role", *(name for name in shown if name not in writable)]

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Only who may change this role finds the way there."""
        if obj is not None and can_set_role(_staff(request), obj):
            return self.fieldsets
        plain = {"role_with_link": "role"}
        return [
            (title, {"fields": [plain.get(str(name), str(name)) for name in rows["fields"]]})
            for title, rows in self.fieldsets
        ]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False  # people sign up

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False  # talk outlives accounts

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        allowed = super().has_change_permission(request, obj)
        return allowed and (obj is None or bool(can_edit_profile(_staff(request), obj)))

    @admin.display(description=gettext_lazy("standing"))
    def standing(self, member: Member) -> str:
        if member.banned_at is not None:
            return _("banned")
        return _("open") if member.is_active else _("closed")

    @admin.display(description=gettext_lazy("role"))
    def role_with_link(self, member: Member) -> str:
        url = reverse("admin:members_member_role", args=[member.pk])
        return format_html('{} – <a href="{}">{}</a>', member.get_role_display(), url, _("Change the role"))

    @admin.display(description=gettext_lazy("community level"))
    def level_with_link(self, member: Member) -> str:
        url = reverse("admin:members_member_level", args=[member.pk])
        return format_html('{} – <a href="{}">{}</a>', member.get_trust_level_display(), url, _("Why, and change it"))

    def save_model(self, request: HttpRequest, obj: Member, form: Any, change: bool) -> None:
        """The row that Django filled is not saved: the action reads the row anew and applies what was typed."""
        now_stored = Member.objects.get(pk=obj.pk)
        actions.update_profile(
            by=_staff(request),
            member_id=obj.pk,
            display_name=form.cleaned_data["display_name"],
            handle=now_stored.handle,
            bio=form.cleaned_data["bio"],
            avatar_id=None if form.cleaned_data["remove_picture"] else now_stored.avatar_id,
            reason=form.cleaned_data["reason"],
        )

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        try:
            return super().changeform_view(request, *args, **kwargs)
        except RuleError as error:
            messages.error(request, str(error.message))
            return redirect(request.path)

    @admin.action(description=gettext_lazy("Ban the chosen members…"), permissions=["change"])
    def ban_selected(self, request: HttpRequest, chosen: "QuerySet[Member]") -> HttpResponse | None:
        return self._with_reason(request, chosen, actions.ban_member, _("Ban"), "ban_selected")

    @admin.action(description=gettext_lazy("Lift the ban of the chosen members…"), permissions=["change"])
    def unban_selected(self, request: HttpRequest, chosen: "QuerySet[Member]") -> HttpResponse | None:
        return self._with_reason(request, chosen, actions.unban_member, _("Lift the ban"), "unban_selected")

    @admin.action(description=gettext_lazy("Take the second factor off the chosen members…"), permissions=["change"])
    def reset_factor_of_selected(self, request: HttpRequest, chosen: "QuerySet[Member]") -> HttpResponse | None:
        label = _("Take the second factor off")
        return self._with_reason(request, chosen, _reset_factor, label, "reset_factor_of_selected")

    def _with_reason(
        self, request: HttpRequest, chosen: "QuerySet[Member]", verb: Any, label: str, action: str
    ) -> HttpResponse | None:
        form = ReasonForm(request.POST if "decide" in request.POST else None)
        if not form.is_valid():
            context = {"form": form, "chosen": chosen[:100], "label": label, "action": action, "title": label}
            return self._page(request, "members/admin_reason.html", context)
        done = 0
        for member in chosen[:100]:
            try:
                verb(by=_staff(request), member_id=member.pk, reason=form.cleaned_data["reason"])
                done += 1
            except RuleError as error:
                messages.error(request, f"@{member.handle}: {error.message}")
        if done:
            messages.success(request, ngettext("%(n)d member changed.", "%(n)d members changed.", done) % {"n": done})
        return None

    def get_urls(self) -> list[URLPattern]:
        role = path("<int:member_id>/role/", self.admin_site.admin_view(self.role_page), name="members_member_role")
        level = path("<int:member_id>/level/", self.admin_site.admin_view(self.level_page), name="members_member_level")
        return [role, level, *super().get_urls()]

    def role_page(self, request: HttpRequest, member_id: int) -> HttpResponse:
        """Give a role: admins only, with a reason and their own password."""
        member, by = get_object_or_404(Member, pk=member_id), _staff(request)
        ensure(can_set_role(by, member))
        if request.method == "POST":
            take("sign_in", address=request.META.get("REMOTE_ADDR"), target=f"member:{by.pk}")
        form = RoleForm(request.POST or None, by=by, initial={"role": member.role})
        if form.is_valid():
            typed = form.cleaned_data
            try:
                actions.set_role(by=by, member_id=member.pk, role=typed["role"], reason=typed["reason"])
            except RuleError as error:
                form.add_error(error.field if error.field in form.fields else None, str(error.message))
            else:
                messages.success(request, _("The role is changed."))
                return redirect("admin:members_member_change", member.pk)
        title = _("Role of %(name)s") % {"name": member.display_name}
        return self._page(request, "members/admin_role.html", {"form": form, "member": member, "title": title})

    def level_page(self, request: HttpRequest, member_id: int) -> HttpResponse:
        """Why a member is on this level, and a manager's own word about it."""
        member, by = get_object_or_404(Member.objects.select_related("trust_locked_by"), pk=member_id), _staff(request)
        ensure(can_set_trust(by, member))
        now_stored = {"level": member.trust_level, "lock": member.trust_locked_at is not None}
        form = LevelForm(request.POST or None, initial=now_stored)
        if form.is_valid():
            try:
                actions.set_trust(by=by, member_id=member.pk, **form.cleaned_data)
            except RuleError as error:
                form.add_error(error.field if error.field in form.fields else None, str(error.message))
            else:
                messages.success(request, _("The level is changed."))
                return redirect("admin:members_member_change", member.pk)
        title = _("Community level of %(name)s") % {"name": member.display_name}
        context = {"form": form, "member": member, "level": trust.overview(member), "title": title}
        return self._page(request, "members/admin_level.html", context)

    def _page(self, request: HttpRequest, template: str, context: dict[str, Any]) -> HttpResponse:
        return TemplateResponse(
            request, template, self.admin_site.each_context(request) | {"opts": self.opts} | context
        )


class LegalTextForm(forms.ModelForm):
    """The next version of a text."""

    class Meta:
        model = LegalText
        fields = ("kind", "body_ja", "body_en", "summary_ja", "summary_en", "effective_at", "asks")

    def clean_body_ja(self) -> str:
        return ask_rule(check_body, self.cleaned_data["body_ja"], limit=TEXT_LIMIT)

    def clean_body_en(self) -> str:
        return ask_rule(check_body, self.cleaned_data["body_en"], limit=TEXT_LIMIT)


@admin.register(LegalText)
class LegalTextAdmin(admin.ModelAdmin):
    """To publish and to read. A version that members agreed to is never changed: the next one puts it right."""

    form = LegalTextForm
    list_display = ("kind", "version", "effective_at", "asks", "is_template", "published_by")
    list_filter = ("kind",)
    list_select_related = ("published_by",)
    ordering = ("-id",)
    show_full_result_count = False

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        return {"effective_at": now()}

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: LegalText, form: Any, change: bool) -> None:
        typed = dict(form.cleaned_data)
        words = {"ja": typed.pop("body_ja"), "en": typed.pop("body_en")}
        obj.pk = actions.publish_text(by=_staff(request), **words, **typed).pk


@admin.register(StaffAction)
class StaffActionAdmin(admin.ModelAdmin):
    """To read, never to change."""

    list_display = ("at", "by", "verb", "target", "target_id", "reason")
    list_filter = ("verb", "target", "at")
    search_fields = ("reason", "target_id__exact")
    list_select_related = ("by",)
    ordering = ("-id",)
    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


def _reset_factor(*, by: Member, member_id: int, reason: str) -> None:
    member = actions.reset_second_factor(by=by, member_id=member_id, reason=reason)
    get_adapter().send_notification_mail("members/second_factor_reset", member)


def _staff(request: HttpRequest) -> Member:
    assert isinstance(request.user, Member)  # the admin lets nobody else in
    return request.user
