"""A supplementary round for seats that stayed empty: who would come, whom a lab wants, offers in timed waves."""

from datetime import datetime, timedelta
from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from applications.models import CallLab
from common.models import PublicKeyed
from matching.models.openings import Opening
from matching.models.runs import MatchResult, MatchRun
from matching.states import WAVE_COLOURS, WAVE_MOVES, WaveState


class Supplement(PublicKeyed):
    """A published match's supplementary round. Wave n begins `wave_hours` times n-1 after `first_wave_at`."""

    run = models.OneToOneField(MatchRun, on_delete=models.PROTECT, related_name="supplement")
    wishes_due_at = models.DateTimeField(_("candidates name labs until"))
    first_wave_at = models.DateTimeField(_("first wave of offers"))
    wave_hours = models.PositiveSmallIntegerField(_("hours to answer"), default=48)
    waves = models.PositiveSmallIntegerField(_("waves"), default=3)
    waves_made = models.PositiveSmallIntegerField(default=0)
    opened_at = models.DateTimeField(default=timezone.now)
    opened_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("supplementary round")
        verbose_name_plural = _("supplementary rounds")
        constraints = (
            models.CheckConstraint(condition=Q(first_wave_at__gte=F("wishes_due_at")), name="waves_after_wishes"),
            models.CheckConstraint(condition=Q(waves__gte=1, wave_hours__gte=1), name="supplement_has_waves"),
        )

    def __str__(self) -> str:
        return f"{self.run.call.code}"

    def begins_at(self, wave: int) -> datetime:
        return self.first_wave_at + timedelta(hours=self.wave_hours * (wave - 1))

    @property
    def ends_at(self) -> datetime:
        """When the offers of the last wave lapse."""
        return self.begins_at(self.waves + 1)


class SupplementWish(models.Model):
    """An unplaced candidate who would come to a lab with free seats."""

    supplement = models.ForeignKey(Supplement, on_delete=models.PROTECT, related_name="wishes")
    result = models.ForeignKey(MatchResult, on_delete=models.PROTECT, related_name="wishes")
    call_lab = models.ForeignKey(CallLab, on_delete=models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("wish in a supplementary round")
        verbose_name_plural = _("wishes in supplementary rounds")
        constraints = (models.UniqueConstraint(fields=("result", "call_lab"), name="wish_once_a_lab"),)

    def __str__(self) -> str:
        return f"{self.result.application} · {self.call_lab}"


class SupplementList(models.Model):
    """Whom of those a lab would take, best first: primary keys of results."""

    supplement = models.ForeignKey(Supplement, on_delete=models.PROTECT, related_name="lists")
    opening = models.OneToOneField(Opening, on_delete=models.PROTECT, related_name="supplement_list")
    ranked = ArrayField(models.BigIntegerField(), default=list, blank=True)
    saved_at = models.DateTimeField(default=timezone.now)
    saved_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("list of a supplementary round")
        verbose_name_plural = _("lists of supplementary rounds")

    def __str__(self) -> str:
        return str(self.opening)


class WaveOffer(PublicKeyed):
    """A place offered in a wave, to be answered before it lapses."""

    MOVES: ClassVar = WAVE_MOVES
    COLOURS: ClassVar = WAVE_COLOURS

    supplement = models.ForeignKey(Supplement, on_delete=models.PROTECT, related_name="offers")
    wave = models.PositiveSmallIntegerField(_("wave"))
    result = models.ForeignKey(MatchResult, on_delete=models.PROTECT, related_name="wave_offers")
    call_lab = models.ForeignKey(CallLab, on_delete=models.PROTECT, related_name="+")
    closes_at = models.DateTimeField(_("to be answered by"))
    state = models.CharField(_("state"), max_length=10, choices=WaveState, default=WaveState.OFFERED)
    accepted_at = models.DateTimeField(null=True)
    declined_at = models.DateTimeField(null=True)
    lapsed_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("place offered in a wave")
        verbose_name_plural = _("places offered in waves")
        ordering = ("wave", "pk")
        constraints = (
            models.UniqueConstraint(fields=("result", "call_lab"), name="offered_once_a_lab"),
            models.UniqueConstraint(fields=("result",), condition=Q(state="accepted"), name="one_place_accepted"),
        )

    def __str__(self) -> str:
        return f"{self.call_lab} → {self.result.application}"
