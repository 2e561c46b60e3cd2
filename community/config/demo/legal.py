"""Terms and privacy policy for trying the site out: templates, which say of themselves that they are."""

from pathlib import Path

from community.members.actions import publish_text
from community.members.models import LegalText

FOLDER = Path(__file__).with_name("content") / "legal"


def publish_templates() -> int:
    """Publish ours of each kind of which there is no text yet; nobody is asked to agree to them. Returns how many."""
    missing = [kind for kind in LegalText.Kind.values if not LegalText.objects.filter(kind=kind).exists()]
    for kind in missing:
        publish_text(by=None, kind=kind, ja=_read(kind, "ja"), en=_read(kind, "en"), asks=False, is_template=True)
    return len(missing)


def _read(kind: str, language: str) -> str:
    return (FOLDER / f"{kind}.{language}.md").read_text("utf-8")
