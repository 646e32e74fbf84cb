"""Pay of December that is held: no year closes over it, and it is paid from what was carried with it."""

from datetime import date
from typing import Any

import pytest
import time_machine
from django.db import IntegrityError, transaction

from fellowships.versions import Change
from funding import ledger
from funding.actions import answers, movements, payroll, years
from funding.models import Account, PayLine
from funding.queries.books import faults
from funding.queries.changes import preview_of
from funding.queries.payroll import released_without_payments
from funding.queries.years import open_matters
from funding.states import AccountKind, Purpose
from people.states import Role
from tests.factories import people
from tests.factories.funding import (
    BankDetailFactory,
    PayerAccountFactory,
    PayLineFactory,
    PayrollRunFactory,
    confirmed_rates,
)

DECEMBER = date(2026, 12, 1)


@pytest.fixture
def held(
    appointment: Any, institute: Any, finance_officer: Any, second_finance_officer: Any, third_finance_officer: Any
) -> PayLine:
    """The pay of December 2026, held in a payroll that was released; it is March 2027 now."""
    PayerAccountFactory(institute=institute)
    BankDetailFactory(user=appointment.fellow)
    confirmed_rates(finance_officer)
    run = payroll.prepare_payroll(institute, DECEMBER, by=finance_officer)
    payroll.hold_line(run.lines.get(), by=finance_officer, note="visa not yet there")
    payroll.approve_payroll(run, by=second_finance_officer)
    payroll.release_payroll(run, by=third_finance_officer)
    payroll.pay_out(run.pk)
    return PayLine.objects.get()


@pytest.fixture(autouse=True)
def spring() -> Any:
    with time_machine.travel("2027-03-02 12:00+09:00", tick=False):
        yield


def committed(year: int, purpose: str = Purpose.SALARY) -> Account:
    return Account.objects.get(kind=AccountKind.COMMITTED, purpose=purpose, fiscal_year=year)


def matters(year: int = 2026) -> set[str]:
    return {matter.words for matter in open_matters(year)}


def settle_the_rest(by: Any) -> None:
    """Everything of 2026 but the salary: the fund goes on, what labs, institute and programme have goes back."""
    movements.carry_commitment(committed(2026, Purpose.RESEARCH_FUND), by=by)
    kinds = (AccountKind.PROGRAMME, AccountKind.INSTITUTE, AccountKind.LAB)
    rows = Account.objects.filter(fiscal_year=2026, kind__in=kinds, balance_krw__gt=0)
    lines = [(row, -row.balance_krw) for row in rows]
    if lines:
        source = ledger.account(AccountKind.SOURCE, 2026)
        lines.append((source, -sum(amount for _row, amount in lines)))
        with transaction.atomic():
            ledger.post(ledger.Posting("rest", date(2026, 12, 31), "the rest", lines), by=by)


def test_no_year_closes_over_held_pay(held: PayLine) -> None:
    assert "pay that is held" in matters()
    assert "payrolls not paid" not in matters()
    assert not released_without_payments().exists()


def test_held_pay_is_not_given_back(held: PayLine, finance_officer: Any) -> None:
    movements.release_commitment(committed(2026), by=finance_officer)
    assert committed(2026).balance_krw == held.gross_krw
    with pytest.raises(movements.MovementRefused, match="held"):
        movements.release_commitment(committed(2026), by=finance_officer)


def test_year_closes_once_held_pay_is_carried_and_it_is_paid_from_there(
    held: PayLine,
    finance_officer: Any,
    second_finance_officer: Any,
    third_finance_officer: Any,
    fourth_finance_officer: Any,
) -> None:
    before = committed(2027).balance_krw
    movements.release_commitment(committed(2026), by=finance_officer)
    movements.carry_held(held, by=second_finance_officer)
    assert (committed(2026).balance_krw, committed(2027).balance_krw) == (0, before + held.gross_krw)
    settle_the_rest(finance_officer)
    assert matters() == set()
    change = years.ask_year(2026, by=finance_officer, to="closed", reason="over")
    assert years.confirm_year(change, by=people.holder(Role.MINISTRY)).state == "closed"
    assert "pay that is held" in matters(2027)
    held.refresh_from_db()
    batch = payroll.release_held(held, by=third_finance_officer)
    assert (batch.pay_on, batch.total_krw) == (date(2027, 3, 2), held.net_krw)
    assert committed(2027).balance_krw == before
    answer = answers.Answer(batch.payments.get().reference, True)
    answers.record_answers(batch, [answer], by=fourth_finance_officer)
    held.run.refresh_from_db()
    assert held.run.state == "paid"
    owed = Account.objects.filter(kind=AccountKind.PAYABLE, fiscal_year=2027)
    assert sum(row.balance_krw for row in owed) == 0
    assert faults() == {}


