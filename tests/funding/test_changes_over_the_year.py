"""Changes of an appointment after pay began and years were settled: what was carried, given back or kept stays so."""

from datetime import date
from typing import Any

import pytest
import time_machine
from django.db.models import Sum

from fellowships import actions as fellowships
from fellowships.queries.changes import change_of, standing_of
from funding.actions import answers, movements, payroll
from funding.actions import appointments as actions
from funding.actions import severance as severances
from funding.actions.movements import MovementRefused
from funding.models import Account, PayLine
from funding.queries.books import faults
from funding.queries.changes import preview_of
from funding.queries.severance import accrued_of, owed_at
from funding.states import AccountKind, Purpose
from funding.terms import severance_krw
from tests.factories.fellowships import fund
from tests.factories.funding import BankDetailFactory, PayerAccountFactory, confirmed_rates
from tests.funding.test_appointments import ask, held

MONTH = 7_500_000


@pytest.fixture
def officers(
    institute: Any, finance_officer: Any, second_finance_officer: Any, third_finance_officer: Any
) -> tuple[Any, Any, Any]:
    PayerAccountFactory(institute=institute)
    table = confirmed_rates(finance_officer)
    for rows in table.data.values():
        for row in rows if isinstance(rows, list) else []:
            if isinstance(row, dict) and row.get("until") == "2026-12-31":
                row["until"] = None  # the last of the rates go on
    table.save(update_fields=["data"])
    return finance_officer, second_finance_officer, third_finance_officer


@pytest.fixture
def paid(appointment: Any, officers: tuple[Any, Any, Any]) -> Any:
    """Pays the months given, each at its own time; the appointment runs from July 2026 to June 2027."""
    BankDetailFactory(user=appointment.fellow)

    def pay(*months: date, holds: bool = False) -> None:
        for month in months:
            with time_machine.travel(f"{month:%Y-%m}-20 12:00+09:00", tick=False):
                run = payroll.prepare_payroll(appointment.institute, month, by=officers[0])
                if holds:
                    payroll.hold_line(run.lines.get(), by=officers[0], note="later")
                payroll.approve_payroll(run, by=officers[1])
                payroll.release_payroll(run, by=officers[2])
                payroll.pay_out(run.pk)
                assert run.lines.get().is_held == holds

    return pay


