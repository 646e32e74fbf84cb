"""An applicant's order of labs as the match takes it."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from applications.models import Application


class ChoiceList(models.Model):
    """The order that an applicant gave her labs after she applied: primary keys of CallLab, best first.

    Without a row the order of her application stands. When the applicants' deadline is over, everybody has a row, which
    is certified: its hash is mailed to her and nothing changes any more.
    """

    application = models.OneToOneField(Application, on_delete=models.PROTECT, related_name="choice_list")
    ranked = ArrayField(models.BigIntegerField(), default=list)
    version = models.PositiveIntegerField(default=0)
    saved_at = models.DateTimeField(default=timezone.now)
    certified_at = models.DateTimeField(null=True)
    sha256 = models.CharField(max_length=64, blank=True)

    class Meta:
        verbose_name = _("applicant's order of labs")
        verbose_name_plural = _("applicants' orders of labs")
        constraints = (
            models.CheckConstraint(
                condition=Q(certified_at=None) | Q(sha256__gt=""), name="certified_choices_have_a_hash"
            ),
        )

    def __str__(self) -> str:
        return str(self.application)
