"""Reads of the outbox."""

from datetime import timedelta
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from common.access import scope_of
from notifications.models import Notification
from notifications.states import NotificationState
from people.rules import is_admin, is_programme_officer

CLAIM_LASTS = timedelta(minutes=10)


@scope_of(Notification)
def notifications_visible_to(user: Any) -> QuerySet[Notification]:
    """Officers and administrators see the outbox, everybody what was told to her."""
    if is_programme_officer(user) or is_admin(user):
        return Notification.objects.select_related("to")
    return Notification.objects.filter(to_id=user.pk)


def waiting() -> QuerySet[Notification]:
    """Due rows that nobody is sending: queued, or claimed so long ago that the worker must have died."""
    now = timezone.now()
    queued = Q(state=NotificationState.QUEUED, due_at__lte=now)
    abandoned = Q(state=NotificationState.SENDING, claimed_at__lt=now - CLAIM_LASTS)
    return Notification.objects.filter(queued | abandoned).order_by("due_at")


def outbox_counts() -> dict[str, int]:
    """How many notifications are in each state."""
    rows = Notification.objects.order_by().values_list("state").annotate(number=Count("pk"))
    return {str(state): number for state, number in rows}
