"""Views state who may; what they state is enforced; looks at personal data are logged."""

from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured, PermissionDenied
from django.http import Http404, HttpResponse
from django.test import RequestFactory

from common import access
from common.models import AuditEntry
from people import queries
from people.models import AccessLog, RoleGrant, User


def _shown(request: Any, row: Any) -> HttpResponse:
    return HttpResponse(str(row.pk))


def test_for_object_hides_what_one_may_not_know(rf: RequestFactory, applicant: User, stranger: User) -> None:
    view = access.for_object(User, "people.grant_role")(_shown)
    request = rf.get("/")
    request.user = stranger
    with pytest.raises(Http404):
        view(request, key=applicant.key)
    with pytest.raises(PermissionDenied):
        view(request, key=stranger.key)


def test_for_object_logs_a_look_at_somebody_elses_data(rf: RequestFactory, applicant: User, officer: User) -> None:
    view = access.for_object(User, "people.grant_role", looks_at="pk")(_shown)
    watching = access.for_object(RoleGrant, "people.grant_role", key="pk", looks_at="user")(_shown)
    request = rf.get("/", REMOTE_ADDR="203.0.113.7")
    request.user = officer
    assert view(request, key=applicant.key).status_code == 200
    grant = RoleGrant.objects.create(user=applicant, role="reviewer", starts_on="2025-01-01")
    assert watching(request, pk=grant.pk).status_code == 200
    logged = AccessLog.objects.get()
    assert (logged.by, logged.whose, logged.address) == (officer, applicant, "203.0.113.7")


def test_requires_refuses_without_the_permission(rf: RequestFactory, stranger: User) -> None:
    view = access.requires("people.grant_role")(lambda request: HttpResponse("shown"))
    request = rf.get("/")
    request.user = stranger
    with pytest.raises(PermissionDenied):
        view(request)


def test_a_model_has_one_scope() -> None:
    with pytest.raises(ImproperlyConfigured, match="two scopes"):
        access.scope_of(User)(queries.users_visible_to)
    with pytest.raises(ImproperlyConfigured, match="no scope"):
        access.visible_to(None, AuditEntry)
