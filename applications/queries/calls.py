"""Reads of calls and the labs on offer."""

from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from applications.models import Call, CallLab
from applications.states import CallState
from common.access import scope_of
from people.rules import is_programme_officer


@scope_of(Call)
def calls_visible_to(user: Any) -> QuerySet[Call]:
    """Everybody knows of published calls; programme officers also of those being prepared."""
    calls = Call.objects.select_related("programme")
    return calls if is_programme_officer(user) else calls.exclude(state=CallState.DRAFT)


def open_calls() -> QuerySet[Call]:
    """Published calls that take applications now, the first to close first. Grace minutes are not advertised."""
    now = timezone.now()
    return Call.objects.filter(state=CallState.PUBLISHED, opens_at__lte=now, closes_at__gte=now).order_by("closes_at")


def call_labs_of(call: Call) -> QuerySet[CallLab]:
    """The labs on offer in `call` with their institutes and sectors; two queries."""
    labs = CallLab.objects.filter(call=call).select_related("lab__institute")
    return labs.prefetch_related("lab__sectors").order_by("lab__institute__code", "lab__code")
