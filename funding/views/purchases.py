"""Pages of purchase requests: a fellow's own, one of them, and the finance desk's."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from common.access import for_object, requires, signed_in
from common.asking import attempt, status_of
from common.paging import key_page_for
from fellowships.models import Appointment
from funding.actions import purchases as actions
from funding.forms.claims import RefuseForm
from funding.forms.purchases import PurchaseForm
from funding.models import PurchaseRequest
from funding.queries import claims as queries
from funding.queries.payroll import appointment_paid
from funding.states import CLAIM_GONE, PurchaseState
from people.requests import SignedRequest


@signed_in("her own purchase requests")
def mine(request: SignedRequest) -> HttpResponse:
    """What she asked to buy."""
    rows = queries.purchases_visible_to(request.user).filter(appointment__fellow=request.user.pk)
    context = {"page": key_page_for(request, rows, order=("-pk",)), "appointment": appointment_paid(request.user)}
    return render(request, "funding/claims/purchases.html", {**context, "is_own": True})


@requires("funding.run_payroll")
def desk(request: SignedRequest) -> HttpResponse:
    """What was asked at her institutes, newest first."""
    rows = queries.purchases_visible_to(request.user).exclude(appointment__fellow=request.user.pk)
    context = {"page": key_page_for(request, rows, order=("-pk",)), "is_own": False}
    return render(request, "funding/claims/purchases.html", context)


@for_object(Appointment, "funding.claim")
def new(request: SignedRequest, appointment: Appointment) -> HttpResponse:
    """Ask before buying."""
    form = PurchaseForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        made = attempt(form, lambda: actions.ask_purchase(appointment, form.wish(), by=request.user))
        if made:
            messages.success(request, _("Asked for. The money is set aside; you are told of the decision."))
            return redirect("funding:purchase", key=made.key)
    funds = [queries.fund_of(appointment, year) for year in queries.years_of(appointment)]
    context = {"form": form, "appointment": appointment, "funds": funds}
    return render(request, "funding/claims/new_purchase.html", context, status=status_of(form))


@for_object(PurchaseRequest, "funding.view_claim", looks_at="appointment.fellow")
def purchase(request: SignedRequest, purchase: PurchaseRequest) -> HttpResponse:
    """One request; whoever decides finds the gestures here, she may take it back."""
    may_decide = request.user.has_perm("funding.decide_claim", purchase)
    is_own = purchase.appointment.fellow_id == request.user.pk
    form = RefuseForm(request.POST if "reason" in request.POST else None)
    if request.method == "POST" and may_decide and "approve" in request.POST:
        actions.approve_purchase(purchase, by=request.user)
        messages.success(request, _("Approved; the fellow is told."))
        return redirect("funding:purchases_desk")
    if request.method == "POST" and is_own and "take_back" in request.POST:
        actions.take_back_purchase(purchase, by=request.user)
        messages.success(request, _("Taken back; the money is free again."))
        return redirect("funding:purchases")
    if request.method == "POST" and may_decide and form.is_valid():
        reason = form.cleaned_data["reason"]
        if attempt(form, lambda: actions.refuse_purchase(purchase, by=request.user, reason=reason)):
            messages.success(request, _("Refused; the fellow is told why."))
            return redirect("funding:purchases_desk")
    claim = purchase.claims.exclude(state__in=CLAIM_GONE).first()
    context = {
        "purchase": purchase,
        "form": form,
        "claim": claim,
        "fund": queries.fund_of(purchase.appointment, purchase.fiscal_year),
        "is_own": is_own,
        "may_decide": may_decide and purchase.state == PurchaseState.ASKED,
        "may_take_back": is_own and claim is None and purchase.state in {PurchaseState.ASKED, PurchaseState.APPROVED},
        "may_claim": is_own and claim is None and purchase.state == PurchaseState.APPROVED,
    }
    return render(request, "funding/claims/purchase.html", context, status=status_of(form))
