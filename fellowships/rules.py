"""Who may see and answer offers, and see appointments."""

from typing import Any

import rules

from fellowships.models import Appointment, Offer
from people.models import User
from people.rules import is_auditor, is_finance_officer, is_lab_person, is_programme_officer
from people.states import Role


@rules.predicate
def is_recipient(user: User, offer: Offer | None) -> bool:
    return offer is not None and offer.application.applicant_id == user.pk


@rules.predicate
def offers_here(user: User, subject: Any = None) -> bool:
    """A programme officer of the institute that hosts the lab."""
    if subject is None:
        return bool(is_programme_officer(user))
    lab = subject.call_lab.lab
    return bool(lab.institute.place_id in user.places(Role.PROGRAMME_OFFICER))


@rules.predicate
def is_fellow(user: User, appointment: Appointment | None) -> bool:
    return appointment is not None and appointment.fellow_id == user.pk


@rules.predicate
def employs_or_leads(user: User, appointment: Appointment | None) -> bool:
    """An officer of the employing institute, or somebody of the lab."""
    if appointment is None:
        return False
    officers = user.places(Role.PROGRAMME_OFFICER, Role.FINANCE_OFFICER)
    return appointment.institute.place_id in officers or appointment.lab.place_id in user.places(
        Role.LAB_HEAD, Role.LAB_MEMBER
    )


rules.add_perm("fellowships.make_offers", offers_here & ~is_recipient)
rules.add_perm("fellowships.view_offer", is_recipient | offers_here)
rules.add_perm("fellowships.answer_offer", is_recipient)
rules.add_perm("fellowships.view_appointment", is_fellow | employs_or_leads)
rules.add_perm("fellowships.list_appointments", is_programme_officer | is_finance_officer | is_lab_person | is_auditor)
