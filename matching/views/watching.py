"""Pages of the match whose refusals are written down: who tried to see or do what she may not."""

import functools
from collections.abc import Callable
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import models
from django.http import Http404, HttpRequest, HttpResponseBase

from matching.actions import note_attempt

View = Callable[..., HttpResponseBase]


def watched(model: type[models.Model], what: str) -> Callable[[View], View]:
    """Write down, above `for_object`, that a signed-in person was refused a row of `model` which is there."""

    def decorate(view: View) -> View:
        @functools.wraps(view)
        def watching(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            try:
                return view(request, *args, **kwargs)
            except (Http404, PermissionDenied) as refusal:
                row = model._default_manager.filter(key=kwargs.get("key", "")).first()
                if row is not None and request.user.is_authenticated:
                    words = "404" if isinstance(refusal, Http404) else "403"
                    note_attempt(row, what, f"{words} {request.method} {request.path}"[:300], by=request.user)
                raise

        return watching

    return decorate
