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
