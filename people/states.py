"""Roles, the kinds of place they are held at, and the purposes of consent."""

from typing import Final

from django.db import models
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    PROGRAMME_OFFICER = "programme_officer", _("Programme officer")
    FINANCE_OFFICER = "finance_officer", _("Finance officer")
    LAB_HEAD = "lab_head", _("Lab head")
    LAB_MEMBER = "lab_member", _("Lab member")
    REVIEWER = "reviewer", _("Reviewer")
    MENTOR = "mentor", _("Mentor")
    MINISTRY = "ministry", _("Ministry staff")
    AUDITOR = "auditor", _("Auditor")
    ADMIN = "admin", _("Administrator")


class PlaceKind(models.TextChoices):
    INSTITUTE = "institute", _("Institute")
    LAB = "lab", _("Lab")


PLACE_OF_ROLE: Final[dict[str, str]] = {
    Role.PROGRAMME_OFFICER: PlaceKind.INSTITUTE,
    Role.FINANCE_OFFICER: PlaceKind.INSTITUTE,
    Role.LAB_HEAD: PlaceKind.LAB,
    Role.LAB_MEMBER: PlaceKind.LAB,
}
STAFF_ROLES: Final[frozenset[str]] = frozenset(Role.values)


class ApiScope(models.TextChoices):
    """What a token for somebody's own tools lets them read."""

    CALLS = "calls:read", _("Calls")
    APPLICATIONS = "applications:read", _("Applications")
    STATISTICS = "statistics:read", _("Statistics")


class ConsentPurpose(models.TextChoices):
    SESSION = "session", _("Registration for an information session")
    APPLICATION = "application", _("Application")
    THIRD_PARTY = "third_party", _("Passing on to labs and reviewers")
    ABROAD = "abroad", _("Viewing from abroad")
    PAYROLL = "payroll", _("Salary and insurance")
    NEWS = "news", _("News about later calls")
