"""Couples of a call: what each member may see, which pairs there are, and who stands in the match together."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from django.db.models import Q, QuerySet

from applications.models import Application, Call, CallLab
from common.access import scope_of
from matching.models import Couple, MatchResult
from matching.models.couples import Pair
from matching.states import CoupleState

LIVE = (CoupleState.ASKED, CoupleState.JOINED)


@scope_of(Couple)
def couples_visible_to(user: Any) -> QuerySet[Couple]:
    """Her own, whichever of the two she is. That two applicants are a couple is nobody else's matter."""
    rows = Couple.objects.select_related("first__applicant", "first__call", "second__applicant")
    return rows.filter(Q(first__applicant=user.pk) | Q(second__applicant=user.pk))


def couple_of(application: Application) -> Couple | None:
    """The couple that the application is in or asks for; joined before asked."""
    rows = Couple.objects.select_related("first__applicant", "second__applicant")
    own = rows.filter(Q(first=application) | Q(second=application), state=CoupleState.JOINED).first()
    return own or rows.filter(first=application, state=CoupleState.ASKED).first()


def asks_of(application: Application) -> list[Couple]:
    """Who asks her to rank together, and waits for her answer."""
    rows = Couple.objects.filter(second=application, state=CoupleState.ASKED).select_related("first__applicant")
    return list(rows.order_by("pk"))


def options_of(couple: Couple) -> list[Pair]:
    """Every pair that they could rank, in an order that stays: labs by primary key, no place last."""
    if couple.second is None:
        return []
    mine: list[int | None] = [*sorted(couple.first.ranked_labs), None]
    other: list[int | None] = [*sorted(couple.second.ranked_labs), None]
    return [(a, b) for a in mine for b in other if (a, b) != (None, None)]


def usual_pairs(first: Iterable[int], second: Iterable[int]) -> list[Pair]:
    """What both probably want: both placed, by the sum of the two places on their own lists."""
    placed = [(i + j, i, j, a, b) for i, a in enumerate(first) for j, b in enumerate(second)]
    return [(a, b) for *_places, a, b in sorted(placed)]


def labs_of(couple: Couple) -> dict[int | None, CallLab]:
    """The labs that either of them chose, by primary key. One query."""
    keys = {pk for pair in options_of(couple) for pk in pair if pk is not None}
    return {row.pk: row for row in CallLab.objects.filter(pk__in=keys).select_related("lab")}


def agreed_couples(call: Call) -> list[Couple]:
    """Those who agreed on their pairs; `canonical` texts and the match take these. One query."""
    rows = Couple.objects.filter(first__call=call, state=CoupleState.JOINED, first_agrees=True, second_agrees=True)
    return [row for row in rows.select_related("first", "second").order_by("pk") if row.is_agreed]


def couples_among(call: Call, names: Collection[int]) -> list[Couple]:
    """The agreed couples of whom both are in the match."""
    return [row for row in agreed_couples(call) if row.first_id in names and row.second_id in names]


def partner_in(result: MatchResult) -> Application | None:
    """With whom she was in the match as a couple; None for who was in it alone. Two queries."""
    rows = Couple.objects.filter(Q(first=result.application_id) | Q(second=result.application_id))
    couple = rows.filter(state=CoupleState.JOINED).select_related("first", "second").first()
    if couple is None or not couple.is_agreed:
        return None
    other = couple.second if couple.first_id == result.application_id else couple.first
    return other if MatchResult.objects.filter(run=result.run_id, application=other).exists() else None


def seen_from(couple: Couple, application: int | None) -> list[Pair]:
    """The pairs with her own lab first."""
    return couple.pairs if couple.first_id == application else [(mine, other) for other, mine in couple.pairs]


def certified_pairs(call: Call, codes: Mapping[int, str]) -> dict[int, dict[str, Any]]:
    """What certified copies say of a couple, by primary key of the application: the other's number, pairs of codes."""
    found: dict[int, dict[str, Any]] = {}
    for row in agreed_couples(call):
        assert row.second is not None
        for own, other in ((row.first, row.second), (row.second, row.first)):
            pairs = [[codes.get(a or 0), codes.get(b or 0)] for a, b in seen_from(row, own.pk)]
            found[own.pk] = {"with": other.number, "pairs": pairs}
    return found
