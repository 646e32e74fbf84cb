"""A lab's interviews: the times it offers, who can come when, the schedule that was published, what was thought."""

from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeBoundary, RangeOperators
from django.db import models
from django.db.models import F, Func, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from pgtrigger import Before, Insert, Row, Trigger, Update

from applications.models import Application, CallLab
from common.models import PublicKeyed
from reviews.states import INTERVIEW_COLOURS, INTERVIEW_MOVES, InterviewState

SLOT_OF_THE_PLAN = """
IF NEW.slot_id IS NOT NULL AND NOT EXISTS (
    SELECT FROM reviews_interviewslot s
    WHERE s.id = NEW.slot_id AND s.plan_id = NEW.plan_id AND s.starts_at = NEW.starts_at AND s.ends_at = NEW.ends_at
) THEN
    RAISE EXCEPTION 'an interview stands in a time of its own lab' USING ERRCODE = 'check_violation';
END IF;
RETURN NEW;
"""


class InstantRange(Func):
    """The time from one column to another, its end outside: tstzrange(starts_at, ends_at, '[)')."""

    function = "TSTZRANGE"
    output_field = DateTimeRangeField()


def _span() -> InstantRange:
    return InstantRange("starts_at", "ends_at", RangeBoundary(inclusive_lower=True, inclusive_upper=False))


class InterviewPlan(PublicKeyed):
    """How a lab interviews in one call: how long each takes, where, and until when candidates say their times."""

    call_lab = models.OneToOneField(CallLab, on_delete=models.PROTECT, related_name="interview_plan")
    minutes = models.PositiveSmallIntegerField(_("minutes of one interview"), default=30)
    place = models.CharField(_("where it is held, or the address of the video call"), max_length=300)
    words = models.TextField(_("words to the candidates"), max_length=2000, blank=True)
    answers_due_at = models.DateTimeField(_("candidates say their times until"))
    made_at = models.DateTimeField(default=timezone.now)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("plan of interviews")
        verbose_name_plural = _("plans of interviews")
        constraints = (
            models.CheckConstraint(condition=Q(minutes__gte=10, minutes__lte=240), name="interview_takes_a_while"),
        )

    def __str__(self) -> str:
        return str(self.call_lab)


class InterviewSlot(models.Model):
    """A time that the lab offers: one interview at most, and no two times of a lab overlap."""

    plan = models.ForeignKey(InterviewPlan, on_delete=models.PROTECT, related_name="slots")
    starts_at = models.DateTimeField(_("from"))
    ends_at = models.DateTimeField(_("until"))

    class Meta:
        verbose_name = _("time for an interview")
        verbose_name_plural = _("times for interviews")
        ordering = ("starts_at",)
        constraints = (
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="interview_slot_ends_later"),
            ExclusionConstraint(
                name="interview_slots_apart",
                expressions=[("plan", RangeOperators.EQUAL), (_span(), RangeOperators.OVERLAPS)],
            ),
        )

    def __str__(self) -> str:
        return f"{self.plan} · {self.starts_at:%Y-%m-%d %H:%M}"


class Interview(PublicKeyed):
    """A lab's talk with one candidate: asked for her times, then planned in one of them, then held or missed.

    Nobody is planned for two interviews at once, whichever labs they are with.
    """

    MOVES: ClassVar = INTERVIEW_MOVES
    COLOURS: ClassVar = INTERVIEW_COLOURS

    plan = models.ForeignKey(InterviewPlan, on_delete=models.PROTECT, related_name="interviews")
    application = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="interviews")
    state = models.CharField(_("state"), max_length=10, choices=InterviewState, default=InterviewState.ASKED)
    possible = models.ManyToManyField(InterviewSlot, blank=True, related_name="possible_for")
    answer = models.CharField(_("the candidate's words"), max_length=300, blank=True)
    slot = models.OneToOneField(InterviewSlot, on_delete=models.PROTECT, null=True, related_name="interview")
    starts_at = models.DateTimeField(_("from"), null=True)
    ends_at = models.DateTimeField(_("until"), null=True)
    asked_at = models.DateTimeField(default=timezone.now)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    answered_at = models.DateTimeField(null=True)
    planned_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("interview")
        verbose_name_plural = _("interviews")
        constraints = (
            models.UniqueConstraint(fields=("plan", "application"), name="interview_once_a_lab"),
            models.CheckConstraint(
                condition=Q(state__in=("planned", "held", "missed"), slot__isnull=False)
                | ~Q(state__in=("planned", "held", "missed")) & Q(slot=None),
                name="planned_interview_has_its_time",
            ),
            models.CheckConstraint(
                condition=Q(slot=None, starts_at=None, ends_at=None)
                | Q(slot__isnull=False, starts_at__isnull=False, ends_at__isnull=False),
                name="interview_time_is_whole",
            ),
            ExclusionConstraint(
                name="one_interview_at_a_time",
                expressions=[("application", RangeOperators.EQUAL), (_span(), RangeOperators.OVERLAPS)],
                condition=Q(state__in=("planned", "held")),
            ),
        )
        triggers = (
            Trigger(
                name="interview_in_a_slot_of_its_lab",
                operation=Insert | Update,
                when=Before,
                level=Row,
                func=SLOT_OF_THE_PLAN,
            ),
        )

    def __str__(self) -> str:
        return f"{self.application} · {self.get_state_display()}"


class InterviewNote(models.Model):
    """What one member of the lab thought of an interview: 1 (no) to 5 (outstanding), and why. Only the lab reads it."""

    LEAST, MOST = 1, 5

    interview = models.ForeignKey(Interview, on_delete=models.PROTECT, related_name="notes")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    points = models.PositiveSmallIntegerField(_("points"))
    text = models.TextField(_("what was said, and what you think of it"), max_length=5000, blank=True)
    written_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("note of an interview")
        verbose_name_plural = _("notes of interviews")
        ordering = ("pk",)
        constraints = (
            models.UniqueConstraint(fields=("interview", "author"), name="interview_note_once"),
            models.CheckConstraint(condition=Q(points__gte=1, points__lte=5), name="interview_points_1_to_5"),
        )

    def __str__(self) -> str:
        return f"{self.interview} · {self.author}"
