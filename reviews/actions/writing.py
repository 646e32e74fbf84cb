"""A reviewer's own verbs: declare, save, submit, reopen."""

from collections.abc import Iterable, Mapping
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from applications.models import Application, Call
from applications.states import CallState
from common.audit import record
from common.gestures import action
from common.refusals import OutOfDate, Refusal
from common.states import lock, move
from notifications.actions import notify
from people.models import User
from reviews.models import Conflict, Criterion, Review, Score
from reviews.queries import criteria_of, points_of
from reviews.rules import LIVE
from reviews.states import ReviewState

CENT = Decimal("0.01")


class ReviewsClosed(Refusal):
    words = _("The reviews of this call are closed: the labs' rank lists were due.")


class NeedsScores(Refusal):
    words = _("Give points for every criterion, then submit. What you entered is kept.")


class NeedsReason(Refusal):
    words = _("Say why: a change after submission is kept with its reason.")


def total_of(criteria: Iterable[Criterion], points: Mapping[int, int]) -> Decimal:
    """Weighted score from 0 to 100: each criterion counts points / most by its weight; halves of a cent go up."""
    rows = list(criteria)
    weights = sum(row.weight for row in rows)
    share = sum((Decimal(row.weight * points[row.pk]) / row.most for row in rows), Decimal(0))
    return (100 * share / weights).quantize(CENT, ROUND_HALF_UP)


@action
def declare_no_conflict(review: Review, *, by: User) -> Review:
    """Open the review: she says that she has no interest in the application, and may now read it.

    Saying it twice changes nothing.
    """
    lock(review)
    _check_open(review.application.call)
    return review if review.state == ReviewState.OPEN else move(review, ReviewState.OPEN, by=by)


@action
def declare_conflict(review: Review, kind: str, note: str = "", *, by: User) -> Review:
    """Give the review up for a conflict of interest, of `ConflictKind`; the officer who asked is told.

    From now on she finds neither the review nor the application, and a submitted score no longer counts.
    """
    lock(review)
    if review.state == ReviewState.CONFLICTED:
        return review
    _conflict(review.application, kind, note, by=by)
    move(review, ReviewState.CONFLICTED, by=by, note=note)
    if review.assigned_by is not None:
        notify(
            "review_conflict",
            to=review.assigned_by,
            about=review.application,
            dedupe=f"{review.pk}",
            application=str(review.application),
            reviewer=str(review.reviewer),
            path=reverse("reviews:application", args=[review.application.key]),
        )
    return review


@action
def declare_interest(application: Application, kind: str, note: str = "", *, by: User) -> Conflict:
    """Declare an interest without having been asked for a review: a lab member about a candidate.

    Her own review of it, if there is one, ends as well. Declaring twice is one conflict.
    """
    conflict = _conflict(application, kind, note, by=by)
    for review in Review.objects.filter(application=application, reviewer=by, state__in=LIVE):
        move(review, ReviewState.CONFLICTED, by=by, note=note)
    return conflict


def _conflict(application: Application, kind: str, note: str, *, by: User) -> Conflict:
    conflict, is_new = Conflict.objects.get_or_create(
        application=application, person=by, defaults={"kind": kind, "note": note, "declared_by": by}
    )
    if is_new:
        record(
            "reviews.conflict.declared", conflict, by=by, after={"kind": kind, "application": application}, note=note
        )
    return conflict


@action
def save_review(review: Review, points: Mapping[int, int], comment: str, *, version: int, by: User) -> Review:
    """Keep a draft: points by primary key of the criterion (those given so far) and the comment.

    `version` is the one that the page was shown with; refuses with `OutOfDate` when another tab saved since.
    """
    lock(review)
    _check_open(review.application.call)
    if review.state != ReviewState.OPEN:
        raise NeedsReason(_("This review was submitted. Reopen it with a reason to change it."))
    if version != version_of(review):
        raise OutOfDate
    _write(review, points)
    review.comment, review.saved_at = comment, timezone.now()
    review.save(update_fields=["comment", "saved_at"])
    return review


@action
def submit_review(review: Review, points: Mapping[int, int], comment: str, *, version: int, by: User) -> Review:
    """Submit the review: its weighted total counts from now on. Refuses while a criterion has no points.

    A second click on the same page submits once.
    """
    lock(review)
    before = _standing(review)
    if review.state == ReviewState.SUBMITTED and (points_of(review), review.comment) == (dict(points), comment):
        return review
    save_review(review, points, comment, version=version, by=by)
    criteria = criteria_of(review.application.call)
    given = points_of(review)
    if not criteria or any(row.pk not in given for row in criteria):
        raise NeedsScores
    total = total_of(criteria, given)
    move(review, ReviewState.SUBMITTED, by=by, total=total)
    record("reviews.scored", review, by=by, before=before, after=_standing(review))
    return review


@action
def reopen_review(review: Review, *, by: User, reason: str) -> Review:
    """Take a submitted review up again to change it; the scores until now and the reason stay in the audit.

    It does not count until submitted once more.
    """
    lock(review)
    _check_open(review.application.call)
    if not reason.strip():
        raise NeedsReason(field="reason")
    before = _standing(review)
    move(review, ReviewState.OPEN, by=by, note=reason, total=None, submitted_at=None)
    record("reviews.reopened", review, by=by, before=before, note=reason)
    return review


def version_of(review: Review) -> int:
    """The moment of the last save in microseconds: two pages of one review notice each other."""
    return int(review.saved_at.timestamp() * 1_000_000) if review.saved_at else 0


def _check_open(call: Call) -> None:
    if call.state == CallState.FINISHED or call.ranks_due_at < timezone.now():
        raise ReviewsClosed


def _write(review: Review, points: Mapping[int, int]) -> None:
    criteria = {row.pk: row for row in criteria_of(review.application.call)}
    rows = [Score(review=review, criterion=criteria[pk], points=number) for pk, number in points.items()]
    if any(not 1 <= row.points <= row.criterion.most for row in rows):
        raise NeedsScores(_("Points lie between 1 and the most of the criterion."))
    review.scores.exclude(criterion__in=points).delete()
    Score.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["review", "criterion"], update_fields=["points"]
    )


def _standing(review: Review) -> dict[str, Any]:
    scores = {score.criterion.code: score.points for score in review.scores.select_related("criterion")}
    return {"total": review.total, "points": scores, "comment": review.comment}
