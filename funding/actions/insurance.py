"""What is otherwise with one person's insurance: entered with its paper by one, confirmed by another."""

from datetime import date

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from common.audit import record
from common.gestures import action
from common.refusals import Refusal, SamePersonTwice
from common.states import lock
from fellowships.models import Appointment
from funding.models import InsuranceException
from funding.models.insurance import InsuranceKind
from people.models import User


class ExceptionRefused(Refusal):
    words = _("This exception cannot be made so.")


@action
def enter_exception(
    appointment: Appointment,
    *,
    by: User,
    kind: str,
    from_on: date,
    until_on: date | None,
    paper: str,
    base_krw: int | None = None,
) -> InsuranceException:
    """Enter that a person is outside an insurance, or with which base she was declared; another confirms it.

    Refuses her own, one without a paper, days in the wrong order, a declared base without an amount, and what waits.
    """
    lock(appointment)
    if by.pk == appointment.fellow_id:
        raise SamePersonTwice
    if not paper.strip():
        raise ExceptionRefused(_("Name the paper on which this rests."), field="paper")
    if until_on is not None and until_on < from_on:
        raise ExceptionRefused(_("The last day lies before the first."), field="until_on")
    if (kind == InsuranceKind.BASE) != bool(base_krw and base_krw > 0):
        raise ExceptionRefused(
            _("A declared base is an amount above 0; where she is outside an insurance there is none."),
            field="base_krw",
        )
    waiting = InsuranceException.objects.filter(confirmed_at=None, withdrawn_at=None)
    if waiting.filter(appointment=appointment, kind=kind, from_on=from_on).exists():
        raise ExceptionRefused(_("This was entered already and waits for another person."), field="kind")
    made = InsuranceException.objects.create(
        appointment=appointment,
        kind=kind,
        base_krw=base_krw or None,
        from_on=from_on,
        until_on=until_on,
        paper=paper.strip()[:300],
        entered_by=by,
    )
    record("funding.insurance.entered", made, by=by, after={"kind": kind, "base_krw": base_krw}, note=paper)
    return made


@action
def confirm_exception(exception: InsuranceException, *, by: User) -> InsuranceException:
    """Another finance officer, who saw the paper, confirms; payrolls prepared from now on follow.

    Refuses whoever entered it, the person herself, and a second exception of the same kind for the same days.
    """
    lock(exception)
    if by.pk in {exception.entered_by_id, exception.appointment.fellow_id}:
        raise SamePersonTwice
    if exception.withdrawn_at is not None:
        raise ExceptionRefused(_("It was withdrawn."))
    if exception.confirmed_at is not None:
        return exception
    lock(exception.appointment)
    same = InsuranceException.objects.filter(
        appointment=exception.appointment, kind=exception.kind, confirmed_at__isnull=False, withdrawn_at=None
    ).exclude(until_on__lt=exception.from_on)
    if exception.until_on is not None:
        same = same.filter(from_on__lte=exception.until_on)
    if same.exists():
        raise ExceptionRefused(_("Another one of this kind is in force on some of these days; withdraw it first."))
    exception.confirmed_at, exception.confirmed_by = timezone.now(), by
    exception.save(update_fields=["confirmed_at", "confirmed_by"])
    record("funding.insurance.confirmed", exception, by=by)
    return exception


@action
def withdraw_exception(exception: InsuranceException, *, by: User, reason: str) -> InsuranceException:
    """Take it out of force, confirmed or not, with a reason: payrolls prepared from now on insure her as everybody."""
    lock(exception)
    if by.pk == exception.appointment.fellow_id:
        raise SamePersonTwice
    if not reason.strip():
        raise ExceptionRefused(_("Say why."), field="reason")
    if exception.withdrawn_at is not None:
        raise ExceptionRefused(_("It was withdrawn."))
    exception.withdrawn_at, exception.withdrawn_by = timezone.now(), by
    exception.why_withdrawn = reason.strip()[:300]
    exception.save(update_fields=["withdrawn_at", "withdrawn_by", "why_withdrawn"])
    record("funding.insurance.withdrawn", exception, by=by, note=reason)
    return exception
