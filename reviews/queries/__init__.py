"""Reads of reviews: who may see what, who reviews what, what was scored, what is to be done."""

from reviews.queries.allocation import Pair, Proposal, proposal_for, reviewers_for
from reviews.queries.desk import (
    COUNTED,
    Progress,
    applications_of,
    count_reviews,
    desk_items,
    load_of,
    progress_of,
    queue_of,
)
from reviews.queries.scores import (
    NamelessReview,
    ReviewSummary,
    criteria_of,
    nameless_reviews_of,
    points_of,
    reviews_of,
    scores_of,
)
from reviews.queries.visibility import (
    BlindCopy,
    blind_copy,
    blind_letters_of,
    conflicted_applications,
    conflicts_visible_to,
    has_conflict,
    letters_of,
    papers_of,
    reviews_visible_to,
)

__all__ = [
    "COUNTED",
    "BlindCopy",
    "NamelessReview",
    "Pair",
    "Progress",
    "Proposal",
    "ReviewSummary",
    "applications_of",
    "blind_copy",
    "blind_letters_of",
    "conflicted_applications",
    "conflicts_visible_to",
    "count_reviews",
    "criteria_of",
    "desk_items",
    "has_conflict",
    "letters_of",
    "load_of",
    "nameless_reviews_of",
    "papers_of",
    "points_of",
    "progress_of",
    "proposal_for",
    "queue_of",
    "reviewers_for",
    "reviews_of",
    "reviews_visible_to",
    "scores_of",
]
