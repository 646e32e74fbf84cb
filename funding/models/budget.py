"""From the appropriation by way of the institute's agreement and the lab's allotment to what a fellow is promised."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from common.models import PublicKeyed
from fellowships.models import Offer
from funding.models.books import Account
from funding.states import Purpose
from labs.models import Institute, Lab


class BudgetedRows(models.QuerySet[Any]):
    """Sums of the budget, with those whose entry was reversed."""

    def standing(self) -> "BudgetedRows":
        return self.filter(reversed_at=None)


class Budgeted(PublicKeyed):
    """A sum for one fiscal year, entered by somebody; `reversed_at` once its entry was taken back."""

    fiscal_year = models.PositiveSmallIntegerField(_("fiscal year"))
    amount_krw = models.BigIntegerField(_("amount"))
    made_at = models.DateTimeField(default=timezone.now)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    note = models.CharField(_("note"), max_length=200, blank=True)
    reversed_at = models.DateTimeField(null=True, editable=False)

    objects = BudgetedRows.as_manager()

    class Meta:
        abstract = True


class Appropriation(Budgeted):
    """Money that parliament gave, by source and year."""

    source = models.CharField(_("source"), max_length=200)

    class Meta:
        verbose_name = _("appropriation")
        verbose_name_plural = _("appropriations")
        constraints = (
            models.UniqueConstraint(
                fields=("source", "fiscal_year"), condition=Q(reversed_at=None), name="appropriation_once"
            ),
            models.CheckConstraint(condition=Q(amount_krw__gt=0), name="appropriation_counts"),
        )

    def __str__(self) -> str:
        return f"{self.source} {self.fiscal_year}"


class Agreement(Budgeted):
    """What the ministry agreed with an institute, out of an appropriation."""

    appropriation = models.ForeignKey(Appropriation, on_delete=models.PROTECT, related_name="agreements")
    institute = models.ForeignKey(Institute, on_delete=models.PROTECT, related_name="agreements")

    class Meta:
        verbose_name = _("agreement")
        verbose_name_plural = _("agreements")
        constraints = (models.CheckConstraint(condition=Q(amount_krw__gt=0), name="agreement_counts"),)

    def __str__(self) -> str:
        return f"{self.institute.code} {self.fiscal_year}"


class Allotment(Budgeted):
    """What an institute allots to one of its labs, out of an agreement."""

    agreement = models.ForeignKey(Agreement, on_delete=models.PROTECT, related_name="allotments")
    lab = models.ForeignKey(Lab, on_delete=models.PROTECT, related_name="allotments")

    class Meta:
        verbose_name = _("allotment")
        verbose_name_plural = _("allotments")
        constraints = (models.CheckConstraint(condition=Q(amount_krw__gt=0), name="allotment_counts"),)

    def __str__(self) -> str:
        return f"{self.lab.code} {self.fiscal_year}"


class Commitment(models.Model):
    """What an offer encumbers in one fiscal year for one purpose. A database trigger lets no offer go out without."""

    offer = models.ForeignKey(Offer, on_delete=models.PROTECT, related_name="commitments")
    fiscal_year = models.PositiveSmallIntegerField()
    purpose = models.CharField(max_length=14, choices=Purpose)
    amount_krw = models.BigIntegerField()
    account = models.OneToOneField(Account, on_delete=models.PROTECT, related_name="commitment")

    class Meta:
        verbose_name = _("commitment")
        verbose_name_plural = _("commitments")
        constraints = (
            models.UniqueConstraint(fields=("offer", "fiscal_year", "purpose"), name="commitment_once"),
            models.CheckConstraint(condition=Q(amount_krw__gt=0), name="commitment_counts"),
        )

    def __str__(self) -> str:
        return f"{self.offer} {self.fiscal_year} {self.purpose}"
