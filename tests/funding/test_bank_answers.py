"""The bank's answers: pain.002, statements, CSV; matched, returned and unmatched; nothing is entered twice."""

import io
from datetime import date, datetime
from importlib.resources import as_file, files
from typing import Any

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.urls import reverse
from lxml import etree

from common.crypto import decrypt
from common.refusals import SamePersonTwice
from funding import bankfile
from funding.actions import answers, budget, movements, payments
from funding.bankanswers import read
from funding.models import Account, BankLine, BankMessage, Entry, Payment
from funding.queries.books import faults
from funding.states import AccountKind, BankLineState, BatchState, PaymentState, PayrollState, WhyUnmatched
from notifications.models import Notification
from tests.factories.funding import PayerAccountFactory
from tests.funding.bank_files import camt053, pain002


def balance(kind: str, purpose: str = "") -> int:
    return sum(Account.objects.filter(kind=kind, purpose=purpose).values_list("balance_krw", flat=True))


def upload(text: str, name: str = "answer.xml") -> io.BytesIO:
    file = io.BytesIO(text.encode())
    file.name = name
    return file


def official_schema() -> etree.XMLSchema:
    """ISO's own schema of the message, as an installed package brings it."""
    with as_file(files("sepaxml") / "schemas" / "pain.001.001.09.xsd") as path:
        return etree.XMLSchema(etree.parse(path))


@pytest.mark.parametrize("holder", ["서미나", "Mina <Seo> & Ümit", "M" * 200])
def test_bank_file_validates_against_the_official_schema(holder: str) -> None:
    schema = official_schema()
    header = bankfile.Header("2345abcdefgh", "KAIST", "1" * 40, "004", date(2026, 7, 24), datetime(2026, 7, 23, 9, 0))
    transfers = [bankfile.Transfer("2345abcdefgh-2345abcdefgh", 1, holder, "088", "123456", "INNOCORE 1234")]
    document = etree.fromstring(bankfile.pain001(header, transfers).encode())
    schema.assertValid(document)
    document[0].append(etree.fromstring(f'<Later xmlns="{bankfile.NAMESPACE}"/>'))
    assert not schema.validate(document)


def test_sealed_file_validates_and_carries_its_totals(batch_at_the_bank: Any) -> None:
    schema = official_schema()
    schema.assertValid(etree.fromstring(decrypt(batch_at_the_bank.pain_xml_sealed).encode()))


def test_status_report_pays_and_closes(batch_at_the_bank: Any, fourth_finance_officer: Any) -> None:
    payment = batch_at_the_bank.payments.get()
    message = read(pain002(batch_at_the_bank, (payment.reference, "ACSC", payment.amount_krw)).encode())
    made = answers.enter_answer(batch_at_the_bank, message, by=fourth_finance_officer)
    batch_at_the_bank.refresh_from_db()
    assert (made.paid, made.returned, batch_at_the_bank.state) == (1, 0, BatchState.CONFIRMED)
    assert payment.pay_line.run.state == PayrollState.PAID
    with pytest.raises(answers.EnteredAlready):
        answers.enter_answer(batch_at_the_bank, message, by=fourth_finance_officer)
    assert Entry.objects.filter(event__startswith="payment:").count() == 1


def test_status_of_the_whole_group_answers_every_payment(batch_at_the_bank: Any, fourth_finance_officer: Any) -> None:
    answers.enter_answer(
        batch_at_the_bank, read(pain002(batch_at_the_bank, group="RJCT").encode()), by=fourth_finance_officer
    )
    assert batch_at_the_bank.payments.get().state == PaymentState.RETURNED


def test_on_its_way_changes_nothing(batch_at_the_bank: Any, fourth_finance_officer: Any) -> None:
    payment = batch_at_the_bank.payments.get()
    message = read(pain002(batch_at_the_bank, (payment.reference, "ACSP", payment.amount_krw)).encode())
    answers.enter_answer(batch_at_the_bank, message, by=fourth_finance_officer)
    assert batch_at_the_bank.payments.get().state == PaymentState.PENDING


