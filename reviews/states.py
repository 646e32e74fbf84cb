"""States of a review and of an interview."""

from typing import Final

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class ReviewState(models.TextChoices):
    ASSIGNED = "assigned", _("Conflicts to be declared")
    OPEN = "open", _("Being written")
    SUBMITTED = "submitted", _("Submitted")
    CONFLICTED = "conflicted", _("Conflict of interest")
    CANCELLED = "cancelled", _("Taken back")


REVIEW_COLOURS: Final[dict[str, str]] = {
    ReviewState.ASSIGNED: "warning",
    ReviewState.OPEN: "info",
    ReviewState.SUBMITTED: "success",
    ReviewState.CONFLICTED: "danger",
    ReviewState.CANCELLED: "neutral",
}
REVIEW_MOVES: Final[dict[str, frozenset[str]]] = {
    ReviewState.ASSIGNED: frozenset({ReviewState.OPEN, ReviewState.CONFLICTED, ReviewState.CANCELLED}),
    ReviewState.OPEN: frozenset({ReviewState.SUBMITTED, ReviewState.CONFLICTED, ReviewState.CANCELLED}),
    ReviewState.SUBMITTED: frozenset({ReviewState.OPEN, ReviewState.CONFLICTED}),
    ReviewState.CONFLICTED: frozenset(),
    ReviewState.CANCELLED: frozenset(),
}


class ConflictKind(models.TextChoices):
    FAMILY = "family", _("Family or close relation")
    SUPERVISOR = "supervisor", _("Supervised the doctorate, or was supervised")
    COAUTHOR = "coauthor", _("Wrote together in the last five years")
    INSTITUTION = "institution", _("Same department")
    INTEREST = "interest", _("Financial or other interest")
    OTHER = "other", _("Another reason")


class InterviewState(models.TextChoices):
    ASKED = "asked", pgettext_lazy("interview", "Asked for times")
    ANSWERED = "answered", pgettext_lazy("interview", "Times named")
    DECLINED = "declined", pgettext_lazy("interview", "Declined")
    PLANNED = "planned", pgettext_lazy("interview", "Planned")
    HELD = "held", pgettext_lazy("interview", "Held")
    MISSED = "missed", pgettext_lazy("interview", "Did not come")
    CANCELLED = "cancelled", pgettext_lazy("interview", "Called off")


INTERVIEW_COLOURS: Final[dict[str, str]] = {
    InterviewState.ASKED: "warning",
    InterviewState.ANSWERED: "info",
    InterviewState.DECLINED: "neutral",
    InterviewState.PLANNED: "info",
    InterviewState.HELD: "success",
    InterviewState.MISSED: "danger",
    InterviewState.CANCELLED: "neutral",
}
_OVER: Final = frozenset({InterviewState.DECLINED, InterviewState.CANCELLED})
INTERVIEW_MOVES: Final[dict[str, frozenset[str]]] = {
    InterviewState.ASKED: _OVER | {InterviewState.ANSWERED},
    InterviewState.ANSWERED: _OVER | {InterviewState.PLANNED},
    InterviewState.DECLINED: frozenset({InterviewState.ASKED}),
    InterviewState.PLANNED: _OVER | {InterviewState.HELD, InterviewState.MISSED},
    InterviewState.HELD: frozenset({InterviewState.MISSED}),
    InterviewState.MISSED: frozenset({InterviewState.HELD, InterviewState.ASKED}),
    InterviewState.CANCELLED: frozenset({InterviewState.ASKED}),
}
