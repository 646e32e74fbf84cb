"""Research cards: statements entered whole or not at all, each charge accounted for once, or paid back."""

from datetime import date
from typing import Any

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.db.models import Sum
from django.urls import reverse

from common.refusals import IllegalMove, SamePersonTwice
from funding import cardfile
from funding.actions import answers, cards, claims
from funding.actions.claims import ClaimRefused
from funding.cardfile import UnreadableStatement
from funding.ledger import account
from funding.models import Account, CardCharge, CardStatement, Claim, Line, ResearchCard
from funding.queries.cards import charges_to_account
from funding.queries.claims import fund_of, to_release
from funding.queries.years import open_matters
from funding.states import AccountKind, ChargeState, ClaimState, Purpose
from funding.tasks import remind_of_charges
from notifications.models import Notification
from tests.factories.funding import ClaimCategoryFactory, PayerAccountFactory, confirmed_rules
from tests.funding.bank_files import camt053

HEADS = "card,approval,used_on,merchant,amount_krw"
GOOD = ("1234,30001,2026-09-20,Seoul Components,318000", "1234,30002,2026-09-21,Book House,64800")
pytestmark = pytest.mark.usefixtures("autumn")


@pytest.fixture
def autumn() -> Any:
    with time_machine.travel("2026-10-01 12:00+09:00", tick=False) as now:
        yield now


@pytest.fixture
def card(appointment: Any, finance_officer: Any) -> ResearchCard:
    return cards.give_card(appointment, by=finance_officer, issuer="BC", last_four="1234", given_on=date(2026, 8, 1))


def statement(*lines: str, heads: str = HEADS, encoding: str = "utf-8") -> cardfile.Statement:
    return cardfile.read("\n".join([heads, *lines]).encode(encoding))


@pytest.fixture
def entered(card: ResearchCard, institute: Any, finance_officer: Any) -> CardStatement:
    return cards.enter_card_statement(institute, statement(*GOOD), by=finance_officer, name="september.csv")


def account_for(charge: CardCharge, appointment: Any, **other: Any) -> Claim:
    draft = claims.Draft(ClaimCategoryFactory(), 1, date(2026, 1, 1), "Sensors", charge=charge, **other)
    receipt = claims.Receipt("bill.pdf", b"%PDF-1.7 " + charge.approval.encode(), "application/pdf")
    return claims.submit_claim(appointment, draft, [receipt], by=appointment.fellow)


def balance(kind: str, institute: Any, purpose: str = Purpose.NONE) -> int:
    return account(kind, 2026, institute=institute, purpose=purpose).balance_krw


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp949"])
def test_korean_and_english_files_of_card_companies_are_read(encoding: str) -> None:
    heads = "이용일자,승인번호,카드번호,가맹점명,이용금액,비고"
    found = statement('2026.09.20,30001,5387-****-****-1234,한빛문고,"64,800원",', heads=heads, encoding=encoding)
    assert not found.problems
    assert found.charges == (cardfile.Charge(2, "1234", "30001", date(2026, 9, 20), "한빛문고", 64_800),)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("12,30003,2026-09-20,Shop,1000", "four digits"),
        ("1234,3,2026-09-20,Shop,1000", "not an approval number"),
        ("1234,30003,2026-02-30,Shop,1000", "not a day"),
        ("1234,30003,20 September,Shop,1000", "not a day"),
        ("1234,30003,2026-09-20,Shop,0", "not an amount"),
        ("1234,30003,2026-09-20,Shop,12.5", "not an amount"),
        ("1234,30003,2026-09-20,,1000", "merchant is missing"),
        ("1234,30001,2026-09-20,Seoul Components,318000", "line 2 once more"),
        ("9999,30003,2026-09-20,Shop,1000", "No card of this institute ends with 9999"),
        ("1234,30003,2026-07-31,Shop,1000", "in nobody's hands"),
    ],
)
def test_what_is_wrong_is_told_by_line_and_nothing_is_changed(
    line: str, words: str, card: Any, institute: Any, finance_officer: Any, client: Any
) -> None:
    client.force_login(finance_officer)
    content = "\n".join([HEADS, *GOOD, line]).encode()
    data = {"institute": institute.pk, "file": SimpleUploadedFile("september.csv", content)}
    answer = client.post(reverse("funding:card_statements"), data)
    assert answer.status_code == 422
    assert f"Line 4: {words}"[:8] in answer.content.decode()
    assert words.replace("'", "&#x27;") in answer.content.decode()
    assert not CardStatement.objects.exists()
    with pytest.raises(cards.CardRefused, match="Line 4"):
        cards.enter_card_statement(institute, cardfile.read(content), by=finance_officer, name="x")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "columns are missing"),
        (b"card,approval\n1234,1", "used_on, merchant, amount_krw"),
        (HEADS.encode(), "no charges"),
        (b"\x00\x01\x02", "no text"),
        (b"\xff\xfe\xfa", "no text"),
        ((HEADS + "\n" + "1234,30001,2026-09-20,Shop,1\n" * 10_001).encode(), "10,000 lines"),
        ((HEADS + '\n1234,"' + "x" * 200_000).encode(), "not a CSV"),
    ],
)
def test_a_file_that_is_no_statement_is_refused_whole(content: bytes, words: str) -> None:
    with pytest.raises(UnreadableStatement, match=words):
        cardfile.read(content)


