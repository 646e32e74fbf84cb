"""What officers try out without deciding anything: how much the lottery decides."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from common.models import Job, PublicKeyed
from matching.models.runs import MatchRun


class LotteryStudy(PublicKeyed, Job):
    """A run matched again with many other lotteries. Nothing but this row knows of it.

    `found`: `touched` applicants whose place the lottery can change, `placed` at least once, and the fill of each lab
    by primary key of its CallLab: least, mean in hundredths, most.
    """

    run = models.ForeignKey(MatchRun, on_delete=models.CASCADE, related_name="studies")
    many = models.PositiveIntegerField(_("lotteries"), default=1000)
    found = models.JSONField(default=dict)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("study of lotteries")
        verbose_name_plural = _("studies of lotteries")
        ordering = ("-pk",)

    def __str__(self) -> str:
        return f"{self.run} · {self.many}"
