"""A slip says how every line came about: leave, the steps of the tax, the tables' dates, what to know beside."""

from datetime import date
from decimal import Decimal
from io import BytesIO
from typing import Any

import pypdfium2
import pytest

from fellowships.models import Amendment
from funding.actions import payroll
from funding.actions.rates import RATES
from funding.models import PayLine
from funding.payroll.slip import Away, BadCase, Case, compute
from funding.payroll.tables import Tables
from funding.queries.differences import changes_of
from funding.slips import NOT_INSURED
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
    for number, (kind, first, last, percent) in enumerate((("leave", 10, 14, None), ("reduced", 20, 31, 60)), start=2):
        Amendment.objects.create(
            appointment=appointment, kind=kind, from_on=JULY.replace(day=first), until_on=JULY.replace(day=last),
            percent=percent, reason="x", state="approved", version=number, asked_by=appointment.fellow,
            decided_by=three[0],
        )  # fmt: skip
    return appointment


@pytest.fixture
def slip(ready: Any, institute: Any, three: list[Any]) -> PayLine:
    run = payroll.prepare_payroll(institute, JULY, by=three[0])
    payroll.approve_payroll(run, by=three[1])
    payroll.release_payroll(run, by=three[2])
    payroll.pay_out(run.pk)
    return run.lines.get()


def text_of(pdf: bytes) -> str:
    document = pypdfium2.PdfDocument(BytesIO(pdf))
    return "\n".join(page.get_textpage().get_text_range() for page in document)


def test_leave_and_reduced_time_have_base_days_and_share(slip: PayLine) -> None:
    leave, reduced = slip.items.filter(code="leave").order_by("position")
    assert (leave.base_krw, leave.rate, leave.amount_krw) == (7_500_000, "5/31", -(7_500_000 * 5 // 31))
    assert (reduced.base_krw, reduced.rate) == (7_500_000, "12/31 × 40 %")
    assert reduced.amount_krw == -(7_500_000 * 12 // 31 * 40 // 100)
    assert not slip.items.filter(code="correction").exists()


def test_engine_refuses_days_away_that_cannot_be() -> None:
    tables = Tables.from_toml(RATES.read_text())
    good: dict[str, Any] = {"month": "2026-07", "salary_krw_a_year": 90_000_000, "starts_on": JULY}
    case = Case(**good, away=(Away(days=31, unpaid_percent=Decimal(100)),), insured=NOT_INSURED)
    assert compute(case, tables).gross_krw == 0
    for days, percent in ((32, 50), (1, 101)):
        with pytest.raises(BadCase, match="away"):
            compute(Case(**good, away=(Away(days=days, unpaid_percent=Decimal(percent)),)), tables)


def test_page_shows_steps_dates_and_notes(slip: PayLine, fellow: Any, client_of: Any) -> None:
    page = client_of(fellow).get(f"/payslips/{slip.key}/").content.decode()
    assert "Leave or reduced time" in page
    assert "12/31 × 40 %" in page
    assert "Earned income deduction" in page
    assert "Contributions follow the declared base" in page
    dated = slip.items.exclude(table_from=None).first()
    assert f"rates from {dated.table_from.isoformat()}" in page
    type(fellow).objects.filter(pk=fellow.pk).update(language="ko")
    assert "Earned income deduction" not in client_of(fellow).get(f"/payslips/{slip.key}/").content.decode()


def test_pdf_is_in_the_language_asked_for(slip: PayLine, fellow: Any, client_of: Any) -> None:
    address = f"/payslips/{slip.key}/pdf/"
    english = text_of(client_of(fellow).get(f"{address}?language=en").content)
    korean = text_of(client_of(fellow).get(f"{address}?language=ko").content)
    assert "Earned income deduction" in english
    assert "Contributions follow the declared base" in english.replace("\r\n", " ")
    assert "Paid to you" not in korean
    assert text_of(client_of(fellow).get(f"{address}?language=de").content) == english
    page = client_of(fellow).get(f"/payslips/{slip.key}/").content.decode()
    assert f"{address}?language=ko" in page
    assert f"{address}?language=en" in page


def test_fewer_days_away_are_explained(slip: PayLine, institute: Any, three: list[Any]) -> None:
    (person,) = changes_of(payroll.prepare_payroll(institute, AUGUST, by=three[0])).people
    assert any("Leave or reduced time" in reason and "of last month" in reason for reason in person.reasons)
