"""After the match: giving a place up, holding one fast, and filling what is free by a way that an officer chooses."""

import hashlib

from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy as _

from applications.models import CallLab
from common.audit import record
from common.later import name_later
from common.refusals import OutOfDate, Refusal
from common.states import lock, move
from matching.actions.attempts import watched
from matching.models import MatchResult, MatchRun, PlaceChange, Refill, WaveOffer
from matching.queries.after import Moved, present_of, preview, withdrawn_holders
from matching.queries.choices import choices_of
from matching.queries.room import came_by_a_round, room_of
from matching.states import RefillKind, RunState, WaveState
from notifications.actions import draft, language_of, notify_many
from notifications.models import Notification
from people.models import User
from people.queries import holders_of
from people.states import Role


class NotPublished(Refusal):
    words = _("Only places of a published match can be given up or filled.")


class NothingMoves(Refusal):
    words = _("Nobody would move, so there is nothing to decide.")


class CannotBeTaken(Refusal):
    words = _("This way cannot be taken as places stand now: %(what)s")


class NoPlace(Refusal):
    words = _("Every place of this lab is held again, or this candidate cannot take one. Reload the page.")


def lock_run(pk: int) -> MatchRun:
    """Lock the run whose places are to change, without reading its long texts: one change waits for the other."""
    return MatchRun.objects.select_for_update().defer("instance", "outcome").get(pk=pk)


def lock_place(result: MatchResult) -> MatchRun:
    """Lock a published run, then `result` of it, which is read afresh."""
    run = lock_run(result.run_id)
    lock(result)
    if run.state != RunState.PUBLISHED:
        raise NotPublished
    return run


def settle_place(result: MatchResult, took: CallLab | None, choice: int | None) -> None:
    """Write where she is now. With a place, of the reasons only those of labs that she ranked higher stay."""
    result.call_lab, result.choice = took, choice
    if choice is not None:
        above = [entry for entry in result.explanation.get("refusals", []) if entry["choice"] < choice]
        result.explanation = {**result.explanation, "refusals": above}
    result.save(update_fields=["call_lab", "choice", "explanation"])


def end_offers(result: MatchResult, state: WaveState, *, by: User | None) -> None:
    """She has a place now: what else is offered to her in a supplementary round is over, and free for others."""
    for offer in WaveOffer.objects.filter(result=result, state=WaveState.OFFERED).order_by("pk"):
        move(offer, state, by=by)


@watched
def vacate(result: MatchResult, *, by: User | None, reason: str) -> MatchResult:
    """Take note that a place is free again: she withdrew or declined, or her offer came to nothing and goes on.

    She is in no filling any more. Who follows is decided by `decide_refill`, or the next on the waitlist takes it.
    Giving up twice is giving up once. For later rooms too, with the result of the published run.
    """
    lock_place(result)
    if result.vacated_at is not None:
        return result
    left = result.call_lab_id
    PlaceChange.objects.create(result=result, left_id=left, took=None, reason=reason[:300], by=by)
    result.call_lab = None
    result.choice = None
    result.vacated_at, result.is_fixed = timezone.now(), False
    result.save(update_fields=["call_lab", "choice", "vacated_at", "is_fixed"])
    record("matching.place.vacated", result, by=by, before={"call_lab": left}, note=reason)
    return result


@watched
def take_place(result: MatchResult, call_lab: CallLab, *, by: User | None, reason: str) -> MatchResult:
    """Give a free place in `call_lab` to the next on the lab's waitlist, who has none or one that she likes less.

    The place that she leaves is free then, and its lab's heads are told. Refuses a lab that she did not choose, who
    gave a place up, stays where she is or is there as well off, and where every seat is held or on offer, or the cap
    is reached: a filling or a wave of the supplementary round may have been quicker. For later rooms, as `vacate`.
    """
    run = lock_place(result)
    chosen = choices_of([result.application_id])[result.application_id]
    left = result.call_lab
    if result.vacated_at is not None or call_lab.pk not in chosen or result.is_fixed or came_by_a_round(result):
        raise NoPlace
    choice = chosen.index(call_lab.pk) + 1
    if left is not None and (left.pk not in chosen or chosen.index(left.pk) < choice):
        raise NoPlace
    if not room_of(run).free(call_lab.pk):
        raise NoPlace
    end_offers(result, WaveState.DECLINED, by=by)
    change = PlaceChange.objects.create(result=result, left=left, took=call_lab, reason=reason[:300], by=by)
    settle_place(result, call_lab, choice)
    before, after = {"call_lab": left and left.pk}, {"call_lab": call_lab.pk}
    record("matching.place.taken", result, by=by, before=before, after=after, note=reason)
    if left is not None:
        notify_many(_to_labs(run, f"change:{change.pk}", {left}))
    return result


