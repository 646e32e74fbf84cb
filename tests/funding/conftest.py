"""Two finance officers more, for the duties that three people cannot hold; a payroll that was released."""

from datetime import date
from typing import Any

import pytest

from funding.actions import payroll
from people.models import User
from people.states import Role
from tests.factories import people
from tests.factories.funding import BankDetailFactory, PayerAccountFactory, confirmed_rates

JULY = date(2026, 7, 1)


@pytest.fixture
def fourth_finance_officer(institute: Any) -> User:
    return people.holder(Role.FINANCE_OFFICER, institute.place, email="finance40@example.org")


@pytest.fixture
def fifth_finance_officer(institute: Any) -> User:
    return people.holder(Role.FINANCE_OFFICER, institute.place, email="finance50@example.org")


@pytest.fixture
def batch_at_the_bank(
    appointment: Any, institute: Any, finance_officer: Any, second_finance_officer: Any, third_finance_officer: Any
) -> Any:
    """A payroll of July, prepared, approved, released by three people, in a file for the bank."""
    PayerAccountFactory(institute=institute)
    BankDetailFactory(user=appointment.fellow)
    confirmed_rates(finance_officer)
    run = payroll.prepare_payroll(institute, JULY, by=finance_officer)
    payroll.approve_payroll(run, by=second_finance_officer)
    payroll.release_payroll(run, by=third_finance_officer)
    return payroll.pay_out(run.pk)
