"""Composing a call, publishing it, closing it for review, finishing it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from applications.actions.questions import CallStands, put_form_in_force
from applications.actions.submitting import restore_last_version
from applications.models import Application, Call, CallLab
from applications.queries.questions import is_changed
from applications.states import ApplicationState, CallState
from common.audit import history_of, record
from common.gestures import action
from common.refusals import Refusal
from common.states import lock, move
from common.when import instant_words
from labs.models import Lab
from people.models import User


class NotReady(Refusal):
    words = _("The call cannot be published yet: %(why)s")


class NotOverYet(Refusal):
    words = _("The call takes applications until %(at)s; it can be closed for review afterwards.")


class LabChosen(Refusal):
    words = _("Somebody has ranked %(lab)s already, so it stays in the call.")


class OnlyLater(Refusal):
    words = _("People count on the published deadline: it can be moved later, not earlier.")


class ChangedMeanwhile(Refusal):
    words = _(
        "%(who)s changed this call while you had it open. Look at it in another window; saving once more puts what "
        "stands here in its place."
    )


class NotScreened(Refusal):
    words = _("Some applications of this call are not screened yet: %(number)s. Decide on them first.")


class WordsMissing(Refusal):
    words = _("A published call keeps its words in both languages.")


def stamp_of(call: Call) -> int:
    """Which change of the call was the last: whoever edits it says which one she saw."""
    latest = history_of(call).first() if call.pk else None
    return latest.pk if latest is not None else 0


@action
def save_call(call: Call, values: Mapping[str, Any], *, by: User, seen: int | None = None) -> Call:
    """Write `values` into a new call or one that is being prepared or open. A published deadline only moves later.

    With `seen`, the stamp of the call as it was opened, refuses to write over what somebody else saved since.
    """
    before: dict[str, Any] = {}
    if call.pk:
        lock(call)
        latest = history_of(call).first()
        if seen is not None and latest is not None and latest.pk != seen:
            raise ChangedMeanwhile(who=latest.by_label or _("The system"))
        if call.state not in {CallState.DRAFT, CallState.PUBLISHED}:
            raise CallStands
        before = {name: getattr(call, name) for name in values}
        _refuse_earlier(call, values)
        _refuse_silence(call, values)
    for name, value in values.items():
        setattr(call, name, value)
    call.save()
    changed = {name: value for name, value in values.items() if before.get(name) != value}
    old = {name: value for name, value in before.items() if name in changed}
    record("applications.call.saved", call, by=by, before=old, after=changed)
    return call


def _refuse_earlier(call: Call, values: Mapping[str, Any]) -> None:
    closes_at: datetime = values.get("closes_at", call.closes_at)
    if call.state == CallState.PUBLISHED and closes_at < call.closes_at:
        raise OnlyLater(field="closes_at")


def _refuse_silence(call: Call, values: Mapping[str, Any]) -> None:
    for name in ("text_en", "text_ko", "name_en", "name_ko"):
        if call.state == CallState.PUBLISHED and name in values and not str(values[name]).strip():
            raise WordsMissing(field=name)


@action
def offer_labs(call: Call, seats: Mapping[Lab, int], *, by: User) -> Call:
    """Offer exactly these labs in `call`, with so many seats each. A lab that somebody ranked cannot be taken out."""
    lock(call)
    present = {row.lab_id: row for row in call.call_labs.select_related("lab")}
    wanted = {lab.pk: number for lab, number in seats.items()}
    before = {row.lab.code: row.seats_announced for row in present.values()}
    for row in present.values():
        if row.lab_id not in wanted:
            _take_out(row)
    for lab_id, number in wanted.items():
        CallLab.objects.update_or_create(call=call, lab_id=lab_id, defaults={"seats_announced": number})
    after = {lab.code: number for lab, number in seats.items()}
    if before != after:
        record("applications.call.labs", call, by=by, before=before, after=after)
    return call


def _take_out(row: CallLab) -> None:
    if Application.objects.filter(ranked_labs__contains=[row.pk]).exists():
        raise LabChosen(lab=row.lab.name)
    row.delete()


@action
def publish_call(call: Call, *, by: User) -> Call:
    """Make the call public: from its opening instant on, people may apply. Publishing twice changes nothing.

    Refuses without labs with seats, without words in both languages, and when its days are not in order.
    """
    lock(call)
    if call.state == CallState.PUBLISHED:
        return call
    obstacles = _obstacles(call) if call.state == CallState.DRAFT else []
    for is_wrong, why in obstacles:
        if is_wrong:
            raise NotReady(why=why)
    if is_changed(call):
        put_form_in_force(call, by=by)
    return move(call, CallState.PUBLISHED, by=by)


def _obstacles(call: Call) -> list[tuple[bool, Any]]:
    days = [call.closes_at, call.letters_due_at, call.reviews_due_at, call.ranks_due_at]
    return [
        (not call.call_labs.filter(seats_announced__gt=0).exists(), _("no lab with seats is on offer.")),
        (not (call.text_en.strip() and call.text_ko.strip()), _("its text is missing in English or Korean.")),
        (call.closes_at <= timezone.now(), _("its deadline has passed.")),
        (days != sorted(days), _("deadline, letters, reviews and rank lists must be due in this order.")),
        (
            call.decisions_on < call.closes_at.astimezone(ZoneInfo(call.timezone)).date(),
            _("the decisions must come after the deadline."),
        ),
        (call.starts_on <= call.decisions_on, _("the first day of work must come after the decisions.")),
    ]


@action
def close_for_review(call: Call, *, by: User) -> Call:
    """After the deadline, hand the call to the reviewers. Applications that were reopened and not submitted again
    go back to their last submitted version, unless late access lasts. Closing twice changes nothing.
    """
    lock(call)
    if call.state == CallState.REVIEW:
        return call
    if timezone.now() <= call.last_moment:
        raise NotOverYet(at=instant_words(call.last_moment))
    move(call, CallState.REVIEW, by=by)
    reopened = call.applications.filter(state=ApplicationState.DRAFT, number__isnull=False)
    for application in reopened.exclude(late_until__gt=timezone.now()):
        restore_last_version(application, by=by)
    return call


@action
def finish_call(call: Call, *, by: User) -> Call:
    """Nothing more is decided about the call; its applications stay as they are. Refuses while one is not screened."""
    lock(call)
    number = call.applications.filter(state=ApplicationState.SUBMITTED).count()
    if number and call.state == CallState.REVIEW:
        raise NotScreened(number=number)
    return move(call, CallState.FINISHED, by=by)
