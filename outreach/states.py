"""States of information sessions and of registrations for them."""

from typing import Final

from django.db import models
from django.utils.translation import gettext_lazy as _


class SessionState(models.TextChoices):
    PLANNED = "planned", _("Planned")
    OPEN = "open", _("Open for registration")
    CLOSED = "closed", _("Registration closed")
    HELD = "held", _("Held")
    CANCELLED = "cancelled", _("Cancelled")


SESSION_COLOURS: Final[dict[str, str]] = {
    SessionState.PLANNED: "neutral",
    SessionState.OPEN: "success",
    SessionState.CLOSED: "warning",
    SessionState.HELD: "info",
    SessionState.CANCELLED: "danger",
}
SESSION_MOVES: Final[dict[str, frozenset[str]]] = {
    SessionState.PLANNED: frozenset({SessionState.OPEN, SessionState.CANCELLED}),
    SessionState.OPEN: frozenset({SessionState.CLOSED, SessionState.HELD, SessionState.CANCELLED}),
    SessionState.CLOSED: frozenset({SessionState.OPEN, SessionState.HELD, SessionState.CANCELLED}),
    SessionState.HELD: frozenset(),
    SessionState.CANCELLED: frozenset(),
}


class RegistrationState(models.TextChoices):
    REGISTERED = "registered", _("Registered")
    CANCELLED = "cancelled", _("Cancelled")
    ATTENDED = "attended", _("Attended")


REGISTRATION_COLOURS: Final[dict[str, str]] = {
    RegistrationState.REGISTERED: "info",
    RegistrationState.CANCELLED: "neutral",
    RegistrationState.ATTENDED: "success",
}
REGISTRATION_MOVES: Final[dict[str, frozenset[str]]] = {
    RegistrationState.REGISTERED: frozenset({RegistrationState.CANCELLED, RegistrationState.ATTENDED}),
    RegistrationState.CANCELLED: frozenset({RegistrationState.REGISTERED}),
    RegistrationState.ATTENDED: frozenset(),
}
