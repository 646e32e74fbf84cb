"""Kinds of account and purpose; states of payroll runs, pay lines, claims, batches and payments."""

from typing import Final

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class AccountKind(models.TextChoices):
    SOURCE = "source", _("Source of appropriation")
    PROGRAMME = "programme", _("Appropriated, not yet agreed")
    INSTITUTE = "institute", _("Agreed with an institute, not yet allotted")
    LAB = "lab", _("Allotted to a lab, available")
    COMMITTED = "committed", _("Committed to a fellow")
    SPENT = "spent", _("Spent")
    EXPENSE = "expense", _("Expense")
    PAYABLE = "payable", _("Owed to people")
    WITHHELD = "withheld", _("Withheld for authorities")
    BANK = "bank", _("Bank")
    INCOME = "income", _("Contribution received")
    SEVERANCE = "severance", _("Severance that accrues")
    MATCHED = "matched", _("Matched money, available")
    RECEIVABLE = "receivable", _("Contribution agreed, not received")
    CARRIED = "carried", _("Carried from year to year")
    CARD = "card", _("Owed to card companies")


GUARDED: Final[frozenset[str]] = frozenset(
    {AccountKind.PROGRAMME, AccountKind.INSTITUTE, AccountKind.LAB, AccountKind.COMMITTED, AccountKind.MATCHED}
)


class Purpose(models.TextChoices):
    NONE = "", _("None")
    SALARY = "salary", _("Salary")
    RESEARCH_FUND = "research_fund", _("Research funds")
    EMPLOYER = "employer", _("Employer's charges")
    SEVERANCE = "severance", _("Severance")
    INTEREST = "interest", _("Interest")
    BANK_FEE = "bank_fee", _("Bank fees")
    TEST = "test", _("Test transfers of one won")
    MATCHED = "matched", _("Matched money")
    CARD = "card", _("Bill of a card company")
    BOOKED = "booked", _("In the books already")
    AUTHORITIES = "authorities", _("Tax and insurance paid to authorities")
    OTHER = "other", _("Other")


PAID_BACK: Final[frozenset[str]] = frozenset({Purpose.SALARY, Purpose.RESEARCH_FUND})


class PayrollState(models.TextChoices):
    PREVIEW = "preview", _("Preview")
    APPROVED = "approved", _("Approved")
    RELEASED = "released", _("Released to the bank")
    PAID = "paid", _("Paid")
    DISCARDED = "discarded", _("Discarded")


PAYROLL_COLOURS: Final[dict[str, str]] = {
    PayrollState.PREVIEW: "neutral",
    PayrollState.APPROVED: "info",
    PayrollState.RELEASED: "warning",
    PayrollState.PAID: "success",
    PayrollState.DISCARDED: "neutral",
}
PAYROLL_MOVES: Final[dict[str, frozenset[str]]] = {
    PayrollState.PREVIEW: frozenset({PayrollState.APPROVED, PayrollState.DISCARDED}),
    PayrollState.APPROVED: frozenset({PayrollState.RELEASED}),
    PayrollState.RELEASED: frozenset({PayrollState.PAID}),
    PayrollState.PAID: frozenset(),
    PayrollState.DISCARDED: frozenset(),
}


class PayItemKind(models.TextChoices):
    EARNING = "earning", _("Earning")
    DEDUCTION = "deduction", _("Deduction")
    EMPLOYER = "employer", _("Employer's charge")


class TaxWay(models.TextChoices):
    ORDINARY = "ordinary", _("Ordinary income tax")
    FLAT = "flat", _("Flat rate for foreign workers")


class AdjustmentCode(models.TextChoices):
    ARREARS = "arrears", _("Arrears")
    CORRECTION = "correction", _("Correction")
    RECOVERY = "recovery", _("Recovery")


