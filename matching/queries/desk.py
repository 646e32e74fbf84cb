"""What waits: lists to certify, runs to ask for, check, confirm and publish, results to read."""

from typing import Any

from django.db.models import Count, Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from applications.models import Application, Call
from applications.queries import has_applied
from applications.states import ApplicationState, CallState
from common.desk import DeskItem
from common.job_states import JobState
from matching.models import MatchResult, MatchRun, SeedShare, WaveOffer
from matching.queries.after import waiting_for_decision
from matching.queries.couples import LIVE as COUPLES
from matching.queries.couples import couples_visible_to
from matching.queries.ranking import own_openings
from matching.queries.readiness import LIVE
from matching.queries.seeds import LINES
from matching.states import CoupleState, RankListState, RunState, WaveState


def desk_items(user: Any) -> list[DeskItem]:
    """Five queries for an applicant, one more for lab people, four more for officers."""
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
    return (
        _of_order(user)
        + _of_couples(user)
        + _of_waves(user)
        + [
            DeskItem(
                _("Read your result in the match"),
                reverse("matching:result", args=[row.application.key]),
                kind="info",
                detail=row.run.call.name,
            )
            for row in rows.select_related("application", "run__call").defer("run__instance", "run__outcome")
        ]
    )


def _of_couples(user: Any) -> list[DeskItem]:
    """Who asks her to rank together, and lists of pairs to which she has not agreed yet."""
    now = timezone.now()
    live = couples_visible_to(user).filter(first__call__state=CallState.REVIEW, first__call__ranks_due_at__gt=now)
    items = []
    for row in live.filter(state__in=COUPLES).order_by("pk"):
        is_first = row.first.applicant_id == user.pk
        own, agrees = (row.first, row.first_agrees) if is_first else (row.second, row.second_agrees)
        if own is None or (row.state == CoupleState.ASKED and is_first) or (row.state == CoupleState.JOINED and agrees):
            continue
        asked = row.state == CoupleState.ASKED
        label = _("Somebody asks you to rank together") if asked else _("Agree on your pairs of labs")
        items.append(DeskItem(label, reverse("matching:couple", args=[own.key]), detail=row.first.call.name))
    return items


def _of_waves(user: Any) -> list[DeskItem]:
    """Places that are offered to her in a supplementary round."""
    rows = WaveOffer.objects.filter(result__application__applicant=user.pk, state=WaveState.OFFERED)
    return [
        DeskItem(
            _("A place is offered to you: answer in time"),
            reverse("matching:own_supplement", args=[row.result.application.key]),
            due_at=row.closes_at,
            detail=row.call_lab.lab.name,
        )
        for row in rows.filter(closes_at__gt=timezone.now()).select_related("result__application", "call_lab__lab")
    ]


def _of_order(user: Any) -> list[DeskItem]:
    """While she may still change the order of her labs."""
    rows = Application.objects.filter(
        applicant=user.pk, state=ApplicationState.ELIGIBLE, call__state=CallState.REVIEW, choice_list__certified_at=None
    ).select_related("call", "call__match_plan")
    plans = {row.pk: getattr(row.call, "match_plan", None) for row in rows}
    ends = {row.pk: getattr(plans[row.pk], "choices_due_at", None) or row.call.ranks_due_at for row in rows}
    return [
        DeskItem(
            _("You may still change the order of your labs"),
            reverse("matching:choices", args=[row.key]),
            kind="info",
            due_at=ends[row.pk],
            detail=row.call.name,
        )
        for row in rows
        if ends[row.pk] > timezone.now()
    ]


def _of_lab(user: Any) -> list[DeskItem]:
    rows = own_openings(user).filter(
        rank_list__state__in=[RankListState.DRAFT, RankListState.PROPOSED],
        seats__gt=0,
        call_lab__call__state__in=[CallState.PUBLISHED, CallState.REVIEW],
        call_lab__call__closes_at__lt=timezone.now(),
    )
    return [
        DeskItem(
            _("Confirm your lab's list as the second person")
            if row.rank_list.state == RankListState.PROPOSED
            else _("Rank your candidates and certify the list"),
            reverse("matching:rank", args=[row.key]),
            due_at=row.call_lab.call.ranks_due_at,
            detail=row.call_lab.lab.name,
        )
        for row in rows
        if row.rank_list.state == RankListState.DRAFT or row.rank_list.proposed_by_id != user.pk
    ]


def _of_officer(user: Any) -> list[DeskItem]:
    runs: QuerySet[MatchRun] = MatchRun.objects.filter(is_draft=False, state__in=LIVE).select_related("call")
    live = list(runs.defer("instance", "outcome"))
    busy = {run.call_id for run in live}
    due = Call.objects.filter(state=CallState.REVIEW, ranks_due_at__lt=timezone.now()).exclude(pk__in=busy)
    waiting = due.exclude(match_runs__state=RunState.PUBLISHED)
    asked = [
        DeskItem(_("Run the match"), reverse("matching:runs", args=[call.key]), due_at=None, detail=call.name)
        for call in waiting
    ]
    return [item for run in live for item in _of_run(run, user)] + asked + _of_seeds(user) + _of_free_places()


def _of_free_places() -> list[DeskItem]:
    """Published matches in which places were given up after the last filling."""
    label = _("Places were given up: decide who follows")
    return [
        DeskItem(label, reverse("matching:after", args=[row.key]), detail=row.call.name)
        for row in waiting_for_decision().select_related("call").defer("instance", "outcome")
    ]


def _of_seeds(user: Any) -> list[DeskItem]:
    """Calls in review whose lists are not due yet and which still lack an officer's secret that could be hers."""
    standing = Count("seed_shares", filter=Q(seed_shares__given_up_at=None))
    rows = Call.objects.filter(state=CallState.REVIEW, ranks_due_at__gt=timezone.now()).annotate(n=standing)
    hers = SeedShare.objects.filter(officer=user.pk, given_up_at=None).values("call")
    return [
        DeskItem(
            _("Commit a secret for the lottery"),
            reverse("matching:seed", args=[call.key]),
            due_at=call.ranks_due_at,
            detail=call.name,
        )
        for call in rows.filter(n__lt=LINES).exclude(pk__in=hers)
    ]


def _of_run(run: MatchRun, user: Any) -> list[DeskItem]:
    url, name = reverse("matching:run", args=[run.key]), run.call.name
    if run.state == RunState.SCHEDULED:
        words = _("The match is published at its instant")
        return [DeskItem(words, url, kind="waiting", due_at=run.publish_at, detail=name)]
    if run.state == RunState.CONFIRMED:
        return [DeskItem(_("Publish the match"), url, detail=name)]
    if run.state == RunState.SOLVED and run.requested_by_id != user.pk:
        return [DeskItem(_("Check and confirm the match"), url, detail=name)]
    if run.state == RunState.SOLVED:
        return [DeskItem(_("The match waits for a second officer"), url, kind="waiting", detail=name)]
    if run.job_state == JobState.FAILED:
        return [DeskItem(_("The match could not be solved: look why"), url, detail=name)]
    return [DeskItem(_("The match is being solved"), url, kind="waiting", detail=name)]
