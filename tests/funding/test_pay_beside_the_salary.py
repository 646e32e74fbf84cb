"""Arrears and recoveries, exemptions on paper, differences explained, severance, the statement of a year."""

from datetime import date
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from common.refusals import SamePersonTwice
from fellowships.queries.changes import standing_of
from funding import ledger
from funding.actions import adjustments, payroll
from funding.models import Account, Adjustment, PayLine, TaxGrant
from funding.payroll.severance import accrued_krw
from funding.queries.books import faults
from funding.queries.differences import changes_of
from funding.states import AccountKind, Purpose
from funding.terms import severance_krw
from tests.factories.funding import BankDetailFactory, PayerAccountFactory, confirmed_rates

JULY, AUGUST = date(2026, 7, 1), date(2026, 8, 1)


@pytest.fixture
def ready(appointment: Any, institute: Any, finance_officer: Any) -> Any:
    PayerAccountFactory(institute=institute)
    BankDetailFactory(user=appointment.fellow)
    confirmed_rates(finance_officer)
    return appointment


@pytest.fixture
def foreigner(ready: Any) -> Any:
    application = ready.offer.application
    application.citizenship = "DE"
    application.save(update_fields=["citizenship"])
    return ready


def change(appointment: Any, amount_krw: int, code: str, by: Any, approved_by: Any, month: date = AUGUST) -> Adjustment:
    made = adjustments.enter_adjustment(
        appointment, by=by, month=month, code=code, amount_krw=amount_krw, reason="July was short"
    )
    return adjustments.approve_adjustment(made, by=approved_by)


def released(institute: Any, month: date, people: list[Any]) -> Any:
    run = payroll.prepare_payroll(institute, month, by=people[0])
    payroll.approve_payroll(run, by=people[1])
    payroll.release_payroll(run, by=people[2])
    payroll.pay_out(run.pk)
    return run


@pytest.fixture
def three(finance_officer: Any, second_finance_officer: Any, third_finance_officer: Any) -> list[Any]:
    return [finance_officer, second_finance_officer, third_finance_officer]


@pytest.mark.parametrize(("code", "amount"), [("arrears", 100_000), ("recovery", -100_000), ("correction", -7)])
def test_adjustment_is_a_line_of_its_own(ready: Any, institute: Any, three: list[Any], code: str, amount: int) -> None:
    released(institute, JULY, three)
    change(ready, amount, code, three[0], three[1])
    run = payroll.prepare_payroll(institute, AUGUST, by=three[0])
    line = run.lines.get()
    assert line.items.get(code=code).amount_krw == amount
    assert line.gross_krw == 7_500_000 + amount
    assert line.severance_krw == 625_000
    assert line.adjustments.count() == 1
    (person,) = changes_of(run).people
    assert any(f"{amount:,}" in reason for reason in person.reasons)
    with pytest.raises(SamePersonTwice):
        payroll.approve_payroll(run, by=three[0])
    payroll.discard_payroll(run, by=three[0])
    assert Adjustment.objects.get().pay_line is None
    assert payroll.prepare_payroll(institute, AUGUST, by=three[2]).lines.get().gross_krw == 7_500_000 + amount


def test_whoever_entered_an_adjustment_does_not_approve_its_payroll(
    ready: Any, institute: Any, three: list[Any], fourth_finance_officer: Any
) -> None:
    change(ready, 1_000, "arrears", fourth_finance_officer, three[2], JULY)
    run = payroll.prepare_payroll(institute, JULY, by=three[0])
    with pytest.raises(SamePersonTwice):
        payroll.approve_payroll(run, by=fourth_finance_officer)
    payroll.approve_payroll(run, by=three[1])
    with pytest.raises(SamePersonTwice):
        payroll.release_payroll(run, by=three[2])


@pytest.mark.parametrize(
    ("code", "amount", "reason"),
    [("arrears", -1, "x"), ("recovery", 1, "x"), ("correction", 0, "x"), ("arrears", 1, " ")],
)
def test_adjustment_is_refused(ready: Any, three: list[Any], code: str, amount: int, reason: str) -> None:
    with pytest.raises(adjustments.AdjustmentRefused):
        adjustments.enter_adjustment(ready, by=three[0], month=JULY, code=code, amount_krw=amount, reason=reason)
    with pytest.raises(IntegrityError), transaction.atomic():
        Adjustment.objects.create(appointment=ready, month=JULY, code="arrears", amount_krw=-1, reason="x")


