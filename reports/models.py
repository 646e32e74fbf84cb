"""Reports asked for: a row with progress, then a file."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from common.models import Job, PublicKeyed
from reports.states import ReportFormat, ReportKind


class ReportRun(PublicKeyed, Job):
    """One report, made by the worker from the figures as they stand, kept as a file."""

    kind = models.CharField(_("report"), max_length=12, choices=ReportKind)
    format = models.CharField(_("format"), max_length=4, choices=ReportFormat)
    language = models.CharField(max_length=2, default="en")
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="report_runs")
    requested_at = models.DateTimeField(default=timezone.now)
    as_of = models.DateTimeField(null=True)
    file = models.FileField(_("file"), upload_to="reports/", max_length=200, blank=True)
    sha256 = models.CharField(max_length=64, blank=True)

    class Meta:
        verbose_name = _("report")
        verbose_name_plural = _("reports")
        # what one person asked for, newest first
        indexes = (models.Index(fields=("requested_by", "-id"), name="reports_of_person"),)

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.requested_at:%Y-%m-%d %H:%M}"