def test_carrying_a_whole_commitment_carries_the_held_pay_of_it(
    held: PayLine, finance_officer: Any, third_finance_officer: Any
) -> None:
    movements.carry_commitment(committed(2026), by=finance_officer)
    assert "pay that is held" not in matters()
    held.refresh_from_db()
    assert (held.books_year, held.fiscal_year) == (2027, 2027)
    before = committed(2027).balance_krw
    payroll.release_held(held, by=third_finance_officer)
    assert committed(2027).balance_krw == before - held.gross_krw


def test_held_pay_of_a_last_year_goes_on_alone(held: PayLine, finance_officer: Any, third_finance_officer: Any) -> None:
    type(held.appointment).objects.update(ends_on=date(2026, 12, 31))
    left = committed(2026)
    movements.carry_commitment(left, by=finance_officer)
    later = committed(2027)
    left.refresh_from_db()
    assert left.balance_krw > 0
    with pytest.raises(movements.MovementRefused, match="released"):
        movements.carry_commitment(left, by=finance_officer)
    movements.release_commitment(left, by=finance_officer)
    assert "pay that is held" not in matters()
    held.refresh_from_db()
    assert later.balance_krw >= held.gross_krw
    assert payroll.release_held(held, by=third_finance_officer).total_krw == held.net_krw


def test_what_is_carried_survives_a_change_of_the_term(held: PayLine, finance_officer: Any) -> None:
    movements.carry_held(held, by=finance_officer)
    months = [date(2026, number, 1) for number in range(7, 12)] + [date(2027, number, 1) for number in (1, 2)]
    for month in months:  # paid before, so that the held month and those to come are due
        run = PayrollRunFactory(institute=held.run.institute, month=month, state="paid")
        PayLineFactory(run=run, appointment=held.appointment, month=month, gross_krw=1, net_krw=1)
    change = Change("leave", from_on=date(2027, 4, 1), until_on=date(2027, 4, 30))
    moved = {move.fiscal_year: move for move in preview_of(held.appointment, change).moves}
    assert set(moved) == {2027}
    assert moved[2027].then_krw == 3 * 7_500_000 + held.gross_krw


def test_what_cannot_be_carried_is_said(held: PayLine, finance_officer: Any, third_finance_officer: Any) -> None:
    with time_machine.travel("2026-12-28 12:00+09:00", tick=False), pytest.raises(movements.MovementRefused):
        movements.carry_held(held, by=finance_officer)
    movements.carry_held(held, by=finance_officer)
    with pytest.raises(movements.MovementRefused, match="over"):
        movements.carry_held(held, by=finance_officer)
    payroll.release_held(held, by=third_finance_officer)
    with pytest.raises(movements.MovementRefused):
        movements.carry_held(held, by=finance_officer)
    with pytest.raises(IntegrityError), transaction.atomic():
        PayLine.objects.update(books_year=2026)


def test_page_offers_to_carry_what_is_held(
    held: PayLine, finance_officer: Any, other_finance_officer: Any, client_of: Any
) -> None:
    address = f"/payroll/{held.run.key}/hold/{held.key}/"
    assert "Carry into 2027" in client_of(finance_officer).get(address).content.decode()
    assert client_of(other_finance_officer).post(address, {"carry": "1"}).status_code == 404
    assert client_of(finance_officer).post(address, {"carry": "1"}).status_code == 302
    held.refresh_from_db()
    assert held.books_year == 2027
    assert "paid from what is committed for 2027" in client_of(finance_officer).get(address).content.decode()
