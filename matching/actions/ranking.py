"""A lab's verbs: save its order, certify it, take it up again, declare an interest in a candidate."""

import hashlib

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from applications.models import Application
from common.audit import record
from common.gestures import action
from common.refusals import OutOfDate, Refusal
from common.states import lock, move
from matching.actions.openings import check_no_run
from matching.models import RankList
from matching.queries import candidates_of, canonical_list
from matching.queries.ranking import conflicts_on
from matching.states import RankListState
from people.models import User
from reviews.actions import declare_interest as declare
from reviews.models import Conflict
from reviews.queries import conflicted_applications


class ListSealed(Refusal):
    words = _("This list is certified. Reopen it first; that is possible until the lists are due.")


class TooLate(Refusal):
    words = _("The rank lists were due, so a certified list stays as it is.")


class UnknownCandidate(Refusal):
    words = _("Only eligible candidates who chose this lab can be ranked, each once.")


class CannotCertify(Refusal):
    words = _(
        "You declared a conflict of interest in a candidate on this list: another person of the lab certifies it."
    )


@action
def save_ranking(rank_list: RankList, ranked: list[int], *, version: int, by: User) -> RankList:
    """Save the lab's order: primary keys of applications, best first; who is left out is not acceptable.

    Candidates in whom `by` declared an interest keep the place that others gave them. Refuses with `OutOfDate` when
    somebody saved since the page was shown as `version`, and with `UnknownCandidate` what is not the lab's to rank.
    """
    lock(rank_list)
    if rank_list.state != RankListState.DRAFT:
        raise ListSealed
    if rank_list.version != version:
        raise OutOfDate(_("Somebody saved this list while you were working on it."))
    open_to_all = set(candidates_of(rank_list.opening).values_list("pk", flat=True))
    hidden = conflicted_applications(by)
    if len(set(ranked)) != len(ranked) or not set(ranked) <= open_to_all - hidden:
        raise UnknownCandidate
    merged = _merged(rank_list.ranked, ranked, hidden & open_to_all)
    if merged != rank_list.ranked:
        _write(rank_list, merged, by)
    return rank_list


def _merged(before: list[int], ranked: list[int], hidden: set[int]) -> list[int]:
    merged = list(ranked)
    for place, pk in enumerate(before):
        if pk in hidden:
            merged.insert(min(place, len(merged)), pk)
    return merged


def _write(rank_list: RankList, ranked: list[int], by: User) -> None:
    before = {"ranked": rank_list.ranked}
    rank_list.ranked, rank_list.class_sizes = ranked, []
    rank_list.version, rank_list.saved_at, rank_list.saved_by = rank_list.version + 1, timezone.now(), by
    rank_list.save(update_fields=["ranked", "class_sizes", "version", "saved_at", "saved_by"])
    record("matching.ranking.saved", rank_list, by=by, before=before, after={"ranked": ranked})


@action
def certify_ranking(rank_list: RankList, *, version: int, by: User) -> RankList:
    """Seal the list as saved: its hash is kept, and the match takes it. A list that is late may still be certified.

    Refuses when it changed since `version`, and whoever declared an interest in somebody on it.
    """
    lock(rank_list)
    if rank_list.state == RankListState.CERTIFIED and rank_list.version == version:
        return rank_list
    if rank_list.version != version:
        raise OutOfDate(_("Somebody saved this list while you were working on it."))
    if conflicts_on(rank_list, by):
        raise CannotCertify
    sha256 = hashlib.sha256(canonical_list(rank_list).encode()).hexdigest()
    return move(rank_list, RankListState.CERTIFIED, by=by, sha256=sha256)


@action
def reopen_ranking(rank_list: RankList, *, by: User) -> RankList:
    """Take a certified list up again, until the lists are due and while no run stands on it."""
    call = rank_list.opening.call_lab.call
    check_no_run(call)
    if call.ranks_due_at < timezone.now():
        raise TooLate
    return move(rank_list, RankListState.DRAFT, by=by, sha256="", certified_by=None, certified_at=None)


@action
def declare_interest(rank_list: RankList, application: Application, kind: str, note: str = "", *, by: User) -> Conflict:
    """A lab person declares an interest in a candidate: she no longer sees her, and a place that she may have given
    her is taken back, for another person of the lab to decide. Refuses once the list is certified.
    """
    lock(rank_list)
    if rank_list.state != RankListState.DRAFT:
        raise ListSealed
    if not candidates_of(rank_list.opening).filter(pk=application.pk).exists():
        raise UnknownCandidate
    conflict = declare(application, kind, note, by=by)
    if application.pk in rank_list.ranked:
        _write(rank_list, [pk for pk in rank_list.ranked if pk != application.pk], by)
    return conflict
