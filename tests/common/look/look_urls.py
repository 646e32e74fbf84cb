"""The style guide and a few pages that only these tests see, beside the real addresses."""

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template import Context, RequestContext, Template
from django.urls import include, path
from django.views.i18n import set_language

from common.access import public
from common.crispy import SaveState, file_attrs, form_helper
from innocore import styleguide

received: list[dict[str, Any]] = []
answers: list[tuple[int, dict[str, Any]]] = []
PAGE = '{% extends "layouts/form.html" %}{% load components %}{% block title %}Look{% endblock %}{% block content %}'


class Draft(forms.Form):
    """A form that saves itself."""

    name = forms.CharField(label="Name", required=False)
    stay = forms.ChoiceField(
        label="Stay", choices=[("1", "One"), ("2", "Two")], widget=forms.RadioSelect, required=False
    )
    cv = forms.FileField(label="CV", required=False, widget=forms.FileInput(file_attrs(".pdf", 1000)))
    version = forms.IntegerField(widget=forms.HiddenInput, initial=1)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = form_helper(
            self,
            "Send",
            "name",
            "stay",
            "cv",
            "version",
            SaveState(),
            data_autosave_url="/look/save/",
            action="/look/send/",
        )


def shown(request: HttpRequest, body: str, **context: Any) -> HttpResponse:
    return HttpResponse(Template(PAGE + body + "{% endblock %}").render(RequestContext(request, context)))


@public("a page of the tests")
def draft(request: HttpRequest) -> HttpResponse:
    return shown(request, "{% load crispy_forms_tags %}{% crispy form %}", form=Draft())


@public("a page of the tests")
def save(request: HttpRequest) -> HttpResponse:
    received.append({"at": "save", **request.POST.dict()})
    status, body = answers.pop(0) if answers else (200, {"version": int(request.POST["version"]) + 1})
    if status == 302:
        return HttpResponse(status=302, headers={"Location": "/accounts/login/"})
    return JsonResponse(body, status=status)


@public("a page of the tests")
def send(request: HttpRequest) -> HttpResponse:
    received.append({"at": "send", **{name: request.POST.getlist(name) for name in request.POST}})
    return HttpResponse(
        Template("<!doctype html><html lang=en><title>Sent</title><h1>Sent</h1></html>").render(Context())
    )


@public("a page of the tests")
def gestures(request: HttpRequest) -> HttpResponse:
    body = """{% confirm "/look/send/" "Withdraw" says="The labs are told." tone="danger" name="go" value="1" %}
    <form method="post" action="/look/send/" id="plain">{% csrf_token %}
    <button name="plain" value="1">Plain</button></form>
    <form method="post" action="/look/send/" id="rank">{% csrf_token %}
    {% include "components/rank_list.html" with items=items only %}<button>Keep the order</button></form>"""
    return shown(request, body, items=[{"id": number, "label": f"Lab {number}"} for number in (1, 2, 3)])


urlpatterns = [
    path("language/", public("anybody may choose a language")(set_language), name="set_language"),
    path("styleguide/", styleguide.styleguide),
    path("styleguide/<slug:name>/", styleguide.sample),
    path("look/draft/", draft),
    path("look/save/", save),
    path("look/send/", send),
    path("look/gestures/", gestures),
    path("", include("innocore.urls")),
]
