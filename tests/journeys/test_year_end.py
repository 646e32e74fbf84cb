"""In each language a fiscal year ends: commitments go on, the rest moves or returns, it is settled, and it closes."""

from typing import Any

import pytest
import time_machine

from funding.actions import budget
from funding.models import Account, FiscalYear, Settlement
from funding.queries.books import faults
from people.states import Role
from tests.factories import people
from tests.factories.applications import CallLabFactory
from tests.factories.fellowships import AppointmentFactory
from tests.factories.funding import confirmed_rules
from tests.journeys.conftest import Person, may_sign_in

YEAR = 2026
FREE_KRW = 600_000_000


@pytest.fixture(autouse=True)
def january() -> Any:
    with time_machine.travel("2027-01-11 10:00+09:00", tick=True):
        yield


@pytest.fixture
def world(transactional_db: None, language: str) -> dict[str, Any]:
    """A billion agreed for last year, of which the lab has 600 million beside what is committed to a fellow."""
    call_lab = CallLabFactory()
    institute = call_lab.lab.institute
    ministry = may_sign_in(people.holder(Role.MINISTRY, email="ministry@example.org"), language)
    finance = may_sign_in(people.holder(Role.FINANCE_OFFICER, institute.place, email="finance@example.org"), language)
    appointment = AppointmentFactory(offer__call_lab=call_lab)
    given = budget.appropriate("Annual", YEAR, 1_000_000_000, by=ministry)
    made = budget.agree(given, institute, 1_000_000_000, by=ministry)
    budget.allot(made, call_lab.lab, FREE_KRW, by=finance)
    confirmed_rules()
    return {"lab": call_lab.lab, "institute": institute, "appointment": appointment}


def test_a_year_ends(world: dict[str, Any], person: Any) -> None:
    finance, ministry = person().sign_in("finance@example.org"), person().sign_in("ministry@example.org")
    commitments_go_on(finance)
    it_cannot_close_yet(finance, ministry)
    for kind, amount, has_lab in (
        ("carry_over", 250_000_000, True), ("take_back", 350_000_000, True), ("give_back", 750_000_000, False),
    ):  # fmt: skip
        money_moves(finance, ministry, kind, amount, has_lab=has_lab)
    it_is_settled(finance, ministry)
    it_closes(ministry)
    left = Account.objects.filter(fiscal_year=YEAR, kind__in=("lab", "committed", "institute", "bank", "payable"))
    assert set(left.values_list("balance_krw", flat=True)) == {0}
    later = Account.objects.get(kind="lab", lab=world["lab"], fiscal_year=YEAR + 1)
    assert later.balance_krw == 250_000_000
    assert faults() == {}


def commitments_go_on(finance: Person) -> None:
    held = Account.objects.filter(kind="committed", fiscal_year=YEAR, balance_krw__gt=0).count()
    assert held == 2
    for _each in range(held):
        finance.open(f"/budget/leftovers/?year={YEAR}")
        finance.press("Carry over")
        assert finance.reads("Carried over to the next year.")
    assert not Account.objects.filter(kind="committed", fiscal_year=YEAR, balance_krw__gt=0).exists()


def it_cannot_close_yet(finance: Person, ministry: Person) -> None:
    finance.open("/ledger/years/")
    assert finance.reads("budgets neither carried over nor returned")
    finance.page.select_option("main [name=to]", "closed")
    finance.fill(year=str(YEAR), reason="The year is over")
    finance.press("Ask for it")
    ministry.open("/ledger/years/")
    ministry.press("Confirm")
    assert ministry.reads("Not everything of this year is settled yet: %(what)s")
    assert FiscalYear.objects.get(year=YEAR).state == "open"


def money_moves(finance: Person, ministry: Person, kind: str, amount_krw: int, *, has_lab: bool) -> None:
    finance.open("/budget/movements/")
    finance.page.select_option("main [name=institute]", index=1)
    finance.page.select_option("main [name=kind]", kind)
    if has_lab:
        finance.page.select_option("main [name=from_lab]", index=1)
    finance.fill(fiscal_year=str(YEAR), amount_krw=str(amount_krw), reason="The year is over")
    finance.press("Ask for it")
    ministry.open("/budget/movements/")
    ministry.press("Approve")
    assert ministry.reads("Approved and entered in the books.")


def it_is_settled(finance: Person, ministry: Person) -> None:
    finance.open("/budget/settlements/")
    finance.page.select_option("main [name=institute]", index=1)
    finance.fill(fiscal_year=str(YEAR))
    finance.press("Submit the settlement")
    made = Settlement.objects.get()
    ministry.open(f"/budget/settlements/{made.key}/")
    assert ministry.reads("1,000,000,000")
    ministry.press("Accept")
    made.refresh_from_db()
    assert made.state == "accepted"


def it_closes(ministry: Person) -> None:
    ministry.open("/ledger/years/")
    assert ministry.reads("Nothing: it may close.")
    ministry.press("Confirm")
    assert FiscalYear.objects.get(year=YEAR).state == "closed"
    assert ministry.reads("Closed")
