"""A reviewer's pages: her queue, one review, what belongs to it."""

from collections.abc import Iterable
from typing import Any

from django.contrib import messages
from django.http import FileResponse, Http404, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from applications.queries import answers_for
from applications.states import Audience
from common.access import for_object, requires
from common.asking import attempt, status_of
from common.paging import key_page_for, order_from
from common.refusals import OutOfDate, Refusal
from reviews import actions, queries
from reviews.forms import DeclarationForm, InterestForm, ReopenForm, ScoreForm
from reviews.models import Review
from reviews.states import ReviewState
from reviews.views import SignedIn

ORDERS = {"due": ("due_at", "pk"), "number": ("application__number", "pk")}


@requires("reviews.view_queue")
@require_GET
def queue(request: SignedIn) -> HttpResponse:
    """Her reviews by due date."""
    sort, order = order_from(request, ORDERS, default="due")
    rows = queries.queue_of(request.user)
    shown = rows.exclude(state=ReviewState.SUBMITTED) if request.GET.get("show") != "all" else rows
    context = {
        "page": key_page_for(request, shown, order=order),
        "sort": sort,
        "count": shown.count(),
        "shows_all": request.GET.get("show") == "all",
    }
    return render(request, "reviews/queue.html", context)


@for_object(Review, "reviews.view_review", looks_at="application.applicant")
@require_GET
def review(request: SignedIn, row: Review) -> HttpResponse:
    """First the declaration; then the application beside the form; once submitted, what was said."""
    if row.state == ReviewState.ASSIGNED:
        return _declaration(request, row, DeclarationForm(action=_declares(row)))
    return _page(request, row)


def _declares(row: Review) -> str:
    """Where she says whether she has an interest."""
    return reverse("reviews:declare", args=[row.key])


def _declaration(request: SignedIn, row: Review, form: DeclarationForm) -> HttpResponse:
    labs = row.application.call.call_labs.filter(pk__in=row.application.ranked_labs).select_related("lab__institute")
    context = {"review": row, "application": row.application, "form": form, "call_labs": labs}
    return render(request, "reviews/declare.html", context, status=status_of(form))


def _page(
    request: SignedIn, row: Review, form: ScoreForm | None = None, reopening: ReopenForm | None = None
) -> HttpResponse:
    criteria = queries.criteria_of(row.application.call)
    is_submitted = row.state == ReviewState.SUBMITTED
    form = form or ScoreForm(row, criteria)
    reopening = reopening or ReopenForm()
    context = {
        "review": row,
        "application": row.application,
        "blind": queries.blind_copy(row.application),
        "answered": answers_for(row.application, Audience.REVIEWER),
        "papers": _with_urls(queries.blind_papers_of(row.application), "reviews:paper", row),
        "letters": _with_urls(queries.blind_letters_of(row.application), "reviews:letter", row),
        "interest": InterestForm(),
        "form": form,
        "reopening": reopening,
        "scores": row.scores.select_related("criterion").order_by("criterion__position") if is_submitted else (),
        "others": queries.nameless_reviews_of(row.application, without=row) if is_submitted else (),
    }
    return render(request, "reviews/review.html", context, status=max(status_of(form), status_of(reopening)))


def _with_urls(files: Iterable[Any], route: str, row: Review) -> list[Any]:
    """Each file with the address at which this reader gets it."""
    found = list(files)
    for file in found:
        file.url = reverse(route, args=[row.key, file.key])
    return found


@for_object(Review, "reviews.declare")
@require_POST
def declare(request: SignedIn, row: Review) -> HttpResponse:
    """No conflict: the review opens. A conflict: the application is gone for her."""
    form = DeclarationForm(request.POST, action=_declares(row))
    if not form.is_valid():
        return _declaration(request, row, form)
    if form.cleaned_data["has_conflict"]:
        kind, note = form.cleaned_data["kind"], form.cleaned_data["note"]
        done = attempt(form, lambda: actions.declare_conflict(row, kind, note, by=request.user))
        where = redirect("reviews:queue")
        messages.success(request, _("Thank you. The officer asks somebody else; you no longer see this application."))
    else:
        done = attempt(form, lambda: actions.declare_no_conflict(row, by=request.user))
        where = redirect("reviews:review", key=row.key)
    return _declaration(request, row, form) if done is None else where


@for_object(Review, "reviews.write_review")
@require_POST
def write(request: SignedIn, row: Review) -> HttpResponse:
    """Save the draft, or submit."""
    form = ScoreForm(row, queries.criteria_of(row.application.call), request.POST)
    if not form.is_valid():
        return _page(request, row, form)
    data, verb = form.cleaned_data, actions.submit_review if "submit" in request.POST else actions.save_review
    done = attempt(form, lambda: verb(row, form.points, data["comment"], version=data["version"], by=request.user))
    if done is None:
        row.refresh_from_db()
        return _page(request, row, form)
    messages.success(request, _("Your review is submitted.") if "submit" in request.POST else _("Your draft is saved."))
    return redirect("reviews:review", key=row.key)


@for_object(Review, "reviews.write_review")
@require_POST
def autosave(request: SignedIn, row: Review) -> HttpResponse:
    """Keep what is typed; says aloud when it was saved or why not."""
    form = ScoreForm(row, queries.criteria_of(row.application.call), request.POST)
    if not form.is_valid():
        words = " ".join(str(line) for lines in form.errors.values() for line in lines)
        return JsonResponse({"words": words}, status=422)
    data = form.cleaned_data
    try:
        actions.save_review(row, form.points, data["comment"], version=data["version"], by=request.user)
    except Refusal as refusal:
        return JsonResponse({"words": str(refusal)}, status=409 if isinstance(refusal, OutOfDate) else 422)
    return JsonResponse({"version": actions.version_of(row), "words": _("Saved")})


@for_object(Review, "reviews.write_review")
@require_POST
def reopen(request: SignedIn, row: Review) -> HttpResponse:
    """Take a submitted review up again, with a reason."""
    form = ReopenForm(request.POST)
    if not form.is_valid():
        return _page(request, row, reopening=form)
    done = attempt(form, lambda: actions.reopen_review(row, by=request.user, reason=form.cleaned_data["reason"]))
    return redirect("reviews:review", key=row.key) if done else _page(request, row, reopening=form)


@for_object(Review, "reviews.read_application", looks_at="application.applicant")
@require_GET
def paper(request: SignedIn, row: Review, document: str) -> HttpResponse:
    """A document of the application, after the declaration."""
    papers = {each.key: each for each in queries.blind_papers_of(row.application) if not each.is_text}
    if document not in papers:
        raise Http404
    found = papers[document].document
    return private_pdf(found.file.open("rb"), found.name)


@for_object(Review, "reviews.read_application", looks_at="application.applicant")
@require_GET
def letter(request: SignedIn, row: Review, letter: str) -> HttpResponse:
    """A reference letter that came as a file."""
    found = get_object_or_404(queries.letters_of(row.application).exclude(file=""), key=letter)
    return private_pdf(found.file.open("rb"), found.file_name or "letter.pdf")


def private_pdf(content: Any, name: str) -> HttpResponse:
    """A PDF for one reader: shown in the browser, kept by no cache, taken for nothing else."""
    response: Any = FileResponse(content, filename=name, content_type="application/pdf")
    response["Cache-Control"] = "private, no-store"
    response["X-Content-Type-Options"] = "nosniff"
    answer: HttpResponse = response
    return answer
