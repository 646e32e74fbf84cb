"""Verbs of the match."""

from matching.actions.openings import SeatsFixed, open_seats, set_seats
from matching.actions.ranking import (
    CannotCertify,
    ListSealed,
    TooLate,
    UnknownCandidate,
    certify_ranking,
    declare_interest,
    reopen_ranking,
    save_ranking,
)
from matching.actions.runs import (
    ChecksFailed,
    NotReady,
    ReasonNeeded,
    announce,
    confirm_run,
    discard_run,
    publish_run,
    request_run,
)
from matching.actions.solving import SOLVE, solve_run, sweep

__all__ = [
    "SOLVE",
    "CannotCertify",
    "ChecksFailed",
    "ListSealed",
    "NotReady",
    "ReasonNeeded",
    "SeatsFixed",
    "TooLate",
    "UnknownCandidate",
    "announce",
    "certify_ranking",
    "confirm_run",
    "declare_interest",
    "discard_run",
    "open_seats",
    "publish_run",
    "reopen_ranking",
    "request_run",
    "save_ranking",
    "set_seats",
    "solve_run",
    "sweep",
]
