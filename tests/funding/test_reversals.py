"""A mistake in the books: asked to be reversed by one, approved by another; nothing is ever changed."""

from datetime import date
from typing import Any

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.urls import reverse

from common.refusals import SamePersonTwice
from funding.actions import budget, movements, reversals, years
from funding.ledger import OverBudget
from funding.models import Account, Appropriation, BankLine, BankMessage, Entry, Movement, Reversal, Tranche
from funding.queries.books import faults
from funding.rules import REVERSED_BY
from funding.states import MovementKind
from people.models import User
from people.states import Role
from tests.factories.funding import confirmed_rules
from tests.factories.labs import LabFactory
from tests.factories.people import holder

pytestmark = pytest.mark.django_db
YEAR = 2026


@pytest.fixture(autouse=True)
def spring() -> Any:
    with time_machine.travel("2026-04-01 12:00+09:00", tick=False):
        yield


@pytest.fixture
def ministry() -> list[User]:
    return [holder(Role.MINISTRY) for _ in range(2)]


@pytest.fixture
def finance(institute: Any) -> list[User]:
    return [holder(Role.FINANCE_OFFICER, institute.place) for _ in range(3)]


@pytest.fixture
def made(institute: Any, lab: Any, ministry: list[User], finance: list[User]) -> dict[str, Any]:
    """A budget of a thousand: appropriated, agreed by tranches, six hundred allotted, one tranche in, a transfer."""
    confirmed_rules(transfer_limit_krw=1_000)
    source = budget.appropriate("The budget", YEAR, 1_000, by=ministry[0])
    agreement = budget.agree(source, institute, 900, by=ministry[0], by_tranches=True)
    allotment = budget.allot(agreement, lab, 600, by=finance[0])
    tranche = movements.plan_tranche(agreement, by=finance[0], due_on=date(YEAR, 3, 1), amount_krw=500)
    movements.receive_tranche(tranche, by=finance[1], received_on=date(YEAR, 3, 2), reference="A 1")
    other = LabFactory(code="OTHER", institute=institute)
    wish = movements.Wish(MovementKind.TRANSFER, YEAR, 100, "Rooms.", lab, other)
    movement = movements.ask_movement(institute, wish, by=finance[0])
    return {
        "appropriation": source,
        "agreement": agreement,
        "allotment": allotment,
        "tranche": tranche,
        "movement": movements.approve_movement(movement, by=finance[1]),
    }


def entry_of(row: Any) -> Entry:
    return Entry.objects.get(source_type=row._meta.label_lower, source_id=str(row.pk), reverses=None)


def reverse_(row: Any, first: User, second: User) -> Reversal:
    asked = reversals.ask_reversal(entry_of(row), "Typed in twice.", by=first)
    return reversals.approve_reversal(asked, by=second)


def balances() -> dict[str, int]:
    return dict(Account.objects.exclude(balance_krw=0).values_list("code", "balance_krw"))


def test_everything_is_taken_back_from_the_last_to_the_first(
    made: dict[str, Any], institute: Any, lab: Any, ministry: list[User], finance: list[User]
) -> None:
    for name in ("appropriation", "agreement"):
        with pytest.raises(reversals.RestsOnIt):
            reverse_(made[name], *ministry)
    with pytest.raises(OverBudget):
        reverse_(made["allotment"], *finance[:2])
    for name in ("movement", "tranche", "allotment"):
        Reversal.objects.filter(state="asked").update(state="refused")
        done = reverse_(made[name], *finance[:2])
        assert done.made is not None
        assert done.made.reverses == entry_of(made[name])
        assert faults() == {}
    planned = movements.plan_tranche(made["agreement"], by=finance[0], due_on=date(YEAR, 4, 1), amount_krw=100)
    reverse_(made["agreement"], *ministry)
    # nothing more comes out of what was taken back, whoever still has its page open
    for late in (
        lambda: budget.allot(made["agreement"], lab, 1, by=finance[0]),
        lambda: movements.plan_tranche(made["agreement"], by=finance[0], due_on=date(YEAR, 4, 1), amount_krw=1),
        lambda: movements.receive_tranche(planned, by=finance[1], received_on=date(YEAR, 4, 1), reference="A 2"),
    ):
        with pytest.raises(budget.TakenBack):
            late()
    reverse_(made["appropriation"], *ministry)
    with pytest.raises(budget.TakenBack):
        budget.agree(made["appropriation"], institute, 1, by=ministry[0])
    assert balances() == {}
    assert faults() == {}
    assert Movement.objects.get().state == "reversed"
    # what was taken back no longer counts, and can be entered again, rightly
    again = budget.appropriate("The budget", YEAR, 2_000, by=ministry[0])
    agreement = budget.agree(again, institute, 2_000, by=ministry[0], by_tranches=True)
    assert list(Appropriation.objects.standing()) == [again]
    tranche = movements.plan_tranche(agreement, by=finance[0], due_on=date(YEAR, 5, 1), amount_krw=2_000)
    assert list(Tranche.objects.filter(reversed_at=None)) == [planned, tranche]


