"""The finished call of 2025: applications, letters, screening, reviews, lists, match, appointments, money, mentors."""

from dataclasses import dataclass
from datetime import timedelta
from random import Random
from typing import Final

from applications.models import Application, Call, CallLab
from fellowships.models import Appointment
from innocore.demonstration import matched, money, plan, rounds
from innocore.demonstration.calls import first_calendar, make_call
from innocore.demonstration.cast import fill_roles
from matching.queries import places_of, published_run
from people.models import User
from people.states import Role
from reviews.models import Criterion

# the lab where one offer is declined, and the place is offered to the next
OFFERED: Final = "MFG"
CRITERIA: Final = (
    ("excellence", "Scientific excellence", "학술적 우수성", 3),
    ("plan", "Research plan", "연구 계획", 2),
    ("fit", "Fit with the labs", "연구단 적합성", 2),
    ("promise", "Promise for industry and public research", "산업·공공 연구 기여 가능성", 1),
)


@dataclass(frozen=True)
class Size:
    """How large the demonstration is: applications and seats a lab of the first call, and of the later ones."""

    applications: int
    seats: int
    reviewers: int
    later: int


FULL: Final = Size(1260, 50, 60, 140)
SMALL: Final = Size(60, 2, 12, 24)


def make_criteria(call: Call) -> list[Criterion]:
    """What reviewers of `call` score."""
    rows = [
        Criterion(call=call, code=code, name_en=en, name_ko=ko, weight=weight, most=5, position=position)
        for position, (code, en, ko, weight) in enumerate(CRITERIA, start=1)
    ]
    return Criterion.objects.bulk_create(rows)


def write_applications(
    call: Call, labs: dict[str, CallLab], drawn: plan.Round, random: Random, known: dict[int, User] | None = None
) -> dict[int, Application]:
    """Applicants, applications, CVs and letters of a round, by number; `known` people apply under their own names."""
    applicants = rounds.make_applicants(drawn.candidates, call, random)
    for number, user in (known or {}).items():
        applicants[number - 1] = user
    made = rounds.make_applications(drawn.candidates, applicants, call, labs, random)
    rounds.make_documents(made, random)
    rounds.make_letters(made, random)
    rounds.make_submissions(made)
    return {row.number: row for row in made if row.number is not None}


def fill(
    cast: dict[str, User], heads: dict[str, User], officers: dict[str, User], size: Size, random: Random
) -> list[Appointment]:
    """The first call from its opening to the appointments."""
    seats = dict.fromkeys(plan.SEATS, size.seats)
    drawn = plan.draw_round(random, size.applications, seats)
    plan.place(drawn, "0" * 64)
    plan.give_groups(random, drawn)
    call, labs = make_call(first_calendar(), seats, cast["officer"])
    star = next(c for c in drawn.candidates if c.place == "LLM" and c.group == "domestic")
    known = {star.number: cast["fellow"], next_of(drawn, OFFERED).number: cast["offered"]}
    applications = write_applications(call, labs, drawn, random, known)
    screened_at = call.closes_at + timedelta(days=3)
    rounds.screen(list(applications.values()), drawn.candidates, cast["officer"], screened_at)
    reviewers = [cast["reviewer"], *fill_roles(random, Role.REVIEWER, size.reviewers, cast["admin"])]
    pairs = [(applications[c.number], c) for c in drawn.candidates if c.is_eligible]
    rounds.make_reviews(pairs, reviewers, make_criteria(call), random)
    matched.rank(call, labs, drawn, applications)
    matched.certify(call, heads, cast["admin"], call.ranks_due_at)
    _appropriate(cast, drawn)
    matched.state_money(call, cast["officer"], cast["officer2"])
    run = matched.run_match(call, cast["officer"], cast["officer2"], call.ranks_due_at + timedelta(hours=20))
    run.refresh_from_db()
    return _appoint(cast, officers, call, random)


def next_of(drawn: plan.Round, lab: str) -> plan.Candidate:
    """The first of the lab's ranking whom nobody took: whoever is next when an offer there comes to nothing."""
    by_number = {candidate.number: candidate for candidate in drawn.candidates}
    ranked = (by_number[number] for number in drawn.rankings[lab])
    return next(each for each in ranked if not each.place and each.is_eligible and lab in each.labs)


def _appropriate(cast: dict[str, User], drawn: plan.Round) -> None:
    """Appropriations for the fellows to be placed and for four offers a lab to come."""
    placed: dict[str, int] = {}
    for candidate in drawn.candidates:
        if candidate.place:
            placed[candidate.place] = placed.get(candidate.place, 0) + 1
    for_later = {2027: 600_000_000, 2028: 300_000_000}
    money.appropriate(cast, placed, for_later)


def _appoint(cast: dict[str, User], officers: dict[str, User], call: Call, random: Random) -> list[Appointment]:
    """Appointments for everybody placed but one, and their bank accounts."""
    run = published_run(call)
    assert run is not None
    placed_in_order = list(places_of(run).order_by("application__number"))
    declines = [row for row in placed_in_order if row.call_lab and row.call_lab.lab.code == OFFERED][-1:]
    appointments = money.appoint([row for row in placed_in_order if row not in declines], officers)
    money.open_bank(appointments, cast, random)
    return appointments
