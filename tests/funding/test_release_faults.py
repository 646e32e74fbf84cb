"""A month's release that is killed between any two statements, and fifty processes that want the same thing."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction

from funding import ledger
from funding.actions import claims, payroll
from funding.models import Account, Entry, Line, Payment, PaymentBatch, PayrollRun
from funding.queries.books import faults
from funding.states import AccountKind, PayrollState
from people.states import Role
from tests.factories import people
from tests.factories.applications import CallLabFactory
from tests.factories.fellowships import AppointmentFactory, fund
from tests.factories.funding import (
    BankDetailFactory,
    ClaimCategoryFactory,
    ClaimFactory,
    PayerAccountFactory,
    confirmed_rates,
)
from tests.factories.labs import LabFactory
from tests.funding.killed import Act, Forks

JULY = date(2026, 7, 1)
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def forks(tmp_path: Path) -> Iterator[Forks]:
    with Forks(tmp_path) as running:
        yield running


@pytest.fixture
def officers() -> Any:
    """An appointment that is paid, and as many officers of its institute as one asks for."""
    with transaction.atomic():
        lab = LabFactory()
        fund(lab, 2026, 1_000_000_000)
        appointment = AppointmentFactory(offer__call_lab=CallLabFactory(lab=lab))
        PayerAccountFactory(institute=lab.institute)
        BankDetailFactory(user=appointment.fellow)
        made = [people.holder(Role.FINANCE_OFFICER, lab.institute.place) for _ in range(50)]
        confirmed_rates(made[0])
    return appointment, made


def approved(institute: Any, officers: list[Any]) -> PayrollRun:
    with transaction.atomic():
        run = payroll.prepare_payroll(institute, JULY, by=officers[0])
        return payroll.approve_payroll(run, by=officers[1])


def state() -> tuple[Any, ...]:
    """What a release writes, as far as doing it once or twice can be told from it."""
    runs = tuple(PayrollRun.objects.order_by("pk").values_list("pk", "state"))
    payments = tuple(Payment.objects.order_by("pk").values_list("pk", "state"))
    return runs, payments, PaymentBatch.objects.count(), Entry.objects.count(), Line.objects.count()


def killed_everywhere(forks: Forks, act: Act) -> int:
    """Let `act` die at each of its places until it gets through; nothing half done is ever left. How often it died."""
    before, deaths = state(), 0
    while forks.is_killed_at(deaths, act):
        assert faults() == {}
        if state() != before:
            # it died after its last commit: whole, and doing it again is the caller's
            return deaths + 1
        deaths += 1
    pytest.fail("no place to die lay after the commit")


def test_a_month_that_is_killed_anywhere_is_paid_once(officers: Any, forks: Forks) -> None:
    appointment, (_, _, third, fourth, *_) = officers
    run = approved(appointment.institute, officers[1])
    assert killed_everywhere(forks, ("release_run", {"run": run.pk, "by": third.pk})) > 5
    assert PayrollRun.objects.get().state == PayrollState.RELEASED
    assert payroll.sweep() == 1
    assert killed_everywhere(forks, ("pay_out", {"run": run.pk})) > 15
    batch = PaymentBatch.objects.get()
    with transaction.atomic():
        assert payroll.pay_out(run.pk) is None
    assert payroll.sweep() == 0
    answer: Act = ("answer_paid", {"batch": batch.pk, "by": fourth.pk})
    assert killed_everywhere(forks, answer) > 10
    assert forks.at_once([answer]) == {"done": 1, "refused": 0}
    assert Payment.objects.get().state == "paid"
    assert Entry.objects.filter(event__startswith="pay:").count() == 1
    assert faults() == {}


def test_a_claim_whose_release_is_killed_anywhere_is_paid_once(officers: Any, forks: Forks) -> None:
    appointment, (_, second, third, *_) = officers
    with transaction.atomic():
        claims.approve_claim(ClaimFactory(appointment=appointment, fiscal_year=2026), by=second)
    release: Act = ("release_claims", {"institute": appointment.institute.pk, "by": third.pk})
    assert killed_everywhere(forks, release) > 10
    with pytest.raises(claims.NothingToPay), transaction.atomic():
        claims.release_claims(appointment.institute, by=third)
    assert Payment.objects.count() == PaymentBatch.objects.count() == 1
    assert faults() == {}


def test_fifty_processes_spend_what_is_there_and_no_more(officers: Any, forks: Forks) -> None:
    with transaction.atomic():
        lab = LabFactory(code="TWENTY")
        fund(lab, 2026, 20)
    held = ledger.account(AccountKind.LAB, 2026, lab=lab)
    other = ledger.account(AccountKind.INSTITUTE, 2026, institute=lab.institute)
    spends = [("spend", {"place": place, "held": held.pk, "other": other.pk}) for place in range(50)]
    assert forks.at_once(spends) == {"done": 20, "refused": 30}
    assert Account.objects.get(pk=held.pk).balance_krw == 0
    assert faults() == {}


def test_fifty_processes_approve_claims_as_far_as_a_fund_reaches(officers: Any, forks: Forks) -> None:
    appointment, made = officers
    free = Account.objects.get(kind="committed", purpose="research_fund", offer=appointment.offer, fiscal_year=2026)
    each = free.balance_krw // 20
    with transaction.atomic():
        category = ClaimCategoryFactory(limit_krw=10**9)
        rows = [
            ClaimFactory(appointment=appointment, fiscal_year=2026, category=category, amount_krw=each)
            for _ in range(50)
        ]
    approvals = [("approve_claim", {"claim": row.pk, "by": by.pk}) for row, by in zip(rows, made, strict=True)]
    assert forks.at_once(approvals) == {"done": 20, "refused": 30}
    assert 0 <= Account.objects.get(pk=free.pk).balance_krw < each
    assert faults() == {}


def test_fifty_processes_release_one_run_and_approve_one_claim_once(officers: Any, forks: Forks) -> None:
    appointment, made = officers
    run = approved(appointment.institute, made)
    with transaction.atomic():
        claim = ClaimFactory(appointment=appointment, fiscal_year=2026)
    releases = [("release_run", {"run": run.pk, "by": by.pk}) for by in made]
    approvals = [("approve_claim", {"claim": claim.pk, "by": by.pk}) for by in made]
    assert forks.at_once(releases) == {"done": 1, "refused": 49}
    assert forks.at_once([("pay_out", {"run": run.pk})] * 50)["done"] == 50
    assert Payment.objects.count() == PaymentBatch.objects.count() == 1
    assert forks.at_once(approvals) == {"done": 1, "refused": 49}
    assert Line.objects.filter(entry__event=f"claim:{claim.pk}", account__kind=AccountKind.SPENT).count() == 1
    assert faults() == {}
