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


class DeclineReason(models.TextChoices):
    PAY = "pay", _("The pay or the package")
    OTHER_OFFER = "other_offer", _("Another offer")
    FAMILY = "family", _("Family or partner's career")
    VISA = "visa", _("Visa or relocation")
    LAB = "lab", _("The lab or the project")
    OTHER = "other", _("Another reason")


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