def test_what_a_movement_of_the_bank_is_tied_to_stays(
    made: dict[str, Any], institute: Any, finance: list[User]
) -> None:
    entry = entry_of(made["tranche"])
    message = BankMessage.objects.create(
        institute=institute, kind="camt.053", ident="M1", sha256="0" * 64, content_sealed="x", entered_by=finance[0]
    )
    BankLine.objects.create(
        message=message, booked_on=date(YEAR, 3, 2), amount_krw=500, words="tranche", state="settled", entry=entry,
        settled_note="the tranche", proposed_by=finance[0], settled_by=finance[1],
    )  # fmt: skip
    with pytest.raises(reversals.RestsOnIt):
        reversals.ask_reversal(entry, "Wrong.", by=finance[0])


def test_two_people_and_once(made: dict[str, Any], finance: list[User]) -> None:
    first, second, third = finance
    entry = entry_of(made["tranche"])
    with pytest.raises(reversals.NeedsReason):
        reversals.ask_reversal(entry, " ", by=first)
    asked = reversals.ask_reversal(entry, "Another agreement's money.", by=first)
    with pytest.raises(reversals.ReversedAlready):
        reversals.ask_reversal(entry, "Again.", by=second)
    with pytest.raises(SamePersonTwice):
        reversals.approve_reversal(asked, by=first)
    with pytest.raises(IntegrityError, match="reversal_needs_another"), transaction.atomic():
        Reversal.objects.filter(pk=asked.pk).update(approved_by=first)
    reversals.approve_reversal(asked, by=second)
    with pytest.raises(reversals.ReversedAlready):
        reversals.ask_reversal(entry, "Again.", by=third)
    opposite = Entry.objects.get(reverses=entry)
    with pytest.raises(reversals.NotReversible):
        reversals.ask_reversal(opposite, "The reversal was wrong.", by=first)
    assert {line.account_id: line.amount_krw for line in opposite.lines.all()} == {
        line.account_id: -line.amount_krw for line in entry.lines.all()
    }


def test_a_closed_year_stays_as_it_was_closed(made: dict[str, Any], finance: list[User]) -> None:
    asked = reversals.ask_reversal(entry_of(made["tranche"]), "Wrong.", by=finance[0])
    year, _new = years.FiscalYear.objects.get_or_create(year=YEAR)
    years.FiscalYear.objects.filter(pk=year.pk).update(state="closed")
    before = balances()
    with pytest.raises(reversals.Refusal, match="closed"):
        reversals.approve_reversal(asked, by=finance[1])
    assert balances() == before
    assert Reversal.objects.get().state == "asked"


def test_every_kind_is_reversed_by_those_who_may_make_it() -> None:
    assert set(REVERSED_BY) == set(reversals.KINDS)


def test_the_page_of_an_entry(client_of: Any, made: dict[str, Any], finance: list[User], ministry: list[User]) -> None:
    entry = entry_of(made["allotment"])
    page, ask = reverse("funding:entry", args=[entry.key]), reverse("funding:ask_reversal", args=[entry.key])
    first, second = client_of(finance[0]), client_of(finance[1])
    assert "Made by mistake?" in first.get(page).content.decode()
    assert client_of(ministry[0]).post(ask, {"reason": "No."}).status_code == 403
    empty = first.post(ask, {"reason": ""})
    assert (empty.status_code, "Made by mistake?" in empty.content.decode()) == (422, True)
    assert first.post(ask, {"reason": "The other lab's."}).status_code == 302
    url = {
        verb: reverse("funding:decide_reversal", args=[Reversal.objects.get().key, verb])
        for verb in ("approve", "refuse")
    }
    assert first.post(url["approve"]).status_code == 409
    # a hundred of it went to another lab: the money is no longer there
    assert second.post(url["approve"]).status_code == 409
    assert "The other lab&#x27;s." in second.get(reverse("home")).content.decode()
    assert "The other lab&#x27;s." not in first.get(reverse("home")).content.decode()
    assert second.post(url["refuse"]).status_code == 302
    assert "refused by" in second.get(page).content.decode()
    assert first.post(ask, {"reason": "Once more."}).status_code == 302
