"""An applicant's order of labs as the match takes it, and the name under which she is in its files."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from applications.models import Application, Call
from common.triggers import append_only


class ChoiceList(models.Model):
    """The order that an applicant gave her labs after she applied: primary keys of CallLab, best first.

    Without a row the order of her application stands. When the applicants' deadline is over, everybody has a row, which
    is certified: the hash of its `text`, which has a salt, is mailed to her and nothing changes any more.
    """

    application = models.OneToOneField(Application, on_delete=models.PROTECT, related_name="choice_list")
    ranked = ArrayField(models.BigIntegerField(), default=list)
    version = models.PositiveIntegerField(default=0)
    saved_at = models.DateTimeField(default=timezone.now)
    certified_at = models.DateTimeField(null=True)
    sha256 = models.CharField(max_length=64, blank=True)
    salt = models.CharField(max_length=64, blank=True, editable=False)
    text = models.TextField(blank=True, editable=False)

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


class Pseudonym(models.Model):
    """The name of a person in every file of a call's match. It is drawn once, and her lottery number hangs on it: a row
    is only ever added, so that no run, discarded or not, draws again.
    """

    call = models.ForeignKey(Call, on_delete=models.PROTECT, related_name="pseudonyms")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=20)
    drawn_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("pseudonym")
        verbose_name_plural = _("pseudonyms")
        constraints = (
            models.UniqueConstraint(fields=("call", "person"), name="one_pseudonym_a_call"),
            models.UniqueConstraint(fields=("call", "name"), name="pseudonym_once_a_call"),
            models.CheckConstraint(condition=~Q(name=""), name="pseudonym_is_not_empty"),
        )
        triggers = append_only()

    def __str__(self) -> str:
        return f"{self.call.code} · {self.name}"
