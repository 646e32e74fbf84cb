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
)


def navigation_for(request: HttpRequest) -> list[Shown]:
    """The items that the request's person may use; the current one is the longest address that begins this page's."""
    shown = [
        (item, reverse(item.route)) for item in ITEMS if not item.permission or request.user.has_perm(item.permission)
    ]
    here = max((url for _item, url in shown if request.path.startswith(url)), key=len, default="")
    return [Shown(item.label, url, url == here) for item, url in shown]
