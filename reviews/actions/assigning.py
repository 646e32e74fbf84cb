"""Asking reviewers: one for one application, the balanced proposal for a whole call, and taking a request back."""

from collections import Counter
from collections.abc import Iterable

from django.conf import settings
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from applications.models import Application, Call
from applications.states import ApplicationState
from common.audit import entry, record
from common.gestures import action, current_gesture
from common.later import later, name_later
from common.models import AuditEntry
from common.queue import after_commit
from common.refusals import OutOfDate, Refusal
from common.states import lock, move
from common.when import instant_words
from notifications.actions import DELIVER, draft, language_of, notify
from notifications.models import Notification
from people.models import User
from reviews.models import Conflict, Review
from reviews.queries import proposal_for
from reviews.states import ReviewState


class NotAssignable(Refusal):
    words = _("This reviewer cannot be asked about this application.")


class AlreadyAssigned(Refusal):
    words = _("This reviewer was asked about this application before.")


@action
def assign_reviewer(application: Application, reviewer: User, *, by: User | None) -> Review:
    """Ask `reviewer` for a review by the call's date, and tell her.

    Refuses what is not eligible, oneself, a declared conflict, and whoever was asked before.
    """
    lock(application)
    if application.state != ApplicationState.ELIGIBLE:
        raise NotAssignable(_("Only eligible applications are reviewed."), field="reviewer")
    if application.applicant_id == reviewer.pk:
        raise NotAssignable(_("Nobody reviews her own application."), field="reviewer")
    if Conflict.objects.filter(application=application, person=reviewer).exists():
        raise NotAssignable(_("This reviewer declared a conflict of interest."), field="reviewer")
    if Review.objects.filter(application=application, reviewer=reviewer).exists():
        raise AlreadyAssigned(field="reviewer")
    review = Review.objects.create(
        application=application, reviewer=reviewer, due_at=application.call.reviews_due_at, assigned_by=by
    )
    record("reviews.assigned", review, by=by, after={"application": application, "reviewer": reviewer})
    notify(
        "review_assigned",
        to=reviewer,
        about=application.call,
        dedupe=f"{review.pk}",
        **_facts(application.call, reviewer, 1),
    )
    return review


@action
def assign_reviewers(call: Call, pairs: Iterable[tuple[int, int]] | None = None, *, by: User | None) -> list[Review]:
    """Ask reviewers as proposed, and tell each once how many reviews are hers.

    `pairs` are primary keys (application, reviewer) as an officer saw them; None takes the proposal as it is now.
    Refuses with `OutOfDate` when one of them is not possible any more: then nothing was assigned.
    """
    lock(call)
    wanted = sorted(set(proposal_for(call).keys if pairs is None else pairs))
    applications = call.applications.select_related("call").in_bulk([pk for pk, _reviewer in wanted])
    reviewers = User.objects.filter(is_active=True).in_bulk([pk for _application, pk in wanted])
    _check(wanted, applications, reviewers)
    reviews = Review.objects.bulk_create(
        Review(
            application=applications[application],
            reviewer=reviewers[reviewer],
            due_at=call.reviews_due_at,
            assigned_by=by,
        )
        for application, reviewer in wanted
    )
    AuditEntry.objects.bulk_create(
        entry("reviews.assigned", row, by=by, after={"application": row.application, "reviewer": row.reviewer})
        for row in reviews
    )
    _tell(call, Counter(reviewer for _application, reviewer in wanted), reviewers)
    return reviews


def _check(wanted: list[tuple[int, int]], applications: dict[int, Application], reviewers: dict[int, User]) -> None:
    taken = {
        *Review.objects.filter(application__in=applications).values_list("application_id", "reviewer_id"),
        *Conflict.objects.filter(application__in=applications).values_list("application_id", "person_id"),
    }
    for application, reviewer in wanted:
        row = applications.get(application)
        if row is None or row.state != ApplicationState.ELIGIBLE or reviewer not in reviewers:
            raise OutOfDate
        if (application, reviewer) in taken or row.applicant_id == reviewer:
            raise OutOfDate


def _tell(call: Call, numbers: Counter[int], reviewers: dict[int, User]) -> None:
    drafts = [
        draft(
            "review_assigned",
            to=reviewers[pk],
            about=call,
            dedupe=f"{call.pk}:{pk}:{current_gesture()}",
            **_facts(call, reviewers[pk], number),
        )
        for pk, number in numbers.items()
    ]
    for row in Notification.objects.bulk_create(drafts):
        after_commit(DELIVER, row.pk)


def _facts(call: Call, reviewer: User, number: int) -> dict[str, object]:
    with translation.override(language_of(reviewer) or settings.LANGUAGE_CODE):
        return {
            "number": number,
            "call": call.name,
            "due": later(instant_words, call.reviews_due_at, reviewer.timezone),
            "path": reverse("reviews:queue"),
        }


@action
def take_back(review: Review, *, by: User, reason: str = "") -> Review:
    """Take back a request that was not answered by a submitted review; the reviewer no longer sees the application."""
    move(review, ReviewState.CANCELLED, by=by, note=reason)
    call = review.application.call
    with translation.override(language_of(review.reviewer)):
        notify(
            "review_taken_back",
            to=review.reviewer,
            about=call,
            dedupe=f"{review.pk}",
            application=str(review.application),
            call=name_later(call),
            path=reverse("reviews:queue"),
        )
    return review