def test_entered_charges_are_told_to_the_fellow_once(entered: CardStatement, appointment: Any, institute: Any) -> None:
    assert (entered.number_of_charges, entered.total_krw) == (2, 382_800)
    assert charges_to_account(appointment).count() == 2
    told = Notification.objects.get(kind="card_charges")
    assert told.to == appointment.fellow


def test_a_file_is_entered_once_and_a_charge_too(entered: CardStatement, institute: Any, finance_officer: Any) -> None:
    with pytest.raises(cards.CardRefused, match="entered before"):
        cards.enter_card_statement(institute, statement(*GOOD), by=finance_officer, name="again.csv")
    new = "1234,30009,2026-09-29,Shop,500"
    with pytest.raises(cards.CardRefused, match="Line 3: This charge was entered before"):
        cards.enter_card_statement(institute, statement(new, GOOD[1]), by=finance_officer, name="other.csv")
    assert CardCharge.objects.count() == 2
    row = CardCharge.objects.latest("pk")
    row.pk, row.key = None, "another-key0"
    with pytest.raises(IntegrityError, match="charge_once_a_card"):
        row.save(force_insert=True)


def test_an_accounted_charge_is_owed_to_the_card_company_and_nothing_is_sent_to_her(
    entered: CardStatement, appointment: Any, institute: Any, finance_officer: Any
) -> None:
    charge = charges_to_account(appointment).earliest("used_on")
    claim = account_for(charge, appointment)
    charge.refresh_from_db()
    assert (claim.amount_krw, claim.spent_on, charge.state) == (318_000, charge.used_on, ChargeState.CLAIMED)
    claims.approve_claim(claim, by=finance_officer)
    assert claim.state == ClaimState.PAID
    assert not to_release(institute)
    assert balance(AccountKind.CARD, institute) == -318_000
    assert balance(AccountKind.PAYABLE, institute) == 0
    assert fund_of(appointment, 2026).spent_krw == 318_000
    with pytest.raises(IntegrityError, match="card_claim_is_never_sent"), transaction.atomic():
        Claim.objects.filter(pk=claim.pk).update(state=ClaimState.RELEASED)


def test_what_is_not_approved_of_a_charge_she_owes(
    entered: CardStatement, appointment: Any, institute: Any, finance_officer: Any
) -> None:
    claim = account_for(charges_to_account(appointment).earliest("used_on"), appointment)
    claims.approve_claim(claim, by=finance_officer, amount_krw=300_000, reason="Shipping is private")
    assert balance(AccountKind.RECEIVABLE, institute, Purpose.RESEARCH_FUND) == 18_000
    assert balance(AccountKind.CARD, institute) == -318_000
    assert Line.objects.aggregate(total=Sum("amount_krw"))["total"] == 0


def test_refused_or_taken_back_it_is_to_be_accounted_for_again(
    entered: CardStatement, appointment: Any, finance_officer: Any
) -> None:
    charge = charges_to_account(appointment).earliest("used_on")
    claims.refuse_claim(account_for(charge, appointment), by=finance_officer, reason="The bill is not readable")
    claims.take_back_claim(account_for(charge, appointment), by=appointment.fellow)
    again = account_for(charge, appointment)
    with pytest.raises(ClaimRefused):
        account_for(charge, appointment)
    twice = {"appointment": appointment, "category": again.category, "amount_krw": 1, "charge": charge}
    with pytest.raises(IntegrityError, match="charge_is_claimed_once"):
        Claim.objects.create(**twice, spent_on=again.spent_on, fiscal_year=2026, purpose="x")


def test_a_charge_is_no_advance_and_nobody_elses(
    entered: CardStatement, appointment: Any, finance_officer: Any
) -> None:
    charge = charges_to_account(appointment).earliest("used_on")
    with pytest.raises(ClaimRefused):
        account_for(charge, appointment, kind="advance")
    CardCharge.objects.filter(pk=charge.pk).update(state=ChargeState.CANCELLED)
    with pytest.raises(ClaimRefused):
        account_for(charge, appointment)


