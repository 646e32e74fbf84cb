"""What a fellow claims against her research funds, with evidence."""

from datetime import date
from typing import ClassVar

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from common.models import PublicKeyed
from common.triggers import stands_once_confirmed
from fellowships.models import Appointment
from funding.models.books import Entry
from funding.models.cards import CardCharge
from funding.states import (
    CLAIM_COLOURS,
    CLAIM_GONE,
    CLAIM_MOVES,
    PURCHASE_COLOURS,
    PURCHASE_MOVES,
    ClaimKind,
    ClaimState,
    PurchaseState,
    SpendingRule,
)
from labs.models import Named


class ClaimCategory(Named):
    """A category of the national rules. Its numbers are rules of spending, dated and confirmed by two."""

    code = models.SlugField(_("code"), max_length=30, unique=True)
    help_en = models.TextField(blank=True)
    help_ko = models.TextField(blank=True)
    is_active = models.BooleanField(_("in use"), default=True)

    class Meta:
        verbose_name = _("category of claims")
        verbose_name_plural = _("categories of claims")
        ordering = ("code",)


class CategoryRuleQuerySet(models.QuerySet["CategoryRule"]):
    def in_force(self, on: date) -> "CategoryRuleQuerySet":
        """What is confirmed and has begun on this day; of one kind and category the newest counts."""
        return self.filter(from_on__lte=on, confirmed_at__isnull=False)


class CategoryRule(models.Model):
    """What a category forbids or demands from a day on, with words that a person reads while she types.

    Entered by one person, it counts once another confirmed it, and then it stands: a newer one begins on another day.
    """

    category = models.ForeignKey(ClaimCategory, on_delete=models.PROTECT, null=True, related_name="rules")
    kind = models.CharField(_("kind"), max_length=12, choices=SpendingRule)
    value = models.BigIntegerField(_("number"), default=0)
    words = models.CharField(_("forbidden words, divided by commas"), max_length=500, blank=True)
    reason_en = models.CharField(max_length=300)
    reason_ko = models.CharField(max_length=300)
    from_on = models.DateField(_("from"))
    source = models.CharField(_("source"), max_length=300)
    entered_at = models.DateTimeField(default=timezone.now)
    entered_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    confirmed_at = models.DateTimeField(null=True)
    confirmed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")

    objects = CategoryRuleQuerySet.as_manager()

    class Meta:
        verbose_name = _("rule of spending")
        verbose_name_plural = _("rules of spending")
        ordering = ("kind", "pk")
        constraints = (
            models.UniqueConstraint(
                fields=("category", "kind", "from_on"), nulls_distinct=False, name="category_rule_once_a_day"
            ),
            models.CheckConstraint(
                condition=Q(confirmed_by=None) | Q(entered_by=None) | ~Q(confirmed_by=F("entered_by")),
                name="category_rule_needs_another",
            ),
            models.CheckConstraint(
                condition=Q(value__gte=0) & (~Q(kind="max_percent") | Q(value__lte=100)),
                name="category_rule_has_a_sane_number",
            ),
            models.CheckConstraint(
                condition=Q(kind="forbidden", words__gt="") | ~Q(kind="forbidden"), name="forbidden_names_its_words"
            ),
        )
        triggers = (stands_once_confirmed(),)

    def __str__(self) -> str:
        return self.reason

    @property
    def reason(self) -> str:
        return self.reason_ko if (get_language() or "en").startswith("ko") else self.reason_en

    @property
    def words_listed(self) -> str:
        """The forbidden words with room between them, so that a line can end there."""
        return ", ".join(word.strip() for word in self.words.split(","))


