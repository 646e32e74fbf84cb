"""What came out, for each person: published files, her result with its reasons, her lab's people."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language

from applications.models import Application
from common.access import for_object, public
from common.pdf import render_pdf
from common.settled import unchanged
from matching import queries
from matching.models import MatchRun, Opening
from matching.views.files import as_file
from matching.views.watching import watched
from people.requests import SignedRequest


@watched(MatchRun, "view_files")
@for_object(MatchRun, "matching.view_files")
def file(request: SignedRequest, run: MatchRun, name: str) -> HttpResponse:
    """What is published, for anybody's own check: instance, outcome, verifier, and the files of each later filling."""
    texts = {"instance.json": run.instance, "outcome.json": run.outcome, "verifier.py": queries.verifier_source()}
    text = texts[name] if name in texts else queries.filling_file(run, name)
    if not text:
        raise Http404
    kind = "text/x-python" if name.endswith(".py") else "application/json"
    return as_file(text, name, kind)


@watched(MatchRun, "view_report")
@for_object(MatchRun, "matching.view_report")
def report(request: SignedRequest, run: MatchRun) -> HttpResponse:
    """The match report as a PDF: figures, labs, hashes, seed and versions."""
    content = render_pdf("report", queries.report_of(run, get_language() or "en"))
    response = HttpResponse(content, content_type="application/pdf")
    response["Content-Disposition"] = f'attachment; filename="match-{run.call.code}.pdf"'
    return response


@public("published matches are there for anybody's own check; they hold pseudonyms only")
def published(request: HttpRequest) -> HttpResponse:
    """The published matches with their figures."""
    return render(request, "matching/published.html", {"matches": unchanged("matches", queries.summaries_of_matches)})


@for_object(Application, "matching.view_result")
def result(request: SignedRequest, application: Application) -> HttpResponse:
    """Her own result in plain words, with a reason for each lab that she preferred to her place."""
    found = queries.result_of(application)
    reasons = queries.reasons_of(found) if found else []
    context: dict[str, Any] = {"application": application, "result": found, "reasons": reasons}
    context["couple"] = queries.partner_in(found) if found else None
    context["changes"] = list(queries.changes_of_result(application)) if found else []
    context["legend"] = queries.legend_of(found.run, application) if found else []
    context["reserves"] = queries.reserves_of(queries.labs_in_order(application))
    return render(request, "matching/result.html", context)


@for_object(Opening, "matching.view_lab_result")
def lab_result(request: SignedRequest, opening: Opening) -> HttpResponse:
    """Who comes to a lab, and how many seats stay empty."""
    found = queries.published_run(opening.call_lab.call)
    context: dict[str, Any] = {"opening": opening, "run": found}
    if found:
        context["now"] = queries.lab_result_of(found, opening)
        context["insight"] = next((row for row in queries.insights_of(found) if row.opening.pk == opening.pk), None)
    return render(request, "matching/lab_result.html", context)
