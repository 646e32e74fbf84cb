"""The words of business events behind entries, and of what people did to the rows behind those."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

# by the first word of an entry's idempotency key; a test reads every posting in the code and demands its word here
EVENTS = {
    "appropriation": gettext_noop("Money is appropriated"),
    "agreement": gettext_noop("An agreement with an institute"),
    "allotment": gettext_noop("An allotment to a lab"),
    "movement": gettext_noop("Budget moves"),
    "tranche": gettext_noop("A tranche of the contribution comes in"),
    "position": gettext_noop("What an institute owns and owes goes into the next year"),
    "offer": gettext_noop("An offer commits its term"),
    "moved": gettext_noop("Another first day is agreed"),
    "changed": gettext_noop("An appointment changes"),
    "recharged": gettext_noop("Another lab takes over what is committed"),
    "overpaid": gettext_noop("Salary beyond what is due"),
    "release": gettext_noop("An offer ends; what it committed is free"),
    "carry": gettext_noop("A commitment is carried into the next year"),
    "free": gettext_noop("What is left of a commitment is free"),
    "pay": gettext_noop("Pay of a month"),
    "severance": gettext_noop("Severance"),
    "severance-settled": gettext_noop("Severance is settled for another end"),
    "claim": gettext_noop("A claim on research funds"),
    "advance": gettext_noop("An advance is settled"),
    "charge": gettext_noop("A charge on a research card"),
    "payment": gettext_noop("The bank pays"),
    "test": gettext_noop("A test transfer"),
    "bank-line": gettext_noop("A movement of the bank is explained"),
    "repaid": gettext_noop("A debt is settled by the bank"),
    "pledge": gettext_noop("A contribution of a partner comes in"),
    "matched": gettext_noop("Matched money pays"),
    "reverse": gettext_noop("An entry is reversed"),
}

# by the name of a row's stamp, without its `_at` or `_by`
STAMPS = {
    "made": gettext_noop("Entered"),
    "planned": gettext_noop("Planned"),
    "asked": gettext_noop("Asked for"),
    "entered": gettext_noop("Entered"),
    "submitted": gettext_noop("Submitted"),
    "prepared": gettext_noop("Prepared"),
    "sent": gettext_noop("Sent"),
    "proposed": gettext_noop("Explained"),
    "checked": gettext_noop("First approval"),
    "approved": gettext_noop("Approved"),
    "agreed": gettext_noop("Agreed"),
    "confirmed": gettext_noop("Confirmed"),
    "decided": gettext_noop("Decided"),
    "accepted": gettext_noop("Accepted"),
    "released": gettext_noop("Released"),
    "sealed": gettext_noop("Sealed for the bank"),
    "settled": gettext_noop("Settled"),
    "received": gettext_noop("Received"),
    "in_effect": gettext_noop("In effect"),
    "paid": gettext_noop("Paid"),
    "returned": gettext_noop("Returned"),
    "taken_back": gettext_noop("Taken back"),
    "refused": gettext_noop("Refused"),
    "declined": gettext_noop("Declined"),
    "lapsed": gettext_noop("Lapsed"),
    "withdrawal_asked": gettext_noop("Withdrawal asked for"),
    "withdrawn": gettext_noop("Withdrawn"),
    "ended": gettext_noop("Ended"),
}


def event_kind(event: str) -> str:
    """The first word of an idempotency key: what kind of business event it is."""
    return event.partition(":")[0]


def event_words(event: str) -> str:
    """What kind of business event this is, for people; nothing where it has no words."""
    known = EVENTS.get(event_kind(event))
    return _(known) if known else ""


def stamp_words(stem: str) -> str:
    """What was done when this stamp was set."""
    return _(STAMPS[stem])
