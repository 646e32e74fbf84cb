"""Pages of the match: a lab's ranking, the officers' runs, everybody's result with its reason."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from applications.models import Application, Call
from common.access import for_object, public, requires
from common.asking import attempt, status_of
from common.charts import Point, Series
from common.settled import unchanged
from matching import actions, queries
from matching.forms import DiscardForm, InterestForm, OrderForm, SeatsForm
from matching.models import MatchRun, Opening, RankList
from matching.states import RankListState, RunState
from people.requests import SignedRequest


@requires("matching.view_rankings")
def ranking(request: SignedRequest) -> HttpResponse:
    """Her labs in the calls, each with its seats and the state of its list."""
    rows = queries.own_openings(request.user).order_by("-call_lab__call__closes_at", "pk")[:40]
    return render(request, "matching/ranking.html", {"openings": rows})


@for_object(Opening, "matching.rank")
def rank(request: SignedRequest, opening: Opening) -> HttpResponse:
    """Put a lab's candidates in order: by dragging, by keys, by buttons; save, certify, take up again."""
    rank_list, order = opening.rank_list, None
    form = OrderForm(request.POST or None, initial={"version": rank_list.version})
    if request.method == "POST" and form.is_valid():
        order = _order_of(request)
        done = attempt(form, lambda: _gesture(request, rank_list, order or [], form.cleaned_data["version"]))
        if done:
            return redirect(request.get_full_path())
    asked = request.GET.get("page", "")
    context = {
        "opening": opening,
        "rank_list": rank_list,
        "desk": queries.desk_of(opening, request.user, order, int(asked) if asked.isdecimal() else 1),
        "form": form,
        "interest_form": InterestForm(),
        "is_open": rank_list.state == RankListState.DRAFT,
    }
    return render(request, "matching/rank.html", context, status=status_of(form))


def _order_of(request: HttpRequest) -> list[int]:
    """The posted order after the button that was pressed: move=up:PK, move=down:PK, add=PK, remove=PK."""
    order = [int(key) for key in request.POST.getlist("order") if key.isdecimal()]
    way, _colon, moved = request.POST.get("move", "").partition(":")
    added, removed = request.POST.get("add", ""), request.POST.get("remove", "")
    if added.isdecimal() and int(added) not in order:
        order.append(int(added))
    if removed.isdecimal() and int(removed) in order:
        order.remove(int(removed))
    if moved.isdecimal() and int(moved) in order:
        place = order.index(int(moved))
        other = place - 1 if way == "up" else place + 1
        if 0 <= other < len(order):
            order[place], order[other] = order[other], order[place]
    return order


def _gesture(request: SignedRequest, rank_list: RankList, order: list[int], version: int) -> RankList:
    saved = actions.save_ranking(rank_list, order, version=version, by=request.user)
    if "certify" in request.POST:
        saved = actions.certify_ranking(saved, version=saved.version, by=request.user)
        messages.success(request, _("Your list is certified. The match takes it as it is."))
    elif "save" in request.POST:
        messages.success(request, _("Your list is saved."))
    return saved


@require_POST
@for_object(Opening, "matching.rank")
def reopen(request: SignedRequest, opening: Opening) -> HttpResponse:
    """Take a certified list up again."""
    actions.reopen_ranking(opening.rank_list, by=request.user)
    messages.success(request, _("You can change your list. Certify it again in time."))
    return redirect("matching:rank", key=opening.key)


@require_POST
@for_object(Opening, "matching.rank")
def interest(request: SignedRequest, opening: Opening) -> HttpResponse:
    """Declare an interest in a candidate."""
    form = InterestForm(request.POST)
    if form.is_valid():
        data = form.cleaned_data
        candidate = get_object_or_404(queries.candidates_of(opening), number=data["number"])
        actions.declare_interest(opening.rank_list, candidate, data["kind"], data["note"], by=request.user)
        messages.success(request, _("Declared. You no longer see this candidate."))
    return redirect("matching:rank", key=opening.key)


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
        run = actions.request_run(call, by=request.user)
        return redirect("matching:run", key=run.key)
    context = {"call": call, "readiness": _readiness(call), "runs": queries.runs_of(call)}
    return render(request, "matching/runs.html", context)


def _readiness(call: Call) -> queries.Readiness:
    return unchanged(f"readiness:{call.pk}", lambda: queries.readiness_of(call))


