"""Pages of claims: a fellow's fund and claims, one claim, the finance desk."""

from typing import Any

from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from common.access import for_object, requires, signed_in
from common.asking import attempt, status_of
from common.csv import csv_response
from common.paging import key_page_for
from common.refusals import Refusal
from common.settled import unchanged
from fellowships.models import Appointment
from funding.actions import claims as actions
from funding.forms.claims import (
    AdvanceForm,
    AnswerForm,
    ApproveForm,
    AskForm,
    ClaimForm,
    PlanForm,
    RateForm,
    RefuseForm,
    draft_of,
)
from funding.models import AdvanceSettlement, CardCharge, Claim, Evidence, ExchangeRate
from funding.queries import claims as queries
from funding.queries.cards import charges_of, charges_to_account
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
    this_year = timezone.localdate().year
    context = {
        "appointment": appointment,
        "funds": funds,
        "page": page,
        "this_year": this_year,
        "plan": queries.plan_of(appointment, this_year) if appointment else [],
        "advances": queries.open_advances(appointment) if appointment else [],
        "charges": charges_of(request.user),
    }
    return render(request, "funding/claims/mine.html", context)


@for_object(Appointment, "funding.claim")
def new(request: SignedRequest, appointment: Appointment) -> HttpResponse:
    """Claim an expense."""
    check = reverse("funding:check_claim", args=[appointment.key])
    requests, charge = queries.requests_to_claim(appointment), _charge_of(request, appointment)
    if charge is not None:
        check = f"{check}?charge={charge.key}"
    form = ClaimForm(request.POST or None, request.FILES or None, check_url=check, requests=requests, charge=charge)
    if request.method == "POST" and form.is_valid():
        receipts, draft = form.cleaned_data["receipts"], draft_of(form.cleaned_data)
        claim = attempt(form, lambda: actions.submit_claim(appointment, draft, receipts, by=request.user))
        if claim:
            messages.success(request, _("Your claim is with the finance desk; you are told of the decision."))
            return redirect("funding:claim", key=claim.key)
    funds = [queries.fund_of(appointment, year) for year in queries.years_of(appointment)]
    plan = queries.plan_of(appointment, timezone.localdate().year)
    context = {"appointment": appointment, "form": form, "funds": funds, "plan": plan, "charge": charge}
    return render(request, "funding/claims/new.html", context, status=status_of(form))


def _charge_of(request: SignedRequest, appointment: Appointment) -> CardCharge | None:
    """The payment by card that she accounts for; 404 for one that is not hers or is accounted for."""
    key = request.GET.get("charge")
    return get_object_or_404(charges_to_account(appointment), key=key) if key else None


@require_POST
@for_object(Appointment, "funding.claim")
def check(request: SignedRequest, appointment: Appointment) -> HttpResponse:
    """Why a claim could not be made so, while she types; nothing is kept."""
    charge = _charge_of(request, appointment)
    form = ClaimForm(request.POST, requests=queries.requests_to_claim(appointment), charge=charge)
    form.is_valid()
    data = form.cleaned_data
    reasons: list[str] = []
    if data.get("category") and data.get("spent_on"):
        try:
            draft, _rate = draft_of({"purpose": "", **data}).rated()
            reasons = queries.reasons_against(
                appointment,
                draft.category,
                draft.amount_krw,
                draft.spent_on,
                draft.purpose,
                None,
                is_requested=draft.request is not None,
            )
        except Refusal as refusal:
            reasons = [str(refusal)]
        context = {"reasons": reasons, "amount_krw": draft.amount_krw if not reasons else None}
        fund = queries.fund_of(appointment, data["spent_on"].year)
        return render(request, "funding/claims/reasons.html", {**context, "fund": fund})
    return HttpResponse("")


@for_object(Appointment, "funding.claim")
def plan(request: SignedRequest, appointment: Appointment) -> HttpResponse:
    """Her plan of this year's fund by category."""
    year = timezone.localdate().year
    planned = queries.plan_of(appointment, year)
    form = PlanForm(request.POST or None, planned=planned)
    if request.method == "POST" and form.is_valid():
        if attempt(form, lambda: actions.keep_plan(appointment, year, form.amounts(), by=request.user)) is not None:
            messages.success(request, _("Kept."))
            return redirect("funding:claims")
    context = {"form": form, "year": year, "funds": [queries.fund_of(appointment, year)]}
    return render(request, "funding/claims/plan.html", context, status=status_of(form))


@for_object(Claim, "funding.view_claim", looks_at="appointment.fellow")
def claim(request: SignedRequest, claim: Claim) -> HttpResponse:
    """One claim with its evidence; whoever decides finds the gestures here."""
    form = RefuseForm(request.POST or None)
    may_decide = request.user.has_perm("funding.decide_claim", claim)
    is_waiting = claim.state in {ClaimState.SUBMITTED, ClaimState.CHECKED}
    is_own = claim.appointment.fellow_id == request.user.pk
    if request.method == "POST" and may_decide and form.is_valid():
        if attempt(form, lambda: actions.refuse_claim(claim, by=request.user, reason=form.cleaned_data["reason"])):
            messages.success(request, _("Refused; the fellow is told why."))
            return redirect("funding:claims_desk")
    context = {
        "claim": claim,
        "form": form,
        "evidence": claim.evidence.all(),
        "may_decide": may_decide and is_waiting,
        "may_take_back": is_own and claim.state in queries.WAITING,
        "needs_two": _needs_two(claim),
        "is_own": is_own,
        "approve_form": _at(ApproveForm(), "funding:approve_claim", claim),
        "ask_form": _at(AskForm(), "funding:return_claim", claim),
        "answer_form": _at(AnswerForm(), "funding:answer_claim", claim),
        "advance_form": _at(AdvanceForm(), "funding:settle_advance", claim),
        "settlement": AdvanceSettlement.objects.filter(claim=claim).first(),
        "fund": queries.fund_of(claim.appointment, claim.fiscal_year),
    }
    return render(request, "funding/claims/claim.html", context, status=status_of(form))


