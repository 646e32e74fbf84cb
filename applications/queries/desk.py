"""What waits for a person in this room."""

from typing import Any

from django.db.models import Count
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from applications.models import Application, Call
from applications.queries.scope import applications_visible_to
from applications.states import ApplicationState, CallState
from common.desk import DeskItem
from people.rules import is_programme_officer

MINE = 5


def desk_items(user: Any) -> list[DeskItem]:
    """An applicant's applications (one query for everybody), an officer's calls (two more)."""
    items = [item for application in _latest(user) if (item := _own(application))]
    return items + _officers(user) if is_programme_officer(user) else items


def _latest(user: Any) -> list[Application]:
    """Her latest applications; `user`, who lives for one request, remembers whether there are any."""
    rows = Application.objects.filter(applicant=user.pk).select_related("call").order_by("-started_at")
    found = list(rows.defer("summary", "motivation", "search_words", "call__text_en", "call__text_ko")[:MINE])
    user.has_ever_applied = bool(found)
    return found


def has_applied(user: Any) -> bool:
    """Whether she ever began an application: without one there is no result, offer or fellowship to ask for."""
    if not hasattr(user, "has_ever_applied"):
        user.has_ever_applied = Application.objects.filter(applicant=user.pk).exists()
    return bool(user.has_ever_applied)


def _own(application: Application) -> DeskItem | None:
    """Her application in her words; None when there is nothing to do or to wait for."""
    call, url = application.call, reverse("applications:application", kwargs={"key": application.key})
    named = {"call": call.name}
    if application.state == ApplicationState.DRAFT and call.is_open:
        label = _("Submit your application: %(call)s") % named
        words = _("A version is submitted; your changes are not.") if application.number else _("Nothing is sent yet.")
        return DeskItem(label, url, "todo", call.closes_at, detail=words)
    if application.state == ApplicationState.SUBMITTED:
        label = _("Your application is submitted: %(call)s") % named
        return DeskItem(label, url, "waiting", detail=_("An officer checks it after the deadline."))
    if application.state == ApplicationState.ELIGIBLE and call.state != CallState.FINISHED:
        label = _("Your application is with the reviewers: %(call)s") % named
        return DeskItem(label, url, "waiting", detail=_("Decisions by %(day)s.") % {"day": call.decisions_on})
    return None


def _officers(user: Any) -> list[DeskItem]:
    now = timezone.now()
    rows = Call.objects.filter(state__in=[CallState.PUBLISHED, CallState.REVIEW], closes_at__lt=now)
    calls = list(rows.defer("text_en", "text_ko"))
    waiting = applications_visible_to(user).filter(call__in=calls, state=ApplicationState.SUBMITTED)
    counted = waiting.exclude(applicant=user.pk).order_by().values_list("call").annotate(number=Count("pk"))
    number = dict(counted)
    return [item for call in calls for item in _of_call(call, number.get(call.pk, 0))]


def _of_call(call: Call, number: int) -> list[DeskItem]:
    items = []
    if number:
        url = f"{reverse('applications:screening')}?call={call.key}&state={ApplicationState.SUBMITTED}"
        label = _("Screen applications: %(call)s") % {"call": call.name}
        items.append(DeskItem(label, url, "todo", call.reviews_due_at, count=number))
    if call.state == CallState.PUBLISHED:
        url = reverse("applications:call", kwargs={"key": call.key})
        label = _("Close the call for review: %(call)s") % {"call": call.name}
        items.append(DeskItem(label, url, "todo", detail=_("Its deadline has passed.")))
    return items
