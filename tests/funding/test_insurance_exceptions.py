"""Outside an insurance, or with a declared base: entered with a paper by one, confirmed by another, on the slip."""

from datetime import date
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from common.refusals import SamePersonTwice
from funding.actions import insurance, payroll
from funding.models import InsuranceException
from people.models import AccessLog
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


def entered(appointment: Any, by: Any, **changes: Any) -> InsuranceException:
    given: dict[str, Any] = {"kind": "pension", "from_on": JULY, "until_on": None, "paper": "certificate", **changes}
    return insurance.enter_exception(appointment, by=by, **given)


def codes(institute: Any, month: date, by: Any) -> dict[str, int]:
    run = payroll.prepare_payroll(institute, month, by=by)
    found = {item.code: item.amount_krw for item in run.lines.get().items.all()}
    payroll.discard_payroll(run, by=by)
    return found


def test_it_counts_once_another_confirmed_it_and_while_it_lasts(ready: Any, institute: Any, three: list[Any]) -> None:
    row = entered(ready, three[0], until_on=date(2026, 7, 31))
    more = entered(ready, three[0], kind="employment")
    assert {"pension", "employer_pension"} <= codes(institute, JULY, three[0]).keys()
    for one in (row, more):
        insurance.confirm_exception(one, by=three[1])
    july, august = (codes(institute, month, three[0]) for month in (JULY, AUGUST))
    assert not {"pension", "employer_pension", "employment", "employer_employment"} & july.keys()
    assert "pension" in august
    assert "employment" not in august
    insurance.withdraw_exception(more, by=three[0], reason="she joined it")
    assert "employment" in codes(institute, AUGUST, three[0])


def test_what_waits_is_not_entered_twice(ready: Any, three: list[Any]) -> None:
    row = entered(ready, three[0])
    with pytest.raises(insurance.ExceptionRefused, match="waits for another person"):
        entered(ready, three[1])
    entered(ready, three[1], kind="employment")
    insurance.withdraw_exception(row, by=three[0], reason="another day")
    entered(ready, three[1])


def test_it_counts_from_the_day_on_which_she_joins(ready: Any, institute: Any, three: list[Any]) -> None:
    type(ready).objects.filter(pk=ready.pk).update(starts_on=date(2026, 7, 15))
    insurance.confirm_exception(entered(ready, three[0], kind="employment", from_on=date(2026, 7, 15)), by=three[1])
    assert "employment" not in codes(institute, JULY, three[0])


def test_declared_base_moves_pension_and_health_only(ready: Any, institute: Any, three: list[Any]) -> None:
    before = codes(institute, JULY, three[0])
    insurance.confirm_exception(entered(ready, three[0], kind="base", base_krw=3_000_000), by=three[1])
    run = payroll.prepare_payroll(institute, JULY, by=three[0])
    line = run.lines.get()
    assert {item.base_krw for item in line.items.filter(code__in=["pension", "health"])} == {3_000_000}
    assert line.items.get(code="employment").amount_krw == before["employment"]
    assert any("base declared for you" in note for note in line.notes)


def test_without_health_there_is_no_care(ready: Any, institute: Any, three: list[Any]) -> None:
    insurance.confirm_exception(entered(ready, three[0], kind="health"), by=three[1])
    assert not {"health", "care", "employer_care"} & codes(institute, JULY, three[0]).keys()


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"paper": " "}, "paper"),
        ({"until_on": date(2026, 6, 30)}, "before the first"),
        ({"kind": "base"}, "above 0"),
        ({"kind": "base", "base_krw": -1}, "above 0"),
        ({"base_krw": 5}, "above 0"),
    ],
)
def test_what_is_wrong_is_said(ready: Any, three: list[Any], changes: dict[str, Any], words: str) -> None:
    with pytest.raises(insurance.ExceptionRefused, match=words):
        entered(ready, three[0], **changes)


def test_nobody_does_it_alone_or_for_herself(ready: Any, three: list[Any]) -> None:
    row = entered(ready, three[0])
    for person in (three[0], ready.fellow):
        with pytest.raises(SamePersonTwice):
            insurance.confirm_exception(row, by=person)
    with pytest.raises(SamePersonTwice):
        entered(ready, ready.fellow)
    with pytest.raises(insurance.ExceptionRefused):
        insurance.withdraw_exception(row, by=three[0], reason=" ")
    insurance.confirm_exception(row, by=three[1])
    with pytest.raises(insurance.ExceptionRefused, match="in force"):
        insurance.confirm_exception(entered(ready, three[0], from_on=AUGUST), by=three[1])
    insurance.withdraw_exception(row, by=three[0], reason="a mistake")
    with pytest.raises(insurance.ExceptionRefused, match="withdrawn"):
        insurance.confirm_exception(row, by=three[1])


def test_the_database_holds_it_too(ready: Any, three: list[Any]) -> None:
    row = insurance.confirm_exception(entered(ready, three[0]), by=three[1])
    other = entered(ready, three[0], from_on=AUGUST)
    mine = InsuranceException.objects.filter(pk=row.pk)
    for wrong in (
        lambda: mine.update(confirmed_by=three[0]),
        lambda: mine.update(paper=""),
        lambda: mine.update(base_krw=1),
        lambda: mine.update(until_on=date(2026, 6, 1)),
        lambda: mine.update(withdrawn_at=timezone.now()),
        lambda: InsuranceException.objects.filter(pk=other.pk).update(
            confirmed_at=timezone.now(), confirmed_by=three[1]
        ),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            wrong()


def test_pages(
    ready: Any, institute: Any, three: list[Any], client_of: Any, stranger: Any, officer: Any, fellow: Any,
    other_finance_officer: Any,
) -> None:  # fmt: skip
    enter = f"/payroll/insurance/enter/{ready.key}/"
    form = {"kind": "pension", "from_on": "2026-07-01", "paper": "certificate of coverage 4711"}
    assert client_of(three[0]).get(enter).status_code == 200
    assert AccessLog.objects.filter(whose=fellow, by=three[0]).exists()
    assert client_of(three[0]).post(enter, {**form, "kind": "base"}).status_code == 409
    assert client_of(three[0]).post(enter, {**form, "from_on": ""}).status_code == 422
    assert client_of(three[0]).post(enter, form).status_code == 302
    row = InsuranceException.objects.get()
    page = f"/payroll/insurance/{row.key}/"
    assert client_of(three[0]).post(page, {"confirm": "1"}).status_code == 409
    assert client_of(three[1]).post(page, {"confirm": "1"}).status_code == 302
    run = payroll.prepare_payroll(institute, JULY, by=three[0])
    payroll.approve_payroll(run, by=three[1])
    payroll.release_payroll(run, by=three[2])
    payroll.pay_out(run.pk)
    slip = client_of(fellow).get(f"/payslips/{run.lines.get().key}/").content.decode()
    assert "You are outside national pension" in slip
    for address in ("/payroll/insurance/", enter, page):
        shown = client_of(three[0]).get(address)
        assert "certificate of coverage 4711" in shown.content.decode()
        for nobody in (stranger, officer, fellow):
            assert client_of(nobody).get(address).status_code in {403, 404}
    assert client_of(other_finance_officer).post(page, {"confirm": "1"}).status_code == 404
    assert client_of(three[2]).post(page, {"reason": ""}).status_code == 422
    assert client_of(three[2]).post(page, {"reason": "she joined"}).status_code == 302
