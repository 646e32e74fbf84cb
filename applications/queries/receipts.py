"""Receipts: of an application, and behind what somebody types from one."""

from dataclasses import dataclass
from datetime import datetime

from applications.models import Application, Submission


@dataclass(frozen=True)
class Receipt:
    """What a receipt says. `is_latest` is whether no later version was submitted."""

    number: str
    version: int
    sha256: str
    submitted_at: datetime
    is_latest: bool
    is_withdrawn: bool


def receipt_of(application: Application) -> Receipt | None:
    """The receipt of the last version that was submitted; None when there never was one."""
    if application.number is None or application.submitted_at is None:
        return None
    return Receipt(
        number=str(application),
        version=application.version,
        sha256=application.receipt_sha256,
        submitted_at=application.submitted_at,
        is_latest=True,
        is_withdrawn=application.withdrawn_at is not None,
    )


def receipt_behind(number: str, sha256: str) -> Receipt | None:
    """The genuine receipt with this number and hash, of whichever version; None when there is none.

    Earlier versions are found by index submission_by_hash; names nobody.
    """
    code, _dash, digits = number.strip().rpartition("-")
    if not digits.isdecimal() or len(digits) > 9:
        return None
    application = Application.objects.select_related("call").filter(call__code__iexact=code, number=int(digits)).first()
    if application is None:
        return None
    latest = receipt_of(application)
    if latest is None or latest.sha256 == sha256:
        return latest
    past = Submission.objects.filter(application=application, sha256=sha256).first()
    if past is None:
        return None
    return Receipt(
        number=str(application),
        version=past.version,
        sha256=sha256,
        submitted_at=past.submitted_at,
        is_latest=False,
        is_withdrawn=latest.is_withdrawn,
    )
