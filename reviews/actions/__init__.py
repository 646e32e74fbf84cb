"""Verbs about reviews."""

from reviews.actions.assigning import (
    AlreadyAssigned,
    NotAssignable,
    assign_reviewer,
    assign_reviewers,
    take_back,
)
from reviews.actions.criteria import DEFAULT_CRITERIA, CriteriaInUse, save_criteria, set_default_criteria
from reviews.actions.writing import (
    NeedsReason,
    NeedsScores,
    ReviewsClosed,
    declare_conflict,
    declare_interest,
    declare_no_conflict,
    reopen_review,
    save_review,
    submit_review,
    total_of,
    version_of,
)

__all__ = [
    "DEFAULT_CRITERIA",
    "AlreadyAssigned",
    "CriteriaInUse",
    "NeedsReason",
    "NeedsScores",
    "NotAssignable",
    "ReviewsClosed",
    "assign_reviewer",
    "assign_reviewers",
    "declare_conflict",
    "declare_interest",
    "declare_no_conflict",
    "reopen_review",
    "save_criteria",
    "save_review",
    "set_default_criteria",
    "submit_review",
    "take_back",
    "total_of",
    "version_of",
]
