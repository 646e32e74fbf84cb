"""Mentors are assigned, guide, meet and end; each verb is told, audited, and the same when done twice."""

import threading
from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.utils import timezone, translation

from common.audit import history_of
from common.refusals import SamePersonTwice
from fellowships.models import Amendment, Appointment
from fellowships.states import AppointmentState
from mentoring import actions
from mentoring.models import Meeting, Mentor, MentorAssignment, Transition
from mentoring.states import Destination, MentorKind
from mentoring.tasks import follow
from notifications.models import Notification
from people.states import Role
from tests.factories.fellowships import AppointmentFactory
from tests.factories.labs import PartnerOrganisationFactory
from tests.factories.mentoring import MentorAssignmentFactory, MentorFactory
from tests.factories.people import UserFactory

TODAY = date(2026, 10, 1)


@pytest.fixture(autouse=True)
def _autumn() -> Any:
    with translation.override("en"), time_machine.travel("2026-10-01 12:00+09:00", tick=False):
        yield


@pytest.fixture
def mentor(institute: Any) -> Any:
    return MentorFactory(institute=institute)


@pytest.fixture
def assignment(appointment: Any, mentor: Any) -> Any:
    return MentorAssignmentFactory(appointment=appointment, mentor=mentor)


def meeting(held_on: date = TODAY, **other: Any) -> Meeting:
    return Meeting(**{"held_on": held_on, "minutes": 45, "notes": "First results", "goals": "A draft", **other})


def verbs(row: Any) -> list[str]:
    return [entry.verb for entry in history_of(row)]


@pytest.mark.usefixtures("db")
class TestEnrolling:
    def test_person_becomes_a_mentor_with_the_role_once(self, officer: Any) -> None:
        person, company = UserFactory(), PartnerOrganisationFactory()
        for _twice in range(2):
            mentor = actions.enrol_mentor(
                person, by=officer, kinds=[MentorKind.CO_LAB], organisation=company, expertise="Robots"
            )
        assert Mentor.objects.get() == mentor
        assert (mentor.home, mentor.kinds, mentor.expertise) == (str(company), ["co_lab"], "Robots")
        assert person.role_grants.filter(role=Role.MENTOR).count() == 1
        entry = history_of(mentor).get()
        assert (entry.verb, entry.by_id) == ("mentoring.mentor.enrolled", officer.pk)
        assert entry.after == {"home": str(company), "kinds": ["co_lab"]}

    def test_nobody_enrols_herself(self, officer: Any, institute: Any) -> None:
        with pytest.raises(SamePersonTwice):
            actions.enrol_mentor(officer, by=officer, kinds=[MentorKind.AI], institute=institute)
        assert not Mentor.objects.exists()


def test_assigned_mentor_and_fellow_are_told(appointment: Any, mentor: Any, officer: Any) -> None:
    made = actions.assign_mentor(appointment, mentor, by=officer, kind=MentorKind.AI, starts_on=date(2026, 11, 1))
    assert (made.kind, made.starts_on, made.ends_on, made.assigned_by) == ("ai", date(2026, 11, 1), None, officer)
    entry = history_of(made).get()
    assert (entry.verb, entry.by_id) == ("mentoring.assigned", officer.pk)
    assert entry.after == {"kind": "ai", "starts_on": "2026-11-01"}
    told = {(row.kind, row.to) for row in Notification.objects.all()}
    assert told == {("mentor_for_you", appointment.fellow), ("mentor_of_fellow", mentor.user)}
    assert Notification.objects.filter(context__path=f"/mentoring/{made.key}/").count() == 2


def test_assigning_twice_is_once(appointment: Any, mentor: Any, officer: Any) -> None:
    first = actions.assign_mentor(appointment, mentor, by=officer, kind=MentorKind.AI)
    assert actions.assign_mentor(appointment, mentor, by=officer, kind=MentorKind.DOMAIN) == first
    assert MentorAssignment.objects.get().kind == MentorKind.AI
    assert verbs(first) == ["mentoring.assigned"]
    assert Notification.objects.count() == 2


