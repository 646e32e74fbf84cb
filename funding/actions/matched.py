"""A partner's pledge, what came in, its public match, what both paid."""

import hashlib
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.core.files.base import ContentFile
from django.db.models import Sum
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from common.audit import record
from common.gestures import action
from common.refusals import Refusal, SamePersonTwice
from common.states import lock, move
from funding.ledger import Posting, account, post
from funding.matching_share import Share, match_of
from funding.models import Account, BankLine, MatchedUse, Pledge, PledgeReceipt
from funding.queries.matched import standing_of, terms_of
from funding.states import AccountKind, BankLineState, PledgeKind, PledgeState, Purpose
from people.models import User


class PledgeRefused(Refusal):
    words = _("This cannot be counted so.")


@dataclass(frozen=True)
class Paper:
    """Evidence as it was uploaded."""

    name: str
    content: bytes


@action
def enter_pledge(pledge: Pledge, *, by: User) -> Pledge:
    """Enter what a partner promises; it counts once another person agreed it."""
    pledge.entered_by = by
    pledge.save(force_insert=True)
    record("funding.pledge.entered", pledge, by=by, after={"amount_krw": pledge.amount_krw})
    return pledge


@action
def agree_pledge(pledge: Pledge, *, by: User, paper: str) -> Pledge:
    """Another person says that the agreement is signed, naming its paper. Refuses while its scheme has no terms."""
    terms_of(pledge)
    if by.pk == pledge.entered_by_id:
        raise SamePersonTwice
    if not paper.strip():
        raise PledgeRefused(_("Name the signed agreement."), field="paper")
    return move(pledge, PledgeState.AGREED, by=by, paper=paper[:300])


@action
def enter_receipt(
    pledge: Pledge,
    *,
    by: User,
    received_on: date,
    amount_krw: int,
    paper: Paper,
    basis: str = "",
    line: BankLine | None = None,
) -> PledgeReceipt:
    """Enter what came in of an agreed pledge, with its evidence. It counts once another person confirmed it.

    Refuses what lies outside the pledge's days, more than was pledged, in-kind value without its basis, and a paper or
    a bank movement that counted before, be it for another pledge.
    """
    lock(pledge)
    if pledge.state != PledgeState.AGREED:
        raise PledgeRefused(_("The pledge is not agreed, so nothing counts towards it."))
    if not pledge.starts_on <= received_on <= min(pledge.ends_on, timezone.localdate()):
        raise PledgeRefused(_("The day lies outside the pledge or in the future."), field="received_on")
    so_far = pledge.receipts.filter(refused_at=None).aggregate(total=Sum("amount_krw", default=0))["total"]
    if so_far + amount_krw > pledge.amount_krw:
        raise PledgeRefused(_("More would have come in than was pledged."), field="amount_krw")
    if pledge.kind == PledgeKind.IN_KIND and not basis.strip():
        raise PledgeRefused(_("Say how the value was found: invoice, price list or expert's opinion."), field="basis")
    seal = hashlib.sha256(paper.content).hexdigest()
    if PledgeReceipt.objects.filter(sha256=seal, refused_at=None).exists():
        raise PledgeRefused(_("This paper counted already; nothing counts twice."), field="paper")
    if line is not None and (line.amount_krw != amount_krw or hasattr(line, "pledge_receipt")):
        raise PledgeRefused(_("This bank movement is of another amount, or counted already."), field="line")
    made = PledgeReceipt(
        pledge=pledge, received_on=received_on, amount_krw=amount_krw, basis=basis[:300], name=paper.name[:200],
        sha256=seal, bank_line=line, entered_by=by,
    )  # fmt: skip
    made.file.save(seal, ContentFile(paper.content), save=False)
    made.save(force_insert=True)
    record("funding.pledge.received", made, by=by, after={"amount_krw": amount_krw})
    return made


@action
def confirm_receipt(receipt: PledgeReceipt, *, by: User) -> PledgeReceipt:
    """Another person confirms the evidence: cash reaches the books with its public match, in kind at its value.

    The match is taken from the lab's allotment of the year, by the scheme's terms on the pledge's first day. Refuses
    with `OverBudget` a match that the lab cannot carry.
    """
    lock(receipt)
    pledge = lock(receipt.pledge)
    if by.pk in {receipt.entered_by_id}:
        raise SamePersonTwice
    if receipt.confirmed_at is not None:
        return receipt
    if receipt.refused_at is not None:
        raise PledgeRefused(_("This was refused."))
    terms, in_kind = terms_of(pledge), pledge.kind == PledgeKind.IN_KIND
    matched = pledge.receipts.aggregate(total=Sum("match_krw", default=0))["total"]
    share = Share(terms.ratio_percent, terms.ceiling_krw, terms.in_kind_counts_percent)
    receipt.match_krw = match_of(receipt.amount_krw, in_kind=in_kind, matched_krw=matched, share=share)
    words = f"Matched money: {pledge.partner.name_en}"[:200]
    posting = Posting(f"pledge:{receipt.key}", receipt.received_on, words, _lines(receipt, in_kind), receipt)
    receipt.entry = post(posting, by=by)
    receipt.confirmed_at, receipt.confirmed_by = timezone.now(), by
    receipt.save(update_fields=["match_krw", "entry", "confirmed_at", "confirmed_by"])
    if receipt.bank_line is not None and receipt.bank_line.state == BankLineState.UNMATCHED:
        note: dict[str, Any] = {
            "settled_as": Purpose.MATCHED,
            "settled_note": str(receipt)[:200],
            "entry": receipt.entry,
        }
        move(receipt.bank_line, BankLineState.SETTLED, by=by, **note)
    record("funding.pledge.confirmed", receipt, by=by, after={"match_krw": receipt.match_krw})
    return receipt


