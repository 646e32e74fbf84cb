"""Verbs of offers: sent, talked about, accepted with a mailed code, declined, withdrawn by two, lapsed.

Money is committed and released by the room that keeps the books, in the same transaction.
"""

import secrets
import unicodedata
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final, Self

from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from applications.models import Application, CallLab
from applications.states import ApplicationState
from common.audit import record
from common.gestures import action
from common.later import later
from common.refusals import OutOfDate, Refusal, SamePersonTwice
from common.states import lock, move
from common.when import day_words, instant_words
from fellowships.actions.onboarding import begin_onboarding
from fellowships.letters import seal_of
from fellowships.models import Appointment, Offer
from fellowships.queries.waitlist import is_next_for, is_placed_in
from fellowships.states import OfferState
from matching import actions as matching
from matching.models import MatchResult
from matching.queries import result_of
from notifications.actions import notify
from people.models import User

CODE_LASTS: Final = timedelta(minutes=30)
CODE_EVERY: Final = timedelta(seconds=60)
MOST_TRIES: Final = 5
REMIND_BEFORE: Final = (timedelta(hours=12), timedelta(days=2), timedelta(days=7))


class NotPlaced(Refusal):
    words = _("The published match did not place this candidate in this lab, so no offer can go out.")


class NotNext(Refusal):
    words = _("This candidate is not the next on the lab's waitlist, or the place is taken. Reload the page.")


class HasOffer(Refusal):
    words = _("An offer stands for this candidate already.")


class OfferClosed(Refusal):
    words = _("This offer could be answered until %(at)s; it can no longer be accepted.")


class OtherAppointment(Refusal):
    words = _("An appointment of hers overlaps these days.")


class TermsRefused(Refusal):
    words = _("These terms cannot be offered.")


class NameDiffers(Refusal):
    words = _("Type your name as the offer has it: %(name)s.")


class WrongCode(Refusal):
    words = _("This is not the code that we mailed last. You can try %(left)s more times, or ask for a new code.")


class NoCode(Refusal):
    words = _("This code no longer counts. Ask for a new one; it comes by mail and counts for 30 minutes.")


class CodeTooSoon(Refusal):
    words = _("A code was mailed less than a minute ago. Look into your mailbox, or ask again in a minute.")


class NotAskedFor(Refusal):
    words = _("Nobody has asked for this offer to be withdrawn.")


@dataclass(frozen=True)
class Terms:
    """What is offered: amounts in won a year, first and last day, bounds of the first day, until when to answer."""

    salary_krw_a_year: int
    research_fund_krw_a_year: int
    starts_on: date
    ends_on: date
    deadline_at: datetime
    deadline_zone: str = "Asia/Seoul"
    earliest_start_on: date | None = None
    latest_start_on: date | None = None

    @classmethod
    def of(cls, offer: Offer, **changes: Any) -> Self:
        """The terms of `offer`, with `changes`."""
        return cls(**{**{name: getattr(offer, name) for name in cls.__dataclass_fields__}, **changes})


@dataclass(frozen=True)
class Signature:
    """How she accepts: her name as typed, the code mailed to her, and the hash of the text that she read."""

    name: str
    code: str
    seal: str


@dataclass(frozen=True)
class Declining:
    """Why she declines; where she goes instead and what that pays, in won a year, if she says so."""

    reason: str
    note: str = ""
    place: str = ""
    country: str = ""
    pays_krw_a_year: int | None = None


def refuse_terms(application: Application, terms: Terms) -> None:
    """Refuse terms below what the call promises, and days out of order."""
    call = application.call
    if terms.salary_krw_a_year < call.salary_krw_a_year:
        raise TermsRefused(_("The call promises at least ₩%(least)s a year."), field="salary_krw_a_year",
                           least=f"{call.salary_krw_a_year:,}")  # fmt: skip
    if terms.ends_on <= terms.starts_on:
        raise TermsRefused(_("The last day lies before the first."), field="ends_on")
    if terms.deadline_at <= timezone.now():
        raise TermsRefused(_("The deadline has passed already."), field="deadline_at")
    earliest, latest = terms.earliest_start_on or terms.starts_on, terms.latest_start_on or terms.starts_on
    if not earliest <= terms.starts_on <= latest:
        raise TermsRefused(_("The first day lies outside its own bounds."), field="starts_on")