class ExchangeRate(models.Model):
    """The recorded rate of one currency on one day: ten-thousandths of a won for one unit; never a float."""

    currency = models.CharField(_("currency"), max_length=3)
    on = models.DateField(_("day"))
    krw_e4 = models.BigIntegerField(_("ten-thousandths of a won for one unit"))
    source = models.CharField(_("source"), max_length=200)
    entered_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = _("exchange rate")
        verbose_name_plural = _("exchange rates")
        ordering = ("-on", "currency")
        constraints = (
            models.UniqueConstraint(fields=("currency", "on"), name="one_rate_a_day"),
            models.CheckConstraint(condition=Q(krw_e4__gt=0), name="rate_counts"),
            models.CheckConstraint(condition=Q(currency__regex=r"^[A-Z]{3}$"), name="currency_is_a_code"),
        )

    def __str__(self) -> str:
        return f"{self.currency} {self.on}: ₩{self.krw_e4 // 10_000:,}.{self.krw_e4 % 10_000:04d}"


class PurchaseRequest(PublicKeyed):
    """What a fellow asks to buy before she buys it; while it is approved and not claimed, the money is set aside."""

    MOVES: ClassVar = PURCHASE_MOVES
    COLOURS: ClassVar = PURCHASE_COLOURS

    appointment = models.ForeignKey(Appointment, on_delete=models.PROTECT, related_name="purchase_requests")
    category = models.ForeignKey(
        ClaimCategory, on_delete=models.PROTECT, related_name="purchase_requests", verbose_name=_("category")
    )
    what = models.TextField(_("what is to be bought, and what for"))
    supplier = models.CharField(_("supplier"), max_length=200, blank=True)
    estimate_krw = models.BigIntegerField(_("won at most"))
    needed_on = models.DateField(_("needed on"))
    fiscal_year = models.PositiveSmallIntegerField(_("fiscal year"))
    state = models.CharField(_("state"), max_length=10, choices=PurchaseState, default=PurchaseState.ASKED)
    asked_at = models.DateTimeField(default=timezone.now)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    approved_at = models.DateTimeField(null=True)
    approved_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    refused_at = models.DateTimeField(null=True)
    refused_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    refusal = models.CharField(_("why refused"), max_length=300, blank=True)
    taken_back_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("purchase request")
        verbose_name_plural = _("purchase requests")
        ordering = ("-pk",)
        constraints = (
            models.CheckConstraint(condition=Q(estimate_krw__gt=0), name="purchase_counts"),
            models.CheckConstraint(
                condition=Q(approved_by=None) | ~Q(approved_by=F("asked_by")), name="purchase_approver_is_another"
            ),
            models.CheckConstraint(condition=~Q(state="refused") | Q(refusal__gt=""), name="refused_purchase_says_why"),
        )
        # what is set aside of a fellow's fund
        indexes = (
            models.Index(
                fields=("appointment", "fiscal_year"),
                condition=Q(state__in=["asked", "approved"]),
                name="purchases_open",
            ),
        )

    def __str__(self) -> str:
        return f"{self.category} {self.estimate_krw:,}"


