"""Mentors, assignments, meetings."""

from datetime import date

import factory

from mentoring.models import Meeting, Mentor, MentorAssignment
from mentoring.states import MentorKind
from tests.factories.base import RowFactory
from tests.factories.fellowships import AppointmentFactory
from tests.factories.labs import InstituteFactory
from tests.factories.people import UserFactory


class MentorFactory(RowFactory):
    class Meta:
        model = Mentor

    user = factory.SubFactory(UserFactory)
    institute = factory.SubFactory(InstituteFactory)
    kinds = [MentorKind.DOMAIN]


class MentorAssignmentFactory(RowFactory):
    class Meta:
        model = MentorAssignment

    appointment = factory.SubFactory(AppointmentFactory)
    mentor = factory.SubFactory(MentorFactory)
    kind = MentorKind.DOMAIN
    starts_on = date(2026, 7, 1)


class MeetingFactory(RowFactory):
    class Meta:
        model = Meeting

    assignment = factory.SubFactory(MentorAssignmentFactory)
    held_on = date(2026, 8, 1)
    notes = "We spoke of the first results."
