"""Seats of a call: openings with reserves, institutes' caps, groups, changes that wait, money, seats that go over."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from applications.models import Call
from common.access import for_object
from common.asking import attempt, status_of
from labs.models import Institute
from matching import actions, queries
from matching.forms import CapForm, GiveOverForm, GroupForm, MoneyForm, ReversionForm, SeatsForm
from matching.models import Group, Opening, Reversion, SeatChange
from people.requests import SignedRequest


@for_object(Call, "matching.view_runs")
def openings(request: SignedRequest, call: Call) -> HttpResponse:
    """Every lab's seats with all that belongs to them, and the changes that wait for a second person."""
    rows = list(queries.with_reserves(queries.openings_of(call)))
    caps = queries.caps_of(call)
    institutes = list(dict.fromkeys(row.call_lab.lab.institute for row in rows))
    context = {
        "call": call,
        "openings": rows,
        "institutes": [(institute, caps.get(institute.pk)) for institute in institutes],
        "groups": queries.groups_of(call),
        "changes": queries.changes_of(call),
        "reversions": queries.reversions_in(call),
    }
    return render(request, "matching/openings.html", context)


@for_object(Opening, "matching.set_seats")
def seats(request: SignedRequest, opening: Opening) -> HttpResponse:
    """Ask for other seats, reserves or a minimum of a lab."""
    call = opening.call_lab.call
    values = queries.opening_values(opening)
    initial = {**values, **{f"reserve_{code}": number for code, number in values["reserves"]}}
    form = SeatsForm(request.POST or None, groups=queries.groups_of(call), initial=initial)
    if request.method == "POST" and form.is_valid():
        reason = form.cleaned_data["reason"]
        if attempt(form, lambda: actions.ask_for_seats(opening, form.wanted(), by=request.user, reason=reason)):
            messages.success(request, _("Asked for. It stands once another officer approves."))
            return redirect("matching:openings", key=call.key)
    return render(request, "matching/seats.html", {"form": form, "opening": opening}, status=status_of(form))


@for_object(Call, "matching.run")
def cap(request: SignedRequest, call: Call, code: str) -> HttpResponse:
    """Ask for another cap of an institute."""
    institute = get_object_or_404(Institute, code=code)
    rows = [row for row in queries.openings_of(call) if row.call_lab.lab.institute_id == institute.pk]
    values = queries.cap_values(call, institute)
    initial = {"cap": values["cap"], **{f"target_{code}": number for code, number in values["targets"].items()}}
    initial |= {f"turn_{code}": place for place, code in enumerate(values["order"], start=1)}
    form = CapForm(request.POST or None, openings=rows, initial=initial)
    if request.method == "POST" and form.is_valid():
        reason = form.cleaned_data["reason"]
        if attempt(form, lambda: actions.ask_for_cap(call, institute, form.wanted(), by=request.user, reason=reason)):
            messages.success(request, _("Asked for. It stands once another officer approves."))
            return redirect("matching:openings", key=call.key)
    context = {"form": form, "call": call, "institute": institute}
    return render(request, "matching/cap.html", context, status=status_of(form))


@require_POST
@for_object(SeatChange, "matching.run")
def change(request: SignedRequest, change: SeatChange, verb: str) -> HttpResponse:
    """Approve a change, or leave everything as it is."""
    if verb == "approve":
        actions.approve_change(change, by=request.user)
        messages.success(request, _("Approved. It stands from now on."))
    elif verb == "decline":
        actions.decline_change(change, by=request.user)
        messages.success(request, _("Declined. Everything stays as it is."))
    return redirect("matching:openings", key=change.call.key)


@for_object(Call, "matching.run")
def group(request: SignedRequest, call: Call, code: str = "") -> HttpResponse:
    """Compose a group that seats can be reserved for, ask for a change of one that they are, or remove one."""
    found = get_object_or_404(Group, call=call, code=code) if code else Group(call=call)
    if "remove" in request.POST and found.pk:
        actions.remove_group(found, by=request.user)
        return redirect("matching:openings", key=call.key)
    is_reserved = bool(found.pk) and queries.is_reserved(found)
    form = GroupForm(request.POST or None, instance=found, is_reserved=is_reserved)
    if request.method == "POST" and form.is_valid():
        if attempt(form, lambda: _save(request, found, form)):
            return redirect("matching:openings", key=call.key)
    context = {"form": form, "call": call, "group": found if found.pk else None, "is_reserved": is_reserved}
    return render(request, "matching/group.html", context, status=status_of(form))


