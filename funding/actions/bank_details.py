"""Where people are paid, and from which account an institute pays: entered by one person, confirmed by another."""

from datetime import timedelta

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from common.audit import record
from common.crypto import decrypt, encrypt
from common.gestures import action
from common.later import later
from common.refusals import Refusal, SamePersonTwice
from common.states import lock
from common.when import instant_words
from funding.models import BankDetail, PayerAccount
from funding.queries.payments import current_details
from funding.queries.rules import value_of
from funding.states import RuleCode
from labs.models import Institute
from notifications.actions import notify
from people.models import User

TRIES = 3


class DetailStopped(Refusal):
    words = _("This account was stopped. Enter it anew.")


class TestMissing(Refusal):
    words = _("A test transfer of one won must be answered before this account is confirmed.")


class WrongCode(Refusal):
    words = _("This is not the number of the test transfer. Look at the words beside the one won in your account.")


@action
def enter_bank_detail(user: User, *, by: User, holder: str, bank_code: str, number: str) -> BankDetail:
    """Keep a new account for `user`, encrypted; it is used only after another person confirmed it and time went by."""
    detail = BankDetail.objects.create(
        user=user,
        holder=holder,
        bank_code=bank_code,
        number_sealed=encrypt(number),
        last_digits=number[-4:],
        entered_by=by,
    )
    record("funding.bank.entered", detail, by=by, after={"user": user, "last_digits": detail.last_digits})
    notify("bank_changed", to=user, about=detail, dedupe=str(detail.pk), last_digits=detail.last_digits)
    return detail


@action
def confirm_bank_detail(detail: BankDetail, *, by: User) -> BankDetail:
    """Make `detail` the account that `user` is paid on, once the cooling-off period of the rules has gone by.

    Until then payments go to the account before, and she can stop the change. Whoever entered it, whose it is, who sent
    its test transfer and who entered the bank's answer to that cannot confirm it.
    """
    lock(detail)
    hands = detail.test_transfers.values_list("batch__sealed_by", "batch__confirmed_by")
    if by.pk in {detail.entered_by_id, detail.user_id}.union(*hands):
        raise SamePersonTwice
    if detail.stopped_at is not None:
        raise DetailStopped
    if detail.is_current:
        return detail
    now = timezone.now()
    if value_of(RuleCode.TEST_TRANSFER_NEEDED, timezone.localdate()) and detail.tested_at is None:
        raise TestMissing
    is_first = detail.user_id not in current_details([detail.user_id])
    rule = RuleCode.COOLING_OFF_FIRST_DAYS if is_first else RuleCode.COOLING_OFF_CHANGE_DAYS
    days = value_of(rule, timezone.localdate())
    BankDetail.objects.filter(user=detail.user_id, is_current=True).update(is_current=False)
    detail.confirmed_at, detail.confirmed_by, detail.is_current = now, by, True
    detail.usable_from = now + timedelta(days=days)
    detail.save(update_fields=["confirmed_at", "confirmed_by", "is_current", "usable_from"])
    record("funding.bank.confirmed", detail, by=by, after={"last_digits": detail.last_digits, "days": days})
    facts = {"last_digits": detail.last_digits, "usable_from": later(instant_words, detail.usable_from), "days": days}
    notify("bank_confirmed", to=detail.user, about=detail, dedupe=str(detail.pk), **facts)
    return detail


@action
def stop_bank_detail(detail: BankDetail, *, by: User) -> BankDetail:
    """Stop an account for good: nothing goes there any more; the one before stands again. For good means anew."""
    lock(detail)
    if detail.stopped_at is not None:
        return detail
    was_current = detail.is_current
    detail.stopped_at, detail.stopped_by, detail.is_current = timezone.now(), by, False
    detail.save(update_fields=["stopped_at", "stopped_by", "is_current"])
    if was_current:
        before = BankDetail.objects.filter(user=detail.user_id, confirmed_at__isnull=False, stopped_at=None)
        last = before.order_by("-confirmed_at", "-pk").first()
        if last is not None:
            BankDetail.objects.filter(pk=last.pk).update(is_current=True)
    record("funding.bank.stopped", detail, by=by, after={"last_digits": detail.last_digits})
    notify("bank_stopped", to=detail.user, about=detail, dedupe=str(detail.pk), last_digits=detail.last_digits)
    return detail


def answer_test_transfer(detail: BankDetail, *, by: User, code: str) -> BankDetail:
    """The holder says the number that came with the one won. Each wrong try counts; after three the test is spent."""
    detail = _try_code(detail, code, by=by)
    if detail.tested_at is None:
        raise WrongCode(field="code")
    return detail


@action
def _try_code(detail: BankDetail, code: str, *, by: User) -> BankDetail:
    lock(detail)
    if by.pk != detail.user_id:
        raise SamePersonTwice
    if detail.tested_at is not None:
        return detail
    if not detail.test_code_sealed or detail.test_tries >= TRIES:
        raise DetailStopped(
            _("No test transfer waits for an answer; ask the finance desk for a new one."), field="code"
        )
    if decrypt(detail.test_code_sealed) == code.strip():
        detail.tested_at = timezone.now()
        record("funding.bank.tested", detail, by=by)
    else:
        detail.test_tries += 1
    detail.save(update_fields=["tested_at", "test_tries"])
    return detail


@action
def set_payer_account(institute: Institute, *, by: User | None, bank_code: str, number: str) -> PayerAccount:
    """Say from which account `institute` is to pay; it counts once another person confirmed it."""
    waiting = {
        "next_bank_code": bank_code,
        "next_number_sealed": encrypt(number),
        "next_last_digits": number[-4:],
        "entered_by": by,
        "confirmed_by": None,
    }
    payer, _is_new = PayerAccount.objects.update_or_create(institute=institute, defaults=waiting)
    record("funding.payer.entered", payer, by=by, after={"last_digits": payer.next_last_digits})
    return payer


@action
def confirm_payer_account(payer: PayerAccount, *, by: User) -> PayerAccount:
    """The second person's yes to the account from which an institute pays."""
    lock(payer)
    if by.pk == payer.entered_by_id:
        raise SamePersonTwice
    if payer.next_number_sealed:
        payer.bank_code, payer.number_sealed = payer.next_bank_code, payer.next_number_sealed
        payer.last_digits, payer.confirmed_by = payer.next_last_digits, by
        payer.next_bank_code = payer.next_number_sealed = payer.next_last_digits = ""
        payer.save()
        record("funding.payer.set", payer, by=by, after={"last_digits": payer.last_digits})
    return payer
