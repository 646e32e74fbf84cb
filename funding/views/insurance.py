"""Pages of what is otherwise with people's insurance: entered by one finance officer, confirmed by another."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from common.access import for_object, requires
from common.asking import attempt, status_of
from common.paging import key_page_for
from fellowships.models import Appointment
from funding.actions import insurance as actions
from funding.forms.insurance import ExceptionForm, WithdrawalForm
from funding.models import InsuranceException
from funding.queries import insurance as queries
from people.requests import SignedRequest


@requires("funding.run_payroll")
def exceptions(request: SignedRequest) -> HttpResponse:
    """The exceptions at her institutes, the newest first."""
    rows = queries.exceptions_visible_to(request.user)
    context = {"page": key_page_for(request, rows, order=("-pk",)), "count": rows.count()}
    return render(request, "funding/payroll/insurance.html", context)


@for_object(Appointment, "funding.run_payroll", looks_at="fellow")
def enter_exception(request: SignedRequest, appointment: Appointment) -> HttpResponse:
    """Enter one for a person."""
    form = ExceptionForm(request.POST or None, initial={"from_on": appointment.starts_on})
    if request.method == "POST" and form.is_valid():
        if attempt(form, lambda: actions.enter_exception(appointment, by=request.user, **form.cleaned_data)):
            messages.success(request, _("Entered. Another finance officer confirms it; until then she is insured."))
            return redirect("funding:insurance")
    own = queries.exceptions_visible_to(request.user).filter(appointment=appointment)
    context = {"form": form, "appointment": appointment, "exceptions": own}
    return render(request, "funding/payroll/enter_insurance.html", context, status=status_of(form))


@for_object(InsuranceException, "funding.decide_insurance", looks_at="appointment.fellow")
def exception(request: SignedRequest, exception: InsuranceException) -> HttpResponse:
    """Confirm or withdraw one."""
    is_confirming = request.method == "POST" and "confirm" in request.POST
    form = WithdrawalForm(None if is_confirming else request.POST or None)
    if is_confirming:
        actions.confirm_exception(exception, by=request.user)
        messages.success(request, _("Confirmed. Payrolls prepared from now on follow."))
        return redirect("funding:insurance")
    if request.method == "POST" and form.is_valid():
        reason = form.cleaned_data["reason"]
        if attempt(form, lambda: actions.withdraw_exception(exception, by=request.user, reason=reason)):
            messages.success(request, _("Withdrawn. Payrolls prepared from now on follow."))
            return redirect("funding:insurance")
    context = {"form": form, "exception": exception}
    return render(request, "funding/payroll/insurance_exception.html", context, status=status_of(form))
