"""A month without pay is booked too: what the slips, the books and the payout say of severance is one sum."""

from calendar import monthrange
from datetime import date
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fellowships.models import Amendment, Appointment
from fellowships.queries.changes import standing_of
from funding.actions import payroll
from funding.models import Account, Entry, PayLine
from funding.queries.books import faults
from funding.queries.payroll import released_without_payments
from funding.queries.severance import accrued_of
from funding.states import AccountKind, PayrollState
from funding.terms import severance_krw
from tests.factories.funding import BankDetailFactory, PayerAccountFactory, confirmed_rates

MONTHS = tuple(date(2026, month, 1) for month in (7, 8, 9))
# the days of a month for which nothing is paid
NONE, WHOLE, FIRST_TEN, LAST_DAY = (0, 0), (1, 31), (1, 10), (28, 31)


@pytest.fixture
def ready(appointment: Any, institute: Any, finance_officer: Any) -> Any:
    PayerAccountFactory(institute=institute)
    BankDetailFactory(user=appointment.fellow)
    confirmed_rates(finance_officer)
    Appointment.objects.filter(pk=appointment.pk).update(starts_on=date(2025, 7, 1), ends_on=date(2026, 9, 30))
    return Appointment.objects.get(pk=appointment.pk)


def away(appointment: Any, month: date, days: tuple[int, int], asked_by: Any, decided_by: Any) -> None:
    last = monthrange(month.year, month.month)[1]
    if days != NONE:
        Amendment.objects.create(
            appointment=appointment,
            kind="leave",
            from_on=month.replace(day=days[0]),
            until_on=month.replace(day=min(days[1], last)),
            reason="a test",
            state="approved",
            version=Amendment.objects.count() + 2,
            asked_by=asked_by,
            decided_by=decided_by,
        )


def released(institute: Any, month: date, people: list[Any], *, is_held: bool = False) -> Any:
    run = payroll.prepare_payroll(institute, month, by=people[0])
    if is_held:
        payroll.hold_line(run.lines.get(), by=people[0], note="a test")
    payroll.approve_payroll(run, by=people[1])
    payroll.release_payroll(run, by=people[2])
    payroll.pay_out(run.pk)
    run.refresh_from_db()
    return run


@pytest.mark.django_db
@given(st.tuples(*[st.sampled_from((NONE, WHOLE, FIRST_TEN, LAST_DAY))] * 3), st.sampled_from((None, 0, 1)))
@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_slips_books_and_payout_agree(
    ready: Any,
    institute: Any,
    finance_officer: Any,
    second_finance_officer: Any,
    third_finance_officer: Any,
    leaves: tuple[tuple[int, int], ...],
    held: int | None,
) -> None:
    three = [finance_officer, second_finance_officer, third_finance_officer]
    with transaction.atomic():
        for month, days in zip(MONTHS, leaves, strict=True):
            away(ready, month, days, ready.fellow, finance_officer)
        for number, month in enumerate(MONTHS):
            released(institute, month, three, is_held=number == held)
        for line in PayLine.objects.filter(is_held=True):
            assert accrued_of(ready) == 0
            payroll.release_held(line, by=third_finance_officer)
        slips = sum(PayLine.objects.values_list("severance_krw", flat=True))
        owed = sum(row.balance_krw for row in Account.objects.filter(kind=AccountKind.SEVERANCE))
        assert slips == -owed == accrued_of(ready) == severance_krw(standing_of(ready))
        assert Entry.objects.filter(event__startswith="pay:").count() == len(MONTHS)
        assert faults() == {}
        transaction.set_rollback(True)


def test_payroll_of_nothing_but_unpaid_leave_is_settled_at_once(
    ready: Any, institute: Any, finance_officer: Any, second_finance_officer: Any, third_finance_officer: Any
) -> None:
    away(ready, MONTHS[0], WHOLE, ready.fellow, finance_officer)
    run = released(institute, MONTHS[0], [finance_officer, second_finance_officer, third_finance_officer])
    assert run.state == PayrollState.PAID
    assert Entry.objects.filter(event=f"pay:{ready.pk}:2026-07").count() == 1
    assert not released_without_payments().exists()
