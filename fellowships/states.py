"""States of offers and appointments."""

from typing import Final

from django.db import models
from django.utils.translation import gettext_lazy as _


class OfferState(models.TextChoices):
    SENT = "sent", _("Waiting for the answer")
    ACCEPTED = "accepted", _("Accepted")
    DECLINED = "declined", _("Declined")
    LAPSED = "lapsed", _("Lapsed")
    WITHDRAWN = "withdrawn", _("Withdrawn")


OFFER_COLOURS: Final[dict[str, str]] = {
    OfferState.SENT: "info",
    OfferState.ACCEPTED: "success",
    OfferState.DECLINED: "danger",
    OfferState.LAPSED: "warning",
    OfferState.WITHDRAWN: "neutral",
}
OFFER_MOVES: Final[dict[str, frozenset[str]]] = {
    OfferState.SENT: frozenset({OfferState.ACCEPTED, OfferState.DECLINED, OfferState.LAPSED, OfferState.WITHDRAWN}),
    OfferState.ACCEPTED: frozenset(),
    OfferState.DECLINED: frozenset(),
    OfferState.LAPSED: frozenset(),
    OfferState.WITHDRAWN: frozenset(),
}


class QuestionState(models.TextChoices):
    ASKED = "asked", _("Waiting for an officer")
    ANSWERED = "answered", _("Answered")
    AGREED = "agreed", _("First day agreed")
    REFUSED = "refused", _("First day stays")


QUESTION_COLOURS: Final[dict[str, str]] = {
    QuestionState.ASKED: "warning",
    QuestionState.ANSWERED: "success",
    QuestionState.AGREED: "success",
    QuestionState.REFUSED: "neutral",
}
QUESTION_MOVES: Final[dict[str, frozenset[str]]] = {
    QuestionState.ASKED: frozenset({QuestionState.ANSWERED, QuestionState.AGREED, QuestionState.REFUSED}),
    QuestionState.ANSWERED: frozenset(),
    QuestionState.AGREED: frozenset(),
    QuestionState.REFUSED: frozenset(),
}


class DeclineReason(models.TextChoices):
    PAY = "pay", _("The pay or the package")
    OTHER_OFFER = "other_offer", _("Another offer")
    FAMILY = "family", _("Family or partner's career")
    VISA = "visa", _("Visa or relocation")
    LAB = "lab", _("The lab or the project")
    OTHER = "other", _("Another reason")


class OtherPlace(models.TextChoices):
    """Where somebody who declines goes instead; the same kinds for every round, so that rounds compare."""

    UNIVERSITY = "university", _("A university")
    INSTITUTE = "institute", _("A public research institute")
    COMPANY = "company", _("A company")
    FELLOWSHIP = "fellowship", _("Another fellowship")
    STAYS = "stays", _("Stays where she is")
    OTHER = "other", _("Somewhere else")


class AppointmentState(models.TextChoices):
    STANDING = "standing", _("Appointed")
    ENDED = "ended", _("Ended")
    TERMINATED = "terminated", _("Ended early")


APPOINTMENT_COLOURS: Final[dict[str, str]] = {
    AppointmentState.STANDING: "success",
    AppointmentState.ENDED: "neutral",
    AppointmentState.TERMINATED: "warning",
}
APPOINTMENT_MOVES: Final[dict[str, frozenset[str]]] = {
    AppointmentState.STANDING: frozenset({AppointmentState.ENDED, AppointmentState.TERMINATED}),
    AppointmentState.ENDED: frozenset(),
    AppointmentState.TERMINATED: frozenset(),
}


class VisaKind(models.TextChoices):
    """Korean residence status to work under (Immigration Act Enforcement Decree, table 1-2); "" is not said yet."""

    E3 = "E-3", _("E-3 (research)")
    E1 = "E-1", _("E-1 (professorship)")
    HAS_RIGHT = "none", _("None needed: she may work already")


class ItemState(models.TextChoices):
    OPEN = "open", _("To do")
    HANDED_IN = "handed_in", _("Handed in")
    CONFIRMED = "confirmed", _("Confirmed")
    RETURNED = "returned", _("Returned")
    NOT_NEEDED = "not_needed", _("Not needed")


ITEM_COLOURS: Final[dict[str, str]] = {
    ItemState.OPEN: "neutral",
    ItemState.HANDED_IN: "info",
    ItemState.CONFIRMED: "success",
    ItemState.RETURNED: "danger",
    ItemState.NOT_NEEDED: "neutral",
}
ITEM_MOVES: Final[dict[str, frozenset[str]]] = {
    ItemState.OPEN: frozenset({ItemState.HANDED_IN, ItemState.CONFIRMED, ItemState.NOT_NEEDED}),
    ItemState.HANDED_IN: frozenset({ItemState.CONFIRMED, ItemState.RETURNED}),
    ItemState.CONFIRMED: frozenset({ItemState.RETURNED}),
    ItemState.RETURNED: frozenset({ItemState.HANDED_IN, ItemState.CONFIRMED, ItemState.NOT_NEEDED}),
    ItemState.NOT_NEEDED: frozenset({ItemState.OPEN}),
}


class AmendmentKind(models.TextChoices):
    START = "start", _("Another first day")
    EXTENSION = "extension", _("Extension")
    LAB = "lab", _("Transfer to another lab")
    LEAVE = "leave", _("Leave without pay")
    MATERNITY = "maternity", _("Maternity leave, sixty days paid")
    PARENTAL = "parental", _("Parental leave without pay")
    REDUCED = "reduced", _("Reduced time")
    SECONDMENT = "secondment", _("Secondment to a partner")
    END_EARLY = "end_early", _("End before the term")


class AmendmentState(models.TextChoices):
    ASKED = "asked", _("Waits for a second person")
    APPROVED = "approved", _("Approved")
    REFUSED = "refused", _("Refused")
    TAKEN_BACK = "taken_back", _("Taken back")


AMENDMENT_COLOURS: Final[dict[str, str]] = {
    AmendmentState.ASKED: "warning",
    AmendmentState.APPROVED: "success",
    AmendmentState.REFUSED: "danger",
    AmendmentState.TAKEN_BACK: "neutral",
}
AMENDMENT_MOVES: Final[dict[str, frozenset[str]]] = {
    AmendmentState.ASKED: frozenset({AmendmentState.APPROVED, AmendmentState.REFUSED, AmendmentState.TAKEN_BACK}),
    AmendmentState.APPROVED: frozenset(),
    AmendmentState.REFUSED: frozenset(),
    AmendmentState.TAKEN_BACK: frozenset(),
}


class Recommendation(models.TextChoices):
    RENEW = "renew", _("Renew")
    END = "end", _("Let it end")
