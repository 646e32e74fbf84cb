"""What the bank says: files as they were entered, and the lines of its statements."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from common.models import PublicKeyed
from funding.models.books import Entry
from funding.models.payments import Payment, PaymentBatch
from funding.states import BANK_LINE_COLOURS, BANK_LINE_MOVES, BankLineState, MessageKind, Purpose, WhyUnmatched
from labs.models import Institute


class BankMessage(PublicKeyed):
    """One file of the bank. The same file is entered once."""

    institute = models.ForeignKey(Institute, on_delete=models.PROTECT, related_name="bank_messages")
    batch = models.ForeignKey(PaymentBatch, on_delete=models.PROTECT, null=True, related_name="answers")
    kind = models.CharField(_("kind"), max_length=10, choices=MessageKind)
    ident = models.CharField(_("message"), max_length=35, blank=True)
    sha256 = models.CharField(max_length=64)
    content_sealed = models.TextField(editable=False)
    opening_krw = models.BigIntegerField(_("opening balance"), null=True)
    closing_krw = models.BigIntegerField(_("closing balance"), null=True)
    paid = models.PositiveIntegerField(_("paid"), default=0)
    returned = models.PositiveIntegerField(_("returned"), default=0)
    unmatched = models.PositiveIntegerField(_("not matched"), default=0)
    entered_at = models.DateTimeField(default=timezone.now)
    entered_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = _("file of the bank")
        verbose_name_plural = _("files of the bank")
        ordering = ("-pk",)
        constraints = (models.UniqueConstraint(fields=("institute", "sha256"), name="bank_message_once"),)

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.ident}"


class BankLine(PublicKeyed):
    """One movement on the institute's account as its bank states it; positive is money that came in."""

    MOVES: ClassVar = BANK_LINE_MOVES
    COLOURS: ClassVar = BANK_LINE_COLOURS

    message = models.ForeignKey(BankMessage, on_delete=models.PROTECT, related_name="lines")
    booked_on = models.DateField(_("day"))
    amount_krw = models.BigIntegerField(_("amount"))
    reference = models.CharField(_("reference"), max_length=35, blank=True)
    bank_reference = models.CharField(_("the bank's reference"), max_length=35, blank=True)
    words = models.CharField(_("what the bank writes"), max_length=200, blank=True)
    why = models.CharField(_("why not matched"), max_length=10, choices=WhyUnmatched, blank=True)
    state = models.CharField(_("state"), max_length=10, choices=BankLineState, default=BankLineState.MATCHED)
    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, null=True, related_name="bank_lines")
    entry = models.ForeignKey(Entry, on_delete=models.PROTECT, null=True, related_name="bank_lines")
    settled_as = models.CharField(_("settled as"), max_length=14, choices=Purpose, blank=True)
    settled_note = models.CharField(_("note"), max_length=200, blank=True)
    # what it is, as one person says it; another confirms
    proposed_at = models.DateTimeField(null=True)
    proposed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    settled_at = models.DateTimeField(null=True)
    settled_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = _("line of a bank statement")
        verbose_name_plural = _("lines of bank statements")
        ordering = ("-pk",)
        constraints = (
            models.CheckConstraint(condition=~Q(amount_krw=0), name="bank_line_moves_something"),
            models.CheckConstraint(
                condition=~Q(state="settled") | Q(settled_note__gt=""), name="settled_line_says_why"
            ),
            models.CheckConstraint(
                condition=~Q(state="matched") | Q(payment__isnull=False), name="matched_to_a_payment"
            ),
            models.CheckConstraint(
                condition=Q(settled_by=None) | Q(proposed_by=None) | ~Q(settled_by=F("proposed_by")),
                name="bank_line_is_explained_by_two",
            ),
            models.CheckConstraint(
                condition=~Q(state="proposed") | Q(proposed_by__isnull=False, settled_note__gt=""),
                name="proposed_line_says_why",
            ),
            # an entry that stands for a movement of the bank stands for one
            models.UniqueConstraint(
                fields=("entry",), condition=Q(settled_as="booked"), name="entry_stands_for_one_movement"
            ),
        )
        # the desk of what is not settled
        indexes = (
            models.Index(fields=("id",), condition=Q(state__in=["unmatched", "proposed"]), name="bank_lines_open"),
        )

    def __str__(self) -> str:
        return f"{self.booked_on} {self.amount_krw:,}"