class GrantKind(models.TextChoices):
    """What lowers or takes away the income tax, on evidence only."""

    TREATY = "treaty", _("Exemption by a tax treaty")
    FOREIGN_RESEARCHER = "foreign-researcher", _("Relief for foreign engineers and researchers (article 18)")
    RETURNING = "returning-researcher", _("Relief for Koreans who return with a doctorate (article 18-3)")


class GrantState(models.TextChoices):
    ASKED = "asked", _("Asked for")
    GRANTED = "granted", _("Granted")
    REFUSED = "refused", _("Refused")


GRANT_COLOURS: Final[dict[str, str]] = {
    GrantState.ASKED: "info",
    GrantState.GRANTED: "success",
    GrantState.REFUSED: "danger",
}
GRANT_MOVES: Final[dict[str, frozenset[str]]] = {
    GrantState.ASKED: frozenset({GrantState.GRANTED, GrantState.REFUSED}),
    GrantState.GRANTED: frozenset({GrantState.REFUSED}),
    GrantState.REFUSED: frozenset(),
}


class ClaimState(models.TextChoices):
    SUBMITTED = "submitted", _("Waiting for a decision")
    CHECKED = "checked", _("Checked, waiting for the second approval")
    APPROVED = "approved", _("Approved, to be paid")
    RELEASED = "released", _("Sent to the bank")
    PAID = "paid", _("Paid")
    REFUSED = "refused", _("Refused")
    RETURNED = "returned", _("Returned with a question")
    TAKEN_BACK = "taken_back", _("Taken back")


class ClaimKind(models.TextChoices):
    EXPENSE = "expense", _("An expense that was made")
    ADVANCE = "advance", _("An advance for an expense to come")


CLAIM_COLOURS: Final[dict[str, str]] = {
    ClaimState.SUBMITTED: "info",
    ClaimState.CHECKED: "info",
    ClaimState.APPROVED: "warning",
    ClaimState.RELEASED: "warning",
    ClaimState.PAID: "success",
    ClaimState.REFUSED: "danger",
    ClaimState.RETURNED: "warning",
    ClaimState.TAKEN_BACK: "neutral",
}
# claims that never were: they count nowhere
CLAIM_GONE: Final[tuple[str, ...]] = (ClaimState.REFUSED, ClaimState.TAKEN_BACK)
CLAIM_MOVES: Final[dict[str, frozenset[str]]] = {
    ClaimState.SUBMITTED: frozenset(
        {
            ClaimState.CHECKED,
            ClaimState.APPROVED,
            ClaimState.REFUSED,
            ClaimState.RETURNED,
            ClaimState.TAKEN_BACK,
        }
    ),
    ClaimState.CHECKED: frozenset(
        {ClaimState.APPROVED, ClaimState.REFUSED, ClaimState.RETURNED, ClaimState.TAKEN_BACK}
    ),
    ClaimState.RETURNED: frozenset({ClaimState.SUBMITTED, ClaimState.REFUSED, ClaimState.TAKEN_BACK}),
    # what was paid by card needs no bank
    ClaimState.APPROVED: frozenset({ClaimState.RELEASED, ClaimState.PAID}),
    ClaimState.RELEASED: frozenset({ClaimState.PAID, ClaimState.APPROVED}),
    ClaimState.PAID: frozenset({ClaimState.APPROVED}),
    ClaimState.REFUSED: frozenset(),
    ClaimState.TAKEN_BACK: frozenset(),
}


class ChargeState(models.TextChoices):
    """What became of a charge on a card."""

    OPEN = "open", _("To be accounted for")
    CLAIMED = "claimed", _("Accounted for by a claim")
    OWED = "owed", _("To be paid back by the fellow")
    REFUNDED = "refunded", _("Given back to her fund")
    CANCELLED = "cancelled", _("Cancelled by the merchant")


