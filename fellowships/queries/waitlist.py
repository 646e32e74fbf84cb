"""Who comes next when an offer comes to nothing: the lab's certified list, of those whom the match placed nowhere."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from applications.models import Application, CallLab
from fellowships.models import Offer
from fellowships.states import OfferState
from matching.models import MatchResult, RankList
from matching.states import RankListState, RunState
from people.states import Role


@dataclass(frozen=True)
class FreePlace:
    """A place that an offer left free, and who is next for it; None when the waitlist is at its end."""

    offer: Offer
    candidate: Application | None


def is_placed_in(application: Application, call_lab: CallLab) -> bool:
    """The published match placed her in `call_lab`."""
    return MatchResult.objects.filter(
        application=application, call_lab=call_lab, run__state=RunState.PUBLISHED
    ).exists()


def waitlist_of(call_lab: CallLab) -> list[Application]:
    """Candidates in the lab's order whom the published match placed nowhere, who chose the lab, and have no offer.

    Who was offered a place and declined it, or let it lapse, does not come again.
    """
    rank_list = RankList.objects.filter(opening__call_lab=call_lab, state=RankListState.CERTIFIED).first()
    if rank_list is None:
        return []
    had = Offer.objects.filter(application=OuterRef("pk"))
    rows = Application.objects.filter(
        pk__in=rank_list.ranked,
        state="eligible",
        ranked_labs__contains=[call_lab.pk],
        match_results__run__state=RunState.PUBLISHED,
        match_results__call_lab=None,
    ).exclude(Exists(had))
    found = {row.pk: row for row in rows.select_related("applicant", "call__programme")}
    return [found[pk] for pk in rank_list.ranked if pk in found]


def _left_free() -> QuerySet[Offer]:
    """Offers that came to nothing, that no other offer followed, and whose seat no filling of the match gave away."""
    closed = Offer.objects.filter(
        state__in=[OfferState.DECLINED, OfferState.LAPSED, OfferState.WITHDRAWN], replaced_by=None
    )
    again = Offer.objects.filter(application=OuterRef("application"), pk__gt=OuterRef("pk"))
    others = (
        MatchResult.objects.filter(call_lab=OuterRef("call_lab"), run__state=RunState.PUBLISHED)
        .exclude(application=OuterRef("application"))
        .order_by()
        .values("call_lab")
    )
    held = Coalesce(Subquery(others.annotate(n=Count("pk")).values("n")), 0)
    return closed.exclude(Exists(again)).annotate(held=held).filter(held__lt=F("call_lab__opening__seats"))


def free_places(user: Any) -> QuerySet[Offer]:
    """Offers at `user`'s institutes whose place is free for the next of the waitlist."""
    places = user.places(Role.PROGRAMME_OFFICER)
    rows = _left_free().filter(call_lab__lab__institute__place__in=places)
    return rows.select_related("application__applicant", "call_lab__lab__institute")


def next_for(offer: Offer) -> Application | None:
    """Who is next for the place that `offer` left free; None while it stands, when it is taken, and at the end."""
    if not _left_free().filter(pk=offer.pk).exists():
        return None
    return next(iter(waitlist_of(offer.call_lab)), None)


def is_next_for(application: Application, offer: Offer) -> bool:
    """`application` is the one whom the place that `offer` left free goes to."""
    candidate = next_for(offer)
    return candidate is not None and candidate.pk == application.pk


def places_with_next(user: Any, limit: int = 20) -> list[FreePlace]:
    """The free places of `user`'s institutes, the latest first, each with its next candidate; a few queries a lab."""
    waiting: dict[int, list[Application]] = {}
    places = []
    for offer in free_places(user).order_by("-pk")[:limit]:
        if offer.call_lab_id not in waiting:
            waiting[offer.call_lab_id] = waitlist_of(offer.call_lab)
        queue = waiting[offer.call_lab_id]
        places.append(FreePlace(offer, queue[0] if queue else None))
    return places
