"""Pages of the rates of insurance and tax: what is in force, a newer set line by line, its confirmation."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from common.access import for_object, requires
from common.asking import attempt, status_of
from funding.actions import rates as actions
from funding.forms.insurance import WithdrawalForm
from funding.forms.payroll import RatesForm, UploadRatesForm
from funding.models import RateTable
from funding.payroll.compared import compared
from funding.queries import rates as queries
from people.requests import SignedRequest


@requires("funding.run_payroll")
def rates(request: SignedRequest) -> HttpResponse:
    """Which rates are in force and since when, what waits to be confirmed, and the form to upload a newer set."""
    form = UploadRatesForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        made = attempt(form, lambda: actions.upload_rates(data["file"], by=request.user, source=data["source"]))
        if made:
            messages.success(request, _("Uploaded. Another person compares and confirms it."))
            return redirect("funding:rate_table", pk=made.pk)
    rows = queries.rates_visible_to(request.user)
    context = {"table": queries.rates_in_force(), "form": form, "waiting": rows.filter(confirmed_at=None)}
    return render(request, "funding/payroll/rates.html", context, status=status_of(form))


@for_object(RateTable, "funding.run_payroll_anywhere", key="pk")
def rate_table(request: SignedRequest, table: RateTable) -> HttpResponse:
    """One set of rates: every line that differs from the set in force, and its confirmation."""
    is_dropping = request.method == "POST" and "reason" in request.POST
    is_confirming = request.method == "POST" and not is_dropping
    form = RatesForm(request.POST if is_confirming else None)
    drop = WithdrawalForm(request.POST if is_dropping else None)
    if is_confirming and form.is_valid():
        document = form.cleaned_data["document"]
        if attempt(form, lambda: actions.confirm_rates(table, by=request.user, document=document)):
            messages.success(request, _("Confirmed. Payrolls prepared from now on use these rates."))
            return redirect("funding:rates")
    if is_dropping and drop.is_valid():
        reason = drop.cleaned_data["reason"]
        attempt(drop, lambda: actions.drop_rates(table, by=request.user, reason=reason))
        if drop.is_valid():
            messages.success(request, _("Thrown away; the rates in force stay."))
            return redirect("funding:rates")
    now = queries.rates_in_force()
    changes = compared(now.data, table.data) if now and now.pk != table.pk else []
    context = {"table": table, "form": form, "drop": drop, "in_force": now, "changes": changes}
    return render(request, "funding/payroll/rate_table.html", context, status=max(status_of(form), status_of(drop)))