def test_settled_month_takes_no_adjustment(ready: Any, institute: Any, three: list[Any]) -> None:
    released(institute, JULY, three)
    with pytest.raises(adjustments.AdjustmentRefused, match="settled"):
        change(ready, 1, "arrears", three[0], three[1], JULY)


def test_pay_beyond_what_is_committed_is_held(ready: Any, institute: Any, three: list[Any]) -> None:
    held = Account.objects.get(kind=AccountKind.COMMITTED, purpose=Purpose.SALARY, fiscal_year=2026)
    lab = ledger.account(AccountKind.LAB, 2026, lab=ready.lab)
    ledger.post(ledger.Posting("test:back", JULY, "a test", [(held, -40_000_000), (lab, 40_000_000)]), by=None)
    run = payroll.prepare_payroll(institute, JULY, by=three[0])
    payroll.approve_payroll(run, by=three[1])
    payroll.release_payroll(run, by=three[2])
    assert payroll.pay_out(run.pk) is None
    assert "committed" in PayLine.objects.get().held_note


def test_hold_is_taken_back_before_the_release(ready: Any, institute: Any, three: list[Any]) -> None:
    run = payroll.prepare_payroll(institute, JULY, by=three[0])
    line = payroll.hold_line(run.lines.get(), by=three[0], note="visa")
    assert changes_of(run).exceptions == [line]
    assert not payroll.resume_line(line, by=three[0]).is_held
    with pytest.raises(payroll.RunChanged):
        payroll.resume_line(line, by=three[0])


def test_treaty_is_asked_for_granted_and_ends(foreigner: Any, institute: Any, three: list[Any]) -> None:
    fellow = foreigner.fellow
    asked: dict[str, Any] = {"kind": "treaty", "from_on": JULY, "until_on": date(2026, 7, 31), "paper": "certificate"}
    with pytest.raises(adjustments.AdjustmentRefused):
        adjustments.ask_for_grant(fellow, by=fellow, country="", article="", **asked)
    grant = adjustments.ask_for_grant(fellow, by=fellow, country="DE", article="20", **asked)
    with pytest.raises(SamePersonTwice):
        adjustments.decide_grant(grant, by=fellow, is_granted=True)
    run = payroll.prepare_payroll(institute, JULY, by=three[0])
    assert run.lines.get().items.get(code="income_tax").amount_krw > 0
    payroll.discard_payroll(run, by=three[0])
    adjustments.decide_grant(grant, by=three[1], is_granted=True)
    item = payroll.prepare_payroll(institute, JULY, by=three[0]).lines.get().items.get(code="income_tax")
    assert (item.amount_krw, "treaty" in item.rule) == (0, True)
    august = payroll.prepare_payroll(institute, AUGUST, by=three[0]).lines.get()
    assert august.items.get(code="income_tax").amount_krw > 0


def test_relief_halves_the_tax_of_a_returning_korean(ready: Any, institute: Any, three: list[Any]) -> None:
    fellow = ready.fellow
    run = payroll.prepare_payroll(institute, JULY, by=three[0])
    whole = run.lines.get().items.get(code="income_tax").amount_krw
    payroll.discard_payroll(run, by=three[0])
    asked: dict[str, Any] = {"from_on": JULY, "until_on": None, "country": "", "article": "", "paper": "diploma"}
    with pytest.raises(adjustments.AdjustmentRefused):
        adjustments.ask_for_grant(fellow, by=fellow, kind="foreign-researcher", **asked)
    grant = adjustments.ask_for_grant(fellow, by=fellow, kind="returning-researcher", **asked)
    with pytest.raises(adjustments.AdjustmentRefused):
        adjustments.decide_grant(grant, by=three[1], is_granted=False)
    adjustments.decide_grant(grant, by=three[1], is_granted=True)
    half = payroll.prepare_payroll(institute, JULY, by=three[0]).lines.get().items.get(code="income_tax").amount_krw
    assert abs(whole - 2 * half) <= 20


