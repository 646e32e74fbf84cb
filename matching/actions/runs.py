"""Officers' verbs: ask for a run or a draft, confirm it as the second, publish it at a set instant, discard it."""

import hashlib
import logging
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy as _

from applications.models import Call
from common.audit import record
from common.later import name_later
from common.queue import after_commit, send
from common.refusals import Refusal, SamePersonTwice
from common.states import lock, move
from matching.actions.attempts import watched
from matching.actions.choices import certify_choices
from matching.actions.pseudonyms import draw_pseudonyms
from matching.actions.sealing import seal_lists
from matching.actions.seeds import draft_seed, reveal, seed_for
from matching.actions.solving import SOLVE
from matching.engine.reading import Malformed
from matching.models import MatchResult, MatchRun
from matching.queries import (
    LabPlaces,
    checks_of,
    frozen,
    money_to_freeze,
    places_by_lab,
    why_no_draft,
    why_no_run,
)
from matching.states import RunState
from notifications.actions import DELIVER, draft, language_of, notify
from notifications.models import Notification
from notifications.states import NotificationState
from people.models import User
from people.queries import holders_of
from people.states import Role

ANNOUNCE = "matching.announce"
REASON_MAX = 500
log = logging.getLogger(__name__)


class NotReady(Refusal):
    words = _("The match cannot be run yet.")


class ChecksFailed(Refusal):
    words = _("Something changed since this run was sealed. Discard it and ask for another: %(what)s")


class ReasonNeeded(Refusal):
    words = _("Say why: the reason is kept and shown with the published match.")


class ReasonTooLong(Refusal):
    words = _("Say it in 500 characters at most.")


class DecidesNothing(Refusal):
    words = _("This is a draft: it decides nothing, so it is neither confirmed nor published.")


class NotInTheFuture(Refusal):
    words = _("Choose an instant that is still to come.")


@watched
def request_run(call: Call, *, by: User) -> MatchRun:
    """Seal the call's match: make the seed, freeze the instance under everybody's pseudonym, hand it to the worker.

    From now on seats and lists are fixed. Another run of the call has the same seed and pseudonyms, so it draws
    nothing anew. Refuses with everything that stands in the way. Who asks does not confirm.
    """
    lock(call)
    _refuse(why_no_run(call))
    seal_lists(call)
    certify_choices(call)
    names = draw_pseudonyms(call)  # before the seed is made: nobody who knows it has a hand in them
    return _frozen_run(call, seed_for(call), names, by=by, is_draft=False)


@watched
def request_draft(call: Call, *, by: User) -> MatchRun:
    """Try the match on the lists as they stand, with a seed of its own. It decides nothing and is shown to officers
    only; that it was made is in the audit and beside the published match.
    """
    lock(call)
    _refuse(why_no_draft(call))
    return _frozen_run(call, draft_seed(), draw_pseudonyms(call), by=by, is_draft=True)


def _refuse(obstacles: Iterable[object]) -> None:
    words = " ".join(str(obstacle) for obstacle in obstacles)
    if words:
        raise NotReady(words)


def _frozen_run(call: Call, seed: str, names: Mapping[int, str], *, by: User, is_draft: bool) -> MatchRun:
    try:
        instance = frozen(call, seed, names)
    except Malformed as problem:
        raise NotReady(_("The seats of this call do not add up: %(what)s"), what=str(problem)) from problem
    text = instance.canonical()
    run = MatchRun.objects.create(
        call=call,
        is_draft=is_draft,
        seed=instance.seed,
        money=money_to_freeze(call),
        instance=text,
        instance_sha256=hashlib.sha256(text.encode()).hexdigest(),
        requested_by=by,
    )
    rows = [MatchResult(run=run, application_id=pk, pseudonym=name) for pk, name in names.items()]
    MatchResult.objects.bulk_create(rows, batch_size=1000)
    after = {"instance_sha256": run.instance_sha256, "applicants": len(rows), "is_draft": is_draft}
    record("matching.run.requested", run, by=by, after=after)
    after_commit(SOLVE, run.pk)
    return run


@watched
def confirm_run(run: MatchRun, *, by: User) -> MatchRun:
    """The second officer says that the run is in order. Refuses the one who asked, and a run whose checks fail."""
    lock(run)
    _refuse_draft(run)
    if run.requested_by_id == by.pk:
        raise SamePersonTwice
    if run.state == RunState.CONFIRMED and run.confirmed_by_id == by.pk:
        return run
    if run.state == RunState.SOLVED:
        _demand_checks(run)
    return move(run, RunState.CONFIRMED, by=by)


@watched
def schedule_run(run: MatchRun, at: datetime, *, by: User) -> MatchRun:
    """Let a confirmed run be published at `at`, to everybody at once. Refuses an instant that is past."""
    if at <= timezone.now():
        raise NotInTheFuture(field="at")
    return move(run, RunState.SCHEDULED, by=by, publish_at=at)


