"""What waits: lists to certify, runs to ask for, check, confirm and publish, results to read."""

from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from applications.models import Call
from applications.queries import has_applied
from applications.states import ApplicationState, CallState
from common.desk import DeskItem
from common.job_states import JobState
from matching.models import MatchResult, MatchRun
from matching.queries.ranking import own_openings
from matching.queries.readiness import LIVE
from matching.states import RankListState, RunState


def desk_items(user: Any) -> list[DeskItem]:
    """Two queries for an applicant, one more for lab people, two more for officers."""
    items = _of_applicant(user) if has_applied(user) else []
    if user.has_perm("matching.view_rankings"):
        items += _of_lab(user)
    if user.has_perm("matching.run"):
        items += _of_officer(user)
    return items


def _of_applicant(user: Any) -> list[DeskItem]:
    rows = MatchResult.objects.filter(
        application__applicant=user.pk,
        application__state=ApplicationState.ELIGIBLE,
        run__state=RunState.PUBLISHED,
    )
    return [
        DeskItem(
            _("Read your result in the match"),
            reverse("matching:result", args=[row.application.key]),
            kind="info",
            detail=row.run.call.name,
        )
        for row in rows.select_related("application", "run__call").defer("run__instance", "run__outcome")
    ]


def _of_lab(user: Any) -> list[DeskItem]:
    rows = own_openings(user).filter(
        rank_list__state=RankListState.DRAFT,
        seats__gt=0,
        call_lab__call__state__in=[CallState.PUBLISHED, CallState.REVIEW],
        call_lab__call__closes_at__lt=timezone.now(),
    )
    return [
        DeskItem(
            _("Rank your candidates and certify the list"),
            reverse("matching:rank", args=[row.key]),
            due_at=row.call_lab.call.ranks_due_at,
            detail=row.call_lab.lab.name,
        )
        for row in rows
    ]


def _of_officer(user: Any) -> list[DeskItem]:
    runs: QuerySet[MatchRun] = MatchRun.objects.filter(state__in=LIVE).select_related("call")
    live = list(runs.defer("instance", "outcome"))
    busy = {run.call_id for run in live}
    due = Call.objects.filter(state=CallState.REVIEW, ranks_due_at__lt=timezone.now()).exclude(pk__in=busy)
    waiting = due.exclude(match_runs__state=RunState.PUBLISHED)
    asked = [
        DeskItem(_("Run the match"), reverse("matching:runs", args=[call.key]), due_at=None, detail=call.name)
        for call in waiting
    ]
    return [item for run in live for item in _of_run(run, user)] + asked


def _of_run(run: MatchRun, user: Any) -> list[DeskItem]:
    url, name = reverse("matching:run", args=[run.key]), run.call.name
    if run.state == RunState.CONFIRMED:
        return [DeskItem(_("Publish the match"), url, detail=name)]
    if run.state == RunState.SOLVED and run.requested_by_id != user.pk:
        return [DeskItem(_("Check and confirm the match"), url, detail=name)]
    if run.state == RunState.SOLVED:
        return [DeskItem(_("The match waits for a second officer"), url, kind="waiting", detail=name)]
    if run.job_state == JobState.FAILED:
        return [DeskItem(_("The match could not be solved: look why"), url, detail=name)]
    return [DeskItem(_("The match is being solved"), url, kind="waiting", detail=name)]
