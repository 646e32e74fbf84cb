"""Officers' verbs: ask for a run, confirm it as the second, publish it to everybody at once, discard it."""

import hashlib
import secrets
from collections.abc import Iterable, Iterator

from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from applications.models import Call
from common.audit import record
from common.gestures import action
from common.queue import after_commit, send
from common.refusals import Refusal, SamePersonTwice
from common.states import lock, move
from matching.actions.solving import SOLVE
from matching.models import MatchResult, MatchRun
from matching.queries import LabPlaces, checks_of, frozen, places_by_lab, pseudonyms_for, why_no_run
from matching.queries.freezing import eligible
from matching.states import RunState
from notifications.actions import DELIVER, draft, language_of
from notifications.models import Notification
from notifications.states import NotificationState
from people.models import User
from people.queries import holders_of
from people.states import Role

ANNOUNCE = "matching.announce"


class NotReady(Refusal):
    words = _("The match cannot be run yet.")


class ChecksFailed(Refusal):
    words = _("Something changed since this run was sealed. Discard it and ask for another: %(what)s")


class ReasonNeeded(Refusal):
    words = _("Say why: the reason is kept and shown with the published match.")


@action
def request_run(call: Call, *, by: User) -> MatchRun:
    """Seal the call's match: draw the seed, give everybody a pseudonym, freeze the instance, and hand it to the worker.

    From now on seats and lists are fixed. Refuses with everything that stands in the way. Who asks does not confirm.
    """
    lock(call)
    obstacles = why_no_run(call)
    if obstacles:
        raise NotReady(" ".join(str(words) for words in obstacles))
    names = pseudonyms_for(eligible(call).values_list("pk", flat=True))
    instance = frozen(call, secrets.token_hex(32), names)
    text = instance.canonical()
    run = MatchRun.objects.create(
        call=call,
        seed=instance.seed,
        instance=text,
        instance_sha256=hashlib.sha256(text.encode()).hexdigest(),
        requested_by=by,
    )
    rows = [MatchResult(run=run, application_id=pk, pseudonym=name) for pk, name in names.items()]
    MatchResult.objects.bulk_create(rows, batch_size=1000)
    record(
        "matching.run.requested", run, by=by, after={"instance_sha256": run.instance_sha256, "applicants": len(rows)}
    )
    after_commit(SOLVE, run.pk)
    return run


@action
def confirm_run(run: MatchRun, *, by: User) -> MatchRun:
    """The second officer says that the run is in order. Refuses the one who asked, and a run whose checks fail."""
    lock(run)
    if run.requested_by_id == by.pk:
        raise SamePersonTwice
    if run.state == RunState.CONFIRMED and run.confirmed_by_id == by.pk:
        return run
    if run.state == RunState.SOLVED:
        _demand_checks(run)
    return move(run, RunState.CONFIRMED, by=by)


@action
def publish_run(run: MatchRun, *, by: User) -> MatchRun:
    """Show everybody her result at once; tell every applicant in the run and every lab's people. Nothing else moves.

    Publishing twice is publishing once. Refuses when somebody withdrew or anything changed since.
    """
    lock(run)
    if run.state == RunState.PUBLISHED:
        return run
    if run.state == RunState.CONFIRMED:
        _demand_checks(run)
    move(run, RunState.PUBLISHED, by=by)
    drafts = [*_to_applicants(run), *_to_labs(run)]
    Notification.objects.bulk_create(drafts, ignore_conflicts=True, batch_size=1000)
    after_commit(ANNOUNCE, run.pk)
    return run


@action
def discard_run(run: MatchRun, *, by: User, reason: str) -> MatchRun:
    """Give a run up, with a reason that is shown beside the match that is published in the end."""
    if not reason.strip():
        raise ReasonNeeded(field="reason")
    return move(run, RunState.DISCARDED, by=by, note=reason)


def announce(pk: int) -> int:
    """Hint at every message of run `pk` that waits: one hint brings the worker here, a lost one leaves the sweep."""
    rows = Notification.objects.filter(
        about_type=MatchRun._meta.label_lower, about_id=str(pk), state=NotificationState.QUEUED
    )
    keys = list(rows.order_by("pk").values_list("pk", flat=True))
    for key in keys:
        send(DELIVER, key)
    return len(keys)


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
                call=run.call.name,
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
                    call=run.call.name,
                    lab=row.opening.call_lab.lab.name,
                    placed=len(row.names),
                    seats=row.opening.seats,
                    path=reverse("matching:lab_result", args=[row.opening.key]),
                )


def _people_of(row: LabPlaces) -> Iterable[User]:
    return holders_of(Role.LAB_HEAD, row.opening.call_lab.lab.place)
