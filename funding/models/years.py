"""Fiscal years that open, close and open again; the chart of accounts, which is data."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from funding.states import YEAR_COLOURS, YEAR_MOVES, AccountKind, YearState
from labs.models import Named


class FiscalYear(models.Model):
    """One calendar year of the books. While it is closed a trigger lets nothing be entered on its accounts."""

    MOVES: ClassVar = YEAR_MOVES
    COLOURS: ClassVar = YEAR_COLOURS

    year = models.PositiveSmallIntegerField(_("fiscal year"), unique=True)
    state = models.CharField(_("state"), max_length=6, choices=YearState, default=YearState.OPEN)
    closed_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("fiscal year")
        verbose_name_plural = _("fiscal years")
        ordering = ("-year",)

    def __str__(self) -> str:
        return str(self.year)


class YearChange(models.Model):
    """Somebody asks that a year be closed or opened again, with the reason; another person confirms it."""

    year = models.ForeignKey(FiscalYear, on_delete=models.PROTECT, related_name="changes")
    to = models.CharField(_("to"), max_length=6, choices=YearState)
    reason = models.CharField(_("reason"), max_length=300)
    asked_at = models.DateTimeField(default=timezone.now)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    confirmed_at = models.DateTimeField(null=True)
    confirmed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = _("change of a fiscal year")
        verbose_name_plural = _("changes of fiscal years")
        ordering = ("-pk",)
        constraints = (
            models.CheckConstraint(
                condition=Q(confirmed_by=None) | ~Q(confirmed_by=F("asked_by")), name="year_change_needs_another"
            ),
            models.CheckConstraint(condition=Q(reason__gt=""), name="year_change_says_why"),
            models.UniqueConstraint(fields=("year",), condition=Q(confirmed_at=None), name="one_year_change_waits"),
        )

    def __str__(self) -> str:
        return f"{self.year} → {self.to}"


class ChartLine(Named):
    """One kind of account in the chart: its number, group and the side on which it normally stands."""

    kind = models.CharField(_("kind"), max_length=10, choices=AccountKind, unique=True)
    number = models.CharField(_("number"), max_length=6, unique=True)
    group = models.CharField(_("group"), max_length=20)
    is_debit = models.BooleanField(_("normally above zero"))

    class Meta:
        verbose_name = _("line of the chart of accounts")
        verbose_name_plural = _("chart of accounts")
        ordering = ("number",)
