"""Claims: within the fund, with evidence, decided by others, paid once."""

import io
from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.urls import reverse

from common.refusals import NotConfigured, SamePersonTwice
from funding.actions import answers, bank_details, claims, payments
from funding.models import Claim, Evidence
from funding.queries.claims import fund_of
from funding.states import ClaimState
from tests.factories.fellowships import AppointmentFactory
from tests.factories.funding import (
    BankDetailFactory,
    ClaimCategoryFactory,
    ClaimFactory,
    PayerAccountFactory,
    confirmed_rules,
)

PDF = b"%PDF-1.7 receipt"
pytestmark = pytest.mark.usefixtures("autumn")


@pytest.fixture
def autumn() -> Any:
    with time_machine.travel("2026-10-01 12:00+09:00", tick=False):
        yield


def draft(**other: Any) -> claims.Draft:
    values = {
        "category": ClaimCategoryFactory(),
        "amount_krw": 500_000,
        "spent_on": date(2026, 9, 1),
        "purpose": "Sensors",
    }
    return claims.Draft(**{**values, **other})


def receipt(content: bytes = PDF) -> claims.Receipt:
    return claims.Receipt("receipt.pdf", content, "application/pdf")


def test_claim_waits_and_is_counted_against_the_fund(appointment: Any) -> None:
    claim = claims.submit_claim(appointment, draft(), [receipt()], by=appointment.fellow)
    fund = fund_of(appointment, 2026)
    assert (claim.state, fund.promised_krw, fund.asked_krw, fund.left_krw) == (
        "submitted",
        30_000_000,
        500_000,
        29_500_000,
    )
    assert claim.evidence.get().sha256


@pytest.mark.parametrize(
    "wrong",
    [
        {"amount_krw": 30_000_001},
        {"spent_on": date(2026, 6, 30)},
        {"spent_on": date(2026, 10, 2)},
    ],
)
def test_claim_is_refused(appointment: Any, wrong: dict[str, Any]) -> None:
    with pytest.raises((claims.ClaimRefused, claims.FundTooSmall)):
        claims.submit_claim(appointment, draft(**wrong), [receipt()], by=appointment.fellow)
    assert not Claim.objects.exists()


def test_receipt_is_needed_and_used_once(appointment: Any, finance_officer: Any) -> None:
    fellow = appointment.fellow
    with pytest.raises(claims.ClaimRefused):
        claims.submit_claim(appointment, draft(), [], by=fellow)
    first = claims.submit_claim(appointment, draft(), [receipt()], by=fellow)
    with pytest.raises(claims.ClaimRefused, match="another claim"):
        claims.submit_claim(appointment, draft(), [receipt()], by=fellow)
    claims.refuse_claim(first, by=finance_officer, reason="wrong year")
    assert claims.submit_claim(appointment, draft(), [receipt()], by=fellow).pk


def test_small_claim_needs_one_approval(appointment: Any, finance_officer: Any) -> None:
    claim = claims.submit_claim(appointment, draft(), [receipt()], by=appointment.fellow)
    with pytest.raises(SamePersonTwice):
        claims.approve_claim(claim, by=appointment.fellow)
    assert claims.approve_claim(claim, by=finance_officer).state == ClaimState.APPROVED
    fund = fund_of(appointment, 2026)
    assert (fund.spent_krw, fund.left_krw) == (500_000, 29_500_000)


def test_large_claim_needs_two_people(appointment: Any, finance_officer: Any, second_finance_officer: Any) -> None:
    claim = claims.submit_claim(appointment, draft(amount_krw=4_000_000), [receipt()], by=appointment.fellow)
    assert claims.approve_claim(claim, by=finance_officer).state == ClaimState.CHECKED
    with pytest.raises(SamePersonTwice):
        claims.approve_claim(claim, by=finance_officer)
    assert claims.approve_claim(claim, by=second_finance_officer).state == ClaimState.APPROVED


def test_category_without_a_limit_refuses(appointment: Any, finance_officer: Any) -> None:
    category = ClaimCategoryFactory(code="unset", limit_krw=False)
    claim = claims.submit_claim(appointment, draft(category=category), [receipt()], by=appointment.fellow)
    with pytest.raises(NotConfigured):
        claims.approve_claim(claim, by=finance_officer)


def test_refusal_needs_a_reason(appointment: Any, finance_officer: Any) -> None:
    claim = ClaimFactory(appointment=appointment)
    with pytest.raises(claims.ClaimRefused):
        claims.refuse_claim(claim, by=finance_officer, reason=" ")
    with pytest.raises(SamePersonTwice):
        claims.refuse_claim(claim, by=appointment.fellow, reason="no")


@pytest.fixture
def approved(appointment: Any, institute: Any, finance_officer: Any) -> Claim:
    PayerAccountFactory(institute=institute)
    BankDetailFactory(user=appointment.fellow)
    claim = claims.submit_claim(appointment, draft(), [receipt()], by=appointment.fellow)
    return claims.approve_claim(claim, by=finance_officer)


