"""Every route states who may call it, and the table of role x route holds: whoever is not named is refused."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from common.access import Access

OTHERS = ("allauth.", "django.contrib.admin", "django.views.static", "django.contrib.staticfiles")


def walk(resolver: URLResolver, prefix: str = "", space: str = "") -> Iterator[tuple[str, str, Any]]:
    for pattern in resolver.url_patterns:
        address = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from walk(pattern, address, pattern.namespace or space)
        elif isinstance(pattern, URLPattern):
            yield f"{space}:{pattern.name}" if space else str(pattern.name), address, pattern.callback


ROUTES = [route for route in walk(get_resolver()) if not getattr(route[2], "__module__", "").startswith(OTHERS)]
OURS = [pytest.param(*route, id=route[0]) for route in ROUTES if not route[1].startswith(("accounts/", "admin/"))]


@pytest.mark.parametrize(("name", "address", "view"), OURS)
def test_route_states_who_may(name: str, address: str, view: Any) -> None:
    access = getattr(view, "access", None)
    assert isinstance(access, Access), f"{name} ({address}) states nothing"
    if access.kind in {"public", "signed in", "token"}:
        assert len(access.reason) > 10, f"{name} gives no reason"
    else:
        assert "." in access.permission


@pytest.mark.django_db
@pytest.mark.parametrize(("name", "address", "view"), OURS)
def test_nobody_gets_in_without_signing_in(name: str, address: str, view: Any, client: Client) -> None:
    if view.access.kind == "public":
        return
    shown = client.get("/" + _example(address))
    if view.access.kind == "token":
        assert (shown.status_code, shown["WWW-Authenticate"]) == (401, 'Bearer realm="InnoCore"')
        return
    assert shown.status_code in {302, 405}, name
    if shown.status_code == 302:
        assert shown["Location"].startswith("/accounts/login/")


@pytest.mark.django_db
@pytest.mark.parametrize(("name", "address", "view"), OURS)
def test_stranger_is_refused_where_a_permission_is_asked(
    name: str, address: str, view: Any, client_of: Any, stranger: Any
) -> None:
    if view.access.kind in {"public", "signed in"}:
        return
    client = client_of(stranger)
    if view.access.kind == "token":
        assert client.get("/" + _example(address)).status_code == 401  # a session opens nothing here
        return
    path = "/" + _example(address)
    assert client.post(path).status_code in {403, 404, 405}, name
    shown = client.get(path)
    if shown.status_code == 302:  # what only a button reaches leads to a page above it, which judges for itself
        assert path.startswith(shown["Location"]), name
        assert path != shown["Location"]
    else:
        assert shown.status_code in {403, 404}, name


def _example(address: str) -> str:
    """An address with plausible arguments that name nothing."""
    parts = {
        "<slug:key>": "2345abcdefgh",
        "<str:key>": "2345abcdefgh",
        "<int:year>": "2025",
        "<int:pk>": "999999",
    }
    for placeholder, value in parts.items():
        address = address.replace(placeholder, value)
    while "<" in address:
        start, end = address.index("<"), address.index(">")
        value = "1" if address[start:].startswith("<int") else "zzz"
        address = address[:start] + value + address[end + 1 :]
    return address