def test_a_year_does_not_close_over_charges_that_nobody_accounted_for(
    entered: CardStatement, appointment: Any, finance_officer: Any
) -> None:
    def open_charges() -> list[int]:
        return [matter.number for matter in open_matters(2026) if matter.route == "funding:card_charges"]

    assert open_charges() == [2]
    for charge in charges_to_account(appointment):
        cards.owe_charge(charge, by=finance_officer, words="A private purchase")
    assert open_charges() == []


def test_a_private_charge_is_owed_and_paid_back(
    entered: CardStatement, appointment: Any, institute: Any, finance_officer: Any
) -> None:
    charge = charges_to_account(appointment).earliest("used_on")
    with pytest.raises(SamePersonTwice):
        cards.owe_charge(charge, by=appointment.fellow, words="mine")
    with pytest.raises(cards.CardRefused):
        cards.owe_charge(charge, by=finance_officer, words=" ")
    cards.owe_charge(charge, by=finance_officer, words="A private purchase")
    assert charge.entry is not None
    assert balance(AccountKind.RECEIVABLE, institute, Purpose.RESEARCH_FUND) == 318_000
    assert Notification.objects.filter(kind="card_charge_owed", to=appointment.fellow).exists()
    with pytest.raises(IllegalMove):
        cards.owe_charge(charge, by=finance_officer, words="Again")


def test_the_bill_of_the_card_company_and_what_she_pays_back_are_movements_of_the_bank(
    entered: CardStatement, appointment: Any, institute: Any, finance_officer: Any, second_finance_officer: Any
) -> None:
    first, second = charges_to_account(appointment)
    claims.approve_claim(account_for(first, appointment), by=finance_officer)
    cards.owe_charge(second, by=finance_officer, words="A private book")
    PayerAccountFactory(institute=institute)
    text = camt053([("", -382_800, "BC card"), ("", 64_800, "paid back")])
    made = answers.enter_statement(institute, answers_of(text), by=second_finance_officer)
    out, back = made.lines.order_by("amount_krw")
    with pytest.raises(answers.AnswerRefused):
        answers.settle_line(back, by=second_finance_officer, purpose="card", note="a bill")
    answers.settle_line(out, by=second_finance_officer, purpose="card", note="Bill of September")
    answers.settle_line(back, by=second_finance_officer, purpose="research_fund", note="Private book")
    for line in (out, back):
        answers.confirm_line(line, by=finance_officer)
    assert balance(AccountKind.CARD, institute) == 0
    assert balance(AccountKind.RECEIVABLE, institute, Purpose.RESEARCH_FUND) == 0
    assert balance(AccountKind.BANK, institute) == -318_000


def answers_of(text: str) -> Any:
    from funding.bankanswers import read

    return read(text.encode())


def test_a_cancelled_charge_ends_when_nobody_accounted_for_it(
    card: Any, appointment: Any, institute: Any, finance_officer: Any
) -> None:
    lines = [*GOOD, "1234,30001,2026-09-22,Seoul Components,-318000"]
    cards.enter_card_statement(institute, statement(*lines), by=finance_officer, name="september.csv")
    states = CardCharge.objects.order_by("pk").values_list("state", flat=True)
    assert list(states) == ["cancelled", "open", "cancelled"]
    assert not Account.objects.filter(kind=AccountKind.CARD).exists()


def test_what_comes_back_of_an_accounted_charge_is_in_her_fund_again(
    entered: CardStatement, appointment: Any, institute: Any, finance_officer: Any
) -> None:
    claims.approve_claim(account_for(charges_to_account(appointment).first(), appointment), by=finance_officer)
    late = "1234,30001,2026-09-30,Seoul Components,-100000", "1234,30011,2026-09-30,Nobody knows,-900000"
    cards.enter_card_statement(institute, statement(*late), by=finance_officer, name="october.csv")
    part, more = CardCharge.objects.filter(amount_krw__lt=0).order_by("-amount_krw")
    with pytest.raises(cards.CardRefused):
        cards.owe_charge(part, by=finance_officer, words="x")
    cards.refund_charge(part, by=finance_officer, words="One sensor went back")
    assert (fund_of(appointment, 2026).spent_krw, balance(AccountKind.CARD, institute)) == (218_000, -218_000)
    with pytest.raises(cards.CardRefused, match="218,000"):
        cards.refund_charge(more, by=finance_officer, words="What is this?")
    with pytest.raises(cards.CardRefused):
        cards.refund_charge(charges_to_account(appointment).get(), by=finance_officer, words="x")


