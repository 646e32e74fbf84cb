"""The states of a notification on its way."""

from typing import Final

from django.db import models
from django.utils.translation import gettext_lazy as _


class NotificationState(models.TextChoices):
    QUEUED = "queued", _("Waiting to be sent")
    SENDING = "sending", _("Being sent")
    SENT = "sent", _("Sent")
    FAILED = "failed", _("Could not be sent")
    BOUNCED = "bounced", _("Returned by the recipient's mail server")


NOTIFICATION_COLOURS: Final[dict[str, str]] = {
    NotificationState.QUEUED: "neutral",
    NotificationState.SENDING: "info",
    NotificationState.SENT: "success",
    NotificationState.FAILED: "danger",
    NotificationState.BOUNCED: "warning",
}
NOTIFICATION_MOVES: Final[dict[str, frozenset[str]]] = {
    NotificationState.QUEUED: frozenset({NotificationState.SENDING}),
    NotificationState.SENDING: frozenset({NotificationState.QUEUED, NotificationState.SENT, NotificationState.FAILED}),
    NotificationState.SENT: frozenset({NotificationState.BOUNCED}),
    NotificationState.FAILED: frozenset(),
    NotificationState.BOUNCED: frozenset(),
}
