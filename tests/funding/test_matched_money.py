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
from funding.actions import answers, matched, movements
from funding.bankanswers import read
from funding.matching_share import Share, match_of
from funding.models import Account, BankLine, MatchedUse, MatchScheme, Pledge, PledgeReceipt
from funding.queries.books import faults
from funding.queries.matched import standing_of
from tests.factories.fellowships import fund
from tests.factories.funding import MatchSchemeFactory, PayerAccountFactory
from tests.factories.labs import PartnerOrganisationFactory
from tests.funding.bank_files import camt053

PDF = b"%PDF-1.7 paper"


@pytest.fixture(autouse=True)
def autumn() -> Any:
    with time_machine.travel("2026-10-01 12:00+09:00", tick=False):
        yield


@pytest.fixture
def scheme(db: None) -> MatchScheme:
    made: MatchScheme = MatchSchemeFactory()
    return made


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
    with pytest.raises(matched.PledgeRefused, match="Only ₩0"):
        use("equipment", 1)


def test_a_pledge_pays_out_of_its_own_money_only(
    pledge: Pledge, finance_officer: Any, second_finance_officer: Any
) -> None:
    """Another pledge's cash lies in the same account of the lab; things in kind are no money."""
    matched.agree_pledge(pledge, by=second_finance_officer, paper="No 1")
    matched.confirm_receipt(come_in(pledge, finance_officer, 100), by=second_finance_officer)
    other = Pledge(
        partner=pledge.partner, lab=pledge.lab, scheme=pledge.scheme, kind="in_kind", amount_krw=200, what_for="x",
        starts_on=date(2026, 9, 1), ends_on=date(2026, 12, 31),
    )  # fmt: skip
    matched.enter_pledge(other, by=finance_officer)
    matched.agree_pledge(other, by=second_finance_officer, paper="No 2")
    made = come_in(other, finance_officer, 20, PDF + b"2", basis="price list")
    matched.confirm_receipt(made, by=second_finance_officer)
    assert (standing_of(pledge).free_krw, standing_of(other).free_krw) == (150, 5)
    wish = {"pledge": other, "pays": "equipment", "reason": "a sensor"}
    with pytest.raises(matched.PledgeRefused, match="Only ₩5"):
        matched.ask_use(MatchedUse(**wish, used_on=date(2026, 9, 9), amount_krw=6), by=finance_officer)
    with pytest.raises(matched.PledgeRefused, match="before the pledge"):
        matched.ask_use(MatchedUse(**wish, used_on=date(2026, 8, 9), amount_krw=1), by=finance_officer)
    two = [MatchedUse(**wish, used_on=date(2026, 9, 9), amount_krw=3) for _each in range(2)]
    for one in two:
        matched.ask_use(one, by=finance_officer)
    matched.approve_use(two[0], by=second_finance_officer)
    with pytest.raises(matched.PledgeRefused, match="Only ₩2"):
        matched.approve_use(two[1], by=second_finance_officer)
    with pytest.raises(SamePersonTwice):
        matched.refuse_use(two[1], by=finance_officer, reason="too much")
    with pytest.raises(matched.PledgeRefused):
        matched.refuse_use(two[1], by=second_finance_officer, reason=" ")
    matched.refuse_use(two[1], by=second_finance_officer, reason="too much")
    with pytest.raises(matched.PledgeRefused, match="refused"):
        matched.approve_use(two[1], by=second_finance_officer)
    with pytest.raises(matched.PledgeRefused, match="decided"):
        matched.refuse_use(two[0], by=second_finance_officer, reason="late")