def test_guidance_does_not_begin_before_the_appointment(appointment: Any, mentor: Any) -> None:
    made = actions.assign_mentor(appointment, mentor, by=None, kind=MentorKind.AI, starts_on=date(2026, 1, 1))
    assert made.starts_on == appointment.starts_on
    assert history_of(made).get().by_label == "system"


@pytest.mark.parametrize("state", [AppointmentState.ENDED, AppointmentState.TERMINATED])
def test_ended_appointment_takes_no_mentor(appointment: Any, mentor: Any, officer: Any, state: str) -> None:
    Appointment.objects.filter(pk=appointment.pk).update(state=state)
    with pytest.raises(actions.AppointmentOver):
        actions.assign_mentor(appointment, mentor, by=officer, kind=MentorKind.AI)
    assert not MentorAssignment.objects.exists()


def test_fellow_is_not_her_own_mentor(appointment: Any, institute: Any, officer: Any) -> None:
    herself = MentorFactory(user=appointment.fellow, institute=institute)
    with pytest.raises(actions.NotHerOwnMentor) as refused:
        actions.assign_mentor(appointment, herself, by=officer, kind=MentorKind.AI)
    assert refused.value.field == "mentor"


def test_full_mentor_takes_no_more_until_one_ends(appointment: Any, assignment: Any, mentor: Any, officer: Any) -> None:
    Mentor.objects.filter(pk=mentor.pk).update(most_fellows=1)
    other = AppointmentFactory()
    with pytest.raises(actions.MentorIsFull, match="already guides 1 fellows"):
        actions.assign_mentor(other, mentor, by=officer, kind=MentorKind.AI)
    assert not Notification.objects.exists()
    actions.end_mentoring(assignment, by=officer)
    assert actions.assign_mentor(other, mentor, by=officer, kind=MentorKind.AI).appointment == other


def test_mentor_who_takes_nobody_is_not_assigned(appointment: Any, mentor: Any, officer: Any) -> None:
    Mentor.objects.filter(pk=mentor.pk).update(is_active=False)
    with pytest.raises(actions.MentorIsFull):
        actions.assign_mentor(appointment, mentor, by=officer, kind=MentorKind.AI)


def test_ending_twice_is_once_and_another_guidance_may_follow(assignment: Any, officer: Any) -> None:
    actions.end_mentoring(assignment, by=officer)
    actions.end_mentoring(assignment, by=officer, on=date(2027, 1, 1))
    assignment.refresh_from_db()
    assert assignment.ends_on == TODAY
    entry = history_of(assignment).get()
    assert (entry.verb, entry.after) == ("mentoring.ended", {"ends_on": "2026-10-01"})
    again = actions.assign_mentor(assignment.appointment, assignment.mentor, by=officer, kind=MentorKind.AI)
    assert again.pk != assignment.pk


def test_guidance_never_ends_before_it_begins(assignment: Any, officer: Any) -> None:
    assert actions.end_mentoring(assignment, by=officer, on=date(2026, 1, 1)).ends_on == assignment.starts_on


def test_meeting_is_kept_and_the_fellow_told(assignment: Any) -> None:
    mentor = assignment.mentor.user
    kept = actions.log_meeting(assignment, meeting(next_on=date(2026, 10, 15)), by=mentor)
    assert (kept.held_on, kept.minutes, kept.next_on, kept.logged_by) == (TODAY, 45, date(2026, 10, 15), mentor)
    assert verbs(kept) == ["mentoring.meeting.logged"]
    told = Notification.objects.get()
    assert (told.kind, told.to) == ("meeting_logged", assignment.appointment.fellow)
    assert told.context["next_on"] == "15 October 2026"


