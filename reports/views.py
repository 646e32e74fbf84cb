"""The dashboard, and reports: asked for, watched while they are made, read."""

from typing import Any

from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from common.access import for_object, requires
from common.asking import attempt, status_of
from common.charts import Point, Series
from common.csv import csv_response
from common.job_states import JobState
from common.paging import key_page_for
from common.settled import settled, unchanged
from matching import queries as matching
from people.requests import SignedRequest
from reports import actions, queries
from reports.forms import ReportForm
from reports.models import ReportRun
from reports.states import ReportFormat

MILLION = 1_000_000
MATCHES = 5
CONTENT_TYPES = {
    ReportFormat.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ReportFormat.PDF: "application/pdf",
}


def _series(name: str, rows: list[tuple[str, int]]) -> Series:
    return Series(name, [Point(label, number) for label, number in rows])


@requires("reports.view_dashboard")
def dashboard(request: HttpRequest) -> HttpResponse:
    """Are we on course: people, money, labs, reach, outcomes."""
    return render(request, "reports/dashboard.html", unchanged("dashboard", _figures))


def _figures() -> dict[str, Any]:
    """Every figure of the dashboard; the same for all who may see it."""
    plan, money, labs = queries.programme(), queries.money_of(), queries.labs_with_figures()
    appointed = queries.appointments_made()
    call = queries.latest_call()
    return {
        "plan": plan,
        "money": money,
        "labs": labs,
        "call": call,
        "appointments": queries.Against(appointed, plan.target_appointments if plan else 0),
        "lab_count": queries.Against(len(labs), plan.target_labs if plan else 0),
        "appropriated": queries.Against(money.appropriated_krw, plan.budget_krw if plan else 0),
        "mentored": queries.mentored(),
        "matches": matching.summaries_of_matches(MATCHES),
        "charts": settled(f"charts:{get_language()}:{call and call.pk}", lambda: _charts(labs, call)),
    }


def _charts(labs: list[queries.LabRow], call: Any) -> dict[str, Any]:
    months = [(month.strftime("%Y-%m"), total // MILLION) for month, total in queries.spent_by_month()]
    return {
        "fellows": _series(_("Fellows"), [(row.lab.code, row.fellows) for row in labs]),
        "funnel": _series(_("People"), queries.funnel(call)),
        "origins": _series(_("Fellows"), queries.origins()),
        "channels": _series(_("Applications"), queries.by_channel()),
        "spent": _series(_("Spent"), months),
        "declines": _series(_("Offers"), queries.declines()),
        "destinations": _series(_("Fellows"), queries.destinations()),
    }


@requires("reports.view_dashboard")
def labs_csv(request: HttpRequest) -> HttpResponseBase:
    """The table of labs as CSV."""
    heads = ["institute", "lab", "fellows", "allotted_krw", "committed_krw", "spent_krw", "available_krw"]
    rows = (
        [
            row.lab.institute.code,
            row.lab.code,
            row.fellows,
            row.money.appropriated_krw,
            row.money.committed_krw,
            row.money.spent_krw,
            row.money.available_krw,
        ]
        for row in queries.labs_with_figures()
    )
    return csv_response("labs.csv", heads, rows)


@requires("reports.request")
def report_list(request: SignedRequest) -> HttpResponse:
    """Her reports, and the form to ask for one."""
    form = ReportForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        run = attempt(form, lambda: actions.request_report(data["kind"], by=request.user, **_rest(data)))
        if run:
            return redirect("reports:report", key=run.key)
    page = key_page_for(request, queries.reports_visible_to(request.user), order=("-pk",))
    return render(request, "reports/list.html", {"form": form, "page": page}, status=status_of(form))


def _rest(data: dict[str, Any]) -> dict[str, Any]:
    return {"file_format": data["file_format"], "language": data["language"]}


@for_object(ReportRun, "reports.view_reportrun")
def report(request: HttpRequest, run: ReportRun) -> HttpResponse:
    """One report: how far it is, and the file when it is ready."""
    return render(request, "reports/report.html", {"run": run})


@for_object(ReportRun, "reports.view_reportrun")
def progress(request: HttpRequest, run: ReportRun) -> HttpResponse:
    """How far it is, as the part of the page that is asked for again and again."""
    return render(request, "reports/progress.html", {"run": run})


@for_object(ReportRun, "reports.view_reportrun")
def download(request: HttpRequest, run: ReportRun) -> FileResponse:
    """The file."""
    if run.job_state != JobState.READY:
        raise Http404
    name = f"innocore-{run.kind}-{run.requested_at:%Y%m%d}.{run.format}"
    response = FileResponse(
        run.file.open(), as_attachment=True, filename=name, content_type=CONTENT_TYPES[ReportFormat(run.format)]
    )
    response["Cache-Control"] = "private, no-store"
    return response
