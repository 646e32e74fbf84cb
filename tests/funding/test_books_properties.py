"""Any sequence of allowed actions keeps the books: balanced, never overdrawn, every figure the sum of its lines."""

from datetime import date
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.models import Count, Sum
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from common.refusals import Refusal
from funding.actions import answers, budget, claims, movements, payments, payroll
from funding.actions.movements import Wish
from funding.models import Account, Agreement, Appropriation, Claim, Movement, PayLine, Payment, PayrollRun
from funding.queries.books import faults
from funding.states import GUARDED, MovementState
from people.states import Role
from tests.factories import people
from tests.factories.funding import (
    BankDetailFactory,
    ClaimFactory,
    PayerAccountFactory,
    confirmed_rates,
    confirmed_rules,
)
from tests.factories.labs import LabFactory

STEPS = (
    "appropriate", "agree", "allot", "transfer", "take_back", "give_back", "carry_over", "approve", "claim",
    "approve_claim", "part", "release", "paid", "returned", "again", "carry_position", "carry_fund", "release_fund",
    "prepare", "hold", "approve_payroll", "release_payroll", "pay_out", "release_held",
)  # fmt: skip


class Programme:
    """A small programme on which any of the steps may be tried; what is refused changes nothing."""

    def __init__(self, appointment: Any, lab: Any, other_lab: Any, officers: list[Any], ministry: Any) -> None:
        self.appointment, self.labs, self.ministry = appointment, (lab, other_lab), ministry
        self.asks, self.approves, self.releases, self.reconciles = officers
        self.institute = lab.institute

    def step(self, name: str, amount: int) -> None:
        getattr(self, name)(amount)

    def appropriate(self, amount: int) -> None:
        budget.appropriate(f"S{Appropriation.objects.count()}", 2026, amount, by=self.ministry)

    def agree(self, amount: int) -> None:
        if given := Appropriation.objects.last():
            budget.agree(given, self.institute, amount, by=self.ministry, by_tranches=amount % 2 == 0)

    def allot(self, amount: int) -> None:
        if agreed := Agreement.objects.last():
            budget.allot(agreed, self.labs[amount % 2], amount, by=self.asks)

    def _ask(self, kind: str, amount: int, **ends: Any) -> None:
        movements.ask_movement(self.institute, Wish(kind, 2026, amount, "x", **ends), by=self.asks)

    def transfer(self, amount: int) -> None:
        self._ask("transfer", amount, from_lab=self.labs[amount % 2], to_lab=self.labs[1 - amount % 2])

    def take_back(self, amount: int) -> None:
        self._ask("take_back", amount, from_lab=self.labs[amount % 2])

    def carry_over(self, amount: int) -> None:
        self._ask("carry_over", amount, from_lab=self.labs[amount % 2])

    def give_back(self, amount: int) -> None:
        self._ask("give_back", amount)

    def approve(self, amount: int) -> None:
        if waiting := Movement.objects.filter(state=MovementState.ASKED).first():
            movements.approve_movement(waiting, by=self.ministry)

    def claim(self, amount: int) -> None:
        ClaimFactory(appointment=self.appointment, amount_krw=amount * 100)

    def approve_claim(self, amount: int) -> None:
        if waiting := Claim.objects.filter(state="submitted").first():
            claims.approve_claim(waiting, by=self.approves)

    def part(self, amount: int) -> None:
        if waiting := Claim.objects.filter(state="submitted").first():
            claims.approve_claim(waiting, by=self.approves, amount_krw=amount, reason="less")

    def release(self, amount: int) -> None:
        claims.release_claims(self.institute, by=self.releases)

    def _bank(self, is_paid: bool) -> None:
        if waiting := Payment.objects.filter(state="pending").first():
            answers.record_answers(
                waiting.batch, [answers.Answer(waiting.reference, is_paid, "closed")], by=self.reconciles
            )

    def paid(self, amount: int) -> None:
        self._bank(True)

    def returned(self, amount: int) -> None:
        self._bank(False)

    def again(self, amount: int) -> None:
        if back := Payment.objects.filter(state="returned", replaced_by=None).first():
            payments.pay_again(back, by=self.releases, why="Open again")

    def _run(self, state: str) -> Any:
        return PayrollRun.objects.filter(state=state).order_by("month").first()

    def prepare(self, amount: int) -> None:
        payroll.prepare_payroll(self.institute, date(2026, 7 + amount % 3, 1), by=self.asks)

    def hold(self, amount: int) -> None:
        if line := PayLine.objects.filter(is_held=False).order_by("-pk").first():
            payroll.hold_line(line, by=self.approves, note="later")

    def approve_payroll(self, amount: int) -> None:
        if run := self._run("preview"):
            payroll.approve_payroll(run, by=self.approves)

    def release_payroll(self, amount: int) -> None:
        if run := self._run("approved"):
            payroll.release_payroll(run, by=self.releases)

    def pay_out(self, amount: int) -> None:
        if run := self._run("released"):
            payroll.pay_out(run.pk)

    def release_held(self, amount: int) -> None:
        if line := PayLine.objects.filter(is_held=True).first():
            payroll.release_held(line, by=self.releases)

    def carry_position(self, amount: int) -> None:
        movements.carry_position(self.institute, 2026, by=self.asks)

    def _fund(self) -> Account | None:
        return Account.objects.filter(kind="committed", purpose="research_fund", balance_krw__gt=0).first()

    def carry_fund(self, amount: int) -> None:
        if held := self._fund():
            movements.carry_commitment(held, by=self.asks)

    def release_fund(self, amount: int) -> None:
        if held := self._fund():
            movements.release_commitment(held, by=self.asks)


def _check_books() -> None:
    """What holds after every step; the deferred constraints are asked at once."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")
    assert faults() == {}
    years = Account.objects.values_list("fiscal_year").annotate(sum=Sum("balance_krw"))
    assert {total for _, total in years} <= {0}
    assert not Account.objects.filter(kind__in=GUARDED, balance_krw__lt=0).exists()
    twice = Payment.objects.exclude(state="returned").values("pay_line", "claim").annotate(number=Count("pk"))
    assert not twice.filter(number__gt=1).exists()


@pytest.mark.django_db
@given(st.lists(st.tuples(st.sampled_from(STEPS), st.integers(1, 5_000)), min_size=10, max_size=60))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_sequence_of_allowed_actions_keeps_the_books(
    appointment: Any, institute: Any, lab: Any, steps: list[tuple[str, int]]
) -> None:
    with transaction.atomic():
        PayerAccountFactory(institute=institute)
        BankDetailFactory(user=appointment.fellow)
        confirmed_rules()
        confirmed_rates(people.UserFactory())
        officers = [people.holder(Role.FINANCE_OFFICER, institute.place) for _ in range(4)]
        other = LabFactory(code="SECOND", institute=institute)
        world = Programme(appointment, lab, other, officers, people.holder(Role.MINISTRY))
        for name, amount in steps:
            try:
                with transaction.atomic():
                    world.step(name, amount)
            except Refusal:
                continue
            _check_books()
        transaction.set_rollback(True)
