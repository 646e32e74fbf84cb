"""Who may do what with calls, applications, documents and reference letters.

An application is its applicant's; of officers whose institute hosts a lab that it ranks, once it was submitted; and of
the heads and members of the labs that it ranks, once it is eligible. Nobody reads a letter about herself.
"""

from typing import Any

import rules

from applications.asked import parsed, questions_of
from applications.models import Application, CallLab, Correction, Document, ReferenceLetter
from applications.states import ApplicationState, Audience
from common.settled import unchanged
from people.models import User
from people.rules import is_lab_person, is_programme_officer
from people.states import Role

SEEN_BY_OFFICERS = frozenset({ApplicationState.SUBMITTED, ApplicationState.ELIGIBLE, ApplicationState.INELIGIBLE})


def is_before_officers(application: Application) -> bool:
    """Submitted, decided on, or withdrawn after it had been submitted."""
    was_submitted = application.state == ApplicationState.WITHDRAWN and application.number is not None
    return application.state in SEEN_BY_OFFICERS or was_submitted


def labs_of_officer(user: Any) -> frozenset[int]:
    """The rows of calls' labs whose institute's officer `user` is; read once by her, who lives for one request."""
    return _kept(user, "labs_of_officer", user.places(Role.PROGRAMME_OFFICER), "lab__institute__place__in")


def labs_of_member(user: Any) -> frozenset[int]:
    """The rows of calls' labs whose head or member `user` is; read once by her, who lives for one request."""
    return _kept(user, "labs_of_member", user.places(Role.LAB_HEAD, Role.LAB_MEMBER), "lab__place__in")


def _kept(user: Any, name: str, places: set[int], where: str) -> frozenset[int]:
    if not hasattr(user, name):
        rows = CallLab.objects.filter(**{where: places}).order_by().values_list("pk", flat=True)
        found = unchanged(f"{name}:{sorted(places)}", lambda: frozenset(rows)) if places else frozenset()
        setattr(user, name, found)
    kept: frozenset[int] = getattr(user, name)
    return kept


@rules.predicate
def is_applicant(user: User, application: Application) -> bool:
    return application is not None and application.applicant_id == user.pk


@rules.predicate
def is_officer_of(user: User, application: Application) -> bool:
    if application is None or not is_before_officers(application):
        return False
    return not labs_of_officer(user).isdisjoint(application.ranked_labs)


@rules.predicate
def is_in_a_ranked_lab(user: User, application: Application) -> bool:
    if application is None or application.state != ApplicationState.ELIGIBLE:
        return False
    return not labs_of_member(user).isdisjoint(application.ranked_labs)


def _reads_question(user: User, document: Document) -> bool:
    """Whether the question that the file answers is for officers, or for labs, as `user` is."""
    audience = Audience.OFFICER if is_officer_of(user, document.application) else Audience.LAB
    version = document.application.call.form_versions.order_by("-version").first()
    asked = questions_of(parsed(version.content)) if version else []
    return any(each.code == document.question and audience in each.seen_by for each in asked)


@rules.predicate
def may_view_document(user: User, document: Document) -> bool:
    """Its owner; others once no scanner is asked any more, and a file of an answer only if the question is for them."""
    if document is None or is_applicant(user, document.application):
        return document is not None
    if document.is_waiting or not may_view(user, document.application):
        return False
    return not document.question or bool(_reads_question(user, document))


@rules.predicate
def may_read_letter(user: User, letter: ReferenceLetter) -> bool:
    return letter is not None and bool(may_read_letters(user, letter.application))


@rules.predicate
def may_receive_letter(user: User, letter: ReferenceLetter) -> bool:
    return letter is not None and bool((is_officer_of & ~is_applicant)(user, letter.application))


@rules.predicate
def asked_for_letter(user: User, letter: ReferenceLetter) -> bool:
    return letter is not None and bool(is_applicant(user, letter.application))


@rules.predicate
def owns_document(user: User, document: Document) -> bool:
    return document is not None and bool(is_applicant(user, document.application))


@rules.predicate
def is_asked_to_correct(user: User, correction: Correction) -> bool:
    return correction is not None and bool(is_applicant(user, correction.application))


may_view = is_applicant | is_officer_of | is_in_a_ranked_lab
may_read_letters = (is_officer_of | is_in_a_ranked_lab) & ~is_applicant

rules.add_perm("applications.manage_calls", is_programme_officer)
rules.add_perm("applications.screen_any", is_programme_officer)
rules.add_perm("applications.view_candidates", is_programme_officer | is_lab_person)
rules.add_perm("applications.view_application", may_view)
rules.add_perm("applications.judge", is_in_a_ranked_lab & ~is_applicant)
rules.add_perm("applications.edit_application", is_applicant)
rules.add_perm("applications.screen", is_officer_of & ~is_applicant)
rules.add_perm("applications.answer_correction", is_asked_to_correct)
rules.add_perm("applications.view_letters", may_read_letters)
rules.add_perm("applications.view_letter", may_read_letter)
rules.add_perm("applications.receive_letter", may_receive_letter)
rules.add_perm("applications.manage_letter", asked_for_letter)
rules.add_perm("applications.view_document", may_view_document)
rules.add_perm("applications.remove_document", owns_document)
