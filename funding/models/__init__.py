"""The books, budgets, payroll, claims and payments; one noun a file."""

from funding.models.books import Account, Entry, Line
from funding.models.budget import Agreement, Allotment, Appropriation, Commitment
from funding.models.claims import Claim, ClaimCategory, Evidence
from funding.models.payments import BankDetail, PayerAccount, Payment, PaymentBatch
from funding.models.payroll import PayItem, PayLine, PayrollRun, RateTable, TaxProfile

__all__ = [
    "Account",
    "Agreement",
    "Allotment",
    "Appropriation",
    "BankDetail",
    "Claim",
    "ClaimCategory",
    "Commitment",
    "Entry",
    "Evidence",
    "Line",
    "PayItem",
    "PayLine",
    "PayerAccount",
    "Payment",
    "PaymentBatch",
    "PayrollRun",
    "RateTable",
    "TaxProfile",
]
