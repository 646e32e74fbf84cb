"""The finished call's match, by the programme's own verbs: certified lists, a sealed run, two officers, published."""

import hashlib
from datetime import datetime, timedelta
from random import Random

import pgtrigger

from applications.models import Application, Call, CallLab
from applications.states import CallState
from common.crypto import encrypt
from innocore.demonstration.cast import fill_roles, give_password
from innocore.demonstration.plan import Round
from innocore.demonstration.rounds import audit
from matching import actions
from matching.models import ListSeal, MatchRun, Opening, RankList, SeatChange, SeedShare
from matching.queries import carried_by_books
from matching.states import ChangeState
from notifications.models import Notification
from notifications.states import NotificationState
from people.models import User
from people.states import Role


def rank(call: Call, labs: dict[str, CallLab], drawn: Round, applications: dict[int, Application]) -> None:
    """Every lab's list as planned, in the order of the plan."""
    actions.open_seats(call, by=None)
    for code, numbers in drawn.rankings.items():
        rank_list = RankList.objects.get(opening__call_lab=labs[code])
        rank_list.ranked = [applications[number].pk for number in numbers]
        rank_list.version = 1
        rank_list.save()


def certify(call: Call, heads: dict[str, User], admin: User, at: datetime) -> None:
    """Each lab's head certifies its list, a member of the lab confirms it, each hash is published when they are due."""
    random = Random(call.code)
    for opening in Opening.objects.filter(call_lab__call=call).select_related("call_lab__lab__place", "rank_list"):
        head, row = heads[opening.call_lab.lab.code], opening.rank_list
        member = fill_roles(random, Role.LAB_MEMBER, 1, admin, opening.call_lab.lab.place)[0]
        if opening.call_lab.lab.code == "LLM":
            give_password([member])
        actions.certify_ranking(row, version=row.version, by=head, knows_missing=True)
        actions.confirm_ranking(row, version=row.version, by=member)
        with pgtrigger.ignore("matching.ListSeal:append_only_rows"):
            ListSeal.objects.filter(rank_list=row).update(sealed_at=at)
        RankList.objects.filter(pk=row.pk).update(proposed_at=at, certified_at=at, saved_at=at, saved_by=head)


def commit_seed(call: Call, officers: tuple[User, User], at: datetime) -> None:
    """Two officers' secrets, committed while the lists were still open; in the demonstration they are drawn from its day."""
    for position, officer in enumerate(officers, start=1):
        secret = hashlib.sha256(f"{call.code} {position}".encode()).hexdigest()
        SeedShare.objects.create(
            call=call,
            officer=officer,
            position=position,
            sha256=hashlib.sha256(secret.encode()).hexdigest(),
            sealed=encrypt(secret),
            committed_at=at,
        )


def state_money(call: Call, first: User, second: User) -> None:
    """What the books carry stands; where a lab has more seats than that, a second officer answers for a letter."""
    books = carried_by_books(call)
    rows = Opening.objects.filter(call_lab__call=call)
    wanted: dict[int, int | None] = {row.call_lab_id: max(books[row.call_lab_id].places, row.seats) for row in rows}
    actions.state_money(call, wanted, by=first, reason="Letter of the ministry: seats of the plan are carried.")
    for change in SeatChange.objects.filter(call=call, state=ChangeState.ASKED):
        actions.approve_change(change, by=second)


def run_match(call: Call, first: User, second: User, at: datetime) -> MatchRun:
    """Ask, solve, confirm by the second officer, publish; the moments are those of the call's calendar."""
    commit_seed(call, (first, second), call.ranks_due_at - timedelta(days=5))
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
