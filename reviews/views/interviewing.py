"""A lab's interviews: its plan, the times it offers, whom it asks, the schedule, and what was thought."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from common.access import for_object, requires
from common.asking import attempt, status_of
from common.paging import key_page_for
from common.refusals import Refusal
from reviews import actions, queries
from reviews.forms import CallOffForm, NoteForm, PlanForm, TimesForm
from reviews.models import Interview, InterviewPlan
from reviews.states import InterviewState
from reviews.views import SignedIn

ENDS = (InterviewState.ASKED, InterviewState.ANSWERED, InterviewState.PLANNED)


@requires("reviews.hold_interviews")
@require_GET
def labs(request: SignedIn) -> HttpResponse:
    """Her labs in the calls whose lists are still to come, and every plan that her labs made."""
    context = {
        "call_labs": queries.labs_to_interview(request.user),
        "plans": queries.plans_visible_to(request.user).order_by("-answers_due_at")[:40],
    }
    return render(request, "reviews/interviews.html", context)


@requires("reviews.hold_interviews")
def start(request: SignedIn, pk: int) -> HttpResponse:
    """Say how a lab of hers interviews."""
    call_lab = get_object_or_404(queries.labs_to_interview(request.user), pk=pk)
    form = PlanForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        made = attempt(form, lambda: actions.save_plan(call_lab, form.terms(), by=request.user))
        if made:
            messages.success(request, _("Kept. Offer times next, then ask candidates."))
            return redirect("reviews:interview_times", key=made.key)
    return render(request, "reviews/interview_terms.html", {"call_lab": call_lab, "form": form}, status=status_of(form))


@for_object(InterviewPlan, "reviews.plan_interviews")
def terms(request: SignedIn, plan: InterviewPlan) -> HttpResponse:
    """Change how the lab interviews."""
    form = PlanForm(request.POST or None, plan=plan)
    if request.method == "POST" and form.is_valid():
        if attempt(form, lambda: actions.save_plan(plan.call_lab, form.terms(), by=request.user)):
            messages.success(request, _("Kept."))
            return redirect("reviews:interviews_of_lab", key=plan.key)
    context = {"call_lab": plan.call_lab, "plan": plan, "form": form}
    return render(request, "reviews/interview_terms.html", context, status=status_of(form))


@for_object(InterviewPlan, "reviews.plan_interviews")
@require_GET
def of_lab(request: SignedIn, plan: InterviewPlan) -> HttpResponse:
    """All interviews of the lab, and the schedule as it would be published now."""
    rows = queries.interviews_of(plan, request.user)
    seen, schedule = {row.pk for row in rows}, queries.schedule_of(plan)
    context = {
        "plan": plan,
        "rows": rows,
        "schedule": schedule,
        "pairs": [(row if row.pk in seen else None, slot) for row, slot in schedule.pairs],
        "without": [row for row in schedule.without if row.pk in seen],
        "why_not": _waits_for(plan, schedule),
        "free": plan.slots.filter(interview=None).count(),
    }
    return render(request, "reviews/interviews_of_lab.html", context)


def _waits_for(plan: InterviewPlan, schedule: queries.Schedule) -> str | Promise:
    """Why the schedule is not published yet; nothing when it can be."""
    is_waiting = schedule.unanswered and plan.answers_due_at > timezone.now()
    return actions.NotAnswered.words if is_waiting else ""


@for_object(InterviewPlan, "reviews.plan_interviews")
def times(request: SignedIn, plan: InterviewPlan) -> HttpResponse:
    """The times that the lab offers: add a stretch of a day, take one back."""
    is_removing = request.method == "POST" and request.POST.get("remove", "").isdecimal()
    form = TimesForm(request.POST if request.method == "POST" and not is_removing else None)
    if is_removing:
        slot = get_object_or_404(plan.slots, pk=int(request.POST["remove"]))
        actions.remove_time(plan, slot, by=request.user)
        messages.success(request, _("Taken back."))
        return redirect("reviews:interview_times", key=plan.key)
    if request.method == "POST" and form.is_valid():
        number = attempt(form, lambda: actions.offer_times(plan, *form.span(), by=request.user))
        if number:
            words = ngettext("%(n)s time is offered.", "%(n)s times are offered.", number)
            messages.success(request, words % {"n": number})
            return redirect("reviews:interview_times", key=plan.key)
    context = {"plan": plan, "form": form, "slots": plan.slots.select_related("interview")}
    return render(request, "reviews/interview_times.html", context, status=status_of(form))


@for_object(InterviewPlan, "reviews.plan_interviews")
def candidates(request: SignedIn, plan: InterviewPlan) -> HttpResponse:
    """Tick candidates and ask them for their times."""
    if request.method == "POST":
        keys = {int(key) for key in request.POST.getlist("ask") if key.isdecimal()}
        if not keys:
            raise Refusal(_("Tick the candidates whom the lab wants to talk with."))
        number = actions.ask_for_times(plan, keys, by=request.user)
        words = ngettext("%(n)s candidate is asked.", "%(n)s candidates are asked.", number)
        messages.success(request, words % {"n": number})
        return redirect("reviews:interviews_of_lab", key=plan.key)
    page = key_page_for(request, queries.candidates_to_ask(plan, request.user), order=("-score", "pk"), sizes=(50, 100))
    return render(request, "reviews/interview_candidates.html", {"plan": plan, "page": page})


@require_POST
@for_object(InterviewPlan, "reviews.plan_interviews")
def publish(request: SignedIn, plan: InterviewPlan) -> HttpResponse:
    """Publish the schedule that was looked at."""
    number = actions.publish_schedule(plan, version=request.POST.get("version", ""), by=request.user)
    words = ngettext("%(n)s candidate is told her time.", "%(n)s candidates are told their times at once.", number)
    messages.success(request, words % {"n": number})
    return redirect("reviews:interviews_of_lab", key=plan.key)


@for_object(Interview, "reviews.view_interview", looks_at="application.applicant")
def interview(request: SignedIn, row: Interview) -> HttpResponse:
    """One interview: its time, the candidate's words, the lab's notes; she writes or changes her own."""
    notes = list(row.notes.select_related("author"))
    own = next((note for note in notes if note.author_id == request.user.pk), None)
    form = NoteForm(request.POST or None, note=own)
    if request.method == "POST" and form.is_valid():
        if attempt(form, lambda: actions.write_note(row, by=request.user, **form.cleaned_data)):
            messages.success(request, _("Your note is kept."))
            return redirect("reviews:interview", key=row.key)
    context = {
        "row": row,
        "notes": notes,
        "own": own,
        "form": form,
        "off": CallOffForm() if row.state in ENDS else None,
        "named": row.possible.all() if row.state == InterviewState.ANSWERED else (),
    }
    return render(request, "reviews/interview.html", context, status=status_of(form))


@require_POST
@for_object(Interview, "reviews.view_interview")
def held(request: SignedIn, row: Interview, verb: str) -> HttpResponse:
    """Say whether the candidate came."""
    actions.say_held(row, was_held=verb == "yes", by=request.user)
    messages.success(request, _("Held: write your note now.") if verb == "yes" else _("The candidate did not come."))
    return redirect("reviews:interview", key=row.key)


@require_POST
@for_object(Interview, "reviews.view_interview")
def off(request: SignedIn, row: Interview) -> HttpResponse:
    """Call an interview off, with the reason that the candidate reads."""
    actions.call_off(row, request.POST.get("reason", ""), by=request.user)
    messages.success(request, _("Called off; the candidate is told."))
    return redirect("reviews:interviews_of_lab", key=row.plan.key)
