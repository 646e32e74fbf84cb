"""Pages of payroll: the runs of an institute, one run with its lines, a person's own slips, rates and tax."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from common.access import for_object, looked_at, requires, signed_in
from common.asking import attempt, status_of
from common.csv import csv_response
from common.paging import key_page_for
from common.pdf import render_pdf
from common.settled import unchanged
from funding.actions import movements
from funding.actions import payroll as actions
from funding.forms.payroll import HoldForm, PrepareForm, TaxForm
from funding.letters import LANGUAGES
from funding.models import PayLine, PayrollRun, RateTable, Severance, TaxGrant, TaxProfile
from funding.queries import payroll as queries
from funding.queries.differences import ORDER, changes_of, people_changed
from funding.queries.differences import differences as differences_of
from funding.slips import (
    YearStatement,
    both_ways,
    explained,
    notes_of,
    slip_document,
    statement_document,
    year_statement,
)
from funding.states import PayrollState
from people.requests import SignedRequest


@requires("funding.run_payroll")
def runs(request: SignedRequest) -> HttpResponse:
    """The payrolls of her institutes, and the form to prepare the next."""
    form = PrepareForm(request.POST or None, user=request.user)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        run = attempt(form, lambda: actions.prepare_payroll(data["institute"], data["month"], by=request.user))
        if run:
            return redirect("funding:payroll_run", key=run.key)
    page = key_page_for(request, queries.runs_visible_to(request.user), order=("-month", "-pk"))
    context = {"form": form, "page": page, "rates": RateTable.objects.filter(confirmed_at=None).first()}
    return render(request, "funding/payroll/runs.html", context, status=status_of(form))


@for_object(PayrollRun, "funding.run_payroll")
def run(request: SignedRequest, run: PayrollRun) -> HttpResponse:
    """One payroll: sums, exceptions first, lines page by page, and the next gesture for whoever may make it."""
    lines = run.lines.select_related("appointment__fellow", "appointment__lab").only(*queries.LISTED)
    whole = unchanged(f"payroll:{run.pk}", lambda: (queries.totals(run), changes_of(run), queries.batch_of(run)))
    totals, changes, batch = whole
    context: dict[str, Any] = {
        "run": run,
        "totals": totals,
        "changes": changes,
        "page": key_page_for(request, lines, order=("-is_held", "pk")),
        "batch": batch,
        "may": _gestures(request, run),
    }
    return render(request, "funding/payroll/run.html", context)


def _gestures(request: SignedRequest, run: PayrollRun) -> dict[str, Any]:
    did = {run.prepared_by_id: _("You prepared it."), run.approved_by_id: _("You approved it.")}
    why_not = did.get(request.user.pk, "")
    return {
        "approve": run.state == PayrollState.PREVIEW,
        "release": run.state == PayrollState.APPROVED,
        "hold": run.state in {PayrollState.PREVIEW, PayrollState.APPROVED},
        "why_not": why_not and _("Another person must do this. %(what)s") % {"what": why_not},
    }


@for_object(PayrollRun, "funding.run_payroll")
def differences(request: SignedRequest, run: PayrollRun) -> HttpResponse:
    """Everybody whose pay differs from last month's, page by page."""
    rows = people_changed(run)
    page = key_page_for(request, rows, order=ORDER)
    context = {"run": run, "page": page, "count": rows.count(), "differences": differences_of(run, page.rows)}
    return render(request, "funding/payroll/differences.html", context)


@for_object(PayrollRun, "funding.run_payroll")
def line(request: SignedRequest, run: PayrollRun, line: str) -> HttpResponse:
    """One person's items, for whoever prepares, approves and releases; the look is logged."""
    rows = run.lines.select_related("appointment__fellow", "appointment__lab")
    shown = get_object_or_404(rows, key=line)
    looked_at(request, shown, "appointment.fellow")
    changed = differences_of(run, list(people_changed(run).filter(pk=shown.appointment_id)))
    context = {
        "run": run,
        "line": shown,
        "sections": explained(shown),
        "notes": notes_of(shown),
        "reasons": [reason for row in changed for reason in row.reasons],
    }
    return render(request, "funding/payroll/line.html", context)


@for_object(PayrollRun, "funding.run_payroll")
def run_csv(request: HttpRequest, run: PayrollRun) -> HttpResponseBase:
    """The lines of one payroll as CSV."""
    heads = ["institute", "month", "lab", "fellow", "gross_krw", "deductions_krw", "net_krw", "employer_krw", "held"]
    rows = run.lines.select_related("appointment__fellow", "appointment__lab").order_by("pk")
    return csv_response(
        f"payroll-{run.institute.code}-{run.month:%Y-%m}.csv",
        heads,
        (
            [
                run.institute.code,
                f"{run.month:%Y-%m}",
                line.appointment.lab.code,
                line.appointment.fellow.full_name,
                line.gross_krw,
                line.deductions_krw,
                line.net_krw,
                line.employer_krw,
                line.held_note if line.is_held else "",
            ]
            for line in rows.iterator(chunk_size=2000)
        ),
    )


@require_POST
@for_object(PayrollRun, "funding.run_payroll")
def approve(request: SignedRequest, run: PayrollRun) -> HttpResponse:
    """The second person's gesture."""
    actions.approve_payroll(run, by=request.user)
    messages.success(request, _("Approved. A third person releases it."))
    return redirect("funding:payroll_run", key=run.key)


