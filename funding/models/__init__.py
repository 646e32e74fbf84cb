"""The books, budgets, payroll, claims and payments; one noun a file."""

from funding.models.adjustments import Adjustment, TaxGrant
from funding.models.books import Account, Entry, Line
from funding.models.budget import Agreement, Allotment, Appropriation, Commitment
from funding.models.cards import CardCharge, CardStatement, ResearchCard
from funding.models.claims import (
    AdvanceSettlement,
    CategoryRule,
    Claim,
    ClaimCategory,
    Evidence,
    ExchangeRate,
    FundPlan,
    PurchaseRequest,
)
from funding.models.insurance import InsuranceException
from funding.models.matched import MatchedUse, MatchScheme, Pledge, PledgeReceipt, SchemeTerms
from funding.models.movements import AuditQuery, Movement, Settlement, Tranche
from funding.models.payments import BankDetail, PayerAccount, Payment, PaymentBatch
from funding.models.payroll import PayItem, PayLine, PayrollRun, RateTable, TaxProfile
from funding.models.reversals import Reversal
from funding.models.rules import MoneyRule
from funding.models.severance import Severance
from funding.models.statements import BankLine, BankMessage
from funding.models.years import ChartLine, FiscalYear, YearChange

__all__ = [
    "Account",
    "Adjustment",
    "AdvanceSettlement",
    "Agreement",
    "Allotment",
    "Appropriation",
    "AuditQuery",
    "BankDetail",
    "BankLine",
    "BankMessage",
    "CardCharge",
    "CardStatement",
    "CategoryRule",
    "ChartLine",
    "Claim",
    "ClaimCategory",
    "Commitment",
    "Entry",
    "Evidence",
    "ExchangeRate",
    "FiscalYear",
    "FundPlan",
    "InsuranceException",
    "Line",
    "MatchScheme",
    "MatchedUse",
    "MoneyRule",
    "Movement",
    "PayItem",
    "PayLine",
    "PayerAccount",
    "Payment",
    "PaymentBatch",
    "PayrollRun",
    "Pledge",
    "PledgeReceipt",
    "PurchaseRequest",
    "RateTable",
    "ResearchCard",
    "Reversal",
    "SchemeTerms",
    "Settlement",
    "Severance",
    "TaxGrant",
    "TaxProfile",
    "Tranche",
    "YearChange",
]
