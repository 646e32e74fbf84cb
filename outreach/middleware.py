"""Remembering which channel or campaign brought a visitor, until she registers or applies."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

Handler = Callable[[HttpRequest], HttpResponse]
REMEMBERED = {"via": "channel", "campaign": "campaign"}


def remember_channel(get_response: Handler) -> Handler:
    """Keep `?via=<channel code>` and `?campaign=<campaign code>` of a link in the visitor's session."""

    def middleware(request: HttpRequest) -> HttpResponse:
        for parameter, name in REMEMBERED.items():
            code = request.GET.get(parameter, "")
            if code and len(code) <= 40 and code.replace("-", "").replace("_", "").isalnum():
                request.session[f"arrived_by_{name}"] = code
        return get_response(request)

    return middleware
