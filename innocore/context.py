"""What the frame of every page needs."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from innocore.navigation import navigation_for


def frame(request: HttpRequest) -> dict[str, Any]:
    """Navigation by what the person may do, the programme's name, and whether this is the demonstration."""
    user = getattr(request, "user", None)
    return {
        "navigation": navigation_for(request) if user is not None else [],
        "programme_name": settings.PROGRAMME_NAME,
        "is_demo": settings.DEMO,
    }
