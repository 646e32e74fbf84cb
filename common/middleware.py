"""One gesture a request, nobody's page in a shared cache, and refusals as a page of words with HTTP 409."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from common.gestures import gesture
from common.refusals import Refusal

Handler = Callable[[HttpRequest], HttpResponse]


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
    """Give all audit entries of one request the same gesture id."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with gesture():
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
