"""Payroll: three people, nobody paid twice, held pay alone, books and file agree."""

import csv
import io
import threading
from datetime import date
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from django.db import IntegrityError, connection, transaction
from django.urls import reverse

from common.crypto import decrypt
from common.refusals import IllegalMove, NotConfigured, SamePersonTwice
from fellowships.states import AppointmentState
from funding import bankfile
from funding.actions import answers as bank
from funding.actions import payments, payroll, rates
from funding.models import Account, Entry, PayLine, Payment, PaymentBatch, PayrollRun, RateTable
from funding.states import AccountKind, BatchState, PaymentState, PayrollState
from notifications.models import Notification
from tests.factories.applications import CallLabFactory
from tests.factories.fellowships import AppointmentFactory
from tests.factories.funding import BankDetailFactory, PayerAccountFactory, confirmed_rates

JULY = date(2026, 7, 1)


@pytest.fixture
def ready(appointment: Any, institute: Any, finance_officer: Any) -> Any:
    """One fellow to pay, with bank details; an institute with an account; confirmed rates."""
    PayerAccountFactory(institute=institute)
    BankDetailFactory(user=appointment.fellow)
    confirmed_rates(finance_officer)
    return appointment


@pytest.fixture
def released(
    ready: Any, institute: Any, finance_officer: Any, second_finance_officer: Any, third_finance_officer: Any
) -> Any:
    run = payroll.prepare_payroll(institute, JULY, by=finance_officer)
    payroll.approve_payroll(run, by=second_finance_officer)
    payroll.release_payroll(run, by=third_finance_officer)
    return run


def sums() -> dict[str, int]:
    totals: dict[str, int] = {}
    for account in Account.objects.all():
        totals[account.kind] = totals.get(account.kind, 0) + account.balance_krw
    return totals


def test_preview_computes_and_books_nothing(ready: Any, institute: Any, finance_officer: Any) -> None:
    before = Entry.objects.count()
    run = payroll.prepare_payroll(institute, JULY, by=finance_officer)
    line = run.lines.get()
    assert (line.gross_krw, run.state, run.pay_on) == (7_500_000, PayrollState.PREVIEW, date(2026, 7, 24))
    assert sum(item.amount_krw for item in line.items.filter(kind="deduction")) == line.deductions_krw
    assert Entry.objects.count() == before
    assert payroll.prepare_payroll(institute, JULY, by=finance_officer) == run


def test_three_people_are_needed(ready: Any, institute: Any, finance_officer: Any, second_finance_officer: Any) -> None:
    run = payroll.prepare_payroll(institute, JULY, by=finance_officer)
    with pytest.raises(SamePersonTwice):
        payroll.approve_payroll(run, by=finance_officer)
    payroll.approve_payroll(run, by=second_finance_officer)
    for person in (finance_officer, second_finance_officer):
        with pytest.raises(SamePersonTwice):
            payroll.release_payroll(run, by=person)
    with pytest.raises(IntegrityError), transaction.atomic():
        PayrollRun.objects.filter(pk=run.pk).update(released_by=second_finance_officer)


def test_pay_out_books_and_seals_once(released: Any) -> None:
    batch = payroll.pay_out(released.pk)
    assert batch is not None
    assert payroll.pay_out(released.pk) is None
    line = released.lines.get()
    totals = sums()
    assert totals[AccountKind.SPENT] == line.gross_krw
    assert totals[AccountKind.PAYABLE] == -line.net_krw
    assert totals[AccountKind.WITHHELD] == -(line.deductions_krw + line.employer_krw)
    assert line.severance_krw == 7_500_000 // 12
    assert totals[AccountKind.SEVERANCE] == -line.severance_krw
    assert totals[AccountKind.EXPENSE] == line.gross_krw + line.employer_krw + line.severance_krw
    assert PaymentBatch.objects.get().total_krw == line.net_krw
    assert Notification.objects.filter(kind="payslip_ready").count() == 1


