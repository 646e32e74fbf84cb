"""Seats: opening them, changing them and caps with a reason and a second person's approval.

Everything here is fixed while a run stands on it.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from applications.models import Call
from common.audit import record
from common.refusals import Refusal
from common.states import lock
from labs.models import Institute
from matching.actions.attempts import watched
from matching.models import Group, InstituteCap, MatchRun, Opening, RankList, Reserve, Reversion, SeatChange
from matching.queries.plans import cap_values, opening_values
from matching.states import ChangeState, ReserveOrder, RunState
from people.models import User


class SeatsFixed(Refusal):
    words = _("A run of this call stands on these seats and lists. They can change only after it is discarded.")


class SeatsDoNotAddUp(Refusal):
    words = _("These seats do not add up.")


class ChangeWaits(Refusal):
    words = _("A change of these seats waits for approval already. Decide on that one first.")


@dataclass(frozen=True)
class Seats:
    """What an opening shall offer. `reserves` are pairs of a group's code and its seats, in the order of filling."""

    seats: int
    minimum: int | None = None
    reserve_order: str = ReserveOrder.OPEN_FIRST
    reserves: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True)
class Cap:
    """An institute's cap (None: none), its labs' targets by code, and the order in which they go beyond them."""

    cap: int | None
    order: tuple[str, ...] = ()
    targets: Mapping[str, int] | None = None


def check_no_run(call: Call) -> None:
    """Lock the call and refuse with `SeatsFixed` while one of its runs is under way or published."""
    lock(call)
    if MatchRun.objects.filter(call=call, is_draft=False).exclude(state=RunState.DISCARDED).exists():
        raise SeatsFixed


@watched
def open_seats(call: Call, *, by: User | None) -> list[Opening]:
    """Open the announced seats of every lab of the call that has none open yet, each with an empty rank list."""
    check_no_run(call)
    for call_lab in call.call_labs.filter(opening=None).select_related("lab", "call"):
        opening = Opening.objects.create(call_lab=call_lab, seats=call_lab.seats_announced)
        RankList.objects.create(opening=opening)
        record("matching.seats.opened", opening, by=by, after={"seats": opening.seats})
    return list(Opening.objects.filter(call_lab__call=call).select_related("call_lab__lab"))


@watched
def ask_for_seats(opening: Opening, wanted: Seats, *, by: User, reason: str) -> SeatChange:
    """Ask that an opening offers `wanted`; it does once another person approves. Refuses what does not add up."""
    call = opening.call_lab.call
    check_no_run(call)
    lock(opening)
    _check_seats(opening, wanted)
    before, values = opening_values(opening), _plain(asdict(wanted))
    return stage(SeatChange(call=call, opening=opening, values=values, before=before), by=by, reason=reason)


@watched
def ask_for_cap(call: Call, institute: Institute, wanted: Cap, *, by: User, reason: str) -> SeatChange:
    """Ask that an institute takes `wanted.cap` people at most, its labs choosing up to their targets first."""
    check_no_run(call)
    _check_cap(call, institute, wanted)
    values = _plain({**asdict(wanted), "targets": dict(wanted.targets or {})})
    before = cap_values(call, institute)
    return stage(SeatChange(call=call, institute=institute, values=values, before=before), by=by, reason=reason)


def _plain(values: dict[str, Any]) -> dict[str, Any]:
    return {name: [list(v) if isinstance(v, tuple) else v for v in value] if isinstance(value, tuple) else value
            for name, value in values.items()}  # fmt: skip


def stage(change: SeatChange, *, by: User, reason: str) -> SeatChange:
    """Let a change wait for a second person. Refuses one without a reason, and a second one of the same thing."""
    if not reason.strip():
        raise Refusal(_("Please give a reason."), field="reason")
    same = SeatChange.objects.filter(call=change.call, opening=change.opening, institute=change.institute)
    same = same.filter(group=change.group)
    if same.filter(state=ChangeState.ASKED).exists():
        raise ChangeWaits
    change.asked_by, change.reason = by, reason.strip()
    change.save(force_insert=True)
    record("matching.change.asked", change, by=by, before=change.before, after=change.values, note=change.reason)
    return change


