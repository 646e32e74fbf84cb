"""Mentors, who mentors which fellow, their meetings, and what became of the fellow."""

from typing import Any

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from common.models import PublicKeyed
from fellowships.models import Appointment
from labs.models import Institute, PartnerOrganisation
from mentoring.states import Destination, MentorKind


class Mentor(PublicKeyed):
    """Somebody at an institute or a partner organisation who guides fellows."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="mentor")
    institute = models.ForeignKey(
        Institute, on_delete=models.PROTECT, null=True, blank=True, related_name="mentors", verbose_name=_("institute")
    )
    organisation = models.ForeignKey(
        PartnerOrganisation,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="mentors",
        verbose_name=_("partner organisation"),
    )
    kinds: "ArrayField[Any, Any]" = ArrayField(models.CharField(max_length=10, choices=MentorKind), default=list)
    expertise = models.CharField(_("expertise"), max_length=300, blank=True)
    most_fellows = models.PositiveSmallIntegerField(_("fellows at most"), default=8)
    is_active = models.BooleanField(_("takes fellows"), default=True)

    class Meta:
        verbose_name = _("mentor")
        verbose_name_plural = _("mentors")
        constraints = (
            models.CheckConstraint(
                condition=Q(institute=None, organisation__isnull=False) | Q(institute__isnull=False, organisation=None),
                name="mentor_has_one_home",
            ),
        )

    def __str__(self) -> str:
        return f"{self.user}"

    @property
    def home(self) -> str:
        """Where she works."""
        return str(self.institute or self.organisation)


class MentorAssignment(PublicKeyed):
    """A mentor guides a fellow, in one kind, from one day to another."""

    appointment = models.ForeignKey(Appointment, on_delete=models.PROTECT, related_name="mentor_assignments")
    mentor = models.ForeignKey(Mentor, on_delete=models.PROTECT, related_name="assignments")
    kind = models.CharField(_("kind"), max_length=10, choices=MentorKind)
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("until"), null=True, blank=True)
    assigned_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    assigned_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("mentor of a fellow")
        verbose_name_plural = _("mentors of fellows")
        constraints = (
            models.UniqueConstraint(fields=("appointment", "mentor"), condition=Q(ends_on=None), name="mentor_once"),
            models.CheckConstraint(condition=Q(ends_on=None) | Q(ends_on__gte=F("starts_on")), name="mentor_days"),
        )
        # a mentor's fellows
        indexes = (models.Index(fields=("mentor", "ends_on", "id"), name="fellows_of_mentor"),)

    def __str__(self) -> str:
        return f"{self.mentor} → {self.appointment}"


class Meeting(PublicKeyed):
    """A meeting of a mentor and a fellow: what was said, what comes next."""

    assignment = models.ForeignKey(MentorAssignment, on_delete=models.PROTECT, related_name="meetings")
    held_on = models.DateField(_("day"))
    minutes = models.PositiveSmallIntegerField(_("minutes"), default=60)
    notes = models.TextField(_("what was discussed"))
    goals = models.TextField(_("what comes next"), blank=True)
    next_on = models.DateField(_("next meeting"), null=True, blank=True)
    logged_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    logged_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("meeting")
        verbose_name_plural = _("meetings")
        ordering = ("-held_on", "-pk")
        constraints = (
            models.CheckConstraint(condition=Q(next_on=None) | Q(next_on__gte=F("held_on")), name="next_meeting_later"),
        )

    def __str__(self) -> str:
        return f"{self.assignment} {self.held_on}"


class Transition(PublicKeyed):
    """The job after: where a fellow went."""

    appointment = models.OneToOneField(Appointment, on_delete=models.PROTECT, related_name="transition")
    destination = models.CharField(_("where to"), max_length=10, choices=Destination)
    organisation = models.CharField(_("organisation"), max_length=200)
    position = models.CharField(_("position"), max_length=200, blank=True)
    starts_on = models.DateField(_("first day there"))
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    recorded_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("transition")
        verbose_name_plural = _("transitions")

    def __str__(self) -> str:
        return f"{self.appointment} → {self.organisation}"
