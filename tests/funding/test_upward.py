"""From a fellow up to the appropriations, through two years over whose ends money was carried."""

from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from lxml import html

from funding import ledger
from funding.actions import budget, movements
from funding.models import Account
from funding.queries.upward import Stage, way_up
from people.states import Role
from tests.factories import people
from tests.factories.funding import confirmed_rules
from tests.factories.labs import LabFactory

MILLION = 1_000_000
STEPS_OF_2026 = [
    ("Allotment", 600 * MILLION), ("Allotment", 200 * MILLION), ("Agreement", 700 * MILLION),
    ("Agreement", 250 * MILLION), ("Appropriation", 1_000 * MILLION), ("Appropriation", 300 * MILLION),
]  # fmt: skip


def january(year: int) -> Any:
    return time_machine.travel(f"{year}-01-11 10:00+09:00", tick=False)


@pytest.fixture
def world(appointment: Any, institute: Any, lab: Any, finance_officer: Any, second_finance_officer: Any) -> Any:
    """Two appropriations of 2026 and one of 2027; nothing new in 2028. A second lab gives the first what it has."""
    ministry, second = people.holder(Role.MINISTRY), LabFactory(code="SECOND", institute=institute)
    confirmed_rules()
    made = SimpleNamespace(
        lab=lab, second=second, institute=institute, ministry=ministry, asks=finance_officer,
        approves=second_finance_officer, offer=appointment.offer,
    )  # fmt: skip
    for row in (appointment.offer, appointment):
        type(row).objects.filter(pk=row.pk).update(ends_on=date(2028, 12, 31))
    with january(2026):
        allotted(made, "Annual", 2026, lab, 1_000, 700, 600)
        allotted(made, "Supplementary", 2026, second, 300, 250, 200)
        moved(made, "transfer", 2026, 50, from_lab=second, to_lab=lab)
    with january(2027):
        allotted(made, "Annual", 2027, lab, 90, 80, 70)
    return made


def allotted(world: Any, source: str, year: int, lab: Any, *millions: int) -> None:
    given, agreed, allotted = (million * MILLION for million in millions)
    appropriation = budget.appropriate(source, year, given, by=world.ministry)
    agreement = budget.agree(appropriation, world.institute, agreed, by=world.ministry)
    budget.allot(agreement, lab, allotted, by=world.asks)


def moved(world: Any, kind: str, year: int, millions: int, **ends: Any) -> None:
    wish = movements.Wish(kind, year, millions * MILLION, "the plan changed", **ends)
    movements.approve_movement(movements.ask_movement(world.institute, wish, by=world.asks), by=world.ministry)


def fund_of(world: Any, year: int) -> Account:
    return Account.objects.get(kind="committed", purpose="research_fund", fiscal_year=year, offer=world.offer)


@pytest.fixture
def carried(world: Any) -> Any:
    """Over the ends of 2026 and of 2027 her research funds go on, and some of what the lab has left."""
    for year, millions in ((2026, 100), (2027, 60)):
        with january(year + 1):
            movements.carry_commitment(fund_of(world, year), by=world.approves)
            moved(world, "carry_over", year, millions, from_lab=world.lab)
    return world


def said(stage: Stage, *words: str) -> list[tuple[str, int]]:
    return [(step.words, step.amount_krw) for step in stage.steps if step.words in words]


def test_a_fellows_money_of_a_third_year_leads_to_the_first(carried: Any, auditor: Any) -> None:
    last, middle, first = way_up(fund_of(carried, 2028), auditor)
    assert [last.year, middle.year, first.year] == [2028, 2027, 2026]
    assert said(last, "Account", "Brought forward from 2027") == [
        ("Account", 60 * MILLION), ("Brought forward from 2027", 60 * MILLION),
        ("Brought forward from 2027", 60 * MILLION),
    ]  # fmt: skip
    assert said(last, "Allotment", "Appropriation") == []
    assert said(middle, "Brought forward from 2026") == [
        ("Brought forward from 2026", 30 * MILLION),
        ("Brought forward from 2026", 100 * MILLION),
    ]
    assert said(middle, "Allotment", "Appropriation") == [("Allotment", 70 * MILLION), ("Appropriation", 90 * MILLION)]
    assert said(first, "Came from another lab") == [("Came from another lab", 50 * MILLION)]
    assert said(first, "Allotment", "Agreement", "Appropriation") == STEPS_OF_2026
    events = [step for stage in (last, middle, first) for step in stage.steps if not step.event.startswith("offer:")]
    assert [step.label for step in events if step.event and step.entry is None] == []


