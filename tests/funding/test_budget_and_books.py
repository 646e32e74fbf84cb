"""Money comes in and goes down; the books show it to those who may see, and a check finds what is wrong."""

from datetime import date
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.db.utils import IntegrityError, InternalError
from django.urls import reverse

from common.refusals import Refusal
from funding import ledger
from funding.actions import budget
from funding.ledger import OverBudget, Posting, account
from funding.models import Account, Entry, Line
from funding.queries.books import faults, trial_balance
from funding.queries.budget import appropriated_krw, budget_of, unagreed_krw
from funding.states import AccountKind
from tests.factories.fellowships import fund


@pytest.fixture
def allotted(ministry: Any, finance_officer: Any, lab: Any) -> Any:
    """100 appropriated, 60 agreed with the institute, 50 allotted to the lab (million won, 2026)."""
    given = budget.appropriate("Annual budget", 2026, 100_000_000, by=ministry)
    agreed = budget.agree(given, lab.institute, 60_000_000, by=ministry)
    return budget.allot(agreed, lab, 50_000_000, by=finance_officer)


def test_money_goes_down_step_by_step(allotted: Any, lab: Any, ministry: Any) -> None:
    figures = budget_of(ministry, 2026)[0]
    assert (figures.agreed_krw, figures.unallotted_krw, figures.allotted_krw) == (60_000_000, 10_000_000, 50_000_000)
    assert (appropriated_krw(2026), unagreed_krw(2026)) == (100_000_000, 40_000_000)
    assert account(AccountKind.BANK, 2026, institute=lab.institute).balance_krw == 60_000_000
    assert not faults()


def test_more_than_there_is_is_refused(allotted: Any, lab: Any, other_lab: Any, ministry: Any) -> None:
    given = allotted.agreement.appropriation
    for wrong in (
        lambda: budget.agree(given, lab.institute, 40_000_001, by=ministry),
        lambda: budget.allot(allotted.agreement, lab, 10_000_001, by=ministry),
    ):
        with pytest.raises(OverBudget), transaction.atomic():
            wrong()
    with pytest.raises(budget.OtherInstitute):
        budget.allot(allotted.agreement, other_lab, 1, by=ministry)
    with pytest.raises(budget.AppropriatedAlready):
        budget.appropriate("Annual budget", 2026, 1, by=ministry)


def test_trial_balance_of_an_auditor_sums_to_zero(allotted: Any, auditor: Any, finance_officer: Any) -> None:
    assert sum(row.balance_krw for row in trial_balance(auditor, 2026)) == 0
    kinds = {row.kind for row in trial_balance(finance_officer, 2026)}
    assert AccountKind.PROGRAMME not in kinds


def test_ministry_and_finance_work_through_pages(
    ministry: Any, finance_officer: Any, lab: Any, client_of: Any, django_assert_max_num_queries: Any
) -> None:
    client = client_of(ministry)
    sent = client.post(
        reverse("funding:appropriate"),
        {"source": "Supplementary budget", "fiscal_year": 2025, "amount_krw": 30_000_000_000},
    )
    assert sent["Location"] == reverse("funding:budget")
    wrong = client.post(reverse("funding:appropriate"), {"source": "x", "fiscal_year": 2025, "amount_krw": -1})
    assert wrong.status_code == 422
    given = Entry.objects.get()
    assert "Supplementary budget" in given.words
    from_form = {"appropriation": 1, "institute": lab.institute.pk, "amount_krw": 31_000_000_000}
    from_form["appropriation"] = budget.Appropriation.objects.get().pk
    assert client.post(reverse("funding:agree"), from_form).status_code == 409
    assert client.post(reverse("funding:agree"), {**from_form, "amount_krw": 5_000_000}).status_code == 302
    agreed = budget.Agreement.objects.get()
    address = reverse("funding:allot", args=[agreed.key])
    assert client.post(address, {"lab": lab.pk, "amount_krw": 1}).status_code == 403
    assert client_of(finance_officer).post(address, {"lab": lab.pk, "amount_krw": 5_000_000}).status_code == 302
    with django_assert_max_num_queries(12):
        shown = client.get(reverse("funding:budget"), {"year": "2025"}, HTTP_ACCEPT_LANGUAGE="ko")
    assert "₩5,000,000" in shown.content.decode()
    assert "5000000" in b"".join(client.get(reverse("funding:budget_csv"), {"year": "2025"})).decode()


def test_books_drill_down_to_the_entry(allotted: Any, finance_officer: Any, client_of: Any, lab: Any) -> None:
    client = client_of(finance_officer)
    listed = client.get(reverse("funding:books"), {"year": "2026", "kind": "lab", "q": lab.code}).content.decode()
    row = account(AccountKind.LAB, 2026, lab=lab)
    assert row.code in listed
    shown = client.get(reverse("funding:account", args=[row.key])).content.decode()
    entry = Entry.objects.get(event__startswith="allotment")
    assert reverse("funding:entry", args=[entry.key]) in shown
    assert "₩50,000,000" in client.get(reverse("funding:entry", args=[entry.key])).content.decode()
    assert "50000000" in b"".join(client.get(reverse("funding:account_csv", args=[row.key]))).decode()


