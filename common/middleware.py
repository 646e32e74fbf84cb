"""One gesture a request, nobody's page in a shared cache, refusals as a page of words, and a word when we are busy."""

import time
from collections.abc import Callable
from contextlib import nullcontext
from typing import Final

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import is_valid_path

from common.gestures import gesture
from common.refusals import Refusal
from common.settled import one_look

Handler = Callable[[HttpRequest], HttpResponse]


COME_BACK_SECONDS: Final = 15


def seconds_waited(request: HttpRequest) -> float:
    """How long the request waited for its turn, by the `X-Request-Start` (milliseconds) of our proxy; else 0."""
    said = request.headers.get("X-Request-Start", "").removeprefix("t=")
    if not settings.ALLAUTH_TRUSTED_PROXY_COUNT or not said.isdecimal() or len(said) > 15:
        return 0.0
    return max(0.0, time.time() - int(said) / 1000)


class OverloadMiddleware:
    """Answer at once, in words, what waited too long for its turn: nobody works for a page that nobody awaits.

    What was typed stays on the person's device, where the autosaving form keeps it, and is sent again.
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if seconds_waited(request) <= settings.OVERLOAD_SECONDS:
            return self.get_response(request)
        response = HttpResponse(render_to_string("busy.html"), status=503)
        response["Retry-After"] = str(COME_BACK_SECONDS)
        return response


class PrivateMiddleware:
    """A signed-in person's page is hers: no cache on the way keeps it, and her own browser asks again."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if request.user.is_authenticated and "Cache-Control" not in response:
            response["Cache-Control"] = "private, no-cache"
        return response


class GestureMiddleware:
    """Give all audit entries of one request the same gesture id; one that only reads looks once for what is new."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with gesture(), one_look() if request.method in {"GET", "HEAD"} else nullcontext():
            return self.get_response(request)


class RefusalMiddleware:
    """Show a refusal's words; nothing was written, for the action's transaction is undone."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not isinstance(exception, Refusal):
            return None
        return render(request, "refusal.html", {"refusal": exception}, status=409)


class NearestPageMiddleware:
    """An address that only a button reaches (405), opened by itself, leads to the nearest page above it.

    It stays in the bar of the browser after a form was refused; changing the language or reloading asks for it.
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.status_code != 405 or request.method != "GET":
            return response
        parts = request.path.strip("/").split("/")[:-1]
        while parts and not is_valid_path(f"/{'/'.join(parts)}/"):
            parts.pop()
        return HttpResponseRedirect(f"/{'/'.join(parts)}/" if parts else "/")
