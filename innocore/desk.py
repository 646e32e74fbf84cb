"""The front page for visitors; for everybody else, her own desk: what needs her now, by when, and what comes next."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from applications import queries as applications
from common.access import public
from common.desk import DeskItem
from common.settled import unchanged
from fellowships import queries as fellowships
from funding import queries as funding
from innocore.queries import front_page
from matching import queries as matching
from mentoring import queries as mentoring
from notifications import queries as notifications
from outreach import queries as outreach
from people import queries as people
from reports import queries as reports
from reviews import queries as reviews

FAR = datetime.max.replace(tzinfo=UTC)
PROVIDERS: Final[tuple[Callable[[Any], list[DeskItem]], ...]] = (
    applications.desk_items,
    fellowships.desk_items,
    funding.desk_items,
    matching.desk_items,
    mentoring.desk_items,
    notifications.desk_items,
    outreach.desk_items,
    people.desk_items,
    reports.desk_items,
    reviews.desk_items,
)


def items_for(user: Any) -> dict[str, list[DeskItem]]:
    """Every room's items for `user`, by kind, the most urgent first."""
    items = sorted((item for provide in PROVIDERS for item in provide(user)), key=lambda item: item.due_at or FAR)
    return {kind: [item for item in items if item.kind == kind] for kind in ("todo", "waiting", "info")}


@public("the front page of the programme")
def home(request: HttpRequest) -> HttpResponse:
    """A visitor sees the programme; a signed-in person her desk."""
    if request.user.is_authenticated:
        items = unchanged(f"desk:{request.user.pk}", lambda: items_for(request.user))
        return render(request, "desk.html", {"items": items})
    return render(request, "home.html", front_page())
