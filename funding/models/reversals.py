"""Taking an entry back that was made by mistake: one person asks, another approves; the books show both for ever."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from common.models import PublicKeyed
from funding.models.books import Entry
from funding.states import REVERSAL_COLOURS, REVERSAL_MOVES, ReversalState


class Reversal(PublicKeyed):
    """A wish that an entry be reversed, with its reason; once another person approves, the entry that reverses it."""

    MOVES: ClassVar = REVERSAL_MOVES
    COLOURS: ClassVar = REVERSAL_COLOURS

    entry = models.ForeignKey(Entry, on_delete=models.PROTECT, related_name="reversals")
    reason = models.CharField(_("reason"), max_length=300)
    state = models.CharField(_("state"), max_length=10, choices=ReversalState, default=ReversalState.ASKED)
    asked_at = models.DateTimeField(default=timezone.now)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    approved_at = models.DateTimeField(null=True)
    approved_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    refused_at = models.DateTimeField(null=True)
    refused_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    made = models.OneToOneField(Entry, on_delete=models.PROTECT, null=True, related_name="reversal_of")

    class Meta:
        verbose_name = _("reversal of an entry")
        verbose_name_plural = _("reversals of entries")
        ordering = ("-pk",)
        constraints = (
            models.CheckConstraint(condition=Q(reason__gt=""), name="reversal_says_why"),
            models.CheckConstraint(
                condition=Q(approved_by=None) | ~Q(approved_by=F("asked_by")), name="reversal_needs_another"
            ),
            models.CheckConstraint(
                condition=Q(state="approved", made__isnull=False, approved_by__isnull=False)
                | ~Q(state="approved") & Q(made=None),
                name="approved_reversal_is_entered",
            ),
            models.UniqueConstraint(
                fields=("entry",), condition=~Q(state="refused"), name="one_reversal_of_an_entry_stands"
            ),
        )

    def __str__(self) -> str:
        return f"{self.entry} · {self.get_state_display()}"
