"""What stands on a thread's page for one reader alone, and therefore in `{% fresh %}`."""

from django import template
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from community.core.templatetags.ui import icon
from community.members.models import Member
from community.members.permissions import trust_of, viewer_of
from community.threads.models import Thread
from community.threads.permissions import can_move_thread

register = template.Library()


@register.simple_tag(takes_context=True)
def move_link(context: template.Context, thread: Thread) -> SafeString:
    """For members of level 3, who have no other desk: the way to the page on which they move the thread."""
    me = viewer_of(context["request"].user)
    if me.is_moderator or trust_of(me) < Member.Trust.MAINSTAY or not can_move_thread(me, thread):
        return SafeString("")
    url = reverse("threads:manage", args=[thread.pk])
    return format_html('<a class="button button-s" href="{}">{}{}</a>', url, icon("arrow-right", size="s"), _("Move"))
