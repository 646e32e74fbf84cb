"""A release that dies between any two statements: nothing of it stays, and on restart it happens exactly once."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

import pytest
from django.db import connection, transaction

from common.refusals import IllegalMove, Refusal
from funding import ledger
from funding.actions import claims, payroll
from funding.models import Account, Entry, Line, Payment, PaymentBatch
from funding.queries.books import faults
from funding.states import AccountKind
from people.states import Role
from tests.factories import people
from tests.factories.applications import CallLabFactory
from tests.factories.fellowships import AppointmentFactory, fund
from tests.factories.funding import BankDetailFactory, ClaimFactory, PayerAccountFactory, confirmed_rates
from tests.factories.labs import LabFactory

JULY = date(2026, 7, 1)


class Killed(Exception):
    """The process is gone."""


@contextmanager
def dying_after(statements: int) -> Iterator[list[str]]:
    """Let `statements` statements through, then die before the next; what was said is in the list."""
    said: list[str] = []

    def wrap(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        if sql.startswith(("SAVEPOINT", "RELEASE", "ROLLBACK")):
            return execute(sql, params, many, context)
        if len(said) >= statements:
            raise Killed
        said.append(sql)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(wrap):
        yield said


def test_release_that_dies_anywhere_happens_once(
    appointment: Any, institute: Any, finance_officer: Any, second_finance_officer: Any, third_finance_officer: Any
) -> None:
    PayerAccountFactory(institute=institute)
    BankDetailFactory(user=appointment.fellow)
    confirmed_rates(finance_officer)
    run = payroll.prepare_payroll(institute, JULY, by=finance_officer)
    payroll.approve_payroll(run, by=second_finance_officer)
    payroll.release_payroll(run, by=third_finance_officer)
    before = Entry.objects.count()
    deaths = 0
    while True:
        with dying_after(deaths):
            try:
                with transaction.atomic():
                    batch = payroll.pay_out(run.pk)
                break
            except Killed:
                deaths += 1
        assert (Entry.objects.count(), Payment.objects.count()) == (before, 0)
        assert payroll.sweep() == 1
    assert batch is not None
    assert deaths > 15
    assert payroll.pay_out(run.pk) is None
    assert (Entry.objects.filter(event__startswith="pay:").count(), Payment.objects.count()) == (1, 1)
    assert PaymentBatch.objects.get() == batch
    assert faults() == {}


def at_once(number: int, act: Callable[[int], Any]) -> list[str]:
    """Let `number` connections do `act` at the same moment; the name of what each met, or "done"."""
    barrier, met = threading.Barrier(number), []

    def work(place: int) -> None:
        barrier.wait()
        try:
            act(place)
            met.append("done")
        except Refusal as refusal:
            met.append(type(refusal).__name__)
        finally:
            connection.close()

    threads = [threading.Thread(target=work, args=(place,)) for place in range(number)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    return met


@pytest.mark.django_db(transaction=True)
def test_fifty_at_once_never_overdraw_and_never_approve_twice() -> None:
    lab = LabFactory()
    with transaction.atomic():
        fund(lab, 2026, 20)
    held = ledger.account(AccountKind.LAB, 2026, lab=lab)
    other = ledger.account(AccountKind.INSTITUTE, 2026, institute=lab.institute)

    def spend(place: int) -> None:
        with transaction.atomic():
            ledger.post(ledger.Posting(f"spend:{place}", JULY, "one won", [(held, -1), (other, 1)]), by=None)

    met = at_once(50, spend)
    assert sorted(set(met)) == ["OverBudget", "done"]
    assert met.count("done") == 20
    assert Account.objects.get(pk=held.pk).balance_krw == 0

    with transaction.atomic():
        appointment = AppointmentFactory(offer__call_lab=CallLabFactory(lab=lab))
    claim = ClaimFactory(appointment=appointment, fiscal_year=2026)
    officers = [people.holder(Role.FINANCE_OFFICER, lab.institute.place) for _ in range(10)]
    met = at_once(10, lambda place: claims.approve_claim(type(claim).objects.get(pk=claim.pk), by=officers[place]))
    assert (met.count("done"), set(met)) == (1, {"done", IllegalMove.__name__})
    assert Line.objects.filter(entry__event=f"claim:{claim.pk}", account__kind=AccountKind.SPENT).count() == 1
