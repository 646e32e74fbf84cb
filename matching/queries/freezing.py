"""Turning rows into what is sealed: a certified list as one text, a call as an instance under pseudonyms."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from applications.models import Application, Call
from applications.states import ApplicationState
from matching.engine import instance as instances
from matching.models import Couple, Opening, RankDraft, RankList
from matching.queries.choices import choices_of
from matching.queries.couples import couples_among
from matching.queries.groups import groups_of, members_of
from matching.queries.plans import Frozen, frozen_seats, openings_of, with_reserves
from matching.queries.texts import as_text

__all__ = ["canonical_list", "eligible", "frozen", "openings_of", "tie_classes"]

LIST_KIND = "innocore-rank-list"


def canonical_list(rank_list: RankList) -> str:
    """The one text of a list, of which the hash is taken: application numbers, best first, in tie classes; a salt."""
    call_lab = rank_list.opening.call_lab
    numbers = dict(Application.objects.filter(pk__in=rank_list.ranked).values_list("pk", "number"))
    ranks = [[numbers[pk] for pk in tied if pk in numbers] for tied in tie_classes(rank_list)]
    return as_text(LIST_KIND, {"call": call_lab.call.code, "lab": call_lab.lab.code, "ranks": ranks}, rank_list.salt)


def tie_classes(rank_list: RankList | RankDraft) -> list[list[int]]:
    """The ranked primary keys in classes, best first; without sizes everybody is a class of her own."""
    ranked, sizes = rank_list.ranked, rank_list.class_sizes or [1] * len(rank_list.ranked)
    classes, start = [], 0
    for size in sizes:
        classes.append(ranked[start : start + size])
        start += size
    return classes


def eligible(call: Call) -> QuerySet[Application]:
    """Everybody who is in the match: eligible and not withdrawn."""
    return call.applications.filter(state=ApplicationState.ELIGIBLE)


def frozen(call: Call, seed: str, names: Mapping[int, str]) -> instances.Instance:
    """The call as an instance: everybody in `names` (pseudonyms by primary key), every opening, the certified lists.

    Lists keep only those who are in the match and chose the lab. Refuses with `Malformed` what the rule cannot take.
    """
    openings = list(with_reserves(openings_of(call)))
    labs = {opening.call_lab_id: f"l{number}" for number, opening in enumerate(openings, start=1)}
    houses, seats = frozen_seats(call, openings)
    groups = members_of(groups_of(call), names)
    choices, couples = choices_of(names), couples_among(call, names)
    paired = {pk for couple in couples for pk in (couple.first_id, couple.second_id)}
    applicants = [
        {
            "id": names[pk],
            "groups": groups[pk],
            "ranks": [] if pk in paired else [labs[lab] for lab in ranked if lab in labs],
        }
        for pk, ranked in choices.items()
    ]
    known = Known(labs, names, choices)
    return instances.build(
        {
            "format": "innocore-match-instance/1",
            "seed": seed,
            "applicants": applicants,
            "couples": [_couple(couple, names, labs) for couple in couples],
            "institutes": [
                {"id": house.name, "cap": house.cap, "order": [labs[pk] for pk in house.order if pk in labs]}
                for house in houses
            ],
            "labs": [_lab(opening, seats[opening.call_lab_id], known) for opening in openings],
        }
    )


def _couple(couple: Couple, names: Mapping[int, str], labs: Mapping[int, str]) -> dict[str, Any]:
    """The pairs of a couple of whom both are in `names`."""
    return {
        "applicants": [names[couple.first_id], names[couple.second_id or 0]],
        "ranks": [[labs.get(mine or 0), labs.get(other or 0)] for mine, other in couple.pairs],
    }


@dataclass(frozen=True)
class Known:
    """Pseudonyms of labs and applicants, and whom each applicant chose; by primary key."""

    labs: Mapping[int, str]
    names: Mapping[int, str]
    choices: Mapping[int, list[int]]


def _lab(opening: Opening, frozen: Frozen, known: Known) -> dict[str, Any]:
    wanted = opening.call_lab_id
    classes = [
        [known.names[pk] for pk in tied if wanted in known.choices.get(pk, ())]
        for tied in tie_classes(opening.rank_list)
    ]
    return {
        "id": known.labs[wanted],
        "institute": frozen.house.name,
        "seats": frozen.seats,
        "target": frozen.target,
        "reserve_order": opening.reserve_order,
        "reserves": [{"group": row.group.code, "seats": row.seats} for row in opening.reserves.all()],
        "ranks": [tied for tied in classes if tied],
    }