CHARGE_COLOURS: Final[dict[str, str]] = {
    ChargeState.OPEN: "warning",
    ChargeState.CLAIMED: "success",
    ChargeState.OWED: "danger",
    ChargeState.REFUNDED: "success",
    ChargeState.CANCELLED: "neutral",
}
CHARGE_MOVES: Final[dict[str, frozenset[str]]] = {
    ChargeState.OPEN: frozenset({ChargeState.CLAIMED, ChargeState.OWED, ChargeState.REFUNDED, ChargeState.CANCELLED}),
    ChargeState.CLAIMED: frozenset({ChargeState.OPEN}),
    ChargeState.OWED: frozenset(),
    ChargeState.REFUNDED: frozenset(),
    ChargeState.CANCELLED: frozenset(),
}


class PurchaseState(models.TextChoices):
    ASKED = "asked", _("Waiting for a decision")
    APPROVED = "approved", _("Approved, may be bought")
    REFUSED = "refused", _("Refused")
    TAKEN_BACK = "taken_back", _("Taken back")


PURCHASE_COLOURS: Final[dict[str, str]] = {
    PurchaseState.ASKED: "info",
    PurchaseState.APPROVED: "success",
    PurchaseState.REFUSED: "danger",
    PurchaseState.TAKEN_BACK: "neutral",
}
PURCHASE_MOVES: Final[dict[str, frozenset[str]]] = {
    PurchaseState.ASKED: frozenset({PurchaseState.APPROVED, PurchaseState.REFUSED, PurchaseState.TAKEN_BACK}),
    PurchaseState.APPROVED: frozenset({PurchaseState.TAKEN_BACK}),
    PurchaseState.REFUSED: frozenset(),
    PurchaseState.TAKEN_BACK: frozenset(),
}


class SeveranceState(models.TextChoices):
    ASKED = "asked", _("Waiting for approval")
    APPROVED = "approved", _("Approved, to be paid")
    RELEASED = "released", _("Sent to the bank")
    PAID = "paid", _("Paid")
    REFUSED = "refused", _("Refused")


class SeveranceWay(models.TextChoices):
    """Where severance goes: into an account for retirement, untaxed so far, or to her, the tax withheld."""

    PENSION = "irp", _("Into her individual retirement account (IRP), tax deferred")
    DIRECT = "direct", _("To her bank account, tax withheld")


SEVERANCE_COLOURS: Final[dict[str, str]] = {
    SeveranceState.ASKED: "info",
    SeveranceState.APPROVED: "warning",
    SeveranceState.RELEASED: "warning",
    SeveranceState.PAID: "success",
    SeveranceState.REFUSED: "danger",
}
SEVERANCE_MOVES: Final[dict[str, frozenset[str]]] = {
    SeveranceState.ASKED: frozenset({SeveranceState.APPROVED, SeveranceState.REFUSED}),
    SeveranceState.APPROVED: frozenset({SeveranceState.RELEASED}),
    SeveranceState.RELEASED: frozenset({SeveranceState.PAID, SeveranceState.APPROVED}),
    SeveranceState.PAID: frozenset({SeveranceState.APPROVED}),
    SeveranceState.REFUSED: frozenset(),
}


class SpendingRule(models.TextChoices):
    """What a rule of a category says; the number beside it is in the unit named here."""

    FORBIDDEN = "forbidden", _("Words that name what may not be claimed")
    MAX_KRW = "max_krw", _("Won at most, one claim")
    MAX_PERCENT = "max_percent", _("Percent of the year's fund at most")
    MIN_PAPERS = "min_papers", _("Papers at least, as evidence")
    REQUEST_FROM = "request_from", _("From this many won on, a purchase request is approved before")
    ONE_APPROVAL = "one_approval", _("Won up to which one approval suffices")


class BatchState(models.TextChoices):
    SEALED = "sealed", _("Sealed, bank file ready")
    CONFIRMED = "confirmed", _("Confirmed by the bank")


BATCH_COLOURS: Final[dict[str, str]] = {BatchState.SEALED: "warning", BatchState.CONFIRMED: "success"}
BATCH_MOVES: Final[dict[str, frozenset[str]]] = {
    BatchState.SEALED: frozenset({BatchState.CONFIRMED}),
    BatchState.CONFIRMED: frozenset(),
}