@watched
def fix_place(result: MatchResult, *, by: User | None) -> MatchResult:
    """Hold somebody where she is, because she accepted an offer: no filling moves her, not even to a better place."""
    lock_place(result)
    if result.call_lab_id is None:
        raise NotPublished
    if not result.is_fixed:
        result.is_fixed = True
        result.save(update_fields=["is_fixed"])
        record("matching.place.fixed", result, by=by)
    return result


def vacate_withdrawn() -> int:
    """Free the places of everybody who withdrew since her match was published; returns how many."""
    freed = 0
    for run in MatchRun.objects.filter(state=RunState.PUBLISHED).defer("instance", "outcome"):
        for result in withdrawn_holders(run):
            vacate(result, by=None, reason="withdrawn")
            freed += 1
    return freed


@watched
def decide_refill(run: MatchRun, kind: str, outcome_sha256: str, *, by: User) -> Refill:
    """Fill what is free as the preview with that outcome showed; everybody who moves and the labs are told.

    Refuses with `OutOfDate` when the preview would be another one now, and when nobody would move.
    """
    lock(run)
    if run.state != RunState.PUBLISHED:
        raise NotPublished
    for result in withdrawn_holders(run):
        vacate(result, by=by, reason="withdrawn")
    now = present_of(run)
    shown = preview(run, now, RefillKind(kind))
    if shown.after is None:
        raise CannotBeTaken(what=shown.problem)
    if shown.outcome_sha256 != outcome_sha256:
        raise OutOfDate
    if not shown.moved:
        raise NothingMoves
    text = shown.after.instance.canonical()
    refill = Refill.objects.create(
        run=run,
        kind=kind,
        instance=text,
        instance_sha256=hashlib.sha256(text.encode()).hexdigest(),
        outcome=shown.after.outcome.canonical(),
        outcome_sha256=outcome_sha256,
        algorithm=shown.after.outcome.algorithm,
        decided_by=by,
    )
    for moved in shown.moved:
        _move(moved, refill, by)
    after = {"kind": kind, "moved": len(shown.moved), "outcome_sha256": outcome_sha256}
    record("matching.places.filled", run, by=by, after=after)
    touched = {row for each in shown.moved for row in (each.left, each.took) if row is not None}
    notify_many([*_to_people(run, refill, shown.moved), *_to_labs(run, str(refill.pk), touched)])
    return refill


def _move(moved: Moved, refill: Refill, by: User) -> None:
    PlaceChange.objects.create(result=moved.result, refill=refill, left=moved.left, took=moved.took, by=by)
    settle_place(moved.result, moved.took, moved.choice_took)
    if moved.took is not None:
        end_offers(moved.result, WaveState.LAPSED, by=by)


def _to_people(run: MatchRun, refill: Refill, moved: list[Moved]) -> list[Notification]:
    made = []
    for each in moved:
        person = each.result.application.applicant
        with translation.override(language_of(person)):
            made.append(
                draft(
                    "match_moved",
                    to=person,
                    about=run,
                    dedupe=f"{refill.pk}:{each.result.pk}",
                    call=name_later(run.call),
                    lab=name_later(each.took.lab) if each.took else "",
                    before=name_later(each.left.lab) if each.left else "",
                    path=reverse("matching:result", args=[each.result.application.key]),
                )
            )
    return made


def _to_labs(run: MatchRun, about: str, touched: set[CallLab]) -> list[Notification]:
    """Tell the heads of the labs whose places changed; `about` names the change, of which each is told once."""
    made = []
    for row in sorted(touched, key=lambda row: row.pk):
        for person in holders_of(Role.LAB_HEAD, row.lab.place):
            with translation.override(language_of(person)):
                path = reverse("matching:lab_result", args=[row.opening.key])
                dedupe = f"{about}:{row.pk}:{person.pk}"
                values = {"call": run.call.name, "lab": row.lab.name, "path": path}
                made.append(draft("match_lab_changed", to=person, about=run, dedupe=dedupe, **values))
    return made
