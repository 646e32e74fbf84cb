"""Pages of outreach: sessions and registering for visitors; who registered, sessions and campaigns for officers."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from common.access import for_object, public, requires
from common.asking import attempt, status_of
from common.charts import Point, Series
from common.csv import csv_response
from common.paging import key_page_for
from outreach import actions, queries
from outreach.forms import CampaignForm, RegistrationForm, SessionForm
from outreach.models import Campaign, InformationSession, Registration
from people.models import User
from people.queries import consent_text
from people.requests import SignedRequest
from people.states import ConsentPurpose

VERBS: dict[str, Callable[..., InformationSession]] = {
    "open": actions.open_session,
    "close": actions.close_session,
    "cancel": actions.cancel_session,
}


@public("sessions are announced to everybody")
def sessions(request: HttpRequest) -> HttpResponse:
    """Sessions to come and those that were held."""
    context = {"sessions": queries.sessions_to_come(), "past": queries.sessions_past()[:50]}
    return render(request, "outreach/sessions.html", context)


@public("a visitor registers without an account")
def register(request: HttpRequest, key: str) -> HttpResponse:
    """Register for a session; the channel that brought her is filled in."""
    session: Any = get_object_or_404(queries.sessions_listed(), key=key)
    by = request.user if isinstance(request.user, User) else None
    channel, campaign = queries.arrival(*(request.session.get(f"arrived_by_{n}", "") for n in ("channel", "campaign")))
    initial = {"channel": channel, "name": by.name if by else "", "email": by.email if by else ""}
    form = RegistrationForm(request.POST or None, initial=initial, by=by, instance=Registration(campaign=campaign))
    if request.method == "POST" and form.is_valid():
        registered = attempt(form, lambda: actions.register(session, form.instance, by=by))
        if registered:
            request.session["registered"] = registered.email
            return redirect("outreach:registered", key=session.key)
    context = {"session": session, "form": form, "left": max(session.capacity - session.taken, 0)}
    consent = consent_text(ConsentPurpose.SESSION)
    return render(request, "outreach/register.html", {**context, "consent": consent}, status=status_of(form))


@public("says that the registration arrived; shows nobody's data but the address just typed")
def registered(request: HttpRequest, key: str) -> HttpResponse:
    """What happens next."""
    session = get_object_or_404(queries.sessions_listed(), key=key)
    return render(
        request, "outreach/registered.html", {"session": session, "email": request.session.get("registered", "")}
    )


@public("the secret link of the mail shows one registration to whoever got it")
def registration(request: HttpRequest, key: str) -> HttpResponse:
    """One's own registration, from the mail's link: see it, cancel it."""
    row = get_object_or_404(Registration.objects.select_related("session"), key=key)
    if request.method == "POST":
        actions.cancel_registration(row, by=request.user if isinstance(request.user, User) else None)
        messages.success(request, _("Your registration is cancelled; the place is free for somebody else."))
        return redirect("outreach:registration", key=row.key)
    return render(request, "outreach/registration.html", {"registration": row})


@for_object(InformationSession, "outreach.view_registrations")
def registrations(request: SignedRequest, session: InformationSession) -> HttpResponse:
    """Who registered for a session, and who came."""
    if request.method == "POST" and request.user.has_perm("outreach.keep_sessions"):
        actions.record_attendance(session, request.POST.getlist("came"), by=request.user)
        messages.success(request, _("Recorded who came."))
        return redirect("outreach:registrations", key=session.key)
    rows = queries.registrations_visible_to(request.user).filter(session=session)
    page = key_page_for(request, rows, order=("-registered_at", "-pk"))
    return render(request, "outreach/registrations.html", {"session": session, "page": page, "count": rows.count()})


@for_object(InformationSession, "outreach.view_registrations")
def registrations_csv(request: SignedRequest, session: InformationSession) -> HttpResponseBase:
    """The list as a file."""
    heads = [_("Name"), _("E-mail"), _("Institution"), _("Field"), _("Channel"), _("State"), _("Registered")]
    rows = queries.registrations_visible_to(request.user).filter(session=session).order_by("pk")
    lines = (
        [r.name, r.email, r.institution, r.field, str(r.channel or ""), str(r.get_state_display()), r.registered_at]
        for r in rows.iterator()
    )
    return csv_response(f"registrations-{session.key}.csv", heads, lines)


@requires("outreach.keep_sessions")
def add(request: SignedRequest) -> HttpResponse:
    """Plan a session."""
    return _keep(request, SessionForm(request.POST or None))


@for_object(InformationSession, "outreach.keep_sessions")
def edit(request: SignedRequest, session: InformationSession) -> HttpResponse:
    """Change a session."""
    return _keep(request, SessionForm(request.POST or None, instance=session))


def _keep(request: SignedRequest, form: SessionForm) -> HttpResponse:
    if request.method == "POST" and form.is_valid():
        kept = attempt(form, lambda: actions.keep_session(form.instance, by=request.user))
        if kept:
            messages.success(request, _("Saved."))
            return redirect("outreach:registrations", key=kept.key)
    return render(request, "outreach/edit.html", {"form": form}, status=status_of(form))


@require_POST
@for_object(InformationSession, "outreach.keep_sessions")
def gesture(request: SignedRequest, session: InformationSession, verb: str) -> HttpResponse:
    """Open, close or cancel a session."""
    if verb in VERBS:
        VERBS[verb](session, by=request.user)
        messages.success(request, _("Done: %(state)s.") % {"state": session.get_state_display()})
    return redirect("outreach:registrations", key=session.key)


@requires("outreach.view_reach")
def campaigns(request: SignedRequest) -> HttpResponse:
    """Campaigns, and which channel brings how many."""
    rows = queries.campaigns_listed(request.user)
    page = key_page_for(request, rows, order=("-starts_on", "code"))
    channels: Any = queries.reach_of_channels()
    reach = Series(_("Registrations"), [Point(str(row), row.registered) for row in channels])
    return render(request, "outreach/campaigns.html", {"page": page, "count": rows.count(), "reach": reach})


@requires("outreach.keep_sessions")
def add_campaign(request: SignedRequest) -> HttpResponse:
    """Plan a campaign."""
    return _keep_campaign(request, CampaignForm(request.POST or None))


@requires("outreach.keep_sessions")
def edit_campaign(request: SignedRequest, code: str) -> HttpResponse:
    """Change a campaign."""
    row = get_object_or_404(queries.campaigns_visible_to(request.user), code=code)
    return _keep_campaign(request, CampaignForm(request.POST or None, instance=row))


def _keep_campaign(request: SignedRequest, form: CampaignForm) -> HttpResponse:
    if request.method == "POST" and form.is_valid():
        kept: Campaign | None = attempt(form, lambda: actions.keep_campaign(form.instance, by=request.user))
        if kept:
            messages.success(request, _("Saved."))
            return redirect("outreach:campaigns")
    return render(request, "outreach/edit_campaign.html", {"form": form}, status=status_of(form))
