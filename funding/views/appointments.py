"""Pages where an appointment changes: what is asked, what it would move, and the second person's decision."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from common.access import for_object, requires
from common.asking import attempt, status_of
from common.paging import key_page_for
from fellowships import actions as fellowships
from fellowships.models import Amendment, Appointment
from fellowships.queries.changes import change_asked, change_of, changes_visible_to
from fellowships.states import AmendmentKind, AmendmentState
from funding.actions import appointments as actions
from funding.forms.appointments import ChangeForm, DecideForm
from funding.queries.changes import Preview, money_of, preview_of
from people.requests import SignedRequest


@requires("fellowships.list_changes")
def changes(request: SignedRequest) -> HttpResponse:
    """Changes of appointments at her institutes, by state."""
    rows = changes_visible_to(request.user)
    state = request.GET.get("state", AmendmentState.ASKED)
    shown = rows.filter(state=state) if state in AmendmentState.values else rows
    page = key_page_for(request, shown, order=("-asked_at", "-pk"))
    context = {"page": page, "count": shown.count(), "state": state, "states": AmendmentState.choices}
    return render(request, "funding/appointments/changes.html", {**context, "is_filtered": bool(state)})


@for_object(Appointment, "fellowships.ask_change", looks_at="fellow")
def change(request: SignedRequest, appointment: Appointment) -> HttpResponse:
    """Choose what changes, see everything that it would move, and ask for it."""
    waiting = change_asked(appointment)
    kind = request.GET.get("kind", "")
    context: dict[str, Any] = {
        "appointment": appointment,
        "waiting": waiting,
        "kinds": AmendmentKind.choices,
        "kind": kind,
    }
    if kind not in AmendmentKind.values or waiting:
        return render(request, "funding/appointments/change.html", context)
    given = {name: request.GET.get(name) for name in ("from_on", "until_on") if request.GET.get(name)}
    form = ChangeForm(request.POST or None, appointment=appointment, kind=kind, initial=given)
    preview = None
    if request.method == "POST" and form.is_valid():
        preview = attempt(form, lambda: _previewed(appointment, form))
        if (
            preview
            and request.POST.get("verb") == "ask"
            and (asked := attempt(form, lambda: _ask(request, appointment, form)))
        ):
            messages.success(request, _("Asked. Another officer of the institute decides."))
            return redirect("funding:decide_change", key=asked.key)
    context |= {"form": form, "preview": preview, "label": AmendmentKind(kind).label}
    return render(request, "funding/appointments/change.html", context, status=status_of(form))


def _previewed(appointment: Appointment, form: ChangeForm) -> Preview:
    fellowships.refuse_change(appointment, form.change(), timezone.localdate())
    return preview_of(appointment, form.change(), needs_notice=fellowships.needs_visa_notice(appointment))


def _ask(request: SignedRequest, appointment: Appointment, form: ChangeForm) -> Amendment:
    data = form.cleaned_data
    return fellowships.ask_change(
        appointment,
        form.change(),
        data["reason"],
        by=request.user,
        lab=data.get("lab"),
        partner=data.get("partner"),
    )


@for_object(Amendment, "fellowships.view_change", looks_at="appointment.fellow")
def decide_change(request: SignedRequest, amendment: Amendment) -> HttpResponse:
    """One change: what it moves (or moved), and for a second person the decision."""
    form = DecideForm(request.POST or None)
    may_decide = request.user.has_perm("fellowships.decide_change", amendment)
    verb = request.POST.get("verb", "")
    if request.method == "POST" and form.is_valid() and (may_decide or verb not in {"approve", "refuse"}):
        note = form.cleaned_data["note"]
        acts: dict[str, Callable[[], Amendment]] = {
            "approve": lambda: actions.approve_change(amendment, by=request.user, note=note),
            "refuse": lambda: fellowships.refuse_asked(amendment, by=request.user, note=note),
            "take_back": lambda: fellowships.take_back(amendment, by=request.user),
        }
        act = acts.get(verb, acts["take_back"])
        if attempt(form, act):
            messages.success(request, _("Done."))
            return redirect("funding:decide_change", key=amendment.key)
    context = {
        "amendment": amendment,
        "appointment": amendment.appointment,
        "form": form,
        "may_decide": may_decide and request.user.pk != amendment.asked_by_id,
        "is_asker": request.user.pk == amendment.asked_by_id,
        "preview": _preview_asked(amendment),
    }
    return render(request, "funding/appointments/decide.html", context, status=status_of(form))


def _preview_asked(amendment: Amendment) -> Preview | None:
    """What a change that waits would move; None once it is decided."""
    if amendment.state != AmendmentState.ASKED:
        return None
    appointment = amendment.appointment
    return preview_of(appointment, change_of(amendment), needs_notice=fellowships.needs_visa_notice(appointment))


@for_object(Appointment, "fellowships.view_terms", looks_at="fellow")
def money(request: SignedRequest, appointment: Appointment) -> HttpResponse:
    """Salary and research funds of an appointment, by fiscal year: held, spent."""
    context = {"appointment": appointment, "years": money_of(appointment)}
    return render(
        request, "funding/appointments/money.html", {**context, "is_own": appointment.fellow_id == request.user.pk}
    )
