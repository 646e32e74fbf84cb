"""Who holds which duty behind a payment: one rule for every path. A superuser is a person like any other."""

from collections.abc import Callable, Iterable, Mapping
from itertools import combinations
from typing import Any, TypeVar

from common.refusals import SamePersonTwice
from funding.models import Adjustment, BankDetail, Claim, PayLine, PaymentBatch, PayrollRun, Severance
from funding.queries.payments import current_details
from funding.states import Duty

Holders = Mapping[str, set[int]]
D = TypeVar("D", Claim, Severance)


def _some(*people: int | None) -> set[int]:
    return {person for person in people if person is not None}


def of_bank(details: Iterable[BankDetail]) -> set[int]:
    """Whoever confirmed these bank details, or entered them for another person."""
    rows = list(details)
    entered = {row.entered_by_id for row in rows if row.entered_by_id != row.user_id}
    return _some(*(row.confirmed_by_id for row in rows), *entered)


def of_run(run: PayrollRun) -> dict[str, set[int]]:
    """The duties held in a payroll; whoever entered or approved an adjustment on it asked or approved, too."""
    changes = Adjustment.objects.filter(pay_line__run=run).values_list("entered_by", "approved_by")
    entered, approved = ({row[place] for row in changes} for place in (0, 1))
    return {
        Duty.ASKS: _some(run.prepared_by_id, *entered),
        Duty.APPROVES: _some(run.approved_by_id, *approved),
        Duty.RELEASES: _some(run.released_by_id),
    }


def of_claim(claim: Claim) -> dict[str, set[int]]:
    """The duties held in a claim."""
    return {
        Duty.ASKS: _some(claim.submitted_by_id, claim.appointment.fellow_id),
        Duty.APPROVES: _some(claim.checked_by_id, claim.approved_by_id),
        Duty.RELEASES: _some(claim.released_by_id),
    }


def of_severance(severance: Severance) -> dict[str, set[int]]:
    """The duties held in a severance."""
    return {
        Duty.ASKS: _some(severance.asked_by_id, severance.appointment.fellow_id),
        Duty.APPROVES: _some(severance.approved_by_id),
        Duty.RELEASES: _some(severance.released_by_id),
    }


def of_batch(batch: PaymentBatch) -> dict[str, set[int]]:
    """The duties held behind every payment of `batch`; five queries whatever its size."""
    runs = PayrollRun.objects.filter(lines__payments__batch=batch).distinct()
    claims = Claim.objects.filter(payments__batch=batch).select_related("appointment")
    severances = Severance.objects.filter(payments__batch=batch).select_related("appointment")
    held = _behind(runs, claims, severances, BankDetail.objects.filter(payments__batch=batch).distinct())
    held[Duty.RELEASES] |= _some(batch.sealed_by_id)
    held[Duty.RECONCILES] |= _some(batch.confirmed_by_id)
    return held


def of_payable(
    lines: Iterable[PayLine], claims: Iterable[Claim], severances: Iterable[Severance], details: Iterable[BankDetail]
) -> dict[str, set[int]]:
    """The duties held behind what is about to be paid to the accounts `details`; four queries whatever the number."""
    runs = PayrollRun.objects.filter(pk__in={line.run_id for line in lines})
    asked = Claim.objects.filter(pk__in=[each.pk for each in claims]).select_related("appointment")
    owed = Severance.objects.filter(pk__in=[each.pk for each in severances]).select_related("appointment")
    return _behind(runs, asked, owed, details)


def _behind(
    runs: Iterable[PayrollRun],
    claims: Iterable[Claim],
    severances: Iterable[Severance],
    details: Iterable[BankDetail],
) -> dict[str, set[int]]:
    held: dict[str, set[int]] = {duty: set() for duty in Duty}
    for each in [*map(of_run, runs), *map(of_claim, claims), *map(of_severance, severances)]:
        for duty, people in each.items():
            held[duty] |= people
    held[Duty.BANK] |= of_bank(details)
    return held


def free_to_release(rows: Iterable[D], duties_of: Callable[[D], dict[str, set[int]]], *, by: Any) -> list[D]:
    """Those of `rows` (claims, severances) that `by` can release: nobody would hold two duties behind one."""
    listed = list(rows)
    details = current_details([row.appointment.fellow_id for row in listed])

    def held(row: D) -> Holders:
        detail = details.get(row.appointment.fellow_id)
        bank = of_bank([detail]) if detail else set()
        return {**duties_of(row), Duty.RELEASES: {by.pk}, Duty.BANK: bank}

    return [row for row in listed if not shared(held(row))]


def refuse_second_duty(duty: str, held: Holders, *, by: Any) -> None:
    """Refuse `by` the duty when she holds another one of the same payment."""
    for other, people in held.items():
        if other != duty and by is not None and by.pk in people:
            raise SamePersonTwice


def shared(held: Holders) -> set[int]:
    """The people who hold two of the duties; nobody should."""
    return {person for one, two in combinations(held.values(), 2) for person in one & two}
