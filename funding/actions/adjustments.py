"""Arrears, corrections and recoveries; exemptions from tax: entered or asked for by one, decided by another."""

from datetime import date

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from common.audit import record
from common.gestures import action
from common.refusals import Refusal, SamePersonTwice
from common.states import lock, move
from fellowships.models import Appointment
from funding.models import Adjustment, TaxGrant
from funding.queries.adjustments import is_settled
from funding.slips import is_foreign
from funding.states import AdjustmentCode, GrantKind, GrantState
from people.models import User


class AdjustmentRefused(Refusal):
    words = _("This adjustment cannot be made so.")


@action
def enter_adjustment(
    appointment: Appointment, *, by: User, month: date, code: str, amount_krw: int, reason: str
) -> Adjustment:
    """Enter a sum for one month; it stands on the slip as a line of its own once another person approved it.

    Arrears are above nothing, a recovery below. Refuses a month whose pay is settled, and one without a reason.
    """
    signs = {AdjustmentCode.ARREARS: amount_krw > 0, AdjustmentCode.RECOVERY: amount_krw < 0}
    if not amount_krw or not signs.get(AdjustmentCode(code), True):
        raise AdjustmentRefused(
            _("Arrears are an amount above 0, a recovery one below 0, a correction either."), field="amount_krw"
        )
    if not reason.strip():
        raise AdjustmentRefused(_("Say why; it is kept with the slip."), field="reason")
    if is_settled(appointment, month):
        raise AdjustmentRefused(_("The pay of this month is settled; enter it for a later month."), field="month")
    made = Adjustment.objects.create(
        appointment=appointment, month=month, code=code, amount_krw=amount_krw, reason=reason[:300], entered_by=by
    )
    record("funding.adjustment.entered", made, by=by, after={"amount_krw": amount_krw, "month": month}, note=reason)
    return made


@action
def approve_adjustment(adjustment: Adjustment, *, by: User) -> Adjustment:
    """Another person approves; the next preview of its month carries it.

    Refuses one whose month was approved or released meanwhile: no payroll would ever take it up.
    """
    lock(adjustment)
    if by.pk in {adjustment.entered_by_id, adjustment.appointment.fellow_id}:
        raise SamePersonTwice
    if adjustment.withdrawn_at is not None:
        raise AdjustmentRefused(_("It was withdrawn."))
    if adjustment.pay_line_id is None and is_settled(adjustment.appointment, adjustment.month):
        raise AdjustmentRefused(
            _("The payroll of this month went on without it. Withdraw it and enter it for a later month.")
        )
    if adjustment.approved_at is None:
        adjustment.approved_at, adjustment.approved_by = timezone.now(), by
        adjustment.save(update_fields=["approved_at", "approved_by"])
        record("funding.adjustment.approved", adjustment, by=by)
    return adjustment


@action
def withdraw_adjustment(adjustment: Adjustment, *, by: User, reason: str) -> Adjustment:
    """Take back an adjustment that no payroll has taken up yet, approved or not, with a reason."""
    lock(adjustment)
    if by.pk == adjustment.appointment.fellow_id:
        raise SamePersonTwice
    if not reason.strip():
        raise AdjustmentRefused(_("Say why."), field="reason")
    if adjustment.pay_line_id is not None:
        raise AdjustmentRefused(_("A payroll has taken it up: throw its preview away first, or enter the opposite."))
    if adjustment.withdrawn_at is not None:
        raise AdjustmentRefused(_("It was withdrawn."))
    adjustment.withdrawn_at, adjustment.withdrawn_by = timezone.now(), by
    adjustment.why_withdrawn = reason.strip()[:300]
    adjustment.save(update_fields=["withdrawn_at", "withdrawn_by", "why_withdrawn"])
    record("funding.adjustment.withdrawn", adjustment, by=by, note=reason)
    return adjustment


@action
def ask_for_grant(
    user: User, *, by: User, kind: str, from_on: date, until_on: date | None, country: str, article: str, paper: str
) -> TaxGrant:
    """Ask for an exemption or relief from income tax, naming its paper. A finance officer decides.

    A treaty needs country, article and the day on which it ends; it is open to foreign nationals, the relief for those
    who return to Koreans.
    """
    foreign = any(is_foreign(row) for row in user.appointments.select_related("offer__application"))
    if kind == GrantKind.TREATY and not (country and article and until_on):
        raise AdjustmentRefused(
            _("A treaty needs its country, its article and the day on which it ends."), field="article"
        )
    if (kind != GrantKind.RETURNING) != foreign:
        raise AdjustmentRefused(_("This is not open to a person of your nationality."), field="kind")
    if until_on is not None and until_on < from_on:
        raise AdjustmentRefused(_("The last day lies before the first."), field="until_on")
    made = TaxGrant.objects.create(
        user=user, kind=kind, from_on=from_on, until_on=until_on, country=country, article=article, paper=paper
    )
    record("funding.tax.asked", made, by=by, after={"kind": kind})
    return made


@action
def decide_grant(grant: TaxGrant, *, by: User, is_granted: bool, reason: str = "") -> TaxGrant:
    """A finance officer grants or refuses it; payrolls prepared from now on follow."""
    if by.pk == grant.user_id:
        raise SamePersonTwice
    if is_granted:
        return move(grant, GrantState.GRANTED, by=by)
    if not reason.strip():
        raise AdjustmentRefused(_("Say why."), field="reason")
    return move(grant, GrantState.REFUSED, by=by, note=reason, refusal=reason[:300])