@for_object(Opening, "matching.set_seats")
def seats(request: SignedRequest, opening: Opening) -> HttpResponse:
    """Change a lab's seats."""
    form = SeatsForm(request.POST or None, initial={"seats": opening.seats})
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        if attempt(form, lambda: actions.set_seats(opening, data["seats"], by=request.user, reason=data["reason"])):
            return redirect("matching:runs", key=opening.call_lab.call.key)
    return render(request, "matching/seats.html", {"form": form, "opening": opening}, status=status_of(form))


@for_object(MatchRun, "matching.view_run")
def run(request: SignedRequest, run: MatchRun) -> HttpResponse:
    """One run: its progress, its checks, its figures, and the gestures of the two officers."""
    is_solved = run.state in {RunState.SOLVED, RunState.CONFIRMED, RunState.PUBLISHED}
    context: dict[str, Any] = {"run": run, "discard_form": DiscardForm(), "is_solved": is_solved}
    if is_solved:
        figures = unchanged(f"figures:{run.pk}", lambda: queries.figures_of(run))
        points = [Point(_("Choice %(number)s") % {"number": n}, count) for n, count in figures.choices.items()]
        points.append(Point(_("No place"), figures.unplaced))
        context |= {"figures": figures, "choices": Series(_("Applicants"), points)}
    if run.state in {RunState.SOLVED, RunState.CONFIRMED}:
        context["checks"] = queries.checks_of(run)
    if run.state == RunState.PUBLISHED and request.user.has_perm("matching.view_places", run):
        context["labs"] = unchanged(f"places:{run.pk}", lambda: queries.places_by_lab(run))
    return render(request, "matching/run.html", context)


@for_object(MatchRun, "matching.view_run")
def progress(request: SignedRequest, run: MatchRun) -> HttpResponse:
    """How far the run is, as the part of the page that is asked for again and again."""
    return render(request, "matching/progress.html", {"run": run})


@require_POST
@for_object(MatchRun, "matching.run")
def gesture(request: SignedRequest, run: MatchRun, verb: str) -> HttpResponse:
    """Confirm, publish, discard."""
    if verb == "confirm":
        actions.confirm_run(run, by=request.user)
        messages.success(request, _("Confirmed. It can be published now."))
    elif verb == "publish":
        actions.publish_run(run, by=request.user)
        messages.success(request, _("Published. Everybody is told of her result."))
    elif verb == "discard":
        actions.discard_run(run, by=request.user, reason=request.POST.get("reason", ""))
        messages.success(request, _("Given up; another run can be asked for."))
    return redirect("matching:run", key=run.key)


@for_object(MatchRun, "matching.view_files")
def file(request: SignedRequest, run: MatchRun, name: str) -> HttpResponse:
    """What is published, for anybody's own check: instance, outcome, verifier."""
    texts = {"instance.json": run.instance, "outcome.json": run.outcome, "verifier.py": queries.verifier_source()}
    if not texts.get(name):
        raise Http404
    kind = "text/x-python" if name.endswith(".py") else "application/json"
    response = HttpResponse(texts[name], content_type=f"{kind}; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@public("published matches are there for anybody's own check; they hold pseudonyms only")
def published(request: HttpRequest) -> HttpResponse:
    """The published matches with their figures."""
    return render(request, "matching/published.html", {"runs": queries.published_runs()})


@for_object(Application, "matching.view_result")
def result(request: SignedRequest, application: Application) -> HttpResponse:
    """Her own result in plain words, with a reason for each lab that she preferred to her place."""
    found = queries.result_of(application)
    reasons = queries.reasons_of(found) if found else []
    return render(request, "matching/result.html", {"application": application, "result": found, "reasons": reasons})


@for_object(Opening, "matching.view_lab_result")
def lab_result(request: SignedRequest, opening: Opening) -> HttpResponse:
    """Who comes to a lab, and how many seats stay empty."""
    found = queries.published_run(opening.call_lab.call)
    placed = queries.places_of(found).filter(call_lab=opening.call_lab).order_by("application__number") if found else ()
    rows = list(placed)
    unfilled = opening.seats - len(rows)
    context = {"opening": opening, "run": found, "places": rows, "unfilled": unfilled}
    return render(request, "matching/lab_result.html", context)
