"""The support desk of money. Bank account numbers and files for the bank are never shown here."""

from django.contrib import admin

from common.admin import ReferenceDesk, SupportDesk
from funding.models import (
    Account,
    Adjustment,
    AdvanceSettlement,
    Agreement,
    Allotment,
    Appropriation,
    AuditQuery,
    BankDetail,
    BankLine,
    BankMessage,
    CardCharge,
    CardStatement,
    CategoryRule,
    ChartLine,
    Claim,
    ClaimCategory,
    Commitment,
    Entry,
    Evidence,
    ExchangeRate,
    FiscalYear,
    FundPlan,
    InsuranceException,
    Line,
    MatchedUse,
    MatchScheme,
    MoneyRule,
    Movement,
    PayerAccount,
    PayItem,
    PayLine,
    Payment,
    PaymentBatch,
    PayrollRun,
    Pledge,
    PledgeReceipt,
    PurchaseRequest,
    RateTable,
    ResearchCard,
    Reversal,
    SchemeTerms,
    Settlement,
    Severance,
    TaxGrant,
    TaxProfile,
    Tranche,
    YearChange,
)


@admin.register(Account)
class AccountDesk(SupportDesk):
    list_display = ("code", "kind", "purpose", "fiscal_year", "balance_krw")
    list_filter = ("kind", "fiscal_year")
    search_fields = ("code",)


@admin.register(Entry)
class EntryDesk(SupportDesk):
    list_display = ("booked_on", "words", "event", "by")
    search_fields = ("event", "words")
    list_select_related = ("by",)


@admin.register(Line)
class LineDesk(SupportDesk):
    list_display = ("entry", "account", "amount_krw")
    search_fields = ("account__code", "entry__event")
    list_select_related = ("entry", "account")


@admin.register(Appropriation)
class AppropriationDesk(SupportDesk):
    list_display = ("source", "fiscal_year", "amount_krw", "made_at")


@admin.register(Agreement)
class AgreementDesk(SupportDesk):
    list_display = ("institute", "fiscal_year", "amount_krw", "made_at")
    list_filter = ("institute", "fiscal_year")
    list_select_related = ("institute",)


@admin.register(Allotment)
class AllotmentDesk(SupportDesk):
    list_display = ("lab", "fiscal_year", "amount_krw", "made_at")
    list_filter = ("lab", "fiscal_year")
    list_select_related = ("lab",)


@admin.register(Commitment)
class CommitmentDesk(SupportDesk):
    list_display = ("offer", "fiscal_year", "purpose", "amount_krw")
    list_filter = ("fiscal_year", "purpose")
    list_select_related = ("offer__application__call", "offer__call_lab__lab")


@admin.register(ClaimCategory)
class ClaimCategoryDesk(ReferenceDesk):
    list_display = ("code", "name_en", "name_ko", "is_active")


@admin.register(Claim)
class ClaimDesk(SupportDesk):
    list_display = ("appointment", "category", "amount_krw", "spent_on", "state")
    list_filter = ("state", "category")
    search_fields = ("appointment__fellow__email", "purpose")
    list_select_related = ("appointment__fellow", "appointment__lab", "category")


@admin.register(Evidence)
class EvidenceDesk(SupportDesk):
    list_display = ("claim", "name", "size")
    list_select_related = ("claim__appointment__fellow", "claim__appointment__lab")
    exclude = ("file",)


@admin.register(RateTable)
class RateTableDesk(SupportDesk):
    list_display = ("__str__", "confirmed_at", "confirmed_by")


@admin.register(TaxProfile)
class TaxProfileDesk(SupportDesk):
    list_display = ("__str__",)


@admin.register(PayrollRun)
class PayrollRunDesk(SupportDesk):
    list_display = ("institute", "month", "state")
    list_filter = ("institute", "state")
    list_select_related = ("institute",)