def test_bank_file_carries_its_control_totals_and_seal(released: Any) -> None:
    batch = payroll.pay_out(released.pk)
    assert batch is not None
    xml = decrypt(batch.pain_xml_sealed)
    space = {"p": bankfile.NAMESPACE}
    root = ET.fromstring(xml)
    assert root.findtext(".//p:GrpHdr/p:CtrlSum", "", space) == str(batch.total_krw)
    assert root.findtext(".//p:GrpHdr/p:NbOfTxs", "", space) == "1"
    assert root.findtext(".//p:CdtTrfTxInf//p:EndToEndId", "", space) == batch.payments.get().reference
    assert bankfile.seal(xml) == batch.sha256
    rows = list(csv.DictReader(io.StringIO(bankfile.as_csv(xml))))
    assert rows[0]["amount_krw"] == str(batch.total_krw)
    assert "1234567890" not in batch.pain_xml_sealed


def test_bank_confirms_and_the_run_is_paid(
    released: Any, fourth_finance_officer: Any, third_finance_officer: Any
) -> None:
    batch = payroll.pay_out(released.pk)
    assert batch is not None
    answer = bank.Answer(batch.payments.get().reference, True)
    with pytest.raises(SamePersonTwice):
        bank.record_answers(batch, [answer], by=third_finance_officer)
    for _again in range(2):
        bank.record_answers(batch, [answer], by=fourth_finance_officer)
    released.refresh_from_db()
    batch.refresh_from_db()
    assert (released.state, batch.state) == (PayrollState.PAID, BatchState.CONFIRMED)
    assert sums()[AccountKind.PAYABLE] == 0
    assert sums()[AccountKind.BANK] == -batch.total_krw


def test_unknown_reference_changes_nothing(released: Any, fourth_finance_officer: Any) -> None:
    batch = payroll.pay_out(released.pk)
    assert batch is not None
    answers = [bank.Answer(batch.payments.get().reference, True), bank.Answer("elsewhere", True)]
    with pytest.raises(bank.AnswerRefused, match="elsewhere"):
        bank.record_answers(batch, answers, by=fourth_finance_officer)
    assert batch.payments.get().state == PaymentState.PENDING


def test_returned_payment_is_paid_again_once(
    released: Any, finance_officer: Any, third_finance_officer: Any, fourth_finance_officer: Any
) -> None:
    batch = payroll.pay_out(released.pk)
    assert batch is not None
    payment = batch.payments.get()
    bank.record_answers(batch, [bank.Answer(payment.reference, False, "account closed")], by=fourth_finance_officer)
    payment.refresh_from_db()
    for person in (finance_officer, fourth_finance_officer):
        with pytest.raises(SamePersonTwice):
            payments.pay_again(payment, by=person, why="Open again")
    again = payments.pay_again(payment, by=third_finance_officer, why="Open again")
    assert (again.total_krw, again.payments.get().replaces) == (payment.amount_krw, payment)
    with pytest.raises(payments.NothingToPay):
        payments.pay_again(type(payment).objects.get(pk=payment.pk), by=third_finance_officer)


def test_one_month_is_paid_once_whatever_happens(released: Any) -> None:
    line = released.lines.get()
    with pytest.raises(IntegrityError), transaction.atomic():
        PayLine.objects.create(
            run=released,
            appointment=line.appointment,
            month=JULY,
            gross_krw=1,
            deductions_krw=0,
            net_krw=1,
            employer_krw=0,
        )
    batch = payroll.pay_out(released.pk)
    assert batch is not None
    payment = batch.payments.get()
    payment.pk, payment.key, payment.reference = None, "another00000", "another"
    with pytest.raises(IntegrityError), transaction.atomic():
        payment.save(force_insert=True)


def test_without_bank_details_pay_is_held_and_released_alone(
    appointment: Any, institute: Any, finance_officer: Any, second_finance_officer: Any, third_finance_officer: Any
) -> None:
    PayerAccountFactory(institute=institute)
    confirmed_rates(finance_officer)
    run = payroll.prepare_payroll(institute, JULY, by=finance_officer)
    payroll.approve_payroll(run, by=second_finance_officer)
    payroll.release_payroll(run, by=third_finance_officer)
    assert payroll.pay_out(run.pk) is None
    line = run.lines.get()
    assert line.is_held
    with pytest.raises(NotConfigured):
        payroll.release_held(line, by=third_finance_officer)
    BankDetailFactory(user=appointment.fellow)
    with pytest.raises(SamePersonTwice):
        payroll.release_held(line, by=finance_officer)
    assert payroll.release_held(line, by=third_finance_officer).total_krw == line.net_krw
    with pytest.raises(payroll.RunChanged):
        payroll.release_held(line, by=third_finance_officer)


