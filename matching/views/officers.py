"""The officers' pages: whether a call can be matched, its seed, its runs and their gestures."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from applications.models import Call
from common.access import for_object, requires
from common.charts import Point, Series
from common.settled import unchanged, unchanged_all
from matching import actions, queries
from matching.forms import DiscardForm, InstantForm
from matching.models import MatchRun
from matching.states import RunState
from matching.views.watching import watched
from people.requests import SignedRequest


@requires("matching.view_runs")
def calls(request: SignedRequest) -> HttpResponse:
    """The calls, to go to their runs."""
    return render(request, "matching/calls.html", {"calls": queries.calls_to_match()})


@for_object(Call, "matching.view_runs")
def runs(request: SignedRequest, call: Call) -> HttpResponse:
    """Whether the call can be matched, what stands in the way, and its runs."""
    if request.method == "POST" and request.user.has_perm("matching.run"):
        if "open" in request.POST:
            actions.open_seats(call, by=request.user)
            messages.success(request, _("The seats are open; the labs can rank."))
            return redirect("matching:runs", key=call.key)
        ask = actions.request_draft if "draft" in request.POST else actions.request_run
        return redirect("matching:run", key=ask(call, by=request.user).key)
    kept = unchanged(f"match:{call.pk}:{request.user.pk}", lambda: _standing(request, call))
    context = {"call": call, "instant_form": InstantForm(), "is_due": not queries.may_still_commit(call), **kept}
    return render(request, "matching/runs.html", context)


def _standing(request: SignedRequest, call: Call) -> dict[str, Any]:
    """How far the call is on its way to a match."""
    readiness = queries.readiness_of(call)
    rows = [
        (row, *(request.user.has_perm(what, row.opening) for what in ("matching.set_seats", "matching.amend")))
        for row in readiness.labs
    ]
    is_due = not queries.may_still_commit(call)
    return {
        "readiness": readiness,
        "labs": render_to_string("matching/_labs.html", {"rows": rows, "readiness": readiness, "is_due": is_due}),
        "runs": list(queries.runs_of(call)),
        "shares": len(queries.shares_of(call)),
        "choices_due": queries.choices_due(call),
        "why_no_draft": queries.why_no_draft(call),
    }


SOLVED = {RunState.SOLVED, RunState.CONFIRMED, RunState.SCHEDULED, RunState.PUBLISHED}


@watched(MatchRun, "view_run")
@for_object(MatchRun, "matching.view_run")
def run(request: SignedRequest, run: MatchRun) -> HttpResponse:
    """One run: its progress, its checks, its figures, and the gestures of the two officers."""
    context: dict[str, Any] = {"run": run, "discard_form": DiscardForm(), "is_solved": run.state in SOLVED}
    if run.state in SOLVED:
        figures, legend, beside = f"figures:{run.pk}", f"legend:{run.pk}", f"beside:{run.pk}:{request.user.pk}"
        makers: dict[str, Callable[[], Any]] = {figures: lambda: _figures(run), legend: lambda: queries.legend_of(run)}
        if run.state == RunState.PUBLISHED:
            makers[beside] = lambda: _beside(request, run)
        kept = unchanged_all(makers)
        context |= {"figures": kept[figures], "legend": kept[legend], **kept.get(beside, {})}
    if run.state in SOLVED - {RunState.PUBLISHED} and not run.is_draft:
        context["checks"] = queries.checks_of(run)
        context["changes"] = queries.changes_since_draft(run)
        context["instant_form"] = InstantForm()
    if run.is_draft:
        context["without_figure"] = queries.without_figure(run.money)
    return render(request, "matching/run.html", context)


def _figures(run: MatchRun) -> SafeString:
    """The figures and charts of a solved run as it was solved, which nothing changes any more; no person is in them."""
    figures, rows = queries.figures_of(run), queries.insights_of(run)
    points = [Point(_("Choice %(number)s") % {"number": n}, count) for n, count in figures.choices.items()]
    points.append(Point(_("No place"), figures.unplaced))
    context = {"figures": figures, "choices": Series(_("Applicants"), points), "insights": rows, "run": run}
    return render_to_string("matching/_figures.html", {**context, "flows": queries.flows(rows)})


def _beside(request: SignedRequest, run: MatchRun) -> dict[str, Any]:
    """What stands beside the figures once the run is published: how the seed came about, her own result, the places."""
    may_see_places = request.user.has_perm("matching.view_places", run)
    labs = queries.places_by_lab(run) if may_see_places else []
    return {
        "shares": list(queries.shares_of(run.call)),
        "plan": queries.plan_of(run.call),
        "own": queries.result_in(run, request.user),
        "given_up": list(queries.given_up(run.call)),
        "drafts": queries.drafts_of(run),
        "discarded": list(queries.discarded_runs(run.call)),
        "since": queries.since_publication(run),
        "labs": render_to_string("matching/_places.html", {"labs": labs}),
    }


@for_object(MatchRun, "matching.view_run")
def progress(request: SignedRequest, run: MatchRun) -> HttpResponse:
    """How far the run is, as the part of the page that is asked for again and again."""
    return render(request, "matching/progress.html", {"run": run})


@require_POST
@watched(MatchRun, "decide_run")
@for_object(MatchRun, "matching.decide_run")
def gesture(request: SignedRequest, run: MatchRun, verb: str) -> HttpResponse:
    """Confirm, publish now or at an instant, take the instant back, discard."""
    if verb == "confirm":
        actions.confirm_run(run, by=request.user)
        messages.success(request, _("Confirmed. It can be published now."))
    elif verb == "publish":
        actions.publish_run(run, by=request.user)
        messages.success(request, _("Published. Everybody is told of her result."))
    elif verb == "schedule":
        form = InstantForm(request.POST)
        if form.is_valid():
            actions.schedule_run(run, form.cleaned_data["at"], by=request.user)
            messages.success(request, _("It is published to everybody at that instant."))
        else:
            messages.error(request, _("Give the day and the hour."))
    elif verb == "unschedule":
        actions.unschedule_run(run, by=request.user)
        messages.success(request, _("The instant is taken back; nothing is published."))
    elif verb == "discard":
        actions.discard_run(run, by=request.user, reason=request.POST.get("reason", ""))
        messages.success(request, _("Given up; another run can be asked for."))
    return redirect("matching:run", key=run.key)