def _save(request: SignedRequest, group: Group, form: GroupForm) -> Group | SeatChange:
    if "reason" in form.cleaned_data:
        asked = actions.ask_for_group(group, form.wanted(), by=request.user, reason=form.cleaned_data["reason"])
        messages.success(request, _("Asked for. It stands once another officer approves."))
        return asked
    group.conditions = form.conditions()
    return actions.save_group(group.call, group, by=request.user)


@for_object(Call, "matching.run")
def money(request: SignedRequest, call: Call) -> HttpResponse:
    """State how many seats the money carries: what the books say, or another figure that a second officer approves."""
    rows, books = list(queries.openings_of(call)), queries.carried_by_books(call)
    form = MoneyForm(request.POST or None, openings=rows, books=books)
    if request.method == "POST" and form.is_valid():
        reason = form.cleaned_data["reason"]
        done = attempt(form, lambda: [actions.state_money(call, form.carried(), by=request.user, reason=reason)])
        if done:
            messages.success(request, _("Stated. What is not as the books say waits for another officer."))
            return redirect("matching:openings", key=call.key)
    shown = [(row, books.get(row.call_lab_id)) for row in rows]
    return render(request, "matching/money.html", {"form": form, "call": call, "rows": shown}, status=status_of(form))


@for_object(Opening, "matching.rank")
def own_seats(request: SignedRequest, opening: Opening) -> HttpResponse:
    """A lab's own seats, and seats that go over between it and the other labs of its institute."""
    labs = [(row.key, row.call_lab.lab.name) for row in queries.neighbours_of(opening)]
    form = ReversionForm(request.POST or None, labs=labs)
    if request.method == "POST" and form.is_valid():
        taker = get_object_or_404(Opening, key=form.cleaned_data["taker"])
        wanted = form.cleaned_data["seats"]
        if attempt(form, lambda: actions.offer_reversion(opening, taker, wanted, by=request.user)):
            messages.success(request, _("Offered. It stands once the other lab agrees."))
            return redirect("matching:own_seats", key=opening.key)
    context = {"form": form, "opening": opening, "labs": labs, "reversions": queries.reversions_of(opening)}
    context["reserves"] = list(opening.reserves.select_related("group"))
    return render(request, "matching/own_seats.html", context, status=status_of(form))


@require_POST
@for_object(Reversion, "matching.settle_reversion")
def reversion(request: SignedRequest, reversion: Reversion, verb: str) -> HttpResponse:
    """Agree to what another lab or institute offers, or end it."""
    own = reversion.taker if request.user.has_perm("matching.rank", reversion.taker) else reversion.giver
    if verb == "agree" and (own == reversion.taker or reversion.is_between_institutes):
        actions.agree_to_reversion(reversion, by=request.user)
        messages.success(request, _("Agreed. The match uses it."))
    elif verb == "end":
        actions.end_reversion(reversion, by=request.user)
        messages.success(request, _("Ended. Each lab keeps its own seats."))
    if reversion.is_between_institutes:
        return redirect("matching:openings", key=reversion.giver.call_lab.call.key)
    return redirect("matching:own_seats", key=own.key)


@for_object(Call, "matching.run")
def give_over(request: SignedRequest, call: Call) -> HttpResponse:
    """An officer offers seats of her institute that stay empty to a lab of another one."""
    own, others = queries.between_institutes(call, request.user)
    form = GiveOverForm(request.POST or None, own=own, others=others)
    if request.method == "POST" and form.is_valid():
        giver, taker, wanted = form.offered()
        if attempt(form, lambda: actions.offer_reversion(giver, taker, wanted, by=request.user)):
            messages.success(request, _("Offered. It stands once an officer of the other institute agrees."))
            return redirect("matching:openings", key=call.key)
    return render(request, "matching/give_over.html", {"form": form, "call": call}, status=status_of(form))
