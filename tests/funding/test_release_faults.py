"""A month's release that is killed between any two statements, and fifty processes that want the same thing."""

from datetime import date
from typing import Any

import pytest
from django.db import transaction

from funding import ledger
from funding.actions import answers, claims, payroll
from funding.models import Account, Claim, Entry, Line, Payment, PaymentBatch, PayrollRun
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
from tests.funding.killed import Act, at_once, is_killed_at

JULY = date(2026, 7, 1)
pytestmark = pytest.mark.django_db(transaction=True)


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


def killed_everywhere(act: Act) -> int:
    """Let `act` die at each of its places until it gets through; nothing half done is ever left. How often it died."""
    before, deaths = state(), 0
    while is_killed_at(deaths, act):
        assert faults() == {}
        if state() != before:
            # it died after its last commit: whole, and doing it again is the caller's
            return deaths + 1
        deaths += 1
    pytest.fail("no place to die lay after the commit")


def test_a_month_that_is_killed_anywhere_is_paid_once(officers: Any) -> None:
    appointment, (_, _, third, fourth, *_) = officers
    run = approved(appointment.institute, officers[1])

    def release() -> None:
        payroll.release_payroll(PayrollRun.objects.get(pk=run.pk), by=third)

    assert killed_everywhere(release) > 5
    assert PayrollRun.objects.get().state == PayrollState.RELEASED
    assert payroll.sweep() == 1
    assert killed_everywhere(lambda: payroll.pay_out(run.pk)) > 15
    batch = PaymentBatch.objects.get()
    with transaction.atomic():
        assert payroll.pay_out(run.pk) is None
    assert payroll.sweep() == 0

    def answer() -> None:
        paid = answers.Answer(Payment.objects.get().reference, True)
        answers.record_answers(PaymentBatch.objects.get(pk=batch.pk), [paid], by=fourth)

    assert killed_everywhere(answer) > 10
    answer()
    assert Payment.objects.get().state == "paid"
    assert Entry.objects.filter(event__startswith="pay:").count() == 1
    assert faults() == {}


def test_a_claim_whose_release_is_killed_anywhere_is_paid_once(officers: Any) -> None:
    appointment, (_, second, third, *_) = officers
    with transaction.atomic():
        claims.approve_claim(ClaimFactory(appointment=appointment, fiscal_year=2026), by=second)

    def release() -> None:
        claims.release_claims(appointment.institute, by=third)

    assert killed_everywhere(release) > 10
    with pytest.raises(claims.NothingToPay), transaction.atomic():
        release()
    assert Payment.objects.count() == PaymentBatch.objects.count() == 1
    assert faults() == {}


def test_fifty_processes_spend_what_is_there_and_no_more(officers: Any) -> None:
    with transaction.atomic():
        lab = LabFactory(code="TWENTY")
        fund(lab, 2026, 20)
    held = ledger.account(AccountKind.LAB, 2026, lab=lab)
    other = ledger.account(AccountKind.INSTITUTE, 2026, institute=lab.institute)

    def spend(place: int) -> Act:
        def act() -> None:
            with transaction.atomic():
                ledger.post(ledger.Posting(f"spend:{place}", JULY, "one won", [(held, -1), (other, 1)]), by=None)

        return act

    assert at_once([spend(place) for place in range(50)]) == {"done": 20, "refused": 30}
    assert Account.objects.get(pk=held.pk).balance_krw == 0
    assert faults() == {}


def test_fifty_processes_approve_claims_as_far_as_a_fund_reaches(officers: Any) -> None:
    appointment, made = officers
    free = Account.objects.get(kind="committed", purpose="research_fund", offer=appointment.offer, fiscal_year=2026)
    each = free.balance_krw // 20
    with transaction.atomic():
        category = ClaimCategoryFactory(limit_krw=10**9)
        rows = [
            ClaimFactory(appointment=appointment, fiscal_year=2026, category=category, amount_krw=each)
            for _ in range(50)
        ]

    def approve(place: int) -> Act:
        return lambda: claims.approve_claim(Claim.objects.get(pk=rows[place].pk), by=made[place])

    assert at_once([approve(place) for place in range(50)]) == {"done": 20, "refused": 30}
    assert 0 <= Account.objects.get(pk=free.pk).balance_krw < each
    assert faults() == {}


def test_fifty_processes_release_one_run_and_approve_one_claim_once(officers: Any) -> None:
    appointment, made = officers
    run = approved(appointment.institute, made)
    with transaction.atomic():
        claim = ClaimFactory(appointment=appointment, fiscal_year=2026)

    def release(place: int) -> Act:
        return lambda: payroll.release_payroll(PayrollRun.objects.get(pk=run.pk), by=made[place])

    def approve(place: int) -> Act:
        return lambda: claims.approve_claim(Claim.objects.get(pk=claim.pk), by=made[place])

    assert at_once([release(place) for place in range(50)]) == {"done": 1, "refused": 49}
    assert at_once([lambda: payroll.pay_out(run.pk)] * 50)["done"] == 50
    assert Payment.objects.count() == PaymentBatch.objects.count() == 1
    assert at_once([approve(place) for place in range(50)]) == {"done": 1, "refused": 49}
    assert Line.objects.filter(entry__event=f"claim:{claim.pk}", account__kind=AccountKind.SPENT).count() == 1
    assert faults() == {}
