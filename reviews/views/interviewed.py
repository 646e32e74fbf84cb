"""A candidate's own part of an interview: naming times, declining, the appointment for her calendar."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST
from icalendar import Calendar, Event

from common.access import for_object
from common.asking import attempt, status_of
from reviews import actions, queries
from reviews.forms import OwnTimesForm
from reviews.models import Interview
from reviews.queries.interviews import OPEN
from reviews.states import InterviewState
from reviews.views import SignedIn


@for_object(Interview, "reviews.answer_interview")
def own(request: SignedIn, row: Interview) -> HttpResponse:
    """Tick every time at which she can come; once planned, when and where it is."""
    form = OwnTimesForm(request.POST or None, initial={"words": row.answer})
    ticked = {int(key) for key in request.POST.getlist("slot") if key.isdecimal()}
    if request.method == "POST" and form.is_valid():
        words = form.cleaned_data["words"]
        if attempt(form, lambda: actions.name_times(row, ticked, words, by=request.user)):
            messages.success(request, _("Kept. You may change it until the deadline."))
            return redirect("reviews:own_interview", key=row.key)
        row.refresh_from_db()
    is_open = row.state in OPEN and row.plan.answers_due_at > timezone.now()
    slots = queries.possible_times(row) if is_open else []
    if request.method == "POST":
        for slot in slots:
            slot.is_ticked = slot.pk in ticked  # type: ignore[attr-defined]
    is_to_come = row.starts_at is None or row.starts_at > timezone.now()
    may_decline = row.state in (*OPEN, InterviewState.PLANNED) and is_to_come
    context = {"row": row, "form": form, "slots": slots, "is_open": is_open, "may_decline": may_decline}
    return render(request, "reviews/own_interview.html", context, status=status_of(form))


@require_POST
@for_object(Interview, "reviews.answer_interview")
def decline(request: SignedIn, row: Interview) -> HttpResponse:
    """She does not come."""
    actions.decline_interview(row, request.POST.get("words", "")[:300], by=request.user)
    messages.success(request, _("Declined. Your application stands as before."))
    return redirect("reviews:own_interview", key=row.key)


@for_object(Interview, "reviews.answer_interview")
@require_GET
def calendar(request: SignedIn, row: Interview) -> HttpResponse:
    """The planned interview as an iCalendar file (RFC 5545)."""
    if row.state != InterviewState.PLANNED or row.starts_at is None or row.ends_at is None:
        raise Http404
    event = Event()
    event.add("uid", f"interview-{row.key}@{request.get_host()}")
    event.add("dtstamp", timezone.now())
    event.add("dtstart", row.starts_at)
    event.add("dtend", row.ends_at)
    event.add("summary", _("Interview with %(lab)s") % {"lab": row.plan.call_lab.lab})
    event.add("location", row.plan.place)
    made = Calendar()
    made.add("prodid", "-//InnoCore//EN")
    made.add("version", "2.0")
    made.add_component(event)
    answer = HttpResponse(made.to_ical(), content_type="text/calendar; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="interview.ics"'
    answer["Cache-Control"] = "private, no-store"
    return answer