@admin.register(PayLine)
class PayLineDesk(SupportDesk):
    list_display = ("appointment", "month", "is_held")
    list_filter = ("is_held",)
    search_fields = ("appointment__fellow__email",)
    list_select_related = ("appointment__fellow", "appointment__lab")


@admin.register(PayItem)
class PayItemDesk(SupportDesk):
    list_display = ("__str__",)


@admin.register(PaymentBatch)
class PaymentBatchDesk(SupportDesk):
    list_display = ("institute", "purpose", "pay_on", "number_of_payments", "total_krw", "state")
    list_filter = ("institute", "state")
    list_select_related = ("institute",)
    exclude = ("pain_xml_sealed",)


@admin.register(Payment)
class PaymentDesk(SupportDesk):
    list_display = ("reference", "payee", "amount_krw", "state")
    list_filter = ("state",)
    search_fields = ("reference", "payee__email")
    list_select_related = ("payee",)


@admin.register(BankDetail)
class BankDetailDesk(SupportDesk):
    list_display = ("user", "bank_code", "last_digits", "is_current", "confirmed_at")
    search_fields = ("user__email",)
    list_select_related = ("user",)
    exclude = ("number_sealed", "test_code_sealed")


@admin.register(PayerAccount)
class PayerAccountDesk(SupportDesk):
    list_display = ("institute", "bank_code", "last_digits")
    list_select_related = ("institute",)
    exclude = ("number_sealed", "next_number_sealed")


@admin.register(MoneyRule)
class MoneyRuleDesk(SupportDesk):
    list_display = ("code", "from_on", "value", "confirmed_by")
    list_filter = ("code",)
    list_select_related = ("confirmed_by",)


@admin.register(BankMessage)
class BankMessageDesk(SupportDesk):
    list_display = ("institute", "kind", "ident", "paid", "returned", "unmatched", "entered_at")
    list_filter = ("institute", "kind")
    list_select_related = ("institute",)
    exclude = ("content_sealed",)


@admin.register(BankLine)
class BankLineDesk(SupportDesk):
    list_display = ("booked_on", "amount_krw", "reference", "state")
    list_filter = ("state",)
    search_fields = ("reference", "bank_reference", "words")


@admin.register(Adjustment)
class AdjustmentDesk(SupportDesk):
    list_display = ("appointment", "month", "code", "approved_by")
    list_filter = ("code",)
    search_fields = ("appointment__fellow__email",)
    list_select_related = ("appointment__fellow", "appointment__lab", "approved_by")


@admin.register(ResearchCard)
class ResearchCardDesk(SupportDesk):
    list_display = ("appointment", "issuer", "last_four", "given_on", "ended_on")
    list_filter = ("institute",)
    search_fields = ("last_four", "appointment__fellow__email")
    list_select_related = ("appointment__fellow", "appointment__lab")


@admin.register(CardStatement)
class CardStatementDesk(SupportDesk):
    list_display = ("name", "institute", "number_of_charges", "total_krw", "entered_at")
    list_filter = ("institute",)
    list_select_related = ("institute",)


@admin.register(CardCharge)
class CardChargeDesk(SupportDesk):
    list_display = ("used_on", "merchant", "amount_krw", "approval", "state")
    list_filter = ("state",)
    search_fields = ("approval", "merchant", "card__appointment__fellow__email")


@admin.register(PurchaseRequest)
class PurchaseRequestDesk(SupportDesk):
    list_display = ("appointment", "category", "estimate_krw", "state")
    list_filter = ("state", "category")
    search_fields = ("appointment__fellow__email",)
    list_select_related = ("appointment__fellow", "appointment__lab", "category")


@admin.register(Severance)
class SeveranceDesk(SupportDesk):
    list_display = ("appointment", "amount_krw", "way", "state", "approved_by")
    list_filter = ("state", "way")
    search_fields = ("appointment__fellow__email",)
    list_select_related = ("appointment__fellow", "appointment__lab", "approved_by")


