"""Who may call a view, stated on the view itself; a test walks every route and demands it.

@for_object(Application, "applications.view_application")   fetched from what she may see: 404, then 403
@requires("applications.screen_any")                        a permission without an object
@signed_in("her own desk")                                  any signed-in person, for her own things
@public("the front page")                                   anybody, with the reason
"""

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import ImproperlyConfigured, PermissionDenied
from django.db import models
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404

View = Callable[..., HttpResponseBase]
Scope = Callable[[Any], models.QuerySet[Any]]
Observer = Callable[[HttpRequest, models.Model, str], None]
S = TypeVar("S", bound=Callable[..., models.QuerySet[Any]])

_scopes: Final[dict[type[models.Model], Scope]] = {}
observers: Final[list[Observer]] = []


@dataclass(frozen=True)
class Access:
    """What a view states about who may call it."""

    kind: str
    permission: str = ""
    reason: str = ""
    model: type[models.Model] | None = None


def scope_of(model: type[models.Model]) -> Callable[[S], S]:
    """Declare a query `..._visible_to(user)` as the one that says which rows of `model` a person may know of."""

    def declare(query: S) -> S:
        if model in _scopes:
            raise ImproperlyConfigured(f"two scopes for {model.__name__}")
        _scopes[model] = query
        return query

    return declare


def visible_to(user: Any, model: type[models.Model]) -> models.QuerySet[Any]:
    """The rows of `model` that `user` may know of, by the declared scope."""
    if model not in _scopes:
        raise ImproperlyConfigured(f"no scope for {model.__name__}")
    return _scopes[model](user)


def for_object(
    model: type[models.Model], permission: str, *, key: str = "key", looks_at: str = ""
) -> Callable[[View], View]:
    """Fetch the row named by URL argument `key` and pass it as the second argument.

    Not among the visible rows: 404. Visible but `permission` refused: 403. `looks_at` is the attribute path to the
    person whose personal data the page shows; the observers (the access log) are told.
    """

    def decorate(view: View) -> View:
        @functools.wraps(view)
        def fetching(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            row = get_object_or_404(visible_to(request.user, model), **{key: kwargs.pop(key)})
            if not request.user.has_perm(permission, row):
                raise PermissionDenied(permission)
            if looks_at:
                looked_at(request, row, looks_at)
            return view(request, row, *args, **kwargs)

        return _state(fetching, Access("object", permission=permission, model=model))

    return decorate


def looked_at(request: HttpRequest, row: models.Model, path: str) -> None:
    """Tell the observers that the page shows personal data of the person at `path` of `row`."""
    for observe in observers:
        observe(request, row, path)


def requires(permission: str) -> Callable[[View], View]:
    """Let in who has `permission`; 403 for others."""

    def decorate(view: View) -> View:
        @functools.wraps(view)
        def checking(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not request.user.has_perm(permission):
                raise PermissionDenied(permission)
            return view(request, *args, **kwargs)

        return _state(checking, Access("permission", permission=permission))

    return decorate


def signed_in(reason: str) -> Callable[[View], View]:
    """Let in everybody who is signed in: the page shows only her own things, for the given reason."""
    return lambda view: _state(view, Access("signed in", reason=reason))


def public(reason: str) -> Callable[[View], View]:
    """Let in anybody, for the given reason."""
    return lambda view: _state(login_not_required(view), Access("public", reason=reason))


def _state(view: View, access: Access) -> View:
    view.access = access  # type: ignore[attr-defined]
    return view
