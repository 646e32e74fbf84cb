"""Two finance officers more for five duties, a payroll that was released, a place of the match, an offer."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.utils import timezone

from applications.states import ApplicationState
from fellowships.actions import Terms
from funding.actions import payroll
from matching.states import RunState
from people.models import User
from people.states import Role
from tests.factories import people
from tests.factories.fellowships import OfferFactory
from tests.factories.funding import BankDetailFactory, PayerAccountFactory, confirmed_rates
from tests.factories.matching import MatchResultFactory, MatchRunFactory

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


@pytest.fixture
def placed(application: Any, call_lab: Any, officer: Any, second_officer: Any) -> Any:
    """The applicant's result in a published run: placed in the lab."""
    application.state = ApplicationState.ELIGIBLE
    application.save()
    run = MatchRunFactory(
        call=application.call,
        state=RunState.PUBLISHED,
        outcome="{}",
        requested_by=officer,
        confirmed_by=second_officer,
        confirmed_at=timezone.now(),
    )
    return MatchResultFactory(run=run, application=application, call_lab=call_lab, choice=1)


@pytest.fixture
def terms() -> Terms:
    return Terms(90_000_000, 60_000_000, date(2027, 1, 1), date(2027, 12, 31), timezone.now() + timedelta(days=14))


@pytest.fixture
def sent(application: Any, call_lab: Any, officer: Any) -> Any:
    return OfferFactory(application=application, call_lab=call_lab, sent_by=officer)