@admin.register(InsuranceException)
class InsuranceExceptionDesk(SupportDesk):
    list_display = ("appointment", "kind", "from_on", "until_on", "confirmed_by")
    list_filter = ("kind",)
    search_fields = ("appointment__fellow__email",)
    list_select_related = ("appointment__fellow", "appointment__lab", "confirmed_by")


@admin.register(TaxGrant)
class TaxGrantDesk(SupportDesk):
    list_display = ("user", "kind", "state", "from_on", "until_on")
    list_filter = ("kind", "state")
    list_select_related = ("user",)


@admin.register(FiscalYear)
class FiscalYearDesk(SupportDesk):
    list_display = ("year", "state", "closed_at")


@admin.register(YearChange)
class YearChangeDesk(SupportDesk):
    list_display = ("year", "to", "asked_by", "confirmed_by")
    list_select_related = ("year", "asked_by", "confirmed_by")


@admin.register(ChartLine)
class ChartLineDesk(ReferenceDesk):
    list_display = ("number", "kind", "name_en", "name_ko")


@admin.register(Movement)
class MovementDesk(SupportDesk):
    list_display = ("kind", "institute", "fiscal_year", "amount_krw", "state")
    list_filter = ("kind", "state", "institute")
    list_select_related = ("institute",)


@admin.register(Tranche)
class TrancheDesk(SupportDesk):
    list_display = ("agreement", "due_on", "amount_krw", "received_on")
    list_select_related = ("agreement__institute",)


@admin.register(Settlement)
class SettlementDesk(SupportDesk):
    list_display = ("institute", "fiscal_year", "state", "submitted_at")
    list_select_related = ("institute",)


@admin.register(AuditQuery)
class AuditQueryDesk(SupportDesk):
    list_display = ("at", "by", "what", "found")
    list_select_related = ("by",)


@admin.register(MatchScheme)
class MatchSchemeDesk(ReferenceDesk):
    list_display = ("code", "name_en", "name_ko")


@admin.register(SchemeTerms)
class SchemeTermsDesk(SupportDesk):
    list_display = ("scheme", "from_on", "ratio_percent", "ceiling_krw", "entered_by", "confirmed_by")
    list_select_related = ("scheme", "entered_by", "confirmed_by")


@admin.register(Pledge)
class PledgeDesk(SupportDesk):
    list_display = ("partner", "lab", "kind", "amount_krw", "state")
    list_filter = ("state", "kind")
    list_select_related = ("partner", "lab")
    exclude = ("token",)


@admin.register(PledgeReceipt)
class PledgeReceiptDesk(SupportDesk):
    list_display = ("pledge", "received_on", "amount_krw", "match_krw")
    list_select_related = ("pledge__partner", "pledge__lab")
    exclude = ("file",)


@admin.register(MatchedUse)
class MatchedUseDesk(SupportDesk):
    list_display = ("pledge", "pays", "used_on", "amount_krw")
    list_select_related = ("pledge__partner", "pledge__lab")


@admin.register(CategoryRule)
class CategoryRuleDesk(SupportDesk):
    list_display = ("category", "kind", "value", "from_on", "entered_by", "confirmed_by")
    list_select_related = ("category", "entered_by", "confirmed_by")


@admin.register(ExchangeRate)
class ExchangeRateDesk(SupportDesk):
    list_display = ("currency", "on", "krw_e4")
    list_filter = ("currency",)


@admin.register(FundPlan)
class FundPlanDesk(SupportDesk):
    list_display = ("appointment", "fiscal_year", "category", "amount_krw")
    list_select_related = ("appointment__fellow", "appointment__lab", "category")


@admin.register(AdvanceSettlement)
class AdvanceSettlementDesk(SupportDesk):
    list_display = ("claim", "spent_krw", "approved_at")
    list_select_related = ("claim__category",)


@admin.register(Reversal)
class ReversalDesk(SupportDesk):
    list_display = ("entry", "state", "reason", "asked_by", "approved_by")
    list_select_related = ("entry", "asked_by", "approved_by")
    list_filter = ("state",)
    search_fields = ("key", "entry__event")
