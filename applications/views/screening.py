"""The officer's desk: find applications, read one, decide on eligibility; verify a receipt."""

from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from applications import actions, queries
from applications.forms import DecisionForm, ScreeningFilters, VerifyForm
from applications.models import Application, Call
from applications.rules import labs_of_member
from applications.states import Audience, CallState
from common.access import for_object, public, requires
from common.asking import attempt, status_of
from common.csv import csv_response
from common.paging import KeyPage, key_page_for, order_from
from common.settled import settled, unchanged
from people.requests import SignedRequest

ORDERS = {"number": ("number", "pk"), "name": ("family_name", "pk"), "submitted": ("submitted_at", "pk")}


@dataclass(frozen=True)
class Screening:
    """What a page of the desk says of all its applications: the call, what to choose from, how many there are."""

    call: Call | None
    calls: list[tuple[str, str]]
    labs: list[tuple[int, str]]
    counts: dict[str, int]
    number: int

    def filters(self, request: SignedRequest) -> ScreeningFilters:
        return _filters(request, self.call, self.calls, self.labs)


def _screening(request: SignedRequest) -> Screening:
    """As `Screening`, made once as long as nothing is written."""
    asked = "|".join(request.GET.get(name, "") for name in ("call", "state", "lab", "q"))
    name = f"screening:{request.user.pk}:{_hash(asked)}"
    return unchanged(name, lambda: _screening_now(request, name))


def _screening_now(request: SignedRequest, name: str) -> Screening:
    call, calls, labs = _choices(request)
    if call is None:
        return Screening(None, calls, labs, {}, 0)
    filters = _filters(request, call, calls, labs)
    all_rows = queries.to_screen(request.user, call)
    counts = settled(f"screening:{call.pk}:{request.user.pk}", lambda: queries.counts_by_state(all_rows))
    rows = queries.found(all_rows, filters.asked())
    return Screening(call, calls, labs, counts, settled(name, lambda: _count(rows, filters, counts)))


def _choices(request: SignedRequest) -> tuple[Call | None, list[tuple[str, str]], list[tuple[int, str]]]:
    """The call asked for, or the one under review, or the last one; the calls and the call's labs to choose from."""
    rows = queries.calls_visible_to(request.user).select_related(None)
    rows = rows.only("key", "code", "name_en", "name_ko", "state", "closes_at")
    calls = list(rows.order_by("-closes_at")[:30])
    waiting = next((row for row in calls if row.state == CallState.REVIEW), calls[0] if calls else None)
    call = next((row for row in calls if row.key == request.GET.get("call")), waiting)
    labs = call.call_labs.select_related("lab").order_by("lab__code") if call else ()
    return call, [(row.key, row.name) for row in calls], [(row.pk, row.lab.name) for row in labs]


def _filters(
    request: SignedRequest, call: Call | None, calls: list[tuple[str, str]], labs: list[tuple[int, str]]
) -> ScreeningFilters:
    data = request.GET.copy()
    data["call"] = call.key if call else ""
    return ScreeningFilters(data, calls=calls, labs=labs)


@requires("applications.screen_any")
def desk(request: SignedRequest) -> HttpResponse:
    """Applications to one call, by state and lab, found by words."""
    known = _screening(request)
    filters = known.filters(request)
    context: dict[str, Any] = {"filter_form": filters, "call": known.call}
    if known.call is not None:
        sort, order = order_from(request, ORDERS, default="number")
        name = f"page:{request.user.pk}:{_hash(request.GET.urlencode())}"
        page = unchanged(name, partial(_page, request, known, known.call, order))
        context |= {"page": page, "sort": sort, "count": known.number, "counts": known.counts}
        context["is_filtered"] = any(request.GET.get(name) for name in ("state", "lab", "q"))
    return render(request, "applications/screening.html", context)


def _page(request: SignedRequest, known: Screening, call: Call, order: tuple[str, ...]) -> KeyPage[Application]:
    rows = queries.found(queries.to_screen(request.user, call), known.filters(request).asked())
    return key_page_for(request, rows.only(*queries.LISTED), order=order)


def _hash(words: str) -> str:
    return sha256(words.encode()).hexdigest()


def _count(rows: QuerySet[Application], filters: ScreeningFilters, counts: dict[str, int]) -> int:
    """How many are found: known already, unless a lab or words narrow them."""
    asked = filters.asked()
    if asked.get("lab") or asked.get("q"):
        return rows.count()
    return counts[asked["state"]] if asked.get("state") else sum(counts.values())


@requires("applications.screen_any")
def desk_csv(request: SignedRequest) -> HttpResponseBase:
    """The list as a file, filtered as on the page."""
    call, calls, labs = _choices(request)
    filters = _filters(request, call, calls, labs)
    heads = [_("Number"), _("Name"), _("E-mail"), _("Citizenship"), _("Doctorate"), _("Labs, best first"), _("State")]
    heads += [_("Submitted (KST)")]
    found = queries.found(queries.to_screen(request.user, call), filters.asked()).order_by("number") if call else None
    rows = found.select_related("applicant", "call") if found is not None else []
    names = dict(labs)
    lines = (
        [
            str(r),
            r.name,
            r.applicant.email,
            str(r.citizenship),
            r.phd_institution,
            " > ".join(names.get(pk, "–") for pk in r.ranked_labs),
            str(r.get_state_display()),
            f"{localtime(r.submitted_at):%Y-%m-%d %H:%M}" if r.submitted_at else "",
        ]
        for r in rows
    )
    return csv_response(f"applications-{call.code if call else 'none'}.csv", heads, lines)


@for_object(Application, "applications.screen", looks_at="applicant")
def dossier(request: SignedRequest, application: Application) -> HttpResponse:
    """One application whole, what the call demands against it, and the decision."""
    beside = _beside(request, application)
    form = DecisionForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        if attempt(form, lambda: _decide(application, data["decision"], data["reason"], request.user)):
            messages.success(request, _("Decided; the applicant is told."))
            return redirect("applications:dossier", key=application.key)
    context = {"application": application, "form": form, **beside}
    return render(request, "applications/dossier.html", context, status=status_of(form))


@for_object(Application, "applications.judge", looks_at="applicant")
def candidate(request: SignedRequest, application: Application) -> HttpResponse:
    """One candidate whole, for the heads and members of a lab that she ranks."""
    read, own = queries.dossier(application, Audience.LAB), labs_of_member(request.user)
    reasons = [reason for row, reason in read.reasons if row.pk in own and reason]
    return render(
        request, "applications/candidate.html", {"application": application, "dossier": read, "reasons": reasons}
    )


def _beside(request: SignedRequest, application: Application) -> dict[str, Any]:
    """What an officer reads and what she should look at before she decides; kept while nothing is written."""
    call = application.call
    asked = partial(unchanged, f"asked:{call.pk}", lambda: queries.asked_by(call))
    name = f"dossier:{application.pk}:{request.user.pk}"
    kept: dict[str, Any] = unchanged(name, lambda: _read(application, asked(), request.user))
    return kept


def _read(application: Application, asked: queries.Asked, reader: Any) -> dict[str, Any]:
    queries.asks(application.call, asked)
    dossier = queries.dossier(application, Audience.OFFICER)
    context = {
        "dossier": dossier,
        "findings": queries.eligibility_of(dossier),
        "signals": queries.signals_of(application),
        "duplicates": queries.duplicates_of(application, reader),
        "partner": queries.partner_words(application),
    }
    return {
        "content": render_to_string("applications/_screened.html", context),
        "corrections": list(application.corrections.select_related("asked_by")),
        "screened_by": str(application.screened_by or ""),
    }


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