class Claim(PublicKeyed):
    """One claim; whoever claims, approves, releases are different people."""

    MOVES: ClassVar = CLAIM_MOVES
    COLOURS: ClassVar = CLAIM_COLOURS

    appointment = models.ForeignKey(Appointment, on_delete=models.PROTECT, related_name="claims")
    category = models.ForeignKey(ClaimCategory, on_delete=models.PROTECT, related_name="claims")
    kind = models.CharField(_("kind"), max_length=8, choices=ClaimKind, default=ClaimKind.EXPENSE)
    # the approved request on which it was bought
    request = models.ForeignKey(PurchaseRequest, on_delete=models.PROTECT, null=True, related_name="claims")
    # the charge on a card of the institute by which it was paid: the card company gets the money, not she
    charge = models.ForeignKey(CardCharge, on_delete=models.PROTECT, null=True, related_name="claims")
    amount_krw = models.BigIntegerField(_("amount"))
    # what was paid abroad, in the currency's smallest unit, by the day's recorded rate
    foreign_minor = models.BigIntegerField(_("foreign amount"), null=True)
    rate = models.ForeignKey(ExchangeRate, on_delete=models.PROTECT, null=True, related_name="claims")
    # less than was claimed, with the reason; empty means all of it
    approved_krw = models.BigIntegerField(_("approved"), null=True)
    cut_reason = models.CharField(_("why less"), max_length=300, blank=True)
    question = models.TextField(_("question"), blank=True)
    answer = models.TextField(_("answer"), blank=True)
    spent_on = models.DateField(_("day of the expense"))
    fiscal_year = models.PositiveSmallIntegerField(_("fiscal year"))
    purpose = models.TextField(_("what for"))
    state = models.CharField(_("state"), max_length=10, choices=ClaimState, default=ClaimState.SUBMITTED)
    submitted_at = models.DateTimeField(default=timezone.now)
    submitted_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    checked_at = models.DateTimeField(null=True)
    checked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    approved_at = models.DateTimeField(null=True)
    approved_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    refused_at = models.DateTimeField(null=True)
    refused_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    refusal = models.TextField(_("why refused"), blank=True)
    released_at = models.DateTimeField(null=True)
    released_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    paid_at = models.DateTimeField(null=True)
    returned_at = models.DateTimeField(null=True)
    returned_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = _("claim")
        verbose_name_plural = _("claims")
        constraints = (
            models.CheckConstraint(condition=Q(amount_krw__gt=0), name="claim_counts"),
            models.UniqueConstraint(
                fields=("request",), condition=~Q(state__in=CLAIM_GONE), name="purchase_is_claimed_once"
            ),
            models.UniqueConstraint(
                fields=("charge",), condition=~Q(state__in=CLAIM_GONE), name="charge_is_claimed_once"
            ),
            models.CheckConstraint(
                condition=Q(charge=None) | Q(kind="expense", rate=None) & ~Q(state="released"),
                name="card_claim_is_never_sent_to_the_bank",
            ),
            models.CheckConstraint(
                condition=Q(approved_krw=None)
                | Q(approved_krw__gt=0, approved_krw__lt=F("amount_krw"), cut_reason__gt=""),
                name="partial_approval_says_why",
            ),
            models.CheckConstraint(
                condition=Q(rate=None, foreign_minor=None) | Q(rate__isnull=False, foreign_minor__gt=0),
                name="foreign_claim_names_its_rate",
            ),
            models.CheckConstraint(condition=~Q(state="returned") | Q(question__gt=""), name="returned_claim_asks"),
            models.CheckConstraint(
                condition=Q(approved_by=None) | ~Q(approved_by=F("submitted_by")), name="claim_approver_is_another"
            ),
            models.CheckConstraint(
                condition=Q(checked_by=None) | ~Q(checked_by=F("submitted_by")), name="claim_checker_is_another"
            ),
            models.CheckConstraint(
                condition=Q(checked_by=None) | Q(approved_by=None) | ~Q(approved_by=F("checked_by")),
                name="claim_needs_two_approvers",
            ),
            models.CheckConstraint(
                condition=Q(released_by=None) | ~Q(released_by=F("submitted_by")) & ~Q(released_by=F("approved_by")),
                name="claim_releaser_is_a_third",
            ),
            models.CheckConstraint(condition=~Q(state="refused") | Q(refusal__gt=""), name="refused_claim_says_why"),
        )
        indexes = (
            # an institute's desk is reached through the appointment; a fellow's own list
            models.Index(fields=("appointment", "-id"), name="claims_of_appointment"),
            models.Index(fields=("state", "id"), name="claims_by_state"),
        )

    def __str__(self) -> str:
        return f"{self.category} {self.amount_krw:,}"

    @property
    def payable_krw(self) -> int:
        """What is paid: all that was claimed, or the part that was approved."""
        return self.amount_krw if self.approved_krw is None else self.approved_krw

    @property
    def foreign(self) -> str:
        """What was paid abroad, in words: 120.50 USD."""
        if self.rate is None or self.foreign_minor is None:
            return ""
        return f"{self.foreign_minor // 100:,}.{self.foreign_minor % 100:02d} {self.rate.currency}"


