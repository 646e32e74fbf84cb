"""The officer's desk: find applications, read one, decide on eligibility; verify a receipt."""

from hashlib import sha256
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from applications import actions, queries
from applications.forms import DecisionForm, ScreeningFilters, VerifyForm
from applications.models import Application, Call
from applications.states import Audience
from common.access import for_object, public, requires
from common.asking import attempt, status_of
from common.csv import csv_response
from common.paging import key_page_for, order_from
from common.settled import kept_count, unchanged
from people.requests import SignedRequest

ORDERS = {"number": ("number", "pk"), "name": ("family_name", "pk"), "submitted": ("submitted_at", "pk")}


def _asked(request: SignedRequest) -> tuple[list[Call], Call | None, ScreeningFilters]:
    rows = queries.calls_visible_to(request.user).select_related(None)
    rows = rows.only("key", "code", "name_en", "name_ko", "state", "closes_at")
    calls = list(rows.order_by("-closes_at")[:30])
    call = next((row for row in calls if row.key == request.GET.get("call")), calls[0] if calls else None)
    labs = list(call.call_labs.select_related("lab").order_by("lab__code")) if call else []
    data = request.GET.copy()
    data["call"] = call.key if call else ""
    return calls, call, ScreeningFilters(data, calls=calls, labs=labs)


@requires("applications.screen_any")
def desk(request: SignedRequest) -> HttpResponse:
    """Applications to one call, by state and lab, found by words."""
    _calls, call, filters = _asked(request)
    context: dict[str, Any] = {"filter_form": filters, "call": call}
    if call is not None:
        all_rows = queries.to_screen(request.user, call)
        rows = queries.found(all_rows, filters.asked())
        sort, order = order_from(request, ORDERS, default="number")
        counts = kept_count(f"screening:{call.pk}:{request.user.pk}", lambda: queries.counts_by_state(all_rows))
        page = key_page_for(request, rows.only(*queries.LISTED), order=order)
        number = kept_count(_named(call, request), lambda: _count(rows, filters, counts))
        context |= {"page": page, "sort": sort, "count": number, "counts": counts}
        context["is_filtered"] = any(request.GET.get(name) for name in ("state", "lab", "q"))
    return render(request, "applications/screening.html", context)


def _named(call: Call, request: SignedRequest) -> str:
    """What the number found depends on."""
    asked = "|".join(request.GET.get(name, "") for name in ("state", "lab", "q"))
    return f"found:{call.pk}:{request.user.pk}:{sha256(asked.encode()).hexdigest()}"


def _count(rows: QuerySet[Application], filters: ScreeningFilters, counts: dict[str, int]) -> int:
    """How many are found: known already, unless a lab or words narrow them."""
    asked = filters.asked()
    if asked.get("lab") or asked.get("q"):
        return rows.count()
    return counts[asked["state"]] if asked.get("state") else sum(counts.values())


@requires("applications.screen_any")
def desk_csv(request: SignedRequest) -> HttpResponseBase:
    """The list as a file, filtered as on the page."""
    _calls, call, filters = _asked(request)
    heads = [_("Number"), _("Name"), _("Citizenship"), _("Doctorate"), _("State"), _("Submitted")]
    rows = queries.found(queries.to_screen(request.user, call), filters.asked()).order_by("number") if call else []
    lines = (
        [str(r), r.name, str(r.citizenship), r.phd_institution, str(r.get_state_display()), r.submitted_at]
        for r in rows
    )
    return csv_response("applications.csv", heads, lines)


@for_object(Application, "applications.screen", looks_at="applicant")
def dossier(request: SignedRequest, application: Application) -> HttpResponse:
    """One application whole, what the call demands against it, and the decision."""
    read = queries.dossier(application, Audience.OFFICER)
    form = DecisionForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        if attempt(form, lambda: _decide(application, data["decision"], data["reason"], request.user)):
            messages.success(request, _("Decided; the applicant is told."))
            return redirect("applications:dossier", key=application.key)
    context = {
        "application": application,
        "dossier": read,
        "findings": queries.eligibility_of(read),
        **_signs(request, application),
        "corrections": application.corrections.select_related("asked_by"),
        "form": form,
    }
    return render(request, "applications/dossier.html", context, status=status_of(form))


def _signs(request: SignedRequest, application: Application) -> dict[str, Any]:
    """What an officer should look at before she decides; kept while nothing is written."""
    return unchanged(
        f"signs:{application.pk}:{request.user.pk}",
        lambda: {
            "signals": queries.signals_of(application),
            "duplicates": queries.duplicates_of(application, request.user),
        },
    )


def _decide(application: Application, decision: str, reason: str, by: Any) -> Application:
    if decision == "in":
        return actions.screen_in(application, by=by, note=reason)
    return actions.screen_out(application, by=by, reason=reason)


@public("anybody who holds a receipt may verify it; it names nobody")
def verify(request: HttpRequest) -> HttpResponse:
    """Whether a receipt's number and check code are genuine."""
    form = VerifyForm(request.POST or None)
    found, is_checked = None, False
    if request.method == "POST" and form.is_valid():
        is_checked = True
        found = queries.receipt_behind(form.cleaned_data["number"], form.cleaned_data["sha256"])
    is_genuine = found is not None and found.sha256 == form.cleaned_data["sha256"]
    context = {
        "form": form,
        "is_checked": is_checked,
        "is_genuine": is_genuine,
        "receipt": found if is_genuine else None,
    }
    return render(request, "applications/verify.html", context, status=status_of(form))
