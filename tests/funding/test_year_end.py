"""Movements, tranches, fiscal years that close and open, settlements, samples, the books as files."""

import io
import json
import zipfile
from datetime import date
from hashlib import sha256
from typing import Any

import pytest
import time_machine
from django.db import IntegrityError, transaction

from common.refusals import NotConfigured, SamePersonTwice
from funding import ledger
from funding.actions import audits, budget, movements, settlements, years
from funding.exports import write_books
from funding.forecast import Term, to_come
from funding.models import Account, AuditQuery, Entry, FiscalYear, Line, Movement, Settlement, Tranche, YearChange
from funding.queries.books import accounts_visible_to, faults
from funding.queries.movements import forecast
from funding.queries.trace import Sample
from funding.states import AccountKind, MovementKind, Purpose
from innocore.reference import load_reference
from people.states import Role
from tests.factories import people
from tests.factories.funding import confirmed_rules
from tests.factories.labs import LabFactory

YEAR = 2025


@pytest.fixture(autouse=True)
def spring() -> Any:
    with time_machine.travel("2026-03-02 12:00+09:00", tick=False):
        yield


@pytest.fixture
def ministry() -> Any:
    return people.holder(Role.MINISTRY)


@pytest.fixture
def labs(institute: Any, lab: Any) -> list[Any]:
    return [lab, LabFactory(code="SECOND", institute=institute)]


@pytest.fixture
def agreed(institute: Any, labs: list[Any], ministry: Any, finance_officer: Any) -> Any:
    """A billion agreed for last year, of which the first lab has 600 million."""
    given = budget.appropriate("Annual", YEAR, 1_000_000_000, by=ministry)
    made = budget.agree(given, institute, 1_000_000_000, by=ministry)
    budget.allot(made, labs[0], 600_000_000, by=finance_officer)
    confirmed_rules()
    return made


def of(kind: str, year: int = YEAR, purpose: str = "") -> int:
    rows = Account.objects.filter(kind=kind, fiscal_year=year, purpose=purpose)
    return sum(rows.values_list("balance_krw", flat=True))


def wish(kind: str, amount_krw: int, **ends: Any) -> movements.Wish:
    return movements.Wish(kind, YEAR, amount_krw, "the plan changed", **ends)


def test_institute_moves_up_to_the_limit_and_the_ministry_above(
    agreed: Any, institute: Any, labs: list[Any], finance_officer: Any, second_finance_officer: Any, ministry: Any
) -> None:
    small = wish("transfer", 100_000_000, from_lab=labs[0], to_lab=labs[1])
    made = movements.ask_movement(institute, small, by=finance_officer)
    assert of(AccountKind.LAB) == 600_000_000
    with pytest.raises(SamePersonTwice):
        movements.approve_movement(made, by=finance_officer)
    movements.approve_movement(made, by=second_finance_officer)
    assert Account.objects.get(kind="lab", lab=labs[1], fiscal_year=YEAR).balance_krw == 100_000_000
    large = movements.ask_movement(
        institute, wish("transfer", 100_000_001, from_lab=labs[0], to_lab=labs[1]), by=finance_officer
    )
    with pytest.raises(movements.MinistryApproves):
        movements.approve_movement(large, by=second_finance_officer)
    assert movements.approve_movement(large, by=ministry).entry is not None
    gone = Movement.objects.create(
        institute=institute,
        asked_by=finance_officer,
        **vars(wish("transfer", 900_000_000, from_lab=labs[0], to_lab=labs[1])),
    )
    with pytest.raises(ledger.OverBudget):
        movements.approve_movement(gone, by=ministry)
    assert movements.refuse_movement(Movement.objects.get(pk=gone.pk), by=ministry).state == "refused"


def test_transfer_without_a_configured_limit_refuses(
    institute: Any, labs: list[Any], finance_officer: Any, ministry: Any
) -> None:
    small = wish("transfer", 1, from_lab=labs[0], to_lab=labs[1])
    made = Movement.objects.create(institute=institute, asked_by=finance_officer, **vars(small))
    with pytest.raises(NotConfigured):
        movements.approve_movement(made, by=ministry)


@pytest.mark.parametrize(
    ("kind", "ends", "amount"),
    [
        ("transfer", (0, None), 1),
        ("transfer", (0, 0), 1),
        ("carry_over", (None, None), 1),
        ("give_back", (0, None), 1),
        ("take_back", (0, None), 0),
        ("transfer", (0, 2), 1),
    ],
)
def test_movement_is_refused(
    institute: Any, labs: list[Any], other_lab: Any, finance_officer: Any, kind: str, ends: tuple[Any, Any], amount: int
) -> None:
    all_labs = [*labs, other_lab]
    first, second = (all_labs[end] if end is not None else None for end in ends)
    with pytest.raises(movements.MovementRefused):
        movements.ask_movement(institute, wish(kind, amount, from_lab=first, to_lab=second), by=finance_officer)