def test_what_she_spent_goes_the_same_way(carried: Any, auditor: Any) -> None:
    spent = ledger.account("spent", 2028, lab=carried.lab, offer=carried.offer, purpose="research_fund")
    assert [stage.year for stage in way_up(spent, auditor)] == [2028, 2027, 2026]


def test_a_year_into_which_nothing_came_is_the_last(world: Any, auditor: Any) -> None:
    moved(world, "transfer", 2027, 5, from_lab=world.lab, to_lab=world.second)
    (only,) = way_up(fund_of(world, 2027), auditor)
    assert (only.year, said(only, "Came from another lab")) == (2027, [])
    given_away = Account.objects.get(kind="lab", lab=world.second, fiscal_year=2027)
    (stage,) = way_up(given_away, auditor)
    assert said(stage, "Came from another lab", "Appropriation") == [
        ("Came from another lab", 5 * MILLION),
        ("Appropriation", 90 * MILLION),
    ]


def test_a_lab_and_the_bank_of_an_institute_lead_up_through_their_years(carried: Any, auditor: Any) -> None:
    lab = Account.objects.get(kind="lab", lab=carried.lab, fiscal_year=2028)
    stages = way_up(lab, auditor)
    assert [stage.year for stage in stages] == [2028, 2027, 2026]
    assert said(stages[2], "Allotment", "Agreement", "Appropriation") == STEPS_OF_2026
    for year in (2026, 2027):
        movements.carry_position(carried.institute, year, by=carried.approves)
    last, middle, first = way_up(Account.objects.get(kind="bank", fiscal_year=2028), auditor)
    assert said(last, "Brought forward from 2027") == [("Brought forward from 2027", 1_030 * MILLION)]
    assert said(middle, "Brought forward from 2026") == [("Brought forward from 2026", 950 * MILLION)]
    assert said(first, "Appropriation") == [("Appropriation", 1_000 * MILLION), ("Appropriation", 300 * MILLION)]


def test_the_way_costs_the_same_for_one_year_and_for_three(carried: Any, auditor: Any) -> None:
    costs = []
    way_up(fund_of(carried, 2026), auditor)  # her roles are read once
    for year in (2026, 2027, 2028):
        account = fund_of(carried, year)
        with CaptureQueriesContext(connection) as seen:
            way_up(account, auditor)
        costs.append(len(seen))
    assert costs == [costs[0]] * 3
    assert costs[0] <= 10


@pytest.mark.parametrize(("language", "words"), [("en", "Brought forward from 2027"), ("ko", "2027년에서 이월")])
def test_page_shows_the_years_and_opens_every_entry_it_names(
    carried: Any, auditor: Any, client_of: Any, language: str, words: str
) -> None:
    here = f"/ledger/{fund_of(carried, 2028).key}/chain/"
    for who in (auditor, carried.asks):
        type(who).objects.filter(pk=who.pk).update(language=language)
        page = html.fromstring(client_of(who).get(here).content)
        assert words in page.text_content()
        assert len(page.xpath("//main//section/h2")) == 3
        named = [link.get("href") for link in page.xpath("//main//td/a")]
        assert len(named) >= 8
        assert [link for link in named if client_of(who).get(link).status_code != 200] == []


def test_source_of_all_money_names_the_appropriations_of_its_year(world: Any, auditor: Any) -> None:
    (stage,) = way_up(Account.objects.get(kind="programme", fiscal_year=2026), auditor)
    assert said(stage, "Appropriation") == [("Appropriation", 1_000 * MILLION), ("Appropriation", 300 * MILLION)]
