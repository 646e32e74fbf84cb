"""What a person who left is paid as severance: asked by one, approved by another, released by a third."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from common.models import PublicKeyed
from fellowships.models import Appointment
from funding.states import SEVERANCE_COLOURS, SEVERANCE_MOVES, SeveranceState, SeveranceWay


class Severance(PublicKeyed):
    """The severance of one term that is over, as it accrued on its slips; paid once."""

    MOVES: ClassVar = SEVERANCE_MOVES
    COLOURS: ClassVar = SEVERANCE_COLOURS

    appointment = models.ForeignKey(Appointment, on_delete=models.PROTECT, related_name="severances")
    amount_krw = models.BigIntegerField(_("severance"))
    way = models.CharField(_("way"), max_length=6, choices=SeveranceWay)
    tax_krw = models.BigIntegerField(_("tax withheld"), default=0)
    basis = models.CharField(_("on what paper"), max_length=300)
    state = models.CharField(_("state"), max_length=10, choices=SeveranceState, default=SeveranceState.ASKED)
    asked_at = models.DateTimeField(default=timezone.now)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    approved_at = models.DateTimeField(null=True)
    approved_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    refused_at = models.DateTimeField(null=True)
    refused_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    refusal = models.CharField(_("why refused"), max_length=300, blank=True)
    released_at = models.DateTimeField(null=True)
    released_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    paid_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("severance")
        verbose_name_plural = _("severances")
        ordering = ("-pk",)
        constraints = (
            models.UniqueConstraint(
                fields=("appointment",), condition=~Q(state="refused"), name="severance_of_a_term_once"
            ),
            models.CheckConstraint(
                condition=Q(amount_krw__gt=F("tax_krw"), tax_krw__gte=0), name="severance_is_more_than_its_tax"
            ),
            models.CheckConstraint(condition=~Q(way="irp") | Q(tax_krw=0), name="tax_on_a_pension_account_waits"),
            models.CheckConstraint(
                condition=Q(approved_by=None) | ~Q(approved_by=F("asked_by")), name="severance_approver_is_another"
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["approved", "released", "paid"]) | Q(approved_at__isnull=False),
                name="severance_is_approved_before_it_is_paid",
            ),
            models.CheckConstraint(
                condition=~Q(state="refused") | Q(refusal__gt=""), name="refused_severance_says_why"
            ),
        )

    def __str__(self) -> str:
        return f"{self.appointment}: {self.amount_krw:,}"

    @property
    def net_krw(self) -> int:
        """What goes to the bank."""
        return self.amount_krw - self.tax_krw
