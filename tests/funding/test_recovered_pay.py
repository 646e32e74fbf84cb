"""Pay beyond what is due: kept from later pay, or owed and paid back, each won once."""

from datetime import date
from typing import Any

import pytest
import time_machine
from django.db.models import Sum

from fellowships.queries.changes import change_of
from funding.actions import answers, payroll
from funding.actions import appointments as actions
from funding.bankanswers import read
from funding.models import Account, BankLine, PayLine
from funding.queries.books import faults
from funding.queries.changes import MonthMoved, preview_of
from funding.terms import spread_recovery
from tests.factories.funding import BankDetailFactory, PayerAccountFactory, confirmed_rates
from tests.funding.bank_files import camt053
from tests.funding.test_appointments import TODAY, ask


@pytest.fixture(autouse=True)
def _in_september() -> Any:
    with time_machine.travel(TODAY):
        yield


def total(kind: str, *purpose: str) -> int:
    """The balance of all accounts of a kind, in won."""
    rows = Account.objects.filter(kind=kind, **({"purpose": purpose[0]} if purpose else {}))
    return int(rows.aggregate(sum=Sum("balance_krw", default=0))["sum"])


def test_what_was_paid_beyond_is_kept_from_later_pay(
    appointment: Any, fellow: Any, officer: Any, second_officer: Any, finance_officer: Any
) -> None:
    confirmed_rates(finance_officer)
    run = payroll.prepare_payroll(appointment.institute, date(2026, 9, 1), by=finance_officer)
    type(run).objects.filter(pk=run.pk).update(state="released")
    change = ask(appointment, fellow, "leave", from_on=date(2026, 9, 1), until_on=date(2026, 10, 15))
    approved = actions.approve_change(change, by=second_officer)
    october = 7_500_000 - 7_500_000 * 15 // 31
    assert not appointment.adjustments.filter(reason__contains=change.reason).exists()
    kept = list(appointment.adjustments.order_by("month").values_list("month", "code", "amount_krw"))
    assert kept[0] == (date(2026, 10, 1), "recovery", -(october // 2))
    assert kept[1] == (date(2026, 11, 1), "recovery", -3_750_000)
    assert sum(amount for *_rest, amount in kept) == -7_500_000
    assert (approved.facts["owed_krw"], approved.facts["recoveries"][0][1]) == (0, october // 2)
    payroll.prepare_payroll(appointment.institute, date(2026, 10, 1), by=finance_officer)
    assert PayLine.objects.get(month=date(2026, 10, 1)).gross_krw == october - october // 2
    assert not faults()


@pytest.mark.parametrize(("was", "then", "booked", "recovered"), [(75, 0, 75, 75), (45, 40, 75, 5), (40, 45, 75, 0)])
def test_a_won_is_recovered_once(was: int, then: int, booked: int, recovered: int) -> None:
    assert MonthMoved(date(2026, 9, 1), was, then, booked).recovered_krw == recovered


@pytest.mark.parametrize("day", ["2026-10-05", "2027-01-08"])
def test_who_leaves_after_her_last_pay_pays_back(
    appointment: Any, officer: Any, second_officer: Any, finance_officer: Any, second_finance_officer: Any,
    third_finance_officer: Any, call_lab: Any, day: str,
) -> None:  # fmt: skip
    confirmed_rates(finance_officer)
    PayerAccountFactory(institute=appointment.institute)
    BankDetailFactory(user=appointment.fellow)
    run = payroll.prepare_payroll(appointment.institute, date(2026, 9, 1), by=finance_officer)
    payroll.approve_payroll(run, by=second_finance_officer)
    payroll.release_payroll(run, by=third_finance_officer)
    payroll.pay_out(run.pk)
    free = total("lab")
    change = ask(appointment, officer, "end_early", until_on=date(2026, 9, 15))
    shown = dict(preview_of(appointment, change_of(change)).entries)
    before = dict(Account.objects.values_list("code", "balance_krw"))
    approved = actions.approve_change(change, by=second_officer)
    after = Account.objects.values_list("code", "balance_krw")
    assert {code: now - before.get(code, 0) for code, now in after if now != before.get(code, 0)} == shown
    assert not appointment.adjustments.exists()
    assert (approved.facts["recovered_krw"], approved.facts["owed_krw"]) == (3_750_000, 3_750_000)
    assert (total("receivable"), total("spent"), total("expense", "salary")) == (3_750_000, 3_750_000, 3_750_000)
    assert total("lab") - free == approved.facts["released_krw"] + 3_750_000
    bank = total("bank")
    for amount, number in ((3_750_001, "M8"), (3_750_000, "M9")):
        statement = camt053([("", amount, "pay back")], message=number).replace("2026-07-24", day)
        answers.enter_statement(appointment.institute, read(statement.encode()), by=finance_officer)
    more, line = BankLine.objects.order_by("pk")
    with pytest.raises(answers.AnswerRefused, match="That is more than is owed: ₩3,750,000"):
        answers.settle_line(more, by=finance_officer, purpose="salary", note="too much")
    answers.settle_line(line, by=finance_officer, purpose="salary", note="half of September")
    answers.confirm_line(line, by=second_finance_officer)
    assert (total("receivable"), total("bank") - bank) == (0, 3_750_000)
    for year in (2026, 2027):
        assert sum(Account.objects.filter(fiscal_year=year).values_list("balance_krw", flat=True)) == 0
    assert not faults()


@pytest.mark.parametrize(
    ("owed", "months", "plan"),
    [
        (0, [10], []),
        (5, [10, 10], [5]),
        (6, [10, 10], [5, 1]),
        (100, [10, 0, 11], [5, 5]),
        (100, [], []),
        (3, [-4, 1, 6], [3]),
    ],
)
def test_at_most_half_of_a_month_is_kept(owed: int, months: list[int], plan: list[int]) -> None:
    given = [(date(2026, number, 1), gross) for number, gross in enumerate(months, 1)]
    assert [amount for _month, amount in spread_recovery(owed, given)] == plan
