"""Criteria of a call, who reviews what, declared conflicts of interest, and scores."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from applications.models import Application, Call
from common.models import PublicKeyed
from labs.models import Named
from reviews.states import REVIEW_COLOURS, REVIEW_MOVES, ConflictKind, ReviewState


class Criterion(Named):
    """What a call's reviewers score, from 1 to `most` points, and how much it weighs."""

    call = models.ForeignKey(Call, on_delete=models.PROTECT, related_name="criteria")
    code = models.SlugField(max_length=20)
    help_en = models.TextField(blank=True)
    help_ko = models.TextField(blank=True)
    weight = models.PositiveSmallIntegerField(_("weight"), default=1)
    most = models.PositiveSmallIntegerField(_("most points"), default=5)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        verbose_name = _("criterion")
        verbose_name_plural = _("criteria")
        ordering = ("call", "position", "pk")
        constraints = (
            models.UniqueConstraint(fields=("call", "code"), name="criterion_once"),
            models.CheckConstraint(condition=Q(weight__gt=0, most__gt=0), name="criterion_counts"),
        )


class Conflict(models.Model):
    """A reviewer's (or lab member's) interest in one application: she neither sees nor scores it."""

    application = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="conflicts")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="conflicts")
    kind = models.CharField(_("kind"), max_length=12, choices=ConflictKind)
    note = models.CharField(_("explanation"), max_length=300, blank=True)
    declared_at = models.DateTimeField(default=timezone.now)
    declared_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("conflict of interest")
        verbose_name_plural = _("conflicts of interest")
        constraints = (models.UniqueConstraint(fields=("application", "person"), name="conflict_once"),)

    def __str__(self) -> str:
        return f"{self.person} · {self.application}"


class Review(PublicKeyed):
    """One reviewer's judgement of one application. Readable only after she has said that she has no conflict."""

    MOVES: ClassVar = REVIEW_MOVES
    COLOURS: ClassVar = REVIEW_COLOURS

    application = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="reviews")
    reviewer = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="reviews")
    state = models.CharField(_("state"), max_length=10, choices=ReviewState, default=ReviewState.ASSIGNED)
    due_at = models.DateTimeField(_("due"))
    comment = models.TextField(_("comment for the lab heads"), blank=True)
    total = models.DecimalField(
        _("weighted score, 0 to 100"), max_digits=5, decimal_places=2, null=True, editable=False
    )
    assigned_at = models.DateTimeField(default=timezone.now)
    assigned_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    open_at = models.DateTimeField(null=True)
    submitted_at = models.DateTimeField(null=True)
    saved_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("review")
        verbose_name_plural = _("reviews")
        constraints = (
            models.UniqueConstraint(fields=("application", "reviewer"), name="review_once"),
            models.CheckConstraint(
                condition=~Q(state="submitted") | Q(total__isnull=False, submitted_at__isnull=False),
                name="submitted_review_has_a_score",
            ),
        )
        # a reviewer's queue by due date
        indexes = (models.Index(fields=("reviewer", "state", "due_at", "id"), name="reviews_of_reviewer"),)

    def __str__(self) -> str:
        return f"{self.application} · {self.get_state_display()}"


class Score(models.Model):
    """Points for one criterion in one review."""

    review = models.ForeignKey(Review, on_delete=models.CASCADE, related_name="scores")
    criterion = models.ForeignKey(Criterion, on_delete=models.PROTECT, related_name="scores")
    points = models.PositiveSmallIntegerField(_("points"))

    class Meta:
        verbose_name = _("score")
        verbose_name_plural = _("scores")
        constraints = (
            models.UniqueConstraint(fields=("review", "criterion"), name="score_once"),
            models.CheckConstraint(condition=Q(points__gte=1), name="score_counts"),
        )

    def __str__(self) -> str:
        return f"{self.criterion}: {self.points}"
