"""Match runs with their sealed input and outcome, and each person's result."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from applications.models import Application, Call, CallLab
from common.models import Job, PublicKeyed
from matching.states import RUN_COLOURS, RUN_MOVES, RunState


class MatchRun(PublicKeyed, Job):
    """One run of the match on frozen lists. Whoever asked for it does not confirm it.

    A draft is a run on lists that are not sealed, with a seed of its own: it is never confirmed, never published.
    `money` is what was stated of each lab's money when the instance was frozen, by the lab's code.
    """

    MOVES: ClassVar = RUN_MOVES
    COLOURS: ClassVar = RUN_COLOURS

    call = models.ForeignKey(Call, on_delete=models.PROTECT, related_name="match_runs")
    state = models.CharField(_("state"), max_length=10, choices=RunState, default=RunState.REQUESTED)
    is_draft = models.BooleanField(_("draft"), default=False)
    seed = models.CharField(max_length=64)
    money = models.JSONField(default=dict)
    instance = models.TextField()
    instance_sha256 = models.CharField(max_length=64)
    outcome = models.TextField(blank=True)
    outcome_sha256 = models.CharField(max_length=64, blank=True)
    algorithm = models.CharField(max_length=80, blank=True)
    violations = models.JSONField(default=list)
    # with couples a stable outcome may not exist: over which couples it went in circles, and which pairs block
    unstable = models.JSONField(null=True)
    insight = models.JSONField(default=dict)
    requested_at = models.DateTimeField(default=timezone.now)
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    solved_at = models.DateTimeField(null=True)
    confirmed_at = models.DateTimeField(null=True)
    confirmed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    publish_at = models.DateTimeField(_("to be published"), null=True)
    scheduled_at = models.DateTimeField(null=True)
    scheduled_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    published_at = models.DateTimeField(null=True)
    published_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    discarded_at = models.DateTimeField(null=True)
    discarded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    reason = models.CharField(_("why it was given up"), max_length=500, blank=True)

    class Meta:
        verbose_name = _("match run")
        verbose_name_plural = _("match runs")
        ordering = ("-pk",)
        constraints = (
            models.UniqueConstraint(
                fields=("call",), condition=Q(state="published"), name="one_published_match_a_call"
            ),
            models.UniqueConstraint(
                fields=("call",),
                condition=Q(is_draft=False, state__in=["requested", "solved", "confirmed", "scheduled"]),
                name="one_match_run_at_a_time",
            ),
            models.CheckConstraint(
                condition=Q(is_draft=False) | Q(state__in=["requested", "solved", "discarded"]),
                name="draft_match_decides_nothing",
            ),
            models.CheckConstraint(
                condition=~Q(state="scheduled") | Q(publish_at__isnull=False), name="scheduled_match_has_its_instant"
            ),
            models.CheckConstraint(
                condition=Q(discarded_at=None) | Q(state="discarded", discarded_by__isnull=False, reason__gt=""),
                name="discarded_match_says_who_and_why",
            ),
            models.CheckConstraint(
                condition=Q(confirmed_by=None) | ~Q(confirmed_by=F("requested_by")), name="match_needs_two_officers"
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["confirmed", "scheduled", "published"])
                | Q(confirmed_at__isnull=False, outcome__gt="", violations=[]),
                name="confirmed_match_is_verified",
            ),
        )

    def __str__(self) -> str:
        return f"{self.call.code} · {self.requested_at:%Y-%m-%d %H:%M}"


class MatchResult(models.Model):
    """Where one applicant came out in one run, and why: codes and figures of her own, nobody else's name."""

    run = models.ForeignKey(MatchRun, on_delete=models.PROTECT, related_name="results")
    application = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="match_results")
    call_lab = models.ForeignKey(CallLab, on_delete=models.PROTECT, null=True, related_name="match_results")
    choice = models.PositiveSmallIntegerField(_("her choice, counted from 1"), null=True)
    pseudonym = models.CharField(max_length=20)
    explanation = models.JSONField(default=dict)
    vacated_at = models.DateTimeField(_("gave the place up"), null=True)
    is_fixed = models.BooleanField(_("stays where she is"), default=False)

    class Meta:
        verbose_name = _("match result")
        verbose_name_plural = _("match results")
        constraints = (
            models.UniqueConstraint(fields=("run", "application"), name="one_result_a_run"),
            models.UniqueConstraint(fields=("run", "pseudonym"), name="pseudonym_once_a_run"),
            models.CheckConstraint(
                condition=Q(call_lab=None, choice=None) | Q(call_lab__isnull=False, choice__gte=1),
                name="placed_result_names_its_choice",
            ),
            models.CheckConstraint(condition=Q(call_lab=None) | Q(vacated_at=None), name="who_gave_up_holds_no_place"),
        )
        # the results of one lab
        indexes = (models.Index(fields=("run", "call_lab", "id"), name="results_of_lab"),)

    def __str__(self) -> str:
        return f"{self.application} → {self.call_lab or '-'}"