def evidence_path(evidence: "Evidence", filename: str) -> str:
    """Where evidence is kept: by the hash of its content."""
    return f"evidence/{evidence.sha256[:2]}/{evidence.sha256}"


class Evidence(PublicKeyed):
    """A receipt or invoice behind a claim: a PDF or a photo."""

    claim = models.ForeignKey(Claim, on_delete=models.PROTECT, related_name="evidence")
    file = models.FileField(upload_to=evidence_path, max_length=200)
    name = models.CharField(max_length=200)
    size = models.PositiveIntegerField()
    content_type = models.CharField(max_length=60)
    sha256 = models.CharField(max_length=64)
    uploaded_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("evidence")
        verbose_name_plural = _("evidence")
        constraints = (models.UniqueConstraint(fields=("claim", "sha256"), name="evidence_once_a_claim"),)
        indexes = (models.Index(fields=("sha256",), name="evidence_by_content"),)
        # one receipt stands behind one claim, whoever made the other one; two at once wait for each other
        triggers = (
            pgtrigger.Trigger(
                name="receipt_counts_once",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                func="""
                    PERFORM pg_advisory_xact_lock(hashtextextended(NEW.sha256, 7));
                    IF EXISTS (
                        SELECT 1 FROM funding_evidence e JOIN funding_claim c ON c.id = e.claim_id
                        WHERE e.sha256 = NEW.sha256 AND e.claim_id <> NEW.claim_id
                          AND c.state NOT IN ('refused', 'taken_back')
                    ) THEN
                        RAISE EXCEPTION 'this receipt stands behind another claim' USING ERRCODE = 'unique_violation';
                    END IF;
                    RETURN NEW;
                """,
            ),
        )

    def __str__(self) -> str:
        return self.name


class FundPlan(models.Model):
    """What a fellow means to spend of a year's fund in one category; a plan that she may change, not a limit."""

    appointment = models.ForeignKey(Appointment, on_delete=models.PROTECT, related_name="fund_plans")
    fiscal_year = models.PositiveSmallIntegerField(_("fiscal year"))
    category = models.ForeignKey(ClaimCategory, on_delete=models.PROTECT, related_name="plans")
    amount_krw = models.BigIntegerField(_("amount"))

    class Meta:
        verbose_name = _("plan of research funds")
        verbose_name_plural = _("plans of research funds")
        constraints = (
            models.UniqueConstraint(fields=("appointment", "fiscal_year", "category"), name="one_plan_a_category"),
            models.CheckConstraint(condition=Q(amount_krw__gte=0), name="plan_not_negative"),
        )

    def __str__(self) -> str:
        return f"{self.appointment} {self.fiscal_year}"


class AdvanceSettlement(PublicKeyed):
    """What an advance was spent on, with papers; what was not spent she gives back."""

    claim = models.OneToOneField(Claim, on_delete=models.PROTECT, related_name="settlement")
    spent_krw = models.BigIntegerField(_("spent"))
    words = models.TextField(_("what for"))
    submitted_at = models.DateTimeField(default=timezone.now)
    submitted_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    approved_at = models.DateTimeField(null=True)
    approved_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    entry = models.OneToOneField(Entry, on_delete=models.PROTECT, null=True, related_name="advance_settlement")

    class Meta:
        verbose_name = _("settlement of an advance")
        verbose_name_plural = _("settlements of advances")
        constraints = (
            models.CheckConstraint(condition=Q(spent_krw__gte=0), name="advance_spent_not_negative"),
            models.CheckConstraint(
                condition=Q(approved_by=None) | ~Q(approved_by=F("submitted_by")), name="advance_settled_by_another"
            ),
        )

    def __str__(self) -> str:
        return f"{self.claim}"
