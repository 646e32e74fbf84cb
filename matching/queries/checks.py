"""What two officers look at before a run is published: figures, hashes, and whether anything changed meanwhile."""

import hashlib
from collections import Counter
from dataclasses import dataclass, replace

from django.db.models import Sum
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from common.crypto import decrypt
from matching.engine import instance as instances
from matching.engine import outcome as outcomes
from matching.engine.lottery import seed_of
from matching.models import MatchRun, Opening, RankList
from matching.queries.choices import Naming, canonical_choices
from matching.queries.couples import certified_pairs
from matching.queries.freezing import canonical_list, eligible, frozen, openings_of
from matching.queries.interests import interested_in
from matching.queries.plans import beyond_money
from matching.queries.seeds import LINES, given_up, hash_of_secret, plan_of, shares_of
from matching.states import RankListState
from reviews.models import Conflict


@dataclass(frozen=True)
class Figures:
    """How a run came out, in numbers only. `choices[n]`: how many got their n-th choice."""

    applicants: int
    seats: int
    placed: int
    choices: dict[int, int]

    @property
    def unplaced(self) -> int:
        return self.applicants - self.placed

    @property
    def unfilled(self) -> int:
        return self.seats - self.placed

    @property
    def fill_percent(self) -> int:
        return 100 * self.placed // self.seats if self.seats else 0


@dataclass(frozen=True)
class Check:
    """One thing that must hold, and what to know when it does not. What nobody stated says so, and does not hold."""

    label: str | Promise
    is_met: bool
    detail: str = ""
    is_known: bool = True


def figures_of(run: MatchRun) -> Figures:
    """As the run was solved, whatever happened since: from the labs' figures, which `matching.insight` counted from the
    outcome. `checks_of` holds the stored results against that outcome. Two queries.
    """
    choices: Counter[int] = Counter()
    for figures in run.insight.values():
        choices.update({int(choice): number for choice, number in figures["got"].items()})
    seats = Opening.objects.filter(call_lab__call=run.call_id).aggregate(seats=Sum("seats"))["seats"]
    return Figures(run.results.count(), seats or 0, choices.total(), dict(sorted(choices.items())))


def checks_of(run: MatchRun) -> list[Check]:
    """Everything that must hold before a run is confirmed and published."""
    rows = list(run.results.values_list("application_id", "application__number", "pseudonym", "call_lab_id"))
    sealed = instances.parse(run.instance)
    now = frozen(run.call, run.seed, {pk: name for pk, _number, name, _lab in rows})
    return [
        *_seals(run),
        *_seed(run),
        *_people(run, {pk: (number, lab) for pk, number, _name, lab in rows}),
        *_lists(run, sealed, now),
        *_people_and_money(run),
    ]


def _seals(run: MatchRun) -> list[Check]:
    is_sealed = _hash(run.instance) == run.instance_sha256 and _hash(run.outcome) == run.outcome_sha256
    names_it = bool(run.outcome) and outcomes.parse(run.outcome).instance == run.instance_sha256
    return [
        Check(_("Input and outcome are unchanged since they were sealed"), is_sealed),
        Check(_("The outcome was made for this input"), names_it),
        Check(
            _("Two independent checks found nothing that breaks the rule"),
            bool(run.outcome) and not run.violations,
            "; ".join(str(words) for words in run.violations[:5]),
        ),
    ]


def _seed(run: MatchRun) -> list[Check]:
    """Nobody chose the seed: it is the one that the committed secrets and the named value make."""
    shares, plan = list(shares_of(run.call)), plan_of(run.call)
    lines = [share.revealed or decrypt(share.sealed) for share in shares if share.is_held]
    is_as_committed = len(lines) == LINES == len({share.officer_id for share in shares}) and all(
        hash_of_secret(line) == share.sha256 for line, share in zip(lines, shares, strict=True)
    )
    if plan.public_source:
        lines.append(plan.public_value)
    is_made_of_them = is_as_committed and all(lines) and seed_of(lines) == run.seed
    late = [str(share.position) for share in shares if share.committed_at > run.call.ranks_due_at]
    if late and not given_up(run.call).exists():
        is_as_committed = False
    return [
        Check(_("Two officers committed their secrets before the lists were due"), is_as_committed, ", ".join(late)),
        Check(_("The seed is made of these secrets and the named value"), is_made_of_them),
    ]


