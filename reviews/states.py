"""States of a review."""

from typing import Final

from django.db import models
from django.utils.translation import gettext_lazy as _


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
