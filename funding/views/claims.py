"""Pages of claims: a fellow's fund and claims, one claim, the finance desk."""

from typing import Any

from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from common.access import for_object, requires, signed_in
from common.asking import attempt, status_of
from common.csv import csv_response
from common.paging import key_page_for
from common.settled import unchanged
from fellowships.models import Appointment
from funding.actions import claims as actions
from funding.forms.claims import ClaimForm, RefuseForm
from funding.models import Claim, Evidence
from funding.queries import claims as queries
from funding.queries.payroll import appointment_paid, institutes_of
from funding.states import ClaimState
from labs.models import Institute
from people.requests import SignedRequest


@signed_in("her own research funds and claims")
def mine(request: SignedRequest) -> HttpResponse:
    """What is left of her research funds by year, and her claims."""
    appointment = appointment_paid(request.user)
    funds = [queries.fund_of(appointment, year) for year in queries.years_of(appointment)] if appointment else []
    own = queries.claims_visible_to(request.user).filter(appointment__fellow=request.user.pk)
    page = key_page_for(request, own, order=("-pk",))
    context = {"appointment": appointment, "funds": funds, "page": page, "this_year": timezone.localdate().year}
    return render(request, "funding/claims/mine.html", context)


@for_object(Appointment, "funding.claim")
def new(request: SignedRequest, appointment: Appointment) -> HttpResponse:
    """Claim an expense."""
    form = ClaimForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        receipts = form.cleaned_data["receipts"]
        claim = attempt(form, lambda: actions.submit_claim(appointment, form.draft(), receipts, by=request.user))
        if claim:
            messages.success(request, _("Your claim is with the finance desk; you are told of the decision."))
            return redirect("funding:claim", key=claim.key)
    funds = [queries.fund_of(appointment, year) for year in queries.years_of(appointment)]
    context = {"appointment": appointment, "form": form, "funds": funds}
    return render(request, "funding/claims/new.html", context, status=status_of(form))


@for_object(Claim, "funding.view_claim", looks_at="appointment.fellow")
def claim(request: SignedRequest, claim: Claim) -> HttpResponse:
    """One claim with its evidence; whoever decides finds the gestures here."""
    form = RefuseForm(request.POST or None)
    may_decide = request.user.has_perm("funding.decide_claim", claim)
    is_waiting = claim.state in {ClaimState.SUBMITTED, ClaimState.CHECKED}
    if request.method == "POST" and may_decide and form.is_valid():
        if attempt(form, lambda: actions.refuse_claim(claim, by=request.user, reason=form.cleaned_data["reason"])):
            messages.success(request, _("Refused; the fellow is told why."))
            return redirect("funding:claims_desk")
    context = {
        "claim": claim,
        "form": form,
        "evidence": claim.evidence.all(),
        "may_decide": may_decide and is_waiting,
        "needs_two": _needs_two(claim),
        "fund": queries.fund_of(claim.appointment, claim.fiscal_year),
    }
    return render(request, "funding/claims/claim.html", context, status=status_of(form))


def _needs_two(claim: Claim) -> bool:
    limit = claim.category.single_approval_limit_krw
    return limit is not None and claim.amount_krw > limit


@require_POST
@for_object(Claim, "funding.decide_claim")
def approve(request: SignedRequest, claim: Claim) -> HttpResponse:
    """Approve, or check where two approvals are needed."""
    decided = actions.approve_claim(claim, by=request.user)
    is_checked = decided.state == ClaimState.CHECKED
    words = _("Checked; a second person approves it.") if is_checked else _("Approved; another person releases it.")
    messages.success(request, words)
    return redirect("funding:claims_desk")


@for_object(Evidence, "funding.view_claim", looks_at="claim.appointment.fellow")
def evidence(request: HttpRequest, evidence: Evidence) -> FileResponse:
    """A receipt, as it was uploaded."""
    response = FileResponse(evidence.file.open(), as_attachment=True, filename=evidence.name)
    response["Content-Type"] = evidence.content_type
    return response


@requires("funding.pay")
def desk(request: SignedRequest) -> HttpResponse:
    """The claims of her institutes: those to decide first, those to release, and all others by state."""
    state = request.GET.get("state", "")
    rows = queries.claims_visible_to(request.user).exclude(appointment__fellow=request.user.pk)
    rows = rows.select_related(None).select_related(*queries.LISTED_WITH).only(*queries.LISTED)
    shown = rows.filter(state=state) if state in ClaimState.values else rows
    count, numbers = unchanged(
        f"claims:{request.user.pk}:{state if state in ClaimState.values else ''}",
        lambda: (shown.count(), queries.numbers_to_release(institutes_of(request.user))),
    )
    context: dict[str, Any] = {
        "page": key_page_for(request, shown, order=("-pk",)),
        "count": count,
        "states": ClaimState.choices,
        "state": state,
        "institutes": numbers,
    }
    return render(request, "funding/claims/desk.html", context)


@requires("funding.pay")
def desk_csv(request: SignedRequest) -> HttpResponseBase:
    """The claims of her institutes as CSV."""
    rows = queries.claims_visible_to(request.user).order_by("pk").iterator(chunk_size=2000)
    heads = ["fellow", "lab", "category", "amount_krw", "spent_on", "state", "purpose"]
    values = (
        [
            row.appointment.fellow.full_name,
            row.appointment.lab.code,
            row.category.code,
            row.amount_krw,
            row.spent_on,
            row.state,
            row.purpose,
        ]
        for row in rows
    )
    return csv_response("claims.csv", heads, values)


@require_POST
@for_object(Institute, "funding.pay", key="code")
def release(request: SignedRequest, institute: Institute) -> HttpResponse:
    """Send the approved claims to the bank."""
    batch = actions.release_claims(institute, by=request.user)
    messages.success(
        request, _("%(number)s claims are in the file for the bank.") % {"number": batch.number_of_payments}
    )
    return redirect("funding:batch", key=batch.key)
