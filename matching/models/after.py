"""After the match: places that became free, who followed, and every change of anybody's place."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from applications.models import CallLab
from common.models import PublicKeyed
from common.triggers import append_only
from matching.models.runs import MatchResult, MatchRun
from matching.models.supplement import WaveOffer
from matching.states import RefillKind


class Refill(PublicKeyed):
    """What an officer decided about free places: by which way, on which input, with which outcome. Only ever added."""

    run = models.ForeignKey(MatchRun, on_delete=models.PROTECT, related_name="refills")
    kind = models.CharField(_("way"), max_length=10, choices=RefillKind)
    instance = models.TextField()
    instance_sha256 = models.CharField(max_length=64)
    outcome = models.TextField()
    outcome_sha256 = models.CharField(max_length=64)
    algorithm = models.CharField(max_length=80)
    decided_at = models.DateTimeField(default=timezone.now)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("filling of free places")
        verbose_name_plural = _("fillings of free places")
        ordering = ("pk",)
        triggers = append_only()

    def __str__(self) -> str:
        return f"{self.run} · {self.get_kind_display()}"


class PlaceChange(models.Model):
    """One person's place before and after: given up, or come of a filling, an offer, the waitlist. Only ever added."""

    result = models.ForeignKey(MatchResult, on_delete=models.PROTECT, related_name="changes")
    refill = models.ForeignKey(Refill, on_delete=models.PROTECT, null=True, related_name="changes")
    offer = models.OneToOneField(WaveOffer, on_delete=models.PROTECT, null=True, related_name="change")
    left = models.ForeignKey(CallLab, on_delete=models.PROTECT, null=True, related_name="+")
    took = models.ForeignKey(CallLab, on_delete=models.PROTECT, null=True, related_name="+")
    reason = models.CharField(_("reason"), max_length=300, blank=True)
    at = models.DateTimeField(default=timezone.now)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = _("change of a place")
        verbose_name_plural = _("changes of places")
        ordering = ("pk",)
        constraints = (
            models.CheckConstraint(
                condition=Q(refill__isnull=False) | Q(offer__isnull=False) | Q(took=None) | ~Q(reason=""),
                name="place_taken_by_a_filling",
            ),
        )
        triggers = append_only()

    def __str__(self) -> str:
        return f"{self.result.application}: {self.left or '-'} → {self.took or '-'}"
