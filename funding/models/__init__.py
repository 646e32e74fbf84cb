"""The books, budgets, payroll, claims and payments; one noun a file."""

from funding.models.adjustments import Adjustment, TaxGrant
from funding.models.books import Account, Entry, Line
from funding.models.budget import Agreement, Allotment, Appropriation, Commitment
from funding.models.claims import Claim, ClaimCategory, Evidence
from funding.models.payments import BankDetail, PayerAccount, Payment, PaymentBatch
from funding.models.payroll import PayItem, PayLine, PayrollRun, RateTable, TaxProfile
from funding.models.rules import MoneyRule
from funding.models.statements import BankLine, BankMessage

__all__ = [
    "Account",
    "Adjustment",
    "Agreement",
    "Allotment",
    "Appropriation",
    "BankDetail",
    "BankLine",
    "BankMessage",
    "Claim",
    "ClaimCategory",
    "Commitment",
    "Entry",
    "Evidence",
    "Line",
    "MoneyRule",
    "PayItem",
    "PayLine",
    "PayerAccount",
    "Payment",
    "PaymentBatch",
    "PayrollRun",
    "RateTable",
    "TaxGrant",
    "TaxProfile",
]
