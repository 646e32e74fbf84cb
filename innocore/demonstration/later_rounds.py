"""The call under review now, with work left for everybody, and the call that is open now."""

from datetime import date, timedelta
from random import Random

from django.utils import timezone

from applications.models import Application, Document, ReferenceLetter
from applications.states import ApplicationState
from innocore.demonstration import plan, rounds, talks
from innocore.demonstration.calls import make_call, open_calendar, review_calendar
from innocore.demonstration.first_round import Size, make_criteria, write_applications
from innocore.demonstration.own_questions import ask
from matching import actions as matching
from matching.models import RankList
from people.models import User
from reviews.models import Review
from reviews.states import ReviewState

SEATS = 4


def review(cast: dict[str, User], reviewers: list[User], size: Size, today: date, random: Random) -> None:
    """A closed call: nine tenths screened, reviews on their way, the labs' lists begun."""
    seats = dict.fromkeys(plan.SEATS, SEATS)
    drawn = plan.draw_round(random, size.later, seats)
    star = next(c for c in drawn.candidates if c.is_eligible and c.labs[0] == "LLM")
    call, labs = make_call(review_calendar(today), seats, cast["officer"])
    made = write_applications(call, labs, drawn, random, {star.number: cast["candidate"]})
    screened = [c for c in drawn.candidates if c is star or random.random() < 0.9]
    at = call.closes_at + timedelta(days=4)
    rounds.screen([made[c.number] for c in screened], screened, cast["officer"], at)
    criteria = make_criteria(call)
    eligible = [made[c.number] for c in screened if c.is_eligible]
    _ask(eligible, reviewers, cast, random)
    quarter = [(made[c.number], c) for c in screened if c.is_eligible][: len(eligible) // 4]
    Review.objects.filter(application__in=[row.pk for row, _c in quarter]).delete()
    rounds.make_reviews(quarter, reviewers[1:], criteria, random)
    matching.open_seats(call, by=None)
    talks.interview(
        labs["LLM"], [row for row in eligible if labs["LLM"].pk in row.ranked_labs], made[star.number], cast["head"]
    )
    _begin_lists(drawn, made, {c.number for c in screened if c.is_eligible})


def _ask(eligible: list[Application], reviewers: list[User], cast: dict[str, User], random: Random) -> None:
    """Two reviewers for each; the cast's reviewer has some to declare on and some to write."""
    rows = []
    for position, application in enumerate(eligible):
        chosen = random.sample(reviewers[1:], 2)
        if position >= len(eligible) - 6:
            chosen[0] = cast["reviewer"]
        is_open = position % 2 == 0
        rows += [
            Review(
                application=application,
                reviewer=reviewer,
                state=ReviewState.OPEN if is_open else ReviewState.ASSIGNED,
                open_at=timezone.now() if is_open else None,
                due_at=application.call.reviews_due_at,
                assigned_by=cast["officer"],
            )
            for reviewer in chosen
        ]
    Review.objects.bulk_create(rows)
    rounds.audit(("reviews.assigned", row, cast["officer"], None) for row in rows)


def _begin_lists(drawn: plan.Round, made: dict[int, Application], eligible: set[int]) -> None:
    for rank_list in RankList.objects.select_related("opening__call_lab__lab").filter(
        opening__call_lab__call=next(iter(made.values())).call
    ):
        numbers = [n for n in drawn.rankings[rank_list.opening.call_lab.lab.code] if n in eligible]
        rank_list.ranked = [made[number].pk for number in numbers[: len(numbers) // 2]]
        rank_list.version = 1
        rank_list.save()


def open_now(cast: dict[str, User], size: Size, today: date, random: Random) -> None:
    """An open call: some applied by the ordinary way, some are still writing, the cast's applicant among them."""
    seats = dict.fromkeys(plan.SEATS, SEATS)
    drawn = plan.draw_round(random, size.later // 2, seats)
    call, labs = make_call(open_calendar(today), seats, cast["officer"])
    calendar_end, call.closes_at = call.closes_at, timezone.now()
    made = write_applications(call, labs, drawn, random, {1: cast["applicant"]})
    call.closes_at = calendar_end
    drafts = [made[number] for number in range(1, len(made) // 3 + 1)]
    _back_to_draft(drafts)
    _unfinish(made[1])
    ask(call, cast["officer"])


def _back_to_draft(drafts: list[Application]) -> None:
    """These were never submitted: no number, no receipt, no version."""
    keys = [row.pk for row in drafts]
    ReferenceLetter.objects.filter(application__in=keys, state="received").update(
        state="asked", text="", received_at=None
    )
    for row in drafts:
        row.submissions.all().delete()
    Application.objects.filter(pk__in=keys).update(
        state=ApplicationState.DRAFT, number=None, version=0, submitted_at=None, receipt_sha256=""
    )


def _unfinish(draft: Application) -> None:
    """The cast's applicant has her CV and one referee still to see to."""
    Document.objects.filter(application=draft).delete()
    ReferenceLetter.objects.filter(application=draft).order_by("-pk")[:1].get().delete()
    Application.objects.filter(pk=draft.pk).update(motivation="")
