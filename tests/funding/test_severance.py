"""Severance is paid once, by three people, after the term; what comes back is owed again."""

from datetime import date
from typing import Any

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.urls import reverse

from common.refusals import SamePersonTwice
from funding import ledger
from funding.actions import answers, payments, severance
from funding.actions.severance import SeveranceRefused
from funding.forms.severance import SeveranceForm
from funding.models import Account, Entry, Payment, Severance
from funding.postings import Books
from funding.queries.books import faults
from funding.queries.desk import desk_items
from funding.states import AccountKind, PaymentState, SeveranceState
from notifications.models import Notification
from tests.factories.funding import BankDetailFactory, PayerAccountFactory, PayLineFactory, PayrollRunFactory

ACCRUED = 7_397_260


@pytest.fixture(autouse=True)
def after_the_term() -> Any:
    with time_machine.travel("2027-07-10 12:00+09:00", tick=False):
        yield


@pytest.fixture
def over(appointment: Any, institute: Any) -> Any:
    """A term from July 2026 to June 2027; severance accrued on two slips, the last among them."""
    for month, accrued in ((date(2026, 7, 1), 600_000), (date(2027, 6, 1), ACCRUED - 600_000)):
        run = PayrollRunFactory(institute=institute, month=month, state="paid")
        PayLineFactory(run=run, appointment=appointment, month=month, severance_krw=accrued)
    books = Books(institute, 2027)
    lines = [(books.of(AccountKind.EXPENSE, "severance"), ACCRUED), (books.of(AccountKind.SEVERANCE), -ACCRUED)]
    with transaction.atomic():
        ledger.post(ledger.Posting("accrued", date(2027, 6, 25), "Severance that accrued", lines), by=None)
    PayerAccountFactory(institute=institute)
    BankDetailFactory(user=appointment.fellow)
    return appointment


def asked(appointment: Any, by: Any, **changes: Any) -> Severance:
    given = {"way": "irp", "tax_krw": 0, "basis": "Copy of the retirement account of 3 July", **changes}
    return severance.ask_severance(appointment, by=by, **given)


def balances() -> dict[str, int]:
    kinds = (AccountKind.SEVERANCE, AccountKind.PAYABLE, AccountKind.WITHHELD, AccountKind.BANK)
    rows = Account.objects.filter(kind__in=kinds, fiscal_year=2027)
    return {str(row.kind): row.balance_krw for row in rows}


def test_three_people_pay_what_accrued_and_the_books_follow(
    over: Any,
    finance_officer: Any,
    second_finance_officer: Any,
    third_finance_officer: Any,
    fourth_finance_officer: Any,
) -> None:
    row = asked(over, finance_officer, way="direct", tax_krw=97_260)
    assert (row.amount_krw, row.net_krw) == (ACCRUED, 7_300_000)
    severance.approve_severance(row, by=second_finance_officer)
    assert balances() == {"severance": 0, "payable": -7_300_000, "withheld": -97_260}
    batch = severance.release_severances(over.institute, by=third_finance_officer)
    assert (batch.purpose, batch.total_krw) == ("severance", 7_300_000)
    payment = batch.payments.get()
    answers.record_answers(batch, [answers.Answer(payment.reference, True)], by=fourth_finance_officer)
    row.refresh_from_db()
    assert (row.state, balances()["payable"], balances()["bank"]) == (SeveranceState.PAID, 0, -7_300_000)
    assert Notification.objects.get(kind="severance_paid").to == over.fellow
    assert not faults()


def test_what_comes_back_is_owed_again_and_paid_once_more(
    over: Any,
    finance_officer: Any,
    second_finance_officer: Any,
    third_finance_officer: Any,
    fourth_finance_officer: Any,
) -> None:
    row = asked(over, finance_officer)
    severance.approve_severance(row, by=second_finance_officer)
    batch = severance.release_severances(over.institute, by=third_finance_officer)
    first = batch.payments.get()
    answers.record_answers(batch, [answers.Answer(first.reference, False, "closed account")], by=fourth_finance_officer)
    row.refresh_from_db()
    assert (row.state, balances()["payable"]) == (SeveranceState.APPROVED, -ACCRUED)
    with pytest.raises(payments.NothingToPay):
        severance.release_severances(over.institute, by=third_finance_officer)
    again = payments.pay_again(
        Payment.objects.get(state=PaymentState.RETURNED), by=third_finance_officer, why="Open again"
    )
    second = again.payments.get()
    answers.record_answers(again, [answers.Answer(second.reference, True)], by=fourth_finance_officer)
    row.refresh_from_db()
    assert (row.state, balances()["payable"], balances()["bank"]) == (SeveranceState.PAID, 0, -ACCRUED)
    assert Entry.objects.filter(event__startswith="severance:").count() == 1
    assert not faults()


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"way": "irp", "tax_krw": 1}, "retirement account"),
        ({"way": "direct", "tax_krw": ACCRUED}, "less than the severance"),
        ({"way": "direct", "tax_krw": -1}, "never below 0"),
        ({"basis": "  "}, "Name the paper"),
    ],
)
def test_what_is_wrong_is_said(over: Any, finance_officer: Any, changes: Any, words: str) -> None:
    with pytest.raises(SeveranceRefused, match=words):
        asked(over, finance_officer, **changes)
    assert not Severance.objects.exists()


