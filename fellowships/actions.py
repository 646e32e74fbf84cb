"""Verbs of fellowships: an offer goes out, is accepted (then the appointment stands), declined, withdrawn, lapses.

Money is committed and released by the room that keeps the books, in the same transaction.
"""

import hashlib
import json
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from applications.models import Application, CallLab
from applications.states import ApplicationState
from common.audit import record
from common.gestures import action
from common.refusals import Refusal, SamePersonTwice
from common.states import lock, move
from common.when import instant_words
from fellowships.models import Appointment, Offer
from fellowships.states import OfferState
from matching.models import MatchResult
from matching.states import RunState
from notifications.actions import notify
from people.models import User


class NotPlaced(Refusal):
    words = _("The published match did not place this candidate in this lab, so no offer can go out.")


class HasOffer(Refusal):
    words = _("An offer stands for this candidate already.")


class OfferClosed(Refusal):
    words = _("This offer could be answered until %(at)s; it can no longer be accepted.")


class OtherAppointment(Refusal):
    words = _("An appointment of hers overlaps these days.")


class TermsRefused(Refusal):
    words = _("These terms cannot be offered.")


@dataclass(frozen=True)
class Terms:
    """What is offered: amounts in won a year, first and last day, and until when it can be answered."""

    salary_krw_a_year: int
    research_fund_krw_a_year: int
    starts_on: date
    ends_on: date
    deadline_at: datetime


def seal_of(application: Application, call_lab: CallLab, terms: Terms) -> str:
    """SHA-256 of the terms, so that what was accepted is what was offered."""
    content: dict[str, Any] = {
        "application": application.key,
        "lab": call_lab.lab.code,
        "salary_krw_a_year": terms.salary_krw_a_year,
        "research_fund_krw_a_year": terms.research_fund_krw_a_year,
        "starts_on": terms.starts_on.isoformat(),
        "ends_on": terms.ends_on.isoformat(),
    }
    return hashlib.sha256(json.dumps(content, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def _refuse_terms(application: Application, terms: Terms) -> None:
    call = application.call
    if terms.salary_krw_a_year < call.salary_krw_a_year:
        raise TermsRefused(_("The call promises at least ₩%(least)s a year."), field="salary_krw_a_year",
                           least=f"{call.salary_krw_a_year:,}")  # fmt: skip
    if terms.ends_on <= terms.starts_on:
        raise TermsRefused(_("The last day lies before the first."), field="ends_on")
    if terms.deadline_at <= timezone.now():
        raise TermsRefused(_("The deadline has passed already."), field="deadline_at")


@action
def open_offer(application: Application, call_lab: CallLab, terms: Terms, *, by: User) -> Offer:
    """Write an offer to a candidate whom the published match placed in `call_lab`, and tell her.

    Refuses where another offer stands, for oneself, and terms below the call's. The caller commits the money in the
    same transaction; the database lets no offer stand without.
    """
    lock(application)
    if application.applicant_id == by.pk:
        raise SamePersonTwice
    placed = MatchResult.objects.filter(application=application, call_lab=call_lab, run__state=RunState.PUBLISHED)
    if application.state != ApplicationState.ELIGIBLE or not placed.exists():
        raise NotPlaced
    if application.offers.filter(state__in=[OfferState.SENT, OfferState.ACCEPTED]).exists():
        raise HasOffer
    _refuse_terms(application, terms)
    offer = Offer.objects.create(
        application=application,
        call_lab=call_lab,
        terms_sha256=seal_of(application, call_lab, terms),
        sent_by=by,
        **vars(terms),
    )
    record("fellowships.offer.sent", offer, by=by, after=vars(terms))
    _tell("offer_sent", offer)
    return offer


def _tell(kind: str, offer: Offer, to: User | None = None) -> None:
    applicant = offer.application.applicant
    lab = offer.call_lab.lab
    notify(
        kind,
        to=to or applicant,
        about=offer,
        dedupe=f"{offer.pk}:{(to or applicant).pk}",
        lab=lab.name_ko if (to or applicant).language == "ko" else lab.name_en,
        institute=lab.institute.code,
        candidate=applicant.full_name,
        salary=f"₩{offer.salary_krw_a_year:,}",
        fund=f"₩{offer.research_fund_krw_a_year:,}",
        starts_on=offer.starts_on,
        ends_on=offer.ends_on,
        deadline=instant_words(offer.deadline_at, applicant.timezone),
        reason=offer.get_decline_reason_display(),
        path=reverse("funding:offer", args=[offer.key]),
    )


@action
def accept(offer: Offer, *, by: User, signed_name: str) -> Appointment:
    """She signs with her name: the offer is accepted, and the appointment stands on its terms.

    Accepting twice gives the same appointment. Refuses after the deadline, and where another appointment overlaps.
    """
    lock(offer)
    existing = Appointment.objects.filter(offer=offer).first()
    if existing is not None:
        return existing
    if offer.state == OfferState.SENT and timezone.now() > offer.deadline_at:
        raise OfferClosed(at=instant_words(offer.deadline_at))
    move(offer, OfferState.ACCEPTED, by=by, signed_name=signed_name.strip())
    appointment = _appoint(offer, by=by)
    _tell("offer_accepted", offer)
    if offer.sent_by is not None:
        _tell("offer_answered", offer, to=offer.sent_by)
    return appointment


def _appoint(offer: Offer, *, by: User) -> Appointment:
    lab = offer.call_lab.lab
    names = ("starts_on", "ends_on", "salary_krw_a_year", "research_fund_krw_a_year")
    terms = {name: getattr(offer, name) for name in names}
    try:
        with transaction.atomic():
            appointment = Appointment.objects.create(
                offer=offer, fellow=offer.application.applicant, lab=lab, institute=lab.institute, **terms
            )
    except IntegrityError as clash:
        raise OtherAppointment from clash
    record("fellowships.appointed", appointment, by=by, after=terms)
    return appointment


@action
def decline(offer: Offer, *, by: User, reason: str, note: str = "") -> Offer:
    """She declines, and why; the officer is told. Declining twice changes nothing."""
    lock(offer)
    if offer.state == OfferState.DECLINED:
        return offer
    move(offer, OfferState.DECLINED, by=by, decline_reason=reason, decline_note=note)
    if offer.sent_by is not None:
        _tell("offer_answered", offer, to=offer.sent_by)
    return offer


@action
def withdraw(offer: Offer, *, by: User, note: str) -> Offer:
    """Take an unanswered offer back; the candidate is told. Doing it twice changes nothing."""
    lock(offer)
    if offer.state == OfferState.WITHDRAWN:
        return offer
    if not note.strip():
        raise Refusal(_("Please give a reason."), field="note")
    move(offer, OfferState.WITHDRAWN, by=by, note=note)
    _tell("offer_withdrawn", offer)
    return offer


@action
def lapse(offer: Offer, *, by: User | None) -> Offer:
    """An offer that nobody answered in time lapses; candidate and officer are told. Before its deadline: nothing."""
    lock(offer)
    if offer.state != OfferState.SENT or timezone.now() <= offer.deadline_at:
        return offer
    move(offer, OfferState.LAPSED, by=by)
    _tell("offer_lapsed", offer)
    if offer.sent_by is not None:
        _tell("offer_lapsed_officer", offer, to=offer.sent_by)
    return offer
