"""Verbs of the yearly review: opened in time, the head recommends, an officer decides, a renewal is asked for."""

from datetime import timedelta

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _words
from django.utils.translation import gettext_lazy as _

from applications.eligibility import months_after
from common.audit import record
from common.gestures import action
from common.refusals import Refusal, SamePersonTwice
from common.states import lock
from fellowships.actions.changes import ask_change
from fellowships.dates import longest_end
from fellowships.models import Appointment, YearlyReview
from fellowships.queries.reviews import heads_of, officers_to_decide, to_open
from fellowships.states import AmendmentKind, Recommendation
from fellowships.versions import Change
from notifications.actions import notify
from people.models import User

OPENED_BEFORE = timedelta(days=90)
DUE_BEFORE = timedelta(days=60)


class ReviewDecided(Refusal):
    words = _("This review is decided already.")


class NotRecommended(Refusal):
    words = _("The head of the lab has not written the review yet.")


def year_of(appointment: Appointment) -> int:
    """The year of the appointment that ends next, counted from 1."""
    today = timezone.localdate()
    year = 1
    while months_after(appointment.starts_on, 12 * year) <= today:
        year += 1
    return year


@action
def open_review(appointment: Appointment) -> YearlyReview | None:
    """Open the review of the year that ends within three months, due a month later; the lab's head is told. Once."""
    lock(appointment)
    year = year_of(appointment)
    ends_on = min(months_after(appointment.starts_on, 12 * year) - timedelta(days=1), appointment.ends_on)
    if ends_on - timezone.localdate() > OPENED_BEFORE:
        return None
    review, is_new = YearlyReview.objects.get_or_create(
        appointment=appointment, year=year, defaults={"due_on": ends_on - DUE_BEFORE}
    )
    if is_new:
        record("fellowships.review.opened", review, by=None, after={"year": year, "due_on": review.due_on})
        for head in heads_of(appointment):
            _tell("review_due", review, head)
    return review


@action
def recommend(review: YearlyReview, recommendation: str, words: str, *, by: User) -> YearlyReview:
    """The head of the lab writes the review and what she recommends; officers are told. Until decided it may change."""
    lock(review)
    if review.is_renewed is not None:
        raise ReviewDecided
    if review.appointment.fellow_id == by.pk:
        raise SamePersonTwice
    if not words.strip():
        raise Refusal(_("Write the review."), field="words")
    review.recommendation, review.words = recommendation, words.strip()
    review.recommended_at, review.recommended_by = timezone.now(), by
    review.save(update_fields=["recommendation", "words", "recommended_at", "recommended_by"])
    record("fellowships.review.written", review, by=by, after={"recommendation": recommendation})
    for officer in officers_to_decide(review.appointment):
        _tell("review_written", review, officer)
    return review


@action
def decide_review(review: YearlyReview, *, by: User, renews: bool, months: int = 12, note: str = "") -> YearlyReview:
    """An officer decides. Renewing asks for an extension where the term ends with the year: a second officer approves.

    Refuses a review that is not written, who wrote it, the fellow, a decision against the recommendation without
    words, and what `ask_change` refuses. The fellow is told.
    """
    lock(review)
    if review.is_renewed is not None:
        raise ReviewDecided
    if not review.recommendation:
        raise NotRecommended
    if by.pk in {review.recommended_by_id, review.appointment.fellow_id}:
        raise SamePersonTwice
    if renews != (review.recommendation == Recommendation.RENEW) and not note.strip():
        raise Refusal(_("You decide against the recommendation: say why."), field="note")
    if renews:
        review.extension_id = _ask_extension(review, months, by=by)
    review.is_renewed, review.decided_at, review.decided_by = renews, timezone.now(), by
    review.decision_note = note.strip()
    review.save(update_fields=["is_renewed", "decided_at", "decided_by", "decision_note", "extension"])
    record("fellowships.review.decided", review, by=by, after={"is_renewed": renews}, note=note)
    _tell("review_decided", review, review.appointment.fellow)
    return review


def _ask_extension(review: YearlyReview, months: int, *, by: User) -> int | None:
    """The change that a renewal asks for; None where the term already goes beyond the year reviewed."""
    appointment = review.appointment
    year_ends = months_after(appointment.starts_on, 12 * review.year) - timedelta(days=1)
    if appointment.ends_on > year_ends:
        return None
    until = min(
        months_after(appointment.ends_on + timedelta(days=1), months) - timedelta(days=1),
        longest_end(appointment.starts_on),
    )
    reason = _words("Renewed by the review of year %(year)s.") % {"year": review.year}
    return int(ask_change(appointment, Change(AmendmentKind.EXTENSION, until_on=until), reason, by=by).pk)


def _tell(kind: str, review: YearlyReview, to: User) -> None:
    appointment = review.appointment
    notify(
        kind,
        to=to,
        about=review,
        dedupe=f"{review.pk}:{to.pk}",
        fellow=appointment.fellow.full_name,
        year=review.year,
        due_on=review.due_on,
        ends_on=appointment.ends_on,
        is_renewed=bool(review.is_renewed),
        note=review.decision_note,
        path=reverse("fellowships:review", args=[review.key]),
    )


def open_reviews() -> int:
    """Open the reviews whose time has come; how many appointments were looked at."""
    rows = list(to_open(timezone.localdate()))
    for appointment in rows:
        open_review(appointment)
    return len(rows)
