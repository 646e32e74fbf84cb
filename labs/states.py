"""Kinds of organisation and duties in a lab."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class OrganisationKind(models.TextChoices):
    ACADEMIA = "academia", _("University")
    INDUSTRY = "industry", _("Company")
    PUBLIC = "public", _("Public research institute")


class Duty(models.TextChoices):
    HEAD = "head", _("Lab head")
    MEMBER = "member", _("Lab member")
    ADMINISTRATOR = "administrator", _("Lab administrator")
