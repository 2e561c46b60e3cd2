"""Terms, privacy policy and what members agree to: published in versions, agreed to one by one, never overwritten."""

from datetime import datetime

from django.utils.translation import gettext as _

from community.core.clock import now
from community.core.errors import Conflict
from community.core.text import check_body, clean_line, render_markdown
from community.core.verdicts import ensure
from community.core.work import unit
from community.members.actions.accounts import _locked
from community.members.models import Consent, LegalText, Member
from community.members.permissions import can_publish_texts
from community.members.queries import agrees_to, texts_in_force

TEXT_LIMIT = 100_000  # bytes
SUMMARY_LIMIT = 500


@unit
def publish_text(
    *,
    by: Member | None,
    kind: str,
    ja: str,
    en: str,
    summary_ja: str = "",
    summary_en: str = "",
    effective_at: datetime | None = None,
    asks: bool = True,
    is_template: bool = False,
) -> LegalText:
    """Publish the next version (`by` None: the house itself). It is never edited; another puts it right.

    Raises `NotAllowed`, `Invalid` for an empty or too long text.
    """
    if by is not None:
        ensure(can_publish_texts(by))
    japanese, english = (check_body(text, limit=TEXT_LIMIT, field=f"body_{code}") for code, text in _both(ja, en))
    latest = LegalText.objects.filter(kind=kind).order_by("-version").values_list("version", flat=True).first()
    return LegalText.objects.create(
        kind=kind,
        version=(latest or 0) + 1,
        body_ja=japanese,
        body_en=english,
        html_ja=render_markdown(japanese),
        html_en=render_markdown(english),
        summary_ja=_summary(summary_ja, "summary_ja"),
        summary_en=_summary(summary_en, "summary_en"),
        effective_at=effective_at or now(),
        asks=asks,
        is_template=is_template,
        published_at=now(),
        published_by=by,
    )


def _both(ja: str, en: str) -> tuple[tuple[str, str], tuple[str, str]]:
    return ("ja", ja), ("en", en)


def _summary(text: str, field: str) -> str:
    return clean_line(text, field=field, limit=SUMMARY_LIMIT) if text.strip() else ""


@unit
def agree_to_texts(*, member_id: int, how: str, shown: int | None = None) -> None:
    """Write down that the member agrees to the terms in force. `shown`: the newest text they were shown.

    Raises `Conflict` (newer_text) if there is a newer one than that: nobody agrees to what they have not been shown.
    """
    member, texts = _locked(member_id), texts_in_force().values()
    newest = max((text.pk for text in texts), default=0)
    if shown is not None and newest > shown:
        raise Conflict(_("There is a newer version. Please look at it first."), code="newer_text")
    given = [
        Consent(member=member, purpose=text.kind, text=text, given=True, how=how, at=now())
        for text in texts
        if text.pk > member.terms_accepted
    ]
    Consent.objects.bulk_create(given)
    Member.objects.filter(pk=member.pk).update(terms_accepted=max(newest, member.terms_accepted))


@unit
def set_consent(*, member_id: int, purpose: str, given: bool) -> None:
    """Say yes or no to something that is asked for separately; the same answer again changes nothing."""
    member = _locked(member_id)
    if agrees_to(member.pk, purpose) != given:
        Consent.objects.create(member=member, purpose=purpose, given=given, how=Consent.How.SETTINGS, at=now())
