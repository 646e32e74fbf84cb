"""After the match: what is free, what each way of filling it would do, and the officer's decision."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from common.access import for_object
from common.refusals import Refusal
from matching import actions, queries
from matching.models import MatchRun
from matching.states import RefillKind, RunState
from matching.views.watching import watched
from people.requests import SignedRequest


@watched(MatchRun, "decide_run")
@for_object(MatchRun, "matching.decide_run")
def after(request: SignedRequest, run: MatchRun) -> HttpResponse:
    """Free places and each way of filling them with who would move; one is decided on, others stay as they were."""
    if run.state != RunState.PUBLISHED:
        raise Refusal(_("The match is not published yet."))
    if request.method == "POST":
        _gesture(request, run)
        return redirect("matching:after", key=run.key)
    context = {
        "run": run,
        "free": queries.free_places(run),
        "withdrawn": list(queries.withdrawn_holders(run)),
        "given_up": list(queries.given_up_places(run)[:50]),
        "previews": queries.previews_of(run),
        "refills": list(queries.refills_of(run)),
    }
    return render(request, "matching/after.html", context)


def _gesture(request: SignedRequest, run: MatchRun) -> None:
    if "vacate" in request.POST:
        result = get_object_or_404(queries.withdrawn_holders(run), pk=request.POST["vacate"])
        actions.vacate(result, by=request.user, reason="withdrawn")
        messages.success(request, _("The place is free."))
    elif request.POST.get("kind") in RefillKind.values:
        sha256 = request.POST.get("outcome", "")
        actions.decide_refill(run, request.POST["kind"], sha256, by=request.user)
        messages.success(request, _("Decided. Everybody who moves is told."))
