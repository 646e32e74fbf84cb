"""Verbs of mentoring: assign and end mentors, log a meeting, record the job after."""

from datetime import date
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from common.audit import record
from common.gestures import action
from common.later import later
from common.refusals import Refusal
from common.states import lock
from common.when import day_words
from fellowships.models import Appointment
from fellowships.states import AppointmentState
from labs.models import Institute, PartnerOrganisation
from mentoring.models import Meeting, Mentor, MentorAssignment, Transition
from mentoring.queries import guiding_the_gone, leaving_early
from notifications.actions import notify
from people.actions import grant_role
from people.models import User
from people.states import Role


class MentorIsFull(Refusal):
    words = _("%(mentor)s already guides %(number)s fellows, as many as she takes.")


class NotHerOwnMentor(Refusal):
    words = _("A fellow cannot be her own mentor.")


class AppointmentOver(Refusal):
    words = _("This appointment has ended.")


class MeetingRefused(Refusal):
    words = _("This meeting cannot be logged so.")


@action
def enrol_mentor(
    user: User,
    *,
    by: User | None,
    kinds: list[str],
    institute: Institute | None = None,
    organisation: PartnerOrganisation | None = None,
    expertise: str = "",
    most_fellows: int = 8,
) -> Mentor:
    """Make `user` a mentor at an institute or a partner organisation, and give her the role. Twice is once."""
    home = {"institute": institute, "organisation": organisation}
    mentor, is_new = Mentor.objects.get_or_create(
        user=user, defaults={**home, "kinds": kinds, "expertise": expertise, "most_fellows": most_fellows}
    )
    if is_new:
        grant_role(user, Role.MENTOR, by=by)
        record("mentoring.mentor.enrolled", mentor, by=by, after={"home": mentor.home, "kinds": kinds})
    return mentor


@action
def keep_mentor(mentor: Mentor, *, by: User) -> Mentor:
    """Save what is known of a mentor, and whether she takes fellows."""
    mentor.save()
    after = {"kinds": mentor.kinds, "most_fellows": mentor.most_fellows, "is_active": mentor.is_active}
    record("mentoring.mentor.changed", mentor, by=by, after=after)
    return mentor


@action
def assign_mentor(
    appointment: Appointment, mentor: Mentor, *, by: User | None, kind: str, starts_on: date | None = None
) -> MentorAssignment:
    """Let `mentor` guide the fellow of `appointment` from a day on; both are told. Assigning twice is once."""
    lock(appointment)
    lock(mentor)
    if appointment.state != AppointmentState.STANDING:
        raise AppointmentOver
    if mentor.user_id == appointment.fellow_id:
        raise NotHerOwnMentor(field="mentor")
    standing = mentor.assignments.filter(ends_on=None)
    existing = standing.filter(appointment=appointment).first()
    if existing:
        return existing
    load = standing.values("appointment").distinct().count()
    if not mentor.is_active or load >= mentor.most_fellows:
        raise MentorIsFull(field="mentor", mentor=str(mentor.user), number=load)
    assignment = MentorAssignment.objects.create(
        appointment=appointment,
        mentor=mentor,
        kind=kind,
        starts_on=max(starts_on or timezone.localdate(), appointment.starts_on),
        assigned_by=by,
    )
    record("mentoring.assigned", assignment, by=by, after={"kind": kind, "starts_on": assignment.starts_on})
    _tell(assignment)
    return assignment


def _tell(assignment: MentorAssignment) -> None:
    facts: dict[str, Any] = {
        "fellow": assignment.appointment.fellow.full_name,
        "mentor": assignment.mentor.user.full_name,
        "home": assignment.mentor.home,
        "starts_on": later(day_words, assignment.starts_on),
        "path": reverse("mentoring:assignment", kwargs={"key": assignment.key}),
    }
    fellow, mentor = assignment.appointment.fellow, assignment.mentor.user
    notify("mentor_for_you", to=fellow, about=assignment, dedupe=str(assignment.pk), **facts)
    notify("mentor_of_fellow", to=mentor, about=assignment, dedupe=str(assignment.pk), **facts)