def _people(run: MatchRun, entered: dict[int, tuple[int | None, int | None]]) -> list[Check]:
    now = dict(eligible(run.call).values_list("pk", "number"))
    missing = [str(number) for pk, number in now.items() if pk not in entered]
    gone = [str(number) for pk, (number, _lab) in entered.items() if pk not in now]
    matched = len(outcomes.parse(run.outcome).matches) if run.outcome else -1
    placed = sum(lab is not None for _number, lab in entered.values())
    return [
        Check(_("Every eligible applicant is in the run"), not missing, ", ".join(missing[:20])),
        Check(_("Nobody in the run has withdrawn or become ineligible since"), not gone, ", ".join(gone[:20])),
        Check(_("The stored results are those of the outcome"), placed == matched),
    ]


def _lists(run: MatchRun, sealed: instances.Instance, now: instances.Instance) -> list[Check]:
    """What is sealed against what the rows say now: seats with all that belongs to them, lists, applicants' orders."""
    openings = {f"l{number}": opening for number, opening in enumerate(openings_of(run.call), start=1)}
    today, names = {lab.id: lab for lab in now.labs}, {key: row.call_lab.lab.code for key, row in openings.items()}
    late = {key for key, row in openings.items() if row.seats and not _stood(row.rank_list, run)}
    lists = late | {lab.id for lab in sealed.labs if lab.id in today and lab.ranks != today[lab.id].ranks}
    unsealed = [row.call_lab.lab.code for row in openings.values() if row.seats and not _has_its_seal(row.rank_list)]
    seats = {
        lab.id for lab in sealed.labs if lab.id in today and replace(lab, ranks=()) != replace(today[lab.id], ranks=())
    }
    seats |= today.keys() ^ {lab.id for lab in sealed.labs}
    hashes = _wrong_hashes(run)
    moved = hashes + [
        person.id for person, other in zip(sealed.applicants, now.applicants, strict=False) if person != other
    ]
    moved += [couple.applicants[0] for couple in set(sealed.couples) ^ set(now.couples)]
    return [
        Check(
            _("Every seat is in the run"),
            not seats and sealed.institutes == now.institutes,
            ", ".join(sorted(names.get(key, key) for key in seats)),
        ),
        Check(
            _("Every list is the one that was certified before the run"),
            not lists,
            ", ".join(sorted(names.get(key, key) for key in lists)),
        ),
        Check(
            _("Every list has the hash that was published when the lists were due"), not unsealed, ", ".join(unsealed)
        ),
        Check(
            _("Every applicant's order of labs is the one of which she has a copy"),
            not moved,
            str(len(moved)) if moved else "",
        ),
    ]


def _wrong_hashes(run: MatchRun) -> list[str]:
    """Numbers of applicants whose certified copy is missing, or is not what stands now."""
    rows = run.results.select_related("application__call", "application__choice_list")
    codes = {row.call_lab_id: row.call_lab.lab.code for row in openings_of(run.call)}
    couples = certified_pairs(run.call, codes)
    wrong = []
    for result in rows:
        kept = getattr(result.application, "choice_list", None)
        naming = Naming(codes, result.pseudonym, couples.get(result.application_id))
        if kept is None or kept.sha256 != _hash(canonical_choices(result.application, kept, naming)):
            wrong.append(str(result.application.number))
    return wrong


def _has_its_seal(rank_list: RankList) -> bool:
    last = rank_list.seals.order_by("-pk").values_list("sha256", flat=True).first()
    return last is not None and last == rank_list.sha256 == _hash(canonical_list(rank_list))


def _stood(rank_list: RankList, run: MatchRun) -> bool:
    """Whether the list was certified when the run was asked for."""
    is_certified = rank_list.state == RankListState.CERTIFIED and rank_list.certified_at is not None
    return is_certified and rank_list.certified_at <= run.requested_at  # type: ignore[operator]


def _people_and_money(run: MatchRun) -> list[Check]:
    openings = list(openings_of(run.call))
    interested = _interested([opening.rank_list for opening in openings])
    officers = [person for person in (run.requested_by_id, run.confirmed_by_id) if person]
    declared = Conflict.objects.filter(person__in=officers, application__call=run.call_id)
    applied = run.call.applications.filter(applicant__in=officers)
    beyond = [row.call_lab.lab.code for row in beyond_money(openings)]
    unknown = [row.call_lab.lab.code for row in openings if row.seats_funded is None and row.seats]
    return [
        Check(
            _("Money carries every seat"),
            not beyond and not unknown,
            ", ".join([*beyond, *unknown]),
            is_known=not unknown or bool(beyond),
        ),
        Check(_("Nobody with a conflict of interest had a hand in a list"), not interested, ", ".join(interested)),
        Check(
            _("No officer of this run applied, or declared an interest in anybody who did"),
            not (declared.exists() or applied.exists()),
        ),
    ]


def _interested(lists: list[RankList]) -> list[str]:
    found = interested_in(lists)
    return [row.opening.call_lab.lab.code for row in lists if found[row.pk]]


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
