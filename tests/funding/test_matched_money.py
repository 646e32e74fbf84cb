"""Pledges: agreed by another, received with evidence, matched by ratio and ceiling, nothing counted twice."""

import io
from datetime import date
from typing import Any

import pytest
import time_machine
from django.db import IntegrityError, transaction
from hypothesis import given
from hypothesis import strategies as st

from common.refusals import SamePersonTwice
from funding import ledger
from funding.actions import matched
from funding.matching_share import Share, match_of
from funding.models import Account, MatchedUse, MatchScheme, Pledge, PledgeReceipt
from funding.queries.books import faults
from funding.queries.matched import standing_of
from tests.factories.fellowships import fund
from tests.factories.labs import PartnerOrganisationFactory

PDF = b"%PDF-1.7 paper"


@pytest.fixture(autouse=True)
def autumn() -> Any:
    with time_machine.travel("2026-10-01 12:00+09:00", tick=False):
        yield


@pytest.fixture
def scheme(db: None) -> MatchScheme:
    return MatchScheme.objects.create(
        code="joint", name_en="Joint", name_ko="공동", ratio_percent=50, ceiling_krw=60, in_kind_counts_percent=50,
        pays=["equipment"], source="a test",
    )  # fmt: skip


@pytest.fixture
def pledge(lab: Any, scheme: MatchScheme, finance_officer: Any) -> Pledge:
    fund(lab, 2026, 1_000)
    made = Pledge(
        partner=PartnerOrganisationFactory(), lab=lab, scheme=scheme, kind="cash", amount_krw=200, what_for="sensors",
        starts_on=date(2026, 1, 1), ends_on=date(2026, 12, 31),
    )  # fmt: skip
    return matched.enter_pledge(made, by=finance_officer)


def come_in(pledge: Pledge, by: Any, amount_krw: int, content: bytes = PDF, **other: Any) -> PledgeReceipt:
    values = {"received_on": date(2026, 9, 1), "paper": matched.Paper("p.pdf", content), **other}
    return matched.enter_receipt(pledge, by=by, amount_krw=amount_krw, **values)


def of(kind: str, purpose: str = "") -> int:
    return sum(Account.objects.filter(kind=kind, purpose=purpose).values_list("balance_krw", flat=True))


@given(st.integers(0, 10**12), st.booleans(), st.integers(0, 10**9))
def test_match_never_passes_ratio_or_ceiling(amount: int, in_kind: bool, before: int) -> None:
    share = Share(50, 10**9, 50)
    match = match_of(amount, in_kind=in_kind, matched_krw=before, share=share)
    assert 0 <= match <= amount // 2
    assert before + match <= max(before, share.ceiling_krw)


def test_cash_is_matched_up_to_the_ceiling(pledge: Pledge, finance_officer: Any, second_finance_officer: Any) -> None:
    with pytest.raises(matched.PledgeRefused, match="not agreed"):
        come_in(pledge, finance_officer, 100)
    with pytest.raises(SamePersonTwice):
        matched.agree_pledge(pledge, by=finance_officer, paper="No 1")
    with pytest.raises(matched.PledgeRefused):
        matched.agree_pledge(pledge, by=second_finance_officer, paper=" ")
    matched.agree_pledge(pledge, by=second_finance_officer, paper="No 1")
    first = come_in(pledge, finance_officer, 100)
    with pytest.raises(SamePersonTwice):
        matched.confirm_receipt(first, by=finance_officer)
    for _twice in range(2):
        matched.confirm_receipt(first, by=second_finance_officer)
    second = matched.confirm_receipt(come_in(pledge, finance_officer, 100, PDF + b"2"), by=second_finance_officer)
    assert (PledgeReceipt.objects.get(pk=first.pk).match_krw, second.match_krw) == (50, 10)
    assert (of("matched"), of("lab"), of("bank"), of("income", "matched")) == (260, 940, 200, -200)
    with pytest.raises(matched.PledgeRefused, match="More"):
        come_in(pledge, finance_officer, 1, PDF + b"3")
    standing = standing_of(pledge)
    assert (standing.received_krw, standing.matched_krw, standing.left_krw) == (200, 60, 0)
    assert faults() == {}


