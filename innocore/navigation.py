"""The main navigation: an item for each thing that a person may do."""

from dataclasses import dataclass
from typing import Final

from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class Item:
    """A place to go: its words, its route, and the permission that shows it ("" = everybody)."""

    label: str | Promise
    route: str
    permission: str = ""


@dataclass(frozen=True)
class Shown:
    label: str | Promise
    url: str
    current: bool
    count: int | None = None


ITEMS: Final[tuple[Item, ...]] = (
    Item(_("Labs"), "labs:list"),
    Item(_("Calls"), "applications:calls"),
    Item(_("Information sessions"), "outreach:sessions"),
    Item(_("Published matches"), "matching:published"),
    Item(_("Screening"), "applications:screening", "applications.screen_any"),
    Item(_("My reviews"), "reviews:queue", "reviews.view_queue"),
    Item(_("Reviews"), "reviews:calls", "reviews.view_progress"),
    Item(_("Interviews"), "reviews:interviews", "reviews.hold_interviews"),
    Item(_("Ranking"), "matching:ranking", "matching.view_rankings"),
    Item(_("Match"), "matching:calls", "matching.view_runs"),
    Item(_("Offers"), "funding:offers", "fellowships.make_offers"),
    Item(_("Appointments"), "fellowships:list", "fellowships.list_appointments"),
    Item(_("Mentoring"), "mentoring:fellows", "mentoring.view_mentors"),
    Item(_("My fellows"), "mentoring:mine", "mentoring.guide"),
    Item(_("Budget"), "funding:budget", "funding.view_budget"),
    Item(_("Payroll"), "funding:payroll", "funding.run_payroll"),
    Item(_("Claims"), "funding:claims_desk", "funding.decide_claim"),
    Item(_("Payments"), "funding:batches", "funding.pay"),
    Item(_("Dashboard"), "reports:dashboard", "reports.view_dashboard"),
    Item(_("Reports"), "reports:list", "reports.request"),
    Item(_("Roles"), "people:roles", "people.grant_role"),
    Item(_("Messages sent"), "notifications:outbox", "notifications.view_outbox"),
    Item(_("Audit trail"), "people:audit", "people.view_audit"),
)


def navigation_for(request: HttpRequest) -> list[Shown]:
    """The items that the request's person may use; the current one is the longest address that begins this page's."""
    shown = [
        (item, reverse(item.route)) for item in ITEMS if not item.permission or request.user.has_perm(item.permission)
    ]
    here = max((url for _item, url in shown if request.path.startswith(url)), key=len, default="")
    return [Shown(item.label, url, url == here) for item, url in shown]