def test_more_than_is_free_is_not_asked_for(
    agreed: Any, institute: Any, labs: list[Any], finance_officer: Any, ministry: Any
) -> None:
    free = of(AccountKind.LAB)
    movements.ask_movement(institute, wish("take_back", free - 10, from_lab=labs[0]), by=finance_officer)
    with pytest.raises(movements.MovementRefused, match="₩10 of"):
        movements.ask_movement(institute, wish("transfer", 11, from_lab=labs[0], to_lab=labs[1]), by=finance_officer)
    last = movements.ask_movement(institute, wish("transfer", 10, from_lab=labs[0], to_lab=labs[1]), by=finance_officer)
    movements.refuse_movement(last, by=ministry)
    assert movements.ask_movement(institute, wish("carry_over", 10, from_lab=labs[0]), by=finance_officer).pk
    held = Account.objects.get(kind=AccountKind.INSTITUTE, institute=institute, fiscal_year=YEAR).balance_krw
    with pytest.raises(movements.MovementRefused):
        movements.ask_movement(institute, wish("give_back", held + 1), by=finance_officer)
    assert movements.ask_movement(institute, wish("interest_back", 10**9), by=finance_officer).pk


def close_books(agreed: Any, institute: Any, labs: list[Any], officer: Any, ministry: Any) -> None:
    """Half of the lab's money goes on, the rest back to the treasury."""
    for kind, amount, ends in (
        (MovementKind.CARRY_OVER, 250_000_000, {"from_lab": labs[0]}),
        (MovementKind.TAKE_BACK, 350_000_000, {"from_lab": labs[0]}),
        (MovementKind.GIVE_BACK, 750_000_000, {}),
    ):
        made = movements.ask_movement(institute, wish(kind, amount, **ends), by=officer)
        movements.approve_movement(made, by=ministry)


def test_year_end_carries_returns_and_closes(
    agreed: Any, institute: Any, labs: list[Any], finance_officer: Any, second_finance_officer: Any, ministry: Any
) -> None:
    change = years.ask_year(YEAR, by=finance_officer, to="closed", reason="the year is over")
    with pytest.raises(years.YearRefused, match="neither carried over nor returned"):
        years.confirm_year(change, by=ministry)
    close_books(agreed, institute, labs, finance_officer, ministry)
    assert (of(AccountKind.LAB), of(AccountKind.INSTITUTE), of(AccountKind.BANK)) == (0, 0, 250_000_000)
    with pytest.raises(SamePersonTwice):
        years.confirm_year(change, by=finance_officer)
    with pytest.raises(years.YearRefused, match="ministry"):
        years.confirm_year(change, by=second_finance_officer)
    assert years.confirm_year(change, by=ministry).state == "closed"
    assert of(AccountKind.BANK) == 0
    assert of(AccountKind.LAB, YEAR + 1) == of(AccountKind.BANK, YEAR + 1) == 250_000_000
    for year in (YEAR, YEAR + 1):
        assert sum(Account.objects.filter(fiscal_year=year).values_list("balance_krw", flat=True)) == 0
    assert movements.carry_position(institute, YEAR, by=finance_officer) is None
    source = ledger.account(AccountKind.SOURCE, YEAR)
    lines = [(source, -1), (ledger.account(AccountKind.PROGRAMME, YEAR), 1)]
    with pytest.raises(ledger.YearClosed), transaction.atomic():
        ledger.post(ledger.Posting("late", date(YEAR, 12, 31), "late", lines), by=None)
    entry = Entry.objects.order_by("pk").first()
    with pytest.raises(IntegrityError, match="closed"), transaction.atomic():
        Line.objects.create(entry=entry, account=source, amount_krw=1)
    opened = years.ask_year(YEAR, by=ministry, to="open", reason="a late invoice")
    assert years.confirm_year(opened, by=finance_officer).state == "open"
    ledger.post(ledger.Posting("late", date(YEAR, 12, 31), "late", lines), by=None)
    assert faults() == {}


