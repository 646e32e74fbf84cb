"""Money comes in and goes down: appropriated by the ministry, agreed with institutes, allotted to labs."""

from datetime import date
from typing import TypeVar

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from common.audit import record
from common.gestures import action
from common.refusals import Refusal
from common.states import lock
from funding.ledger import Posting, account, post
from funding.models import Agreement, Allotment, Appropriation
from funding.states import AccountKind
from labs.models import Institute, Lab
from people.models import User

B = TypeVar("B", Appropriation, Agreement)


class AppropriatedAlready(Refusal):
    words = _("This source has an appropriation for this year already.")


class OtherInstitute(Refusal):
    words = _("This lab belongs to another institute.")


class TakenBack(Refusal):
    words = _("This was entered by mistake and is taken back: use the one that stands.")


def lock_standing(row: B) -> B:
    """Lock a sum of the budget. Refuses one whose entry was reversed, also when that happened meanwhile."""
    lock(row)
    if row.reversed_at is not None:
        raise TakenBack
    return row


def day_in(fiscal_year: int) -> date:
    """Today inside its fiscal year, else the nearest day of that year: each entry belongs to its own year."""
    today = timezone.localdate()
    return min(max(today, date(fiscal_year, 1, 1)), date(fiscal_year, 12, 31))


@action
def appropriate(source: str, fiscal_year: int, amount_krw: int, *, by: User | None, note: str = "") -> Appropriation:
    """Enter money that parliament gave, in won. Refuses a second appropriation of one source and year."""
    if Appropriation.objects.standing().filter(source=source, fiscal_year=fiscal_year).exists():
        raise AppropriatedAlready(field="source")
    made = Appropriation.objects.create(
        source=source, fiscal_year=fiscal_year, amount_krw=amount_krw, made_by=by, note=note
    )
    lines = [
        (account(AccountKind.SOURCE, fiscal_year), -amount_krw),
        (account(AccountKind.PROGRAMME, fiscal_year), amount_krw),
    ]
    words = f"Appropriation: {source} {fiscal_year}"
    post(Posting(f"appropriation:{made.key}", day_in(fiscal_year), words, lines, made), by=by)
    record("funding.appropriated", made, by=by, after={"amount_krw": amount_krw, "fiscal_year": fiscal_year}, note=note)
    return made


@action
def agree(
    appropriation: Appropriation,
    institute: Institute,
    amount_krw: int,
    *,
    by: User | None,
    note: str = "",
    by_tranches: bool = False,
) -> Agreement:
    """Agree `amount_krw` with `institute` out of `appropriation`; the contribution reaches its bank account.

    `by_tranches`: it is owed to the institute first, and comes in as tranches are received.

    Refuses with `OverBudget` more than is appropriated and not agreed yet, and an appropriation that was taken back.
    """
    year = lock_standing(appropriation).fiscal_year
    made = Agreement.objects.create(
        appropriation=appropriation, institute=institute, fiscal_year=year, amount_krw=amount_krw, made_by=by, note=note
    )
    lines = [
        (account(AccountKind.PROGRAMME, year), -amount_krw),
        (account(AccountKind.INSTITUTE, year, institute=institute), amount_krw),
        (account(AccountKind.RECEIVABLE if by_tranches else AccountKind.BANK, year, institute=institute), amount_krw),
        (account(AccountKind.INCOME, year, institute=institute), -amount_krw),
    ]
    post(Posting(f"agreement:{made.key}", day_in(year), f"Agreement: {institute.code} {year}", lines, made), by=by)
    record("funding.agreed", made, by=by, after={"amount_krw": amount_krw, "institute": institute.code}, note=note)
    return made


@action
def allot(agreement: Agreement, lab: Lab, amount_krw: int, *, by: User | None, note: str = "") -> Allotment:
    """Allot `amount_krw` to a lab of the agreement's institute. Refuses with `OverBudget` more than is left."""
    if lab.institute_id != agreement.institute_id:
        raise OtherInstitute(field="lab")
    year = lock_standing(agreement).fiscal_year
    made = Allotment.objects.create(
        agreement=agreement, lab=lab, fiscal_year=year, amount_krw=amount_krw, made_by=by, note=note
    )
    lines = [
        (account(AccountKind.INSTITUTE, year, institute=agreement.institute), -amount_krw),
        (account(AccountKind.LAB, year, lab=lab), amount_krw),
    ]
    post(Posting(f"allotment:{made.key}", day_in(year), f"Allotment: {lab.code} {year}", lines, made), by=by)
    record("funding.allotted", made, by=by, after={"amount_krw": amount_krw, "lab": lab.code}, note=note)
    return made