def test_what_was_entered_wrongly_is_refused_and_entered_again(
    pledge: Pledge, finance_officer: Any, second_finance_officer: Any
) -> None:
    matched.agree_pledge(pledge, by=second_finance_officer, paper="No 1")
    wrong = come_in(pledge, finance_officer, 190)
    with pytest.raises(SamePersonTwice):
        matched.refuse_receipt(wrong, by=finance_officer, reason="typo")
    with pytest.raises(matched.PledgeRefused, match="Confirm or refuse first"):
        matched.end_pledge(pledge, by=finance_officer, reason="The partner withdrew")
    matched.refuse_receipt(wrong, by=second_finance_officer, reason="It says 19")
    with pytest.raises(matched.PledgeRefused, match="decided"):
        matched.refuse_receipt(wrong, by=second_finance_officer, reason="again")
    with pytest.raises(matched.PledgeRefused, match="refused"):
        matched.confirm_receipt(wrong, by=second_finance_officer)
    matched.confirm_receipt(come_in(pledge, finance_officer, 19), by=second_finance_officer)
    matched.end_pledge(pledge, by=finance_officer, reason="The partner withdrew")
    with pytest.raises(matched.PledgeRefused, match="not agreed"):
        come_in(pledge, finance_officer, 1, PDF + b"4")
    assert standing_of(pledge).free_krw == 28


def test_a_movement_that_is_a_pledges_receipt_is_not_explained_otherwise(
    pledge: Pledge, finance_officer: Any, second_finance_officer: Any, institute: Any
) -> None:
    matched.agree_pledge(pledge, by=second_finance_officer, paper="No 1")
    PayerAccountFactory(institute=institute)
    answers.enter_statement(institute, read(camt053([("", 100, "partner")]).encode()), by=finance_officer)
    line = BankLine.objects.get()
    made = come_in(pledge, finance_officer, 100, line=line)
    line = BankLine.objects.get()
    with pytest.raises(answers.AnswerRefused, match="of a pledge"):
        answers.settle_line(line, by=finance_officer, purpose="interest", note="interest?")
    matched.refuse_receipt(made, by=second_finance_officer, reason="It is interest")
    line = BankLine.objects.get()
    answers.settle_line(line, by=finance_officer, purpose="interest", note="interest")


def test_a_partners_money_stays_the_labs_in_the_next_year_and_pays_by_the_bank(
    pledge: Pledge, finance_officer: Any, second_finance_officer: Any, institute: Any
) -> None:
    matched.agree_pledge(pledge, by=second_finance_officer, paper="No 1")
    matched.confirm_receipt(come_in(pledge, finance_officer, 100), by=second_finance_officer)
    for _twice in range(2):
        movements.carry_position(institute, 2026, by=finance_officer)
    left = {row.fiscal_year: row.balance_krw for row in Account.objects.filter(kind="matched")}
    assert left == {2026: 0, 2027: 150}
    use = MatchedUse(pledge=pledge, pays="equipment", used_on=date(2027, 1, 5), amount_krw=150, reason="a sensor")
    matched.approve_use(matched.ask_use(use, by=finance_officer), by=second_finance_officer)
    PayerAccountFactory(institute=institute)
    text = camt053([("", -150, "supplier")]).replace("2026-07-24", "2027-01-08")
    answers.enter_statement(institute, read(text.encode()), by=finance_officer)
    line = answers.settle_line(BankLine.objects.get(), by=finance_officer, purpose="matched", note="a sensor")
    answers.confirm_line(line, by=second_finance_officer)
    assert (of("payable", "matched"), of("bank")) == (0, -50)
    assert faults() == {}


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
    assert one.post(here, use).status_code == 302
    no = f"/matched/uses/{MatchedUse.objects.latest('pk').key}/refuse/"
    assert one.get(no).status_code == 200
    assert one.post(no, {"reason": "x"}).status_code == 409
    assert two.post(no, {"reason": "Bought already"}).status_code == 302
    assert "Bought already" in one.get(here).content.decode()
    file = io.BytesIO(PDF + b"5")
    file.name = "q.pdf"
    assert one.post(here, {**came, "receipt-amount_krw": "7", "receipt-paper": file}).status_code == 302
    no = f"/matched/receipts/{PledgeReceipt.objects.latest('pk').key}/refuse/"
    assert two.post(no, {"reason": "Not ours"}).status_code == 302
    assert one.post(f"/matched/{pledge.key}/end/", {"reason": "It ran out"}).status_code == 302
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