def test_hold_needs_a_reason_and_an_open_run(ready: Any, institute: Any, finance_officer: Any) -> None:
    run = payroll.prepare_payroll(institute, JULY, by=finance_officer)
    line = run.lines.get()
    with pytest.raises(payroll.RunChanged):
        payroll.hold_line(line, by=finance_officer, note=" ")
    assert payroll.hold_line(line, by=finance_officer, note="visa not yet there").is_held
    payroll.discard_payroll(run, by=finance_officer)
    assert not PayLine.objects.exists()
    assert payroll.prepare_payroll(institute, JULY, by=finance_officer) != run


def test_rates_must_be_confirmed_and_cover_the_month(appointment: Any, institute: Any, finance_officer: Any) -> None:
    with pytest.raises(NotConfigured):
        payroll.prepare_payroll(institute, JULY, by=finance_officer)
    table = rates.load_rates(by=finance_officer)
    assert rates.load_rates(by=finance_officer) == table
    with pytest.raises(NotConfigured):
        payroll.prepare_payroll(institute, JULY, by=finance_officer)
    rates.confirm_rates(table, by=finance_officer, document="Gazette")
    rates.confirm_rates(table, by=finance_officer, document="Another")
    assert RateTable.objects.get().document == "Gazette"
    with pytest.raises(NotConfigured, match="2027"):
        payroll.prepare_payroll(institute, date(2027, 1, 1), by=finance_officer)
    with pytest.raises(payroll.NobodyToPay):
        payroll.prepare_payroll(institute, date(2030, 1, 1), by=finance_officer)


def test_terminated_before_the_month_is_not_paid(ready: Any, institute: Any, finance_officer: Any) -> None:
    type(ready).objects.filter(pk=ready.pk).update(state=AppointmentState.TERMINATED, ends_on=date(2026, 7, 10))
    line = payroll.prepare_payroll(institute, JULY, by=finance_officer).lines.get()
    assert line.gross_krw == 7_500_000 * 10 // 31
    with pytest.raises(payroll.NobodyToPay):
        payroll.prepare_payroll(institute, date(2026, 8, 1), by=finance_officer)


def test_flat_tax_is_for_foreign_workers_only(ready: Any) -> None:
    fellow = ready.fellow
    with pytest.raises(payroll.RunChanged):
        payroll.choose_tax(fellow, by=fellow, way="flat", family_size=1)
    application = ready.offer.application
    application.citizenship = "DE"
    application.save(update_fields=["citizenship"])
    assert payroll.choose_tax(fellow, by=fellow, way="flat", family_size=1).way == "flat"


@pytest.mark.django_db(transaction=True)
def test_two_workers_pay_out_the_same_run_once() -> None:
    from people.states import Role
    from tests.factories.people import holder

    call_lab = CallLabFactory()
    institute = call_lab.lab.institute
    appointment = AppointmentFactory(offer__call_lab=call_lab)
    people = [holder(Role.FINANCE_OFFICER, institute.place) for _ in range(3)]
    PayerAccountFactory(institute=institute)
    BankDetailFactory(user=appointment.fellow)
    confirmed_rates(people[0])
    run = payroll.prepare_payroll(institute, JULY, by=people[0])
    payroll.approve_payroll(run, by=people[1])
    payroll.release_payroll(run, by=people[2])
    barrier, made = threading.Barrier(2), []

    def work() -> None:
        barrier.wait()
        try:
            made.append(payroll.pay_out(run.pk))
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(2)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert sorted(batch is None for batch in made) == [False, True]
    assert Payment.objects.count() == 1


def test_sweep_finds_a_released_run_without_a_file(released: Any) -> None:
    assert payroll.sweep() == 1
    payroll.pay_out(released.pk)
    assert payroll.sweep() == 0


