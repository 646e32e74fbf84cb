"""Who comes next when an offer comes to nothing: by the match's own rule, so that no two ways contradict each other."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from applications.models import Application, Call, CallLab
from fellowships.models import Offer
from fellowships.states import OfferState
from matching.models import MatchResult, Reversion
from matching.queries import Vacancy, next_results
from matching.states import ReversionState, RunState
from people.states import Role


@dataclass(frozen=True)
class FreePlace:
    """A place that an offer left free, and who is next for it; None when the waitlist is at its end."""

    offer: Offer
    candidate: MatchResult | None


def is_placed_in(application: Application, call_lab: CallLab) -> bool:
    """The published match placed her in `call_lab`."""
    return MatchResult.objects.filter(
        application=application, call_lab=call_lab, run__state=RunState.PUBLISHED
    ).exists()


def _barred(call: Call) -> list[int]:
    """Applications of the call whose offer was declined, or lapsed: they do not come again, whatever place is free."""
    rows = Offer.objects.filter(application__call=call, state__in=[OfferState.DECLINED, OfferState.LAPSED])
    return list(rows.values_list("application_id", flat=True))


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
    over = Reversion.objects.filter(taker__call_lab=OuterRef("call_lab"), state=ReversionState.AGREED)
    held = Coalesce(Subquery(others.annotate(n=Count("pk")).values("n")), 0)
    seats = F("call_lab__opening__seats") + Coalesce(Subquery(over.values("seats")[:1]), 0)
    return closed.exclude(Exists(again)).annotate(held=held).filter(held__lt=seats)


def free_places(user: Any) -> QuerySet[Offer]:
    """Offers at `user`'s institutes whose place is free for the next of the waitlist."""
    places = user.places(Role.PROGRAMME_OFFICER)
    rows = _left_free().filter(call_lab__lab__institute__place__in=places)
    return rows.select_related("application__applicant", "application__call", "call_lab__lab__institute")


def next_for(offer: Offer) -> MatchResult | None:
    """Who is next for the place that `offer` left free; None while it stands, when it is taken, and at the end.

    By the rule of the match: the lab's next acceptable candidate who does not hold a better place. `call_lab` of the
    result is what she holds now, and would leave.
    """
    if not _left_free().filter(pk=offer.pk).exists():
        return None
    call = offer.application.call
    vacancy = Vacancy(offer.call_lab_id, offer.application_id)
    return next_results(call, [vacancy], _barred(call)).get(vacancy)


def is_next_for(application: Application, offer: Offer) -> bool:
    """`application` is the one whom the place that `offer` left free goes to."""
    candidate = next_for(offer)
    return candidate is not None and candidate.application_id == application.pk


def standing_offer(application: Application) -> Offer | None:
    """The offer that waits for her answer, if one does."""
    return Offer.objects.filter(application=application, state=OfferState.SENT).select_related("call_lab__lab").first()


def places_with_next(user: Any, limit: int = 20) -> list[FreePlace]:
    """The free places of `user`'s institutes, the latest first, each with its next candidate; a few queries a call."""
    offers = list(free_places(user).order_by("-pk")[:limit])
    found: dict[Vacancy, MatchResult] = {}
    for call in {row.application.call for row in offers}:
        asked = {Vacancy(row.call_lab_id, row.application_id) for row in offers if row.application.call_id == call.pk}
        found |= next_results(call, asked, _barred(call))
    return [FreePlace(row, found.get(Vacancy(row.call_lab_id, row.application_id))) for row in offers]
