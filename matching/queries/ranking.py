"""A lab's ranking desk: its candidates with what was scored, without saying which choice the lab is to them."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Prefetch, QuerySet

from applications.models import Application, Document, ReferenceLetter
from applications.states import ApplicationState, LetterState
from common.access import scope_of
from matching.models import Opening, RankList
from people.states import Role
from reviews.models import Conflict
from reviews.queries import ReviewSummary, conflicted_applications, scores_of

SHOWN = ("number", "given_name", "family_name", "native_name", "phd_institution", "title")


@scope_of(Opening)
def openings_visible_to(user: Any) -> QuerySet[Opening]:
    """Officers and auditors see every opening, lab people those of their labs."""
    rows = Opening.objects.select_related("call_lab__lab__institute", "call_lab__call", "rank_list")
    if user.has_perm("matching.view_runs"):
        return rows
    return rows.filter(call_lab__lab__place__in=user.places(Role.LAB_HEAD, Role.LAB_MEMBER))


def own_openings(user: Any) -> QuerySet[Opening]:
    """The openings that she ranks for."""
    rows = Opening.objects.select_related("call_lab__lab__institute", "call_lab__call", "rank_list")
    return rows.filter(call_lab__lab__place__in=user.places(Role.LAB_HEAD, Role.LAB_MEMBER))


def candidates_of(opening: Opening) -> QuerySet[Application]:
    """Eligible applicants who chose the lab (index applications_by_lab)."""
    return Application.objects.filter(
        call=opening.call_lab.call_id,
        state=ApplicationState.ELIGIBLE,
        ranked_labs__contains=[opening.call_lab_id],
    )


@dataclass(frozen=True)
class Candidate:
    """A row of the desk. `place` is None for whoever is not ranked, which means not acceptable."""

    application: Application
    score: ReviewSummary | None
    letters: int
    place: int | None = None

    @property
    def papers(self) -> list[Document]:
        return list(self.application.documents.all())


@dataclass(frozen=True)
class Desk:
    """What one person of the lab sees: the ranked in order, the others by score, and how many are hidden from her."""

    ranked: list[Candidate]
    unranked: list[Candidate]
    hidden: int

    @property
    def numbers(self) -> dict[int, int]:
        """Primary keys by application number, of all whom she sees."""
        return {row.application.number or 0: row.application.pk for row in (*self.ranked, *self.unranked)}


def shown_order(rank_list: RankList, visible: Iterable[int]) -> list[int]:
    """The saved order of those she sees."""
    known = set(visible)
    return [pk for pk in rank_list.ranked if pk in known]


def desk_of(opening: Opening, user: Any, order: list[int] | None = None) -> Desk:
    """The desk of `opening` for `user`; `order` is an order not saved yet, shown instead of the saved one.

    Whoever declared an interest in a candidate does not see her. Six queries, however many candidates.
    """
    current = Prefetch("documents", queryset=Document.objects.filter(is_current=True).order_by("kind"))
    rows = candidates_of(opening).only(*SHOWN).prefetch_related(current)
    everybody = {row.pk: row for row in rows.order_by("number")}
    received = ReferenceLetter.objects.filter(application__in=everybody, state=LetterState.RECEIVED).order_by()
    letters = dict(received.values_list("application_id").annotate(number=Count("pk")))
    closed = conflicted_applications(user)
    seen = {pk: row for pk, row in everybody.items() if pk not in closed}
    scores = scores_of(seen)
    saved = shown_order(opening.rank_list, seen) if order is None else [pk for pk in order if pk in seen]
    placed = {pk: place for place, pk in enumerate(saved, start=1)}

    def candidate(pk: int) -> Candidate:
        row = seen[pk]
        return Candidate(row, scores.get(pk), letters.get(pk, 0), placed.get(pk))

    rest = sorted((pk for pk in seen if pk not in placed), key=lambda pk: (-_mean(scores.get(pk)), pk))
    hidden = len(everybody) - len(seen)
    return Desk([candidate(pk) for pk in saved], [candidate(pk) for pk in rest], hidden)


def _mean(summary: ReviewSummary | None) -> float:
    return float(summary.mean) if summary else -1.0


def conflicts_on(rank_list: RankList, person: Any) -> bool:
    """Whether `person` declared an interest in somebody whom the list ranks."""
    return Conflict.objects.filter(person=person, application__in=rank_list.ranked).exists()