@require_POST
@for_object(PayrollRun, "funding.run_payroll")
def release(request: SignedRequest, run: PayrollRun) -> HttpResponse:
    """The third person's gesture."""
    actions.release_payroll(run, by=request.user)
    messages.success(request, _("Released. The file for the bank is being made; it appears here."))
    return redirect("funding:payroll_run", key=run.key)


@require_POST
@for_object(PayrollRun, "funding.run_payroll")
def discard(request: SignedRequest, run: PayrollRun) -> HttpResponse:
    """Throw the preview away."""
    actions.discard_payroll(run, by=request.user)
    messages.success(request, _("The preview is gone; the month can be prepared afresh."))
    return redirect("funding:payroll")


@for_object(PayrollRun, "funding.run_payroll")
def hold(request: SignedRequest, run: PayrollRun, line: str) -> HttpResponse:
    """Hold one person's pay, or release it alone."""
    held = get_object_or_404(run.lines.select_related("appointment__fellow"), key=line)
    form = HoldForm(request.POST or None)
    if request.method == "POST" and "resume" in request.POST:
        actions.resume_line(held, by=request.user)
        messages.success(request, _("The hold is taken back; this pay goes with the others."))
        return redirect("funding:payroll_run", key=run.key)
    if request.method == "POST" and "carry" in request.POST:
        movements.carry_held(held, by=request.user)
        messages.success(request, _("Carried over: it is paid from what is committed for the next year."))
        return redirect("funding:payroll_run", key=run.key)
    if request.method == "POST" and "release" in request.POST:
        actions.release_held(held, by=request.user)
        messages.success(request, _("Released alone, in a bank file of its own."))
        return redirect("funding:payroll_run", key=run.key)
    if request.method == "POST" and form.is_valid():
        if attempt(form, lambda: actions.hold_line(held, by=request.user, note=form.cleaned_data["note"])):
            return redirect("funding:payroll_run", key=run.key)
    is_open = run.state in {PayrollState.PREVIEW, PayrollState.APPROVED}
    is_over = held.is_held and held.gross_krw > 0 and held.fiscal_year < timezone.localdate().year
    context = {
        "run": run,
        "line": held,
        "form": form,
        "may_resume": is_open and held.net_krw > 0,
        "is_open": is_open,
        "next_year": held.fiscal_year + 1 if is_over and not is_open else None,
    }
    return render(request, "funding/payroll/hold.html", context, status=status_of(form))


@signed_in("her own pay slips, and how she is taxed")
def payslips(request: SignedRequest) -> HttpResponse:
    """Her slips, newest first, and how she chose to be taxed."""
    profile = TaxProfile.objects.filter(user=request.user.pk).first()
    initial: dict[str, Any] = {
        "way": profile.way if profile else "ordinary",
        "family_size": profile.family_size if profile else 1,
    }
    form = TaxForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        if attempt(form, lambda: actions.choose_tax(request.user, by=request.user, **form.cleaned_data)):
            messages.success(request, _("Kept. The next payroll uses it."))
            return redirect("funding:payslips")
    page = key_page_for(request, queries.slips_visible_to(request.user), order=("-month", "-pk"))
    context = {
        "page": page,
        "form": form,
        "ways": both_ways(queries.appointment_paid(request.user), initial["family_size"]),
        "years": queries.years_paid(request.user),
        "severance_krw": queries.severance_of(request.user),
        "severances": Severance.objects.filter(appointment__fellow=request.user.pk),
        "has_chosen": profile is not None,
        "grants": TaxGrant.objects.filter(user=request.user.pk)[:5],
    }
    return render(request, "funding/payroll/payslips.html", context, status=status_of(form))


def _statement_of(request: SignedRequest, year: int) -> tuple[YearStatement, str]:
    lines = list(queries.slips_of_year(request.user, year))
    if not lines:
        raise Http404
    institutes = dict.fromkeys(line.run.institute.name for line in lines)
    return year_statement(lines, year), ", ".join(institutes)


@signed_in("her own statement of a year's pay")
def year(request: SignedRequest, year: int) -> HttpResponse:
    """What she earned and what was withheld in a year."""
    statement, institute = _statement_of(request, year)
    return render(request, "funding/payroll/year.html", {"statement": statement, "institute": institute})


@signed_in("her own statement of a year's pay")
def year_pdf(request: SignedRequest, year: int) -> HttpResponse:
    """The same as a document."""
    statement, institute = _statement_of(request, year)
    document = statement_document(statement, request.user.full_name, institute)
    response = HttpResponse(render_pdf("payslip", document), content_type="application/pdf")
    response["Content-Disposition"] = f'attachment; filename="pay-{year}.pdf"'
    return response


@for_object(PayLine, "funding.view_payslip")
def payslip(request: HttpRequest, line: PayLine) -> HttpResponse:
    """One slip: each line and how it was computed."""
    context = {"line": line, "sections": explained(line), "notes": notes_of(line)}
    return render(request, "funding/payroll/payslip.html", context)


@for_object(PayLine, "funding.view_payslip")
def payslip_pdf(request: HttpRequest, line: PayLine) -> HttpResponse:
    """One slip as a document, in the language asked for or in use."""
    asked = request.GET.get("language", (get_language() or "en")[:2])
    language = asked if asked in LANGUAGES else "en"
    response = HttpResponse(render_pdf("payslip", slip_document(line, language)), content_type="application/pdf")
    response["Content-Disposition"] = f'attachment; filename="payslip-{line.month:%Y-%m}-{language}.pdf"'
    return response
