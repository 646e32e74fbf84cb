"""The audit trail is append-only and tied to the change; moves follow their tables under a lock."""

import threading
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from applications.states import ApplicationState
from common.audit import history_of, record
from common.gestures import action, current_gesture, gesture
from common.models import AuditEntry
from common.refusals import IllegalMove
from common.states import lock, move
from people.models import User
from tests.factories.applications import ApplicationFactory
from tests.factories.people import UserFactory


def test_move_changes_state_stamps_and_audits(application: Any, officer: User) -> None:
    with transaction.atomic():
        move(application, ApplicationState.WITHDRAWN, by=officer, note="asked by telephone")
    application.refresh_from_db()
    written = history_of(application).get()
    assert application.state == ApplicationState.WITHDRAWN
    assert application.withdrawn_at is not None
    assert (written.by_id, written.note) == (officer.pk, "asked by telephone")
    assert written.before == {"state": "submitted"}
    assert written.after == {"state": "withdrawn"}


def test_move_refuses_what_the_table_does_not_list(application: Any) -> None:
    with transaction.atomic():
        move(application, ApplicationState.WITHDRAWN, by=None)
    with pytest.raises(IllegalMove) as refused, transaction.atomic():
        move(application, ApplicationState.SUBMITTED, by=None)
    assert "Withdrawn" in str(refused.value)
    assert history_of(application).count() == 1


def test_move_with_a_stale_instance_sees_the_state_in_the_database(application: Any) -> None:
    stale = type(application).objects.get(pk=application.pk)
    with transaction.atomic():
        move(application, ApplicationState.WITHDRAWN, by=None)
    with pytest.raises(IllegalMove), transaction.atomic():
        move(stale, ApplicationState.ELIGIBLE, by=None)


@pytest.mark.django_db(transaction=True)
def test_two_connections_move_the_same_row_once() -> None:
    application = ApplicationFactory()
    barrier, outcomes = threading.Barrier(2), []

    def withdraw() -> None:
        mine = type(application).objects.get(pk=application.pk)
        barrier.wait()
        try:
            with transaction.atomic():
                move(mine, ApplicationState.WITHDRAWN, by=None)
            outcomes.append("moved")
        except IllegalMove:
            outcomes.append("refused")
        finally:
            connection.close()

    threads = [threading.Thread(target=withdraw) for _ in range(2)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert sorted(outcomes) == ["moved", "refused"]
    assert history_of(application).count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE common_auditentry SET verb = 'x'",
        "DELETE FROM common_auditentry",
        "TRUNCATE common_auditentry",
    ],
)
def test_database_refuses_to_change_the_audit(statement: str) -> None:
    person = UserFactory()
    with transaction.atomic():
        record("test.happened", person, by=None)
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert AuditEntry.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_audit_and_lock_demand_a_transaction() -> None:
    person = UserFactory()
    with pytest.raises(RuntimeError, match="outside a transaction"):
        record("test.happened", person, by=None)
    with pytest.raises(RuntimeError, match="outside a transaction"):
        lock(person)


@pytest.mark.django_db
def test_one_gesture_ties_its_entries_together() -> None:
    person = UserFactory()

    @action
    def twice() -> None:
        record("test.first", person, by=person)
        record("test.second", person, by=person, after={"who": person, "words": object()})

    twice()
    with gesture() as opened, gesture() as inner:
        assert opened == inner == current_gesture()
    entries = list(AuditEntry.objects.all())
    assert len({entry.gesture for entry in entries}) == 1
    assert entries[0].after["who"] == person.pk
    assert str(entries[0]).startswith("test.second")
