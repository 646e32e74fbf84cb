"""Purchase requests: money set aside before it is spent, decided by another, claimed once."""

from datetime import date
from typing import Any

import pytest
import time_machine
from django.db import IntegrityError
from django.urls import reverse

from common.refusals import IllegalMove, SamePersonTwice
from funding.actions import claims, purchases
from funding.actions.claims import ClaimRefused, FundTooSmall
from funding.models import Claim, PurchaseRequest
from funding.queries.claims import fund_of, requests_to_claim
from tests.factories.funding import CategoryRuleFactory, ClaimCategoryFactory, ClaimFactory, PurchaseRequestFactory

PDF = b"%PDF-1.7 bill"
pytestmark = pytest.mark.usefixtures("autumn")


@pytest.fixture
def autumn() -> Any:
    with time_machine.travel("2026-10-01 12:00+09:00", tick=False):
        yield


@pytest.fixture
def robot(appointment: Any) -> PurchaseRequest:
    """An arm for ten million won, asked for."""
    wish = purchases.Wish(ClaimCategoryFactory(), 10_000_000, date(2026, 10, 20), "A robot arm")
    return purchases.ask_purchase(appointment, wish, by=appointment.fellow)


def bill(robot: PurchaseRequest, **other: Any) -> claims.Draft:
    values = {
        "category": robot.category,
        "amount_krw": 9_500_000,
        "spent_on": date(2026, 9, 30),
        "purpose": "A robot arm",
        "request": robot,
    }
    return claims.Draft(**{**values, **other})


def submit(draft: claims.Draft, appointment: Any) -> Claim:
    receipt = claims.Receipt("bill.pdf", PDF, "application/pdf")
    return claims.submit_claim(appointment, draft, [receipt], by=appointment.fellow)


def test_money_is_set_aside_until_it_is_claimed(appointment: Any, robot: Any, finance_officer: Any) -> None:
    assert (fund_of(appointment, 2026).reserved_krw, fund_of(appointment, 2026).left_krw) == (10_000_000, 20_000_000)
    purchases.approve_purchase(robot, by=finance_officer)
    claim = submit(bill(robot), appointment)
    fund = fund_of(appointment, 2026)
    assert (fund.reserved_krw, fund.asked_krw, fund.left_krw) == (0, 9_500_000, 20_500_000)
    claims.take_back_claim(claim, by=appointment.fellow)
    assert fund_of(appointment, 2026).reserved_krw == 10_000_000
    claim = submit(bill(robot), appointment)
    claims.refuse_claim(claim, by=finance_officer, reason="The bill names another person")
    assert fund_of(appointment, 2026).reserved_krw == 10_000_000


def test_set_aside_money_pays_the_whole_of_a_small_fund(appointment: Any, finance_officer: Any) -> None:
    category = ClaimCategoryFactory()
    wish = purchases.Wish(category, 30_000_000, date(2026, 10, 20), "Servers")
    servers = purchases.ask_purchase(appointment, wish, by=appointment.fellow)
    purchases.approve_purchase(servers, by=finance_officer)
    with pytest.raises(FundTooSmall):
        submit(bill(servers, amount_krw=1, request=None), appointment)
    assert submit(bill(servers, amount_krw=30_000_000), appointment).amount_krw == 30_000_000


@pytest.mark.parametrize(
    "wrong", [{"estimate_krw": 30_000_001}, {"estimate_krw": 0}, {"needed_on": date(2026, 6, 30)}, {"what": "Wine"}]
)
def test_what_cannot_be_bought_is_refused(appointment: Any, wrong: dict[str, Any]) -> None:
    CategoryRuleFactory(words="wine", reason_en="No wine.")
    values = {
        "category": ClaimCategoryFactory(),
        "estimate_krw": 1_000,
        "needed_on": date(2026, 10, 20),
        "what": "Sensors",
    }
    with pytest.raises((purchases.PurchaseRefused, FundTooSmall)):
        purchases.ask_purchase(appointment, purchases.Wish(**{**values, **wrong}), by=appointment.fellow)
    assert not PurchaseRequest.objects.exists()


def test_nobody_approves_her_own(appointment: Any, robot: Any, finance_officer: Any) -> None:
    with pytest.raises(SamePersonTwice):
        purchases.approve_purchase(robot, by=appointment.fellow)
    with pytest.raises(IntegrityError, match="purchase_approver_is_another"):
        PurchaseRequest.objects.filter(pk=robot.pk).update(approved_by=appointment.fellow)


def test_refused_and_taken_back_free_the_money(
    appointment: Any, robot: Any, finance_officer: Any, mailoutbox: Any
) -> None:
    with pytest.raises(purchases.PurchaseRefused):
        purchases.refuse_purchase(robot, by=finance_officer, reason=" ")
    purchases.refuse_purchase(robot, by=finance_officer, reason="The lab has one")
    assert fund_of(appointment, 2026).reserved_krw == 0
    other = PurchaseRequestFactory(appointment=appointment, needed_on=date(2026, 11, 1))
    purchases.approve_purchase(other, by=finance_officer)
    purchases.take_back_purchase(other, by=appointment.fellow)
    assert fund_of(appointment, 2026).left_krw == 30_000_000
    with pytest.raises(IllegalMove):
        purchases.approve_purchase(other, by=finance_officer)


