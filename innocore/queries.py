"""Reads that span all rooms: what the front page shows to a visitor."""

from typing import Any

from django.db.models import Q
from django.utils import timezone

from applications.models import Call
from applications.states import CallState
from labs.models import Lab, Programme
from outreach.models import InformationSession
from outreach.states import SessionState


def front_page() -> dict[str, Any]:
    """The programme, its labs, the calls that are open, and the next information sessions; five queries."""
    now = timezone.now()
    sessions = InformationSession.objects.filter(
        Q(starts_at__gte=now) | Q(starts_at=None), state__in=[SessionState.OPEN, SessionState.PLANNED]
    )
    calls = Call.objects.filter(state=CallState.PUBLISHED, opens_at__lte=now, closes_at__gte=now).order_by("closes_at")
    labs = Lab.objects.filter(is_active=True).select_related("institute").order_by("institute__code", "code")
    return {
        "programme": Programme.objects.order_by("pk").first(),
        "labs": labs.prefetch_related("sectors"),
        "calls": calls,
        "sessions": sessions[:6],
    }
