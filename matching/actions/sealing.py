"""Sealing the lists when they are due: hashes that anybody can look up, and changes that two officers answer for."""

import secrets

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from applications.models import Call
from common.audit import record
from common.gestures import action
from common.refusals import Refusal, SamePersonTwice
from common.states import lock, move
from matching.actions.attempts import watched
from matching.actions.openings import check_no_run
from matching.models import ListAmendment, ListSeal, RankList
from matching.queries import candidates_of, canonical_list
from matching.queries.ranking import conflicts_on
from matching.queries.texts import hash_of_text
from matching.rules import is_of_the_lab
from matching.states import ChangeState, RankListState
from people.models import User


class NotSealed(Refusal):
    words = _("This list is not sealed, so the lab can still change it itself.")


class ReasonMissing(Refusal):
    words = _("Say why: the reason is shown publicly beside the new hash.")


class NotOnTheList(Refusal):
    words = _("Only eligible candidates who chose this lab can be on its list, each once.")


SALT_BYTES = 16


class OfTheLab(Refusal):
    words = _("You are of this lab: its sealed list is a matter for officers of elsewhere.")


def hash_of(rank_list: RankList) -> str:
    return hash_of_text(canonical_list(rank_list))


def salted_hash(rank_list: RankList) -> str:
    """Give the list a salt of its own and return its hash: nobody finds the list by hashing all that it might be."""
    rank_list.salt = secrets.token_hex(SALT_BYTES)
    rank_list.save(update_fields=["salt"])
    return hash_of(rank_list)


def seal(rank_list: RankList, amendment: ListAmendment | None = None) -> ListSeal:
    """Publish the hash of a certified list: its first seal, or that of an amendment."""
    text, sha256 = canonical_list(rank_list), rank_list.sha256
    made = ListSeal.objects.create(rank_list=rank_list, sha256=sha256, text=text, amendment=amendment)
    record("matching.ranking.sealed", rank_list, by=None, after={"sha256": made.sha256})
    return made


@action
def seal_lists(call: Call) -> int:
    """Seal every certified list of a call whose lists are due and which has no seal yet; returns how many."""
    lock(call)
    if call.ranks_due_at > timezone.now():
        return 0
    rows = RankList.objects.filter(opening__call_lab__call=call, state=RankListState.CERTIFIED, seals=None)
    return len([seal(row) for row in rows.order_by("pk")])


def seal_due() -> int:
    """Seal whatever is due in any call; returns how many lists were."""
    waiting = RankList.objects.filter(state=RankListState.CERTIFIED, seals=None)
    due = waiting.filter(opening__call_lab__call__ranks_due_at__lte=timezone.now())
    calls = Call.objects.filter(pk__in=due.values("opening__call_lab__call"))
    return sum(seal_lists(call) for call in calls.order_by("pk"))


@watched
def ask_amendment(
    rank_list: RankList, ranked: list[int], class_sizes: list[int], *, by: User, reason: str
) -> ListAmendment:
    """Ask for an exceptional change of a sealed list. It stands once another officer approves.

    Refuses without a reason, while a run stands on the list, and an officer who is of the lab or declared an interest
    in anybody on it.
    """
    _refuse_own_lab(rank_list, by)
    check_no_run(rank_list.opening.call_lab.call)
    lock(rank_list)
    if not rank_list.seals.exists():
        raise NotSealed
    if not reason.strip():
        raise ReasonMissing(field="reason")
    known = set(candidates_of(rank_list.opening).values_list("pk", flat=True)) | set(rank_list.ranked)
    if len(set(ranked)) != len(ranked) or not set(ranked) <= known:
        raise NotOnTheList
    if conflicts_on(rank_list, by):
        raise SamePersonTwice(_("You declared an interest in a candidate of this list."))
    if rank_list.amendments.filter(state=ChangeState.ASKED).exists():
        raise Refusal(_("A change of this list waits for approval already."))
    made = ListAmendment.objects.create(
        rank_list=rank_list, ranked=ranked, class_sizes=class_sizes, reason=reason.strip(), asked_by=by
    )
    before, after = {"ranked": rank_list.ranked}, {"ranked": ranked, "class_sizes": class_sizes}
    record("matching.amendment.asked", rank_list, by=by, before=before, after=after, note=made.reason)
    return made


@watched
def approve_amendment(amendment: ListAmendment, *, by: User) -> ListAmendment:
    """The second officer lets the change stand; the new hash is public at once, with the reason.

    Refuses the one who asked, whoever is of the lab, and whoever declared an interest in anybody on the list.
    """
    rank_list = amendment.rank_list
    _refuse_own_lab(rank_list, by)
    check_no_run(rank_list.opening.call_lab.call)
    lock(amendment)
    if amendment.asked_by_id == by.pk or conflicts_on(rank_list, by):
        raise SamePersonTwice
    move(amendment, ChangeState.APPROVED, by=by, note=amendment.reason)
    lock(rank_list)
    rank_list.ranked, rank_list.class_sizes = amendment.ranked, amendment.class_sizes
    rank_list.version += 1
    rank_list.sha256 = salted_hash(rank_list)
    rank_list.save(update_fields=["ranked", "class_sizes", "version", "sha256"])
    seal(rank_list, amendment)
    return amendment


def _refuse_own_lab(rank_list: RankList, by: User) -> None:
    if is_of_the_lab(by, rank_list.opening):
        raise OfTheLab


@watched
def decline_amendment(amendment: ListAmendment, *, by: User) -> ListAmendment:
    """The list stays as it was sealed. Refuses whoever is of the lab."""
    _refuse_own_lab(amendment.rank_list, by)
    return move(amendment, ChangeState.DECLINED, by=by)
