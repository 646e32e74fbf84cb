"""An applicant's own order of labs, until her deadline, and her certified copy after it."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from applications.models import Application, Call
from applications.states import ApplicationState
from common.access import for_object
from common.asking import attempt, status_of
from matching import actions, queries
from matching.forms import InstantForm, OrderForm
from matching.models import ChoiceList
from matching.views.files import as_file
from matching.views.ordering import order_of
from matching.views.watching import watched
from people.requests import SignedRequest


@for_object(Application, "matching.view_result")
def choices(request: SignedRequest, application: Application) -> HttpResponse:
    """Her labs in the order that stands; she may change it until the deadline."""
    row = ChoiceList.objects.filter(application=application).first()
    version = row.version if row else 0
    form = OrderForm(request.POST or None, initial={"version": version})
    if request.method == "POST" and form.is_valid():
        order, wanted = order_of(request), form.cleaned_data["version"]
        done = attempt(form, lambda: actions.reorder_choices(application, order, version=wanted, by=request.user))
        if done:
            messages.success(request, _("Your order is saved. You may change it until the deadline."))
            return redirect("matching:choices", key=application.key)
    due = queries.choices_due(application.call)
    labs = queries.labs_in_order(application)
    context = {
        "application": application,
        "row": row,
        "version": version,
        "form": form,
        "due": due,
        "labs": labs,
        "reserves": queries.reserves_of(labs),
        "items": [{"id": lab.pk, "label": lab.lab.name, "words": lab.lab.institute.name} for lab in labs],
        "pseudonym": queries.pseudonym_of(application) if row and row.certified_at else "",
        "is_open": application.state == ApplicationState.ELIGIBLE and due > timezone.now(),
    }
    return render(request, "matching/choices.html", context, status=status_of(form))


@watched(Application, "read_order")
@for_object(Application, "matching.view_result")
def certified(request: SignedRequest, application: Application) -> HttpResponse:
    """The text of her certified order, of which she was mailed the hash."""
    row = ChoiceList.objects.filter(application=application).first()
    if row is None or not row.text:
        raise Http404
    return as_file(row.text, f"order-{application.number}.json")


@require_POST
@for_object(Call, "matching.run")
def deadline(request: SignedRequest, call: Call) -> HttpResponse:
    """Set until when applicants may change their order."""
    form = InstantForm(request.POST)
    if form.is_valid():
        actions.set_choices_deadline(call, form.cleaned_data["at"], by=request.user)
        messages.success(request, _("Kept."))
    else:
        messages.error(request, _("Give the day and the hour."))
    return redirect("matching:runs", key=call.key)
