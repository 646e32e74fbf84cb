"""Who may assign mentors, see a fellow's mentoring, and log a meeting."""

from typing import Any

import rules

from mentoring.models import MentorAssignment
from people.models import User
from people.rules import is_mentor, is_programme_officer
from people.states import Role


@rules.predicate
def assigns_here(user: User, appointment: Any) -> bool:
    """A programme officer of the institute that employs the fellow, or the head of her lab."""
    if appointment is None:
        return user.holds(Role.PROGRAMME_OFFICER, Role.LAB_HEAD)
    return appointment.institute.place_id in user.places(
        Role.PROGRAMME_OFFICER
    ) or appointment.lab.place_id in user.places(Role.LAB_HEAD)


@rules.predicate
def is_her_mentor(user: User, assignment: MentorAssignment | None) -> bool:
    return assignment is not None and assignment.mentor.user_id == user.pk and assignment.ends_on is None


@rules.predicate
def is_the_fellow(user: User, assignment: MentorAssignment | None) -> bool:
    return assignment is not None and assignment.appointment.fellow_id == user.pk


@rules.predicate
def follows_her(user: User, assignment: MentorAssignment | None) -> bool:
    return assignment is not None and bool(assigns_here(user, assignment.appointment))


@rules.predicate
def leads_or_employs(user: User, _subject: Any = None) -> bool:
    return user.holds(Role.PROGRAMME_OFFICER, Role.LAB_HEAD)


rules.add_perm("mentoring.assign", assigns_here)
rules.add_perm("mentoring.view_mentors", leads_or_employs)
rules.add_perm("mentoring.manage_mentors", is_programme_officer)
rules.add_perm("mentoring.view_assignment", is_her_mentor | is_the_fellow | follows_her)
rules.add_perm("mentoring.log_meeting", is_her_mentor)
rules.add_perm("mentoring.record_transition", assigns_here)
rules.add_perm("mentoring.guide", is_mentor)
