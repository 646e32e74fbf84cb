"""No adjustment is dropped in silence: too late is refused, left out stops the approval, wrong is withdrawn."""

from datetime import date
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from common.refusals import SamePersonTwice
from funding.actions import adjustments, payroll
from funding.actions.adjustments import AdjustmentRefused
from funding.models import Adjustment
from tests.factories.funding import BankDetailFactory, PayerAccountFactory, confirmed_rates

JULY, AUGUST = date(2026, 7, 1), date(2026, 8, 1)


@pytest.fixture
def three(finance_officer: Any, second_finance_officer: Any, third_finance_officer: Any) -> list[Any]:
    return [finance_officer, second_finance_officer, third_finance_officer]


@pytest.fixture
def ready(appointment: Any, institute: Any, three: list[Any]) -> Any:
    PayerAccountFactory(institute=institute)
    BankDetailFactory(user=appointment.fellow)
    confirmed_rates(three[0])
    return appointment


def entered(appointment: Any, by: Any, month: date = JULY) -> Adjustment:
    given: dict[str, Any] = {"month": month, "code": "arrears", "amount_krw": 100_000, "reason": "June was short"}
    return adjustments.enter_adjustment(appointment, by=by, **given)


def test_too_late_is_refused_with_words(
    ready: Any, institute: Any, three: list[Any], fourth_finance_officer: Any, client_of: Any
) -> None:
    row = entered(ready, fourth_finance_officer)
    run = payroll.prepare_payroll(institute, JULY, by=three[0])
    payroll.approve_payroll(run, by=three[1])
    with pytest.raises(AdjustmentRefused, match="later month"):
        adjustments.approve_adjustment(row, by=three[2])
    payroll.release_payroll(run, by=three[2])
    payroll.pay_out(run.pk)
    answer = client_of(three[2]).post(f"/payroll/adjustments/{row.key}/approve/")
    assert answer.status_code == 409
    assert Adjustment.objects.get().approved_at is None


def test_month_is_settled_for_whoever_has_no_line_in_it_too(ready: Any, institute: Any, three: list[Any]) -> None:
    run = payroll.prepare_payroll(institute, JULY, by=three[0])
    payroll.approve_payroll(run, by=three[1])
    run.lines.all().delete()
    with pytest.raises(AdjustmentRefused, match="settled"):
        entered(ready, three[0])


def test_preview_without_it_is_not_approved(
    ready: Any, institute: Any, three: list[Any], fourth_finance_officer: Any
) -> None:
    run = payroll.prepare_payroll(institute, JULY, by=three[0])
    row = adjustments.approve_adjustment(entered(ready, fourth_finance_officer), by=three[0])
    with pytest.raises(payroll.RunChanged, match="afresh"):
        payroll.approve_payroll(run, by=three[1])
    payroll.discard_payroll(run, by=three[0])
    again = payroll.prepare_payroll(institute, JULY, by=three[2])
    row.refresh_from_db()
    assert row.pay_line.run == again
    assert payroll.approve_payroll(again, by=three[1]).state == "approved"


def test_what_could_not_be_computed_does_not_stop_the_others(ready: Any, institute: Any, three: list[Any]) -> None:
    row = adjustments.enter_adjustment(
        ready, by=three[0], month=JULY, code="recovery", amount_krw=-9_000_000, reason="far too much"
    )
    adjustments.approve_adjustment(row, by=three[2])
    run = payroll.prepare_payroll(institute, JULY, by=three[0])
    assert run.lines.get().gross_krw == 0
    assert payroll.approve_payroll(run, by=three[1]).state == "approved"


def test_wrong_one_is_withdrawn_until_a_payroll_takes_it_up(ready: Any, institute: Any, three: list[Any]) -> None:
    row = adjustments.approve_adjustment(entered(ready, three[0]), by=three[1])
    with pytest.raises(AdjustmentRefused, match="why"):
        adjustments.withdraw_adjustment(row, by=three[0], reason=" ")
    with pytest.raises(SamePersonTwice):
        adjustments.withdraw_adjustment(row, by=ready.fellow, reason="mine")
    run = payroll.prepare_payroll(institute, JULY, by=three[0])
    row.refresh_from_db()
    with pytest.raises(AdjustmentRefused, match="taken it up"):
        adjustments.withdraw_adjustment(row, by=three[0], reason="a mistake")
    with pytest.raises(IntegrityError), transaction.atomic():
        Adjustment.objects.update(withdrawn_at=timezone.now(), withdrawn_by=three[0], why_withdrawn="x")
    payroll.discard_payroll(run, by=three[0])
    row.refresh_from_db()
    adjustments.withdraw_adjustment(row, by=three[0], reason="a mistake")
    with pytest.raises(AdjustmentRefused, match="withdrawn"):
        adjustments.withdraw_adjustment(row, by=three[0], reason="again")
    run = payroll.prepare_payroll(institute, JULY, by=three[0])
    assert run.lines.get().gross_krw == 7_500_000
    assert payroll.approve_payroll(run, by=three[1]).state == "approved"
    waiting = entered(ready, three[0], AUGUST)
    adjustments.withdraw_adjustment(waiting, by=three[2], reason="twice")
    with pytest.raises(AdjustmentRefused, match="withdrawn"):
        adjustments.approve_adjustment(waiting, by=three[1])
    with pytest.raises(IntegrityError), transaction.atomic():
        Adjustment.objects.filter(pk=waiting.pk).update(why_withdrawn="")


def test_page_withdraws(
    ready: Any, three: list[Any], client_of: Any, stranger: Any, fellow: Any, other_finance_officer: Any
) -> None:
    row = entered(ready, three[0])
    address = f"/payroll/adjustments/{row.key}/withdraw/"
    assert address in client_of(three[0]).get("/payroll/adjustments/").content.decode()
    for nobody in (stranger, fellow, other_finance_officer):
        assert client_of(nobody).post(address, {"reason": "x"}).status_code in {403, 404}
    assert client_of(three[0]).post(address, {"reason": ""}).status_code == 422
    assert client_of(three[0]).post(address, {"reason": "a slip of the pen"}).status_code == 302
    assert client_of(three[0]).post(address, {"reason": "again"}).status_code == 409
    assert "a slip of the pen" in client_of(three[0]).get("/payroll/adjustments/").content.decode()
