"""Verbs of this room: calls are published, applications written, submitted and screened, letters asked for."""

from applications.actions.calls import (
    close_for_review,
    finish_call,
    offer_labs,
    publish_call,
    save_call,
)
from applications.actions.documents import CheckedFile, attach_document, remove_document
from applications.actions.drafts import (
    AlreadySubmitted,
    DeadlinePassed,
    NotOpenYet,
    Saved,
    save_section,
    start,
)
from applications.actions.letters import (
    LettersClosed,
    Referee,
    TooSoon,
    cancel_letter,
    decline_letter,
    open_letter,
    renew_link,
    renew_links_of,
    request_letter,
    resend_link,
    save_letter_draft,
    submit_letter,
)
from applications.actions.reminders import remind, remind_applicant, remind_referee
from applications.actions.screening import screen_in, screen_out
from applications.actions.submitting import (
    Incomplete,
    canonical,
    reopen,
    restore_last_version,
    submit,
    withdraw,
)

__all__ = [
    "AlreadySubmitted",
    "CheckedFile",
    "DeadlinePassed",
    "Incomplete",
    "LettersClosed",
    "NotOpenYet",
    "Referee",
    "Saved",
    "TooSoon",
    "attach_document",
    "cancel_letter",
    "canonical",
    "close_for_review",
    "decline_letter",
    "finish_call",
    "offer_labs",
    "open_letter",
    "publish_call",
    "remind",
    "remind_applicant",
    "remind_referee",
    "remove_document",
    "renew_link",
    "renew_links_of",
    "reopen",
    "request_letter",
    "resend_link",
    "restore_last_version",
    "save_call",
    "save_letter_draft",
    "save_section",
    "screen_in",
    "screen_out",
    "start",
    "submit",
    "submit_letter",
    "withdraw",
]
