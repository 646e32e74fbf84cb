"""The published hashes of the lists, and the changes that officers answered for."""

import json
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from typing import Any

from django.db.models import QuerySet

from applications.models import Application, Call
from applications.states import CallState
from common.access import scope_of
from common.money import NOTHING
from matching.models import ListAmendment, ListSeal, RankList
from matching.queries.freezing import canonical_list, tie_classes
from matching.queries.ranking import openings_visible_to
from matching.queries.texts import hash_of_text
from matching.states import RankListState
from reviews.queries import conflicted_applications


@scope_of(ListAmendment)
def amendments_visible_to(user: Any) -> QuerySet[ListAmendment]:
    """Officers and auditors see every amendment; a lab's people those of their own lists."""
    rows = ListAmendment.objects.select_related(
        "rank_list__opening__call_lab__call", "rank_list__opening__call_lab__lab__institute", "asked_by", "approved_by"
    )
    return rows.filter(rank_list__opening__in=openings_visible_to(user).values("pk"))


def seals_of(call: Call) -> QuerySet[ListSeal]:
    """Every published hash of the call's lists, by lab, the first one first."""
    rows = ListSeal.objects.filter(rank_list__opening__call_lab__call=call)
    return rows.select_related(
        "rank_list__opening__call_lab__lab", "amendment__asked_by", "amendment__approved_by"
    ).order_by("rank_list__opening__call_lab__lab__code", "pk")


@dataclass(frozen=True)
class CertifiedText:
    """A text of a lab's list, its hash, and since when that stands."""

    sha256: str
    text: str
    at: datetime | None

    @property
    def numbers(self) -> set[int]:
        """The applications that the text names."""
        return set(chain.from_iterable(json.loads(self.text)["ranks"]))


def certified_texts(rank_list: RankList, user: Any) -> list[CertifiedText]:
    """What a person of the lab may check hashes with: the text of each seal, and of a certified list before its seal.

    Whoever declared an interest in somebody on a list does not get its text, which would say where she stands.
    """
    found = [CertifiedText(seal.sha256, seal.text, seal.sealed_at) for seal in rank_list.seals.order_by("pk")]
    if rank_list.state == RankListState.CERTIFIED and rank_list.sha256 not in {row.sha256 for row in found}:
        found.append(CertifiedText(rank_list.sha256, canonical_list(rank_list), rank_list.certified_at))
    closed = set(Application.objects.filter(pk__in=conflicted_applications(user)).values_list("number", flat=True))
    return [row for row in found if hash_of_text(row.text) == row.sha256 and closed.isdisjoint(row.numbers)]


def public_calls() -> QuerySet[Call]:
    """Calls that anybody may look up."""
    return Call.objects.exclude(state=CallState.DRAFT)


def lines_of(rank_list: RankList) -> str:
    """A list as lines that can be pasted back: numbers, those of a tie class on one line."""
    numbers = dict(Application.objects.filter(pk__in=rank_list.ranked).values_list("pk", "number"))
    classes = [[str(numbers[pk]) for pk in tied if pk in numbers] for tied in tie_classes(rank_list)]
    return "\n".join(", ".join(tied) for tied in classes)


def changes_by(amendment: ListAmendment) -> list[tuple[str, str, str]]:
    """Who would stand elsewhere: application number, place now, place then (– for not ranked)."""
    now = {pk: str(place) for place, pk in enumerate(amendment.rank_list.ranked, start=1)}
    then = {pk: str(place) for place, pk in enumerate(amendment.ranked, start=1)}
    moved = [pk for pk in {**now, **then} if now.get(pk) != then.get(pk)]
    numbers = dict(Application.objects.filter(pk__in=moved).values_list("pk", "number"))
    return sorted((str(numbers.get(pk, "?")), now.get(pk, NOTHING), then.get(pk, NOTHING)) for pk in moved)