def test_it_is_asked_once_after_the_last_slip_and_never_by_herself(
    over: Any, finance_officer: Any, second_finance_officer: Any
) -> None:
    with time_machine.travel("2027-06-30 12:00+09:00", tick=False), pytest.raises(SeveranceRefused, match="over"):
        asked(over, finance_officer)
    with pytest.raises(SamePersonTwice):
        asked(over, over.fellow)
    last = over.pay_lines.get(month=date(2027, 6, 1))
    last.is_held, last.held_note = True, "no account"
    last.save()
    with pytest.raises(SeveranceRefused, match="last payslip"):
        asked(over, finance_officer)
    last.is_held = False
    last.save()
    row = asked(over, finance_officer)
    with pytest.raises(SeveranceRefused, match="already"):
        asked(over, second_finance_officer)
    with pytest.raises(SamePersonTwice):
        severance.approve_severance(row, by=finance_officer)
    severance.refuse_severance(row, by=second_finance_officer, reason="The account is another's.")
    assert asked(over, finance_officer).pk != row.pk


def test_the_database_pays_it_once_and_never_unapproved(over: Any, finance_officer: Any) -> None:
    row = asked(over, finance_officer)
    for wrong in (
        lambda: Severance.objects.filter(pk=row.pk).update(approved_by=finance_officer),
        lambda: Severance.objects.filter(pk=row.pk).update(state="paid"),
        lambda: Severance.objects.create(appointment=over, amount_krw=1, way="irp", basis="x"),
        lambda: Severance.objects.filter(pk=row.pk).update(tax_krw=5),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            wrong()


def test_pages_from_the_desk_to_the_bank(
    over: Any,
    finance_officer: Any,
    second_finance_officer: Any,
    third_finance_officer: Any,
    client_of: Any,
) -> None:
    assert "Pay severance to who left" in [str(item.label) for item in desk_items(finance_officer)]
    client = client_of(finance_officer)
    listed = client.get(reverse("funding:severances")).content.decode()
    assert over.fellow.full_name in listed
    assert "₩7,397,260" in listed
    ask = reverse("funding:ask_severance", args=[over.key])
    # 6,397,260 x 12 = 76,767,120; 48,921,916 off; 27,845,204 at 15 % less 1,260,000; a twelfth of 2,916,780
    assert "₩267,360" in client.get(ask).content.decode()
    empty = SeveranceForm({"way": "direct", "basis": "x"}, computed_krw=267_360)
    assert empty.is_valid()
    assert empty.cleaned_data["tax_krw"] == 267_360
    wrong = client.post(ask, {"way": "irp", "tax_krw": "5", "basis": "Paper"})
    assert wrong.status_code == 409
    assert "Nothing is withheld" in wrong.content.decode()
    assert client.post(ask, {"way": "irp", "basis": "Copy of the account"}).status_code == 302
    row = Severance.objects.get()
    page = reverse("funding:severance", args=[row.key])
    assert client.post(page, {"approve": "1"}).status_code == 409
    assert client_of(second_finance_officer).post(page, {"approve": "1"}).status_code == 302
    release = reverse("funding:release_severances", args=[over.institute.code])
    assert client_of(third_finance_officer).post(release).status_code == 302
    assert "Sent to the bank" in client_of(over.fellow).get(reverse("funding:payslips")).content.decode()
    assert client_of(over.fellow).get(page).status_code in {403, 404}


def test_nobody_else_sees_it(over: Any, finance_officer: Any, officer: Any, lab_head: Any, client_of: Any) -> None:
    row = asked(over, finance_officer)
    for person in (officer, lab_head):
        assert client_of(person).get(reverse("funding:severance", args=[row.key])).status_code == 404
        assert client_of(person).get(reverse("funding:severances")).status_code == 403
