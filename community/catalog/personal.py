"""What of the catalogue belongs to one member: a creator's page of settings, and how somebody who has left goes out of
the shop's books: what they bought stays counted, who they were does not.
"""

from django.utils.translation import gettext_lazy as _

from community.catalog.models import Creator, Customer
from community.catalog.queries import creator_of
from community.members.models import Member
from community.members.registry import Leaver, SettingsPage, eraser, settings_page


def _is_creator(member: Member) -> bool:
    return creator_of(member=member, viewer=member) is not None


settings_page(SettingsPage("catalog:creator_edit", _("Creator page"), _is_creator))


@eraser("catalog: customer and maker")
def unlink(leaver: Leaver) -> None:
    Creator.objects.filter(member_id=leaver.member_id).update(member=None)
    Customer.objects.filter(member_id=leaver.member_id).update(member=None, email_digest="")