def _refuse_placeless(application: Application, call_lab: CallLab, replaces: Offer | None) -> None:
    if application.state != ApplicationState.ELIGIBLE:
        raise NotPlaced
    if replaces is None and not is_placed_in(application, call_lab):
        raise NotPlaced
    if replaces is not None:
        lock(replaces)
        left = result_of(replaces.application)
        if left is not None:
            matching.lock_run(left.run_id)
        if not is_next_for(application, replaces):
            raise NotNext


def _take_over(application: Application, call_lab: CallLab, former: Offer, by: User) -> None:
    """The place of an offer that came to nothing goes to the next of the waitlist, in the match's own books too."""
    left, taken = result_of(former.application), result_of(application)
    if left is not None and left.call_lab_id == call_lab.pk:
        matching.vacate(left, by=by, reason="the offer came to nothing")
    if taken is not None:
        matching.take_place(taken, call_lab, by=by, reason="next on the waitlist")


@action
def open_offer(
    application: Application,
    call_lab: CallLab,
    terms: Terms,
    *,
    letter: dict[str, Any],
    by: User,
    replaces: Offer | None = None,
) -> Offer:
    """Write an offer to a candidate whom the published match placed in `call_lab`, and tell her.

    With `replaces`, an offer that came to nothing, the candidate is the next on the lab's waitlist; a place that she
    holds and likes less is free then. Refuses where
    another offer stands, for oneself, and terms below the call's. The caller commits the money in the same
    transaction; the database lets no offer stand without.
    """
    lock(application)
    if application.applicant_id == by.pk:
        raise SamePersonTwice
    _refuse_placeless(application, call_lab, replaces)
    if application.offers.filter(state__in=[OfferState.SENT, OfferState.ACCEPTED]).exists():
        raise HasOffer
    refuse_terms(application, terms)
    if replaces is not None:
        _take_over(application, call_lab, replaces, by)
    offer = Offer.objects.create(
        application=application,
        call_lab=call_lab,
        letter=letter,
        terms_sha256=seal_of(letter),
        sent_by=by,
        replaces=replaces,
        **vars(terms),
    )
    record("fellowships.offer.sent", offer, by=by, after={**vars(terms), "replaces": replaces and replaces.pk})
    tell("offer_sent", offer)
    return offer


def tell(kind: str, offer: Offer, to: User | None = None, *, again: str = "", **more: Any) -> None:
    """Mail about `offer` to the candidate, or to another person; `again` tells repeated messages apart."""
    applicant = offer.application.applicant
    reader = to or applicant
    lab = offer.call_lab.lab
    notify(
        kind,
        to=reader,
        about=offer,
        dedupe=f"{offer.pk}:{reader.pk}{again}",
        lab=lab.name_ko if reader.language == "ko" else lab.name_en,
        institute=lab.institute.code,
        candidate=applicant.full_name,
        salary=f"₩{offer.salary_krw_a_year:,}",
        fund=f"₩{offer.research_fund_krw_a_year:,}",
        starts_on=offer.starts_on,
        ends_on=offer.ends_on,
        deadline=later(instant_words, offer.deadline_at, reader.timezone),
        reason=later(offer.get_decline_reason_display),
        path=reverse("funding:offer", args=[offer.key]),
        **more,
    )


@action
def send_code(offer: Offer, *, by: User) -> Offer:
    """Mail the candidate a code of six digits that counts for half an hour; an earlier one counts no more.

    Refuses a closed offer, and a second code within a minute. Only a keyed hash is kept.
    """
    lock(offer)
    if not offer.is_open:
        raise OfferClosed(at=instant_words(offer.deadline_at))
    now = timezone.now()
    if offer.code_sent_at is not None and now - offer.code_sent_at < CODE_EVERY:
        raise CodeTooSoon
    code = f"{secrets.randbelow(10**6):06}"
    offer.code_hash, offer.code_sent_at, offer.code_tries = _hash_of(offer, code), now, 0
    offer.save(update_fields=["code_hash", "code_sent_at", "code_tries"])
    record("fellowships.offer.code_sent", offer, by=by)
    tell("offer_code", offer, again=f":{now:%Y%m%d%H%M%S}", code=code, is_secret=True)
    return offer