def test_one_paper_counts_once(pledge: Pledge, finance_officer: Any, second_finance_officer: Any) -> None:
    matched.agree_pledge(pledge, by=second_finance_officer, paper="No 1")
    one = come_in(pledge, finance_officer, 10)
    other = Pledge.objects.get(pk=pledge.pk)
    other.pk, other.key, other.token = None, "other0000000", "t" * 24
    other.save(force_insert=True)
    with pytest.raises(matched.PledgeRefused, match="counted already"):
        come_in(other, finance_officer, 10)
    one.pk, one.key, one.pledge = None, "another00000", other
    with pytest.raises(IntegrityError), transaction.atomic():
        one.save(force_insert=True)


def test_in_kind_needs_its_basis_and_brings_no_cash(
    pledge: Pledge, finance_officer: Any, second_finance_officer: Any
) -> None:
    Pledge.objects.filter(pk=pledge.pk).update(kind="in_kind")
    pledge.refresh_from_db()
    matched.agree_pledge(pledge, by=second_finance_officer, paper="No 1")
    with pytest.raises(matched.PledgeRefused, match="value"):
        come_in(pledge, finance_officer, 100)
    made = matched.confirm_receipt(come_in(pledge, finance_officer, 100, basis="invoice 7"), by=second_finance_officer)
    assert (made.match_krw, of("bank"), of("matched"), of("expense", "matched")) == (25, 0, 25, 100)


def test_it_pays_what_its_scheme_allows_and_no_more(
    pledge: Pledge, finance_officer: Any, second_finance_officer: Any
) -> None:
    matched.agree_pledge(pledge, by=second_finance_officer, paper="No 1")
    matched.confirm_receipt(come_in(pledge, finance_officer, 100), by=second_finance_officer)

    def use(pays: str, amount: int) -> MatchedUse:
        made = MatchedUse(pledge=pledge, pays=pays, used_on=date(2026, 9, 9), amount_krw=amount, reason="a sensor")
        return matched.ask_use(made, by=finance_officer)

    with pytest.raises(matched.PledgeRefused, match="does not pay"):
        use("top_up", 1)
    asked = use("equipment", 150)
    with pytest.raises(SamePersonTwice):
        matched.approve_use(asked, by=finance_officer)
    matched.approve_use(asked, by=second_finance_officer)
    assert of("matched") == 0
    with pytest.raises(ledger.OverBudget), transaction.atomic():
        matched.approve_use(use("equipment", 1), by=second_finance_officer)


def test_pages_and_the_partners_statement(
    pledge: Pledge, client_of: Any, client: Any, finance_officer: Any, second_finance_officer: Any, stranger: Any
) -> None:
    here = f"/matched/{pledge.key}/"
    one, two = client_of(finance_officer), client_of(second_finance_officer)
    assert one.post(here, {"what": "agree", "agree-paper": "No 1"}).status_code == 409
    assert two.post(here, {"what": "agree", "agree-paper": "No 1"}).status_code == 302
    file = io.BytesIO(PDF)
    file.name = "p.pdf"
    came = {"what": "receipt", "receipt-received_on": "2026-09-01", "receipt-amount_krw": "100", "receipt-paper": file}
    assert one.post(here, came).status_code == 302
    receipt = PledgeReceipt.objects.get()
    assert two.post(f"/matched/receipts/{receipt.key}/confirm/").status_code == 302
    use = {
        "what": "use",
        "use-pays": "equipment",
        "use-used_on": "2026-09-09",
        "use-amount_krw": "5",
        "use-reason": "x",
    }
    assert one.post(here, use).status_code == 302
    assert two.post(f"/matched/uses/{MatchedUse.objects.get().key}/approve/").status_code == 302
    for page in (here, "/matched/"):
        assert one.get(page).status_code == 200
        assert client_of(stranger).get(page).status_code in {403, 404}
    shown = client.get(f"/matched/statement/{pledge.token}/")
    assert shown.status_code == 200
    assert "₩50" in shown.content.decode()
    assert client.get("/matched/statement/nobody/").status_code == 404
    form = {
        "partner": pledge.partner.pk, "lab": pledge.lab.pk, "scheme": pledge.scheme.pk, "kind": "cash",
        "amount_krw": "0", "what_for": "x", "starts_on": "2026-01-02", "ends_on": "2026-01-01",
    }  # fmt: skip
    assert one.post("/matched/", form).status_code == 422
    assert one.post("/matched/", {**form, "amount_krw": "7", "ends_on": "2026-02-01"}).status_code == 302