@action
def end_mentoring(assignment: MentorAssignment, *, by: User | None, on: date | None = None) -> MentorAssignment:
    """End the guidance on a day (today); what was logged stays. Ending twice is once."""
    lock(assignment)
    if assignment.ends_on is None:
        assignment.ends_on = max(on or timezone.localdate(), assignment.starts_on)
        assignment.save(update_fields=["ends_on"])
        record("mentoring.ended", assignment, by=by, after={"ends_on": assignment.ends_on})
    return assignment


def follow_appointments() -> int:
    """Tell mentors whose fellow is to leave early, and end guidance with the appointment. How many were touched.

    Mentoring reads what fellowships decided; nothing is pushed up to it. Run again it tells and ends nothing twice.
    """
    leaving, over = leaving_early(), guiding_the_gone()
    for assignment in leaving:
        _tell_leaving(assignment, by=None)
    for assignment in over:
        end_mentoring(assignment, by=None, on=assignment.appointment.ends_on)
    return len(leaving) + len(over)


@action
def _tell_leaving(assignment: MentorAssignment, *, by: User | None) -> None:
    """Tell a mentor the day on which her fellow's appointment ends before its term; once for each such day."""
    appointment = assignment.appointment
    notify(
        "mentor_fellow_leaves",
        to=assignment.mentor.user,
        about=assignment,
        dedupe=f"{assignment.pk}:{appointment.ends_on}",
        fellow=appointment.fellow.full_name,
        ends_on=appointment.ends_on,
        path=reverse("mentoring:assignment", kwargs={"key": assignment.key}),
    )


@action
def log_meeting(assignment: MentorAssignment, meeting: Meeting, *, by: User) -> Meeting:
    """Keep what was said in a meeting, given as an unsaved row, and when the next one is; the fellow is told.

    The same mentor, fellow and day is one meeting: logging it again changes what was written.
    """
    lock(assignment)
    if assignment.ends_on is not None:
        raise AppointmentOver(_("You no longer guide this fellow, so nothing can be added."))
    if meeting.held_on > timezone.localdate():
        raise MeetingRefused(_("A meeting is logged after it was held."), field="held_on")
    if meeting.next_on and meeting.next_on <= meeting.held_on:
        raise MeetingRefused(_("The next meeting comes after this one."), field="next_on")
    kept, is_new = Meeting.objects.update_or_create(
        assignment=assignment,
        held_on=meeting.held_on,
        defaults={
            "minutes": meeting.minutes,
            "notes": meeting.notes,
            "goals": meeting.goals,
            "next_on": meeting.next_on,
            "logged_by": by,
        },
    )
    record("mentoring.meeting.logged" if is_new else "mentoring.meeting.changed", kept, by=by)
    path = reverse("mentoring:assignment", kwargs={"key": assignment.key})
    days = {name: later(day_words, day) for name, day in (("held_on", kept.held_on), ("next_on", kept.next_on)) if day}
    facts = {"mentor": by.full_name, "next_on": "", **days, "path": path}
    notify("meeting_logged", to=assignment.appointment.fellow, about=kept, dedupe=str(kept.pk), **facts)
    return kept


@action
def record_transition(appointment: Appointment, transition: Transition, *, by: User) -> Transition:
    """Keep where the fellow of `appointment` went, given as an unsaved row. A second record takes the first's place."""
    kept, _is_new = Transition.objects.update_or_create(
        appointment=appointment,
        defaults={
            "destination": transition.destination,
            "organisation": transition.organisation,
            "position": transition.position,
            "starts_on": transition.starts_on,
            "recorded_by": by,
        },
    )
    record("mentoring.transition.recorded", kept, by=by, after={"destination": kept.destination})
    return kept
