"""The supplementary round: who may take part, what is free, who would come, whose turn it is."""

from typing import Any

from django.db.models import Q, QuerySet

from applications.models import Application
from applications.states import ApplicationState
from common.access import scope_of
from matching.models import MatchResult, MatchRun, Opening, Supplement, SupplementList, SupplementWish, WaveOffer
from matching.queries.after import free_places
from matching.queries.room import room_of
from matching.states import RunState, WaveState


@scope_of(WaveOffer)
def wave_offers_visible_to(user: Any) -> QuerySet[WaveOffer]:
    """Everybody's own."""
    rows = WaveOffer.objects.select_related("call_lab__lab__institute", "result__application", "supplement")
    return rows.filter(result__application__applicant=user.pk)


def supplement_of(run: MatchRun) -> Supplement | None:
    return Supplement.objects.filter(run=run).select_related("run__call").first()


def unplaced(run: MatchRun) -> QuerySet[MatchResult]:
    """Eligible applicants of a published run without a place, who gave none up."""
    rows = MatchResult.objects.filter(run=run, run__state=RunState.PUBLISHED, call_lab=None, vacated_at=None)
    return rows.filter(application__state=ApplicationState.ELIGIBLE)


def part_of(application: Application) -> tuple[Supplement, MatchResult] | None:
    """Her part in a supplementary round: she is in its run. None where there is no round."""
    result = MatchResult.objects.filter(application=application, run__state=RunState.PUBLISHED).first()
    found = supplement_of(result.run) if result is not None else None
    return None if found is None or result is None else (found, result)


def free_now(supplement: Supplement) -> dict[int, int]:
    """Seats that are neither held nor on offer, by primary key of the lab in the call."""
    room = room_of(supplement.run)
    return {lab: room.free(lab) for lab in room.seats if room.free(lab)}


def wishes_of(result: MatchResult) -> set[int]:
    return set(SupplementWish.objects.filter(result=result).values_list("call_lab_id", flat=True))


def wishing(supplement: Supplement, opening: Opening) -> QuerySet[MatchResult]:
    """Who would come to the lab and has no place yet."""
    rows = unplaced(supplement.run).filter(wishes__call_lab=opening.call_lab_id)
    return rows.select_related("application").order_by("application__number")


def turns(supplement: Supplement) -> list[tuple[int, int]]:
    """Pairs of a lab in the call and a result to be offered a place there now: by the labs' lists, free seats only.

    Labs under one cap take turns as the rule has it: first up to their targets, then one after the other.
    """
    asked = set(supplement.offers.values_list("result_id", "call_lab_id"))
    open_to = set(unplaced(supplement.run).values_list("pk", flat=True))
    waiting: dict[int, list[int]] = {}
    for row in SupplementList.objects.filter(supplement=supplement).select_related("opening").order_by("pk"):
        lab = row.opening.call_lab_id
        waiting[lab] = [pk for pk in row.ranked if pk in open_to and (pk, lab) not in asked]
    room, made = room_of(supplement.run), list[tuple[int, int]]()
    order = room.in_order(waiting)
    for is_first in (True, False):
        while able := [lab for lab in order if waiting[lab] and room.free(lab) and room.is_first(lab) >= is_first]:
            for lab in able:
                if room.free(lab):
                    made.append((lab, waiting[lab].pop(0)))
                    room.take(lab)
    return made


def offers_of(result: MatchResult) -> QuerySet[WaveOffer]:
    return WaveOffer.objects.filter(result=result).select_related("call_lab__lab__institute")


def supplement_figures(supplement: Supplement) -> list[tuple[Opening, int, int, int, int]]:
    """Each lab with free seats or offers: opening, free seats, who would come, ranked, accepted."""
    free = {row.pk: number for row, _held, number in free_places(supplement.run)}
    lists = dict(SupplementList.objects.filter(supplement=supplement).values_list("opening_id", "ranked"))
    accepted = supplement.offers.filter(state=WaveState.ACCEPTED)
    touched = Q(pk__in=free) | Q(call_lab__in=accepted.values("call_lab"))
    rows = Opening.objects.filter(touched, call_lab__call=supplement.run.call_id).select_related("call_lab__lab")
    return [
        (
            row,
            free.get(row.pk, 0),
            supplement.wishes.filter(call_lab=row.call_lab_id).count(),
            len(lists.get(row.pk, [])),
            accepted.filter(call_lab=row.call_lab_id).count(),
        )
        for row in rows.order_by("call_lab_id")
    ]
