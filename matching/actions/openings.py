"""Opening seats and changing their number, as long as no run stands on them."""

from django.utils.translation import gettext_lazy as _

from applications.models import Call
from common.audit import record
from common.gestures import action
from common.refusals import Refusal
from common.states import lock
from matching.models import MatchRun, Opening, RankList
from matching.states import RunState
from people.models import User


class SeatsFixed(Refusal):
    words = _("A run of this call stands on these seats and lists. They can change only after it is discarded.")


def check_no_run(call: Call) -> None:
    """Lock the call and refuse with `SeatsFixed` while one of its runs is under way or published."""
    lock(call)
    if MatchRun.objects.filter(call=call).exclude(state=RunState.DISCARDED).exists():
        raise SeatsFixed


@action
def open_seats(call: Call, *, by: User | None) -> list[Opening]:
    """Open the announced seats of every lab of the call that has none open yet, each with an empty rank list."""
    check_no_run(call)
    for call_lab in call.call_labs.filter(opening=None).select_related("lab", "call"):
        opening = Opening.objects.create(call_lab=call_lab, seats=call_lab.seats_announced)
        RankList.objects.create(opening=opening)
        record("matching.seats.opened", opening, by=by, after={"seats": opening.seats})
    return list(Opening.objects.filter(call_lab__call=call).select_related("call_lab__lab"))


@action
def set_seats(opening: Opening, seats: int, *, by: User, reason: str = "") -> Opening:
    """Change the number of seats of a lab (0 or more), with an audit entry. Refuses while a run stands on it."""
    check_no_run(opening.call_lab.call)
    lock(opening)
    if opening.seats != seats:
        before = {"seats": opening.seats}
        opening.seats = seats
        opening.save(update_fields=["seats"])
        record("matching.seats.changed", opening, by=by, before=before, after={"seats": seats}, note=reason)
    return opening
