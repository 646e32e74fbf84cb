"""A lab's verbs: save its order, turn down, certify by two people, take it up again, declare an interest."""

from collections.abc import Collection
from typing import Any, Final

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from applications.models import Application
from common.audit import record
from common.refusals import OutOfDate, Refusal, SamePersonTwice
from common.states import lock, move
from matching.actions.attempts import watched
from matching.actions.openings import check_no_run
from matching.actions.sealing import hash_of, salted_hash, seal
from matching.models import NotAcceptable, RankDraft, RankList
from matching.queries import candidates_of
from matching.queries.interests import TAKEN_OVER, interested_in
from matching.queries.ranking import conflicts_on, missing_on, sizes_of, tied_in
from matching.states import RankListState
from people.models import User
from reviews.actions import declare_interest as declare
from reviews.models import Conflict
from reviews.queries import conflicted_applications

SAVED: Final = "matching.ranking.saved"
STEPPED_ASIDE: Final = "matching.ranking.stepped_aside"


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


class CandidatesMissing(Refusal):
    words = _(
        "%(number)s candidates are neither ranked nor turned down. Say that you know it, or decide on them: who is "
        "left out cannot be placed here."
    )


class InterestedHand(Refusal):
    words = _(
        "Somebody who declared an interest in a candidate of this list had a hand in it. Look all of it through and "
        "say that you take it over as your own."
    )


@watched
def save_ranking(
    rank_list: RankList, ranked: list[int], *, version: int, by: User, tied: Collection[int] = ()
) -> RankList:
    """Save the lab's order: primary keys of applications, best first; who is left out is not acceptable.

    Those in `tied` stand level with the one above them. Candidates in whom `by` declared an interest keep the place
    that others gave them. Refuses with `OutOfDate` when somebody saved since the page was shown as `version`, and with
    `UnknownCandidate` what is not the lab's to rank.
    """
    _lock_draft(rank_list, version)
    open_to_all = set(candidates_of(rank_list.opening).values_list("pk", flat=True))
    hidden = conflicted_applications(by)
    if len(set(ranked)) != len(ranked) or not set(ranked) <= open_to_all - hidden:
        raise UnknownCandidate
    unseen = hidden & open_to_all
    merged = _merged(rank_list.ranked, ranked, unseen)
    sizes = sizes_of(merged, {*tied, *(tied_in(rank_list) & unseen)})
    if (merged, sizes) != (rank_list.ranked, rank_list.class_sizes):
        _write(rank_list, merged, by, sizes)
        NotAcceptable.objects.filter(rank_list=rank_list, application__in=merged).delete()
    return rank_list


def _lock_draft(rank_list: RankList, version: int) -> None:
    lock(rank_list)
    if rank_list.state != RankListState.DRAFT:
        raise ListSealed
    if rank_list.version != version:
        raise OutOfDate(_("Somebody saved this list while you were working on it."))


def _merged(before: list[int], ranked: list[int], hidden: set[int]) -> list[int]:
    merged = list(ranked)
    for place, pk in enumerate(before):
        if pk in hidden:
            merged.insert(min(place, len(merged)), pk)
    return merged


def _write(rank_list: RankList, ranked: list[int], by: User, sizes: list[int], verb: str = SAVED) -> None:
    before = {"ranked": rank_list.ranked, "class_sizes": rank_list.class_sizes}
    rank_list.ranked, rank_list.class_sizes = ranked, sizes
    rank_list.version, rank_list.saved_at = rank_list.version + 1, timezone.now()
    if verb == SAVED:
        rank_list.saved_by = by
    rank_list.save(update_fields=["ranked", "class_sizes", "version", "saved_at", "saved_by"])
    after = {"ranked": ranked, "class_sizes": sizes}
    record(verb, rank_list, by=by, before=before, after=after)


@watched
def turn_down(rank_list: RankList, application: Application, reason: str, *, by: User) -> NotAcceptable:
    """Say that a candidate is not acceptable to the lab, and why; a place that she had on the list is taken back."""
    _lock_draft(rank_list, rank_list.version)
    mine = candidates_of(rank_list.opening).exclude(pk__in=conflicted_applications(by))
    if not mine.filter(pk=application.pk).exists():
        raise UnknownCandidate
    if application.pk in rank_list.ranked:
        _take_out(rank_list, application.pk, by)
    values = {"reason": reason, "by": by, "at": timezone.now()}
    made, _is_new = NotAcceptable.objects.update_or_create(
        rank_list=rank_list, application=application, defaults=values
    )
    record("matching.ranking.turned_down", rank_list, by=by, after={"application": application.pk, "reason": reason})
    return made


