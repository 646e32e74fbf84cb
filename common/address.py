"""From which network address a request came, behind so many proxies of our own."""

import ipaddress

from django.conf import settings
from django.http import HttpRequest


def address_of(request: HttpRequest) -> str | None:
    """The visitor's address: what the outermost of our proxies saw, else the peer's; None when it is none."""
    said: str = request.META.get("REMOTE_ADDR", "")
    count: int = settings.ALLAUTH_TRUSTED_PROXY_COUNT
    passed = [part.strip() for part in request.headers.get("X-Forwarded-For", "").split(",") if part.strip()]
    if count and len(passed) >= count:
        said = passed[-count]
    try:
        return str(ipaddress.ip_address(said))
    except ValueError:
        return None
