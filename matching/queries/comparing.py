"""Two lab people's drafts side by side, and the order that their mean makes."""

from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from applications.models import Application
from matching.models import Opening, RankDraft
from matching.queries.freezing import tie_classes
from matching.queries.ranking import NAMES, candidates_of
from reviews.queries import conflicted_applications


@dataclass(frozen=True)
class Compared:
    """A candidate in two drafts: her place in each (None: left out), and twice their mean."""

    application: Application
    first: int | None
    second: int | None
    twice_mean: int

    @property
    def gap(self) -> int | None:
        return None if self.first is None or self.second is None else abs(self.first - self.second)


@dataclass(frozen=True)
class Comparison:
    """Two drafts in the order of their mean; those of one mean stand level. Who is in neither is left out."""

    first: RankDraft
    second: RankDraft
    rows: list[Compared]

    @property
    def ranked(self) -> list[int]:
        return [row.application.pk for row in self.rows]

    @property
    def tied(self) -> set[int]:
        pairs = zip(self.rows, self.rows[1:], strict=False)
        return {after.application.pk for before, after in pairs if before.twice_mean == after.twice_mean}


def drafts_on(opening: Opening) -> QuerySet[RankDraft]:
    """Everybody's own drafts, by who saved first."""
    return RankDraft.objects.filter(rank_list=opening.rank_list).select_related("author").order_by("pk")


def compare(opening: Opening, first: RankDraft, second: RankDraft, user: Any) -> Comparison:
    """Two drafts for the eyes of `user`, who does not see candidates in whom she declared an interest. Two queries.

    Who is left out of one draft counts as one place below its last.
    """
    seen = candidates_of(opening).exclude(pk__in=conflicted_applications(user))
    people = seen.only("pk", "key", "number", *NAMES).in_bulk([*first.ranked, *second.ranked])
    one, two = _places(first, people), _places(second, people)
    rows = [
        Compared(row, one.get(pk), two.get(pk), one.get(pk, len(one) + 1) + two.get(pk, len(two) + 1))
        for pk, row in people.items()
    ]
    return Comparison(first, second, sorted(rows, key=lambda row: (row.twice_mean, row.application.number or 0)))


def _places(draft: RankDraft, people: dict[int, Application]) -> dict[int, int]:
    """By primary key the place of each whom the reader may see; who stand level share theirs: 1, 2, 2, 4."""
    places: dict[int, int] = {}
    for tied in tie_classes(draft):
        seen = [pk for pk in tied if pk in people]
        places |= dict.fromkeys(seen, len(places) + 1)
    return places
