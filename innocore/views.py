"""The front door, health, the demonstration's mailbox, and what happens when a page cannot be shown."""

import sys

from django.core.cache import cache
from django.db import InterfaceError, OperationalError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string

from common.access import public
from innocore.celery import app


@public("says whether the service works; read by the proxy and by people on call")
def healthz(request: HttpRequest) -> JsonResponse:
    """200 with status ok when database, cache and broker answer; else 503 naming what does not."""
    problems = [name for name, check in CHECKS.items() if not check()]
    body = {"status": "failing" if problems else "ok", "failing": problems}
    return JsonResponse(body, status=503 if problems else 200)


def _database_answers() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except Exception:
        return False
    return True


def _broker_answers() -> bool:
    try:
        with app.connection_for_write(connect_timeout=2) as broker:
            broker.ensure_connection(max_retries=1, timeout=2)
        cache.get("healthz")
    except Exception:
        return False
    return True


CHECKS = {"database": _database_answers, "broker": _broker_answers}


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The form was too old or came from elsewhere; what was typed is still behind the back button."""
    return render(request, "403_csrf.html", status=403)


def server_error(request: HttpRequest) -> HttpResponse:
    """A fault of ours; 503 when the database is away. Asks nobody anything: neither the person nor the database."""
    is_away = isinstance(sys.exc_info()[1], OperationalError | InterfaceError)
    status = 503 if is_away else 500
    response = HttpResponse(render_to_string(f"{status}.html"), status=status)
    if is_away:
        response["Retry-After"] = "60"
    return response


@public("how personal data is handled")
def privacy(request: HttpRequest) -> HttpResponse:
    """Purposes, retention and rights, in plain words."""
    return render(request, "privacy.html")


@public("the accessibility statement that the law asks of public services")
def accessibility(request: HttpRequest) -> HttpResponse:
    """What is conformant, what is not, and whom to tell."""
    return render(request, "accessibility.html")
