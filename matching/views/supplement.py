"""The supplementary round: the officer opens it, candidates name labs and answer offers, labs put them in order."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from applications.models import Application, CallLab
from common.access import for_object
from common.asking import attempt, status_of
from common.refusals import Refusal
from matching import actions, queries
from matching.forms import SupplementForm
from matching.models import MatchRun, Opening, Supplement, WaveOffer
from matching.states import RunState
from matching.views.ordering import order_of
from people.requests import SignedRequest


@for_object(MatchRun, "matching.decide_run")
def supplement(request: SignedRequest, run: MatchRun) -> HttpResponse:
    """Open a round for seats that stayed empty, and see how it goes."""
    if run.state != RunState.PUBLISHED:
        raise Refusal(_("The match is not published yet."))
    found = queries.supplement_of(run)
    form = SupplementForm(request.POST or None)
    if request.method == "POST" and found is None and form.is_valid():
        if attempt(form, lambda: actions.open_supplement(run, form.timetable(), by=request.user)):
            messages.success(request, _("Opened. Candidates without a place and the labs are told."))
            return redirect("matching:supplement", key=run.key)
    context: dict[str, object] = {"run": run, "found": found, "form": form, "unplaced": queries.unplaced(run).count()}
    if found is not None:
        context["figures"] = queries.supplement_figures(found)
    return render(request, "matching/supplement.html", context, status=status_of(form))


@for_object(Application, "matching.view_result")
def own(request: SignedRequest, application: Application) -> HttpResponse:
    """Her part: labs to which she would come, and the places that are offered to her."""
    part = queries.part_of(application)
    if part is None:
        raise Http404
    found, result = part
    if request.method == "POST":
        labs = {int(key) for key in request.POST.getlist("lab") if key.isdecimal()}
        actions.name_labs(found, result, labs, by=request.user)
        messages.success(request, _("Kept. You may change it until the deadline."))
        return redirect("matching:own_supplement", key=application.key)
    free = queries.free_now(found)
    context = {
        "application": application,
        "found": found,
        "result": result,
        "is_open": found.wishes_due_at > timezone.now() and result.call_lab_id is None and result.vacated_at is None,
        "labs": CallLab.objects.filter(pk__in=free).select_related("lab__institute").order_by("lab__code"),
        "wished": queries.wishes_of(result),
        "offers": queries.offers_of(result),
    }
    return render(request, "matching/own_supplement.html", context)


@require_POST
@for_object(WaveOffer, "matching.answer_wave_offer")
def answer(request: SignedRequest, offer: WaveOffer, verb: str) -> HttpResponse:
    """Take a place that is offered, or decline it."""
    actions.answer_wave_offer(offer, accepts=verb == "accept", by=request.user)
    messages.success(request, _("The place is yours.") if verb == "accept" else _("Declined."))
    return redirect("matching:own_supplement", key=offer.result.application.key)


@for_object(Opening, "matching.rank")
def of_lab(request: SignedRequest, opening: Opening) -> HttpResponse:
    """Those who would come to the lab, to be put in order; who is left out is offered nothing."""
    run = queries.published_run(opening.call_lab.call)
    found = queries.supplement_of(run) if run else None
    if found is None:
        raise Http404
    if request.method == "POST":
        actions.rank_wishing(found, opening, order_of(request), by=request.user)
        messages.success(request, _("Your list is saved."))
        return redirect("matching:lab_supplement", key=opening.key)
    return render(request, "matching/lab_supplement.html", _desk(request, found, opening))


def _desk(request: HttpRequest, found: Supplement, opening: Opening) -> dict[str, object]:
    people = {row.pk: row for row in queries.wishing(found, opening)}
    kept = getattr(opening, "supplement_list", None)
    ranked = [people[pk] for pk in (kept.ranked if kept else []) if pk in people]
    rest = [row for row in people.values() if row not in ranked]
    items = [
        {"id": r.pk, "label": f"{r.application.number} · {r.application.name}", "words": r.application.title}
        for r in ranked
    ]
    return {"opening": opening, "found": found, "items": items, "rest": rest}
