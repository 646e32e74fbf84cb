"""An offer to a candidate, and the appointment that stands once she accepts."""

from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeBoundary, RangeOperators
from django.db import models
from django.db.models import F, Func, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from applications.models import Application, CallLab
from common.models import PublicKeyed
from fellowships.states import (
    APPOINTMENT_COLOURS,
    APPOINTMENT_MOVES,
    OFFER_COLOURS,
    OFFER_MOVES,
    AppointmentState,
    DeclineReason,
    OfferState,
)
from labs.models import Institute, Lab


class DateRange(Func):
    """The days from the first expression to the second, both included."""

    function = "DATERANGE"
    output_field = DateRangeField()


class Offer(PublicKeyed):
    """The terms offered to one candidate, until a deadline. Amounts in won a year."""

    MOVES: ClassVar = OFFER_MOVES
    COLOURS: ClassVar = OFFER_COLOURS

    application = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="offers")
    call_lab = models.ForeignKey(CallLab, on_delete=models.PROTECT, related_name="offers")
    salary_krw_a_year = models.BigIntegerField(_("salary a year"))
    research_fund_krw_a_year = models.BigIntegerField(_("research funds a year"))
    starts_on = models.DateField(_("first day"))
    ends_on = models.DateField(_("last day"))
    deadline_at = models.DateTimeField(_("answer by"))
    state = models.CharField(_("state"), max_length=10, choices=OfferState, default=OfferState.SENT)
    terms_sha256 = models.CharField(max_length=64, editable=False)
    sent_at = models.DateTimeField(default=timezone.now)
    sent_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    accepted_at = models.DateTimeField(null=True)
    declined_at = models.DateTimeField(null=True)
    lapsed_at = models.DateTimeField(null=True)
    withdrawn_at = models.DateTimeField(null=True)
    signed_name = models.CharField(_("name typed on acceptance"), max_length=200, blank=True)
    decline_reason = models.CharField(_("reason"), max_length=12, choices=DeclineReason, blank=True)
    decline_note = models.TextField(_("in her words"), blank=True)

    class Meta:
        verbose_name = _("offer")
        verbose_name_plural = _("offers")
        constraints = (
            models.UniqueConstraint(
                fields=("application",), condition=Q(state__in=["sent", "accepted"]), name="one_live_offer"
            ),
            models.CheckConstraint(
                condition=Q(ends_on__gt=F("starts_on"), salary_krw_a_year__gt=0, research_fund_krw_a_year__gte=0),
                name="offer_terms_sane",
            ),
            models.CheckConstraint(
                condition=~Q(state="accepted") | Q(signed_name__gt=""), name="accepted_offer_is_signed"
            ),
        )
        # offers that may lapse
        indexes = (models.Index(fields=("deadline_at",), condition=Q(state="sent"), name="offers_waiting"),)

    def __str__(self) -> str:
        return f"{self.application} · {self.call_lab.lab.code}"


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
