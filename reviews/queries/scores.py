"""What was scored: means for many applications at once, one application's reviews with and without names."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Avg, Count, Max, Min, QuerySet

from applications.models import Application, Call
from reviews.models import Criterion, Review
from reviews.states import ReviewState

CENT = Decimal("0.01")


@dataclass(frozen=True)
class ReviewSummary:
    """The submitted reviews of one application: mean of the totals (0 to 100), their number, highest less lowest."""

    mean: Decimal
    count: int
    spread: Decimal


@dataclass(frozen=True)
class NamelessReview:
    """A submitted review as labs and fellow reviewers read it: no name, no day."""

    number: int
    total: Decimal
    comment: str
    points: list[tuple[Criterion, int]]


def scores_of(applications: Iterable[Application | int]) -> dict[int, ReviewSummary]:
    """Summaries by primary key of the application; without a submitted review there is none. One query."""
    keys = [row if isinstance(row, int) else row.pk for row in applications]
    rows = (
        Review.objects.filter(application__in=keys, state=ReviewState.SUBMITTED)
        .order_by()
        .values_list("application_id")
        .annotate(mean=Avg("total"), number=Count("pk"), spread=Max("total") - Min("total"))
    )
    return {pk: ReviewSummary(mean.quantize(CENT), number, spread) for pk, mean, number, spread in rows}


def criteria_of(call: Call) -> list[Criterion]:
    """What the call's reviewers score, in order."""
    return list(call.criteria.order_by("position", "pk"))


def reviews_of(application: Application) -> QuerySet[Review]:
    """All reviews of one application, with names: for officers."""
    rows = application.reviews.select_related("reviewer", "assigned_by").prefetch_related("scores__criterion")
    return rows.order_by("assigned_at", "pk")


def nameless_reviews_of(application: Application, *, without: Review | None = None) -> list[NamelessReview]:
    """The submitted reviews, ordered by their scores, so that the order tells nothing about who wrote them."""
    rows = application.reviews.filter(state=ReviewState.SUBMITTED).prefetch_related("scores__criterion")
    if without is not None:
        rows = rows.exclude(pk=without.pk)
    found = []
    for number, review in enumerate(rows.order_by("-total", "comment"), start=1):
        scores = sorted(review.scores.all(), key=lambda score: (score.criterion.position, score.criterion_id))
        points = [(score.criterion, score.points) for score in scores]
        found.append(NamelessReview(number, review.total or Decimal(0), review.comment, points))
    return found


def points_of(review: Review) -> dict[int, int]:
    """The points given so far, by primary key of the criterion."""
    return dict(review.scores.values_list("criterion_id", "points"))
