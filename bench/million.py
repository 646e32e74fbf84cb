"""A million lists in Postgres, from there to a verified and stored outcome; `python -m bench.million` is one run of it.

A process of its own, so that the memory it needed is its own. Prints one JSON object: seconds by step, peak in bytes.
"""

import io
import json
import os
import resource
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

import numpy as np
import psycopg2

from bench.lists import drawn
from matching.engine import fast
from matching.engine.arrays import Ints, Table, plain_openings
from matching.engine.compiled import side_by_side
from matching.engine.copied import copy_of, rows_of
from matching.engine.numbering import Dealt, by_lab
from matching.engine.table import Rows, dealt_of, of_rows

APPLICANTS, CHOICES, LABS, SEATS = 1_000_000, 8, 2_000, 400
ROUNDS = 11
SUM = "SELECT sum(lab) FROM bench_choices, unnest(labs) AS lab"


def connect() -> "psycopg2.extensions.connection":
    connection = psycopg2.connect(os.environ["DATABASE_URL"])
    connection.autocommit = True
    return connection


def load() -> None:
    """Fill the two tables: one integer array a row, on both sides."""
    lists = drawn(APPLICANTS, CHOICES, LABS)
    people, labs = np.arange(1, APPLICANTS + 1, dtype=np.int32), np.arange(1, LABS + 1, dtype=np.int32)
    wishes = Rows(people, np.arange(APPLICANTS + 1, dtype=np.int64) * CHOICES, lists.choices.ravel())
    with connect().cursor() as cursor:
        cursor.execute("CREATE TABLE bench_choices (key int PRIMARY KEY, labs int[] NOT NULL)")
        cursor.execute("CREATE TABLE bench_lists (key int PRIMARY KEY, people int[] NOT NULL)")
        cursor.execute("CREATE TABLE bench_places (lab int PRIMARY KEY, people int[] NOT NULL)")
        for table, rows in (("bench_choices", wishes), ("bench_lists", Rows(labs, lists.starts, lists.people))):
            cursor.copy_expert(f"COPY {table} FROM STDIN BINARY", io.BytesIO(copy_of(rows)))
            cursor.execute(f"VACUUM ANALYZE {table}")


def read(cursors: "list[psycopg2.extensions.cursor]") -> list[Rows]:
    """Both sides' lists as arrays, the fastest way that we know: side by side, over a connection each."""
    return side_by_side(_read, zip(cursors, ("bench_choices", "bench_lists"), strict=True))


def read_and_deal(cursors: "list[psycopg2.extensions.cursor]") -> tuple[Rows, Rows, Dealt]:
    """The same, and the labs' lists are dealt out while the applicants' are still on their way."""
    dealt: list[Dealt] = []

    def lists(cursor: "psycopg2.extensions.cursor") -> Rows:
        rows = _read(cursor, "bench_lists")
        dealt.append(dealt_of(rows))
        return rows

    work: list[Callable[[], Rows]] = [partial(_read, cursors[0], "bench_choices"), partial(lists, cursors[1])]
    applicants, labs = side_by_side(lambda each: each(), [(each,) for each in work])
    return applicants, labs, dealt[0]


def _read(cursor: "psycopg2.extensions.cursor", table: str) -> Rows:
    buffer = io.BytesIO()
    cursor.copy_expert(f"COPY {table} TO STDOUT BINARY", buffer, size=1 << 20)
    return rows_of(buffer.getbuffer())


def store_if_kept(
    cursor: "psycopg2.extensions.cursor", table: Table, applicants: Rows, labs: Rows, places: Ints
) -> bool:
    """Store the outcome while it is being verified; it stays only if it is right."""
    cursor.execute("BEGIN")
    work = [partial(fast.is_kept, table, places), partial(_store, cursor, applicants, labs, places)]
    is_kept, _stored = side_by_side(lambda each: each(), [(each,) for each in work])
    cursor.execute("COMMIT" if is_kept else "ROLLBACK")
    return bool(is_kept)


def _store(cursor: "psycopg2.extensions.cursor", applicants: Rows, labs: Rows, places: Ints) -> None:
    """Who holds each lab's seats, one integer array a lab."""
    starts, people = by_lab(places, len(labs.keys))
    text = copy_of(Rows(labs.keys, starts, applicants.keys[people]))
    cursor.copy_expert("COPY bench_places FROM STDIN BINARY", io.BytesIO(text))


class Clock:
    """Seconds by step, as a clock on the wall shows them."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        began = time.perf_counter()
        yield
        self.seconds[name] = time.perf_counter() - began


def once(cursors: "list[psycopg2.extensions.cursor]") -> dict[str, float]:
    """One round: the floors and the whole take turns."""
    clock, cursor = Clock(), cursors[0]
    cursor.execute("TRUNCATE bench_places")
    with clock.step("fastest read"):
        read(cursors)
    with clock.step("whole"):
        with clock.step("read"):
            applicants, labs, dealt = read_and_deal(cursors)
        with clock.step("table"):
            openings, caps = plain_openings(np.full(len(labs.keys), SEATS, np.int32))
            table = of_rows(applicants, labs, openings, caps, dealt=dealt)
        with clock.step("solve"):
            places = fast.places_in(table)
        with clock.step("certificate and store"):
            is_kept = store_if_kept(cursor, table, applicants, labs, places)
    with clock.step("certificate"):
        fast.is_kept(table, places)
    with clock.step("sum"):
        cursor.execute(SUM)
    with clock.step("numpy"):
        table.wishes.entries.sum()
        table.orders.people.sum()
    if not is_kept or int((places >= 0).sum()) != LABS * SEATS:
        raise RuntimeError("the outcome breaks the rule")
    return clock.seconds


def main() -> None:
    cursors = [connect().cursor() for _side in range(2)]
    once(cursors)
    rounds = [once(cursors) for _round in range(ROUNDS)]
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    json.dump({"rounds": rounds, "peak": peak}, sys.stdout)


if __name__ == "__main__":
    main()
