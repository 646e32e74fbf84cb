"""Kinds of mentor, and where fellows go."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class MentorKind(models.TextChoices):
    DOMAIN = "domain", _("Domain mentor")
    AI = "ai", _("AI mentor")
    CO_LAB = "co_lab", _("Co-Lab mentor (partner university or company)")
    GLOBAL = "global", _("Global mentor")


class Destination(models.TextChoices):
    PUBLIC = "public", _("Public research institute")
    INDUSTRY = "industry", _("Company")
    ACADEMIA = "academia", _("University")
    STARTUP = "startup", _("Company of her own")
    OTHER = "other", _("Elsewhere")
