"""What an officer asks an applicant to put right after the deadline: named fields, until a date."""

from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _

from applications.models.applications import Application
from applications.states import CORRECTION_COLOURS, CORRECTION_MOVES, CorrectionState
from common.models import PublicKeyed


class Correction(PublicKeyed):
    """Fields of one application that its applicant may write again until `until`; one at a time."""

    MOVES: ClassVar = CORRECTION_MOVES
    COLOURS: ClassVar = CORRECTION_COLOURS

    application = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="corrections")
    fields = ArrayField(models.CharField(max_length=40), verbose_name=_("what to put right"))
    note = models.TextField(_("what is wrong"))
    until = models.DateTimeField(_("until"))
    state = models.CharField(_("state"), max_length=10, choices=CorrectionState, default=CorrectionState.ASKED)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(default=now)
    answered_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("correction asked for")
        verbose_name_plural = _("corrections asked for")
        ordering = ("-pk",)
        constraints = (
            models.UniqueConstraint(
                fields=("application",), condition=Q(state="asked"), name="one_correction_at_a_time"
            ),
            models.CheckConstraint(condition=Q(until__gt=F("asked_at")), name="correction_until_later"),
            models.CheckConstraint(condition=Q(fields__len__gt=0), name="correction_names_fields"),
        )

    def __str__(self) -> str:
        return f"{self.application} · {self.asked_at:%Y-%m-%d}"

    @property
    def is_open(self) -> bool:
        """She may still answer."""
        return self.state == CorrectionState.ASKED and now() <= self.until