def test_commitments_go_on_or_back(appointment: Any, finance_officer: Any) -> None:
    fund = Account.objects.get(kind="committed", purpose=Purpose.RESEARCH_FUND, fiscal_year=2026)
    movements.carry_commitment(fund, by=finance_officer)
    later = Account.objects.get(kind="committed", purpose=Purpose.RESEARCH_FUND, fiscal_year=2027)
    assert (of("committed", 2026, Purpose.RESEARCH_FUND), later.balance_krw) == (0, 60_000_000)
    with pytest.raises(movements.MovementRefused):
        movements.carry_commitment(fund, by=finance_officer)
    with pytest.raises(movements.MovementRefused, match="released"):
        movements.carry_commitment(later, by=finance_officer)
    movements.release_commitment(later, by=finance_officer)
    assert of("lab", 2027) == 60_000_000
    assert faults() == {}


def test_tranches_come_in_one_by_one(institute: Any, ministry: Any, finance_officer: Any) -> None:
    given = budget.appropriate("Annual", 2026, 100, by=ministry)
    made = budget.agree(given, institute, 100, by=ministry, by_tranches=True)
    assert (of("bank", 2026), of("receivable", 2026)) == (0, 100)
    first = movements.plan_tranche(made, by=ministry, due_on=date(2026, 2, 1), amount_krw=60)
    with pytest.raises(movements.MovementRefused):
        movements.plan_tranche(made, by=ministry, due_on=date(2026, 7, 1), amount_krw=41)
    with pytest.raises(SamePersonTwice):
        movements.receive_tranche(first, by=ministry, received_on=date(2026, 2, 3), reference="Statement 31")
    for _twice in range(2):
        movements.receive_tranche(first, by=finance_officer, received_on=date(2026, 2, 3), reference="Statement 31")
    assert (of("bank", 2026), of("receivable", 2026)) == (60, 40)
    movements.plan_tranche(made, by=ministry, due_on=date(2026, 7, 1), amount_krw=40)


def test_settlement_is_sealed_and_accepted_while_the_books_agree(
    agreed: Any, institute: Any, labs: list[Any], ministry: Any, finance_officer: Any
) -> None:
    with pytest.raises(settlements.SettlementRefused):
        settlements.submit_settlement(institute, 2031, by=finance_officer)
    made = settlements.submit_settlement(institute, YEAR, by=finance_officer)
    assert (made.figures["agreed"], made.figures["available"]) == (1_000_000_000, 600_000_000)
    with pytest.raises(settlements.SettlementRefused, match="already"):
        settlements.submit_settlement(institute, YEAR, by=finance_officer)
    budget.allot(agreed, labs[1], 1, by=finance_officer)
    with pytest.raises(settlements.SettlementRefused, match="changed"):
        settlements.accept_settlement(made, by=ministry)
    settlements.return_settlement(made, by=ministry, question="Why one won?")
    again = settlements.submit_settlement(institute, YEAR, by=finance_officer, note="A late allotment.")
    assert settlements.accept_settlement(again, by=ministry).state == "accepted"


def test_forecast_counts_what_stands() -> None:
    terms = [Term(12_000, date(2026, 1, 1), date(2026, 12, 31)), Term(24_000, date(2026, 7, 1), date(2027, 6, 30))]
    assert to_come(terms, date(2026, 6, 30)) == {2026: 6_000 + 12_000, 2027: 12_000}
    assert to_come(terms, date(2026, 6, 30), date(2027, 12, 31)) == {2026: 18_000, 2027: 12_000 + 24_000}
    assert to_come(terms, date(2030, 1, 1)) == {}


def test_sample_is_repeatable_and_kept(appointment: Any, institute: Any, auditor: Any) -> None:
    books = [
        ledger.account("expense", 2026, institute=institute, purpose="other"),
        ledger.account("bank", 2026, institute=institute),
    ]
    for number in range(30):
        amount = 1_000 + 37 * number
        lines = [(books[0], amount), (books[1], -amount)]
        ledger.post(ledger.Posting(f"t:{number}", date(2026, 1, 5), "paper", lines), by=None)
    asked = Sample(2026, institute, 10, 1_100, 7)
    first, second = (audits.draw_sample(asked, by=auditor) for _twice in range(2))
    assert first == second
    assert len(first) == 10
    assert all(line.amount_krw >= 1_100 for line in first)
    kept = AuditQuery.objects.all()
    assert len({row.sha256 for row in kept}) == 1
    with pytest.raises(IntegrityError), transaction.atomic():
        kept.update(found=0)
    assert audits.draw_sample(Sample(2031, None, 5, 0, 1), by=auditor) == []


