"""Asking, approving, releasing, reconciling, confirming bank details: five people on every path, whatever roles."""

from collections.abc import Callable
from datetime import date, timedelta
from itertools import combinations
from typing import Any

import pytest
import time_machine
from django.db import IntegrityError, transaction

from common.refusals import SamePersonTwice
from funding.actions import answers, bank_details, claims, payroll, severance
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

PAIRS = list(combinations(Duty.values, 2))
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


def whole_payroll(appointment: Any, cast: dict[str, User]) -> None:
    """Every duty of a payroll, one after the other, as `cast` says."""
    bank(appointment, cast[Duty.BANK])
    run = payroll.prepare_payroll(appointment.institute, date(2026, 7, 1), by=cast[Duty.ASKS])
    payroll.approve_payroll(run, by=cast[Duty.APPROVES])
    payroll.release_payroll(run, by=cast[Duty.RELEASES])
    batch = payroll.pay_out(run.pk)
    if batch is None:
        assert PayLine.objects.get().is_held
        raise SamePersonTwice
    answers.record_answers(batch, [answers.Answer(Payment.objects.get().reference, True)], by=cast[Duty.RECONCILES])


def whole_claim(appointment: Any, cast: dict[str, User]) -> None:
    """Every duty of a claim that an officer entered, one after the other."""
    bank(appointment, cast[Duty.BANK])
    draft = claims.Draft(ClaimCategoryFactory(), 500_000, date(2026, 9, 1), "Sensors")
    receipt = claims.Receipt("r.pdf", PDF, "application/pdf")
    claim = claims.submit_claim(appointment, draft, [receipt], by=cast[Duty.ASKS])
    claims.approve_claim(claim, by=cast[Duty.APPROVES])
    try:
        batch = claims.release_claims(appointment.institute, by=cast[Duty.RELEASES])
    except NothingToPay as nothing:
        raise SamePersonTwice from nothing
    answers.record_answers(batch, [answers.Answer(Payment.objects.get().reference, True)], by=cast[Duty.RECONCILES])


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
        try:
            batch = severance.release_severances(appointment.institute, by=cast[Duty.RELEASES])
        except NothingToPay as nothing:
            raise SamePersonTwice from nothing
        paid = answers.Answer(Payment.objects.get().reference, True)
        answers.record_answers(batch, [paid], by=cast[Duty.RECONCILES])


PATHS = [whole_payroll, whole_claim, whole_severance]


@pytest.fixture
def ready(appointment: Any, institute: Any, cast: dict[str, User]) -> Any:
    PayerAccountFactory(institute=institute)
    confirmed_rates(people.UserFactory())
    confirmed_rules()
    return appointment


@pytest.mark.parametrize("path", PATHS)
def test_five_people_pay(path: Callable[..., None], ready: Any, cast: dict[str, User]) -> None:
    path(ready, cast)
    assert Payment.objects.get().state == "paid"


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(("one", "other"), PAIRS)
def test_nobody_holds_two_duties(
    path: Callable[..., None], one: str, other: str, ready: Any, cast: dict[str, User]
) -> None:
    with pytest.raises(SamePersonTwice), transaction.atomic():
        path(ready, {**cast, other: cast[one]})
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