def months(first: int, last: int) -> list[date]:
    """First days from July 2026 (1) on."""
    return [date(2026 + (number + 5) // 12, (number + 5) % 12 + 1, 1) for number in range(first, last + 1)]


def total(kind: str, purpose: str = "", **where: Any) -> int:
    rows = Account.objects.filter(kind=kind, **({"purpose": purpose} if purpose else {}), **where)
    return int(rows.aggregate(sum=Sum("balance_krw", default=0))["sum"])


def changed(appointment: Any, officer: Any, second_officer: Any, kind: str, day: str, **given: Any) -> Any:
    """A change asked for and approved on `day`, which does exactly what its preview shows."""
    with time_machine.travel(f"{day} 12:00+09:00", tick=False):
        change = ask(appointment, officer, kind, **given)
        shown = dict(preview_of(appointment, change_of(change)).entries)
        before = dict(Account.objects.values_list("code", "balance_krw"))
        approved = actions.approve_change(change, by=second_officer)
        after = Account.objects.values_list("code", "balance_krw")
    appointment.refresh_from_db()
    assert {code: now - before.get(code, 0) for code, now in after if now != before.get(code, 0)} == shown
    assert faults() == {}
    return approved


def settle(year: int, by: Any) -> None:
    """Salary that is left of a year goes back to the lab, the research funds go on."""
    with time_machine.travel(f"{year + 1}-01-05 12:00+09:00", tick=False):
        left = Account.objects.filter(kind=AccountKind.COMMITTED, fiscal_year=year, balance_krw__gt=0)
        for row in left.order_by("pk"):
            if row.purpose == Purpose.RESEARCH_FUND:
                movements.carry_commitment(row, by=by)
            else:
                movements.release_commitment(row, by=by)


@pytest.mark.parametrize(
    ("kind", "given", "salary", "research_fund"),
    [
        ("extension", {"until_on": date(2027, 12, 31)}, 45_000_000, 30_000_000),
        ("leave", {"from_on": date(2027, 5, 1), "until_on": date(2027, 5, 31)}, -MONTH, 0),
    ],
)
def test_change_asks_nothing_of_a_year_that_is_settled(
    appointment: Any, call_lab: Any, officer: Any, second_officer: Any, finance_officer: Any,
    kind: str, given: Any, salary: int, research_fund: int,
) -> None:  # fmt: skip
    settle(2026, finance_officer)
    source, lab = call_lab.lab.institute, call_lab.lab
    back = Account.objects.get(kind=AccountKind.LAB, lab=lab, fiscal_year=2026)
    assert (source.pk, back.balance_krw) == (lab.institute_id, 45_000_000)
    before = held(appointment)
    assert before[2027, "research_fund"] == 60_000_000
    fund(lab, 2027, 75_000_000)
    changed(appointment, officer, second_officer, kind, "2027-03-02", **given)
    back.refresh_from_db()
    after = held(appointment)
    assert back.balance_krw == 45_000_000, "what was given back stays the lab's"
    assert (after[2026, "salary"], after[2026, "research_fund"]) == (0, 0)
    assert after[2027, "salary"] - before[2027, "salary"] == salary
    assert after[2027, "research_fund"] - before[2027, "research_fund"] == research_fund, "what was carried stays hers"


def test_who_leaves_early_keeps_what_was_carried_and_gives_back_what_is_of_later_days(
    appointment: Any, officer: Any, second_officer: Any, finance_officer: Any
) -> None:
    settle(2026, finance_officer)
    approved = changed(appointment, officer, second_officer, "end_early", "2027-03-02", until_on=date(2027, 3, 31))
    assert held(appointment)[2027, "research_fund"] == 30_000_000 + 15_000_000
    assert approved.facts["released_krw"] == 15_000_000 + 3 * MONTH


def test_carrying_over_follows_the_term_as_it_stands(
    appointment: Any, call_lab: Any, officer: Any, second_officer: Any, finance_officer: Any
) -> None:
    for year in (2027, 2028):
        fund(call_lab.lab, year, 150_000_000)
    changed(appointment, officer, second_officer, "extension", "2026-09-10", until_on=date(2028, 6, 30))
    later = Account.objects.get(kind="committed", purpose=Purpose.RESEARCH_FUND, fiscal_year=2027)
    movements.carry_commitment(later, by=finance_officer)
    assert held(appointment)[2028, "research_fund"] == 30_000_000 + 60_000_000
    changed(appointment, officer, second_officer, "end_early", "2026-09-11", until_on=date(2026, 12, 31))
    sooner = Account.objects.get(kind="committed", purpose=Purpose.RESEARCH_FUND, fiscal_year=2026)
    with pytest.raises(MovementRefused, match="released"):
        movements.carry_commitment(sooner, by=finance_officer)


def test_what_is_kept_next_year_leaves_this_year_its_pay(
    appointment: Any, fellow: Any, second_officer: Any, paid: Any
) -> None:
    paid(*months(1, 5))
    leave = {"from_on": date(2026, 10, 1), "until_on": date(2026, 11, 30)}
    approved = changed(appointment, fellow, second_officer, "leave", "2026-12-01", **leave)
    assert approved.facts["owed_krw"] == 0
    assert [amount for _month, amount in approved.facts["recoveries"]] == [MONTH // 2] * 4
    assert held(appointment)[2026, "salary"] == MONTH // 2, "December is paid by half"
    paid(*months(6, 9))
    assert total(AccountKind.SPENT, Purpose.SALARY) == MONTH * (9 - 2)
    assert held(appointment)[2026, "salary"] == 0


def test_what_was_to_be_kept_after_the_end_is_kept_before_it_or_owed(
    appointment: Any, fellow: Any, officer: Any, second_officer: Any, paid: Any
) -> None:
    paid(*months(1, 3))
    changed(
        appointment, fellow, second_officer, "leave", "2026-10-01", from_on=date(2026, 8, 1), until_on=date(2026, 9, 30)
    )
    planned = appointment.adjustments.filter(withdrawn_at=None)
    assert planned.count() == 4
    approved = changed(appointment, officer, second_officer, "end_early", "2026-10-05", until_on=date(2026, 11, 15))
    assert list(planned.order_by("month").values_list("month", "amount_krw")) == [
        (date(2026, 10, 1), -MONTH // 2),
        (date(2026, 11, 1), -MONTH // 4),
    ]
    owed = 2 * MONTH - MONTH // 2 - MONTH // 4
    assert approved.facts["owed_krw"] == owed
    assert total(AccountKind.RECEIVABLE, Purpose.SALARY) == owed
    paid(*months(4, 5))
    worked = MONTH + MONTH + MONTH // 2
    assert total(AccountKind.SPENT, Purpose.SALARY) == worked
    assert held(appointment)[2026, "salary"] == 0


def test_leave_over_a_month_that_keeps_something_moves_it_on(
    appointment: Any, fellow: Any, second_officer: Any, paid: Any
) -> None:
    paid(*months(1, 3))
    leave = {"from_on": date(2026, 9, 1), "until_on": date(2026, 9, 30)}
    changed(appointment, fellow, second_officer, "leave", "2026-10-01", **leave)
    more = {"from_on": date(2026, 10, 1), "until_on": date(2026, 10, 31)}
    changed(appointment, fellow, second_officer, "leave", "2026-10-02", **more)
    kept = appointment.adjustments.filter(withdrawn_at=None).order_by("month").values_list("month", "amount_krw")
    assert list(kept) == [(date(2026, 11, 1), -MONTH // 2), (date(2026, 12, 1), -MONTH // 2)]
    paid(*months(4, 6))
    assert total(AccountKind.SPENT, Purpose.SALARY) == 4 * MONTH
    assert not appointment.pay_lines.filter(is_held=True).exists()


@pytest.mark.parametrize(("served", "until"), [(3, date(2026, 9, 15)), (12, date(2027, 6, 29))])
def test_severance_is_settled_by_an_end_after_the_last_slip(
    appointment: Any, officer: Any, second_officer: Any, finance_officer: Any, paid: Any, served: int, until: date
) -> None:
    paid(*months(1, served))
    changed(appointment, officer, second_officer, "end_early", f"{until:%Y-%m}-21", until_on=until)
    due = severance_krw(standing_of(appointment))
    assert due == 0, "under a year of service nothing is due"
    assert total(AccountKind.SEVERANCE) == 0
    assert total(AccountKind.EXPENSE, Purpose.SEVERANCE) == 0
    assert accrued_of(appointment) == 0
    with time_machine.travel("2027-07-10 12:00+09:00", tick=False):
        fellowships.keep_terms()
        assert not owed_at(finance_officer).exists()
        with pytest.raises(severances.SeveranceRefused, match="under a year"):
            severances.ask_severance(appointment, by=finance_officer, way="irp", tax_krw=0, basis="Paper")


def test_severance_of_a_held_last_slip_is_booked_as_it_is_due(
    appointment: Any, officer: Any, second_officer: Any, third_finance_officer: Any, paid: Any
) -> None:
    paid(*months(1, 2))
    paid(*months(3, 3), holds=True)
    changed(appointment, officer, second_officer, "end_early", "2026-10-02", until_on=date(2026, 9, 30))
    line = PayLine.objects.get(is_held=True)
    assert line.severance_krw == -2 * (MONTH // 12)
    assert total(AccountKind.SEVERANCE) == -2 * (MONTH // 12)
    payroll.release_held(line, by=third_finance_officer)
    assert total(AccountKind.SEVERANCE) == 0
    assert faults() == {}


def test_severance_follows_a_leave_after_the_last_slip(
    appointment: Any, fellow: Any, second_officer: Any, paid: Any
) -> None:
    paid(*months(1, 12))
    before = severance_krw(standing_of(appointment))
    assert (total(AccountKind.SEVERANCE), accrued_of(appointment)) == (-before, before)
    leave = {"from_on": date(2027, 6, 16), "until_on": date(2027, 6, 30)}
    changed(appointment, fellow, second_officer, "leave", "2027-06-22", **leave)
    due = severance_krw(standing_of(appointment))
    assert 0 < due < before
    assert (total(AccountKind.SEVERANCE), accrued_of(appointment)) == (-due, due)


def test_pay_that_came_back_is_not_paid_by_a_second_hint(
    appointment: Any, officers: tuple[Any, Any, Any], fourth_finance_officer: Any, paid: Any
) -> None:
    held_back, good = months(1, 1)[0], PayLine.objects.filter(is_held=False)
    paid(held_back)
    batch = good.get().payments.get().batch
    answers.record_answers(
        batch, [answers.Answer(batch.payments.get().reference, False, "closed")], by=fourth_finance_officer
    )
    assert payroll.pay_out(good.get().run_id) is None
    assert good.get().payments.count() == 1
