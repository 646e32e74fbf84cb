"""All addresses of the house, and two that do nothing: what every signed-in page costs at least."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path

from common.access import signed_in
from innocore.urls import urlpatterns as house


@signed_in("nothing is shown")
def bare(request: HttpRequest) -> HttpResponse:
    """The middleware, the session and the person; not a word."""
    return HttpResponse(f"{request.user.pk}")


@signed_in("nothing is shown")
def empty(request: HttpRequest) -> HttpResponse:
    """What every page carries around its own content: frame, menu, language, account."""
    return render(request, "layouts/page.html")


urlpatterns = [path("bench/bare/", bare), path("bench/empty/", empty), *house]