def _hash_of(offer: Offer, code: str) -> str:
    return salted_hmac("fellowships.offer.code", f"{offer.key}:{code}", algorithm="sha256").hexdigest()


@action
def _try_code(offer: Offer, code: str) -> int | None:
    """None when `code` is right, else how many tries are left; a wrong one is counted whatever happens next."""
    lock(offer)
    is_live = offer.code_sent_at is not None and timezone.now() - offer.code_sent_at <= CODE_LASTS
    if not offer.code_hash or not is_live or offer.code_tries >= MOST_TRIES:
        raise NoCode(field="code")
    if constant_time_compare(offer.code_hash, _hash_of(offer, code.strip())):
        return None
    offer.code_tries += 1
    offer.save(update_fields=["code_tries"])
    return MOST_TRIES - offer.code_tries


def accept(offer: Offer, *, by: User, signature: Signature) -> Appointment:
    """She signs with her name and the mailed code: the offer is accepted, and the appointment stands on its terms.

    Accepting twice gives the same appointment. Refuses after the deadline, another name, a wrong, old or worn-out
    code (tries are counted in a transaction of their own), a text that is no longer the one she read, and where
    another appointment overlaps.
    """
    existing = Appointment.objects.filter(offer=offer).first()
    if existing is not None:
        return existing
    if offer.state == OfferState.SENT and offer.is_open:
        left = _try_code(offer, signature.code)
        if left is not None:
            raise WrongCode(field="code", left=left)
    return _accept(offer, by=by, signature=signature)


@action
def _accept(offer: Offer, *, by: User, signature: Signature) -> Appointment:
    lock(offer)
    existing = Appointment.objects.filter(offer=offer).first()
    if existing is not None:
        return existing
    if offer.state == OfferState.SENT and timezone.now() > offer.deadline_at:
        raise OfferClosed(at=instant_words(offer.deadline_at))
    if signature.seal != offer.terms_sha256:
        raise OutOfDate
    _refuse_other_name(offer, signature.name)
    name = " ".join(signature.name.split())
    move(offer, OfferState.ACCEPTED, by=by, signed_name=name, accepted_sha256=signature.seal, code_hash="")
    appointment = _appoint(offer, by=by)
    place = _place_of(offer)
    if place is not None:
        matching.fix_place(place, by=by)
    tell("offer_accepted", offer)
    if offer.sent_by is not None:
        tell("offer_answered", offer, to=offer.sent_by)
    return appointment


def _refuse_other_name(offer: Offer, typed: str) -> None:
    her = offer.application
    names = (
        *(her.name, her.native_name, f"{her.given_name} {her.family_name}", f"{her.family_name} {her.given_name}"),
        *(her.applicant.name, her.applicant.full_name),
    )
    if not typed.strip() or _plain(typed) not in {_plain(name) for name in names if name.strip()}:
        raise NameDiffers(field="signed_name", name=her.name)


def _plain(name: str) -> str:
    return "".join(unicodedata.normalize("NFKC", name).replace("-", " ").split()).casefold()


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
    begin_onboarding(appointment, by=by)
    return appointment


def _place_of(offer: Offer) -> MatchResult | None:
    """The place of the published match that the offer stands for; None when she holds another, or none."""
    result = result_of(offer.application)
    return result if result is not None and result.call_lab_id == offer.call_lab_id else None


@action
def decline(offer: Offer, *, by: User, why: Declining) -> Offer:
    """She declines, and why; the officer is told. Declining twice changes nothing."""
    lock(offer)
    if offer.state == OfferState.DECLINED:
        return offer
    move(
        offer,
        OfferState.DECLINED,
        by=by,
        decline_reason=why.reason,
        decline_note=why.note,
        declined_for=why.place,
        declined_for_country=why.country,
        declined_for_krw_a_year=why.pays_krw_a_year,
    )
    place = _place_of(offer)
    if place is not None:
        matching.vacate(place, by=by, reason="declined")
    if offer.sent_by is not None:
        tell("offer_answered", offer, to=offer.sent_by)
    return offer


