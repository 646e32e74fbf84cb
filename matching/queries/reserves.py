"""How the reserved seats of a lab work, said to applicants: no person is in it."""

from collections.abc import Iterable

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from applications.models import CallLab
from matching.models import Opening
from matching.queries.plans import with_reserves
from matching.states import ReserveOrder


def reserves_of(labs: Iterable[CallLab]) -> list[tuple[CallLab, list[str]]]:
    """Each of `labs` that has reserved seats, and in sentences whom they are for and how they fill. Two queries."""
    wanted = list(labs)
    rows = with_reserves(Opening.objects.filter(call_lab__in=wanted))
    openings = {row.call_lab_id: row for row in rows if row.reserves.all()}
    return [(lab, _words(openings[lab.pk])) for lab in wanted if lab.pk in openings]


def _words(opening: Opening) -> list[str]:
    said = []
    for row in opening.reserves.all():
        words = ngettext(
            "%(reserved)s of %(seats)s seats is reserved for: %(group)s.",
            "%(reserved)s of %(seats)s seats are reserved for: %(group)s.",
            row.seats,
        )
        said.append(words % {"reserved": row.seats, "seats": opening.seats, "group": row.group.name})
    return [*said, _how(opening.reserve_order)]


def _how(order: str) -> str:
    if order == ReserveOrder.RESERVED_FIRST:
        return _(
            "The reserved seats are filled first, by the best ranked of the group; then all other seats by rank, by "
            "anybody. A reserved seat that nobody of the group takes goes by rank to anybody."
        )
    return _(
        "The other seats are filled first, by rank, by anybody; then the reserved ones by the best ranked of the group "
        "who have no seat yet. A reserved seat that nobody of the group takes goes by rank to anybody."
    )
