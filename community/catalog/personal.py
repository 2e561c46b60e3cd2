"""How somebody who has left goes out of the shop's books: what they bought stays counted, who they were does not."""

from community.catalog.models import Creator, Customer
from community.members.registry import Leaver, eraser


@eraser("catalog: customer and maker")
def unlink(leaver: Leaver) -> None:
    Creator.objects.filter(member_id=leaver.member_id).update(member=None)
    Customer.objects.filter(member_id=leaver.member_id).update(member=None, email_digest="")