@watched
def unschedule_run(run: MatchRun, *, by: User | None, reason: str = "") -> MatchRun:
    """Take the set instant back; the run stays confirmed by whoever confirmed it."""
    lock(run)
    kept = {"confirmed_at": run.confirmed_at, "confirmed_by": run.confirmed_by}
    return move(run, RunState.CONFIRMED, by=by, note=reason, publish_at=None, **kept)


def publish_due() -> int:
    """Publish every run whose instant has come; returns how many were. What cannot be published is confirmed again, and
    its officers are told why.
    """
    published = 0
    for run in MatchRun.objects.filter(state=RunState.SCHEDULED, publish_at__lte=timezone.now()).order_by("pk"):
        try:
            publish_run(run, by=None)
            published += 1
        except Refusal as refusal:
            log.warning("match run %s was not published at its instant: %s", run.pk, refusal)
            hold_back(run, str(refusal), by=None)
    return published


@watched
def hold_back(run: MatchRun, words: str, *, by: None) -> MatchRun:
    """A run that could not be published at its instant is merely confirmed again; both officers are told `words`."""
    at = run.publish_at
    unschedule_run(run, by=by, reason=words)
    for person in (run.requested_by, run.confirmed_by):
        if person is not None:
            path = reverse("matching:run", args=[run.key])
            dedupe = f"{run.pk}:{person.pk}:{at}"
            notify(
                "match_held_back",
                to=person,
                about=run,
                dedupe=dedupe,
                call=name_later(run.call),
                words=words,
                path=path,
            )
    return run


@watched
def publish_run(run: MatchRun, *, by: User | None) -> MatchRun:
    """Show everybody her result at once; tell every applicant in the run and every lab's people. Nothing else moves.

    The officers' secrets become public with it. Publishing twice is publishing once. Refuses when somebody withdrew or
    anything changed since.
    """
    lock(run)
    _refuse_draft(run)
    if run.state == RunState.PUBLISHED:
        return run
    if run.state in {RunState.CONFIRMED, RunState.SCHEDULED}:
        _demand_checks(run)
    move(run, RunState.PUBLISHED, by=by)
    reveal(run.call)
    drafts = [*_to_applicants(run), *_to_labs(run)]
    Notification.objects.bulk_create(drafts, ignore_conflicts=True, batch_size=1000)
    after_commit(ANNOUNCE, run.pk)
    return run


@watched
def discard_run(run: MatchRun, *, by: User, reason: str) -> MatchRun:
    """Give a run up, with a reason that is shown beside the match that is published in the end, with who gave it."""
    words = reason.strip()
    if not words:
        raise ReasonNeeded(field="reason")
    if len(words) > REASON_MAX:
        raise ReasonTooLong(field="reason")
    return move(run, RunState.DISCARDED, by=by, note=words, reason=words)


def announce(pk: int) -> int:
    """Hint at every message of run `pk` that waits: one hint brings the worker here, a lost one leaves the sweep."""
    rows = Notification.objects.filter(
        about_type=MatchRun._meta.label_lower, about_id=str(pk), state=NotificationState.QUEUED
    )
    keys = list(rows.order_by("pk").values_list("pk", flat=True))
    for key in keys:
        send(DELIVER, key)
    return len(keys)


def _refuse_draft(run: MatchRun) -> None:
    if run.is_draft:
        raise DecidesNothing


def _demand_checks(run: MatchRun) -> None:
    failed = [check for check in checks_of(run) if not check.is_met]
    if failed:
        what = "; ".join(f"{check.label} ({check.detail})" if check.detail else str(check.label) for check in failed)
        raise ChecksFailed(what=what)


def _to_applicants(run: MatchRun) -> Iterator[Notification]:
    rows = MatchResult.objects.filter(run=run).select_related("application__applicant", "call_lab__lab__institute")
    for result in rows.iterator(chunk_size=2000):
        person = result.application.applicant
        with translation.override(language_of(person)):
            lab = result.call_lab.lab.name if result.call_lab else ""
            yield draft(
                "match_placed" if lab else "match_unplaced",
                to=person,
                about=run,
                dedupe=f"{run.pk}:{result.application_id}",
                call=name_later(run.call),
                lab=lab,
                path=reverse("matching:result", args=[result.application.key]),
            )


def _to_labs(run: MatchRun) -> Iterator[Notification]:
    for row in places_by_lab(run):
        for person in _people_of(row):
            with translation.override(language_of(person)):
                yield draft(
                    "match_lab",
                    to=person,
                    about=run,
                    dedupe=f"{run.pk}:lab:{row.opening.pk}:{person.pk}",
                    call=name_later(run.call),
                    lab=name_later(row.opening.call_lab.lab),
                    placed=len(row.names),
                    seats=row.seats,
                    path=reverse("matching:lab_result", args=[row.opening.key]),
                )


def _people_of(row: LabPlaces) -> Iterable[User]:
    return holders_of(Role.LAB_HEAD, row.opening.call_lab.lab.place)