@pytest.mark.parametrize(("starts_on", "due"), [(date(2026, 7, 1), 0), (date(2025, 8, 11), 7_336_956)])
def test_severance_accrues_and_the_last_month_settles_it(
    ready: Any, institute: Any, three: list[Any], starts_on: date, due: int
) -> None:
    assert (accrued_krw(7_500_000), accrued_krw(0), accrued_krw(-5)) == (625_000, 0, 0)
    released(institute, JULY, three)
    type(ready).objects.filter(pk=ready.pk).update(starts_on=starts_on, ends_on=date(2026, 8, 10))
    released(institute, AUGUST, three)
    ready.refresh_from_db()
    lines = PayLine.objects.filter(appointment=ready).order_by("month").values_list("severance_krw", flat=True)
    assert list(lines) == [625_000, due - 625_000]
    assert due == severance_krw(standing_of(ready))
    owed = Account.objects.filter(kind=AccountKind.SEVERANCE).values_list("balance_krw", flat=True)
    assert sum(owed) == -due
    assert faults() == {}


def test_joiners_and_changed_rates_are_explained(ready: Any, institute: Any, three: list[Any]) -> None:
    released(institute, JULY, three)
    run = payroll.prepare_payroll(institute, AUGUST, by=three[0])
    assert changes_of(run).items == []
    payroll.discard_payroll(run, by=three[0])
    type(ready).objects.filter(pk=ready.pk).update(ends_on=date(2026, 8, 10))
    changes = changes_of(payroll.prepare_payroll(institute, AUGUST, by=three[0]))
    assert changes.number == 1
    assert "10/31 days of this month" in changes.people[0].reasons
    assert {row.label for row in changes.items} >= {"Salary", "Income tax"}
    assert all(row.why for row in changes.items)


def test_statement_of_a_year_is_her_own(
    ready: Any, institute: Any, three: list[Any], client_of: Any, stranger: Any, fellow: Any
) -> None:
    for month in (JULY, AUGUST):
        released(institute, month, three)
    for language in ("ko", "en"):
        type(fellow).objects.filter(pk=fellow.pk).update(language=language)
        page = client_of(fellow).get("/payslips/year/2026/")
        assert "15,000,000" in page.content.decode()
        assert client_of(fellow).get("/payslips/year/2026/pdf/").content.startswith(b"%PDF")
    assert client_of(fellow).get("/payslips/year/2025/").status_code == 404
    for nobody in (stranger, three[0]):
        assert client_of(nobody).get("/payslips/year/2026/").status_code == 404
    assert "1,250,000" in client_of(fellow).get("/payslips/").content.decode()
    assert sum(row.balance_krw for row in Account.objects.filter(kind=AccountKind.SEVERANCE)) == -1_250_000
    assert Account.objects.get(kind=AccountKind.EXPENSE, purpose=Purpose.SEVERANCE).balance_krw == 1_250_000


def test_pages_of_adjustments_and_grants(
    foreigner: Any, institute: Any, three: list[Any], client_of: Any, stranger: Any, fellow: Any
) -> None:
    adjust = f"/payroll/adjust/{foreigner.key}/"
    form = {"month": "2026-07", "code": "recovery", "amount_krw": "-5000", "reason": "paid too much"}
    assert client_of(three[0]).get(adjust).status_code == 200
    assert client_of(three[0]).post(adjust, {**form, "amount_krw": "5000"}).status_code == 409
    assert client_of(three[0]).post(adjust, {**form, "month": "2026-13"}).status_code == 422
    assert client_of(three[0]).post(adjust, form).status_code == 302
    approve = f"/payroll/adjustments/{Adjustment.objects.get().key}/approve/"
    assert client_of(three[0]).post(approve).status_code == 409
    assert client_of(three[1]).post(approve).status_code == 302
    asked = {
        "kind": "treaty", "from_on": "2026-07-01", "until_on": "2027-06-30", "country": "DE", "article": "20",
        "paper": "certificate",
    }  # fmt: skip
    assert client_of(fellow).post("/payslips/exemptions/", asked).status_code == 302
    assert client_of(fellow).get("/payslips/exemptions/").status_code == 200
    address = f"/payroll/grants/{TaxGrant.objects.get().key}/"
    for page in ("/payroll/adjustments/", "/payroll/grants/", address):
        assert client_of(three[0]).get(page).status_code == 200
        for nobody in (stranger, fellow):
            assert client_of(nobody).get(page).status_code in {403, 404}
    assert client_of(three[0]).post(address, {"reason": ""}).status_code == 409
    assert client_of(three[0]).post(address, {"grant": "1", "reason": ""}).status_code == 302
    assert TaxGrant.objects.get().state == "granted"
