"""Seats: what each lab can fill in a call."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from applications.models import CallLab
from common.models import PublicKeyed
from matching.states import ReserveOrder


class Opening(PublicKeyed):
    """The seats that a lab can fill in a call."""

    call_lab = models.OneToOneField(CallLab, on_delete=models.PROTECT, related_name="opening")
    seats = models.PositiveIntegerField(_("seats"))
    reserve_order = models.CharField(max_length=14, choices=ReserveOrder, default=ReserveOrder.OPEN_FIRST)

    class Meta:
        verbose_name = _("opening")
        verbose_name_plural = _("openings")

    def __str__(self) -> str:
        return str(self.call_lab)
