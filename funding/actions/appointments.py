"""A change of an appointment carried out whole: days, version, commitments, recoveries of pay, in one transaction."""

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from common.audit import record
from common.gestures import action
from common.refusals import Refusal
from fellowships import actions as fellowships
from fellowships.models import Amendment
from fellowships.queries.changes import change_of
from fellowships.versions import START
from funding import ledger
from funding.actions.adjustments import withdraw_adjustment
from funding.actions.budget import day_in
from funding.actions.encumbrance import encumber_anew, recharge
from funding.models import Adjustment, PayLine
from funding.postings import Books, overpaid_posting, settled_severance_posting
from funding.queries.changes import Preview, preview_of
from funding.queries.encumbering import Payers
from funding.states import AdjustmentCode
from people.models import User


class PaidAlready(Refusal):
    words = _("Pay is booked for days before the new first day, so it can no longer be moved there.")


class PayrollUnderWay(Refusal):
    words = _("The pay of %(months)s is computed and not released yet. Discard that preview first, then decide.")


@action
def approve_change(amendment: Amendment, *, by: User, note: str = "") -> Amendment:
    """A second person approves a change: the appointment, its version and what is committed for it move together.

    Refuses what `fellowships.approve_change` refuses, a term that the lab's allotments do not carry (each year, with
    the amount), and a change of months whose pay is being computed. What is released is free for the lab at once; what
    was paid beyond what is due is kept from later pay, at most half a month's each time, and owed by her beyond that.
    The lab that she moves to takes over what is held for the days there. Where her last slip is booked already,
    severance is settled here.
    """
    fellowships.refuse_decider(amendment, by)
    appointment = amendment.appointment
    change = change_of(amendment)
    fellowships.refuse_change(appointment, change, timezone.localdate())
    preview = preview_of(appointment, change, needs_notice=fellowships.needs_visa_notice(appointment), for_update=True)
    _refuse_pay(preview)
    payers = Payers(appointment.offer)
    approved = fellowships.approve_change(amendment, by=by, facts=preview.facts(), note=note)
    words = f"Appointment {appointment.key}: version {approved.version}, {approved.kind}"
    event = f"changed:{amendment.key}"
    encumber_anew(appointment.offer, preview.moves, event=event, words=words, source=approved, by=by)
    recharge(approved, preview.recharges, payers=payers, by=by)
    _recover(approved, preview, words, by)
    _book_owed(approved, preview, by)
    if preview.settled_krw:
        _settle_severance(approved, preview, by)
    return approved


def _settle_severance(amendment: Amendment, preview: Preview, by: User) -> None:
    """What accrued is brought to what is due on the slip of her last month; if that is booked, in the books as well."""
    appointment, today, amount_krw = amendment.appointment, timezone.localdate(), preview.settled_krw
    last = PayLine.objects.select_for_update().filter(appointment=appointment)
    line = last.get(month=appointment.ends_on.replace(day=1))
    before = line.severance_krw
    line.severance_krw += amount_krw
    line.save(update_fields=["severance_krw"])
    after = {"severance_krw": line.severance_krw}
    record("funding.severance.settled", line, by=by, before={"severance_krw": before}, after=after)
    if preview.settles_in_books:
        books = Books(appointment.institute, today.year)
        ledger.post(settled_severance_posting(amendment, amount_krw, books, today), by=by)


def _book_owed(amendment: Amendment, preview: Preview, by: User) -> None:
    """What no later pay is there to keep it from is owed by her; it comes in by the bank."""
    for year, amount_krw in preview.owed_by_year.items():
        books = Books(amendment.appointment.institute, year)
        ledger.post(overpaid_posting(amendment, amount_krw, books, day_in(year)), by=by)


def _recover(amendment: Amendment, preview: Preview, words: str, by: User) -> None:
    """What was paid beyond what is due is kept from pay to come: lines of their own, decided with the change.

    Her own reason stays with the change; who keeps the payroll reads which version it was. What an earlier change was
    to keep from months that no longer carry it is withdrawn, and planned afresh with the rest.
    """
    for row in preview.stranded:
        withdraw_adjustment(row, by=by, reason=words)
    for month, amount_krw in preview.recoveries:
        made = Adjustment.objects.create(
            appointment=amendment.appointment,
            month=month,
            code=AdjustmentCode.RECOVERY,
            amount_krw=-amount_krw,
            reason=words,
            entered_by=amendment.asked_by,
            approved_at=timezone.now(),
            approved_by=by,
        )
        record("funding.adjustment.approved", made, by=by, after={"amount_krw": -amount_krw, "month": month})


def _refuse_pay(preview: Preview) -> None:
    if preview.under_way:
        raise PayrollUnderWay(months=", ".join(f"{month:%Y-%m}" for month in preview.under_way))
    if preview.kind == START and preview.recovered_krw:
        raise PaidAlready