def _take_out(rank_list: RankList, pk: int, by: User, verb: str = SAVED) -> None:
    tied = tied_in(rank_list)
    place = rank_list.ranked.index(pk)
    left = [other for other in rank_list.ranked if other != pk]
    if pk not in tied and place < len(left):
        tied -= {left[place]}
    _write(rank_list, left, by, sizes_of(left, tied), verb)


@watched
def keep_draft(rank_list: RankList, ranked: list[int], *, by: User, tied: Collection[int] = ()) -> RankDraft:
    """Keep an order with its ties as `by`'s own draft, to be compared with others'. The lab's list stays as it is."""
    mine = set(candidates_of(rank_list.opening).values_list("pk", flat=True)) - conflicted_applications(by)
    if len(set(ranked)) != len(ranked) or not set(ranked) <= mine:
        raise UnknownCandidate
    values = {"ranked": ranked, "class_sizes": sizes_of(ranked, tied), "saved_at": timezone.now()}
    made, _is_new = RankDraft.objects.update_or_create(rank_list=rank_list, author=by, defaults=values)
    return made


@watched
def certify_ranking(
    rank_list: RankList, *, version: int, by: User, knows_missing: bool = False, takes_over: bool = False
) -> RankList:
    """Propose the list as saved to be certified; a second person of the lab confirms. One that is late may still be.

    Refuses when it changed since `version`, whoever declared an interest in somebody on it, unless she says that she
    knows it, while candidates are neither ranked nor turned down, and, unless she takes it over, while somebody with
    an interest had a hand in it.
    """
    lock(rank_list)
    is_done = rank_list.state != RankListState.DRAFT and rank_list.proposed_by_id == by.pk
    if is_done and rank_list.version == version:
        return rank_list
    if rank_list.version != version:
        raise OutOfDate(_("Somebody saved this list while you were working on it."))
    if conflicts_on(rank_list, by):
        raise CannotCertify
    forgotten = missing_on(rank_list, by).count()
    if forgotten and not knows_missing:
        raise CandidatesMissing(number=forgotten)
    interested = interested_in([rank_list])[rank_list.pk]
    if interested and not takes_over:
        raise InterestedHand
    if interested:
        _take_over(rank_list, interested, by)
    return move(rank_list, RankListState.PROPOSED, by=by, sha256=salted_hash(rank_list))


def _take_over(rank_list: RankList, interested: set[int], by: User) -> None:
    """What people with an interest wrote is `by`'s from now on; their drafts are gone."""
    now = timezone.now()
    rank_list.drafts.filter(author__in=interested).delete()
    rank_list.turned_down.filter(by__in=interested).update(by=by, at=now)
    rank_list.saved_by, rank_list.saved_at, rank_list.proposed_by = by, now, None
    rank_list.save(update_fields=["saved_by", "saved_at", "proposed_by"])
    record(TAKEN_OVER, rank_list, by=by, before={"by": sorted(interested)}, after={"ranked": rank_list.ranked})


@watched
def confirm_ranking(rank_list: RankList, *, version: int, by: User) -> RankList:
    """A second person of the lab certifies the list, and the match takes it. When the lists were due already, its hash
    is published at once. Refuses whoever proposed it or declared an interest in somebody on it, and while somebody
    with an interest had a hand in it.
    """
    lock(rank_list)
    if rank_list.state == RankListState.CERTIFIED and rank_list.certified_by_id == by.pk:
        return rank_list
    if rank_list.version != version:
        raise OutOfDate(_("Somebody saved this list while you were working on it."))
    if rank_list.proposed_by_id == by.pk:
        raise SamePersonTwice
    if conflicts_on(rank_list, by):
        raise CannotCertify
    if interested_in([rank_list])[rank_list.pk]:
        raise InterestedHand
    move(rank_list, RankListState.CERTIFIED, by=by, sha256=hash_of(rank_list))
    if rank_list.opening.call_lab.call.ranks_due_at <= timezone.now():
        seal(rank_list)
    return rank_list


def can_be_reopened(rank_list: RankList) -> bool:
    """Whether it is early enough: a certified list is taken up again until it is due, one that waits also later."""
    is_due = rank_list.opening.call_lab.call.ranks_due_at < timezone.now()
    return rank_list.state != RankListState.CERTIFIED or not is_due


@watched
def reopen_ranking(rank_list: RankList, *, by: User) -> RankList:
    """Take a certified list up again, until the lists are due and while no run stands on it.

    One that waits for its second person can be taken up later too: nothing was sealed yet.
    """
    check_no_run(rank_list.opening.call_lab.call)
    if not can_be_reopened(rank_list):
        raise TooLate
    nobody: dict[str, Any] = dict.fromkeys(("proposed_by", "proposed_at", "certified_by", "certified_at"))
    return move(rank_list, RankListState.DRAFT, by=by, sha256="", **nobody)


@watched
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
        _take_out(rank_list, application.pk, by, STEPPED_ASIDE)
    return conflict
