"""Who may assign reviews, write one, and read what was written; who holds interviews, and who answers."""

from typing import Any

import rules

from applications import rules as applications_rules
from applications.models import Application
from people.models import User
from people.rules import is_auditor, is_lab_person, is_programme_officer, is_reviewer
from people.states import Role
from reviews.models import Conflict, Interview, InterviewPlan, Review
from reviews.states import ReviewState

LIVE = frozenset({ReviewState.ASSIGNED, ReviewState.OPEN, ReviewState.SUBMITTED})
DECLARED = frozenset({ReviewState.OPEN, ReviewState.SUBMITTED})


@rules.predicate
def is_the_reviewer(user: User, review: Review | None) -> bool:
    return review is not None and review.reviewer_id == user.pk and review.state in LIVE


@rules.predicate
def is_declared(user: User, review: Review | None) -> bool:
    """She has said that she has no conflict: only then is there anything to read."""
    return review is not None and review.state in DECLARED


@rules.predicate
def is_own_conflict(user: User, conflict: Conflict | None) -> bool:
    return conflict is not None and conflict.person_id == user.pk


@rules.predicate
def has_interest(user: User, subject: Any) -> bool:
    """Declared an interest in the application, or in the one that a document or letter belongs to."""
    application = subject if isinstance(subject, Application) else getattr(subject, "application", None)
    return application is not None and Conflict.objects.filter(application=application, person=user.pk).exists()


@rules.predicate
def is_of_the_lab(user: User, subject: InterviewPlan | Interview | None) -> bool:
    """Head or member of the lab whose interviews these are."""
    plan = subject.plan if isinstance(subject, Interview) else subject
    return plan is not None and plan.call_lab.lab.place_id in user.places(Role.LAB_HEAD, Role.LAB_MEMBER)


@rules.predicate
def is_interviewed(user: User, interview: Interview | None) -> bool:
    """The candidate herself."""
    return interview is not None and interview.application.applicant_id == user.pk


def _narrow(name: str, predicate: Any) -> None:
    """Whoever has a conflict loses what the earlier room allows: it cannot know of conflicts, this one does."""
    rules.set_perm(name, predicate & ~has_interest)


_narrow("applications.view_application", applications_rules.may_view)
_narrow("applications.judge", applications_rules.is_in_a_ranked_lab & ~applications_rules.is_applicant)
_narrow("applications.view_letters", applications_rules.may_read_letters)
_narrow("applications.view_letter", applications_rules.may_read_letter)
_narrow("applications.view_document", applications_rules.may_view_document)

rules.add_perm("reviews.view_queue", is_reviewer)
rules.add_perm("reviews.view_review", is_the_reviewer)
rules.add_perm("reviews.write_review", is_the_reviewer & is_declared)
rules.add_perm("reviews.read_application", is_the_reviewer & is_declared)
rules.add_perm("reviews.declare", is_the_reviewer)
rules.add_perm("reviews.assign", is_programme_officer)
rules.add_perm("reviews.take_back", is_programme_officer)
rules.add_perm("reviews.edit_criteria", is_programme_officer)
rules.add_perm("reviews.view_progress", is_programme_officer | is_auditor)
rules.add_perm("reviews.view_conflicts", is_programme_officer | is_auditor)
rules.add_perm("reviews.hold_interviews", is_lab_person)
rules.add_perm("reviews.plan_interviews", is_of_the_lab)
rules.add_perm("reviews.view_interview", is_of_the_lab & ~has_interest & ~is_interviewed)
rules.add_perm("reviews.answer_interview", is_interviewed)