def test_books_leave_as_files_with_a_manifest(agreed: Any, auditor: Any) -> None:
    load_reference()
    file = io.BytesIO()
    manifest = write_books(accounts_visible_to(auditor), YEAR, file)
    assert manifest["sum_of_lines_krw"] == 0
    with zipfile.ZipFile(file) as archive:
        assert json.loads(archive.read("manifest.json")) == manifest
        for name, said in manifest["files"].items():
            content = archive.read(name)
            assert (sha256(content).hexdigest(), len(content)) == (said["sha256"], said["bytes"])
            assert content.count(b"\r\n") == said["rows"] + 1
    assert manifest["files"]["lines.csv"]["rows"] == Line.objects.filter(account__fiscal_year=YEAR).count()


def test_pages_of_the_year_end(
    agreed: Any, institute: Any, labs: list[Any], client_of: Any, finance_officer: Any, second_finance_officer: Any,
    ministry: Any, auditor: Any, stranger: Any, other_finance_officer: Any, appointment: Any,
) -> None:  # fmt: skip
    load_reference()
    finance, second, state = (client_of(who) for who in (finance_officer, second_finance_officer, ministry))
    form = {
        "institute": institute.pk, "kind": "transfer", "fiscal_year": YEAR, "amount_krw": 5, "from_lab": labs[0].pk,
        "to_lab": labs[1].pk, "reason": "more sensors",
    }  # fmt: skip
    assert finance.post("/budget/movements/", form).status_code == 302
    assert finance.post("/budget/movements/", {**form, "to_lab": labs[0].pk}).status_code == 409
    decide = f"/budget/movements/{Movement.objects.get().key}/decide/"
    assert finance.post(decide).status_code == 409
    assert client_of(other_finance_officer).post(decide).status_code == 404
    assert second.post(decide).status_code == 302
    assert finance.post("/budget/settlements/", {"institute": institute.pk, "fiscal_year": YEAR}).status_code == 302
    made = Settlement.objects.get()
    here = f"/budget/settlements/{made.key}/"
    assert finance.get(f"{here}report.pdf").content.startswith(b"%PDF")
    assert state.post(here, {"question": "Why so little?"}).status_code == 302
    assert (
        state.post(f"/budget/tranches/plan/{agreed.key}/", {"due_on": "2026-05-01", "amount_krw": 5}).status_code == 409
    )
    assert finance.post("/ledger/years/", {"year": 2024, "to": "closed", "reason": "over"}).status_code == 302
    confirm = f"/ledger/years/{YearChange.objects.get().pk}/confirm/"
    assert finance.post(confirm).status_code == 409
    assert state.post(confirm).status_code == 302
    assert FiscalYear.objects.get(year=2024).state == "closed"
    assert finance.post("/ledger/years/", {"year": 2024, "to": "open", "reason": "?"}).status_code == 302
    latest = YearChange.objects.latest("pk")
    assert state.post(f"/ledger/years/{latest.pk}/confirm/", {"withdraw": "1"}).status_code == 302
    lab_account = Account.objects.get(kind="lab", lab=labs[0], fiscal_year=YEAR)
    assert client_of(auditor).get(f"/ledger/{lab_account.key}/chain/").status_code == 200
    assert client_of(auditor).get(f"/ledger/{lab_account.key}/").status_code == 200
    assert b"".join(client_of(auditor).get(f"/ledger/export/{YEAR}/").streaming_content).startswith(b"PK")
    assert AuditQuery.objects.count() == 3
    asked = {"fiscal_year": YEAR, "size": 5, "at_least_krw": 0, "seed": 1}
    assert client_of(auditor).post("/ledger/sample/", asked).status_code == 200
    assert finance.get("/ledger/sample/").status_code == 403
    fund = Account.objects.get(kind="committed", purpose="research_fund", fiscal_year=2026)
    settle = f"/budget/leftovers/{fund.key}/settle/"
    assert second.post(settle).status_code == 302
    later = Account.objects.get(kind="committed", purpose="research_fund", fiscal_year=2027)
    assert second.post(f"/budget/leftovers/{later.key}/settle/", {"release": "1"}).status_code == 302
    pages = [
        "/budget/forecast/", "/budget/movements/", "/budget/tranches/", "/budget/settlements/", here, "/ledger/years/",
        f"/budget/leftovers/?year={YEAR}", "/budget/leftovers/?year=2026", f"/ledger/?year={YEAR}&lab=LLM", "/budget/",
    ]  # fmt: skip
    for page in pages:
        assert finance.get(page).status_code == 200, page
        assert client_of(stranger).get(page).status_code in {403, 404}, page
    assert state.get("/budget/forecast/").status_code == 200
    assert Tranche.objects.count() == 0
    assert [row.spent_krw for row in forecast(ministry)]
