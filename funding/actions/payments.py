"""Verbs of payment: sealing a batch for the bank, paying again what came back, a test transfer of one won."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from common.audit import record
from common.crypto import decrypt, encrypt
from common.gestures import action
from common.models import new_key
from common.refusals import NotConfigured, Refusal, SamePersonTwice
from common.states import lock, move
from funding import bankfile, ledger
from funding.models import BankDetail, Claim, PayerAccount, PayLine, Payment, PaymentBatch, Severance
from funding.postings import Books, test_posting
from funding.queries.duties import of_batch, of_payable, refuse_second_duty, shared
from funding.queries.payments import current_details
from funding.states import ClaimState, Duty, PaymentState, Purpose, SeveranceState
from labs.models import Institute
from people.models import User


class NothingToPay(Refusal):
    words = _("There is nothing to pay.")


@dataclass(frozen=True)
class Due:
    """One thing to pay: to whom, how much, and what it settles (pay line, claim, severance) or the account it tests.

    `replaces` is the returned payment that this one makes again; `remittance` is what the payee reads of it.
    """

    payee: User
    amount_krw: int
    pay_line: PayLine | None = None
    claim: Claim | None = None
    severance: Severance | None = None
    tests: BankDetail | None = None
    replaces: Payment | None = None
    remittance: str = ""


@action
def seal_batch(
    institute: Institute, dues: Sequence[Due], *, by: User | None, purpose: str, pay_on: date
) -> PaymentBatch:
    """Make one file for the bank out of `dues`: payments, control totals, the hash of exactly what the bank is given.

    The constraints on payments let no pay line, claim or severance stand in two batches. Refuses an empty batch, a
    payee without confirmed bank details, and an institute without an account of its own.
    """
    payer = PayerAccount.objects.filter(institute=institute).first()
    if payer is None or not payer.number_sealed:
        raise NotConfigured(what=f"the bank account from which {institute.code} pays")
    details = current_details([due.payee.pk for due in dues])
    details |= {due.payee.pk: due.tests for due in dues if due.tests is not None}
    missing = sorted({str(due.payee) for due in dues if due.payee.pk not in details})
    if missing:
        raise NotConfigured(what=_("confirmed bank details of %(people)s") % {"people": ", ".join(missing[:5])})
    if not dues:
        raise NothingToPay
    _check_duties(dues, details, by=by)
    batch = PaymentBatch(institute=institute, purpose=purpose, pay_on=pay_on, sealed_by=by)
    payments = [
        Payment(
            batch=batch,
            payee=due.payee,
            bank_detail=details[due.payee.pk],
            pay_line=due.pay_line,
            claim=due.claim,
            severance=due.severance,
            tests=due.tests,
            replaces=due.replaces,
            reference=f"{batch.key}-{new_key()}",
            amount_krw=due.amount_krw,
        )
        for due in dues
    ]
    _seal(batch, payments, payer, [due.remittance for due in dues])
    record("funding.batch.sealed", batch, by=by, after={"total_krw": batch.total_krw, "sha256": batch.sha256})
    return batch


def _check_duties(dues: Sequence[Due], details: Mapping[int, BankDetail], *, by: User | None) -> None:
    """Refuse where one person would hold two duties behind these payments, before the database has to."""
    held = of_payable(
        [due.pay_line for due in dues if due.pay_line is not None],
        [due.claim for due in dues if due.claim is not None],
        [due.severance for due in dues if due.severance is not None],
        [details[due.payee.pk] for due in dues],
    )
    if by is not None:
        held[Duty.RELEASES].add(by.pk)
    if shared(held):
        raise SamePersonTwice


def _seal(batch: PaymentBatch, payments: Sequence[Payment], payer: PayerAccount, remittances: Sequence[str]) -> None:
    header = bankfile.Header(
        batch=batch.key,
        payer=batch.institute.name_en,
        payer_account=decrypt(payer.number_sealed),
        payer_bank=payer.bank_code,
        pay_on=max(batch.pay_on, timezone.localdate()),  # no bank takes a day that has passed
        created_at=timezone.now(),
    )
    transfers = [
        bankfile.Transfer(
            payment.reference,
            payment.amount_krw,
            payment.bank_detail.holder,
            payment.bank_detail.bank_code,
            decrypt(payment.bank_detail.number_sealed),
            remittance,
        )
        for payment, remittance in zip(payments, remittances, strict=True)
    ]
    xml = bankfile.pain001(header, transfers)
    batch.pain_xml_sealed, batch.sha256 = encrypt(xml), bankfile.seal(xml)
    batch.number_of_payments, batch.total_krw = len(payments), sum(payment.amount_krw for payment in payments)
    batch.save(force_insert=True)
    Payment.objects.bulk_create(payments)


@action
def pay_again(payment: Payment, *, by: User, why: str = "") -> PaymentBatch:
    """Pay a returned payment once more, to the bank details that stand now, in a batch of its own.

    The new payment names the returned one. Refuses a second re-issue, whoever holds another duty behind it, and the
    account that sent it back, unless `why` says what is otherwise now.
    """
    lock(payment)
    if payment.state != PaymentState.RETURNED:
        raise NothingToPay(_("Only a returned payment is paid again."))
    if payment.tests_id is not None:
        raise NothingToPay(_("A test transfer is not paid again: a new one is sent where the account is confirmed."))
    if hasattr(payment, "replaced_by"):
        raise NothingToPay(_("This payment was made again already."))
    refuse_second_duty(Duty.RELEASES, of_batch(payment.batch), by=by)
    goes_to = current_details([payment.payee_id]).get(payment.payee_id)
    if goes_to is not None and goes_to.pk == payment.bank_detail_id and not why.strip():
        raise NothingToPay(
            _("It would go to the account that sent it back. Wait for another account, or say what is otherwise now."),
            field="why",
        )
    if why.strip():
        record("funding.payment.again_to_the_same", payment, by=by, note=why[:300])
    due = Due(payment.payee, payment.amount_krw, payment.pay_line, payment.claim, payment.severance, replaces=payment)
    if payment.claim is not None:
        move(payment.claim, ClaimState.RELEASED, by=by)
    if payment.severance is not None:
        move(payment.severance, SeveranceState.RELEASED, by=by)
    batch = payment.batch
    return seal_batch(batch.institute, [due], by=by, purpose=batch.purpose, pay_on=timezone.localdate())


@action
def send_test_transfer(detail: BankDetail, institute: Institute, *, by: User) -> PaymentBatch:
    """Send one won to a new account with a number that only its holder reads; she answers with it on her page.

    The won is booked as an expense of the institute. Refuses an account that is stopped or whose test is on its way.
    """
    lock(detail)
    if detail.stopped_at is not None or by.pk == detail.user_id:
        raise SamePersonTwice if by.pk == detail.user_id else NothingToPay(_("This account was stopped."))
    if detail.test_transfers.exclude(state=PaymentState.RETURNED).exists():
        raise NothingToPay(_("A test transfer to this account was made already."))
    code = f"{secrets.randbelow(10_000):04d}"
    detail.test_code_sealed, detail.test_tries = encrypt(code), 0
    detail.save(update_fields=["test_code_sealed", "test_tries"])
    due = Due(detail.user, 1, tests=detail, remittance=f"INNOCORE {code}")
    today = timezone.localdate()
    batch = seal_batch(institute, [due], by=by, purpose=Purpose.TEST, pay_on=today)
    books = Books(institute, today.year)
    ledger.post(test_posting(batch.payments.get(), books, today), by=by)
    record("funding.bank.test_sent", detail, by=by)
    return batch
