"""Late access by a personal code, our own record of health, and a fair extension for everybody."""

from datetime import datetime, timedelta
from typing import Any
from unittest import mock

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from applications import actions
from applications.actions.drafts import DeadlinePassed
from applications.actions.late import (
    CallNotLate,
    NothingLost,
    NotLaterThanNow,
    ReasonWanted,
    WrongCode,
    hash_of_code,
    minutes_to_make_good,
)
from applications.models import Application, Call, LateAccess
from applications.states import ApplicationState, CallState
from applications.tasks import remind
from common import health
from common.models import AuditEntry, HealthRecord
from common.tasks import look
from notifications.models import Notification
from tests.factories.applications import ApplicationFactory

CODE = "ABCDE-23456"


def page(name: str, row: Any, **more: Any) -> str:
    return reverse(f"applications:{name}", kwargs={"key": row.key, **more})


@pytest.fixture
def over(call: Any) -> Any:
    call.opens_at, call.closes_at = timezone.now() - timedelta(days=30), timezone.now() - timedelta(hours=2)
    call.letters_due_at = timezone.now() + timedelta(days=5)
    call.save()
    return call


@pytest.fixture
def given(over: Any, officer: Any, applicant: Any) -> Any:
    until = timezone.now() + timedelta(days=1)
    row = actions.give_late_access(over, applicant.email.upper(), by=officer, until=until, reason="Power cut")
    LateAccess.objects.filter(pk=row.pk).update(code_sha256=hash_of_code(CODE))
    return LateAccess.objects.get(pk=row.pk)


def test_an_officer_gives_a_code_to_one_person(client_of: Any, officer: Any, applicant: Any, over: Any) -> None:
    signed, url = client_of(officer), page("late_accesses", over)
    until = timezone.localtime() + timedelta(days=1)
    data = {"email": applicant.email, "until": f"{until:%Y-%m-%dT%H:%M}", "reason": "Hospital"}
    assert signed.get(url).status_code == 200
    assert signed.post(url, {**data, "until": "2020-01-01T00:00"}).status_code == 409
    assert signed.post(url, data).status_code == 302
    row = LateAccess.objects.get()
    told = Notification.objects.get(kind="late_access")
    assert (told.to, told.is_secret) == (applicant, True)
    assert hash_of_code(told.context["code"]) == row.code_sha256
    assert told.context["code"] not in signed.get(url).content.decode()
    assert AuditEntry.objects.get(verb="applications.late.given").note == "Hospital"
    assert client_of(applicant).get(url).status_code == 403


def test_her_code_opens_the_call_for_her_alone(
    client_of: Any, applicant: Any, stranger: Any, draft: Any, given: Any
) -> None:
    row = Application.objects.get(pk=draft.pk)
    with pytest.raises(DeadlinePassed):
        actions.submit(row, by=applicant)
    assert client_of(stranger).post(page("late", given.call), {"code": CODE}).status_code == 409
    hers = client_of(applicant)
    assert page("late", given.call) in hers.get(page("call", given.call)).content.decode()
    assert hers.post(page("late", given.call), {"code": "wrong"}).status_code == 409
    assert hers.post(page("late", given.call), {"code": "abcde 23456"}).status_code == 302
    row = Application.objects.get(pk=draft.pk)
    assert row.is_editable
    assert hers.get(page("section", row, section="about")).status_code == 200
    sent = actions.submit(row, by=applicant)
    assert sent.state == ApplicationState.SUBMITTED
    assert actions.reopen(sent, by=applicant).state == ApplicationState.DRAFT
    Application.objects.update(late_until=timezone.now() - timedelta(minutes=1))
    with pytest.raises(DeadlinePassed):
        actions.submit(Application.objects.get(pk=row.pk), by=applicant)


def test_a_code_lets_begin_too_also_while_the_call_is_reviewed(over: Any, given: Any, applicant: Any) -> None:
    Call.objects.filter(pk=over.pk).update(state=CallState.REVIEW)
    call = Call.objects.get(pk=over.pk)
    with pytest.raises(DeadlinePassed):
        actions.start(call, by=applicant)
    actions.use_late_access(call, CODE, by=applicant)
    assert actions.use_late_access(call, CODE, by=applicant).used_by == applicant
    begun = actions.start(call, by=applicant)
    assert begun.late_until == given.until
    assert begun.is_editable


def test_what_late_access_refuses(over: Any, officer: Any, applicant: Any, given: Any) -> None:
    soon = timezone.now() + timedelta(hours=1)
    with pytest.raises(ReasonWanted):
        actions.give_late_access(over, "x@example.org", by=officer, until=soon, reason=" ")
    with pytest.raises(NotLaterThanNow):
        actions.give_late_access(over, "x@example.org", by=officer, until=timezone.now(), reason="x")
    LateAccess.objects.update(until=timezone.now() - timedelta(seconds=1), made_at=timezone.now() - timedelta(days=1))
    with pytest.raises(WrongCode):
        actions.use_late_access(over, CODE, by=applicant)
    Call.objects.filter(pk=over.pk).update(state=CallState.FINISHED)
    with pytest.raises(CallNotLate):
        actions.give_late_access(over, "x@example.org", by=officer, until=soon, reason="x")
    with pytest.raises(IntegrityError), transaction.atomic():
        LateAccess.objects.update(used_at=timezone.now())


