"""Pages of onboarding: a fellow's checklist with its papers, and the officers' list of cases."""

from typing import Any

from django.contrib import messages
from django.forms import Form
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_POST

from applications.pdfs import LimitedUpload
from applications.states import ScanState
from common.access import for_object, requires
from common.asking import attempt, status_of
from common.paging import key_page_for
from fellowships import actions
from fellowships.forms.onboarding import HandInForm, OfficerForm, VisaForm
from fellowships.models import Appointment, OnboardingItem, OnboardingPaper
from fellowships.queries.onboarding import cases_of, checklist_of, late_visa_of
from people.requests import SignedRequest


@requires("fellowships.onboard_any")
def cases(request: SignedRequest) -> HttpResponse:
    """Fellows of her institutes whose checklist is not done, the soonest due first."""
    rows = cases_of(request.user)
    page = key_page_for(request, rows, order=("next_due_on", "pk"))
    return render(request, "fellowships/cases.html", {"page": page, "count": rows.count()})


@for_object(Appointment, "fellowships.view_onboarding", looks_at="fellow")
def onboarding(request: SignedRequest, appointment: Appointment) -> HttpResponse:
    """The checklist of one appointment."""
    return _page(request, appointment)


def _page(
    request: SignedRequest, appointment: Appointment, came_back: Form | None = None, of: Any = None
) -> HttpResponse:
    """The checklist, with the form that came back standing at its item."""
    items = checklist_of(appointment)
    may_onboard = request.user.has_perm("fellowships.onboard", appointment)
    for item in items:
        fresh = OfficerForm(item=item) if may_onboard else HandInForm(item=item)
        item.form = came_back if came_back is not None and of == item.pk else fresh  # type: ignore[attr-defined]
    done = sum(item.state in {"confirmed", "not_needed"} for item in items)
    context = {
        "appointment": appointment,
        "items": items,
        "done": done,
        "is_own": appointment.fellow_id == request.user.pk,
        "may_onboard": may_onboard,
        "late_visa": late_visa_of(appointment),
        "visa_form": VisaForm(initial={"visa_kind": appointment.visa_kind or "E-3"})
        if appointment.is_foreign
        else None,
    }
    status = status_of(came_back) if came_back is not None else 200
    return render(request, "fellowships/onboarding.html", context, status=status)


@csrf_exempt
@for_object(OnboardingItem, "fellowships.hand_in")
def hand_in(request: SignedRequest, item: OnboardingItem) -> HttpResponse:
    """The fellow hands something in. What is too large is dropped while it arrives; the token is checked within."""
    request.upload_handlers = [LimitedUpload(request)]
    return _hand_in(request, item)


@csrf_protect
@require_POST
def _hand_in(request: SignedRequest, item: OnboardingItem) -> HttpResponse:
    form = HandInForm(request.POST, request.FILES, item=item, was_too_large=getattr(request, "was_too_large", False))
    if form.is_valid():
        data = form.cleaned_data
        only_day = request.POST.get("verb") == "day" and data.get("expected_on")
        done = attempt(
            form,
            lambda: (
                actions.say_day(item, data["expected_on"], by=request.user)
                if only_day
                else actions.hand_in(
                    item,
                    by=request.user,
                    paper=data.get("file"),
                    day=data.get("expected_on"),
                    agrees=bool(data.get("agrees")),
                )
            ),
        )
        if done:
            messages.success(request, _("Kept. Your officers are looking forward to you."))
            return redirect("fellowships:onboarding", key=item.appointment.key)
    return _page(request, item.appointment, form, item.pk)


@csrf_exempt
@for_object(OnboardingItem, "fellowships.onboard")
def decide_item(request: SignedRequest, item: OnboardingItem) -> HttpResponse:
    """An officer confirms, returns or waives. The token is checked within."""
    request.upload_handlers = [LimitedUpload(request)]
    return _decide_item(request, item)


@csrf_protect
@require_POST
def _decide_item(request: SignedRequest, item: OnboardingItem) -> HttpResponse:
    form = OfficerForm(request.POST, request.FILES, item=item, was_too_large=getattr(request, "was_too_large", False))
    if form.is_valid():
        note, paper = form.cleaned_data["note"], form.cleaned_data.get("file")
        acts = {
            "confirm": lambda: actions.confirm_item(item, by=request.user, note=note, paper=paper),
            "return": lambda: actions.return_item(item, by=request.user, note=note),
            "waive": lambda: actions.waive_item(item, by=request.user, note=note),
        }
        verb = acts.get(request.POST.get("verb", ""), acts["confirm"])
        if attempt(form, verb):
            messages.success(request, _("Kept."))
            return redirect("fellowships:onboarding", key=item.appointment.key)
    return _page(request, item.appointment, form, item.pk)


@require_POST
@for_object(Appointment, "fellowships.onboard")
def visa(request: SignedRequest, appointment: Appointment) -> HttpResponse:
    """An officer says which visa the fellow needs."""
    form = VisaForm(request.POST)
    if form.is_valid():
        kind = form.cleaned_data["visa_kind"]
        if attempt(form, lambda: actions.choose_visa(appointment, kind, by=request.user)):
            messages.success(request, _("Kept."))
        else:
            messages.error(request, " ".join(str(words) for found in form.errors.values() for words in found))
    return redirect("fellowships:onboarding", key=appointment.key)


@for_object(OnboardingPaper, "fellowships.view_onboarding", looks_at="item.appointment.fellow")
def paper(request: HttpRequest, paper: OnboardingPaper) -> FileResponse:
    """A paper, for the fellow and her officers; not while the scanner has its doubts."""
    if paper.scan in {ScanState.WAITING, ScanState.INFECTED}:
        raise Http404
    response = FileResponse(
        paper.file.open("rb"), as_attachment=True, filename=paper.name, content_type=paper.media_type
    )
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    return response
