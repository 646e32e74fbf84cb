"""Who had a hand in a lab's list, on whom the list judges, and whether the one declared an interest in the other."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from common.models import AuditEntry
from matching.models import ListAmendment, NotAcceptable, RankDraft, RankList
from matching.states import ChangeState
from reviews.models import Conflict

TAKEN_OVER = "matching.ranking.taken_over"
WRITTEN = ("matching.ranking.saved", "matching.ranking.turned_down", TAKEN_OVER)

Sets = defaultdict[int, set[int]]


def interested_in(lists: Iterable[RankList]) -> dict[int, set[int]]:
    """By primary key of the list: who had a hand in it and declared an interest in somebody whom it judges.

    A hand had whoever saved the list (the audit knows each), kept a draft, turned somebody down, proposed or certified
    it, asked for or approved an amendment. It judges on whom it ranks and whom the lab turned down. Two
    queries where nobody declared anything about these, else six.
    """
    rows = {row.pk: row for row in lists}
    judged = _judged(rows)
    about = Conflict.objects.filter(application__in={one for several in judged.values() for one in several})
    declared: Sets = defaultdict(set)
    for person, application in about.values_list("person_id", "application_id"):
        declared[person].add(application)
    if not declared:
        return {pk: set() for pk in rows}
    hands = _hands(rows)
    return {pk: {person for person in hands[pk] if declared[person] & judged[pk]} for pk in rows}


def _judged(rows: dict[int, RankList]) -> Sets:
    judged: Sets = defaultdict(set, {pk: set(row.ranked) for pk, row in rows.items()})
    down = NotAcceptable.objects.filter(rank_list__in=rows)
    for pk, application in down.values_list("rank_list_id", "application_id"):
        judged[pk].add(application)
    return judged


def _hands(rows: dict[int, RankList]) -> Sets:
    hands: defaultdict[int, set[int | None]] = defaultdict(set)
    written = AuditEntry.objects.filter(
        subject_type=RankList._meta.label_lower, subject_id__in=[str(pk) for pk in rows], verb__in=WRITTEN
    )
    for subject, verb, person in written.order_by("pk").values_list("subject_id", "verb", "by_id"):
        if verb == TAKEN_OVER:
            hands[int(subject)].clear()
        hands[int(subject)].add(person)
    for pk, row in rows.items():
        hands[pk] |= {row.saved_by_id, row.proposed_by_id, row.certified_by_id}
    sources: tuple[Any, ...] = (
        RankDraft.objects.values_list("rank_list_id", "author_id"),
        NotAcceptable.objects.values_list("rank_list_id", "by_id"),
        ListAmendment.objects.filter(state=ChangeState.APPROVED).values_list(
            "rank_list_id", "asked_by_id", "approved_by_id"
        ),
    )
    for source in sources:
        for pk, *people in source.filter(rank_list__in=rows):
            hands[pk].update(people)
    return defaultdict(set, {pk: {person for person in several if person} for pk, several in hands.items()})
