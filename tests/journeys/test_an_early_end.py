"""In each language: she finds a post and leaves before her term ends. Asked for, decided, paid to the day."""

from datetime import date
from typing import Any

import pytest
import time_machine
from django.utils import translation

from common.when import day_words
from fellowships.models import Appointment
from funding.models import Account, PayrollRun
from funding.queries.books import faults
from people.states import Role
from tests.factories import people
from tests.factories.applications import CallLabFactory
from tests.factories.fellowships import AppointmentFactory
from tests.factories.funding import BankDetailFactory, PayerAccountFactory, confirmed_rates
from tests.factories.mentoring import MentorAssignmentFactory
from tests.journeys.conftest import Person, may_sign_in

LAST_DAY = date(2026, 10, 14)
WHY = {"ko": "대학에 교수로 임용되었습니다.", "en": "A university made me a professor."}


@pytest.fixture(autouse=True)
def early_autumn() -> Any:
    with time_machine.travel("2026-09-21 10:00+09:00", tick=True):
        yield


@pytest.fixture
def world(transactional_db: None, language: str) -> dict[str, Any]:
    """A fellow with a mentor and a year of money, two officers and three of finance."""
    call_lab = CallLabFactory()
    place = call_lab.lab.institute.place
    appointment = AppointmentFactory(offer__call_lab=call_lab)
    may_sign_in(appointment.fellow, language)
    MentorAssignmentFactory(appointment=appointment)
    BankDetailFactory(user=appointment.fellow)
    PayerAccountFactory(institute=call_lab.lab.institute)
    confirmed_rates(people.UserFactory())
    for name, role in (("officer", Role.PROGRAMME_OFFICER), ("finance", Role.FINANCE_OFFICER)):
        may_sign_in(people.holder(role, place, email=f"{name}@example.org"), language)
    return {"appointment": appointment, "lab": call_lab.lab}


def test_she_leaves_before_her_term_ends(world: dict[str, Any], person: Any) -> None:
    appointment = world["appointment"]
    her = person().sign_in(appointment.fellow.email)
    she_sees_what_it_moves_and_asks(her, appointment)
    the_officer_decides(person().sign_in("officer@example.org"), appointment)
    the_money_is_the_labs_again(world)
    her_last_month_is_paid_by_days(person().sign_in("finance@example.org"), appointment)
    her.open(f"/appointments/{appointment.key}/")
    with translation.override(her.language):
        assert her.reads(day_words(LAST_DAY))
    assert faults() == {}


def she_sees_what_it_moves_and_asks(her: Person, appointment: Appointment) -> None:
    her.open(f"/appointments/{appointment.key}/change/?kind=end_early")
    her.fill(until_on="2027-06-30", reason=WHY[her.language])
    her.press("See what it moves")
    assert her.reads("2027")
    assert her.page.input_value("main [name=reason]") == WHY[her.language]
    her.fill(until_on=LAST_DAY.isoformat())
    her.press("See what it moves")
    for words in ("Last pay", "₩3,387,096", "Severance", "Mentors who are told"):
        assert her.reads(words)
    assert not appointment.amendments.exists()
    her.press("Ask for this change")
    assert appointment.amendments.get().state == "asked"


def the_officer_decides(officer: Person, appointment: Appointment) -> None:
    officer.open("/changes/")
    officer.follow("End before the term")
    assert officer.reads("₩3,387,096")
    officer.press("Approve, and end the appointment")
    appointment.refresh_from_db()
    assert (appointment.ends_on, appointment.amendments.get().version) == (LAST_DAY, 2)


def the_money_is_the_labs_again(world: dict[str, Any]) -> None:
    """Of 45 million of salary this year three months and 14 days stay held; all of the next year is free."""
    offer = world["appointment"].offer
    held = {
        (row.fiscal_year, row.purpose): row.balance_krw for row in Account.objects.filter(kind="committed", offer=offer)
    }
    assert held[2026, "salary"] == 3 * 7_500_000 + 3_387_096
    assert held[2027, "salary"] == held[2027, "research_fund"] == 0
    free = Account.objects.get(kind="lab", lab=world["lab"], fiscal_year=2027)
    assert free.balance_krw == 75_000_000


def her_last_month_is_paid_by_days(finance: Person, appointment: Appointment) -> None:
    finance.open("/payroll/")
    finance.page.fill("main [name=month]", "2026-10")
    finance.press("Prepare the preview")
    line = PayrollRun.objects.get().lines.get()
    assert (line.appointment, line.gross_krw) == (appointment, 3_387_096)
    assert finance.reads("3,387,096")
