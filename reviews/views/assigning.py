"""Officers' pages: a call's reviewing, the proposal, one application's reviews, criteria, conflicts."""

from hashlib import sha256
from typing import Any

from django.contrib import messages
from django.db.models import F, Q, QuerySet
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from applications.models import Application, Call
from applications.queries import found, seen_by
from common.access import for_object, requires, visible_to
from common.asking import attempt, status_of
from common.csv import csv_response
from common.paging import key_page_for, order_from
from common.settled import settled, unchanged
from reviews import actions, queries
from reviews.forms import ApplicationFilter, AssignForm, CriterionFormSet, ProposalForm, TakeBackForm
from reviews.models import Conflict, Review
from reviews.views import SignedIn

ORDERS = {"number": ("number", "pk"), "reviews": ("live", "pk"), "submitted": ("submitted", "pk")}
CONFLICT_ORDERS = {"declared": ("declared_at", "pk")}


@requires("reviews.view_progress")
@require_GET
def calls(request: SignedIn) -> HttpResponse:
    """The calls, each leading to its reviewing."""
    rows = visible_to(request.user, Call).order_by("-opens_at")
    return render(request, "reviews/calls.html", {"calls": rows})


def _filtered(request: SignedIn, call: Call, form: ApplicationFilter, sort: str = "") -> QuerySet[Application]:
    """The call's applications as asked for, each with the counts that `sort` and the filters go by."""
    data = form.cleaned_data if form.is_valid() else {}
    narrowed: dict[str, tuple[Q, tuple[str, ...]]] = {
        "short": (Q(live__lt=call.reviews_needed), ("live",)),
        "waiting": (Q(submitted__lt=F("live")), ("live", "submitted")),
        "conflict": (Q(conflicted__gt=0), ("conflicted",)),
    }
    which, needed = narrowed.get(data.get("show", ""), (Q(), ()))
    sorted_by = [field for field in ORDERS.get(sort.removeprefix("-"), ()) if field in queries.COUNTED]
    rows = queries.applications_of(call, *needed, *sorted_by).filter(seen_by(request.user))
    return found(rows, {"q": data.get("q", "")}).filter(which)


@for_object(Call, "reviews.view_progress")
@require_GET
def assignment(request: SignedIn, call: Call) -> HttpResponseBase:
    """How far the call's reviewing is, and every application with its reviews."""
    form = ApplicationFilter(request.GET)
    sort, order = order_from(request, ORDERS, default="number")
    if request.GET.get("export") == "csv":
        return _exported(call, _filtered(request, call, form, sort))
    asked = sha256(request.GET.urlencode().encode()).hexdigest()
    name = f"reviews:{call.pk}:{request.user.pk}:{asked}"
    context = {
        "call": call,
        **unchanged(name, lambda: _listed(request, call, _filtered(request, call, form, sort), order)),
        "sort": sort,
        "filter_form": form,
        "is_filtered": bool(request.GET.get("q") or request.GET.get("show")),
        "export_url": "?export=csv",
    }
    return render(request, "reviews/assignment.html", context)


def _listed(request: SignedIn, call: Call, rows: QuerySet[Application], order: tuple[str, ...]) -> dict[str, Any]:
    """A page of the applications, how many are found, and how far the reviewing is; kept while nothing is written."""
    page = key_page_for(request, rows, order=order)
    queries.count_reviews(page.rows)
    narrowed = f"{request.GET.get('q', '')}|{request.GET.get('show', '')}"
    found = f"reviews:{call.pk}:{request.user.pk}:{sha256(narrowed.encode()).hexdigest()}"
    return {"page": page, "tiles": _tiles(call), "count": settled(found, rows.count)}


def _tiles(call: Call) -> SafeString:
    progress = settled(f"reviews:{call.pk}", lambda: queries.progress_of(call))
    return render_to_string("reviews/_tiles.html", {"progress": progress, "criteria": queries.criteria_of(call)})


@for_object(Call, "reviews.view_progress")
@require_GET
def reviewers(request: SignedIn, call: Call) -> HttpResponse:
    """Who reviews for the call, and how far each is."""
    return render(request, "reviews/reviewers.html", {"call": call, "reviewers": queries.load_of(call)})


