"""Closing a fiscal year and opening it again: two people and a reason; a closed year refuses every entry."""

from collections.abc import Sequence
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from common.audit import record
from common.gestures import action
from common.refusals import Refusal, SamePersonTwice
from common.states import lock, move
from funding.actions.movements import carry_position
from funding.models import ChartLine, FiscalYear, YearChange
from funding.queries.years import open_matters
from funding.states import YearState
from labs.models import Institute
from people.models import User
from people.states import Role


class YearRefused(Refusal):
    words = _("This year cannot be changed so.")


@action
def ask_year(year: int, *, by: User, to: str, reason: str) -> YearChange:
    """Ask that a fiscal year be closed, or opened again. Refuses without a reason and while another change waits."""
    row, _is_new = FiscalYear.objects.get_or_create(year=year)
    lock(row)
    if not reason.strip():
        raise YearRefused(_("Say why."), field="reason")
    if row.state == to:
        raise YearRefused(_("The year is so already."), field="to")
    if row.changes.filter(confirmed_at=None).exists():
        raise YearRefused(_("A change of this year waits already; confirm it first."))
    made = YearChange.objects.create(year=row, to=to, reason=reason[:300], asked_by=by)
    record("funding.year.asked", row, by=by, after={"to": to}, note=reason)
    return made


@action
def confirm_year(change: YearChange, *, by: User) -> FiscalYear:
    """Another person confirms; one of the two is of the ministry. Refuses to close while matters are open.

    Before it closes, what each institute owns and owes is carried into the next year.
    """
    lock(change)
    if by.pk == change.asked_by_id:
        raise SamePersonTwice
    if change.confirmed_at is not None:
        return change.year
    if not (by.holds(Role.MINISTRY) or change.asked_by.holds(Role.MINISTRY)):
        raise YearRefused(_("One of the two people must be of the ministry."))
    if change.to == YearState.CLOSED and (left := open_matters(change.year.year)):
        what = ", ".join(f"{matter.words}: {matter.number}" for matter in left)
        raise YearRefused(_("Not everything of this year is settled yet: %(what)s"), what=what)
    if change.to == YearState.CLOSED:
        _carry_positions(change.year.year, by)
    change.confirmed_at, change.confirmed_by = timezone.now(), by
    change.save(update_fields=["confirmed_at", "confirmed_by"])
    return move(change.year, change.to, by=by, note=change.reason)


def _carry_positions(year: int, by: User) -> None:
    for institute in Institute.objects.filter(accounts__fiscal_year=year).distinct().order_by("pk"):
        carry_position(institute, year, by=by)


@action
def withdraw_year(change: YearChange, *, by: User) -> None:
    """Take back a change that nobody confirmed."""
    lock(change)
    if change.confirmed_at is not None:
        raise YearRefused(_("This change was confirmed already."))
    record("funding.year.withdrawn", change.year, by=by, before={"to": change.to}, note=change.reason)
    change.delete()


@action
def load_chart(rows: Sequence[dict[str, Any]], *, by: User | None) -> int:
    """Load the chart of accounts; lines that are there stay as they are. How many are new."""
    new = 0
    for row in rows:
        kind = row["kind"]
        _line, is_new = ChartLine.objects.get_or_create(
            kind=kind, defaults={name: value for name, value in row.items() if name != "kind"}
        )
        new += is_new
    if new:
        record("funding.chart.loaded", ChartLine.objects.earliest("pk"), by=by, after={"new": new})
    return new
