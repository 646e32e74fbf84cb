"""A lab's ranking desk: its candidates with what was scored, without saying which choice the lab is to them."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Any

from django.db.models import Avg, Count, Prefetch, Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from applications.models import Application, Document, ReferenceLetter, latin_and_own
from applications.states import ApplicationState, LetterState
from common.access import scope_of
from common.settled import unchanged
from matching.models import Opening, RankList
from matching.queries.freezing import tie_classes
from matching.states import RankListState, Unfit
from people.states import Role
from reviews.models import Conflict, Review
from reviews.queries import (
    InterviewSummary,
    ReviewSummary,
    conflicted_applications,
    interview_summaries,
    scores_of,
)
from reviews.states import ReviewState

PAGE = 50
NAMES = ("given_name", "family_name", "native_name")
SHOWN = ("key", "number", *NAMES, "phd_institution", "title", "is_phd_expected")
LONG = 80
FAR_APART = 25


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
class Letters:
    """How the letters of one application stand; one no longer asked for counts nowhere."""

    arrived: int = 0
    waiting: int = 0
    declined: int = 0

    @property
    def asked(self) -> int:
        return self.arrived + self.waiting + self.declined


NO_LETTERS = Letters()


@dataclass(frozen=True)
class Candidate:
    """A row of the desk. `place` is None for whoever is not ranked, which means not acceptable."""

    application: Application
    score: ReviewSummary | None
    letters: Letters
    place: int | None = None
    is_tied: bool = False
    letters_needed: int = 0
    interview: InterviewSummary | None = None
    unfit: str | Promise = ""

    @property
    def flags(self) -> list[str | Promise]:
        """What to look at before ranking: what is missing, expected, or judged very differently."""
        said: list[tuple[bool, str | Promise]] = [
            (self.letters.arrived < self.letters_needed, _("letters missing")),
            (self.application.is_phd_expected, _("doctorate expected")),
            (self.score is None, _("no review")),
            (self.score is not None and self.score.spread >= FAR_APART, _("reviews far apart")),
        ]
        return [words for stands, words in said if stands]

    @property
    def papers(self) -> list[Document]:
        return list(self.application.documents.all())


@dataclass(frozen=True)
class Desk:
    """What one person of the lab sees: the ranked in order, a page of the others by score, and how many are hidden.

    `missing` counts those who are neither ranked nor turned down.

    Of a certified list only `sealed`: numbers and names in their order, nothing to judge by any more.
    """

    ranked: list[Candidate]
    unranked: list[Candidate]
    hidden: int
    others: int
    page: int
    sealed: tuple[str, ...] = ()
    missing: int = 0

    @property
    def is_long(self) -> bool:
        """So many that each row has a place to type instead of buttons."""
        return len(self.ranked) > LONG

    @property
    def pages(self) -> int:
        return max(1, -(-self.others // PAGE))


def desk_of(
    opening: Opening, user: Any, order: list[int] | None = None, page: int = 1, tied: Collection[int] = ()
) -> Desk:
    """The desk of `opening` for `user`; `order` and `tied` are not saved yet, shown instead of what is.

    Whoever declared an interest in a candidate does not see her. Twelve queries, however many candidates; of those who
    are not ranked only the rows of `page` are read.
    """
    closed = conflicted_applications(user)
    everybody = candidates_of(opening)
    seen = everybody.exclude(pk__in=closed)
    if opening.rank_list.state != RankListState.DRAFT:
        name = f"sealed:{opening.rank_list.pk}:{sorted(closed)}"
        return Desk([], [], _hidden(everybody, closed), 0, 1, unchanged(name, lambda: _sealed(opening.rank_list, seen)))
    wanted = opening.rank_list.ranked if order is None else order
    placed = list(seen.filter(pk__in=wanted).values_list("pk", flat=True))
    saved = [pk for pk in wanted if pk in set(placed)]
    rest = seen.exclude(pk__in=saved)
    others = rest.count()
    page = max(1, min(page, -(-others // PAGE)))
    below = _by_score(rest, PAGE * (page - 1), PAGE)
    rows = _candidates(opening, [*saved, *below])
    needed = opening.call_lab.call.letters_needed
    level = tied_in(opening.rank_list) if order is None else set(tied)
    ranked = [
        replace(rows[pk], place=place, is_tied=place > 1 and pk in level, letters_needed=needed)
        for place, pk in enumerate(saved, start=1)
    ]
    unfit = dict(opening.rank_list.turned_down.values_list("application_id", "reason"))
    unranked = [replace(rows[pk], letters_needed=needed, unfit=_unfit(unfit.get(pk))) for pk in below]
    missing = rest.exclude(pk__in=unfit).count()
    return Desk(ranked, unranked, _hidden(everybody, closed), others, page, missing=missing)


def _unfit(reason: str | None) -> str | Promise:
    return Unfit(reason).label if reason else ""


def sizes_of(ranked: list[int], tied: Collection[int]) -> list[int]:
    """The sizes of the tie classes of an order in which those in `tied` stand level with the one above; [] for none."""
    sizes: list[int] = []
    for place, pk in enumerate(ranked):
        if place and pk in tied:
            sizes[-1] += 1
        else:
            sizes.append(1)
    return sizes if len(sizes) < len(ranked) else []


def tied_in(rank_list: RankList) -> set[int]:
    """Those who stand level with the one above them."""
    return {pk for tied in tie_classes(rank_list) for pk in tied[1:]}


def missing_on(rank_list: RankList, person: Any) -> QuerySet[Application]:
    """Candidates whom `person` may see and whom nobody ranked or turned down."""
    rows = candidates_of(rank_list.opening).exclude(pk__in=rank_list.ranked)
    rows = rows.exclude(pk__in=rank_list.turned_down.values("application"))
    return rows.exclude(pk__in=conflicted_applications(person))


def _hidden(everybody: QuerySet[Application], closed: set[int]) -> int:
    return everybody.filter(pk__in=closed).count() if closed else 0


def _sealed(rank_list: RankList, seen: QuerySet[Application]) -> tuple[str, ...]:
    """A certified list in its order, `number · name` each. One query."""
    rows = seen.filter(pk__in=rank_list.ranked).order_by().values_list("pk", "number", *NAMES)
    lines = {pk: f"{number} · {latin_and_own(*names)}" for pk, number, *names in rows}
    return tuple(lines[pk] for pk in rank_list.ranked if pk in lines)


def _by_score(rest: QuerySet[Application], start: int, size: int) -> list[int]:
    """Primary keys of the applications of `rest` from `start` on: by mean score, then the unscored by number."""
    submitted = Review.objects.filter(application__in=rest.order_by(), state=ReviewState.SUBMITTED).order_by()
    means = submitted.values("application_id").annotate(mean=Avg("total")).order_by("-mean", "application_id")
    scored = list(means.values_list("application_id", flat=True))
    found = scored[start : start + size]
    if len(found) < size:
        first = max(0, start - len(scored))
        unscored = rest.exclude(pk__in=scored).order_by("number", "pk").values_list("pk", flat=True)
        found += list(unscored[first : first + size - len(found)])
    return found


def _candidates(opening: Opening, keys: list[int]) -> dict[int, Candidate]:
    """The applications of `keys` with documents, scores, how letters and the lab's interviews stand; five queries."""
    current = Prefetch("documents", queryset=Document.objects.filter(is_current=True).order_by("kind"))
    rows = Application.objects.only(*SHOWN).prefetch_related(current).in_bulk(keys)
    letters, scores, talks = _letters(keys), scores_of(keys), interview_summaries(opening.call_lab, keys)
    return {
        pk: Candidate(row, scores.get(pk), letters.get(pk, NO_LETTERS), interview=talks.get(pk))
        for pk, row in rows.items()
    }


def _letters(keys: list[int]) -> dict[int, Letters]:
    """How the letters of the applications stand, by primary key of the application; one query."""
    arrived, declined = Q(state=LetterState.RECEIVED), Q(state=LetterState.DECLINED)
    asked = ReferenceLetter.objects.filter(application__in=keys).exclude(state=LetterState.CANCELLED).order_by()
    counted = asked.values_list("application_id").annotate(
        arrived=Count("pk", filter=arrived),
        waiting=Count("pk", filter=~(arrived | declined)),
        declined=Count("pk", filter=declined),
    )
    return {pk: Letters(*numbers) for pk, *numbers in counted}


def conflicts_on(rank_list: RankList, person: Any) -> bool:
    """Whether `person` declared an interest in somebody whom the list ranks or the lab turned down."""
    judged = Q(application__in=rank_list.ranked) | Q(application__in=rank_list.turned_down.values("application"))
    return Conflict.objects.filter(judged, person=person).exists()
