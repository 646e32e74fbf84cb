"""The outbox: a row in the action's own transaction, claimed and sent by the worker."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from common.models import PublicKeyed
from notifications.states import NOTIFICATION_COLOURS, NOTIFICATION_MOVES, NotificationState


class Notification(PublicKeyed):
    """One message to one person in her language. `dedupe` makes telling the same thing twice impossible."""

    MOVES: ClassVar = NOTIFICATION_MOVES
    COLOURS: ClassVar = NOTIFICATION_COLOURS

    kind = models.CharField(max_length=60)
    to = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="notifications")
    address = models.EmailField(_("address"))
    language = models.CharField(max_length=2)
    about_type = models.CharField(max_length=80, blank=True)
    about_id = models.CharField(max_length=40, blank=True)
    context = models.JSONField(default=dict)
    dedupe = models.CharField(max_length=200, unique=True)
    is_secret = models.BooleanField(default=False)
    subject = models.CharField(_("subject"), max_length=300, blank=True)
    body = models.TextField(_("text"), blank=True)
    state = models.CharField(_("state"), max_length=10, choices=NotificationState, default=NotificationState.QUEUED)
    attempts = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField(default=timezone.now)
    due_at = models.DateTimeField(default=timezone.now)
    claimed_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)
    bounced_at = models.DateTimeField(null=True)
    error = models.TextField(blank=True)
    resend_of = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="resends")

    class Meta:
        verbose_name = _("notification")
        verbose_name_plural = _("notifications")
        indexes = (
            # what the sweep looks for
            models.Index(fields=("due_at",), condition=Q(state__in=["queued", "sending"]), name="notification_waiting"),
            # what was told about one row
            models.Index(fields=("about_type", "about_id", "id"), name="notification_about"),
            # everything told to one person, newest first
            models.Index(fields=("to", "-id"), name="notification_to"),
        )

    def __str__(self) -> str:
        return f"{self.kind} → {self.address}"
