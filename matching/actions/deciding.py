"""The second person's verbs: a change of seats, caps, groups or money stands, or everything stays as it is."""

from common.refusals import SamePersonTwice
from common.states import lock, move
from matching.actions.attempts import watched
from matching.actions.groups import write_group
from matching.actions.money import write_money
from matching.actions.openings import Cap, Seats, check_no_run, write_cap, write_seats
from matching.models import SeatChange
from matching.states import ChangeState
from people.models import User


@watched
def approve_change(change: SeatChange, *, by: User) -> SeatChange:
    """Let the change stand from now on. Refuses whoever asked for it, and what no longer adds up."""
    check_no_run(change.call)
    lock(change)
    if change.asked_by_id == by.pk:
        raise SamePersonTwice
    move(change, ChangeState.APPROVED, by=by, note=change.reason)
    if change.group is not None:
        write_group(change, change.group, by=by)
    elif change.institute is not None:
        write_cap(change.call, change.institute, Cap(**change.values))
    elif change.opening is not None and "seats_funded" in change.values:
        write_money(change.opening, change.values["seats_funded"], change.reason, by=by)
    elif change.opening is not None:
        write_seats(change.opening, Seats(**change.values))
    return change


@watched
def decline_change(change: SeatChange, *, by: User) -> SeatChange:
    """Leave everything as it stands. Whoever asked may take it back by this."""
    return move(change, ChangeState.DECLINED, by=by)
