"""Who may review what, and the balanced proposal for a whole call."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from applications.models import Application, Call, ReferenceLetter
from applications.states import ApplicationState
from labs.models import LabMember
from people.models import User
from people.queries import holders_of
from people.states import Role
from reviews.models import Conflict, Review
from reviews.queries.balance import Task, share_out
from reviews.rules import LIVE

SHARED_SECTORS = 3


@dataclass(frozen=True)
class Pair:
    """A review that is proposed: one application, one reviewer."""

    application: Application
    reviewer: User


@dataclass
class Proposal:
    """Pairs to assign, how many reviews each reviewer would then hold, and applications that stay short."""

    pairs: list[Pair] = field(default_factory=list)
    loads: list[tuple[User, int, int]] = field(default_factory=list)
    short: list[tuple[Application, int]] = field(default_factory=list)

    @property
    def keys(self) -> list[tuple[int, int]]:
        return [(pair.application.pk, pair.reviewer.pk) for pair in self.pairs]


@dataclass(frozen=True)
class _Facts:
    """What is known about everybody, read once: institutions as words, sectors, addresses, pairs ruled out."""

    homes: dict[int, set[str]]
    sectors: dict[int, set[int]]
    referees: dict[int, set[str]]
    closed: set[tuple[int, int]]

    def allows(self, application: Application, reviewer: User) -> bool:
        """Neither declared, nor the same person, nor a referee, nor from the applicant's own institution."""
        if (application.pk, reviewer.pk) in self.closed or application.applicant_id == reviewer.pk:
            return False
        if reviewer.email.lower() in self.referees.get(application.pk, ()):
            return False
        own = _words(f"{application.phd_institution} | {application.current_position}")
        return not any(home in own for home in self.homes.get(reviewer.pk, ()))


def _words(text: str) -> str:
    """Lower-case words with a blank on either side, so that a name is found as a whole and not inside another."""
    words = re.findall(r"[^\W_]+|[|]", text.lower())
    return f" {' '.join(words)} "


def _facts(applications: Iterable[Application], reviewers: Iterable[User]) -> _Facts:
    keys, people = [row.pk for row in applications], [person.pk for person in reviewers]
    homes: dict[int, set[str]] = {}
    sectors: dict[int, set[int]] = {}
    members = LabMember.objects.standing().filter(user__in=people).select_related("lab__institute")
    for member in members.prefetch_related("lab__sectors"):
        institute = member.lab.institute
        names = (member.home_institution, institute.code, institute.name_en, institute.name_ko)
        homes.setdefault(member.user_id or 0, set()).update(_words(name) for name in names if name)
        sectors.setdefault(member.user_id or 0, set()).update(sector.pk for sector in member.lab.sectors.all())
    referees: dict[int, set[str]] = {}
    for pk, email in ReferenceLetter.objects.filter(application__in=keys).values_list("application_id", "email"):
        referees.setdefault(pk, set()).add(email.lower())
    held = Review.objects.filter(application__in=keys).values_list("application_id", "reviewer_id")
    declared = Conflict.objects.filter(application__in=keys).values_list("application_id", "person_id")
    return _Facts(homes, sectors, referees, {*held, *declared})


def reviewers_for(application: Application) -> list[User]:
    """Reviewers who may still be asked about `application`, by name."""
    people = list(holders_of(Role.REVIEWER))
    facts = _facts([application], people)
    return [person for person in people if facts.allows(application, person)]


def proposal_for(call: Call) -> Proposal:
    """Reviewers for every eligible application that has too few, shared out evenly; the same for the same rows.

    An exact minimum-cost flow: as few gaps and loads above the even share as possible, then as many pairs as possible
    in which the reviewer's lab works for a sector that the applicant named.
    """
    rows = call.applications.filter(state=ApplicationState.ELIGIBLE).prefetch_related("sectors").order_by("pk")
    applications, people = {row.pk: row for row in rows}, {person.pk: person for person in holders_of(Role.REVIEWER)}
    live, loads = dict.fromkeys(applications, 0), dict.fromkeys(people, 0)
    for application, reviewer in Review.objects.filter(application__call=call, state__in=LIVE).values_list(
        "application_id", "reviewer_id"
    ):
        live[application] = live.get(application, 0) + 1
        loads[reviewer] = loads.get(reviewer, 0) + 1
    needs = {pk: call.reviews_needed - live[pk] for pk in applications if live[pk] < call.reviews_needed}
    if not needs or not people:
        return Proposal(short=[(applications[pk], need) for pk, need in needs.items()])
    wanted = {pk: applications[pk] for pk in needs}
    share = -(-(sum(needs.values()) + sum(loads[pk] for pk in people)) // len(people))
    task = Task(needs, _costs(wanted, people), {pk: max(0, share - loads[pk]) for pk in people})
    return _proposal(task, share_out(task), wanted, people, loads)


def _costs(applications: dict[int, Application], people: dict[int, User]) -> dict[int, dict[int, int]]:
    facts = _facts(applications.values(), people.values())
    return {pk: dict(_row(row, people, facts)) for pk, row in applications.items()}


def _row(application: Application, people: dict[int, User], facts: _Facts) -> Iterator[tuple[int, int]]:
    wanted = {sector.pk for sector in application.sectors.all()}
    for pk, person in people.items():
        if facts.allows(application, person):
            yield pk, SHARED_SECTORS - min(SHARED_SECTORS, len(wanted & facts.sectors.get(pk, set())))


def _proposal(
    task: Task, found: dict[int, list[int]], applications: dict[int, Application], people: dict[int, User],
    loads: dict[int, int],
) -> Proposal:  # fmt: skip
    proposal = Proposal()
    added = dict.fromkeys(people, 0)
    for pk, reviewers in found.items():
        proposal.pairs.extend(Pair(applications[pk], people[reviewer]) for reviewer in reviewers)
        for reviewer in reviewers:
            added[reviewer] += 1
        if len(reviewers) < task.needs[pk]:
            proposal.short.append((applications[pk], task.needs[pk] - len(reviewers)))
    proposal.loads = [(person, added[pk], loads[pk] + added[pk]) for pk, person in people.items()]
    return proposal
