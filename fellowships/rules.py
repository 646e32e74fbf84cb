"""Who may see and answer offers, and see appointments."""

from typing import Any

import rules

from fellowships.models import (
    Amendment,
    Appointment,
    Offer,
    OfferQuestion,
    OnboardingItem,
    OnboardingPaper,
    YearlyReview,
)
from labs.models import Institute
from people.models import User
from people.rules import is_auditor, is_finance_officer, is_lab_head, is_lab_person, is_programme_officer
from people.states import Role


def _offer_of(subject: Any) -> Offer:
    """The offer that `subject` is, or that it asks about."""
    offer: Offer = subject.offer if isinstance(subject, OfferQuestion) else subject
    return offer


@rules.predicate
def is_recipient(user: User, subject: Any) -> bool:
    return isinstance(subject, Offer | OfferQuestion) and _offer_of(subject).application.applicant_id == user.pk


@rules.predicate
def offers_here(user: User, subject: Any = None) -> bool:
    """A programme officer of the institute that hosts the lab."""
    if subject is None:
        return bool(is_programme_officer(user))
    institute = subject if isinstance(subject, Institute) else _offer_of(subject).call_lab.lab.institute
    return bool(institute.place_id in user.places(Role.PROGRAMME_OFFICER))


def _appointment_of(subject: Any) -> Appointment:
    """The appointment that `subject` is or belongs to."""
    if isinstance(subject, OnboardingPaper):
        subject = subject.item
    of_one = isinstance(subject, OnboardingItem | Amendment | YearlyReview)
    appointment: Appointment = subject.appointment if of_one else subject
    return appointment


@rules.predicate
def is_fellow(user: User, subject: Any = None) -> bool:
    return subject is not None and _appointment_of(subject).fellow_id == user.pk


@rules.predicate
def employs(user: User, subject: Any = None) -> bool:
    """A programme officer of the employing institute."""
    if subject is None:
        return bool(is_programme_officer(user))
    return _appointment_of(subject).institute.place_id in user.places(Role.PROGRAMME_OFFICER)


@rules.predicate
def employs_or_leads(user: User, appointment: Appointment | None) -> bool:
    """An officer of the employing institute, or somebody of the lab."""
    if appointment is None:
        return False
    officers = user.places(Role.PROGRAMME_OFFICER, Role.FINANCE_OFFICER)
    return appointment.institute.place_id in officers or appointment.lab.place_id in user.places(
        Role.LAB_HEAD, Role.LAB_MEMBER
    )


@rules.predicate
def leads(user: User, subject: Any = None) -> bool:
    """Head of the lab in which the fellow works."""
    return subject is not None and _appointment_of(subject).lab.place_id in user.places(Role.LAB_HEAD)


@rules.predicate
def keeps_the_money(user: User, subject: Any = None) -> bool:
    """A finance officer of the employing institute."""
    places = user.places(Role.FINANCE_OFFICER)
    return subject is not None and _appointment_of(subject).institute.place_id in places


@rules.predicate
def asked(user: User, subject: Any = None) -> bool:
    return isinstance(subject, Amendment) and subject.asked_by_id == user.pk


rules.add_perm("fellowships.make_offers", offers_here & ~is_recipient)
rules.add_perm("fellowships.view_offer", is_recipient | offers_here)
rules.add_perm("fellowships.answer_offer", is_recipient)
rules.add_perm("fellowships.view_appointment", is_fellow | employs_or_leads)
rules.add_perm("fellowships.list_appointments", is_programme_officer | is_finance_officer | is_lab_person | is_auditor)
rules.add_perm("fellowships.view_onboarding", is_fellow | employs)
rules.add_perm("fellowships.hand_in", is_fellow)
rules.add_perm("fellowships.onboard", employs & ~is_fellow)
rules.add_perm("fellowships.onboard_any", is_programme_officer)
rules.add_perm("fellowships.ask_change", is_fellow | employs)
rules.add_perm("fellowships.view_change", is_fellow | employs | asked)
rules.add_perm("fellowships.decide_change", employs & ~is_fellow)
rules.add_perm("fellowships.list_changes", is_programme_officer)
rules.add_perm("fellowships.view_terms", is_fellow | employs | keeps_the_money)
rules.add_perm("fellowships.list_reviews", is_programme_officer | is_lab_head)
rules.add_perm("fellowships.view_review", is_fellow | employs | leads)
rules.add_perm("fellowships.write_review", leads & ~is_fellow)
rules.add_perm("fellowships.decide_review", employs & ~is_fellow)
