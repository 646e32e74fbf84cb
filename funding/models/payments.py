"""Bank details, sealed batches and single payments. One pay line or claim is paid by one payment that stands."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from common.models import PublicKeyed
from funding.models.claims import Claim
from funding.models.payroll import PayLine
from funding.models.severance import Severance
from funding.states import (
    BATCH_COLOURS,
    BATCH_MOVES,
    PAYMENT_COLOURS,
    PAYMENT_MOVES,
    BatchState,
    PaymentState,
    Purpose,
)
from labs.models import Institute


class BankDetail(models.Model):
    """Where a person is paid. The number is encrypted; a change is used only after another person confirmed it."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="bank_details")
    holder = models.CharField(_("account holder"), max_length=150)
    bank_code = models.CharField(_("bank"), max_length=11)
    number_sealed = models.TextField(editable=False)
    last_digits = models.CharField(_("last digits"), max_length=4)
    entered_at = models.DateTimeField(default=timezone.now)
    entered_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    confirmed_at = models.DateTimeField(null=True)
    confirmed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    # the newest that was confirmed; payments go there once `usable_from` has come, and till then to the one before
    is_current = models.BooleanField(default=False)
    usable_from = models.DateTimeField(_("used from"), null=True)
    stopped_at = models.DateTimeField(_("stopped"), null=True)
    stopped_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    test_code_sealed = models.TextField(editable=False, blank=True)
    test_tries = models.PositiveSmallIntegerField(default=0, editable=False)
    tested_at = models.DateTimeField(_("test transfer answered"), null=True)

    class Meta:
        verbose_name = _("bank details")
        verbose_name_plural = _("bank details")
        constraints = (
            models.UniqueConstraint(fields=("user",), condition=Q(is_current=True), name="one_current_bank_account"),
            models.CheckConstraint(
                condition=Q(confirmed_by=None) | ~Q(confirmed_by=F("entered_by")), name="bank_change_needs_another"
            ),
            models.CheckConstraint(
                condition=Q(is_current=False) | Q(confirmed_at__isnull=False), name="current_bank_account_confirmed"
            ),
            models.CheckConstraint(
                condition=Q(is_current=False) | Q(stopped_at=None), name="current_bank_account_not_stopped"
            ),
        )

    def __str__(self) -> str:
        return f"•••• {self.last_digits}"


class PayerAccount(models.Model):
    """The account from which an institute pays. The number is encrypted."""

    institute = models.OneToOneField(Institute, on_delete=models.PROTECT, related_name="payer_account")
    bank_code = models.CharField(_("bank"), max_length=11)
    number_sealed = models.TextField(editable=False)
    last_digits = models.CharField(_("last digits"), max_length=4)
    # a change that waits for a second person; nothing is paid from it before
    next_bank_code = models.CharField(max_length=11, blank=True)
    next_number_sealed = models.TextField(editable=False, blank=True)
    next_last_digits = models.CharField(max_length=4, blank=True)
    entered_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    confirmed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = _("institute's bank account")
        verbose_name_plural = _("institutes' bank accounts")
        constraints = (
            models.CheckConstraint(
                condition=Q(confirmed_by=None) | ~Q(confirmed_by=F("entered_by")), name="payer_change_needs_another"
            ),
        )

    def __str__(self) -> str:
        return f"{self.institute.code} •••• {self.last_digits}"


class PaymentBatch(PublicKeyed):
    """A file to the bank: control totals and the hash of exactly what was sealed."""

    MOVES: ClassVar = BATCH_MOVES
    COLOURS: ClassVar = BATCH_COLOURS

    institute = models.ForeignKey(Institute, on_delete=models.PROTECT, related_name="batches")
    purpose = models.CharField(_("purpose"), max_length=14, choices=Purpose)
    pay_on = models.DateField(_("pay day"))
    state = models.CharField(_("state"), max_length=10, choices=BatchState, default=BatchState.SEALED)
    number_of_payments = models.PositiveIntegerField(_("payments"))
    total_krw = models.BigIntegerField(_("total"))
    pain_xml_sealed = models.TextField(editable=False)
    sha256 = models.CharField(max_length=64)
    sealed_at = models.DateTimeField(default=timezone.now)
    sealed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    confirmed_at = models.DateTimeField(null=True)
    confirmed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = _("payment batch")
        verbose_name_plural = _("payment batches")
        ordering = ("-pk",)
        constraints = (
            models.CheckConstraint(condition=Q(number_of_payments__gt=0, total_krw__gt=0), name="batch_counts"),
        )

    def __str__(self) -> str:
        return f"{self.institute.code} {self.purpose} {self.pay_on}"


class Payment(PublicKeyed):
    """One transfer to one person, for one pay line, one claim or one severance."""

    MOVES: ClassVar = PAYMENT_MOVES
    COLOURS: ClassVar = PAYMENT_COLOURS

    batch = models.ForeignKey(PaymentBatch, on_delete=models.PROTECT, related_name="payments")
    payee = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="payments")
    bank_detail = models.ForeignKey(BankDetail, on_delete=models.PROTECT, related_name="payments")
    pay_line = models.ForeignKey(PayLine, on_delete=models.PROTECT, null=True, related_name="payments")
    claim = models.ForeignKey(Claim, on_delete=models.PROTECT, null=True, related_name="payments")
    severance = models.ForeignKey(Severance, on_delete=models.PROTECT, null=True, related_name="payments")
    reference = models.CharField(_("end-to-end reference"), max_length=35, unique=True)
    amount_krw = models.BigIntegerField(_("amount"))
    state = models.CharField(_("state"), max_length=10, choices=PaymentState, default=PaymentState.PENDING)
    paid_at = models.DateTimeField(null=True)
    returned_at = models.DateTimeField(null=True)
    return_reason = models.CharField(max_length=200, blank=True)
    # a test transfer of one won to these bank details
    tests = models.ForeignKey(BankDetail, on_delete=models.PROTECT, null=True, related_name="test_transfers")
    # the returned payment that this one makes again
    replaces = models.OneToOneField("self", on_delete=models.PROTECT, null=True, related_name="replaced_by")

    class Meta:
        verbose_name = _("payment")
        verbose_name_plural = _("payments")
        constraints = (
            models.CheckConstraint(condition=Q(amount_krw__gt=0), name="payment_counts"),
            models.CheckConstraint(
                condition=Q(pay_line=None, claim__isnull=False, severance=None, tests=None)
                | Q(pay_line__isnull=False, claim=None, severance=None, tests=None)
                | Q(pay_line=None, claim=None, severance__isnull=False, tests=None)
                | Q(pay_line=None, claim=None, severance=None, tests__isnull=False, amount_krw=1),
                name="payment_for_one_thing",
            ),
            models.UniqueConstraint(fields=("pay_line",), condition=~Q(state="returned"), name="pay_line_paid_once"),
            models.UniqueConstraint(fields=("claim",), condition=~Q(state="returned"), name="claim_paid_once"),
            models.UniqueConstraint(fields=("severance",), condition=~Q(state="returned"), name="severance_paid_once"),
        )
        # a batch's payments, page by page
        indexes = (models.Index(fields=("batch", "id"), name="payments_of_batch"),)

    def __str__(self) -> str:
        return self.reference
