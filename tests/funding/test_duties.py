"""Asking, approving, releasing, reconciling, confirming bank details: five people on every path, whatever roles.

The paths are those by which the model of payments knows money to leave; a new one without a path here fails.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import combinations
from typing import Any

import pytest
import time_machine
from django.db import IntegrityError, transaction

from common.refusals import SamePersonTwice
from funding.actions import adjustments, answers, bank_details, claims, payments, payroll, severance
from funding.actions.payments import NothingToPay
from funding.models import BankDetail, MoneyRule, PayLine, Payment, PaymentBatch
from funding.states import Duty
from people.models import User
from people.states import Role
from tests.factories import people
from tests.factories.funding import (
    ClaimCategoryFactory,
    PayerAccountFactory,
    PayLineFactory,
    PayrollRunFactory,
    confirmed_rates,
    confirmed_rules,
)

PDF = b"%PDF-1.7 receipt"


@pytest.fixture(autouse=True)
def autumn() -> Any:
    with time_machine.travel("2026-10-01 12:00+09:00", tick=False):
        yield


@pytest.fixture
def cast(institute: Any) -> dict[str, User]:
    """For each duty somebody who holds every role that there is: no right stands above the rule."""
    made = {duty: people.holder(Role.FINANCE_OFFICER, institute.place) for duty in Duty.values}
    for user in made.values():
        for role in (Role.ADMIN, Role.MINISTRY, Role.AUDITOR):
            people.RoleGrantFactory(user=user, role=role, place=None)
    return made


def bank(appointment: Any, by: User) -> None:
    detail = bank_details.enter_bank_detail(
        appointment.fellow, by=appointment.fellow, holder="M", bank_code="004", number="1234567890"
    )
    bank_details.confirm_bank_detail(detail, by=by)


def answered(cast: dict[str, User], *, is_paid: bool = True) -> None:
    """The bank answers to the payment that waits."""
    payment = Payment.objects.get(state="pending")
    answer = answers.Answer(payment.reference, is_paid, "account closed")
    answers.record_answers(payment.batch, [answer], by=cast[Duty.RECONCILES])


def released(release: Callable[..., Any], institute: Any, cast: dict[str, User]) -> None:
    """Release; that nothing is left which she may release is a refusal of her."""
    try:
        release(institute, by=cast[Duty.RELEASES])
    except NothingToPay as nothing:
        raise SamePersonTwice from nothing


def approved_payroll(appointment: Any, cast: dict[str, User]) -> Any:
    bank(appointment, cast[Duty.BANK])
    run = payroll.prepare_payroll(appointment.institute, date(2026, 7, 1), by=cast[Duty.ASKS])
    return payroll.approve_payroll(run, by=cast[Duty.APPROVES])


def paid_out(run: Any) -> None:
    if payroll.pay_out(run.pk) is None:
        assert PayLine.objects.get().is_held
        raise SamePersonTwice


def whole_payroll(appointment: Any, cast: dict[str, User]) -> None:
    """Every duty of a payroll, one after the other, as `cast` says."""
    run = approved_payroll(appointment, cast)
    payroll.release_payroll(run, by=cast[Duty.RELEASES])
    paid_out(run)
    answered(cast)


def held_payroll(appointment: Any, cast: dict[str, User]) -> None:
    """Her pay is held, and later released alone by another than who released the payroll."""
    run = approved_payroll(appointment, cast)
    payroll.hold_line(PayLine.objects.get(), by=cast[Duty.APPROVES], note="Her account is not open yet")
    payroll.release_payroll(run, by=people.holder(Role.FINANCE_OFFICER, appointment.institute.place))
    assert payroll.pay_out(run.pk) is None
    assert payroll.release_held(PayLine.objects.get(), by=cast[Duty.RELEASES]) is not None
    answered(cast)


def adjusted_payroll(appointment: Any, cast: dict[str, User]) -> None:
    """Others prepare and approve the payroll; of the sum that she asks for on it, the duties are the same."""
    bank(appointment, cast[Duty.BANK])
    sums: dict[str, Any] = {"month": date(2026, 7, 1), "code": "arrears", "amount_krw": 100_000, "reason": "June"}
    entered = adjustments.enter_adjustment(appointment, by=cast[Duty.ASKS], **sums)
    adjustments.approve_adjustment(entered, by=cast[Duty.APPROVES])
    one, two = (people.holder(Role.FINANCE_OFFICER, appointment.institute.place) for _ in range(2))
    run = payroll.prepare_payroll(appointment.institute, date(2026, 7, 1), by=one)
    payroll.release_payroll(payroll.approve_payroll(run, by=two), by=cast[Duty.RELEASES])
    paid_out(run)
    answered(cast)


def returned_payroll(appointment: Any, cast: dict[str, User]) -> None:
    """The bank sends the payment back, and it is made again."""
    whole: dict[str, User] = {**cast, Duty.RECONCILES: people.UserFactory()}
    run = approved_payroll(appointment, whole)
    payroll.release_payroll(run, by=cast[Duty.RELEASES])
    paid_out(run)
    answered(whole, is_paid=False)
    payments.pay_again(Payment.objects.get(), by=cast[Duty.RELEASES], why="The bank erred")
    answered(cast)


def moved_payroll(appointment: Any, cast: dict[str, User]) -> None:
    """The bank sends the payment back, she names another account, and it is made again to that."""
    first: dict[str, User] = {**cast, Duty.RECONCILES: people.UserFactory(), Duty.BANK: people.UserFactory()}
    run = approved_payroll(appointment, first)
    payroll.release_payroll(run, by=cast[Duty.RELEASES])
    paid_out(run)
    answered(first, is_paid=False)
    bank(appointment, cast[Duty.BANK])
    with time_machine.travel("2026-10-10 12:00+09:00", tick=False):
        payments.pay_again(Payment.objects.get(), by=cast[Duty.RELEASES])
        answered(cast)


def whole_claim(appointment: Any, cast: dict[str, User], *, amount_krw: int = 500_000) -> None:
    """Every duty of a claim that an officer entered, one after the other."""
    bank(appointment, cast[Duty.BANK])
    draft = claims.Draft(ClaimCategoryFactory(), amount_krw, date(2026, 9, 1), "Sensors")
    receipt = claims.Receipt("r.pdf", PDF, "application/pdf")
    claim = claims.submit_claim(appointment, draft, [receipt], by=cast[Duty.ASKS])
    claims.approve_claim(claim, by=cast[Duty.APPROVES])
    if claim.state == "checked":
        second = people.holder(Role.FINANCE_OFFICER, appointment.institute.place)
        claims.approve_claim(claim, by=second)
    released(claims.release_claims, appointment.institute, cast)
    answered(cast)


def great_claim(appointment: Any, cast: dict[str, User]) -> None:
    """One above the limit of a single approval: who checked it holds the duty as who approved it does."""
    whole_claim(appointment, cast, amount_krw=3_000_001)


def whole_severance(appointment: Any, cast: dict[str, User]) -> None:
    """Every duty of a severance, one after the other, after a term whose last slip is booked."""
    bank(appointment, cast[Duty.BANK])
    run = PayrollRunFactory(institute=appointment.institute, month=appointment.ends_on.replace(day=1), state="paid")
    PayLineFactory(run=run, appointment=appointment, month=run.month, severance_krw=7_397_260)
    with time_machine.travel("2027-07-10 12:00+09:00", tick=False):
        asked = severance.ask_severance(
            appointment, by=cast[Duty.ASKS], way="irp", tax_krw=0, basis="Copy of the account"
        )
        severance.approve_severance(asked, by=cast[Duty.APPROVES])
        released(severance.release_severances, appointment.institute, cast)
        answered(cast)


def whole_test(appointment: Any, cast: dict[str, User]) -> None:
    """One won to a new account, answered by the bank, then confirmed: nobody asks for it and nobody approves it."""
    detail = bank_details.enter_bank_detail(
        appointment.fellow, by=appointment.fellow, holder="M", bank_code="004", number="1234567890"
    )
    payments.send_test_transfer(detail, appointment.institute, by=cast[Duty.RELEASES])
    answered(cast)
    bank_details.confirm_bank_detail(detail, by=cast[Duty.BANK])


@dataclass(frozen=True)
class Path:
    """A way by which money leaves: the field of the payment that says for what, the steps, the duties behind it."""

    source: str
    walk: Callable[..., None]
    duties: tuple[str, ...] = tuple(Duty.values)

    def __str__(self) -> str:
        return self.walk.__name__


PATHS = [
    Path("pay_line", whole_payroll),
    Path("pay_line", held_payroll),
    Path("pay_line", adjusted_payroll),
    Path("pay_line", returned_payroll),
    Path("pay_line", moved_payroll),
    Path("claim", whole_claim),
    Path("claim", great_claim),
    Path("severance", whole_severance),
    Path("tests", whole_test, (Duty.RELEASES, Duty.RECONCILES, Duty.BANK)),
]
DOUBLED = [(path, one, other) for path in PATHS for one, other in combinations(path.duties, 2)]


def test_every_way_by_which_money_leaves_has_a_path_here() -> None:
    """A payment is for one thing, which the constraint names; what it replaces is no thing of its own."""
    (rule,) = [each for each in Payment._meta.constraints if each.name == "payment_for_one_thing"]
    named = {"pay_line", "claim", "severance", "tests"}
    assert all(field in str(rule) for field in named)
    optional = {field.name for field in Payment._meta.fields if field.is_relation and field.null}
    assert optional - {"replaces"} == named == {path.source for path in PATHS}


@pytest.fixture
def ready(appointment: Any, institute: Any, cast: dict[str, User]) -> Any:
    PayerAccountFactory(institute=institute)
    confirmed_rates(people.UserFactory())
    confirmed_rules()
    return appointment


@pytest.mark.parametrize("path", PATHS, ids=str)
def test_five_people_pay(path: Path, ready: Any, cast: dict[str, User]) -> None:
    path.walk(ready, cast)
    assert Payment.objects.latest("pk").state == "paid"


@pytest.mark.parametrize(("path", "one", "other"), DOUBLED, ids=str)
def test_nobody_holds_two_duties(path: Path, one: str, other: str, ready: Any, cast: dict[str, User]) -> None:
    with pytest.raises(SamePersonTwice), transaction.atomic():
        path.walk(ready, {**cast, other: cast[one]})
    assert not Payment.objects.filter(state="paid").exists()


def test_the_database_refuses_too(batch_at_the_bank: Any, second_finance_officer: Any) -> None:
    detail = batch_at_the_bank.payments.get().bank_detail
    with pytest.raises(IntegrityError), transaction.atomic():
        PaymentBatch.objects.filter(pk=batch_at_the_bank.pk).update(confirmed_by=detail.confirmed_by)
    payment = batch_at_the_bank.payments.get()
    Payment.objects.filter(pk=payment.pk).update(state="returned")
    BankDetail.objects.filter(pk=detail.pk).update(confirmed_by=second_finance_officer)
    payment.pk, payment.key, payment.reference = None, "another00000", "another"
    with pytest.raises(IntegrityError), transaction.atomic():
        payment.save(force_insert=True)


def test_changed_account_is_used_after_its_cooling_off(appointment: Any, cast: dict[str, User], client_of: Any) -> None:
    confirmed_rules()
    fellow = appointment.fellow
    bank(appointment, cast[Duty.BANK])
    first = bank_details.current_details([fellow.pk])[fellow.pk]
    bank(appointment, cast[Duty.BANK])
    changed = BankDetail.objects.get(user=fellow, is_current=True)
    assert changed != first
    assert bank_details.current_details([fellow.pk]) == {fellow.pk: first}
    page = client_of(fellow).get("/bank/").content.decode()
    assert "not used yet" in page
    with time_machine.travel("2026-10-04 12:00+09:00", tick=False):
        assert bank_details.current_details([fellow.pk]) == {fellow.pk: changed}
    assert client_of(people.UserFactory()).post(f"/bank/{changed.pk}/stop/").status_code == 404
    assert client_of(fellow).post(f"/bank/{changed.pk}/stop/").status_code == 302
    with time_machine.travel("2026-10-04 12:00+09:00", tick=False):
        assert bank_details.current_details([fellow.pk]) == {fellow.pk: first}
    assert BankDetail.objects.get(user=fellow, is_current=True) == first
    with pytest.raises(bank_details.DetailStopped):
        bank_details.confirm_bank_detail(changed, by=cast[Duty.BANK])


def test_cooling_off_that_is_not_configured_refuses(appointment: Any, cast: dict[str, User]) -> None:
    with pytest.raises(bank_details.Refusal, match="not configured"):
        bank(appointment, cast[Duty.BANK])
    confirmed_rules(test_transfer_needed=1)
    with pytest.raises(bank_details.TestMissing):
        bank(appointment, cast[Duty.BANK])


def test_one_won_tests_an_account(ready: Any, institute: Any, cast: dict[str, User], client_of: Any) -> None:
    detail = bank_details.enter_bank_detail(
        ready.fellow, by=ready.fellow, holder="M", bank_code="004", number="1234567890"
    )
    assert client_of(cast[Duty.ASKS]).post(f"/bank/{detail.pk}/test/").status_code == 302
    assert client_of(cast[Duty.ASKS]).post(f"/bank/{detail.pk}/test/").status_code == 409
    detail.refresh_from_db()
    code = bank_details.decrypt(detail.test_code_sealed)
    batch = PaymentBatch.objects.get()
    assert (batch.total_krw, batch.purpose) == (1, "test")
    assert f"INNOCORE {code}" in bank_details.decrypt(batch.pain_xml_sealed)
    wrong = f"{(int(code) + 1) % 10_000:04d}"
    client = client_of(ready.fellow)
    assert client.get(f"/bank/{detail.pk}/answer/").status_code == 200
    assert client.post(f"/bank/{detail.pk}/answer/", {"code": wrong}).status_code == 409
    detail.refresh_from_db()
    assert detail.test_tries == 1
    assert client.post(f"/bank/{detail.pk}/answer/", {"code": code}).status_code == 302
    detail.refresh_from_db()
    assert detail.tested_at is not None
    with pytest.raises(SamePersonTwice):
        bank_details.confirm_bank_detail(detail, by=cast[Duty.ASKS])
    assert bank_details.confirm_bank_detail(detail, by=cast[Duty.BANK]).is_current


def test_three_wrong_numbers_spend_the_test(ready: Any, institute: Any, cast: dict[str, User]) -> None:
    detail = bank_details.enter_bank_detail(
        ready.fellow, by=ready.fellow, holder="M", bank_code="004", number="1234567890"
    )
    BankDetail.objects.filter(pk=detail.pk).update(test_code_sealed=bank_details.encrypt("1234"))
    for _try in range(3):
        with pytest.raises(bank_details.WrongCode):
            bank_details.answer_test_transfer(detail, by=ready.fellow, code="0000")
    with pytest.raises(bank_details.DetailStopped):
        bank_details.answer_test_transfer(detail, by=ready.fellow, code="1234")


def test_rules_of_money_need_two_people(client_of: Any, cast: dict[str, User], stranger: Any) -> None:
    address = "/money/rules/"
    one, two = cast[Duty.ASKS], cast[Duty.BANK]
    form = {"code": "cooling_off_change_days", "value": 5, "from_on": "2026-10-02", "source": "Notice 1"}
    assert client_of(stranger).get(address).status_code == 403
    assert client_of(one).post(address, form).status_code == 302
    rule = MoneyRule.objects.get()
    confirm = f"/money/rules/{rule.pk}/confirm/"
    assert client_of(one).post(confirm).status_code == 409
    assert client_of(two).post(confirm).status_code == 302
    assert client_of(one).post(address, form).status_code == 409
    assert bank_details.value_of("cooling_off_change_days", date(2026, 10, 2) + timedelta(days=9)) == 5
    assert client_of(two).get(address).status_code == 200
