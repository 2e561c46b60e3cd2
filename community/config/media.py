"""Uploaded files. Pictures were drawn anew by us and are shown; anything else is only ever saved to disk (S13)."""

from pathlib import Path

from django.conf import settings
from django.core.exceptions import SuspiciousFileOperation
from django.http import FileResponse, Http404, HttpRequest
from django.utils._os import safe_join
from django.views.decorators.http import require_safe

PICTURES = {".webp": "image/webp", ".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".png": "image/png"}


@require_safe
def media(request: HttpRequest, path: str) -> FileResponse:
    """Serve one stored file. A name is random and its bytes never change, so browsers keep it."""
    found = _find(path)
    kind = PICTURES.get(found.suffix.lower())
    response = FileResponse(
        found.open("rb"),
        content_type=kind or "application/octet-stream",
        as_attachment=kind is None,
        filename=found.name,
    )
    response["Cache-Control"] = "public, max-age=31536000, immutable"
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response["X-Content-Type-Options"] = "nosniff"
    return response


def _find(path: str) -> Path:
    try:
        found = Path(safe_join(settings.MEDIA_ROOT, path))
    except (SuspiciousFileOperation, ValueError) as error:
        raise Http404 from error
    try:
        is_there = found.is_file()
    except OSError as error:  # a name longer than the file system takes
        raise Http404 from error
    if not is_there:
        raise Http404
    return found
