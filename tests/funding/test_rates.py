"""Newer rates are uploaded by one person, compared line by line, and confirmed by another."""

from io import BytesIO
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from common.refusals import SamePersonTwice
from funding.actions import rates
from funding.models import RateTable
from funding.payroll.compared import RateChange, compared
from funding.payroll.tables import Tables
from funding.queries.payroll import confirmed_table
from tests.factories.funding import confirmed_rates

TOML = rates.RATES.read_text(encoding="utf-8")
NEWER = TOML.replace("employee = 4.75", "employee = 4.8", 1)


@pytest.fixture
def in_force(finance_officer: Any) -> RateTable:
    return confirmed_rates(finance_officer)


def upload(text: bytes, name: str = "rates.toml") -> BytesIO:
    file = BytesIO(text)
    file.name = name
    return file


def test_one_changed_rate_is_one_line() -> None:
    was, now = (Tables.from_toml(text).data for text in (TOML, NEWER))
    assert compared(was, was) == []
    assert compared(was, now) == [RateChange("national_pension › 2026-01-01 › employee", "4.75", "4.8")]
    more = {**now, "national_pension": now["national_pension"][1:]}
    gone = compared(now, more)
    assert gone
    assert all(line.where.startswith("national_pension › 2024-07-01") and not line.now for line in gone)


def test_uploaded_rates_count_once_another_confirmed_them(
    in_force: RateTable, finance_officer: Any, second_finance_officer: Any
) -> None:
    tables = Tables.from_toml(NEWER)
    with pytest.raises(rates.RatesRefused, match="come from"):
        rates.upload_rates(tables, by=finance_officer, source=" ")
    table = rates.upload_rates(tables, by=finance_officer, source="Gazette")
    with pytest.raises(rates.RatesRefused, match="here already"):
        rates.upload_rates(tables, by=second_finance_officer, source="Gazette")
    assert confirmed_table() == in_force
    with pytest.raises(SamePersonTwice):
        rates.confirm_rates(table, by=finance_officer, document="Gazette")
    with pytest.raises(IntegrityError), transaction.atomic():
        RateTable.objects.filter(pk=table.pk).update(
            confirmed_at=timezone.now(), confirmed_by=finance_officer, document="x"
        )
    rates.confirm_rates(table, by=second_finance_officer, document="Gazette")
    assert confirmed_table() == table
    with pytest.raises(rates.RatesRefused):
        rates.drop_rates(table, by=finance_officer, reason="x")
    with pytest.raises(rates.RatesRefused):
        rates.drop_rates(in_force, by=finance_officer, reason="x")


def test_wrong_upload_is_thrown_away(in_force: RateTable, finance_officer: Any) -> None:
    table = rates.upload_rates(Tables.from_toml(NEWER), by=finance_officer, source="Gazette")
    with pytest.raises(rates.RatesRefused, match="why"):
        rates.drop_rates(table, by=finance_officer, reason=" ")
    rates.drop_rates(table, by=finance_officer, reason="a typing mistake")
    assert RateTable.objects.get() == in_force


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"\xff\xfe\x00", "UTF-8"),
        (b"not toml", "not TOML"),
        (TOML.replace("employee = 4.75", "employe = 4.75", 1).encode(), "not a known name"),
        (TOML.replace("floor_krw = 390_000", "floor_krw = 9_390_000", 1).encode(), "floor above its ceiling"),
        (b"#" * 1_000_001, "larger than 1 MB"),
        (b"[" * 50_000, "not TOML"),
    ],
)
def test_wrong_file_is_refused_with_what_is_wrong(
    in_force: RateTable, finance_officer: Any, client_of: Any, content: bytes, words: str
) -> None:
    answer = client_of(finance_officer).post("/payroll/rates/", {"file": upload(content), "source": "Gazette"})
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert RateTable.objects.count() == 1


def test_pages_from_upload_to_confirmation(
    in_force: RateTable, finance_officer: Any, second_finance_officer: Any, stranger: Any, officer: Any, client_of: Any
) -> None:
    sent = client_of(finance_officer).post("/payroll/rates/", {"file": upload(NEWER.encode()), "source": "Gazette 1"})
    table = RateTable.objects.get(confirmed_at=None)
    page = f"/payroll/rates/{table.pk}/"
    assert sent["Location"] == page
    assert page in client_of(second_finance_officer).get("/payroll/rates/").content.decode()
    shown = client_of(second_finance_officer).get(page).content.decode()
    assert "national_pension › 2026-01-01 › employee" in shown
    assert "4.75" in shown
    for nobody in (stranger, officer):
        for address in ("/payroll/rates/", page):
            assert client_of(nobody).get(address).status_code in {403, 404}
            assert client_of(nobody).post(address, {"document": "x"}).status_code in {403, 404}
    assert client_of(finance_officer).post(page, {"document": "Gazette 1"}).status_code == 409
    assert client_of(second_finance_officer).post(page, {"document": ""}).status_code == 422
    assert client_of(second_finance_officer).post(page, {"document": "Gazette 1"}).status_code == 302
    assert "These are the rates in force." in client_of(finance_officer).get(page).content.decode()
    assert client_of(finance_officer).post(page, {"reason": "x"}).status_code == 409