def test_statement_matches_returns_and_leaves_the_rest(
    batch_at_the_bank: Any, institute: Any, fourth_finance_officer: Any, third_finance_officer: Any
) -> None:
    payment = batch_at_the_bank.payments.get()
    paid = camt053([(payment.reference, -payment.amount_krw, "salary"), ("", 1_200, "interest July")], opening=10**8)
    with pytest.raises(SamePersonTwice):
        answers.enter_statement(institute, read(paid.encode()), by=third_finance_officer)
    made = answers.enter_statement(institute, read(paid.encode()), by=fourth_finance_officer)
    assert (made.paid, made.returned, made.unmatched) == (1, 0, 1)
    assert (balance(AccountKind.PAYABLE), balance(AccountKind.BANK)) == (0, -payment.amount_krw)
    back = camt053([(payment.reference, payment.amount_krw, "account closed"), ("nobody", 5, "?")], message="M2")
    answers.enter_statement(institute, read(back.encode()), by=fourth_finance_officer)
    payment.refresh_from_db()
    assert (payment.state, payment.return_reason) == (PaymentState.RETURNED, "account closed")
    assert (balance(AccountKind.PAYABLE), balance(AccountKind.BANK)) == (-payment.amount_krw, 0)
    whys = list(BankLine.objects.filter(state=BankLineState.UNMATCHED).order_by("pk").values_list("why", flat=True))
    assert whys == [WhyUnmatched.NONE, WhyUnmatched.UNKNOWN]
    again = payments.pay_again(payment, by=third_finance_officer, why="Open again")
    answers.record_answers(again, [answers.Answer(again.payments.get().reference, True)], by=fourth_finance_officer)
    assert balance(AccountKind.PAYABLE) == 0
    assert faults() == {}


def test_returned_pair_of_another_amount_waits_on_the_desk(
    batch_at_the_bank: Any, institute: Any, fourth_finance_officer: Any
) -> None:
    payment = batch_at_the_bank.payments.get()
    text = camt053([(payment.reference, 1 - payment.amount_krw, "short")])
    answers.enter_statement(institute, read(text.encode()), by=fourth_finance_officer)
    assert BankLine.objects.get().why == WhyUnmatched.AMOUNT
    assert batch_at_the_bank.payments.get().state == PaymentState.PENDING


def test_movement_is_settled_once_with_words(
    batch_at_the_bank: Any, institute: Any, fourth_finance_officer: Any, finance_officer: Any
) -> None:
    answers.enter_statement(institute, read(camt053([("", 1_200, "이자")]).encode()), by=fourth_finance_officer)
    line = BankLine.objects.get()
    with pytest.raises(answers.AnswerRefused):
        answers.settle_line(line, by=finance_officer, purpose="bank_fee", note="a fee")
    with pytest.raises(answers.AnswerRefused):
        answers.settle_line(line, by=finance_officer, purpose="interest", note=" ")
    with pytest.raises(answers.AnswerRefused, match="Nobody has said"):
        answers.confirm_line(line, by=fourth_finance_officer)
    answers.settle_line(line, by=finance_officer, purpose="interest", note="interest of July")
    assert (line.state, balance(AccountKind.BANK)) == (BankLineState.PROPOSED, 0)
    with pytest.raises(SamePersonTwice):
        answers.confirm_line(line, by=finance_officer)
    with pytest.raises(IntegrityError, match="bank_line_is_explained_by_two"), transaction.atomic():
        BankLine.objects.update(settled_by=finance_officer)
    answers.reject_line(line, by=fourth_finance_officer)
    answers.settle_line(line, by=finance_officer, purpose="interest", note="interest of July")
    settled = answers.confirm_line(line, by=fourth_finance_officer)
    with pytest.raises(answers.AnswerRefused):
        answers.confirm_line(line, by=fourth_finance_officer)
    assert (settled.state, balance(AccountKind.INCOME, "interest")) == (BankLineState.SETTLED, -1_200)
    assert balance(AccountKind.BANK) == 1_200


def test_what_was_withheld_is_paid_on_and_no_more_than_that(
    batch_at_the_bank: Any, institute: Any, fourth_finance_officer: Any, fifth_finance_officer: Any
) -> None:
    owed = -balance(AccountKind.WITHHELD)
    assert owed > 0
    text = camt053([("", -owed, "NTS"), ("", -1, "NTS")])
    answers.enter_statement(institute, read(text.encode()), by=fourth_finance_officer)
    all_of_it, more = BankLine.objects.order_by("pk")
    said = {"by": fourth_finance_officer, "purpose": "authorities", "note": "Tax and insurance of July"}
    answers.settle_line(all_of_it, **said)
    answers.settle_line(more, **said)
    answers.confirm_line(all_of_it, by=fifth_finance_officer)
    assert balance(AccountKind.WITHHELD) == 0
    with pytest.raises(answers.AnswerRefused, match="more than is owed: ₩0"):
        answers.confirm_line(more, by=fifth_finance_officer)
    assert faults() == {}