def test_meeting_of_the_same_day_is_one(assignment: Any) -> None:
    mentor = assignment.mentor.user
    actions.log_meeting(assignment, meeting(), by=mentor)
    kept = actions.log_meeting(assignment, meeting(notes="Corrected"), by=mentor)
    assert Meeting.objects.get().notes == "Corrected"
    assert verbs(kept) == ["mentoring.meeting.changed", "mentoring.meeting.logged"]
    assert Notification.objects.count() == 1


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"held_on": date(2026, 10, 2)}, "held_on"),
        ({"next_on": TODAY}, "next_on"),
        ({"next_on": date(2026, 9, 1)}, "next_on"),
    ],
)
def test_meeting_on_wrong_days_is_refused(assignment: Any, wrong: dict[str, Any], field: str) -> None:
    with pytest.raises(actions.MeetingRefused) as refused:
        actions.log_meeting(assignment, meeting(**wrong), by=assignment.mentor.user)
    assert refused.value.field == field
    assert not Meeting.objects.exists()
    assert not Notification.objects.exists()


def test_ended_guidance_takes_no_meeting(assignment: Any) -> None:
    actions.end_mentoring(assignment, by=None)
    with pytest.raises(actions.AppointmentOver, match="no longer guide"):
        actions.log_meeting(assignment, meeting(), by=assignment.mentor.user)
    assert not Meeting.objects.exists()


def test_the_job_after_is_one_and_the_later_record_stands(appointment: Any, officer: Any) -> None:
    def where(organisation: str) -> Transition:
        return Transition(destination=Destination.INDUSTRY, organisation=organisation, starts_on=date(2027, 8, 1))

    first = actions.record_transition(appointment, where("First Ltd"), by=officer)
    second = actions.record_transition(appointment, where("Second Ltd"), by=officer)
    assert first.pk == second.pk
    assert Transition.objects.get().organisation == "Second Ltd"
    assert history_of(second).first().after == {"destination": "industry"}  # type: ignore[union-attr]
    assert verbs(second) == ["mentoring.transition.recorded"] * 2


@pytest.mark.django_db(transaction=True)
def test_two_officers_at_once_do_not_overfill_a_mentor(
    appointment: Any, mentor: Any, officer: Any, second_officer: Any
) -> None:
    Mentor.objects.filter(pk=mentor.pk).update(most_fellows=1)
    start, outcomes = threading.Barrier(2), []

    def assign(row: Appointment, by: Any) -> None:
        try:
            start.wait()
            fresh = Mentor.objects.get(pk=mentor.pk)
            actions.assign_mentor(Appointment.objects.get(pk=row.pk), fresh, by=by, kind=MentorKind.AI)
            outcomes.append("assigned")
        except actions.MentorIsFull:
            outcomes.append("full")
        finally:
            connection.close()

    pairs = [(appointment, officer), (AppointmentFactory(), second_officer)]
    threads = [threading.Thread(target=assign, args=pair) for pair in pairs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["assigned", "full"]
    assert MentorAssignment.objects.count() == 1


def test_names_of_rows(assignment: Any) -> None:
    kept = actions.log_meeting(assignment, meeting(), by=assignment.mentor.user)
    gone = Transition(appointment=assignment.appointment, organisation="Works")
    assert str(assignment) == f"{assignment.mentor} → {assignment.appointment}"
    assert str(kept) == f"{assignment} 2026-10-01"
    assert str(gone).endswith("→ Works")


def test_mentors_follow_an_early_end(appointment: Any, officer: Any, second_officer: Any, assignment: Any) -> None:
    """Told once that the fellow leaves; the guidance ends with the appointment, and not before."""
    early = appointment.ends_on - timedelta(days=30)
    Amendment.objects.create(
        appointment=appointment, kind="end_early", until_on=early, reason="A post.", state="approved", version=2,
        asked_by=officer, decided_by=second_officer, decided_at=timezone.now(),
    )  # fmt: skip
    type(appointment).objects.filter(pk=appointment.pk).update(ends_on=early)
    for _twice in range(2):
        follow()
    assert Notification.objects.get(kind="mentor_fellow_leaves").to == assignment.mentor.user
    assignment.refresh_from_db()
    assert assignment.ends_on is None
    type(appointment).objects.filter(pk=appointment.pk).update(state="terminated")
    follow()
    assignment.refresh_from_db()
    assert assignment.ends_on == early
