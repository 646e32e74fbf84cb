"""Officers decide on several applications, ask for corrections, and count; applicants answer corrections."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.csrf import csrf_exempt, csrf_protect

from applications import actions, queries
from applications.forms import AskCorrectionForm, ByHandForm, CorrectionForm, TogetherForm, correctable
from applications.models import Application, Correction, ReferenceLetter
from applications.pdfs import LimitedUpload
from common.access import for_object, requires
from common.asking import attempt, status_of
from common.charts import Point, Series
from people.requests import SignedRequest

MOST = 100


@requires("applications.screen_any")
def together(request: SignedRequest) -> HttpResponse:
    """What would be decided about the chosen applications, then the decision: all or none."""
    sent = request.POST if request.method == "POST" else request.GET
    keys = sent.getlist("chosen")[:MOST]
    rows = list(queries.screened_by(request.user).filter(key__in=keys).order_by("call", "number"))
    findings = queries.eligibility_of_many(rows)
    form = TogetherForm(request.POST or None, rows=rows)
    decided = attempt(form, lambda: _decided(request, form)) if request.method == "POST" and form.is_valid() else None
    if decided:
        words = ngettext("Decided on %(n)s application.", "Decided on %(n)s applications.", len(rows))
        messages.success(request, words % {"n": len(rows)})
        return redirect(f"{reverse('applications:screening')}?call={rows[0].call.key}")
    asked = set(Correction.objects.filter(application__in=rows, state="asked").values_list("application", flat=True))
    twice = queries.perhaps_twice(rows)
    listed = []
    for row in rows:
        is_met = all(each.verdict == "met" for each in findings[row.pk])
        listed.append((row, findings[row.pk], is_met, row.pk in asked, row.pk in twice))
    context = {"form": form, "rows": listed}
    return render(request, "applications/together.html", context, status=status_of(form))


def _decided(request: SignedRequest, form: TogetherForm) -> list[Application]:
    data = form.cleaned_data
    return actions.decide_together(
        form.seen(), is_eligible=data["decision"] == "in", by=request.user, reason=data["reason"]
    )


@requires("applications.screen_any")
def statistics(request: SignedRequest) -> HttpResponse:
    """How many submitted applications by lab, country and channel."""
    calls = list(queries.calls_visible_to(request.user).order_by("-closes_at")[:30])
    call = next((row for row in calls if row.key == request.GET.get("call")), calls[0] if calls else None)
    found = queries.statistics(queries.to_screen(request.user, call), call) if call else {}
    charts = {
        name: Series(_("Applications"), [Point(label, number) for label, number in rows])
        for name, rows in found.items()
    }
    return render(request, "applications/statistics.html", {"call": call, "calls": calls, "charts": charts})


@for_object(Application, "applications.screen", looks_at="applicant")
def ask_correction(request: SignedRequest, application: Application) -> HttpResponse:
    """Ask the applicant to put named fields right."""
    choices = correctable(application, queries.asked_now(application.call))
    form = AskCorrectionForm(request.POST or None, choices=choices)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        asked = attempt(
            form,
            lambda: actions.ask_correction(
                application, data["fields_asked"], by=request.user, note=data["note"], until=data["until"]
            ),
        )
        if asked:
            messages.success(request, _("Asked; the applicant is told."))
            return redirect("applications:dossier", key=application.key)
    context = {"form": form, "application": application, "labels": dict(choices)}
    return render(request, "applications/ask_correction.html", context, status=status_of(form))


@csrf_exempt
@for_object(Correction, "applications.answer_correction")
def correction(request: SignedRequest, correction: Correction) -> HttpResponse:
    """The applicant puts right what was asked for. What is too large is dropped while it arrives."""
    request.upload_handlers = [LimitedUpload(request)]
    return _correction(request, correction)


@csrf_protect
def _correction(request: SignedRequest, correction: Correction) -> HttpResponse:
    sent: tuple[Any, Any] = (request.POST, request.FILES) if request.method == "POST" else (None, None)
    asked = queries.asked_now(correction.application.call)
    was_too_large = getattr(request, "was_too_large", False)
    form = CorrectionForm(*sent, correction=correction, asked=asked, was_too_large=was_too_large)
    if request.method == "POST" and form.is_valid():
        done = attempt(
            form, lambda: actions.answer_correction(correction, form.values(), form.uploads(), by=request.user)
        )
        if done:
            messages.success(request, _("Sent. A new version of your application stands; keep its receipt."))
            return redirect("applications:receipt", key=correction.application.key)
    context = {"form": form, "correction": correction, "application": correction.application}
    return render(request, "applications/correction.html", context, status=status_of(form))


@csrf_exempt
@for_object(ReferenceLetter, "applications.receive_letter", looks_at="application.applicant")
def by_hand(request: SignedRequest, letter: ReferenceLetter) -> HttpResponse:
    """Put in a letter that reached the officer another way."""
    request.upload_handlers = [LimitedUpload(request)]
    return _by_hand(request, letter)


@csrf_protect
def _by_hand(request: SignedRequest, letter: ReferenceLetter) -> HttpResponse:
    posted: tuple[Any, Any] = (request.POST, request.FILES) if request.method == "POST" else (None, None)
    form = ByHandForm(*posted, was_too_large=getattr(request, "was_too_large", False))
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        done = attempt(
            form, lambda: actions.receive_by_hand(letter, data["file"], by=request.user, reason=data["reason"])
        )
        if done:
            messages.success(request, _("The letter is received; the applicant is told that it is there."))
            return redirect("applications:dossier", key=letter.application.key)
    context = {"form": form, "letter": letter, "application": letter.application}
    return render(request, "applications/by_hand.html", context, status=status_of(form))