def test_release_by_another_and_pay(
    approved: Claim, institute: Any, finance_officer: Any, second_finance_officer: Any, third_finance_officer: Any
) -> None:
    with pytest.raises(payments.NothingToPay):
        claims.release_claims(institute, by=finance_officer)
    batch = claims.release_claims(institute, by=second_finance_officer)
    with pytest.raises(payments.NothingToPay):
        claims.release_claims(institute, by=third_finance_officer)
    answers.record_answers(batch, [answers.Answer(batch.payments.get().reference, True)], by=third_finance_officer)
    approved.refresh_from_db()
    assert approved.state == ClaimState.PAID


def test_returned_claim_can_be_paid_again(
    approved: Claim, institute: Any, finance_officer: Any, second_finance_officer: Any, third_finance_officer: Any
) -> None:
    batch = claims.release_claims(institute, by=second_finance_officer)
    payment = batch.payments.get()
    answers.record_answers(batch, [answers.Answer(payment.reference, False, "closed")], by=third_finance_officer)
    approved.refresh_from_db()
    payment.refresh_from_db()
    assert approved.state == ClaimState.APPROVED
    with pytest.raises(payments.NothingToPay):  # it is made again by itself, never among the others
        claims.release_claims(institute, by=second_finance_officer)
    with pytest.raises(SamePersonTwice):
        payments.pay_again(payment, by=finance_officer, why="Open again")
    assert payments.pay_again(payment, by=second_finance_officer, why="Open again").total_krw == 500_000


def test_bank_details_need_another_person(appointment: Any, finance_officer: Any, client_of: Any) -> None:
    confirmed_rules()
    fellow = appointment.fellow
    form = {"holder": "Mina Seo", "bank_code": "004", "number": "123-456-7890"}
    assert client_of(fellow).post(reverse("funding:bank"), form).status_code == 302
    detail = fellow.bank_details.get()
    assert "1234567890" not in detail.number_sealed
    assert detail.last_digits == "7890"
    with pytest.raises(SamePersonTwice):
        bank_details.confirm_bank_detail(detail, by=fellow)
    assert client_of(fellow).post(reverse("funding:confirm_bank", kwargs={"pk": detail.pk})).status_code == 403
    assert "7890" in client_of(finance_officer).get(reverse("funding:bank_desk")).content.decode()
    address = reverse("funding:confirm_bank", kwargs={"pk": detail.pk})
    for _twice in range(2):
        assert client_of(finance_officer).post(address).status_code == 302
    detail.refresh_from_db()
    assert detail.is_current
    shown = client_of(fellow).post(reverse("funding:bank"), {**form, "number": "- - - - -"})
    assert shown.status_code == 422


def upload(content: bytes, name: str = "receipt.pdf") -> io.BytesIO:
    file = io.BytesIO(content)
    file.name = name
    return file


def test_fellow_claims_through_her_page(appointment: Any, fellow: Any, client_of: Any, stranger: Any) -> None:
    category = ClaimCategoryFactory()
    address = reverse("funding:new_claim", kwargs={"key": appointment.key})
    form = {
        "category": category.pk,
        "amount_krw": "1000",
        "spent_on": "2026-09-01",
        "purpose": "=SUM(1)",
        "receipts": upload(PDF),
    }
    assert client_of(stranger).get(address).status_code == 404
    assert client_of(fellow).get(address).status_code == 200
    made = client_of(fellow).post(address, form)
    claim = Claim.objects.get()
    assert made["Location"] == reverse("funding:claim", kwargs={"key": claim.key})
    assert client_of(fellow).get(made["Location"]).status_code == 200
    assert client_of(stranger).get(made["Location"]).status_code == 404
    evidence = reverse("funding:evidence", kwargs={"key": Evidence.objects.get().key})
    assert b"".join(client_of(fellow).get(evidence).streaming_content) == PDF
    assert client_of(stranger).get(evidence).status_code == 404
    assert client_of(fellow).get(reverse("funding:claims")).status_code == 200


@pytest.mark.parametrize("content", [b"", b"MZ\x90\x00 renamed"])
def test_wrong_receipt_is_refused_beside_the_field(
    appointment: Any, fellow: Any, client_of: Any, content: bytes
) -> None:
    form = {
        "category": ClaimCategoryFactory().pk,
        "amount_krw": "1000",
        "spent_on": "2026-09-01",
        "purpose": "kept words",
        "receipts": upload(content),
    }
    shown = client_of(fellow).post(reverse("funding:new_claim", kwargs={"key": appointment.key}), form)
    assert shown.status_code == 422
    assert "kept words" in shown.content.decode()
    assert not Claim.objects.exists()


