"""What changes one person's pay or tax beside her salary: arrears, corrections, recoveries; exemptions on paper."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from common.models import PublicKeyed
from fellowships.models import Appointment
from funding.models.payroll import PayLine
from funding.states import GRANT_COLOURS, GRANT_MOVES, AdjustmentCode, GrantKind, GrantState


class Adjustment(PublicKeyed):
    """A sum for one month, a line of its own on the slip. It counts once another person approved it."""

    appointment = models.ForeignKey(Appointment, on_delete=models.PROTECT, related_name="adjustments")
    month = models.DateField(_("month"))
    code = models.CharField(_("kind"), max_length=10, choices=AdjustmentCode)
    amount_krw = models.BigIntegerField(_("amount"))
    reason = models.CharField(_("reason"), max_length=300)
    entered_at = models.DateTimeField(default=timezone.now)
    entered_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    approved_at = models.DateTimeField(null=True)
    approved_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    why_withdrawn = models.CharField(_("why withdrawn"), max_length=300, blank=True)
    # the slip that carries it; a preview thrown away gives it back
    pay_line = models.ForeignKey(PayLine, on_delete=models.SET_NULL, null=True, related_name="adjustments")

    class Meta:
        verbose_name = _("adjustment of pay")
        verbose_name_plural = _("adjustments of pay")
        ordering = ("-pk",)
        constraints = (
            models.CheckConstraint(
                condition=Q(code="arrears", amount_krw__gt=0)
                | Q(code="recovery", amount_krw__lt=0)
                | Q(code="correction") & ~Q(amount_krw=0),
                name="adjustment_has_its_sign",
            ),
            models.CheckConstraint(condition=Q(month__day=1), name="adjustment_month_is_its_first_day"),
            models.CheckConstraint(
                condition=Q(approved_by=None) | ~Q(approved_by=F("entered_by")), name="adjustment_needs_another"
            ),
            models.CheckConstraint(
                condition=Q(pay_line=None) | Q(approved_at__isnull=False), name="paid_adjustment_is_approved"
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_at=None, withdrawn_by=None)
                | Q(withdrawn_at__isnull=False, withdrawn_by__isnull=False, why_withdrawn__gt="", pay_line=None),
                name="withdrawn_adjustment_says_why",
            ),
        )
        # those that a payroll takes up
        indexes = (models.Index(fields=("month",), condition=Q(pay_line=None), name="adjustments_waiting"),)

    def __str__(self) -> str:
        return f"{self.get_code_display()} {self.amount_krw:,}"


class TaxGrant(PublicKeyed):
    """An exemption or relief from income tax that a person asks for with a paper, and a finance officer decides."""

    MOVES: ClassVar = GRANT_MOVES
    COLOURS: ClassVar = GRANT_COLOURS

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="tax_grants")
    kind = models.CharField(_("kind"), max_length=20, choices=GrantKind)
    state = models.CharField(_("state"), max_length=8, choices=GrantState, default=GrantState.ASKED)
    from_on = models.DateField(_("from"))
    until_on = models.DateField(_("until"), null=True)
    country = models.CharField(_("country of the treaty"), max_length=2, blank=True)
    article = models.CharField(_("article"), max_length=60, blank=True)
    paper = models.CharField(_("paper"), max_length=300)
    asked_at = models.DateTimeField(default=timezone.now)
    granted_at = models.DateTimeField(null=True)
    granted_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    refused_at = models.DateTimeField(null=True)
    refused_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    refusal = models.CharField(_("why refused"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("exemption from tax")
        verbose_name_plural = _("exemptions from tax")
        ordering = ("-pk",)
        constraints = (
            models.CheckConstraint(condition=Q(granted_by=None) | ~Q(granted_by=F("user")), name="grant_needs_another"),
            models.CheckConstraint(
                condition=~Q(kind="treaty") | Q(country__gt="", article__gt="", until_on__isnull=False),
                name="treaty_names_country_article_and_end",
            ),
            models.CheckConstraint(condition=Q(paper__gt=""), name="grant_has_its_paper"),
            models.CheckConstraint(condition=~Q(state="refused") | Q(refusal__gt=""), name="refused_grant_says_why"),
        )

    def __str__(self) -> str:
        return f"{self.user} {self.get_kind_display()}"
