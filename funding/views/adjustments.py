"""Pages of adjustments to pay and of exemptions from tax: entered or asked for by one, decided by another."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from common.access import for_object, requires, signed_in
from common.asking import attempt, status_of
from common.paging import key_page_for
from fellowships.models import Appointment
from funding.actions import adjustments as actions
from funding.forms.adjustments import AdjustmentForm, DecisionForm, GrantForm
from funding.forms.insurance import WithdrawalForm
from funding.models import Adjustment, TaxGrant
from funding.queries import adjustments as queries
from funding.states import GrantState
from people.requests import SignedRequest


@requires("funding.run_payroll")
def adjustments(request: SignedRequest) -> HttpResponse:
    """The adjustments of her institutes, the newest first."""
    rows = queries.adjustments_visible_to(request.user)
    context = {"page": key_page_for(request, rows, order=("-pk",)), "count": rows.count()}
    return render(request, "funding/payroll/adjustments.html", context)


@for_object(Appointment, "funding.run_payroll")
def adjust(request: SignedRequest, appointment: Appointment) -> HttpResponse:
    """Enter an adjustment to one person's pay."""
    form = AdjustmentForm(request.POST or None, initial={"month": f"{timezone.localdate():%Y-%m}"})
    if request.method == "POST" and form.is_valid():
        if attempt(form, lambda: actions.enter_adjustment(appointment, by=request.user, **form.cleaned_data)):
            messages.success(request, _("Entered. Another person approves it; the next preview carries it."))
            return redirect("funding:adjustments")
    context = {"form": form, "appointment": appointment}
    return render(request, "funding/payroll/adjust.html", context, status=status_of(form))


@require_POST
@for_object(Adjustment, "funding.run_payroll")
def approve_adjustment(request: SignedRequest, adjustment: Adjustment) -> HttpResponse:
    """The second person's yes."""
    actions.approve_adjustment(adjustment, by=request.user)
    messages.success(request, _("Approved. Prepare the month's preview afresh if it stands already."))
    return redirect("funding:adjustments")


@for_object(Adjustment, "funding.run_payroll", looks_at="appointment.fellow")
def withdraw_adjustment(request: SignedRequest, adjustment: Adjustment) -> HttpResponse:
    """Take one back that no payroll has taken up."""
    form = WithdrawalForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        reason = form.cleaned_data["reason"]
        if attempt(form, lambda: actions.withdraw_adjustment(adjustment, by=request.user, reason=reason)):
            messages.success(request, _("Withdrawn; no payroll takes it up."))
            return redirect("funding:adjustments")
    context = {"form": form, "adjustment": adjustment}
    return render(request, "funding/payroll/withdraw_adjustment.html", context, status=status_of(form))


@signed_in("her own exemptions from tax")
def my_grants(request: SignedRequest) -> HttpResponse:
    """What she asked for, and the form to ask."""
    form = GrantForm(request.POST or None, initial={"from_on": timezone.localdate()})
    if request.method == "POST" and form.is_valid():
        data: dict[str, Any] = form.cleaned_data
        if attempt(form, lambda: actions.ask_for_grant(request.user, by=request.user, **data)):
            messages.success(request, _("Asked for. The finance desk looks at the paper and decides."))
            return redirect("funding:my_grants")
    own = TaxGrant.objects.filter(user=request.user.pk)
    return render(request, "funding/payroll/my_grants.html", {"form": form, "grants": own}, status=status_of(form))


@requires("funding.run_payroll")
def grants(request: SignedRequest) -> HttpResponse:
    """What waits for a decision first, then what was decided."""
    rows = queries.grants_visible_to(request.user).exclude(user=request.user.pk)
    context = {"page": key_page_for(request, rows, order=("state", "-pk")), "count": rows.count()}
    return render(request, "funding/payroll/grants.html", context)


@for_object(TaxGrant, "funding.decide_grant", looks_at="user")
def grant(request: SignedRequest, grant: TaxGrant) -> HttpResponse:
    """Grant or refuse one."""
    form = DecisionForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        yes = "grant" in request.POST
        reason = form.cleaned_data["reason"]
        if attempt(form, lambda: actions.decide_grant(grant, by=request.user, is_granted=yes, reason=reason)):
            messages.success(request, _("Decided. Payrolls prepared from now on follow."))
            return redirect("funding:grants")
    context = {"form": form, "grant": grant, "may_grant": grant.state == GrantState.ASKED}
    return render(request, "funding/payroll/grant.html", context, status=status_of(form))
