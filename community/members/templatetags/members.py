"""Tags of the settings pages, many of which are allauth's views and know nothing of the tabs above them."""

from typing import Any

from django import template
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

register = template.Library()


@register.simple_tag(takes_context=True)
def settings_tabs(context: template.Context) -> list[dict[str, Any]]:
    """The settings pages as components/tabs.html takes them; the page that is shown is the current one."""
    pages = [
        ("members:profile_edit", _("Profile")),
        ("members:preferences", _("Display and language")),
        ("notifications:settings", _("Notices")),
        ("account_email", pgettext("settings tab", "E-mail")),
        ("account_change_password", _("Password")),
        ("mfa_index", _("Two-step sign-in")),
        ("members:sign_ins", _("Devices")),
        ("members:data", _("Data and privacy")),
        ("members:leave", pgettext("settings tab", "Leave")),
    ]
    here = context["request"].resolver_match.view_name
    here = "account_change_password" if here == "account_set_password" else here
    here = "mfa_index" if here.startswith("mfa_") else here
    return [{"label": label, "url": reverse(name), "current": name == here} for name, label in pages]


@register.simple_tag
def device_words(browser: str, system: str) -> str:
    """ "Chrome on Windows", in the reader's language."""
    if browser and system:
        return _("%(browser)s on %(system)s") % {"browser": browser, "system": system}
    return browser or system or _("An unknown device")