def test_pages_for_finance_and_for_the_fellow(
    released: Any,
    client_of: Any,
    finance_officer: Any,
    other_finance_officer: Any,
    stranger: Any,
    officer: Any,
    fellow: Any,
) -> None:
    batch = payroll.pay_out(released.pk)
    assert batch is not None
    line = released.lines.get()
    pages = {
        reverse("funding:payroll"): 1,
        reverse("funding:payroll_run", kwargs={"key": released.key}): 1,
        reverse("funding:payroll_csv", kwargs={"key": released.key}): 1,
        reverse("funding:batch", kwargs={"key": batch.key}): 1,
        reverse("funding:batch_file", kwargs={"key": batch.key, "kind": "xml"}): 1,
        reverse("funding:batch_file", kwargs={"key": batch.key, "kind": "csv"}): 1,
        reverse("funding:rates"): 1,
        reverse("funding:batches"): 1,
    }
    for address in pages:
        assert client_of(finance_officer).get(address).status_code == 200, address
        for nobody in (stranger, officer, fellow):
            assert client_of(nobody).get(address).status_code in {403, 404}, address
    assert client_of(other_finance_officer).get(reverse("funding:batch", kwargs={"key": batch.key})).status_code == 404
    for name in ("payslip", "payslip_pdf"):
        address = reverse(f"funding:{name}", kwargs={"key": line.key})
        assert client_of(fellow).get(address).status_code == 200
        for nobody in (stranger, officer, finance_officer):
            assert client_of(nobody).get(address).status_code == 404
    assert client_of(fellow).get(reverse("funding:payslips")).status_code == 200


def test_gestures_through_pages(
    ready: Any,
    institute: Any,
    client_of: Any,
    finance_officer: Any,
    second_finance_officer: Any,
    third_finance_officer: Any,
    fourth_finance_officer: Any,
) -> None:
    made = client_of(finance_officer).post(reverse("funding:payroll"), {"institute": institute.pk, "month": "2026-07"})
    run = PayrollRun.objects.get()
    assert made["Location"] == reverse("funding:payroll_run", kwargs={"key": run.key})
    key = {"key": run.key}
    line = run.lines.get()
    assert client_of(finance_officer).post(reverse("funding:approve_payroll", kwargs=key)).status_code == 409
    assert client_of(second_finance_officer).post(reverse("funding:approve_payroll", kwargs=key)).status_code == 302
    assert client_of(second_finance_officer).post(reverse("funding:approve_payroll", kwargs=key)).status_code == 409
    hold = reverse("funding:hold", kwargs={"key": run.key, "line": line.key})
    assert client_of(finance_officer).get(hold).status_code == 200
    assert client_of(finance_officer).post(hold, {"note": "visa"}).status_code == 302
    assert client_of(third_finance_officer).post(reverse("funding:release_payroll", kwargs=key)).status_code == 302
    payroll.pay_out(run.pk)
    assert client_of(third_finance_officer).post(hold, {"release": "1"}).status_code == 302
    batch = PaymentBatch.objects.get()
    text = f"reference,state,reason\n{batch.payments.get().reference},paid,\n".encode()
    upload = io.BytesIO(text)
    upload.name = "answer.csv"
    address = reverse("funding:batch", kwargs={"key": batch.key})
    assert client_of(finance_officer).post(address, {"file": upload}).status_code == 409
    upload.seek(0)
    assert client_of(fourth_finance_officer).post(address, {"file": upload}).status_code == 302
    run.refresh_from_db()
    assert run.state == PayrollState.PAID


@pytest.mark.parametrize(
    ("content", "words"),
    [(b"reference,state\nx,maybe\n", "Line 2"), (b"\xff\xfe\x00", "UTF-8"), (b"reference,state\n", "no answers")],
)
def test_wrong_answers_say_which_line(
    released: Any, client_of: Any, finance_officer: Any, content: bytes, words: str
) -> None:
    batch = payroll.pay_out(released.pk)
    assert batch is not None
    upload = io.BytesIO(content)
    upload.name = "answer.csv"
    shown = client_of(finance_officer).post(reverse("funding:batch", kwargs={"key": batch.key}), {"file": upload})
    assert shown.status_code == 422
    assert words in shown.content.decode()


def test_illegal_moves_are_refused(released: Any, second_finance_officer: Any) -> None:
    with pytest.raises(IllegalMove):
        payroll.approve_payroll(released, by=second_finance_officer)
