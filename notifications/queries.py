"""Reads of the outbox."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from common.access import scope_of
from common.desk import DeskItem
from notifications.models import Notification
from notifications.rendering import render
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


def outbox_by_state() -> list[tuple[str, int]]:
    """The words of each state with how many notifications are in it."""
    counts = outbox_counts()
    return [(str(state.label), counts.get(state.value, 0)) for state in NotificationState]


def found(user: Any, asked: Mapping[str, Any]) -> QuerySet[Notification]:
    """The outbox that `user` may see, narrowed by words and state."""
    rows = notifications_visible_to(user)
    if word := asked.get("q"):
        rows = rows.filter(Q(address__icontains=word) | Q(kind__icontains=word))
    return rows.filter(state=asked["state"]) if asked.get("state") else rows


def previews_of(notification: Notification) -> list[tuple[str, str, str]]:
    """What was sent, or would be sent, in her language first and in the other one: language, subject, text."""
    if notification.is_secret:
        return []
    if notification.subject:
        return [(notification.language, notification.subject, notification.body)]
    languages = sorted(("en", "ko"), key=lambda language: language != notification.language)
    return [(language, *render(notification.kind, language, notification.context)) for language in languages]


def desk_items(user: Any) -> list[DeskItem]:
    """For officers: messages that could not be delivered in the last two weeks; one query."""
    if not (is_programme_officer(user) or is_admin(user)):
        return []
    lost = [NotificationState.FAILED, NotificationState.BOUNCED]
    recent = timezone.now() - timedelta(days=14)
    number = Notification.objects.filter(state__in=lost, created_at__gte=recent).count()
    url = f"{reverse('notifications:outbox')}?state={NotificationState.BOUNCED}"
    return [DeskItem(_("Messages did not arrive"), url, count=number)] if number else []