@time_machine.travel("2026-08-01 12:00+09:00", tick=False)
def test_a_movement_that_is_in_the_books_already_is_tied_to_its_entry_once(
    institute: Any, ministry: Any, finance_officer: Any, second_finance_officer: Any
) -> None:
    """A tranche that was received by hand: its movement adds nothing."""
    given = budget.appropriate("Annual", 2026, 9_000, by=ministry)
    agreement = budget.agree(given, institute, 9_000, by=ministry, by_tranches=True)
    tranche = movements.plan_tranche(agreement, by=finance_officer, due_on=date(2026, 7, 20), amount_krw=5_000)
    movements.receive_tranche(tranche, by=second_finance_officer, received_on=date(2026, 7, 22), reference="B0")
    PayerAccountFactory(institute=institute)
    text = camt053([("", 5_000, "MSIT"), ("", 5_000, "MSIT again"), ("", 4_999, "another")])
    answers.enter_statement(institute, read(text.encode()), by=finance_officer)
    first, second, other = BankLine.objects.order_by("pk")
    entry = Entry.objects.get(event=f"tranche:{tranche.key}")
    for wrong in ({"purpose": "booked"}, {"purpose": "interest", "entry": entry}):
        with pytest.raises(answers.AnswerRefused):
            answers.settle_line(first, by=finance_officer, note="The first tranche", **wrong)
    said = {"by": finance_officer, "purpose": "booked", "note": "The first tranche", "entry": entry}
    with pytest.raises(answers.AnswerRefused, match="not of this movement"):
        answers.settle_line(other, **said)
    answers.settle_line(first, **said)
    with pytest.raises(answers.AnswerRefused, match="not of this movement"):
        answers.settle_line(second, **said)
    before = Entry.objects.count()
    answers.confirm_line(first, by=second_finance_officer)
    assert (first.state, first.entry, Entry.objects.count()) == (BankLineState.SETTLED, entry, before)
    assert balance(AccountKind.BANK) == 5_000
    with pytest.raises(IntegrityError, match="entry_stands_for_one_movement"), transaction.atomic():
        BankLine.objects.filter(pk=second.pk).update(settled_as="booked", entry=entry)


def test_pages_of_statements_and_desks(
    batch_at_the_bank: Any,
    institute: Any,
    client_of: Any,
    fourth_finance_officer: Any,
    third_finance_officer: Any,
    stranger: Any,
    fellow: Any,
) -> None:
    payment = batch_at_the_bank.payments.get()
    text = camt053([(payment.reference, -payment.amount_krw, "out"), ("", 7, "interest")])
    address = reverse("funding:statements")
    made = client_of(fourth_finance_officer).post(address, {"institute": institute.pk, "file": upload(text)})
    assert made["Location"] == reverse("funding:unmatched")
    back = camt053([(payment.reference, payment.amount_krw, "closed")], message="M2")
    assert client_of(fourth_finance_officer).post(address, {"institute": institute.pk, "file": upload(back)})
    line = BankLine.objects.get(state=BankLineState.UNMATCHED)
    pages = [address, reverse("funding:unmatched"), reverse("funding:returned"), reverse("funding:batches")]
    pages += [reverse("funding:settle_line", kwargs={"key": line.key})]
    for page in pages:
        assert client_of(fourth_finance_officer).get(page).status_code == 200, page
        for nobody in (stranger, fellow):
            assert client_of(nobody).get(page).status_code in {403, 404}, page
    assert "closed" in client_of(third_finance_officer).get(reverse("funding:returned")).content.decode()
    settled = client_of(third_finance_officer).post(pages[-1], {"purpose": "interest", "note": "July"})
    assert settled.status_code == 302
    desk, again = client_of(third_finance_officer), reverse("funding:pay_again", kwargs={"key": payment.key})
    assert "the account that sent it back" in desk.get(again).content.decode()
    assert desk.post(again).status_code == 422
    assert not Payment.objects.filter(replaces=payment).exists()
    assert desk.post(again, {"why": "The bank says that it is open again."}).status_code == 302
    payment.refresh_from_db()
    told = Notification.objects.get(kind="payment_returned")
    assert (told.to, told.context["reason"]) == (payment.payee, payment.return_reason)
    assert Payment.objects.get(replaces=payment).state == PaymentState.PENDING
    assert BankMessage.objects.count() == 2
