"""Verbs of severance: asked for when a term is over, approved by another, released to the bank by a third."""

from datetime import date

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from common.audit import record
from common.gestures import action
from common.refusals import Refusal, SamePersonTwice
from common.states import lock, move
from fellowships.models import Appointment
from funding import ledger
from funding.actions.payments import Due, NothingToPay, seal_batch
from funding.models import PaymentBatch, Severance
from funding.postings import Books, severance_posting
from funding.queries.duties import free_to_release, of_severance, refuse_second_duty
from funding.queries.severance import accrued_of, to_release
from funding.states import Duty, Purpose, SeveranceState, SeveranceWay
from labs.models import Institute
from people.models import User


class SeveranceRefused(Refusal):
    words = _("This severance cannot be paid so.")


@action
def ask_severance(appointment: Appointment, *, by: User, way: str, tax_krw: int, basis: str) -> Severance:
    """Ask that the severance of a term that is over be paid: what accrued on its slips, to the won.

    Into an individual retirement account nothing is withheld (Income Tax Act, article 146 (2)); paid to her, the tax
    that the tax office's computation says. Refuses a term that runs, one whose last slip is not booked, one without
    severance, and a second time.
    """
    lock(appointment)
    if by.pk == appointment.fellow_id:
        raise SamePersonTwice
    if appointment.ends_on >= timezone.localdate():
        raise SeveranceRefused(_("Severance is due when the term is over."))
    amount_krw = accrued_of(appointment)
    if not amount_krw:
        raise SeveranceRefused(
            _("Nothing is due: the last payslip or an earlier one is not released yet, or the term was under a year.")
        )
    if Severance.objects.filter(appointment=appointment).exclude(state=SeveranceState.REFUSED).exists():
        raise SeveranceRefused(_("The severance of this term was asked for already."))
    if way == SeveranceWay.PENSION and tax_krw:
        raise SeveranceRefused(_("Nothing is withheld from what goes into a retirement account."), field="tax_krw")
    if not 0 <= tax_krw < amount_krw:
        raise SeveranceRefused(_("The tax is less than the severance and never below 0."), field="tax_krw")
    if not basis.strip():
        raise SeveranceRefused(_("Name the paper on which this rests."), field="basis")
    made = Severance.objects.create(
        appointment=appointment, amount_krw=amount_krw, way=way, tax_krw=tax_krw, basis=basis[:300], asked_by=by
    )
    record("funding.severance.asked", made, by=by, after={"amount_krw": amount_krw, "tax_krw": tax_krw, "way": way})
    return made


@action
def approve_severance(severance: Severance, *, by: User) -> Severance:
    """Another person approves; what accrued is owed to her from now on."""
    lock(severance)
    refuse_second_duty(Duty.APPROVES, of_severance(severance), by=by)
    move(severance, SeveranceState.APPROVED, by=by)
    today: date = timezone.localdate()
    ledger.post(severance_posting(severance, Books(severance.appointment.institute, today.year), today), by=by)
    return severance


@action
def refuse_severance(severance: Severance, *, by: User, reason: str) -> Severance:
    """Say no with a reason; it can be asked for anew."""
    lock(severance)
    if not reason.strip():
        raise SeveranceRefused(_("Say why, so that it can be put right."), field="reason")
    return move(severance, SeveranceState.REFUSED, by=by, note=reason, refusal=reason[:300])


@action
def release_severances(institute: Institute, *, by: User) -> PaymentBatch:
    """Send the approved severances of `institute` to the bank in one file.

    Left are those in which `by` holds another duty, and those whose payee's account their approver confirmed.
    """
    lock(institute)
    waiting = to_release(institute).select_for_update(of=("self",))
    rows = free_to_release(waiting, of_severance, by=by)
    if not rows:
        raise NothingToPay(_("No approved severance waits in which you have had no part yet."))
    for row in rows:
        move(row, SeveranceState.RELEASED, by=by)
    dues = [Due(row.appointment.fellow, row.net_krw, severance=row) for row in rows]
    return seal_batch(institute, dues, by=by, purpose=Purpose.SEVERANCE, pay_on=timezone.localdate())
