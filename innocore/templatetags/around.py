"""What a page of one room shows of a room beside it: composed here, above both."""

from django import template
from django.db.models import QuerySet

from fellowships.models import Appointment
from mentoring import queries
from mentoring.models import MentorAssignment

register = template.Library()


@register.simple_tag
def mentors_of(appointment: Appointment) -> "QuerySet[MentorAssignment]":
    """`{% mentors_of appointment as mentors %}`: who guides the fellow now."""
    return queries.mentors_of(appointment)
