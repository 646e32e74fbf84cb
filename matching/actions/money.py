"""How many seats of each lab the money carries: what the books say, or another figure that two officers answer for."""

from collections.abc import Mapping

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from applications.models import Call
from common.audit import record
from common.refusals import Refusal
from common.states import lock
from matching.actions.attempts import watched
from matching.actions.openings import check_no_run, stage
from matching.models import Opening, SeatChange
from matching.queries.money import carried_by_books
from people.models import User

BOOKS = "The books on {day}: {places}"


class ReasonForMoney(Refusal):
    words = _(
        "%(labs)s: the figure is not what the books carry. Give a reason; the figure stands once another officer "
        "approves it."
    )


@watched
def state_money(call: Call, carried: Mapping[int, int | None], *, by: User, reason: str = "") -> list[Opening]:
    """State how many seats the money carries for the full term, by primary key of the lab in the call.

    What the books carry stands at once. Another figure needs a reason and waits for another officer as a change of
    seats. None leaves a lab as it is. Returns the openings whose figure is another, now or once approved.
    """
    check_no_run(call)
    wanted = {lab: seats for lab, seats in carried.items() if seats is not None}
    books = carried_by_books(call)
    rows = list(Opening.objects.filter(call_lab__call=call, call_lab__in=wanted).select_related("call_lab__lab"))
    changed = [row for row in rows if wanted[row.call_lab_id] != row.seats_funded]
    other = [row for row in changed if row.call_lab_id not in books
             or books[row.call_lab_id].places != wanted[row.call_lab_id]]  # fmt: skip
    if other and not reason.strip():
        raise ReasonForMoney(field="reason", labs=", ".join(row.call_lab.lab.code for row in other))
    for row in changed:
        seats, found = wanted[row.call_lab_id], books.get(row.call_lab_id)
        if row in other:
            before = {"seats_funded": row.seats_funded}
            values = {"seats_funded": seats, "proposed": found.places if found else None}
            stage(SeatChange(call=call, opening=row, values=values, before=before), by=by, reason=reason)
        else:
            day = timezone.localdate().isoformat()
            write_money(row, seats, BOOKS.format(day=day, places=found.in_short if found else seats), by=by)
    return changed


def write_money(opening: Opening, seats: int, source: str, *, by: User) -> None:
    """Let a figure stand, with where it comes from."""
    lock(opening)
    before = {"seats_funded": opening.seats_funded, "source": opening.funded_source}
    opening.seats_funded, opening.funded_source, opening.funded_at = seats, source[:300], timezone.now()
    opening.save(update_fields=["seats_funded", "funded_source", "funded_at"])
    after = {"seats_funded": seats, "source": opening.funded_source}
    record("matching.seats.funded", opening, by=by, before=before, after=after)
