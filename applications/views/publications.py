"""The publications of a draft."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from applications import actions
from applications.forms import PublicationForm, PublicationsForm
from applications.models import Application
from applications.states import Section
from applications.views.writing import show_section
from common.access import for_object
from common.asking import attempt, status_of
from people.requests import SignedRequest

UNREAD_SHOWN = 5


@require_POST
@for_object(Application, "applications.edit_application")
def read_in(request: SignedRequest, application: Application) -> HttpResponse:
    """Take in publications from a text or a file; what could not be read is named."""
    form = PublicationsForm(request.POST, request.FILES)
    if form.is_valid():
        read = form.cleaned_data["read"]
        added = attempt(form, lambda: actions.add_publications(application, read.rows, by=request.user))
        if added is not None:
            _say(request, added, read.unread)
            return _back(application)
    return _again(request, application, form, import_form=form)


def _say(request: SignedRequest, added: actions.Added, unread: list[str]) -> None:
    words = ngettext("%(n)s publication was added.", "%(n)s publications were added.", added.new) % {"n": added.new}
    if added.known:
        known = ngettext("%(n)s was there already.", "%(n)s were there already.", added.known) % {"n": added.known}
        words = f"{words} {known}"
    messages.success(request, words)
    if unread:
        many = ngettext("%(n)s entry could not be read:", "%(n)s entries could not be read:", len(unread))
        listed = " / ".join(unread[:UNREAD_SHOWN])
        messages.warning(request, f"{many % {'n': len(unread)}} {listed}")


@require_POST
@for_object(Application, "applications.edit_application")
def add(request: SignedRequest, application: Application) -> HttpResponse:
    """Add one publication by hand."""
    form = PublicationForm(request.POST)
    if form.is_valid():
        added = attempt(form, lambda: actions.add_publications(application, [form.row()], by=request.user))
        if added is not None:
            _say(request, added, [])
            return _back(application)
    return _again(request, application, form, publication_form=form)


@require_POST
@for_object(Application, "applications.edit_application")
def change(request: SignedRequest, application: Application) -> HttpResponse:
    """Put the ticked ones first, or take one out."""
    if key := request.POST.get("remove", ""):
        actions.take_out(application, key, by=request.user)
        messages.success(request, _("Taken out."))
    else:
        actions.put_first(application, request.POST.getlist("first"), by=request.user)
        messages.success(request, _("Saved."))
    return _back(application)


def _back(application: Application) -> HttpResponse:
    return redirect("applications:section", key=application.key, section=Section.PUBLICATIONS)


def _again(request: SignedRequest, application: Application, form: Any, **forms: Any) -> HttpResponse:
    return show_section(request, application, Section.PUBLICATIONS, None, status=status_of(form), **forms)
