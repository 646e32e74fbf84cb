"""Reads about a call's seed."""

import hashlib
from typing import Final

from django.db.models import QuerySet
from django.utils import timezone

from applications.models import Call
from common.access import scope_of
from matching.models import MatchPlan, SeedShare

LINES: Final = 2


@scope_of(SeedShare)
def shares_visible_to(user: object) -> QuerySet[SeedShare]:
    """Hash, officer and hour are public; the secret leaves its row only when the match is published."""
    return SeedShare.objects.select_related("call", "officer")


def shares_of(call: Call) -> QuerySet[SeedShare]:
    """The standing shares of the call, in the order of the seed's lines."""
    return SeedShare.objects.filter(call=call, given_up_at=None).select_related("officer", "call").order_by("position")


def given_up(call: Call) -> QuerySet[SeedShare]:
    """Shares that were given up, with their reasons."""
    rows = SeedShare.objects.filter(call=call, given_up_at__isnull=False)
    return rows.select_related("officer", "given_up_by").order_by("pk")


def plan_of(call: Call) -> MatchPlan:
    """The call's plan; an unsaved empty one where nothing was said."""
    return MatchPlan.objects.filter(call=call).select_related("value_by").first() or MatchPlan(call=call)


def hash_of_secret(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def may_still_commit(call: Call) -> bool:
    """Whether the lists are not due yet, so that secrets are taken."""
    return call.ranks_due_at > timezone.now()
