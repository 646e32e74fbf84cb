"""The finished call's match, by the programme's own verbs: certified lists, a sealed run, two officers, published."""

from datetime import datetime, timedelta

from applications.models import Application, Call, CallLab
from applications.states import CallState
from innocore.demonstration.plan import Round
from innocore.demonstration.rounds import audit
from matching import actions
from matching.models import MatchRun, Opening, RankList
from notifications.models import Notification
from notifications.states import NotificationState
from people.models import User


def rank(call: Call, labs: dict[str, CallLab], drawn: Round, applications: dict[int, Application]) -> None:
    """Every lab's list as planned, in the order of the plan."""
    actions.open_seats(call, by=None)
    for code, numbers in drawn.rankings.items():
        rank_list = RankList.objects.get(opening__call_lab=labs[code])
        rank_list.ranked = [applications[number].pk for number in numbers]
        rank_list.version = 1
        rank_list.save()


def certify(call: Call, heads: dict[str, User], at: datetime) -> None:
    """Each lab's head certifies its list."""
    for opening in Opening.objects.filter(call_lab__call=call).select_related("call_lab__lab", "rank_list"):
        head = heads[opening.call_lab.lab.code]
        actions.certify_ranking(opening.rank_list, version=opening.rank_list.version, by=head)
        RankList.objects.filter(pk=opening.rank_list.pk).update(certified_at=at, saved_at=at, saved_by=head)


def run_match(call: Call, first: User, second: User, at: datetime) -> MatchRun:
    """Ask, solve, confirm by the second officer, publish; the moments are those of the call's calendar."""
    run = actions.request_run(call, by=first)
    actions.solve_run(run.pk)
    run.refresh_from_db()
    run = actions.confirm_run(run, by=second)
    run = actions.publish_run(run, by=first)
    MatchRun.objects.filter(pk=run.pk).update(
        requested_at=at, solved_at=at, confirmed_at=at + timedelta(hours=2), published_at=at + timedelta(hours=3)
    )
    Call.objects.filter(pk=call.pk).update(state=CallState.FINISHED)
    audit([("applications.call.finished", call, first, at + timedelta(hours=4))])
    quiet()
    return run


def quiet() -> None:
    """What was told in the past counts as sent: the mailbox begins with what happens from now on."""
    waiting = Notification.objects.filter(state=NotificationState.QUEUED)
    waiting.update(state=NotificationState.SENT)
