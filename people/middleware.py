"""The person's own language, and the second factor that every staff role needs."""

from collections.abc import Callable

from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import translation
from django.utils.translation import gettext as _

from people.rules import is_staff_person

Handler = Callable[[HttpRequest], HttpResponse]
OPEN_WITHOUT_FACTOR = ("/accounts/", "/language/", "/static/", "/healthz", "/api/")


def chosen_language(get_response: Handler) -> Handler:
    """Speak the language that the signed-in person chose; otherwise the cookie's or the browser's."""

    def middleware(request: HttpRequest) -> HttpResponse:
        language = getattr(request.user, "language", "")
        if language:
            translation.activate(language)
            request.LANGUAGE_CODE = translation.get_language()
        return get_response(request)

    return middleware


def second_factor(get_response: Handler) -> Handler:
    """Send staff without a second factor to set one up; a settings switch that only the demo turns off."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if (
            settings.REQUIRE_SECOND_FACTOR
            and request.user.is_authenticated
            and not request.path.startswith(OPEN_WITHOUT_FACTOR)
            and is_staff_person(request.user)
            and not is_mfa_enabled(request.user)
        ):
            messages.warning(request, _("Your role needs a second step at sign-in. Set up an app or a passkey first."))
            return redirect("mfa_index")
        return get_response(request)

    return middleware
