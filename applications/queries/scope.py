"""Which applications, documents and letters a person may know of."""

from typing import Any

from django.db.models import Q, QuerySet

from applications.models import Application, Correction, Document, ReferenceLetter
from applications.rules import SEEN_BY_OFFICERS, labs_of_member, labs_of_officer
from applications.states import ApplicationState
from common.access import scope_of
from people.states import Role


def _ranking(call_labs: frozenset[int]) -> Q:
    """Applications that rank one of `call_labs` (index applications_by_lab).

    The labs are read first: with their keys before it, the planner knows how many rows to expect.
    """
    return Q(ranked_labs__overlap=sorted(call_labs))


def _as_officer(user: Any) -> Q:
    """What an officer sees of her institute's labs."""
    if not user.places(Role.PROGRAMME_OFFICER):
        return Q(pk__in=())
    submitted = Q(state__in=SEEN_BY_OFFICERS) | Q(state=ApplicationState.WITHDRAWN, number__isnull=False)
    return submitted & _ranking(labs_of_officer(user))


def _as_staff(user: Any) -> Q:
    """What an officer sees of her institute's labs, and what heads and members see of their lab."""
    seen = _as_officer(user)
    if user.places(Role.LAB_HEAD, Role.LAB_MEMBER):
        seen |= Q(state=ApplicationState.ELIGIBLE) & _ranking(labs_of_member(user))
    return seen


def screened_by(user: Any) -> QuerySet[Application]:
    """The applications that `user` may screen (`applications.screen`): an officer's, never her own. Two queries."""
    return Application.objects.filter(_as_officer(user)).exclude(applicant=user.pk).select_related("call", "applicant")


@scope_of(Application)
def applications_visible_to(user: Any) -> QuerySet[Application]:
    """Her own; as an officer, submitted ones that rank a lab of her institute; as head or member of a lab, eligible
    ones that rank the lab. Ministry and finance see none. One query, without joins to many; staff need one before it.
    """
    if not user.is_authenticated:
        return Application.objects.none()
    return Application.objects.filter(seen_by(user)).select_related("call", "applicant")


def seen_by(user: Any) -> Q:
    """The condition of `applications_visible_to`, for the applications of one call."""
    return Q(applicant=user.pk) | _as_staff(user)


def _within(user: Any) -> QuerySet[Application]:
    return applications_visible_to(user).select_related(None).order_by().values("pk")  # type: ignore[return-value]


@scope_of(Document)
def documents_visible_to(user: Any) -> QuerySet[Document]:
    """Documents of applications that she may see; replaced ones are shown to the applicant only."""
    shown = Q(is_current=True) | Q(application__applicant=user.pk)
    rows = Document.objects.filter(shown, application__in=_within(user))
    return rows.select_related("application__applicant", "application__call")


@scope_of(ReferenceLetter)
def letters_visible_to(user: Any) -> QuerySet[ReferenceLetter]:
    """Letters of applications that she may see. That a letter exists; reading one needs `applications.view_letter`."""
    rows = ReferenceLetter.objects.filter(application__in=_within(user))
    return rows.select_related("application__applicant", "application__call")


@scope_of(Correction)
def corrections_visible_to(user: Any) -> QuerySet[Correction]:
    """Her own; those of applications that she screens."""
    rows = Correction.objects.filter(application__in=_within(user))
    return rows.select_related("application__applicant", "application__call")
