"""What a call's seats are: openings with targets, reserves and caps, changes that wait, and how a run freezes them."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db.models import F, Prefetch, Q, QuerySet

from applications.models import Call
from common.access import scope_of
from labs.models import Institute
from matching.models import Group, InstituteCap, Opening, Reserve, Reversion, SeatChange
from matching.states import ChangeState, ReversionState
from people.states import Role


@scope_of(SeatChange)
def changes_visible_to(user: Any) -> QuerySet[SeatChange]:
    """Officers and auditors see every change of seats."""
    rows = SeatChange.objects.select_related("call", "opening__call_lab__lab", "institute", "group", "asked_by")
    return rows if user.has_perm("matching.view_runs") else rows.none()


@scope_of(Group)
def groups_visible_to(user: Any) -> QuerySet[Group]:
    """Officers and auditors see what groups a call has; who belongs to one is shown to nobody."""
    rows = Group.objects.select_related("call")
    return rows if user.has_perm("matching.view_runs") else rows.none()


@scope_of(Reversion)
def reversions_visible_to(user: Any) -> QuerySet[Reversion]:
    """Both labs' people see what stands between them, officers and auditors all."""
    rows = Reversion.objects.select_related(
        "giver__call_lab__lab__institute", "taker__call_lab__lab__institute", "giver__call_lab__call"
    )
    if user.has_perm("matching.view_runs"):
        return rows
    labs = user.places(Role.LAB_HEAD, Role.LAB_MEMBER)
    return rows.filter(giver__call_lab__lab__place__in=labs) | rows.filter(taker__call_lab__lab__place__in=labs)


def between_institutes(call: Call, user: Any) -> tuple[list[Opening], list[Opening]]:
    """Openings of the institutes whose officer `user` is, with seats to give, and those of all other institutes."""
    houses = user.places(Role.PROGRAMME_OFFICER)
    rows = list(openings_of(call))
    own = [row for row in rows if row.call_lab.lab.institute.place_id in houses]
    return [row for row in own if row.seats], [row for row in rows if row not in own]


def openings_of(call: Call) -> QuerySet[Opening]:
    """The call's openings in the order that gives labs their pseudonyms: l1 is the first."""
    rows = Opening.objects.filter(call_lab__call=call).order_by("call_lab_id")
    return rows.select_related("call_lab__lab__institute", "call_lab__call", "rank_list")


def with_reserves(rows: QuerySet[Opening]) -> QuerySet[Opening]:
    return rows.prefetch_related(Prefetch("reserves", queryset=Reserve.objects.select_related("group")))


def opening_values(opening: Opening) -> dict[str, Any]:
    """What an opening offers now, as a change of seats keeps it."""
    reserves = opening.reserves.select_related("group")
    return {
        "seats": opening.seats,
        "minimum": opening.minimum,
        "reserve_order": opening.reserve_order,
        "reserves": [[row.group.code, row.seats] for row in reserves],
    }


def cap_values(call: Call, institute: Institute) -> dict[str, Any]:
    """An institute's cap now, as a change of it keeps it."""
    rows = Opening.objects.filter(call_lab__call=call, call_lab__lab__institute=institute)
    codes = dict(rows.values_list("call_lab_id", "call_lab__lab__code"))
    found = InstituteCap.objects.filter(call=call, institute=institute).first()
    if found is None:
        return {"cap": None, "order": [], "targets": {}}
    targets = {codes[lab]: target for lab, target in rows.values_list("call_lab_id", "target")}
    return {"cap": found.cap, "order": [codes[pk] for pk in found.order if pk in codes], "targets": targets}


def group_values(group: Group) -> dict[str, Any]:
    """What a group is now, as a change of it and the audit keep it."""
    values = {"code": group.code, "name_en": group.name_en, "name_ko": group.name_ko}
    return {**values, "conditions": group.conditions, "call": group.call.code}


def is_reserved(group: Group) -> bool:
    """Whether an opening reserves seats for the group, or a change that waits would."""
    waiting = SeatChange.objects.filter(call=group.call_id, state=ChangeState.ASKED, opening__isnull=False)
    asked = [code for values in waiting.values_list("values", flat=True) for code, _seats in values.get("reserves", [])]
    return group.code in asked or group.reserves.exists()


def changes_of(call: Call) -> list[SeatChange]:
    """Those that wait first, then the latest decided ones."""
    rows = SeatChange.objects.filter(call=call).select_related(
        "opening__call_lab__lab", "institute", "group", "asked_by", "approved_by", "declined_by"
    )
    return [*rows.filter(state=ChangeState.ASKED), *rows.exclude(state=ChangeState.ASKED)[:20]]