def _check_seats(opening: Opening, wanted: Seats) -> None:
    reserved = sum(seats for _group, seats in wanted.reserves)
    cap = InstituteCap.objects.filter(
        call=opening.call_lab.call_id, institute=opening.call_lab.lab.institute_id
    ).first()
    first = wanted.seats if cap is None or opening.target is None else min(opening.target, wanted.seats)
    if reserved > first:
        raise SeatsDoNotAddUp(
            _("The reserves are %(reserved)s seats, more than the %(first)s that they can be taken from."),
            field="seats", reserved=reserved, first=first,
        )  # fmt: skip
    if wanted.minimum is not None and wanted.minimum > wanted.seats:
        raise SeatsDoNotAddUp(_("The minimum is more than the seats."), field="minimum")
    if cap is not None and opening.target is not None and opening.target > wanted.seats:
        raise SeatsDoNotAddUp(_("The target under the institute's cap is more than these seats."), field="seats")
    known = set(Group.objects.filter(call=opening.call_lab.call_id).values_list("code", flat=True))
    if not {code for code, _seats in wanted.reserves} <= known:
        raise SeatsDoNotAddUp(_("A reserve names a group that this call does not have."))


def _check_cap(call: Call, institute: Institute, wanted: Cap) -> None:
    if wanted.cap is None:
        return
    openings = _of_institute(call, institute)
    targets = dict(wanted.targets or {})
    if set(targets) != set(openings) or sorted(wanted.order) != sorted(openings):
        raise SeatsDoNotAddUp(_("Each of the institute's labs has a target and a place in the order, once."))
    for code, opening in openings.items():
        reserved = sum(opening.reserves.values_list("seats", flat=True))
        if not reserved <= targets[code] <= opening.seats:
            raise SeatsDoNotAddUp(
                _("The target of %(lab)s is between its reserves, %(reserved)s, and its seats, %(seats)s."),
                lab=code, reserved=reserved, seats=opening.seats,
            )  # fmt: skip
    if sum(targets.values()) > wanted.cap:
        raise SeatsDoNotAddUp(_("The targets sum to more than the cap."), field="cap")
    keys = [row.pk for row in openings.values()]
    going_over = Reversion.objects.filter(Q(giver__in=keys) | Q(taker__in=keys), state__in=["offered", "agreed"])
    if going_over.exists():
        raise SeatsDoNotAddUp(_("Labs of this institute agreed on seats that go over; end that first."))


def _of_institute(call: Call, institute: Institute) -> dict[str, Opening]:
    rows = Opening.objects.filter(call_lab__call=call, call_lab__lab__institute=institute)
    return {row.call_lab.lab.code: row for row in rows.select_related("call_lab__lab")}


def write_seats(opening: Opening, wanted: Seats) -> None:
    """Let other seats, reserves and a minimum stand. Refuses what no longer adds up."""
    lock(opening)
    _check_seats(opening, wanted)
    opening.seats, opening.minimum, opening.reserve_order = wanted.seats, wanted.minimum, wanted.reserve_order
    opening.save(update_fields=["seats", "minimum", "reserve_order"])
    opening.reserves.all().delete()
    groups = {group.code: group for group in Group.objects.filter(call=opening.call_lab.call_id)}
    for position, (code, seats) in enumerate(wanted.reserves, start=1):
        Reserve.objects.create(opening=opening, group=groups[code], seats=seats, position=position)


def write_cap(call: Call, institute: Institute, wanted: Cap) -> None:
    """Let another cap stand, with its targets and order. Refuses what no longer adds up."""
    _check_cap(call, institute, wanted)
    openings = _of_institute(call, institute)
    if wanted.cap is None:
        InstituteCap.objects.filter(call=call, institute=institute).delete()
        Opening.objects.filter(pk__in=[row.pk for row in openings.values()]).update(target=None)
        return
    order = [openings[code].call_lab_id for code in wanted.order]
    InstituteCap.objects.update_or_create(call=call, institute=institute, defaults={"cap": wanted.cap, "order": order})
    for code, opening in openings.items():
        opening.target = dict(wanted.targets or {})[code]
        opening.save(update_fields=["target"])
