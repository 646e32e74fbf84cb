"""The what-if desk: nothing leaves it, and nothing of it is kept but how many lotteries were tried."""

from collections.abc import Callable
from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from common.access import for_object
from common.asking import status_of
from common.refusals import Refusal
from matching import actions, queries
from matching.forms import SandboxForm
from matching.models import MatchRun
from matching.views.watching import watched
from people.requests import SignedRequest


@watched(MatchRun, "try_out")
@for_object(MatchRun, "matching.decide_run")
def what_if(request: SignedRequest, run: MatchRun) -> HttpResponse:
    """Change seats, reserves, caps or a list of a solved run, and see who would move.

    It is posted although it writes nothing: a pasted list of names belongs in no address, history or log.
    """
    if not run.outcome_sha256:
        raise Refusal(_("This run is not solved yet."))
    if "study" in request.POST:
        actions.ask_study(run, by=request.user)
        return redirect("matching:what_if", key=run.key)
    sandbox = queries.sandbox_of(run)
    form = SandboxForm(request.POST or None, sandbox=sandbox)
    if request.method == "POST" and form.is_valid():
        sandbox = queries.tried_out(run, sandbox, form.asked(_reader(run)))
        form.sandbox = sandbox
    study = queries.latest_study(run)
    context: dict[str, Any] = {"run": run, "sandbox": sandbox, "form": form, "study": study}
    if study is not None and study.found:
        context["study_rows"] = queries.study_rows(study)
    return render(request, "matching/what_if.html", context, status=status_of(form))


def _reader(run: MatchRun) -> Callable[[str, str], list[list[str]]]:
    """Pasted lines as tie classes of pseudonyms; lines that name nobody are left out."""

    def read(lab: str, lines: str) -> list[list[str]]:
        openings = {f"l{number}": row for number, row in enumerate(queries.openings_of(run.call), start=1)}
        pasted = queries.read_pasted(openings[lab], lines)
        return queries.names_of(run, [line.keys for line in pasted.lines])

    return read


@for_object(MatchRun, "matching.decide_run")
def study(request: SignedRequest, run: MatchRun) -> HttpResponse:
    """How far the lotteries are, as the part of the page that is asked for again and again."""
    return render(request, "matching/study.html", {"run": run, "study": queries.latest_study(run)})
