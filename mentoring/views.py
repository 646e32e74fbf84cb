"""Pages of mentoring: a mentor's fellows, one assignment with its meetings, a fellow's mentors, the list of mentors."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from applications.queries import has_applied
from common.access import for_object, requires, signed_in
from common.asking import attempt, status_of
from common.paging import key_page_for, order_from
from fellowships.models import Appointment
from fellowships.queries import appointments_visible_to
from mentoring import actions, queries
from mentoring.forms import AssignForm, EnrolForm, MeetingForm, MentorForm, MentorSearch, TransitionForm
from mentoring.models import Mentor, MentorAssignment
from people.requests import SignedRequest

ORDERS = {"name": ("user__family_name", "pk"), "load": ("load", "pk")}


@signed_in("her own fellows as a mentor, her own mentors as a fellow")
def mine(request: SignedRequest) -> HttpResponse:
    """The fellows whom she guides, and the mentors who guide her."""
    guided = queries.guiding(request.user) if has_applied(request.user) else []
    context = {"guiding": list(queries.mentees_of(request.user)), "guided": guided}
    return render(request, "mentoring/mine.html", context)


@for_object(MentorAssignment, "mentoring.view_assignment", looks_at="appointment.fellow")
def assignment(request: SignedRequest, assignment: MentorAssignment) -> HttpResponse:
    """One mentor and one fellow: meetings, and the form to log one."""
    may_log = request.user.has_perm("mentoring.log_meeting", assignment)
    if request.method == "POST" and not may_log:
        raise PermissionDenied("mentoring.log_meeting")
    form = MeetingForm(request.POST or None, initial={"held_on": timezone.localdate()})
    if request.method == "POST" and form.is_valid():
        if attempt(form, lambda: actions.log_meeting(assignment, form.instance, by=request.user)):
            messages.success(request, _("The meeting is kept, and the fellow is told."))
            return redirect("mentoring:assignment", key=assignment.key)
    context = {"assignment": assignment, "form": form, "may_log": may_log, "meetings": assignment.meetings.all()[:100]}
    return render(request, "mentoring/assignment.html", context, status=status_of(form))


@for_object(Appointment, "mentoring.assign", looks_at="fellow")
def assign(request: SignedRequest, appointment: Appointment) -> HttpResponse:
    """The mentors of one fellow, and the form to add one."""
    form = AssignForm(request.POST or None, initial={"starts_on": timezone.localdate()})
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        assigned = attempt(
            form, lambda: actions.assign_mentor(appointment, data.pop("mentor"), by=request.user, **data)
        )
        if assigned:
            messages.success(request, _("%(mentor)s is assigned; both are told.") % {"mentor": assigned.mentor})
            return redirect("mentoring:assign", key=appointment.key)
    context = {"appointment": appointment, "form": form, "mentors": queries.mentors_of(appointment)}
    return render(request, "mentoring/assign.html", context, status=status_of(form))


@require_POST
@for_object(MentorAssignment, "mentoring.view_assignment")
def end(request: SignedRequest, assignment: MentorAssignment) -> HttpResponse:
    """End one guidance."""
    if not request.user.has_perm("mentoring.assign", assignment.appointment):
        raise PermissionDenied("mentoring.assign")
    actions.end_mentoring(assignment, by=request.user)
    messages.success(request, _("The guidance has ended; what was logged is kept."))
    return redirect("mentoring:assign", key=assignment.appointment.key)


@for_object(Appointment, "mentoring.record_transition", looks_at="fellow")
def transition(request: SignedRequest, appointment: Appointment) -> HttpResponse:
    """Where the fellow went after."""
    form = TransitionForm(request.POST or None, instance=getattr(appointment, "transition", None))
    if request.method == "POST" and form.is_valid():
        if attempt(form, lambda: actions.record_transition(appointment, form.instance, by=request.user)):
            messages.success(request, _("Recorded."))
            return redirect("mentoring:fellows")
    return render(
        request, "mentoring/transition.html", {"appointment": appointment, "form": form}, status=status_of(form)
    )


@requires("mentoring.view_mentors")
def mentors(request: SignedRequest) -> HttpResponse:
    """All mentors with their loads."""
    search = MentorSearch(request.GET)
    rows = queries.with_load(queries.mentors_visible_to(request.user))
    if search.is_valid():
        rows = queries.mentors_found(rows, search.cleaned_data["q"], search.cleaned_data["kind"])
    sort, order = order_from(request, ORDERS, default="name")
    context = {
        "page": key_page_for(request, rows, order=order),
        "sort": sort,
        "filter_form": search,
        "count": rows.count(),
    }
    return render(request, "mentoring/mentors.html", {**context, "is_filtered": search.narrows})


@requires("mentoring.manage_mentors")
def enrol(request: SignedRequest) -> HttpResponse:
    """Somebody with an account becomes a mentor."""
    form = EnrolForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        data = dict(form.cleaned_data)
        if attempt(form, lambda: actions.enrol_mentor(data.pop("email"), by=request.user, **data)):
            messages.success(request, _("She is a mentor now and can be assigned to fellows."))
            return redirect("mentoring:mentors")
    return render(request, "mentoring/mentor.html", {"form": form}, status=status_of(form))


@for_object(Mentor, "mentoring.manage_mentors")
def edit_mentor(request: SignedRequest, mentor: Mentor) -> HttpResponse:
    """What a mentor guides in, how many fellows she takes, and whether she takes any."""
    form = MentorForm(request.POST or None, instance=mentor)
    if request.method == "POST" and form.is_valid():
        if attempt(form, lambda: actions.keep_mentor(form.instance, by=request.user)):
            messages.success(request, _("Saved."))
            return redirect("mentoring:mentors")
    return render(request, "mentoring/mentor.html", {"form": form, "mentor": mentor}, status=status_of(form))


@requires("mentoring.view_mentors")
def fellows(request: SignedRequest) -> HttpResponse:
    """The fellows of her institute or lab, with how many mentors each has; those without first."""
    rows = queries.fellows_with_mentors(appointments_visible_to(request.user))
    page = key_page_for(request, rows, order=("mentors", "pk"))
    return render(request, "mentoring/fellows.html", {"page": page, "count": rows.count()})
