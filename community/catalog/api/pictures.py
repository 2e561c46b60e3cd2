"""An uploaded picture: the whole body, or a field of a form."""

from typing import cast

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest
from django.utils.translation import gettext as _

from community.catalog.api.answers import WrongType
from community.core.errors import Invalid
from community.core.limits import take
from community.core.pictures import Upload

FORM = "multipart/form-data"
IMAGES = frozenset({"image/jpeg", "image/png", "image/webp", "image/gif"})


class Body:
    """The request's own body as a file of a known size; it is read once, and never past the limit of the reader."""

    def __init__(self, request: HttpRequest) -> None:
        self._request = request
        length = request.headers.get("Content-Length", "")
        self.size: int | None = int(length) if length.isdigit() else None

    def read(self, size: int = -1, /) -> bytes:
        found: bytes = self._request.read(size)
        return found


def upload_of(request: HttpRequest) -> tuple[Upload, str]:
    """The picture of the request and what its form says about it (`alt`)."""
    take("upload_picture", address=request.META.get("REMOTE_ADDR", ""))
    kind = (request.content_type or "").lower()
    if kind in IMAGES:
        return Body(request), ""
    if kind != FORM:
        raise WrongType(_("Send the picture as the body (image/jpeg, png, webp or gif) or in a form."))
    file = request.FILES.get("picture")
    if not isinstance(file, UploadedFile):
        raise Invalid(_("Choose a picture."), code="picture_missing", field="picture")
    return cast(Upload, file), request.POST.get("alt", "")
