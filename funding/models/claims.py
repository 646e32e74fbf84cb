"""What a fellow claims against her research funds, with evidence."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from common.models import PublicKeyed
from fellowships.models import Appointment
from funding.states import CLAIM_COLOURS, CLAIM_MOVES, ClaimState
from labs.models import Named


class ClaimCategory(Named):
    """A category of the national rules, and up to what amount one approval suffices (none set: it refuses)."""

    code = models.SlugField(_("code"), max_length=30, unique=True)
    help_en = models.TextField(blank=True)
    help_ko = models.TextField(blank=True)
    single_approval_limit_krw = models.BigIntegerField(_("one approval suffices up to"), null=True, blank=True)
    is_active = models.BooleanField(_("in use"), default=True)

    class Meta:
        verbose_name = _("category of claims")
        verbose_name_plural = _("categories of claims")
        ordering = ("code",)


class Claim(PublicKeyed):
    """One claim; whoever claims, approves, releases are different people."""

    MOVES: ClassVar = CLAIM_MOVES
    COLOURS: ClassVar = CLAIM_COLOURS

    appointment = models.ForeignKey(Appointment, on_delete=models.PROTECT, related_name="claims")
    category = models.ForeignKey(ClaimCategory, on_delete=models.PROTECT, related_name="claims")
    amount_krw = models.BigIntegerField(_("amount"))
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

    class Meta:
        verbose_name = _("claim")
        verbose_name_plural = _("claims")
        constraints = (
            models.CheckConstraint(condition=Q(amount_krw__gt=0), name="claim_counts"),
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

    def __str__(self) -> str:
        return self.name
