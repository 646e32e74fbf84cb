"""Kinds of account and purpose; states of payroll runs, pay lines, claims, batches and payments."""

from typing import Final

from django.db import models
from django.utils.translation import gettext_lazy as _


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


GUARDED: Final[frozenset[str]] = frozenset(
    {AccountKind.PROGRAMME, AccountKind.INSTITUTE, AccountKind.LAB, AccountKind.COMMITTED}
)


class Purpose(models.TextChoices):
    NONE = "", _("None")
    SALARY = "salary", _("Salary")
    RESEARCH_FUND = "research_fund", _("Research funds")
    EMPLOYER = "employer", _("Employer's charges")


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


class ClaimState(models.TextChoices):
    SUBMITTED = "submitted", _("Waiting for a decision")
    CHECKED = "checked", _("Checked, waiting for the second approval")
    APPROVED = "approved", _("Approved, to be paid")
    RELEASED = "released", _("Sent to the bank")
    PAID = "paid", _("Paid")
    REFUSED = "refused", _("Refused")


CLAIM_COLOURS: Final[dict[str, str]] = {
    ClaimState.SUBMITTED: "info",
    ClaimState.CHECKED: "info",
    ClaimState.APPROVED: "warning",
    ClaimState.RELEASED: "warning",
    ClaimState.PAID: "success",
    ClaimState.REFUSED: "danger",
}
CLAIM_MOVES: Final[dict[str, frozenset[str]]] = {
    ClaimState.SUBMITTED: frozenset({ClaimState.CHECKED, ClaimState.APPROVED, ClaimState.REFUSED}),
    ClaimState.CHECKED: frozenset({ClaimState.APPROVED, ClaimState.REFUSED}),
    ClaimState.APPROVED: frozenset({ClaimState.RELEASED}),
    ClaimState.RELEASED: frozenset({ClaimState.PAID, ClaimState.APPROVED}),
    ClaimState.PAID: frozenset(),
    ClaimState.REFUSED: frozenset(),
}


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
    PaymentState.PAID: frozenset(),
    PaymentState.RETURNED: frozenset(),
}
