"""The appointment that stands once an offer is accepted."""

from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeBoundary, RangeOperators
from django.db import models
from django.db.models import F, Func, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from common.models import PublicKeyed
from fellowships.models.offers import Offer
from fellowships.states import APPOINTMENT_COLOURS, APPOINTMENT_MOVES, AppointmentState, VisaKind
from labs.models import Institute, Lab


class DateRange(Func):
    """The days from the first expression to the second, both included."""

    function = "DATERANGE"
    output_field = DateRangeField()


class Appointment(PublicKeyed):
    """A fellow works at an institute, in a lab, from one day to another, for a salary and research funds."""

    MOVES: ClassVar = APPOINTMENT_MOVES
    COLOURS: ClassVar = APPOINTMENT_COLOURS

    offer = models.OneToOneField(Offer, on_delete=models.PROTECT, related_name="appointment")
    fellow = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="appointments")
    lab = models.ForeignKey(Lab, on_delete=models.PROTECT, related_name="appointments")
    institute = models.ForeignKey(Institute, on_delete=models.PROTECT, related_name="appointments")
    starts_on = models.DateField(_("first day"))
    ends_on = models.DateField(_("last day"))
    salary_krw_a_year = models.BigIntegerField(_("salary a year"))
    research_fund_krw_a_year = models.BigIntegerField(_("research funds a year"))
    visa_kind = models.CharField(_("visa"), max_length=4, choices=VisaKind, blank=True)
    state = models.CharField(_("state"), max_length=12, choices=AppointmentState, default=AppointmentState.STANDING)
    appointed_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True)
    terminated_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("appointment")
        verbose_name_plural = _("appointments")
        constraints = (
            ExclusionConstraint(
                name="one_appointment_at_a_time",
                expressions=[
                    ("fellow", RangeOperators.EQUAL),
                    (
                        DateRange("starts_on", "ends_on", RangeBoundary(inclusive_lower=True, inclusive_upper=True)),
                        RangeOperators.OVERLAPS,
                    ),
                ],
            ),
            models.CheckConstraint(
                condition=Q(ends_on__gte=F("starts_on"), salary_krw_a_year__gt=0, research_fund_krw_a_year__gte=0),
                name="appointment_terms_sane",
            ),
        )
        indexes = (
            # the fellows of an institute, and those to pay for a month
            models.Index(fields=("institute", "state", "starts_on", "id"), name="appointments_of_institute"),
            models.Index(fields=("lab", "state", "id"), name="appointments_of_lab"),
        )

    def __str__(self) -> str:
        return f"{self.fellow} · {self.lab.code}"

    @property
    def is_foreign(self) -> bool:
        """The fellow is no Korean national, as her application says."""
        return bool(self.offer.application.citizenship.code != "KR")
