"""What is otherwise with one person's insurance: outside one of them, or with a base declared for her, on paper."""

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeBoundary, RangeOperators
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from common.models import PublicKeyed
from fellowships.models import Appointment
from fellowships.models.appointments import DateRange


class InsuranceKind(models.TextChoices):
    """What is otherwise with one person's insurance, on paper only."""

    PENSION = "pension", _("Outside national pension")
    HEALTH = "health", _("Outside health insurance, and so outside long-term care")
    CARE = "care", _("Outside long-term care insurance")
    EMPLOYMENT = "employment", _("Outside employment insurance")
    ACCIDENT = "accident", _("Outside industrial accident insurance")
    BASE = "base", _("Declared with another base than a twelfth of the salary")


class InsuranceException(PublicKeyed):
    """From a day on, with its paper: entered by one finance officer, in force once another confirmed it."""

    appointment = models.ForeignKey(Appointment, on_delete=models.PROTECT, related_name="insurance_exceptions")
    kind = models.CharField(_("what is otherwise"), max_length=10, choices=InsuranceKind)
    base_krw = models.BigIntegerField(_("declared base a month"), null=True)
    from_on = models.DateField(_("from"))
    until_on = models.DateField(_("until"), null=True)
    paper = models.CharField(_("paper"), max_length=300)
    entered_at = models.DateTimeField(default=timezone.now)
    entered_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    confirmed_at = models.DateTimeField(null=True)
    confirmed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    why_withdrawn = models.CharField(_("why withdrawn"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("exception of insurance")
        verbose_name_plural = _("exceptions of insurance")
        ordering = ("-pk",)
        constraints = (
            models.CheckConstraint(
                condition=Q(confirmed_at=None, confirmed_by=None)
                | Q(confirmed_at__isnull=False, confirmed_by__isnull=False) & ~Q(confirmed_by=F("entered_by")),
                name="insurance_exception_needs_another",
            ),
            models.CheckConstraint(condition=Q(paper__gt=""), name="insurance_exception_has_its_paper"),
            models.CheckConstraint(
                condition=Q(kind="base", base_krw__gt=0) | ~Q(kind="base") & Q(base_krw=None),
                name="declared_base_is_an_amount",
            ),
            models.CheckConstraint(
                condition=Q(until_on=None) | Q(until_on__gte=F("from_on")), name="insurance_exception_ends_later"
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_at=None) | Q(why_withdrawn__gt=""), name="withdrawn_exception_says_why"
            ),
            ExclusionConstraint(
                name="one_insurance_exception_at_a_time",
                expressions=[
                    ("appointment", RangeOperators.EQUAL),
                    ("kind", RangeOperators.EQUAL),
                    (
                        DateRange("from_on", "until_on", RangeBoundary(inclusive_lower=True, inclusive_upper=True)),
                        RangeOperators.OVERLAPS,
                    ),
                ],
                condition=Q(confirmed_at__isnull=False, withdrawn_at=None),
            ),
        )

    def __str__(self) -> str:
        return f"{self.appointment}: {self.get_kind_display()}"