@action
def refuse_receipt(receipt: PledgeReceipt, *, by: User, reason: str) -> PledgeReceipt:
    """Another person says no to what was entered, with a reason: its paper and movement may be entered again."""
    lock(receipt)
    receipt.bank_line = None
    _say_no(receipt, receipt.entered_by_id, receipt.confirmed_at, by=by, reason=reason)
    receipt.save(update_fields=["refused_at", "refused_by", "refusal", "bank_line"])
    record("funding.pledge.refused", receipt, by=by, note=reason)
    return receipt


def _say_no(
    row: PledgeReceipt | MatchedUse, asked_by: int | None, agreed_at: datetime | None, *, by: User, reason: str
) -> None:
    """Write a refusal into `row`. Refuses whoever asked, what was decided already, and a refusal without its reason."""
    if by.pk == asked_by:
        raise SamePersonTwice
    if agreed_at is not None or row.refused_at is not None:
        raise PledgeRefused(_("This was decided already."))
    if not reason.strip():
        raise PledgeRefused(_("Say why, so that it can be put right."), field="reason")
    row.refused_at, row.refused_by, row.refusal = timezone.now(), by, reason[:300]


@action
def end_pledge(pledge: Pledge, *, by: User, reason: str) -> Pledge:
    """Nothing more comes in of a pledge: it ran out, or the partner withdrew. What came in can still be used."""
    lock(pledge)
    if not reason.strip():
        raise PledgeRefused(_("Say why it ends."), field="reason")
    if pledge.receipts.filter(confirmed_at=None, refused_at=None).exists():
        raise PledgeRefused(_("Confirm or refuse first what was entered as come in."), field="reason")
    return move(pledge, PledgeState.ENDED, by=by, note=reason)


def _lines(receipt: PledgeReceipt, in_kind: bool) -> list[tuple[Account, int]]:
    year, lab, amount = receipt.received_on.year, receipt.pledge.lab, receipt.amount_krw
    institute = lab.institute
    pot = account(AccountKind.MATCHED, year, lab=lab)
    income = account(AccountKind.INCOME, year, institute=institute, purpose=Purpose.MATCHED)
    lines = [(income, -amount)]
    if in_kind:
        lines.append((account(AccountKind.EXPENSE, year, institute=institute, purpose=Purpose.MATCHED), amount))
    else:
        given = account(AccountKind.SOURCE, year, institute=institute, purpose=Purpose.MATCHED)
        lines += [(account(AccountKind.BANK, year, institute=institute), amount), (pot, amount), (given, -amount)]
    if receipt.match_krw:
        lines += [(account(AccountKind.LAB, year, lab=lab), -receipt.match_krw), (pot, receipt.match_krw)]
    return lines


@action
def ask_use(use: MatchedUse, *, by: User) -> MatchedUse:
    """Ask to pay something out of a pledge's money. Refuses what its scheme does not pay, and more than is free."""
    lock(use.pledge)
    if not use.pledge.starts_on <= use.used_on:
        raise PledgeRefused(_("The day lies before the pledge."), field="used_on")
    if use.pays not in terms_of(use.pledge).pays:
        raise PledgeRefused(_("The scheme of this pledge does not pay that."), field="pays")
    if use.appointment is not None and use.appointment.lab_id != use.pledge.lab_id:
        raise PledgeRefused(_("This fellow works in another lab."), field="appointment")
    _refuse_beyond(use)
    use.asked_by = by
    use.save(force_insert=True)
    record("funding.matched.asked", use, by=by, after={"amount_krw": use.amount_krw})
    return use


def _refuse_beyond(use: MatchedUse) -> None:
    """A pledge pays out of its own money only, whatever else lies in the lab's account of matched money."""
    free = standing_of(use.pledge).free_krw
    if use.amount_krw > free:
        raise PledgeRefused(_("Only ₩%(free)s of this pledge are free."), field="amount_krw", free=f"{max(free, 0):,}")


@action
def refuse_use(use: MatchedUse, *, by: User, reason: str) -> MatchedUse:
    """Another person says no, with a reason."""
    lock(use)
    _say_no(use, use.asked_by_id, use.approved_at, by=by, reason=reason)
    use.save(update_fields=["refused_at", "refused_by", "refusal"])
    record("funding.matched.refused", use, by=by, note=reason)
    return use


@action
def approve_use(use: MatchedUse, *, by: User) -> MatchedUse:
    """Another person approves; the amount is spent and owed. Refuses more than is free of the pledge."""
    lock(use)
    lock(use.pledge)
    if by.pk == use.asked_by_id or (use.appointment is not None and by.pk == use.appointment.fellow_id):
        raise SamePersonTwice
    if use.refused_at is not None:
        raise PledgeRefused(_("This was refused."))
    if use.approved_at is None:
        _refuse_beyond(use)
        year, lab = use.used_on.year, use.pledge.lab
        lines = [
            (account(AccountKind.MATCHED, year, lab=lab), -use.amount_krw),
            (account(AccountKind.SPENT, year, lab=lab, purpose=Purpose.MATCHED), use.amount_krw),
            (account(AccountKind.EXPENSE, year, institute=lab.institute, purpose=Purpose.MATCHED), use.amount_krw),
            (account(AccountKind.PAYABLE, year, institute=lab.institute, purpose=Purpose.MATCHED), -use.amount_krw),
        ]
        use.entry = post(Posting(f"matched:{use.key}", use.used_on, f"Matched money: {use.pays}", lines, use), by=by)
        use.approved_at, use.approved_by = timezone.now(), by
        use.save(update_fields=["entry", "approved_at", "approved_by"])
        record("funding.matched.approved", use, by=by, after={"amount_krw": use.amount_krw})
    return use