def _at(form: Any, route: str, claim: Claim) -> Any:
    """`form`, sent to `route` of `claim`."""
    form.helper.form_action = reverse(route, args=[claim.key])
    return form


def _needs_two(claim: Claim) -> bool:
    limit = queries.one_approval_limit(claim.category, claim.spent_on)
    return limit is not None and claim.amount_krw > limit


def _page_of(request: SignedRequest, claim: Claim, form: Any, title: str) -> HttpResponse:
    context = {"form": form, "claim": claim, "title": title}
    return render(request, "funding/claims/act.html", context, status=status_of(form))


@require_POST
@for_object(Claim, "funding.decide_claim")
def approve(request: SignedRequest, claim: Claim) -> HttpResponse:
    """Approve all or a part, or check where two approvals are needed."""
    form = ApproveForm(request.POST)
    if not form.is_valid():
        return _page_of(request, claim, form, _("Approve"))
    decided = attempt(form, lambda: actions.approve_claim(claim, by=request.user, **form.cleaned_data))
    if decided is None:
        return _page_of(request, claim, form, _("Approve"))
    words = {
        ClaimState.CHECKED: _("Checked; a second person approves it."),
        ClaimState.PAID: _("Approved. It was paid by card, so nothing is sent to the bank."),
    }.get(ClaimState(decided.state), _("Approved; another person releases it."))
    messages.success(request, words)
    return redirect("funding:claims_desk")


@require_POST
@for_object(Claim, "funding.decide_claim")
def return_claim(request: SignedRequest, claim: Claim) -> HttpResponse:
    """Return it with a question."""
    form = AskForm(request.POST)
    if form.is_valid():
        asked = form.cleaned_data["question"]
        if attempt(form, lambda: actions.return_claim(claim, by=request.user, question=asked)):
            messages.success(request, _("Returned; the fellow is asked."))
            return redirect("funding:claims_desk")
    return _page_of(request, claim, form, _("Return with a question"))


@require_POST
@for_object(Claim, "funding.answer_claim")
def take_back(request: SignedRequest, claim: Claim) -> HttpResponse:
    """She takes back what nobody decided yet."""
    actions.take_back_claim(claim, by=request.user)
    messages.success(request, _("Taken back; the money is free again."))
    return redirect("funding:claim", key=claim.key)


@require_POST
@for_object(Claim, "funding.answer_claim")
def answer(request: SignedRequest, claim: Claim) -> HttpResponse:
    """She answers a question."""
    form = AnswerForm(request.POST, request.FILES)
    if form.is_valid():
        data = form.cleaned_data
        said = data["answer"]
        if attempt(form, lambda: actions.answer_claim(claim, data["receipts"], by=request.user, answer=said)):
            messages.success(request, _("Answered; the claim waits for a decision again."))
            return redirect("funding:claim", key=claim.key)
    return _page_of(request, claim, form, _("Answer"))


@require_POST
@for_object(Claim, "funding.answer_claim")
def settle_advance(request: SignedRequest, claim: Claim) -> HttpResponse:
    """She settles an advance."""
    form = AdvanceForm(request.POST, request.FILES)
    if form.is_valid():
        data = dict(form.cleaned_data)
        papers = data.pop("receipts")
        if attempt(form, lambda: actions.settle_advance(claim, papers, by=request.user, **data)):
            messages.success(request, _("Settled; the finance desk looks at the papers."))
            return redirect("funding:claim", key=claim.key)
    return _page_of(request, claim, form, _("Settle the advance"))


@require_POST
@for_object(AdvanceSettlement, "funding.decide_claim")
def approve_advance(request: SignedRequest, settlement: AdvanceSettlement) -> HttpResponse:
    """Another person's yes to the settlement of an advance."""
    actions.approve_advance(settlement, by=request.user)
    messages.success(request, _("Approved. What was not spent is in her fund again, and she gives it back."))
    return redirect("funding:claim", key=settlement.claim.key)


@requires("funding.pay")
def exchange(request: SignedRequest) -> HttpResponse:
    """The recorded exchange rates, and the form to record one."""
    form = RateForm(request.POST or None, initial={"on": timezone.localdate()})
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        rate = (data["currency"], data["on"], data["krw"], data["source"])
        if attempt(form, lambda: actions.record_rate(*rate, by=request.user)):
            messages.success(request, _("Recorded."))
            return redirect("funding:exchange")
    page = key_page_for(request, ExchangeRate.objects.all(), order=("-on", "currency", "pk"))
    return render(request, "funding/claims/exchange.html", {"form": form, "page": page}, status=status_of(form))


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
