"""Pages of calls: public to read; officers compose, publish, close and finish them."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.timezone import get_current_timezone_name
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from applications import actions, queries
from applications.forms import CallForm, LateAccessForm, LateCodeForm
from applications.models import Application, Call
from applications.states import ApplicationState, CallState
from common.access import for_object, public, requires, signed_in
from common.asking import attempt, status_of
from common.refusals import Refusal
from labs.queries import programme
from people.requests import SignedRequest

VERBS: dict[str, Callable[..., Call]] = {
    "publish": actions.publish_call,
    "close": actions.close_for_review,
    "finish": actions.finish_call,
    "extend": actions.extend_fairly,
}


@public("calls are announced to everybody")
def calls(request: HttpRequest) -> HttpResponse:
    """Calls that are open, to come, and past."""
    rows = list(queries.calls_visible_to(request.user).order_by("-closes_at")[:100])
    now_open = [row for row in rows if row.is_open]
    others = [row for row in rows if not row.is_open]
    return render(request, "applications/calls.html", {"now_open": now_open, "others": others})


@public("a call is announced to everybody")
def call(request: HttpRequest, key: str) -> HttpResponse:
    """One call: what it offers, what it asks, its labs and seats; the way to one's own application."""
    row = get_object_or_404(queries.calls_visible_to(request.user), key=key)
    own = None
    if request.user.is_authenticated:
        standing = Application.objects.filter(call=row, applicant=request.user.pk)
        own = standing.exclude(state=ApplicationState.WITHDRAWN).first()
    labs = queries.call_labs_of(row)
    context: dict[str, Any] = {"call": row, "own": own, "labs": labs, "seats": sum(lab.seats_announced for lab in labs)}
    context["demands"] = queries.demands_in_words(row)
    if request.user.has_perm("applications.manage_calls"):
        context["fair_deadline"] = actions.fair_deadline(row, timezone.now())
        context["unscreened"] = row.applications.filter(state=ApplicationState.SUBMITTED).count()
    return render(request, "applications/call.html", context)


@requires("applications.manage_calls")
def new(request: SignedRequest) -> HttpResponse:
    """Compose a call."""
    planned = programme()
    amounts = {
        name: getattr(planned, name)
        for name in ("salary_krw_a_year", "research_fund_krw_a_year")
        if planned is not None
    }
    initial = {"programme": planned, "timezone": get_current_timezone_name(), **amounts}
    return _compose(request, CallForm(request.POST or None, initial=initial))


@for_object(Call, "applications.manage_calls")
def edit(request: SignedRequest, call: Call) -> HttpResponse:
    """Change a call that is being prepared or open."""
    form = CallForm(request.POST or None, instance=call, initial={"seen": actions.stamp_of(call)})
    return _compose(request, form)


def _compose(request: SignedRequest, form: CallForm) -> HttpResponse:
    if request.method == "POST" and form.is_valid():
        kept = attempt(form, lambda: _keep(request, form))
        if kept is None and form.instance.pk:
            form.look_again(actions.stamp_of(form.instance))
        if kept:
            messages.success(request, _("The call is saved."))
            return redirect("applications:call", key=kept.key)
    return render(request, "applications/call_form.html", {"form": form}, status=status_of(form))


@transaction.atomic
def _keep(request: SignedRequest, form: CallForm) -> Call:
    call = actions.save_call(form.instance, form.values(), by=request.user, seen=form.seen())
    return actions.offer_labs(call, form.seats(), by=request.user)


@require_POST
@for_object(Call, "applications.manage_calls")
def gesture(request: SignedRequest, call: Call, verb: str) -> HttpResponse:
    """Publish, close for review, finish; what stands in the way is said on the call's own page."""
    if verb in VERBS:
        try:
            VERBS[verb](call, by=request.user)
        except Refusal as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(request, _("The call is now: %(state)s.") % {"state": CallState(call.state).label})
    return redirect("applications:call", key=call.key)


@for_object(Call, "applications.manage_calls")
def late_accesses(request: SignedRequest, call: Call) -> HttpResponse:
    """Who may write late, and letting in one more."""
    if "end" in request.POST:
        actions.end_late_access(get_object_or_404(call.late_accesses, key=request.POST["end"][:12]), by=request.user)
        messages.success(request, _("Taken back: the code opens nothing any more."))
        return redirect("applications:late_accesses", key=call.key)
    form = LateAccessForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        given = attempt(
            form,
            lambda: actions.give_late_access(
                call, data["email"], by=request.user, until=data["until"], reason=data["reason"]
            ),
        )
        if given:
            messages.success(request, _("The code is on its way to her alone."))
            return redirect("applications:late_accesses", key=call.key)
    rows = call.late_accesses.select_related("made_by")[:200]
    context = {"form": form, "call": call, "rows": rows, "now": timezone.now()}
    return render(request, "applications/late_accesses.html", context, status=status_of(form))


@signed_in("her own late access by a personal code")
def late(request: SignedRequest, key: str) -> HttpResponse:
    """An applicant enters her code."""
    row = get_object_or_404(queries.calls_visible_to(request.user), key=key)
    form = LateCodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        if attempt(form, lambda: actions.use_late_access(row, form.cleaned_data["code"], by=request.user)):
            messages.success(request, _("The call is open for you."))
            return redirect("applications:start", key=row.key)
    return render(request, "applications/late.html", {"form": form, "call": row}, status=status_of(form))
