"""Reversals of entries: the one of an entry, and those that wait for a second person."""

from typing import Any

from django.db.models import QuerySet

from common.access import scope_of
from funding.models import Entry, Reversal
from funding.queries.books import entries_visible_to
from funding.states import ReversalState


@scope_of(Reversal)
def reversals_visible_to(user: Any) -> QuerySet[Reversal]:
    """Those of the entries that she may see."""
    rows = Reversal.objects.select_related("entry", "asked_by", "approved_by", "refused_by", "made")
    return rows.filter(entry__in=entries_visible_to(user))


def reversals_of(entry: Entry) -> list[Reversal]:
    """Every wish to take this entry back, the newest first."""
    rows = Reversal.objects.filter(entry=entry)
    return list(rows.select_related("asked_by", "approved_by", "refused_by", "made"))


def waiting_for(user: Any) -> list[Reversal]:
    """Reversals that another than `user` asked for and that she may approve."""
    rows = reversals_visible_to(user).filter(state=ReversalState.ASKED).exclude(asked_by=user.pk)
    return [row for row in rows[:50] if user.has_perm("funding.reverse", row)]
