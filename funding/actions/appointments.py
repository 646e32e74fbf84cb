"""A change of an appointment carried out whole: days, version, commitments by fiscal year, in one transaction."""

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from common.gestures import action
from common.refusals import Refusal
from fellowships import actions as fellowships
from fellowships.models import Amendment
from fellowships.queries.changes import change_of
from fellowships.versions import START
from funding.actions.encumbrance import encumber_anew
from funding.queries.changes import Preview, preview_of
from people.models import User


class PaidAlready(Refusal):
    words = _("Pay is booked for days before the new first day, so it can no longer be moved there.")


class PayrollUnderWay(Refusal):
    words = _("The pay of %(months)s is computed and not released yet. Discard that preview first, then decide.")


@action
def approve_change(amendment: Amendment, *, by: User, note: str = "") -> Amendment:
    """A second person approves a change: the appointment, its version and what is committed for it move together.

    Refuses what `fellowships.approve_change` refuses, a term that the lab's allotments do not carry (each year, with
    the amount), and a change of months whose pay is being computed. What is released is free for the lab at once.
    """
    fellowships.refuse_decider(amendment, by)
    appointment = amendment.appointment
    change = change_of(amendment)
    fellowships.refuse_change(appointment, change, timezone.localdate())
    preview = preview_of(appointment, change, needs_notice=fellowships.needs_visa_notice(appointment), for_update=True)
    _refuse_pay(preview)
    approved = fellowships.approve_change(amendment, by=by, facts=preview.facts(), note=note)
    words = f"Appointment {appointment.key}: version {approved.version}, {approved.kind}"
    encumber_anew(appointment.offer, preview.moves, event=f"changed:{amendment.key}", words=words, by=by)
    return approved


def _refuse_pay(preview: Preview) -> None:
    if preview.under_way:
        raise PayrollUnderWay(months=", ".join(f"{month:%Y-%m}" for month in preview.under_way))
    if preview.kind == START and preview.recovered_krw:
        raise PaidAlready
