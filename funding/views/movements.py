"""Pages of movements of budget, tranches, settlements and the forecast."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from common.access import for_object, requires
from common.asking import attempt, status_of
from common.charts import Point, Series
from common.paging import key_page_for
from common.pdf import render_pdf
from funding.actions import movements as actions
from funding.actions import settlements
from funding.forms.budget import MovementForm, QuestionForm, ReceivedForm, SettlementForm, TrancheForm
from funding.models import Agreement, Movement, Settlement, Tranche
from funding.queries import movements as queries
from funding.settled_words import labelled
from funding.states import SettlementState
from people.requests import SignedRequest


@requires("funding.view_budget")
def movements(request: SignedRequest) -> HttpResponse:
    """Transfers, carry-overs and returns, the newest first; the form to ask for one."""
    form = MovementForm(
        request.POST or None,
        institutes=queries.settling(request.user),
        initial={"fiscal_year": timezone.localdate().year},
    )
    may = request.user.has_perm("funding.pay")
    if request.method == "POST" and may and form.is_valid():
        institute = form.cleaned_data["institute"]
        if attempt(form, lambda: actions.ask_movement(institute, form.wish(), by=request.user)):
            messages.success(request, _("Asked for. Nothing moves before another person approves it."))
            return redirect("funding:movements")
    rows = queries.movements_visible_to(request.user)
    context = {"form": form, "may": may, "page": key_page_for(request, rows, order=("-pk",))}
    return render(request, "funding/books/movements.html", context, status=status_of(form))


@require_POST
@for_object(Movement, "funding.approve_movement")
def decide_movement(request: SignedRequest, movement: Movement) -> HttpResponse:
    """Approve a movement, or refuse it."""
    if "refuse" in request.POST:
        actions.refuse_movement(movement, by=request.user)
        messages.success(request, _("Refused; nothing moved."))
    else:
        actions.approve_movement(movement, by=request.user)
        messages.success(request, _("Approved and entered in the books."))
    return redirect("funding:movements")


@requires("funding.view_budget")
def tranches(request: SignedRequest) -> HttpResponse:
    """What is due from the ministry and what came in."""
    page = key_page_for(request, queries.tranches_visible_to(request.user), order=("due_on", "pk"))
    return render(request, "funding/books/tranches.html", {"page": page, "today": timezone.localdate()})


@for_object(Agreement, "funding.appropriate")
def plan_tranche(request: SignedRequest, agreement: Agreement) -> HttpResponse:
    """Plan a tranche of an agreement."""
    form = TrancheForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        if attempt(form, lambda: actions.plan_tranche(agreement, by=request.user, **form.cleaned_data)):
            messages.success(request, _("Planned."))
            return redirect("funding:tranches")
    title = _("Tranche of %(agreement)s") % {"agreement": agreement}
    return render(request, "funding/books/enter.html", {"form": form, "title": title}, status=status_of(form))


@for_object(Tranche, "funding.receive_tranche")
def receive_tranche(request: SignedRequest, tranche: Tranche) -> HttpResponse:
    """The institute says when it came in, and under which reference of the bank."""
    form = ReceivedForm(request.POST or None, initial={"received_on": timezone.localdate()})
    if request.method == "POST" and form.is_valid():
        if attempt(form, lambda: actions.receive_tranche(tranche, by=request.user, **form.cleaned_data)):
            messages.success(request, _("Entered: the bank holds it."))
            return redirect("funding:tranches")
    context = {"form": form, "tranche": tranche, "is_early": tranche.due_on > timezone.localdate()}
    return render(request, "funding/books/receive.html", context, status=status_of(form))


@requires("funding.settle")
def settlement_list(request: SignedRequest) -> HttpResponse:
    """Settlements by institute and year, and the form to submit one."""
    initial = {"fiscal_year": timezone.localdate().year - 1}
    form = SettlementForm(request.POST or None, institutes=queries.settling(request.user), initial=initial)
    may = request.user.has_perm("funding.pay")
    if request.method == "POST" and may and form.is_valid():
        data = form.cleaned_data
        made = attempt(
            form,
            lambda: settlements.submit_settlement(
                data["institute"], data["fiscal_year"], by=request.user, note=data["note"]
            ),
        )
        if made:
            return redirect("funding:settlement", key=made.key)
    page = key_page_for(request, queries.settlements_visible_to(request.user), order=("-pk",))
    context = {"form": form, "may": may, "page": page}
    return render(request, "funding/books/settlements.html", context, status=status_of(form))


@for_object(Settlement, "funding.settle")
def settlement(request: SignedRequest, settlement: Settlement) -> HttpResponse:
    """One settlement: its figures as submitted; the ministry's gestures."""
    form = QuestionForm(request.POST if "question" in request.POST else None)
    may = request.user.has_perm("funding.accept_settlement") and settlement.state == SettlementState.SUBMITTED
    if request.method == "POST" and may and "accept" in request.POST:
        settlements.accept_settlement(settlement, by=request.user)
        messages.success(request, _("Accepted."))
        return redirect("funding:settlement", key=settlement.key)
    if request.method == "POST" and may and form.is_valid():
        question = form.cleaned_data["question"]
        if attempt(form, lambda: settlements.return_settlement(settlement, by=request.user, question=question)):
            return redirect("funding:settlement", key=settlement.key)
    context = {"settlement": settlement, "form": form, "may": may, "figures": labelled(settlement.figures)}
    return render(request, "funding/books/settlement.html", context, status=status_of(form))


@for_object(Settlement, "funding.settle")
def settlement_pdf(request: SignedRequest, settlement: Settlement) -> HttpResponse:
    """The report of a settlement."""
    rows = [(label, f"{amount:,}") for label, amount in labelled(settlement.figures)]
    document: dict[str, Any] = {
        "title": _("Settlement %(what)s") % {"what": settlement},
        "lang": (get_language() or "en")[:2],
        "programme": "InnoCORE",
        "lead": _("Submitted by %(person)s. SHA-256 of the figures: %(hash)s")
        % {"person": settlement.submitted_by, "hash": settlement.sha256},
        "sections": [
            {"title": _("Figures"), "columns": [_("Figure"), _("Won")], "rows": rows, "numeric": [1]},
            *([{"title": _("Note"), "words": settlement.note}] if settlement.note else []),
        ],
    }
    response = HttpResponse(render_pdf("report", document), content_type="application/pdf")
    response["Content-Disposition"] = f'attachment; filename="settlement-{settlement}.pdf"'.replace(" ", "-")
    return response


@requires("funding.view_budget")
def forecast(request: SignedRequest) -> HttpResponse:
    """Plan against committed, spent and to come, to the programme's end."""
    years = queries.forecast(request.user)
    parts = (
        (_("Spent"), "spent_krw"),
        (_("To come by appointments that stand"), "ahead_krw"),
        (_("Plan"), "appropriated_krw"),
    )
    series = [Series(label, [Point(str(row.year), getattr(row, name)) for row in years]) for label, name in parts[:2]]
    context = {"years": years, "series": series, "until": queries.programme_end()}
    return render(request, "funding/books/forecast.html", context)