def test_cards_have_their_days_and_digits(
    card: ResearchCard, appointment: Any, institute: Any, finance_officer: Any
) -> None:
    with pytest.raises(cards.CardRefused, match="digits"):
        cards.give_card(appointment, by=finance_officer, issuer="BC", last_four="1234", given_on=date(2026, 9, 1))
    with pytest.raises(cards.CardRefused, match="appointment"):
        cards.give_card(appointment, by=finance_officer, issuer="BC", last_four="1235", given_on=date(2026, 6, 1))
    with pytest.raises(SamePersonTwice):
        cards.give_card(appointment, by=appointment.fellow, issuer="BC", last_four="1235", given_on=date(2026, 9, 1))
    with pytest.raises(IntegrityError, match="one_card_with_these_digits"), transaction.atomic():
        ResearchCard.objects.create(
            institute=institute, appointment=appointment, issuer="x", last_four="1234", given_on=date(2026, 9, 1)
        )
    cards.end_card(card, by=finance_officer)
    cards.end_card(card, by=finance_officer)
    assert card.ended_on == date(2026, 10, 1)
    with pytest.raises(cards.CardRefused, match="nobody's hands"):
        cards.enter_card_statement(
            institute, statement("1234,30007,2026-10-02,Shop,1000"), by=finance_officer, name="x.csv"
        )


def test_who_is_late_is_reminded_once(entered: CardStatement, appointment: Any, autumn: Any) -> None:
    remind_of_charges()
    confirmed_rules()
    remind_of_charges()
    assert not Notification.objects.filter(kind="card_charges_late").exists()
    autumn.move_to("2026-10-08 12:00+09:00")
    for _turn in range(2):
        remind_of_charges()
    assert Notification.objects.get(kind="card_charges_late").to == appointment.fellow


def test_pages_of_the_desk_and_of_the_fellow(
    entered: CardStatement, appointment: Any, institute: Any, finance_officer: Any, client: Any
) -> None:
    charge = charges_to_account(appointment).earliest("used_on")
    category = ClaimCategoryFactory()
    client.force_login(appointment.fellow)
    assert "Seoul Components" in client.get(reverse("funding:claims")).content.decode()
    assert "Account for it" in client.get(reverse("funding:card_charge", args=[charge.key])).content.decode()
    new = reverse("funding:new_claim", args=[appointment.key]) + f"?charge={charge.key}"
    assert client.get(new.replace(charge.key, "nothing")).status_code == 404
    page = client.get(new).content.decode()
    assert "318,000" in page
    assert 'name="amount_krw"' not in page
    check = reverse("funding:check_claim", args=[appointment.key]) + f"?charge={charge.key}"
    assert "30,000,000" in client.post(check, {"category": category.pk, "purpose": "Sensors"}).content.decode()
    data = {"category": category.pk, "purpose": "Sensors", "amount_krw": 5, "spent_on": "2026-09-30"}
    assert client.post(new, data).status_code == 422
    paper = SimpleUploadedFile("bill.pdf", b"%PDF-1.7 bill")
    assert client.post(new, {**data, "receipts": paper}).status_code == 302
    claim = Claim.objects.get(charge=charge)
    assert (claim.amount_krw, claim.spent_on) == (318_000, charge.used_on)
    for name in ("card_charges", "card_statements", "cards"):
        assert client.get(reverse(f"funding:{name}")).status_code == 403
    client.force_login(finance_officer)
    assert "Book House" in client.get(reverse("funding:card_charges")).content.decode()
    assert "Seoul Components" not in client.get(reverse("funding:card_charges")).content.decode()
    assert "Seoul Components" in client.get(reverse("funding:card_charges") + "?state=claimed").content.decode()
    assert "september.csv" in client.get(reverse("funding:card_statements")).content.decode()
    approved = client.post(reverse("funding:approve_claim", args=[claim.key]), follow=True).content.decode()
    assert "nothing is sent to the bank" in approved
    open_one = charges_to_account(appointment).get()
    owed = client.post(reverse("funding:card_charge", args=[open_one.key]), {"words": "Private"})
    assert owed.status_code == 302
    given = {"appointment": appointment.pk, "issuer": "KB", "last_four": "77", "given_on": "2026-09-01"}
    assert client.post(reverse("funding:cards"), given).status_code == 422
    assert client.post(reverse("funding:cards"), {**given, "last_four": "7777"}).status_code == 302
    made = ResearchCard.objects.get(last_four="7777")
    assert client.post(reverse("funding:end_card", args=[made.key])).status_code == 302
    good = SimpleUploadedFile("o.csv", "\n".join([HEADS, "1234,30020,2026-09-25,Shop,9000"]).encode())
    entered_again = client.post(reverse("funding:card_statements"), {"institute": institute.pk, "file": good})
    assert entered_again.status_code == 302