def reversions_of(opening: Opening) -> list[Reversion]:
    """What the lab gives or takes, without what ended."""
    given, taken = Reversion.objects.filter(giver=opening), Reversion.objects.filter(taker=opening)
    rows = (given | taken).exclude(state=ReversionState.ENDED)
    return list(rows.select_related("giver__call_lab__lab__institute", "taker__call_lab__lab__institute"))


def reversions_in(call: Call) -> list[Reversion]:
    """All that stands between labs of the call."""
    rows = Reversion.objects.filter(giver__call_lab__call=call).exclude(state=ReversionState.ENDED)
    return list(rows.select_related("giver__call_lab__lab__institute", "taker__call_lab__lab__institute"))


def beyond_money(openings: Iterable[Opening]) -> list[Opening]:
    """Openings with more seats than their stated money carries, seats of another institute that go over among them.

    Within an institute a seat that goes over brings its money: both labs' own seats are carried. One query.
    """
    rows = list(openings)
    agreed = Reversion.objects.filter(taker__in=[row.pk for row in rows], state=ReversionState.AGREED)
    elsewhere = ~Q(giver__call_lab__lab__institute=F("taker__call_lab__lab__institute"))
    over = dict(agreed.filter(elsewhere).values_list("taker_id", "seats"))
    return [row for row in rows if row.seats_funded is not None and row.seats + over.get(row.pk, 0) > row.seats_funded]


def caps_of(call: Call) -> dict[int, InstituteCap]:
    """The caps of the call by primary key of the institute."""
    return {row.institute_id: row for row in InstituteCap.objects.filter(call=call)}


def neighbours_of(opening: Opening) -> QuerySet[Opening]:
    """Openings of the other labs of the institute in the same call."""
    rows = Opening.objects.filter(
        call_lab__call=opening.call_lab.call_id, call_lab__lab__institute=opening.call_lab.lab.institute_id
    )
    return rows.exclude(pk=opening.pk).select_related("call_lab__lab")


@dataclass
class House:
    """Labs under one cap as an instance knows them: an institute, or labs among whom seats go over."""

    name: str
    cap: int | None = None
    order: list[int] = field(default_factory=list)


@dataclass(frozen=True)
class Frozen:
    """A lab's seats as an instance holds them: its house, how many at most, up to how many it chooses first."""

    house: House
    seats: int
    target: int | None


def frozen_seats(call: Call, openings: Iterable[Opening]) -> tuple[list[House], dict[int, Frozen]]:
    """The houses of a call in order, and each lab's seats by primary key of its CallLab."""
    rows = list(openings)
    caps = {row.institute_id: row for row in InstituteCap.objects.filter(call=call)}
    houses: dict[int, House] = {}
    for row in rows:
        houses.setdefault(row.call_lab.lab.institute_id, House(f"i{len(houses) + 1}"))
    for institute, cap in caps.items():
        if institute in houses:
            houses[institute].cap, houses[institute].order = cap.cap, list(cap.order)
    seats = {row.call_lab_id: _under(houses[row.call_lab.lab.institute_id], row) for row in rows}
    by_pk = {row.pk: row for row in rows}
    among = [row for row in _going_over(rows) if not _is_capped(row, by_pk, seats)]
    made = [_house_of(number, row, by_pk, seats) for number, row in enumerate(among, start=1)]
    used = {id(kept.house) for kept in seats.values()}
    return [house for house in [*houses.values(), *made] if id(house) in used], seats


def _under(house: House, row: Opening) -> Frozen:
    return Frozen(house, row.seats, None if house.cap is None else row.target or 0)


def _going_over(rows: list[Opening]) -> list[Reversion]:
    """What was agreed between labs of the call; no lab is in two of them."""
    agreed = Reversion.objects.filter(giver__in=[row.pk for row in rows], state=ReversionState.AGREED)
    return list(agreed.order_by("pk"))


def _is_capped(agreed: Reversion, by_pk: dict[int, Opening], seats: dict[int, Frozen]) -> bool:
    """The institute of one of the two labs has a cap."""
    return any(seats[by_pk[pk].call_lab_id].house.cap is not None for pk in (agreed.giver_id, agreed.taker_id))


def _house_of(number: int, agreed: Reversion, by_pk: dict[int, Opening], seats: dict[int, Frozen]) -> House:
    """One house of two labs: together no more than their own seats, the taker first beyond its own."""
    giver, taker = by_pk[agreed.giver_id], by_pk[agreed.taker_id]
    house = House(f"{seats[giver.call_lab_id].house.name}-{number}", giver.seats + taker.seats)
    house.order = [taker.call_lab_id, giver.call_lab_id]
    seats[giver.call_lab_id] = Frozen(house, giver.seats, giver.seats)
    seats[taker.call_lab_id] = Frozen(house, taker.seats + agreed.seats, taker.seats)
    return house