def _exported(call: Call, rows: QuerySet[Application]) -> HttpResponseBase:
    heads = [_("Number"), _("Name"), _("Asked"), _("Submitted"), _("Conflicts"), _("Score")]
    listed: list[Any] = list(rows.order_by("number", "pk"))
    queries.count_reviews(listed)
    means = queries.scores_of(listed)
    lines = (
        [row.number, row.name, row.live, row.submitted, row.conflicted, means[row.pk].mean if row.pk in means else ""]
        for row in listed
    )
    return csv_response(f"reviews-{call.code}.csv", heads, lines)


@for_object(Call, "reviews.assign")
@require_http_methods(["GET", "POST"])
def proposal(request: SignedIn, call: Call) -> HttpResponse:
    """Who would review what; one click assigns exactly what is shown."""
    form = ProposalForm(call, request.POST or None)
    if request.method == "POST" and form.is_valid():
        made = attempt(form, lambda: actions.assign_reviewers(call, form.cleaned_data["seen"], by=request.user))
        if made is not None:
            words = ngettext("%(n)s review was asked for.", "%(n)s reviews were asked for.", len(made))
            messages.success(request, words % {"n": len(made)})
            return redirect("reviews:assignment", key=call.key)
    proposed = queries.proposal_for(call)
    fresh = ProposalForm.showing(call, proposed)
    context = {"call": call, "proposal": proposed, "form": form, "fresh": fresh, "needed": call.reviews_needed}
    return render(request, "reviews/proposal.html", context, status=status_of(form))


@for_object(Application, "reviews.assign", looks_at="applicant")
@require_GET
def application(request: SignedIn, row: Application) -> HttpResponse:
    """One application's reviews with names, its conflicts, and a reviewer more."""
    return _application(request, row, AssignForm(row))


def _application(request: SignedIn, row: Application, form: AssignForm) -> HttpResponse:
    context = {
        "application": row,
        "reviews": queries.reviews_of(row),
        "conflicts": Conflict.objects.filter(application=row).select_related("person"),
        "summary": queries.scores_of([row]).get(row.pk),
        "form": form,
    }
    return render(request, "reviews/application.html", context, status=status_of(form))


@for_object(Application, "reviews.assign")
@require_POST
def assign(request: SignedIn, row: Application) -> HttpResponse:
    """Ask one more reviewer."""
    form = AssignForm(row, request.POST)
    if not form.is_valid():
        return _application(request, row, form)
    done = attempt(form, lambda: actions.assign_reviewer(row, form.cleaned_data["reviewer"], by=request.user))
    if done is None:
        return _application(request, row, form)
    messages.success(request, _("The reviewer was asked."))
    return redirect("reviews:application", key=row.key)


@for_object(Review, "reviews.take_back")
@require_POST
def take_back(request: SignedIn, row: Review) -> HttpResponse:
    """Take one request back."""
    form = TakeBackForm(request.POST)
    actions.take_back(row, by=request.user, reason=form.cleaned_data["reason"] if form.is_valid() else "")
    messages.success(request, _("The request was taken back."))
    return redirect("reviews:application", key=row.application.key)


@for_object(Call, "reviews.edit_criteria")
@require_http_methods(["GET", "POST"])
def criteria(request: SignedIn, call: Call) -> HttpResponse:
    """What the call's reviewers score."""
    if request.method == "POST" and "defaults" in request.POST:
        actions.set_default_criteria(call, by=request.user)
        return redirect("reviews:criteria", key=call.key)
    formset = CriterionFormSet(request.POST or None, queryset=call.criteria.all())
    if request.method == "POST" and formset.is_valid():
        rows = formset.save(commit=False)
        kept = [form.instance for form in formset.forms if form.instance.pk and form not in formset.deleted_forms]
        new = [row for row in rows if row.pk is None]
        actions.save_criteria(call, [*kept, *new], formset.deleted_objects, by=request.user)
        messages.success(request, _("The criteria are saved."))
        return redirect("reviews:criteria", key=call.key)
    status = 422 if formset.is_bound else 200
    return render(request, "reviews/criteria.html", {"call": call, "formset": formset}, status=status)


@requires("reviews.view_conflicts")
@require_GET
def conflicts(request: SignedIn) -> HttpResponse:
    """Every declared conflict, newest first."""
    sort, order = order_from(request, CONFLICT_ORDERS, default="-declared")
    rows = queries.conflicts_visible_to(request.user)
    context = {"page": key_page_for(request, rows, order=order), "sort": sort, "count": rows.count()}
    return render(request, "reviews/conflicts.html", context)
