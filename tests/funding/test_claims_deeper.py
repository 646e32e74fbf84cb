"""Claims abroad, by rules, in part, with questions; advances and their settlement; the plan of a year."""

import io
from datetime import date
from typing import Any

import pytest
import time_machine
from django.db import IntegrityError, transaction
from hypothesis import given
from hypothesis import strategies as st

from common.refusals import NotConfigured, SamePersonTwice
from funding.actions import answers, claims
from funding.models import Account, AdvanceSettlement, Claim, ClaimCategory, ExchangeRate
from funding.queries.books import faults
from funding.queries.claims import fund_of, plan_of
from funding.spending import Rule, Wanted, broken, krw_of
from funding.states import ClaimState
from tests.factories.funding import (
    BankDetailFactory,
    CategoryRuleFactory,
    ClaimCategoryFactory,
    PayerAccountFactory,
    confirmed_rules,
)

PDF, DAY = b"%PDF-1.7 receipt", date(2026, 9, 1)


@pytest.fixture(autouse=True)
def autumn() -> Any:
    with time_machine.travel("2026-10-01 12:00+09:00", tick=False):
        yield


def receipt(content: bytes = PDF) -> claims.Receipt:
    return claims.Receipt("receipt.pdf", content, "application/pdf")


def claimed(appointment: Any, amount: int = 500_000, **other: Any) -> Claim:
    purpose = other.pop("purpose", "Sensors")
    draft = claims.Draft(ClaimCategoryFactory(), amount, DAY, purpose, **other)
    papers = [] if other.get("kind") == "advance" else [receipt(PDF + str(Claim.objects.count()).encode())]
    return claims.submit_claim(appointment, draft, papers, by=appointment.fellow)


def of(kind: str, purpose: str = "") -> int:
    return sum(Account.objects.filter(kind=kind, purpose=purpose).values_list("balance_krw", flat=True))


@given(st.integers(0, 10**11), st.integers(1, 10**8))
def test_won_for_an_amount_abroad_are_whole_and_never_too_many(minor: int, rate: int) -> None:
    won = krw_of(minor, rate)
    assert won * 1_000_000 <= minor * rate < (won + 1) * 1_000_000


def test_amount_abroad_uses_the_recorded_rate(appointment: Any, finance_officer: Any) -> None:
    confirmed_rules()
    with pytest.raises(NotConfigured):
        claimed(appointment, 0, currency="USD", foreign_minor=12_050)
    claims.record_rate("USD", date(2026, 8, 28), 13_912_500, "Seoul Money Brokerage", by=finance_officer)
    made = claimed(appointment, 0, currency="USD", foreign_minor=12_050)
    assert (made.amount_krw, made.foreign) == (167_645, "120.50 USD")
    with pytest.raises(claims.ClaimRefused, match="not changed"):
        claims.record_rate("USD", date(2026, 8, 28), 1, "again", by=finance_officer)
    with time_machine.travel("2026-10-20 12:00+09:00"), pytest.raises(NotConfigured):
        claims.Draft(made.category, 0, date(2026, 10, 10), "x", "USD", 1).rated()


RULES = [
    Rule("forbidden", 0, ("wine", "주류"), "no alcohol"),
    Rule("max_krw", 100, (), "too much"),
    Rule("max_percent", 20, (), "too large a share"),
    Rule("min_papers", 1, (), "no paper"),
]


@pytest.mark.parametrize(
    ("amount", "purpose", "papers", "had", "reasons"),
    [
        (100, "Sensors", 1, 0, []),
        (101, "Sensors", 1, 0, ["too much"]),
        (10, "Red WINE", 1, 0, ["no alcohol"]),
        (10, "주류 구입", 0, 0, ["no alcohol", "no paper"]),
        (10, "x", None, 191, ["too large a share"]),
        (10, "x", None, 190, []),
    ],
)
def test_rules_say_their_reasons(amount: int, purpose: str, papers: int | None, had: int, reasons: list[str]) -> None:
    assert list(broken(RULES, Wanted(amount, purpose, papers, 1_000, had))) == reasons


