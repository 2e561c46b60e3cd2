"""What stands in the address with which mails are unsubscribed from: who, and from which kind. It does not run out."""

from django.core import signing
from django.utils.translation import gettext as _

from community.core.errors import NotVisible

_SALT = "community.notifications.unsubscribe"


def token(member_id: int, kind: str) -> str:
    """`kind` "" stands for every kind."""
    return signing.dumps([member_id, kind], salt=_SALT)


def opened(text: str) -> tuple[int, str]:
    """`(member_id, kind)`; raises `NotVisible` for what we did not sign."""
    try:
        member_id, kind = signing.loads(text, salt=_SALT)
    except (signing.BadSignature, ValueError, TypeError) as error:
        raise NotVisible(_("This address is not complete. Open it from the mail once more.")) from error
    return int(member_id), str(kind)