def test_ministry_sees_no_line_of_a_person(appointment: Any, ministry: Any, client_of: Any) -> None:
    committed = Account.objects.filter(kind=AccountKind.COMMITTED)
    client = client_of(ministry)
    assert client.get(reverse("funding:account", args=[committed[0].key])).status_code == 404
    entry = Entry.objects.filter(lines__account__in=committed).first()
    assert entry is not None
    assert "may not see" in client.get(reverse("funding:entry", args=[entry.key])).content.decode()


@pytest.mark.parametrize("name", ["budget", "budget_csv", "appropriate", "agree", "books"])
def test_strangers_are_refused(
    name: str, stranger: Any, lab_head: Any, applicant: Any, client_of: Any, allotted: Any
) -> None:
    for person in (stranger, lab_head, applicant):
        assert client_of(person).get(reverse(f"funding:{name}")).status_code == 403


def test_finance_of_another_institute_sees_nothing(allotted: Any, other_finance_officer: Any, client_of: Any) -> None:
    client = client_of(other_finance_officer)
    row = Account.objects.get(kind=AccountKind.LAB, fiscal_year=2026)
    assert client.get(reverse("funding:account", args=[row.key])).status_code == 404
    assert client.get(reverse("funding:allot", args=[allotted.agreement.key])).status_code == 404


@pytest.mark.parametrize("number", [1, 3])
def test_account_page_costs_the_same(
    number: int, lab: Any, finance_officer: Any, client_of: Any, django_assert_num_queries: Any
) -> None:
    for _each in range(number):
        fund(lab, 2026, 1_000)
    client = client_of(finance_officer)
    with django_assert_num_queries(7):
        client.get(reverse("funding:account", args=[account(AccountKind.LAB, 2026, lab=lab).key]))
    with django_assert_num_queries(7):
        client.get(reverse("funding:books"), {"year": "2026"})


def test_check_says_that_the_books_are_right(allotted: Any, capsys: Any) -> None:
    call_command("check_books")
    assert "right" in capsys.readouterr().out


def test_check_finds_a_wrong_balance(allotted: Any, capsys: Any) -> None:
    Account.objects.filter(kind=AccountKind.LAB).update(balance_krw=1)
    with pytest.raises(CommandError):
        call_command("check_books")
    assert "kept balances" in capsys.readouterr().err


@transaction.atomic
def _write_wrongly(owner: Account) -> None:
    entry = Entry.objects.create(booked_on=date(2026, 1, 1), event="wrong", words="wrong")
    Line.objects.create(entry=entry, account=owner, amount_krw=1)


@pytest.mark.django_db(transaction=True)
def test_database_refuses_an_entry_that_does_not_balance(lab: Any) -> None:
    owner = account(AccountKind.BANK, 2026, institute=lab.institute)
    with pytest.raises(IntegrityError, match="does not balance"):
        _write_wrongly(owner)
    with pytest.raises(IntegrityError, match="no lines"), transaction.atomic():
        Entry.objects.create(booked_on=date(2026, 1, 1), event="empty", words="empty")
    assert not Entry.objects.exists()


def test_entries_and_lines_are_never_changed(allotted: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    for statement in (
        "UPDATE funding_line SET amount_krw = 2",
        "DELETE FROM funding_entry",
        "TRUNCATE funding_line CASCADE",
    ):
        with pytest.raises((IntegrityError, InternalError)), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)


def test_mistake_is_put_right_by_a_reversing_entry(allotted: Any, finance_officer: Any, lab: Any) -> None:
    entry = Entry.objects.get(event__startswith="allotment")
    for _twice in range(2):
        reversing = ledger.reverse_entry(entry, by=finance_officer, booked_on=date(2026, 2, 1), words="Wrong lab")
    assert reversing.reverses == entry
    assert account(AccountKind.LAB, 2026, lab=lab).balance_krw == 0
    assert Entry.objects.filter(reverses=entry).count() == 1


def test_posting_needs_lines_that_sum_to_zero(lab: Any, db: None) -> None:
    owner = account(AccountKind.BANK, 2026, institute=lab.institute)
    for lines in ([], [(owner, 5)]):
        posting = Posting("wrong", date(2026, 1, 1), "wrong", lines)
        with pytest.raises(ledger.Unbalanced):
            ledger.post(posting, by=None)
        with pytest.raises(ledger.Unbalanced):
            ledger.post_many([posting], by=None)


@pytest.mark.django_db(transaction=True)
def test_posting_outside_a_transaction_is_refused(lab: Any) -> None:
    posting = Posting("x", date(2026, 1, 1), "x", [])
    for post in (lambda: ledger.post(posting, by=None), lambda: ledger.post_many([posting], by=None)):
        with pytest.raises(RuntimeError):
            post()


def test_refusal_names_what_is_missing(allotted: Any, lab: Any, finance_officer: Any) -> None:
    with pytest.raises(Refusal) as refused, transaction.atomic():
        budget.allot(allotted.agreement, lab, 10_000_001, by=finance_officer)
    assert "₩1 " in str(refused.value)