def well(begins: datetime, minutes: int, **more: Any) -> None:
    at = begins.replace(second=0, microsecond=0)
    facts = {"is_up": True, "took_ms": 80, **more}
    HealthRecord.objects.bulk_create(HealthRecord(at=at + timedelta(minutes=n), **facts) for n in range(minutes))


@pytest.mark.django_db
def test_lost_minutes_are_down_slow_or_not_recorded(settings: Any) -> None:
    now = timezone.now()
    assert health.minutes_lost(now - timedelta(days=1), now) == 0
    well(now - timedelta(minutes=60), 20)
    well(now - timedelta(minutes=40), 5, is_up=False, problem="refused")
    well(now - timedelta(minutes=35), 5, took_ms=settings.SLOW_AFTER_MS + 1)
    well(now - timedelta(minutes=20), 20)
    assert health.minutes_lost(now - timedelta(days=1), now) == 5 + 5 + 10
    assert health.minutes_lost(now - timedelta(minutes=20), now) == 0


@pytest.mark.django_db
def test_a_look_keeps_what_it_found_once_a_minute(settings: Any) -> None:
    settings.SITE_URL = "http://127.0.0.1:1"
    look()
    look()
    found = HealthRecord.objects.latest("at")
    assert not found.is_up
    assert "refused" in found.problem
    assert HealthRecord.objects.count() <= 2
    HealthRecord.objects.all().delete()
    with mock.patch("common.health.urllib.request.urlopen") as answered:
        answered.return_value.__enter__.return_value.read.return_value = b"{}"
        assert health.look(timezone.now()).is_up


def test_when_the_fault_was_ours_everybody_gets_more_time(
    client_of: Any, officer: Any, over: Any, draft: Any, call_lab: Any
) -> None:
    other = ApplicationFactory(call=over, ranked_labs=[call_lab.pk])
    gone = ApplicationFactory(call=over, state=ApplicationState.WITHDRAWN)
    signed = client_of(officer)
    assert "Move the deadline" not in signed.get(page("call", over)).content.decode()
    with pytest.raises(NothingLost):
        actions.extend_fairly(over, by=officer)
    closes, letters = over.closes_at, over.letters_due_at
    well(closes - timedelta(hours=24), 23 * 60)
    assert minutes_to_make_good(over, timezone.now()) == 60
    assert "Move the deadline" in signed.get(page("call", over)).content.decode()
    assert signed.post(page("call_gesture", over, verb="extend")).status_code == 302
    over.refresh_from_db()
    assert timedelta(minutes=59) < over.closes_at - timezone.now() <= timedelta(minutes=60)
    assert over.is_open
    assert over.letters_due_at - letters == over.closes_at - closes
    told = set(Notification.objects.filter(kind="deadline_moved").values_list("to", flat=True))
    assert told == {draft.applicant_id, other.applicant_id}
    assert gone.applicant_id not in told
    entry = AuditEntry.objects.get(verb="applications.call.extended")
    assert (entry.by_id, entry.after["minutes_lost"]) == (officer.pk, 60)
    twice = signed.post(page("call_gesture", over, verb="extend"), follow=True)
    assert twice.redirect_chain[-1][0] == page("call", over)
    over.refresh_from_db()
    assert over.closes_at - timezone.now() <= timedelta(minutes=60)


def test_what_late_access_left_unfinished_goes_back_to_what_was_submitted(
    given: Any, draft: Any, applicant: Any, officer: Any
) -> None:
    actions.use_late_access(given.call, CODE, by=applicant)
    sent = actions.submit(Application.objects.get(pk=draft.pk), by=applicant)
    reopened = actions.reopen(sent, by=applicant)
    actions.save_section(reopened, {"title": "Unfinished"}, "", by=applicant)
    actions.close_for_review(Call.objects.get(pk=given.call.pk), by=officer)
    kept = Application.objects.get(pk=draft.pk)
    assert (kept.state, kept.title) == (ApplicationState.DRAFT, "Unfinished")
    remind()
    assert Application.objects.get(pk=draft.pk).state == ApplicationState.DRAFT
    Application.objects.update(late_until=timezone.now() - timedelta(minutes=1))
    remind()
    kept = Application.objects.get(pk=draft.pk)
    assert (kept.state, kept.title) == (ApplicationState.SUBMITTED, draft.title)


def test_a_few_lost_minutes_move_nothing(officer: Any, over: Any) -> None:
    well(over.closes_at - timedelta(hours=24), 24 * 60 - 5)
    assert actions.fair_deadline(over, timezone.now()) is None
    assert actions.fair_deadline(over, over.closes_at + timedelta(days=3)) is None


def test_late_access_is_taken_back(client_of: Any, given: Any, applicant: Any, officer: Any) -> None:
    signed = client_of(officer)
    address = page("late_accesses", given.call)
    actions.use_late_access(given.call, CODE, by=applicant)
    assert signed.post(address, {"end": given.key}).status_code == 302
    given.refresh_from_db()
    assert given.until <= timezone.now()
    with pytest.raises(WrongCode):
        actions.use_late_access(given.call, CODE, by=applicant)
    assert AuditEntry.objects.get(verb="applications.late.ended").by_id == officer.pk
    assert not Application.objects.filter(call=given.call, late_until__gt=timezone.now()).exists()
