"""Reads of calls, applications and letters. Other rooms use the names listed here."""

from applications.queries.calls import call_labs_of, calls_visible_to, open_calls
from applications.queries.desk import desk_items, has_applied
from applications.queries.dossier import (
    LISTED,
    Asked,
    Dossier,
    asked_by,
    asks,
    candidates_of,
    dossier,
    duplicates_of,
    eligibility_now,
    eligibility_of,
    eligibility_of_many,
    labs_ranked,
    labs_ranked_of,
    partner_words,
)
from applications.queries.gaps import Gap, gaps, steps
from applications.queries.letters import assistant_link, letter_behind, letters_of, letters_to_remind
from applications.queries.own import Event, everything_of, timeline_of
from applications.queries.questions import (
    Answer,
    AnsweredSection,
    answers_for,
    asked_now,
    blinded,
    composed,
    form_in_force,
    is_changed,
)
from applications.queries.receipts import Receipt, receipt_behind, receipt_of
from applications.queries.scope import (
    applications_visible_to,
    documents_visible_to,
    letters_visible_to,
    screened_by,
    seen_by,
)
from applications.queries.screening import counts_by_state, drafts_to_remind, found, statistics, to_screen
from applications.queries.signs import Signal, signals_of

__all__ = [
    "LISTED",
    "Answer",
    "AnsweredSection",
    "Asked",
    "Dossier",
    "Event",
    "Gap",
    "Receipt",
    "Signal",
    "answers_for",
    "applications_visible_to",
    "asked_by",
    "asked_now",
    "asks",
    "assistant_link",
    "blinded",
    "call_labs_of",
    "calls_visible_to",
    "candidates_of",
    "composed",
    "counts_by_state",
    "desk_items",
    "documents_visible_to",
    "dossier",
    "drafts_to_remind",
    "duplicates_of",
    "eligibility_now",
    "eligibility_of",
    "eligibility_of_many",
    "everything_of",
    "form_in_force",
    "found",
    "gaps",
    "has_applied",
    "is_changed",
    "labs_ranked",
    "labs_ranked_of",
    "letter_behind",
    "letters_of",
    "letters_to_remind",
    "letters_visible_to",
    "open_calls",
    "partner_words",
    "receipt_behind",
    "receipt_of",
    "screened_by",
    "seen_by",
    "signals_of",
    "statistics",
    "steps",
    "timeline_of",
    "to_screen",
]
