"""The yearly review of a fellow: the lab's head recommends, an officer decides; renewal is a change asked for."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from common.models import PublicKeyed
from fellowships.models.amendments import Amendment
from fellowships.models.appointments import Appointment
from fellowships.states import Recommendation


class YearlyReview(PublicKeyed):
    """One year of an appointment, `year` counted from 1. Who recommends does not decide."""

    appointment = models.ForeignKey(Appointment, on_delete=models.PROTECT, related_name="yearly_reviews")
    year = models.PositiveSmallIntegerField(_("year of the appointment"))
    due_on = models.DateField(_("due"))
    recommendation = models.CharField(_("recommendation"), max_length=10, choices=Recommendation, blank=True)
    words = models.TextField(_("review"), blank=True)
    recommended_at = models.DateTimeField(null=True)
    recommended_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    is_renewed = models.BooleanField(_("renewed"), null=True)
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    decision_note = models.CharField(_("words of the decision"), max_length=500, blank=True)
    extension = models.OneToOneField(Amendment, on_delete=models.PROTECT, null=True, related_name="yearly_review")

    class Meta:
        verbose_name = _("yearly review")
        verbose_name_plural = _("yearly reviews")
        ordering = ("due_on", "pk")
        constraints = (
            models.UniqueConstraint(fields=("appointment", "year"), name="one_review_a_year"),
            models.CheckConstraint(
                condition=Q(is_renewed=None)
                | Q(recommendation__gt="", decided_by__isnull=False) & ~Q(decided_by=F("recommended_by")),
                name="yearly_review_takes_two_people",
            ),
        )

    def __str__(self) -> str:
        return f"{self.appointment} · {self.year}"
