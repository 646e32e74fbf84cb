"""Entering what the bank says: answers to batches, statements of an account, and what no payment explains."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from common.audit import record
from common.crypto import decrypt, encrypt
from common.gestures import action
from common.refusals import Refusal, SamePersonTwice
from common.states import lock, move
from common.when import day_words
from funding import ledger
from funding.bankanswers import PAID, RETURNED, Message, Told
from funding.models import Account, BankLine, BankMessage, Entry, PayerAccount, PayLine, Payment, PaymentBatch
from funding.postings import Books, bank_line_posting, payment_posting, settled_posting
from funding.queries.duties import of_batch, refuse_second_duty
from funding.queries.payments import entries_like
from funding.states import (
    PAID_BACK,
    AccountKind,
    BankLineState,
    BatchState,
    ClaimState,
    Duty,
    MessageKind,
    PaymentState,
    PayrollState,
    Purpose,
    SeveranceState,
    WhyUnmatched,
)
from labs.models import Institute
from notifications.actions import notify
from people.models import User


class AnswerRefused(Refusal):
    words = _("The bank's answer does not fit this batch, so nothing was changed.")


class EnteredAlready(Refusal):
    words = _("This file was entered already, on %(day)s.")


@dataclass(frozen=True)
class Answer:
    """What the bank says of one reference: paid, or returned with a reason. The amount is checked where it is said."""

    reference: str
    is_paid: bool
    reason: str = ""
    amount_krw: int | None = None


@action
def record_answers(batch: PaymentBatch, answers: Sequence[Answer], *, by: User) -> PaymentBatch:
    """Enter the bank's answer: each payment is paid (and leaves the books) or returned (and is still owed).

    Refuses references that are not of this batch, other amounts and contradictions, before anything is changed;
    repeating an answer changes nothing. Whoever holds another duty behind the batch does not reconcile it.
    """
    lock(batch)
    refuse_second_duty(Duty.RECONCILES, of_batch(batch), by=by)
    payments = {payment.reference: payment for payment in batch.payments.select_for_update().order_by("pk")}
    _check(answers, payments)
    books = Books(batch.institute, batch.pay_on.year)
    for answer in answers:
        _answer(payments[answer.reference], answer, books, by)
    _close(batch, by)
    return batch


def _check(answers: Sequence[Answer], payments: dict[str, Payment]) -> None:
    unknown = sorted({answer.reference for answer in answers} - payments.keys())
    if unknown:
        raise AnswerRefused(
            _("These references are not in the batch, so nothing was changed: %(unknown)s"),
            field="file",
            unknown=", ".join(unknown[:5]),
        )
    if len({answer.reference for answer in answers}) != len(answers):
        raise AnswerRefused(_("One payment is answered twice in this file, so nothing was changed."), field="file")
    for answer in answers:
        payment = payments[answer.reference]
        if answer.amount_krw is not None and answer.amount_krw != payment.amount_krw:
            raise AnswerRefused(
                _("The amount of %(reference)s differs from what was sealed, so nothing was changed."),
                field="file",
                reference=answer.reference,
            )
        settled = {PaymentState.PAID: True, PaymentState.RETURNED: False}.get(PaymentState(payment.state))
        if settled is not None and settled != answer.is_paid:
            raise AnswerRefused(
                _("%(reference)s was answered otherwise before, so nothing was changed. Enter the bank's statement."),
                field="file",
                reference=answer.reference,
            )


def _answer(payment: Payment, answer: Answer, books: Books, by: User) -> None:
    if payment.state != PaymentState.PENDING:
        return
    if not answer.is_paid:
        _return(payment, answer.reason, by)
        return
    move(payment, PaymentState.PAID, by=by)
    ledger.post(payment_posting(payment, books, timezone.localdate()), by=by)
    if payment.claim is not None:
        move(payment.claim, ClaimState.PAID, by=by)
        facts = {"amount_krw": f"{payment.amount_krw:,}", "last_digits": payment.bank_detail.last_digits}
        notify("claim_paid", to=payment.payee, about=payment.claim, dedupe=str(payment.pk), **facts)
    if payment.severance is not None:
        move(payment.severance, SeveranceState.PAID, by=by)
        facts = {"amount_krw": f"{payment.amount_krw:,}", "last_digits": payment.bank_detail.last_digits}
        notify("severance_paid", to=payment.payee, about=payment.severance, dedupe=str(payment.pk), **facts)


def _return(payment: Payment, reason: str, by: User) -> None:
    """The money came back: it is owed again. What the books said of a payment already made is reversed."""
    paid = Entry.objects.filter(event=f"payment:{payment.reference}").first()
    if paid is not None:
        ledger.reverse_entry(paid, by=by, booked_on=timezone.localdate(), words=f"Returned: {payment.reference}")
    move(payment, PaymentState.RETURNED, by=by, return_reason=reason[:200])
    facts = {"amount_krw": f"{payment.amount_krw:,}", "last_digits": payment.bank_detail.last_digits, "reason": reason}
    facts["path"] = reverse("funding:bank")
    notify("payment_returned", to=payment.payee, about=payment, dedupe=str(payment.pk), **facts)
    if payment.claim is not None:
        claim = payment.claim
        approved: dict[str, Any] = {"approved_by": claim.approved_by, "approved_at": claim.approved_at}
        move(claim, ClaimState.APPROVED, by=by, released_by=None, released_at=None, **approved)
    if payment.severance is not None:
        owed = payment.severance
        approved = {"approved_by": owed.approved_by, "approved_at": owed.approved_at}
        move(owed, SeveranceState.APPROVED, by=by, released_by=None, released_at=None, **approved)


def _close(batch: PaymentBatch, by: User) -> None:
    if not batch.payments.filter(state=PaymentState.PENDING).exists() and batch.state == BatchState.SEALED:
        move(batch, BatchState.CONFIRMED, by=by)
        _close_run(batch, by)


def _close_run(batch: PaymentBatch, by: User) -> None:
    if batch.purpose != Purpose.SALARY:
        return
    line = PayLine.objects.filter(payments__batch=batch).select_related("run").first()
    if line is not None and line.run.state == PayrollState.RELEASED:
        is_open = (
            line.run.lines.filter(is_held=False, net_krw__gt=0).exclude(payments__state=PaymentState.PAID).exists()
        )
        if not is_open:
            move(line.run, PayrollState.PAID, by=by)


@action
def enter_answer(batch: PaymentBatch, message: Message, *, by: User) -> BankMessage:
    """Enter a file that answers `batch` (CSV or pain.002). Refuses one that is of another batch or was altered.

    The same file is entered once. Totals that the file repeats must be those that were sealed.
    """
    lock(batch)
    if message.kind == MessageKind.CAMT_053:
        raise AnswerRefused(
            _("This is a statement of the whole account: enter it under Bank statements."), field="file"
        )
    if message.original and message.original != batch.key:
        raise AnswerRefused(
            _("This file answers the batch %(other)s, not this one."), field="file", other=message.original[:35]
        )
    if message.number not in {None, batch.number_of_payments} or message.total_krw not in {None, batch.total_krw}:
        raise AnswerRefused(_("The totals that the bank repeats are not those that were sealed."), field="file")
    made = _keep(batch.institute, message, by=by, batch=batch)
    answers = [
        Answer(told.reference, told.is_paid, told.reason, told.amount_krw)
        for told in message.told
        if told.is_paid is not None
    ]
    if not message.told and message.whole in PAID | RETURNED:
        is_paid = message.whole in PAID
        answers = [Answer(reference, is_paid) for reference in batch.payments.values_list("reference", flat=True)]
    elif unknown := sorted(
        {told.reference for told in message.told} - set(batch.payments.values_list("reference", flat=True))
    ):
        raise AnswerRefused(
            _("These references are not in the batch, so nothing was changed: %(unknown)s"),
            field="file",
            unknown=", ".join(unknown[:5]),
        )
    record_answers(batch, answers, by=by)
    _count(made, [answer.is_paid for answer in answers], 0)
    return made


def _keep(institute: Institute, message: Message, *, by: User, batch: PaymentBatch | None = None) -> BankMessage:
    lock(institute)
    same = BankMessage.objects.filter(institute=institute, sha256=message.sha256).first()
    if same is not None:
        raise EnteredAlready(field="file", day=day_words(timezone.localtime(same.entered_at).date()))
    made = BankMessage.objects.create(
        institute=institute,
        batch=batch,
        kind=message.kind,
        ident=message.ident,
        sha256=message.sha256,
        content_sealed=encrypt(message.text),
        opening_krw=message.opening_krw,
        closing_krw=message.closing_krw,
        entered_by=by,
    )
    record("funding.bank_message.entered", made, by=by, after={"kind": made.kind, "sha256": made.sha256})
    return made


def _count(made: BankMessage, answers: Iterable[bool], unmatched: int) -> None:
    listed = list(answers)
    made.paid, made.returned, made.unmatched = sum(listed), len(listed) - sum(listed), unmatched
    made.save(update_fields=["paid", "returned", "unmatched"])


@action
def enter_statement(institute: Institute, message: Message, *, by: User) -> BankMessage:
    """Enter a statement of the account from which `institute` pays: payments made and returned are matched.

    What no payment explains waits on a desk. Refuses the statement of another account, and one that was entered before.
    """
    if message.kind != MessageKind.CAMT_053:
        raise AnswerRefused(_("This is not a statement (camt.053); enter answers at their batch."), field="file")
    payer = PayerAccount.objects.filter(institute=institute).first()
    if payer is None or decrypt(payer.number_sealed) != message.account:
        raise AnswerRefused(_("This is the statement of another account than the one that pays."), field="file")
    made = _keep(institute, message, by=by)
    known = Payment.objects.filter(batch__institute=institute, reference__in={told.reference for told in message.told})
    locked = known.select_for_update(of=("self",)).select_related("batch__institute").order_by("pk")
    payments = {payment.reference: payment for payment in locked}
    batches = {payment.batch_id: payment.batch for payment in payments.values()}
    for batch in batches.values():
        refuse_second_duty(Duty.RECONCILES, of_batch(batch), by=by)
    lines = [_line(made, told, payments.get(told.reference), by) for told in message.told if told.amount_krw]
    BankLine.objects.bulk_create(lines)
    for batch in batches.values():
        _close(lock(batch), by)
    matched = [line for line in lines if line.state == BankLineState.MATCHED]
    _count(made, [line.amount_krw < 0 for line in matched], len(lines) - len(matched))
    return made


def _line(made: BankMessage, told: Told, payment: Payment | None, by: User) -> BankLine:
    assert told.amount_krw is not None
    assert told.booked_on is not None
    line = BankLine(
        message=made,
        booked_on=told.booked_on,
        amount_krw=told.amount_krw,
        reference=told.reference,
        bank_reference=told.bank_reference,
        words=told.reason,
        payment=payment,
    )
    line.why = _why_not(told, payment)
    if line.why or payment is None:
        line.state, line.payment = BankLineState.UNMATCHED, None
        return line
    if told.amount_krw < 0:
        _answer(payment, Answer(told.reference, True), Books(payment.batch.institute, payment.batch.pay_on.year), by)
    elif payment.state != PaymentState.RETURNED:
        _return(payment, told.reason, by)
    return line


def _why_not(told: Told, payment: Payment | None) -> str:
    if payment is None:
        return WhyUnmatched.UNKNOWN if told.reference else WhyUnmatched.NONE
    assert told.amount_krw is not None
    if abs(told.amount_krw) != payment.amount_krw:
        return WhyUnmatched.AMOUNT
    if told.amount_krw < 0 and payment.state == PaymentState.RETURNED:
        return WhyUnmatched.BEFORE
    return ""


@action
def settle_line(line: BankLine, *, by: User, purpose: str, note: str, entry: Entry | None = None) -> BankLine:
    """Say what an unmatched movement is: interest, a fee, a card bill, what was paid back, or an `entry` of the books.

    It is booked once another person confirms. Refuses without words, interest that leaves the account, a fee that comes
    in, more paid back than is owed, and an entry that is not of this movement.
    """
    lock(line)
    if not note.strip():
        raise AnswerRefused(_("Say what this movement is."), field="note")
    if (entry is not None) != (purpose == Purpose.BOOKED):
        raise AnswerRefused(_("Choose the entry of the books that this movement is."), field="entry")
    is_out = purpose in {Purpose.BANK_FEE, Purpose.CARD, Purpose.MATCHED, Purpose.AUTHORITIES}
    if purpose not in {Purpose.OTHER, Purpose.BOOKED} and is_out != (line.amount_krw < 0):
        raise AnswerRefused(
            _("Interest and what is paid back come in, a fee or a bill goes out; this movement is the other way."),
            field="purpose",
        )
    _explained(line, purpose, entry)
    said: dict[str, Any] = {"settled_as": purpose, "settled_note": note[:200], "entry": entry}
    return move(line, BankLineState.PROPOSED, by=by, **said)


def _explained(line: BankLine, purpose: str, entry: Entry | None) -> Account | None:
    """The account of what is owed that this movement settles, if it does; refuses where it cannot be so."""
    if hasattr(line, "pledge_receipt"):
        words = _("This movement is entered as what came in of a pledge: confirm or refuse that.")
        raise AnswerRefused(words, field="purpose")
    if entry is not None and not entries_like(line).filter(pk=entry.pk).exists():
        raise AnswerRefused(_("This entry is not of this movement, or stands for another one."), field="entry")
    if purpose in PAID_BACK:
        return _owed(line, AccountKind.RECEIVABLE, purpose)
    if purpose == Purpose.AUTHORITIES:
        return _owed(line, AccountKind.WITHHELD, Purpose.NONE)
    return _owed(line, AccountKind.PAYABLE, purpose) if purpose == Purpose.MATCHED else None


@action
def confirm_line(line: BankLine, *, by: User) -> BankLine:
    """Another person says that a movement is what the first one said; then it is booked."""
    lock(line)
    if by.pk == line.proposed_by_id:
        raise SamePersonTwice
    if line.state != BankLineState.PROPOSED:
        raise AnswerRefused(_("Nobody has said yet what this movement is."))
    owed = _explained(line, line.settled_as, line.entry)
    entry = line.entry
    if entry is None:
        books = Books(line.message.institute, line.booked_on.year)
        posting = settled_posting(line, owed, books) if owed else bank_line_posting(line, books, line.settled_as)
        entry = ledger.post(posting, by=by)
    return move(line, BankLineState.SETTLED, by=by, entry=entry)


@action
def reject_line(line: BankLine, *, by: User) -> BankLine:
    """What was said of a movement is not right, or was a mistake: it waits again."""
    return move(line, BankLineState.UNMATCHED, by=by, settled_as="", settled_note="", entry=None, proposed_by=None)


def _owed(line: BankLine, kind: str, purpose: str) -> Account:
    """The account of what is owed for `purpose`, in this year or the one before, that holds as much."""
    year, sign = line.booked_on.year, 1 if kind == AccountKind.RECEIVABLE else -1
    owed = Account.objects.select_for_update().filter(
        kind=kind, institute=line.message.institute, purpose=purpose, fiscal_year__in=(year - 1, year)
    )
    rows = sorted(owed, key=lambda row: row.fiscal_year)
    found = next((row for row in rows if sign * row.balance_krw >= abs(line.amount_krw)), None)
    if found is None:
        most = max((sign * row.balance_krw for row in rows), default=0)
        raise AnswerRefused(_("That is more than is owed: ₩%(most)s."), field="purpose", most=f"{max(most, 0):,}")
    return found