def test_one_receipt_stands_behind_one_claim_whoever_makes_the_other(
    appointment: Any, call_lab: Any, finance_officer: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = AppointmentFactory(offer__call_lab=call_lab, starts_on=appointment.starts_on)
    first = claims.submit_claim(appointment, draft(), [receipt()], by=appointment.fellow)
    with pytest.raises(claims.ClaimRefused, match="another claim already") as refused:
        claims.submit_claim(other, draft(amount_krw=1), [receipt()], by=other.fellow)
    assert "yours" not in str(refused.value)
    paper = first.evidence.get()
    second = ClaimFactory(appointment=other)
    paper.pk, paper.key, paper.claim = None, "another00000", second
    with pytest.raises(IntegrityError, match="stands behind another claim"), transaction.atomic():
        paper.save(force_insert=True)
    # at the same moment neither sees the other's: the database judges, in the same words
    monkeypatch.setattr(claims, "_refuse_used", lambda *_given: None)
    with pytest.raises(claims.ClaimRefused, match="another claim already"):
        claims.submit_claim(other, draft(amount_krw=1), [receipt()], by=other.fellow)
    claims.refuse_claim(first, by=finance_officer, reason="Not readable")
    paper.save(force_insert=True)


def test_several_papers_are_uploaded_at_once(appointment: Any, fellow: Any, client_of: Any) -> None:
    form = {"category": ClaimCategoryFactory().pk, "amount_krw": "1000", "spent_on": "2026-09-01", "purpose": "x"}
    here = reverse("funding:new_claim", kwargs={"key": appointment.key})
    bad = client_of(fellow).post(here, {**form, "receipts": [upload(PDF), upload(b"MZ", "setup.exe")]})
    assert bad.status_code == 422
    assert "setup.exe" in bad.content.decode()
    many = [upload(PDF + str(number).encode()) for number in range(11)]
    assert client_of(fellow).post(here, {**form, "receipts": many}).status_code == 422
    two = [upload(PDF), upload(PDF + b"2", "second.pdf")]
    assert client_of(fellow).post(here, {**form, "receipts": two}).status_code == 302
    assert Claim.objects.get().evidence.count() == 2


def test_too_large_receipt_is_refused(appointment: Any, fellow: Any, client_of: Any, settings: Any) -> None:
    settings.UPLOAD_LIMIT_BYTES = 1024
    form = {
        "category": ClaimCategoryFactory().pk,
        "amount_krw": "1000",
        "spent_on": "2026-09-01",
        "purpose": "x",
        "receipts": upload(PDF + b"0" * 2000),
    }
    shown = client_of(fellow).post(reverse("funding:new_claim", kwargs={"key": appointment.key}), form)
    assert shown.status_code == 422


def test_refusal_over_budget_stands_beside_the_field(appointment: Any, fellow: Any, client_of: Any) -> None:
    form = {
        "category": ClaimCategoryFactory().pk,
        "amount_krw": "90000000",
        "spent_on": "2026-09-01",
        "purpose": "x",
        "receipts": upload(PDF),
    }
    shown = client_of(fellow).post(reverse("funding:new_claim", kwargs={"key": appointment.key}), form)
    assert shown.status_code == 409
    assert "30,000,000" in shown.content.decode()


def test_desk_decides_and_exports(
    approved: Claim, institute: Any, client_of: Any, finance_officer: Any, second_finance_officer: Any, stranger: Any
) -> None:
    other = ClaimFactory(appointment=approved.appointment, purpose="=cmd()", amount_krw=2_000)
    desk = reverse("funding:claims_desk")
    assert client_of(stranger).get(desk).status_code == 403
    assert "=cmd()" in client_of(finance_officer).get(desk, {"state": "submitted"}).content.decode()
    exported = b"".join(client_of(finance_officer).get(reverse("funding:claims_csv")).streaming_content).decode()
    assert "'=cmd()" in exported
    one = reverse("funding:claim", kwargs={"key": other.key})
    assert client_of(finance_officer).get(one).status_code == 200
    assert (
        client_of(finance_officer).post(reverse("funding:approve_claim", kwargs={"key": other.key})).status_code == 302
    )
    third = ClaimFactory(appointment=approved.appointment, amount_krw=1_000)
    refused = client_of(finance_officer).post(reverse("funding:claim", kwargs={"key": third.key}), {"reason": "no"})
    assert refused.status_code == 302
    released = client_of(second_finance_officer).post(
        reverse("funding:release_claims", kwargs={"code": institute.code})
    )
    assert released.status_code == 302


def test_claims_pages_cost_the_same_for_one_and_three(
    appointment: Any, client_of: Any, finance_officer: Any, django_assert_num_queries: Any
) -> None:
    ClaimFactory(appointment=appointment)
    client = client_of(finance_officer)
    client.get(reverse("funding:claims_desk"))
    for number in (1, 3):
        while Claim.objects.count() < number:
            ClaimFactory(
                appointment=appointment, spent_on=appointment.starts_on + timedelta(days=Claim.objects.count())
            )
        with django_assert_num_queries(7):
            client.get(reverse("funding:claims_desk"))
