"""Before she answers: the candidate asks, or wishes another first day; an officer answers."""

from datetime import date
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from common.audit import record
from common.gestures import action
from common.later import later
from common.refusals import Refusal
from common.states import lock, move
from common.when import day_words, instant_words
from fellowships.actions.offers import OfferClosed, Terms, bounds_words, move_first_day, tell
from fellowships.dates import moved_end
from fellowships.models import Offer, OfferQuestion
from fellowships.states import QuestionState
from people.models import User

MOST_OPEN = 5


class OutOfBounds(Refusal):
    words = _("The first day can be chosen from %(earliest)s to %(latest)s.")


class AskedAlready(Refusal):
    words = _("Your wish for another first day waits for an officer already.")


class NothingAsked(Refusal):
    words = _("Write a question, or choose another first day.")


class ManyQuestions(Refusal):
    words = _("Five questions of yours wait for an answer already.")


@action
def ask(offer: Offer, text: str, *, by: User, wanted_start_on: date | None = None) -> OfferQuestion:
    """The candidate asks something, or wishes another first day within the bounds; the officer is told.

    Refuses a closed offer, an empty question, a day outside the bounds, and a second wish while one waits.
    """
    lock(offer)
    if not offer.is_open:
        raise OfferClosed(at=instant_words(offer.deadline_at))
    if wanted_start_on == offer.starts_on:
        wanted_start_on = None
    if not text.strip() and wanted_start_on is None:
        raise NothingAsked(field="text")
    _refuse_day(offer, wanted_start_on)
    waiting = offer.questions.filter(state=QuestionState.ASKED)
    if wanted_start_on is not None and waiting.filter(wanted_start_on__isnull=False).exists():
        raise AskedAlready(field="wanted_start_on")
    if waiting.count() >= MOST_OPEN:
        raise ManyQuestions(field="text")
    question = OfferQuestion.objects.create(offer=offer, text=text.strip(), wanted_start_on=wanted_start_on)
    record("fellowships.offer.asked", offer, by=by, after={"text": text, "wanted_start_on": wanted_start_on})
    if offer.sent_by is not None:
        tell("offer_question", offer, to=offer.sent_by, again=f":{question.pk}", **_said(question))
    return question


def _refuse_day(offer: Offer, wanted: date | None) -> None:
    if wanted is None:
        return
    earliest, latest = offer.earliest_start_on or offer.starts_on, offer.latest_start_on or offer.starts_on
    if not earliest <= wanted <= latest:
        raise OutOfBounds(field="wanted_start_on", **bounds_words(offer))


def _said(question: OfferQuestion) -> dict[str, Any]:
    wanted = question.wanted_start_on
    return {"question": question.text, "wanted": later(day_words, wanted) if wanted else "", "answer": question.answer}


@action
def reply(question: OfferQuestion, answer: str, *, by: User, agrees: bool = False) -> OfferQuestion:
    """Answer a question; the candidate is told. A wish for another first day is refused by this, with the words.

    Refuses an empty answer. `agrees` is for the caller that has moved the first day in the same transaction.
    """
    lock(question)
    if not agrees and not answer.strip():
        raise Refusal(_("Write an answer."), field="answer")
    to = QuestionState.ANSWERED
    if question.wanted_start_on is not None:
        to = QuestionState.AGREED if agrees else QuestionState.REFUSED
    move(question, to, by=by, answer=answer.strip(), answered_at=timezone.now(), answered_by=by)
    tell("offer_reply", question.offer, again=f":{question.pk}", agreed=agrees, **_said(question))
    return question


def agreed_terms(question: OfferQuestion) -> Terms:
    """The terms with the first day that she wishes; the last day follows, so that the term stays as long."""
    offer = question.offer
    assert question.wanted_start_on is not None
    ends_on = moved_end(offer.starts_on, offer.ends_on, question.wanted_start_on)
    return Terms.of(offer, starts_on=question.wanted_start_on, ends_on=ends_on)


@action
def agree_first_day(question: OfferQuestion, letter: dict[str, Any], *, by: User, answer: str = "") -> Offer:
    """Move the first day as she wishes: the offer's days and letter change, and what she accepts is the new text.

    The caller commits the money of the moved term in the same transaction. Refuses a closed offer, a question
    without a day, and a day outside the bounds.
    """
    offer = lock(question.offer)
    if not offer.is_open:
        raise OfferClosed(at=instant_words(offer.deadline_at))
    if question.wanted_start_on is None:
        raise Refusal(_("This question does not ask for another first day."))
    _refuse_day(offer, question.wanted_start_on)
    terms = agreed_terms(question)
    reply(question, answer, by=by, agrees=True)
    return move_first_day(offer, terms, letter, by=by)