class PaymentState(models.TextChoices):
    PENDING = "pending", _("At the bank")
    PAID = "paid", _("Paid")
    RETURNED = "returned", _("Returned by the bank")


PAYMENT_COLOURS: Final[dict[str, str]] = {
    PaymentState.PENDING: "warning",
    PaymentState.PAID: "success",
    PaymentState.RETURNED: "danger",
}
PAYMENT_MOVES: Final[dict[str, frozenset[str]]] = {
    PaymentState.PENDING: frozenset({PaymentState.PAID, PaymentState.RETURNED}),
    PaymentState.PAID: frozenset({PaymentState.RETURNED}),
    PaymentState.RETURNED: frozenset(),
}


class Duty(models.TextChoices):
    """The duties behind one payment; nobody holds two of them."""

    ASKS = "asks", _("asked for it")
    APPROVES = "approves", _("approved it")
    RELEASES = "releases", _("released it to the bank")
    RECONCILES = "reconciles", _("entered the bank's answer")
    BANK = "bank", _("confirmed the bank details")


class RuleCode(models.TextChoices):
    """Numbers that change by date; the unit stands in the code."""

    COOLING_OFF_FIRST_DAYS = "cooling_off_first_days", _("Days before a first bank account is used")
    COOLING_OFF_CHANGE_DAYS = "cooling_off_change_days", _("Days before a changed bank account is used")
    RATE_DAYS = "rate_days", _("Days for which a recorded exchange rate stands")
    ADVANCE_DAYS = "advance_days", _("Days in which an advance is settled")
    CARD_DAYS = "card_days", _("Days in which a payment by card is accounted for")
    TRANSFER_LIMIT_KRW = "transfer_limit_krw", _("Won between labs that the institute itself may approve")
    TEST_TRANSFER_NEEDED = "test_transfer_needed", _("A test transfer of one won is needed (1) or not (0)")


class MessageKind(models.TextChoices):
    CSV = "csv", _("Answer as CSV")
    PAIN_002 = "pain.002", _("Status report (pain.002)")
    CAMT_053 = "camt.053", _("Bank statement (camt.053)")


class WhyUnmatched(models.TextChoices):
    NONE = "", _("no reference is given")
    UNKNOWN = "unknown", _("no payment has this reference")
    AMOUNT = "amount", _("the amount is another than the payment's")
    BEFORE = "before", _("the payment came back before")


class BankLineState(models.TextChoices):
    MATCHED = "matched", _("Matched")
    UNMATCHED = "unmatched", _("Not matched")
    PROPOSED = "proposed", _("Explained, waits for a second person")
    SETTLED = "settled", _("Settled by hand")


BANK_LINE_COLOURS: Final[dict[str, str]] = {
    BankLineState.MATCHED: "success",
    BankLineState.UNMATCHED: "warning",
    BankLineState.PROPOSED: "info",
    BankLineState.SETTLED: "neutral",
}
BANK_LINE_MOVES: Final[dict[str, frozenset[str]]] = {
    BankLineState.MATCHED: frozenset(),
    BankLineState.UNMATCHED: frozenset({BankLineState.PROPOSED, BankLineState.SETTLED}),
    BankLineState.PROPOSED: frozenset({BankLineState.SETTLED, BankLineState.UNMATCHED}),
    BankLineState.SETTLED: frozenset(),
}


class YearState(models.TextChoices):
    OPEN = "open", pgettext_lazy("fiscal year", "Open")
    CLOSED = "closed", _("Closed")


YEAR_COLOURS: Final[dict[str, str]] = {YearState.OPEN: "success", YearState.CLOSED: "neutral"}
YEAR_MOVES: Final[dict[str, frozenset[str]]] = {
    YearState.OPEN: frozenset({YearState.CLOSED}),
    YearState.CLOSED: frozenset({YearState.OPEN}),
}