def test_rule_of_a_category_refuses_with_its_words(appointment: Any) -> None:
    CategoryRuleFactory(words="wine, beer", reason_en="No wine.")
    with pytest.raises(claims.ClaimRefused, match="No wine"):
        claimed(appointment, purpose="Wine for all")
    assert not Claim.objects.exists()


def test_part_is_approved_with_a_reason(appointment: Any, finance_officer: Any) -> None:
    made = claimed(appointment)
    for amount, reason in ((0, "x"), (500_001, "x"), (400_000, " ")):
        with pytest.raises(claims.ClaimRefused):
            claims.approve_claim(made, by=finance_officer, amount_krw=amount, reason=reason)
    claims.approve_claim(made, by=finance_officer, amount_krw=400_000, reason="the second night is private")
    assert of("spent", "research_fund") == 400_000
    assert fund_of(appointment, 2026).left_krw == 29_600_000
    with pytest.raises(IntegrityError), transaction.atomic():
        Claim.objects.filter(pk=made.pk).update(approved_krw=500_000)


def test_question_and_answer_start_the_decision_again(
    appointment: Any, finance_officer: Any, second_finance_officer: Any
) -> None:
    made = claimed(appointment, 4_000_000)
    claims.approve_claim(made, by=finance_officer)
    with pytest.raises(claims.ClaimRefused):
        claims.return_claim(made, by=second_finance_officer, question=" ")
    claims.return_claim(made, by=second_finance_officer, question="Which conference?")
    assert fund_of(appointment, 2026).asked_krw == 4_000_000
    with pytest.raises(claims.ClaimRefused):
        claims.answer_claim(made, [], by=appointment.fellow, answer=" ")
    claims.answer_claim(made, [receipt(b"%PDF more")], by=appointment.fellow, answer="NeurIPS")
    made.refresh_from_db()
    assert (made.state, made.checked_by, made.evidence.count()) == (ClaimState.SUBMITTED, None, 2)
    assert claims.approve_claim(made, by=second_finance_officer).state == ClaimState.CHECKED


@pytest.fixture
def advance(
    appointment: Any, institute: Any, finance_officer: Any, second_finance_officer: Any, third_finance_officer: Any
) -> Claim:
    """An advance of 500,000 that was paid."""
    PayerAccountFactory(institute=institute)
    BankDetailFactory(user=appointment.fellow)
    made = claimed(appointment, kind="advance")
    claims.approve_claim(made, by=finance_officer)
    batch = claims.release_claims(institute, by=second_finance_officer)
    answers.record_answers(batch, [answers.Answer(batch.payments.get().reference, True)], by=third_finance_officer)
    made.refresh_from_db()
    return made


def test_advance_is_settled_and_the_rest_comes_back(advance: Claim, finance_officer: Any) -> None:
    fellow = advance.appointment.fellow
    with pytest.raises(claims.ClaimRefused, match="Settle"):
        claimed(advance.appointment, kind="advance")
    for spent, papers in ((500_001, [receipt()]), (1, [])):
        with pytest.raises(claims.ClaimRefused):
            claims.settle_advance(advance, papers, by=fellow, spent_krw=spent, words="flight")
    made = claims.settle_advance(advance, [receipt()], by=fellow, spent_krw=420_000, words="flight")
    with pytest.raises(SamePersonTwice):
        claims.approve_advance(made, by=fellow)
    for _twice in range(2):
        claims.approve_advance(made, by=finance_officer)
    assert (of("spent", "research_fund"), of("receivable", "research_fund")) == (420_000, 80_000)
    assert fund_of(advance.appointment, 2026).left_krw == 30_000_000 - 420_000
    assert claimed(advance.appointment, kind="advance").pk
    assert faults() == {}


