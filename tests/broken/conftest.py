"""The worker and the windows of the journeys, and a second hand on the database."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import psycopg2
import pytest
from django.db import connection, connections

from tests.journeys.conftest import Person, Worker, mailbox, person, until, worker

__all__ = ["Person", "Worker", "mailbox", "person", "until", "worker"]


class Hand:
    """A connection of its own that holds locks and ends other people's connections."""

    def __init__(self) -> None:
        given = connection.get_connection_params()
        names = {"database": "dbname"}
        wanted = {names.get(name, name): given[name] for name in ("host", "port", "user", "password") if name in given}
        self.link = psycopg2.connect(dbname=connection.settings_dict["NAME"], **wanted)

    def run(self, sql: str) -> list[tuple[Any, ...]]:
        with self.link.cursor() as cursor:
            cursor.execute(sql)
            return cursor.fetchall() if cursor.description else []

    @contextmanager
    def holding(self, sql: str) -> Iterator[None]:
        """Hold the lock that `sql` takes until the block ends."""
        self.run(sql)
        yield
        self.link.rollback()

    def blocked(self) -> list[int]:
        """Process numbers of connections to this database that wait for a lock."""
        self.run("SELECT pg_stat_clear_snapshot()")
        rows = self.run(
            "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        )
        return [pid for (pid,) in rows]


@pytest.fixture
def hand(transactional_db: None) -> Iterator[Hand]:
    made = Hand()
    yield made
    made.link.close()


def at_once(*verbs: Callable[[], Any]) -> list[Any]:
    """What each verb gives, or the exception it raises, when all begin at the same moment in threads of their own."""
    barrier, came = threading.Barrier(len(verbs)), [None] * len(verbs)

    def run(place: int, verb: Callable[[], Any]) -> None:
        try:
            barrier.wait(timeout=10)
            came[place] = verb()
        except Exception as problem:
            came[place] = problem  # type: ignore[call-overload]
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(verbs)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    return came