@pytest.mark.parametrize("wrong", [{"amount_krw": 10_000_001}, {"category": None}])
def test_claim_keeps_to_what_was_approved(
    appointment: Any, robot: Any, finance_officer: Any, wrong: dict[str, Any]
) -> None:
    purchases.approve_purchase(robot, by=finance_officer)
    values = {"category": ClaimCategoryFactory(code="travel")} if "category" in wrong else wrong
    with pytest.raises(ClaimRefused):
        submit(bill(robot, **values), appointment)


def test_request_is_claimed_once_and_only_when_approved(appointment: Any, robot: Any, finance_officer: Any) -> None:
    with pytest.raises(ClaimRefused):
        submit(bill(robot), appointment)
    purchases.approve_purchase(robot, by=finance_officer)
    claim = submit(bill(robot), appointment)
    assert not requests_to_claim(appointment)
    with pytest.raises(ClaimRefused):
        submit(bill(robot), appointment)
    with pytest.raises(purchases.PurchaseRefused):
        purchases.take_back_purchase(robot, by=appointment.fellow)
    twice = {"appointment": appointment, "category": robot.category, "request": robot, "amount_krw": 1}
    with pytest.raises(IntegrityError, match="purchase_is_claimed_once"):
        Claim.objects.create(
            **twice, spent_on=claim.spent_on, fiscal_year=2026, purpose="x", submitted_by=appointment.fellow
        )


def test_claim_is_taken_back_until_it_is_decided(
    appointment: Any, fellow: Any, finance_officer: Any, stranger: Any, client_of: Any
) -> None:
    claim = ClaimFactory(appointment=appointment)
    page = reverse("funding:claim", kwargs={"key": claim.key})
    address = reverse("funding:take_back_claim", kwargs={"key": claim.key})
    assert address in client_of(fellow).get(page).content.decode()
    assert address not in client_of(finance_officer).get(page).content.decode()
    assert client_of(stranger).post(address).status_code == 404
    client_of(fellow).post(address)
    claim.refresh_from_db()
    assert (claim.state, fund_of(appointment, 2026).left_krw) == ("taken_back", 30_000_000)
    with pytest.raises(IllegalMove):
        claims.approve_claim(claim, by=finance_officer)
    decided = claims.approve_claim(ClaimFactory(appointment=appointment), by=finance_officer)
    with pytest.raises(IllegalMove):
        claims.take_back_claim(decided, by=fellow)


def test_rule_asks_for_a_request_from_an_amount_on(appointment: Any, robot: Any, finance_officer: Any) -> None:
    CategoryRuleFactory(category=robot.category, kind="request_from", value=3_000_000, reason_en="Ask first.")
    purchases.approve_purchase(robot, by=finance_officer)
    with pytest.raises(ClaimRefused, match="Ask first"):
        submit(bill(robot, request=None), appointment)
    assert submit(bill(robot), appointment).request_id == robot.pk


def test_pages_from_asking_to_the_claim(
    appointment: Any, fellow: Any, finance_officer: Any, stranger: Any, client_of: Any
) -> None:
    category = ClaimCategoryFactory()
    address = reverse("funding:new_purchase", kwargs={"key": appointment.key})
    form = {
        "category": category.pk,
        "what": "A robot arm",
        "supplier": "Arms",
        "estimate_krw": "10000000",
        "needed_on": "2026-10-20",
    }
    assert client_of(stranger).get(address).status_code == 404
    dear = client_of(fellow).post(address, {**form, "estimate_krw": "90000000"})
    assert (dear.status_code, "A robot arm" in dear.content.decode()) == (409, True)
    made = client_of(fellow).post(address, form)
    asked = PurchaseRequest.objects.get()
    page = reverse("funding:purchase", kwargs={"key": asked.key})
    assert made["Location"] == page
    assert client_of(stranger).get(page).status_code == 404
    assert client_of(fellow).post(page, {"approve": "1"}).status_code in {200, 422}
    asked.refresh_from_db()
    assert asked.state == "asked"
    assert "A robot arm" in client_of(finance_officer).get(reverse("funding:purchases_desk")).content.decode()
    assert client_of(finance_officer).post(page, {"reason": ""}).status_code == 422
    assert client_of(finance_officer).post(page, {"approve": "1"}).status_code == 302
    claim_page = reverse("funding:new_claim", kwargs={"key": appointment.key})
    assert claim_page in client_of(fellow).get(page).content.decode()
    assert 'name="request"' in client_of(fellow).get(claim_page).content.decode()
    assert client_of(fellow).post(page, {"take_back": "1"}).status_code == 302
    assert 'name="request"' not in client_of(fellow).get(claim_page).content.decode()
    assert "A robot arm" in client_of(fellow).get(reverse("funding:purchases")).content.decode()
