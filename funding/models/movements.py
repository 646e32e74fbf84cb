"""Money between labs, years and the treasury; tranches of an agreement; settlements; what auditors looked at."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from common.models import PublicKeyed
from common.triggers import append_only
from funding.models.books import Entry
from funding.models.budget import Agreement
from funding.states import (
    MOVEMENT_COLOURS,
    MOVEMENT_MOVES,
    SETTLEMENT_COLOURS,
    SETTLEMENT_MOVES,
    MovementKind,
    MovementState,
    SettlementState,
)
from labs.models import Institute, Lab


class Movement(PublicKeyed):
    """A transfer, a carry-over or a return that one person asks for and another approves; then it is an entry."""

    MOVES: ClassVar = MOVEMENT_MOVES
    COLOURS: ClassVar = MOVEMENT_COLOURS

    kind = models.CharField(_("kind"), max_length=13, choices=MovementKind)
    fiscal_year = models.PositiveSmallIntegerField(_("fiscal year"))
    institute = models.ForeignKey(Institute, on_delete=models.PROTECT, related_name="movements")
    from_lab = models.ForeignKey(Lab, on_delete=models.PROTECT, null=True, related_name="movements_out")
    to_lab = models.ForeignKey(Lab, on_delete=models.PROTECT, null=True, related_name="movements_in")
    amount_krw = models.BigIntegerField(_("amount"))
    reason = models.CharField(_("reason"), max_length=300)
    state = models.CharField(_("state"), max_length=10, choices=MovementState, default=MovementState.ASKED)
    asked_at = models.DateTimeField(default=timezone.now)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    approved_at = models.DateTimeField(null=True)
    approved_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    refused_at = models.DateTimeField(null=True)
    refused_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    entry = models.OneToOneField(Entry, on_delete=models.PROTECT, null=True, related_name="movement")

    class Meta:
        verbose_name = _("movement of budget")
        verbose_name_plural = _("movements of budget")
        ordering = ("-pk",)
        constraints = (
            models.CheckConstraint(condition=Q(amount_krw__gt=0), name="movement_counts"),
            models.CheckConstraint(
                condition=Q(approved_by=None) | ~Q(approved_by=F("asked_by")), name="movement_needs_another"
            ),
            models.CheckConstraint(
                condition=Q(kind="transfer", from_lab__isnull=False, to_lab__isnull=False) & ~Q(from_lab=F("to_lab"))
                | Q(kind__in=["take_back", "carry_over"], from_lab__isnull=False, to_lab=None)
                | Q(kind__in=["give_back", "interest_back"], from_lab=None, to_lab=None),
                name="movement_names_its_ends",
            ),
            models.CheckConstraint(condition=~Q(state="approved") | Q(entry__isnull=False), name="approved_is_entered"),
        )

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.amount_krw:,}"


class Tranche(PublicKeyed):
    """A part of an agreement's contribution: when it is due, when it came in, and whether that was taken back."""

    agreement = models.ForeignKey(Agreement, on_delete=models.PROTECT, related_name="tranches")
    due_on = models.DateField(_("due"))
    amount_krw = models.BigIntegerField(_("amount"))
    planned_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    received_on = models.DateField(_("received"), null=True)
    received_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    reversed_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        verbose_name = _("tranche")
        verbose_name_plural = _("tranches")
        ordering = ("due_on", "pk")
        constraints = (
            models.CheckConstraint(condition=Q(amount_krw__gt=0), name="tranche_counts"),
            models.CheckConstraint(
                condition=Q(received_by=None) | ~Q(received_by=F("planned_by")), name="tranche_needs_another"
            ),
        )

    def __str__(self) -> str:
        return f"{self.agreement} {self.due_on}"


class Settlement(PublicKeyed):
    """An institute's account of one year, as it was submitted: figures that no later entry changes, and their hash."""

    MOVES: ClassVar = SETTLEMENT_MOVES
    COLOURS: ClassVar = SETTLEMENT_COLOURS

    institute = models.ForeignKey(Institute, on_delete=models.PROTECT, related_name="settlements")
    fiscal_year = models.PositiveSmallIntegerField(_("fiscal year"))
    figures = models.JSONField()
    sha256 = models.CharField(max_length=64)
    state = models.CharField(_("state"), max_length=10, choices=SettlementState, default=SettlementState.SUBMITTED)
    note = models.TextField(_("note"), blank=True)
    submitted_at = models.DateTimeField(default=timezone.now)
    submitted_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    accepted_at = models.DateTimeField(null=True)
    accepted_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    returned_at = models.DateTimeField(null=True)
    returned_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    question = models.TextField(_("question"), blank=True)

    class Meta:
        verbose_name = _("settlement")
        verbose_name_plural = _("settlements")
        ordering = ("-pk",)
        constraints = (
            models.UniqueConstraint(
                fields=("institute", "fiscal_year"), condition=~Q(state="returned"), name="one_settlement_a_year"
            ),
            models.CheckConstraint(
                condition=Q(accepted_by=None) | ~Q(accepted_by=F("submitted_by")), name="settlement_needs_another"
            ),
        )

    def __str__(self) -> str:
        return f"{self.institute.code} {self.fiscal_year}"


class AuditQuery(models.Model):
    """What an auditor drew from the books or looked at; kept for good."""

    at = models.DateTimeField(db_default=Now())
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    what = models.CharField(_("what"), max_length=200)
    asked = models.JSONField(_("asked"), default=dict)
    found = models.PositiveIntegerField(_("found"))
    sha256 = models.CharField(max_length=64, blank=True)

    class Meta:
        verbose_name = _("query of an auditor")
        verbose_name_plural = _("queries of auditors")
        ordering = ("-pk",)
        triggers = append_only()

    def __str__(self) -> str:
        return self.what