def test_plan_shows_what_is_left_by_category(appointment: Any) -> None:
    category = ClaimCategoryFactory()
    with pytest.raises(claims.FundTooSmall):
        claims.keep_plan(appointment, 2026, {category.pk: 30_000_001}, by=appointment.fellow)
    claims.keep_plan(appointment, 2026, {category.pk: 600_000}, by=appointment.fellow)
    claimed(appointment)
    (row,) = plan_of(appointment, 2026)
    assert (row.planned_krw, row.used_krw, row.left_krw) == (600_000, 500_000, 100_000)


def test_pages_of_claims(
    advance: Claim, client_of: Any, fellow: Any, finance_officer: Any, second_finance_officer: Any, stranger: Any
) -> None:
    appointment, her, desk = advance.appointment, client_of(fellow), client_of(finance_officer)
    CategoryRuleFactory(words="wine", reason_en="No wine.")
    category = ClaimCategory.objects.get()
    typed = {"category": category.pk, "amount_krw": "1000", "spent_on": "2026-09-01", "purpose": "wine"}
    check = f"/claims/check/{appointment.key}/"
    assert "No wine." in her.post(check, typed).content.decode()
    assert "Left of the fund" in her.post(check, {**typed, "purpose": "sensor"}).content.decode()
    assert her.post(check, {"category": ""}).content == b""
    assert client_of(stranger).post(check, typed).status_code == 404
    new = f"/claims/new/{appointment.key}/"
    assert "hx-post" in her.get(new).content.decode()
    assert her.post(new, {**typed, "purpose": "wine"}).status_code == 422
    file = io.BytesIO(PDF)
    file.name = "photo.pdf"
    assert (
        her.post(new, {**typed, "purpose": "sensor", "currency": "", "foreign": "3", "receipts": file}).status_code
        == 422
    )
    file.seek(0)
    assert her.post(new, {**typed, "purpose": "sensor", "receipts": file}).status_code == 302
    made = Claim.objects.latest("pk")
    here = f"/claims/{made.key}/"
    assert desk.post(f"{here}approve/", {"amount_krw": "5", "reason": ""}).status_code == 409
    assert desk.post(f"{here}return/", {"question": ""}).status_code == 422
    assert desk.post(f"{here}return/", {"question": "Why?"}).status_code == 302
    assert her.get(here).status_code == 200
    assert desk.post(f"{here}answer/", {"answer": "x"}).status_code == 403
    assert her.post(f"{here}answer/", {"answer": "For the lab"}).status_code == 302
    assert desk.post(f"{here}approve/", {"amount_krw": "5", "reason": "half is private"}).status_code == 302
    plan = f"/claims/plan/{appointment.key}/"
    assert her.get(plan).status_code == 200
    assert her.post(plan, {f"c{category.pk}": "99999999999"}).status_code == 409
    assert her.post(plan, {f"c{category.pk}": "1000"}).status_code == 302
    settle = f"/claims/{advance.key}/settle/"
    file.seek(0)
    assert her.post(settle, {"spent_krw": "10", "words": "x"}).status_code == 409
    other = io.BytesIO(PDF + b"2")
    other.name = "r.pdf"
    assert her.post(settle, {"spent_krw": "10", "words": "x", "receipts": other}).status_code == 302
    made_settlement = AdvanceSettlement.objects.get()
    assert her.get(f"/claims/{advance.key}/").status_code == 200
    assert desk.get(f"/claims/{advance.key}/").status_code == 200
    assert desk.post(f"/claims/advances/{made_settlement.key}/approve/").status_code == 302
    rate = {"currency": "usd", "on": "2026-09-01", "krw": "1391.25", "source": "Brokerage"}
    assert desk.post("/claims/rates/", {**rate, "krw": "0"}).status_code == 422
    assert desk.post("/claims/rates/", rate).status_code == 302
    assert ExchangeRate.objects.get().krw_e4 == 13_912_500
    assert desk.get("/claims/rates/").status_code == 200
    assert her.get("/claims/rates/").status_code == 403
    assert her.get("/claims/").status_code == 200
