"""The support desk of reports."""

from django.contrib import admin

from common.admin import SupportDesk
from reports.models import ReportRun


@admin.register(ReportRun)
class ReportDesk(SupportDesk):
    list_display = ("requested_at", "kind", "format", "requested_by", "job_state", "error")
    list_select_related = ("requested_by",)
    search_fields = ("requested_by__email",)
    list_filter = ("kind", "job_state")
