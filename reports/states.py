"""Kinds and formats of report."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class ReportKind(models.TextChoices):
    PROGRAMME = "programme", _("The programme against plan")
    PEOPLE = "people", _("Appointments")
    MONEY = "money", _("Money by institute and lab")


class ReportFormat(models.TextChoices):
    XLSX = "xlsx", _("Spreadsheet (XLSX)")
    PDF = "pdf", _("Document (PDF)")
