"""Dated changes of an appointment: each asked by one person and decided by another; approved, a version of its own."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from common.models import PublicKeyed
from fellowships.models.appointments import Appointment
from fellowships.states import AMENDMENT_COLOURS, AMENDMENT_MOVES, AmendmentKind, AmendmentState
from labs.models import Lab, PartnerOrganisation


class Amendment(PublicKeyed):
    """One change. `from_on` is the new first day or the first day of the change; `until_on` the new last day, or the
    last day of the change where it ends. `percent` is the share of the salary that is paid meanwhile.
    """

    MOVES: ClassVar = AMENDMENT_MOVES
    COLOURS: ClassVar = AMENDMENT_COLOURS

    appointment = models.ForeignKey(Appointment, on_delete=models.PROTECT, related_name="amendments")
    kind = models.CharField(_("what changes"), max_length=12, choices=AmendmentKind)
    from_on = models.DateField(_("from"), null=True)
    until_on = models.DateField(_("until"), null=True)
    lab = models.ForeignKey(Lab, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("new lab"))
    partner = models.ForeignKey(
        PartnerOrganisation, on_delete=models.PROTECT, null=True, related_name="secondments", verbose_name=_("partner")
    )
    percent = models.PositiveSmallIntegerField(_("percent of the salary"), null=True)
    reason = models.TextField(_("reason"))
    state = models.CharField(_("state"), max_length=10, choices=AmendmentState, default=AmendmentState.ASKED)
    version = models.PositiveSmallIntegerField(_("version"), null=True)
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)
    facts = models.JSONField(_("what the decision was based on"), default=dict)
    asked_at = models.DateTimeField(default=timezone.now)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    decision_note = models.CharField(_("words of the decision"), max_length=500, blank=True)
    in_effect_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("change of an appointment")
        verbose_name_plural = _("changes of appointments")
        ordering = ("-pk",)
        constraints = (
            models.UniqueConstraint(fields=("appointment", "version"), name="appointment_version_once"),
            models.UniqueConstraint(
                fields=("appointment",), condition=Q(state="asked"), name="one_change_asked_at_a_time"
            ),
            models.CheckConstraint(
                condition=~Q(state="approved")
                | Q(version__gte=2, decided_by__isnull=False) & ~Q(decided_by=F("asked_by")),
                name="change_takes_two_people",
            ),
            models.CheckConstraint(
                condition=Q(until_on=None) | Q(from_on=None) | Q(until_on__gte=F("from_on")),
                name="change_days_in_order",
            ),
            models.CheckConstraint(condition=Q(percent=None) | Q(percent__lte=100), name="change_percent"),
        )
        # changes that wait for the second person
        indexes = (models.Index(fields=("id",), condition=Q(state="asked"), name="changes_asked"),)

    def __str__(self) -> str:
        return f"{self.appointment} · {self.kind}"