class MovementKind(models.TextChoices):
    TRANSFER = "transfer", _("From one lab to another")
    TAKE_BACK = "take_back", _("From a lab back to its institute")
    CARRY_OVER = "carry_over", _("Carried over to the next year")
    GIVE_BACK = "give_back", _("Returned to the treasury")
    INTEREST_BACK = "interest_back", _("Interest returned to the treasury")


BY_MINISTRY: Final[frozenset[str]] = frozenset(
    {MovementKind.CARRY_OVER, MovementKind.GIVE_BACK, MovementKind.INTEREST_BACK}
)


class MovementState(models.TextChoices):
    ASKED = "asked", _("Waiting for approval")
    APPROVED = "approved", _("Approved and entered")
    REFUSED = "refused", _("Refused")
    REVERSED = "reversed", _("Reversed")


MOVEMENT_COLOURS: Final[dict[str, str]] = {
    MovementState.ASKED: "info",
    MovementState.APPROVED: "success",
    MovementState.REFUSED: "danger",
    MovementState.REVERSED: "neutral",
}
MOVEMENT_MOVES: Final[dict[str, frozenset[str]]] = {
    MovementState.ASKED: frozenset({MovementState.APPROVED, MovementState.REFUSED}),
    MovementState.APPROVED: frozenset({MovementState.REVERSED}),
    MovementState.REFUSED: frozenset(),
    MovementState.REVERSED: frozenset(),
}


class ReversalState(models.TextChoices):
    ASKED = "asked", _("Waiting for approval")
    APPROVED = "approved", _("Approved and entered")
    REFUSED = "refused", _("Refused")


REVERSAL_COLOURS: Final[dict[str, str]] = {
    ReversalState.ASKED: "info",
    ReversalState.APPROVED: "success",
    ReversalState.REFUSED: "neutral",
}
REVERSAL_MOVES: Final[dict[str, frozenset[str]]] = {
    ReversalState.ASKED: frozenset({ReversalState.APPROVED, ReversalState.REFUSED}),
    ReversalState.APPROVED: frozenset(),
    ReversalState.REFUSED: frozenset(),
}


class SettlementState(models.TextChoices):
    SUBMITTED = "submitted", _("Submitted to the ministry")
    ACCEPTED = "accepted", _("Accepted")
    RETURNED = "returned", _("Returned with questions")


SETTLEMENT_COLOURS: Final[dict[str, str]] = {
    SettlementState.SUBMITTED: "info",
    SettlementState.ACCEPTED: "success",
    SettlementState.RETURNED: "warning",
}
SETTLEMENT_MOVES: Final[dict[str, frozenset[str]]] = {
    SettlementState.SUBMITTED: frozenset({SettlementState.ACCEPTED, SettlementState.RETURNED}),
    SettlementState.ACCEPTED: frozenset(),
    SettlementState.RETURNED: frozenset(),
}


class PledgeKind(models.TextChoices):
    CASH = "cash", _("Cash")
    IN_KIND = "in_kind", _("In kind")


class MatchedPays(models.TextChoices):
    """What matched money may pay, as far as its scheme allows it."""

    TOP_UP = "top_up", _("Top-up of salaries")
    EQUIPMENT = "equipment", _("Equipment")
    SECONDMENT = "secondment", _("Secondment")


class PledgeState(models.TextChoices):
    PLEDGED = "pledged", _("Pledged, not agreed yet")
    AGREED = "agreed", _("Agreed")
    ENDED = "ended", _("Ended")


PLEDGE_COLOURS: Final[dict[str, str]] = {
    PledgeState.PLEDGED: "info",
    PledgeState.AGREED: "success",
    PledgeState.ENDED: "neutral",
}
PLEDGE_MOVES: Final[dict[str, frozenset[str]]] = {
    PledgeState.PLEDGED: frozenset({PledgeState.AGREED, PledgeState.ENDED}),
    PledgeState.AGREED: frozenset({PledgeState.ENDED}),
    PledgeState.ENDED: frozenset(),
}
