"""Pages of appointments: one's own, one of them, and the list of an institute or a lab."""

from typing import Any

from django.db.models import Q
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from common.access import for_object, requires, signed_in
from common.csv import csv_response
from common.paging import key_page_for, order_from
from common.settled import unchanged
from fellowships import queries
from fellowships.forms import AppointmentSearch
from fellowships.models import Appointment
from fellowships.queries.changes import change_asked, history_by_version
from fellowships.queries.onboarding import late_visa_of, to_do_of
from fellowships.queries.reviews import reviews_of
from fellowships.states import AppointmentState
from people.requests import SignedRequest

ORDERS = {"name": ("fellow__family_name", "pk"), "start": ("starts_on", "pk")}


@signed_in("her own appointments and offers")
def mine(request: SignedRequest) -> HttpResponse:
    """Her appointments, and offers that wait for her answer."""
    context = {"appointments": queries.own_appointments(request.user), "offers": queries.offers_of(request.user)}
    return render(request, "fellowships/mine.html", context)


@for_object(Appointment, "fellowships.view_appointment", looks_at="fellow")
def appointment(request: SignedRequest, appointment: Appointment) -> HttpResponse:
    """One appointment: where, from when to when, for what."""
    kept = unchanged(f"appointment:{appointment.pk}:{request.user.pk}", lambda: _shown(request, appointment))
    return render(request, "fellowships/appointment.html", {"appointment": appointment, **kept})


def _shown(request: SignedRequest, appointment: Appointment) -> dict[str, Any]:
    """What the reader may do, and the page's content as far as she may see it."""
    may_onboard = request.user.has_perm("fellowships.view_onboarding", appointment)
    is_own = appointment.fellow_id == request.user.pk
    may_change = request.user.has_perm("fellowships.ask_change", appointment)
    context = {
        "appointment": appointment,
        "is_own": is_own,
        "may_onboard": may_onboard,
        "may_see_money": request.user.has_perm("fellowships.view_terms", appointment),
        "may_see_history": may_onboard,
        "reviews": reviews_of(appointment, request.user),
        "versions": history_by_version(appointment) if may_onboard else [],
        "waiting": change_asked(appointment) if may_onboard else None,
        "late_visa": late_visa_of(appointment) if may_onboard else None,
        "to_do": to_do_of(appointment) if may_onboard else 0,
    }
    return {
        "is_own": is_own,
        "may_change": may_change and appointment.state == AppointmentState.STANDING,
        "content": render_to_string("fellowships/_appointment.html", context),
    }


@requires("fellowships.list_appointments")
def appointments(request: SignedRequest) -> HttpResponse:
    """The appointments of her institute or lab."""
    search = AppointmentSearch(request.GET)
    rows = queries.appointments_visible_to(request.user)
    if search.is_valid():
        word, state = search.cleaned_data["q"], search.cleaned_data["state"]
        latin = Q(fellow__family_name__icontains=word) | Q(fellow__given_name__icontains=word)
        rows = rows.filter(latin | Q(fellow__native_name__icontains=word)) if word else rows
        rows = rows.filter(state=state) if state else rows
    sort, order = order_from(request, ORDERS, default="name")
    page = key_page_for(request, rows, order=order)
    context = {"page": page, "sort": sort, "count": rows.count(), "filter_form": search}
    context["may_onboard"] = request.user.has_perm("fellowships.onboard_any")
    context["may_review"] = request.user.has_perm("fellowships.list_reviews")
    filtered = any(request.GET.get(name) for name in ("q", "state"))
    return render(request, "fellowships/list.html", {**context, "is_filtered": filtered})


@requires("fellowships.list_appointments")
def appointments_csv(request: SignedRequest) -> HttpResponseBase:
    """The list as a file."""
    heads = [_("Name"), _("Lab"), _("Institute"), _("First day"), _("Last day"), _("State")]
    rows = queries.appointments_visible_to(request.user).order_by("pk")
    lines = (
        [row.fellow.full_name, row.lab.code, row.institute.code, row.starts_on, row.ends_on, row.get_state_display()]
        for row in rows
    )
    return csv_response("appointments.csv", heads, lines)