@action
def ask_withdrawal(offer: Offer, *, by: User, note: str) -> Offer:
    """Ask that an unanswered offer be taken back, and why; another officer decides. Until then it stands."""
    lock(offer)
    if offer.state != OfferState.SENT:
        raise OfferClosed(_("This offer is answered or closed already; it cannot be withdrawn."))
    if not note.strip():
        raise Refusal(_("Please give a reason."), field="note")
    if offer.withdrawal_asked_by_id is None:
        offer.withdrawal_asked_at, offer.withdrawal_asked_by = timezone.now(), by
        offer.withdrawal_note = note.strip()
        offer.save(update_fields=["withdrawal_asked_at", "withdrawal_asked_by", "withdrawal_note"])
        record("fellowships.offer.withdrawal_asked", offer, by=by, note=note)
    return offer


@action
def keep_offer(offer: Offer, *, by: User) -> Offer:
    """Let the offer stand: the wish to withdraw it is dropped."""
    lock(offer)
    if offer.state == OfferState.SENT and offer.withdrawal_asked_by_id is not None:
        before = {"note": offer.withdrawal_note, "asked_by": offer.withdrawal_asked_by_id}
        offer.withdrawal_asked_at = offer.withdrawal_asked_by = None
        offer.withdrawal_note = ""
        offer.save(update_fields=["withdrawal_asked_at", "withdrawal_asked_by", "withdrawal_note"])
        record("fellowships.offer.kept", offer, by=by, before=before)
    return offer


@action
def withdraw(offer: Offer, *, by: User) -> Offer:
    """A second officer takes an unanswered offer back; the candidate is told. Doing it twice changes nothing."""
    lock(offer)
    if offer.state == OfferState.WITHDRAWN:
        return offer
    if offer.withdrawal_asked_by_id is None:
        raise NotAskedFor
    if offer.withdrawal_asked_by_id == by.pk:
        raise SamePersonTwice
    move(offer, OfferState.WITHDRAWN, by=by, note=offer.withdrawal_note)
    tell("offer_withdrawn", offer)
    return offer


@action
def lapse(offer: Offer, *, by: User | None) -> Offer:
    """An offer that nobody answered in time lapses; candidate and officer are told. Before its deadline: nothing."""
    lock(offer)
    if offer.state != OfferState.SENT or timezone.now() <= offer.deadline_at:
        return offer
    move(offer, OfferState.LAPSED, by=by)
    tell("offer_lapsed", offer)
    if offer.sent_by is not None:
        tell("offer_lapsed_officer", offer, to=offer.sent_by)
    return offer


@action
def remind(offer: Offer, *, by: User | None) -> bool:
    """Remind the candidate of the deadline; once a stage: a week, two days, twelve hours before."""
    lock(offer)
    left = offer.deadline_at - timezone.now()
    stage = next((stage for stage in REMIND_BEFORE if left <= stage), None)
    if stage is None or not offer.is_open or offer.sent_at >= offer.deadline_at - stage:
        return False
    hours = int(stage.total_seconds() // 3600)
    if offer.reminded_for is not None and offer.reminded_for <= hours:
        return False
    offer.reminded_for = hours
    offer.save(update_fields=["reminded_for"])
    tell("offer_reminder", offer, again=f":{hours}:{offer.deadline_at:%Y%m%d%H%M}")
    return True


def move_first_day(offer: Offer, terms: Terms, letter: dict[str, Any], *, by: User) -> Offer:
    """Put agreed days into a locked offer, with the letter that says so; part of the action that agreed them."""
    before = {"starts_on": offer.starts_on, "ends_on": offer.ends_on, "terms_sha256": offer.terms_sha256}
    offer.starts_on, offer.ends_on = terms.starts_on, terms.ends_on
    offer.letter, offer.terms_sha256 = letter, seal_of(letter)
    offer.code_hash = ""
    offer.save(update_fields=["starts_on", "ends_on", "letter", "terms_sha256", "code_hash"])
    after = {"starts_on": offer.starts_on, "ends_on": offer.ends_on, "terms_sha256": offer.terms_sha256}
    record("fellowships.offer.first_day_moved", offer, by=by, before=before, after=after)
    return offer


def bounds_words(offer: Offer) -> dict[str, Promise]:
    """The bounds of the first day, in words."""
    earliest, latest = offer.earliest_start_on or offer.starts_on, offer.latest_start_on or offer.starts_on
    return {"earliest": later(day_words, earliest), "latest": later(day_words, latest)}
