"""Pages of severance: to whom it is owed, asked for, decided, released to the bank."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from common.access import for_object, requires
from common.asking import attempt, status_of
from common.paging import key_page_for
from fellowships.models import Appointment
from funding.actions import severance as actions
from funding.forms.severance import RefusalForm, SeveranceForm
from funding.models import Severance
from funding.queries import severance as queries
from funding.queries.retirement import retirement_tax_of
from funding.states import SeveranceState
from labs.models import Institute
from people.requests import SignedRequest


@requires("funding.run_payroll")
def severances(request: SignedRequest) -> HttpResponse:
    """To whom severance is owed, until when, and what was asked and paid."""
    rows = queries.severances_visible_to(request.user).exclude(appointment__fellow=request.user.pk)
    owed = list(queries.owed_at(request.user)[:50])
    for row in owed:
        row.due_on = row.ends_on + queries.DUE_WITHIN  # type: ignore[attr-defined]
    context = {
        "owed": owed,
        "page": key_page_for(request, rows, order=("-pk",)),
        "releases": queries.releases_waiting(request.user),
    }
    return render(request, "funding/payroll/severances.html", context)


@for_object(Appointment, "funding.run_payroll", looks_at="fellow")
def ask_severance(request: SignedRequest, appointment: Appointment) -> HttpResponse:
    """Ask that one person's severance be paid."""
    tax = retirement_tax_of(appointment)
    form = SeveranceForm(request.POST or None, computed_krw=tax.tax_krw)
    if request.method == "POST" and form.is_valid():
        if attempt(form, lambda: actions.ask_severance(appointment, by=request.user, **form.cleaned_data)):
            messages.success(request, _("Asked for. Another person approves it, a third sends it to the bank."))
            return redirect("funding:severances")
    context = {
        "form": form,
        "appointment": appointment,
        "amount_krw": tax.pay_krw,
        "tax": tax,
        "due_on": appointment.ends_on + queries.DUE_WITHIN,
    }
    return render(request, "funding/payroll/ask_severance.html", context, status=status_of(form))


@for_object(Severance, "funding.decide_severance", looks_at="appointment.fellow")
def severance(request: SignedRequest, severance: Severance) -> HttpResponse:
    """One severance: approve or refuse it."""
    form = RefusalForm(request.POST if "reason" in request.POST else None)
    if request.method == "POST" and "approve" in request.POST:
        actions.approve_severance(severance, by=request.user)
        messages.success(request, _("Approved. A third person sends it to the bank."))
        return redirect("funding:severances")
    if request.method == "POST" and form.is_valid():
        if attempt(form, lambda: actions.refuse_severance(severance, by=request.user, **form.cleaned_data)):
            messages.success(request, _("Refused; it can be asked for anew."))
            return redirect("funding:severances")
    context = {"form": form, "severance": severance, "may_decide": severance.state == SeveranceState.ASKED}
    return render(request, "funding/payroll/severance.html", context, status=status_of(form))


@require_POST
@for_object(Institute, "funding.pay", key="code")
def release_severances(request: SignedRequest, institute: Institute) -> HttpResponse:
    """Send the approved severances of one institute to the bank."""
    batch = actions.release_severances(institute, by=request.user)
    messages.success(request, _("A file for the bank is made."))
    return redirect("funding:batch", key=batch.key)
