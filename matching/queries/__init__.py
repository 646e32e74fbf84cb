"""Reads of openings, rank lists, runs and results."""

from matching.queries.checks import Check, Figures, checks_of, figures_of
from matching.queries.desk import desk_items
from matching.queries.freezing import canonical_list, frozen, openings_of, pseudonyms_for
from matching.queries.ranking import (
    Candidate,
    Desk,
    candidates_of,
    desk_of,
    openings_visible_to,
    own_openings,
)
from matching.queries.readiness import LabReadiness, Readiness, readiness_of, why_no_run
from matching.queries.reasons import Reason, reasons_of
from matching.queries.results import (
    LabPlaces,
    calls_to_match,
    places_by_lab,
    places_of,
    published_run,
    published_runs,
    result_of,
    results_visible_to,
    runs_of,
    runs_visible_to,
    verifier_source,
)

__all__ = [
    "Candidate",
    "Check",
    "Desk",
    "Figures",
    "LabPlaces",
    "LabReadiness",
    "Readiness",
    "Reason",
    "calls_to_match",
    "candidates_of",
    "canonical_list",
    "checks_of",
    "desk_items",
    "desk_of",
    "figures_of",
    "frozen",
    "openings_of",
    "openings_visible_to",
    "own_openings",
    "places_by_lab",
    "places_of",
    "pseudonyms_for",
    "published_run",
    "published_runs",
    "readiness_of",
    "reasons_of",
    "result_of",
    "results_visible_to",
    "runs_of",
    "runs_visible_to",
    "verifier_source",
    "why_no_run",
]
