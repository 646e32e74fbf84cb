"""A million lists in Postgres, from there to a verified and stored outcome; `python -m bench.million` is one run of it.

A process of its own, so that the memory it needed is its own. Prints one JSON object: seconds by step, peak in bytes.
"""

import io
import json
import os
import resource
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from typing import NamedTuple

import numpy as np
import psycopg2

from bench.lists import drawn
from matching.engine import fast
from matching.engine.arrays import Ints, Longs, Table, plain_openings
from matching.engine.compiled import side_by_side
from matching.engine.copied import Arrival, copy_of
from matching.engine.numbering import Dealt, by_lab
from matching.engine.table import Rows, dealt_of, of_rows

APPLICANTS, CHOICES, LABS, SEATS = 1_000_000, 8, 2_000, 400
ROUNDS = 11
# room for the copy of the labs' lists, and of a page of choices: more than they need
MOST_BYTES, PAGE = 1 << 27, 10_000
# one connection brings so many of the applicants' lists, another the labs' and then the rest: both end at the same time
SHARE = 0.72
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


class Copy(NamedTuple):
    """Some rows of lists: a connection, what is asked of it, and memory that each round uses again."""

    cursor: "psycopg2.extensions.cursor"
    query: str
    arrival: Arrival

    def read(self) -> Rows:
        self.arrival.begin()
        self.cursor.copy_expert(f"COPY ({self.query}) TO STDOUT BINARY", self.arrival, size=1 << 20)
        return self.arrival.rows()


class Copies(NamedTuple):
    """All lists, over two connections: the first applicants' over one, the labs' and then the rest over another.

    `all` are all applicants', over the first connection.
    """

    first: Copy
    lists: Copy
    rest: Copy
    all: Copy


def copies() -> Copies:
    one, other = (connect().cursor() for _connection in range(2))
    one.execute("SELECT relpages FROM pg_class WHERE relname = 'bench_choices'")
    pages = int(one.fetchone()[0])
    choices, cut, memory = "SELECT key, labs FROM bench_choices", int(pages * SHARE), Arrival(pages * PAGE)
    return Copies(
        Copy(one, f"{choices} WHERE ctid < '({cut},0)'", memory),
        Copy(other, "SELECT key, people FROM bench_lists", Arrival(MOST_BYTES)),
        Copy(other, f"{choices} WHERE ctid >= '({cut},0)'", Arrival((pages - cut) * PAGE)),
        Copy(one, choices, memory),
    )


def read(given: Copies) -> None:
    """Both sides' lists as arrays, as Postgres gives tables fastest: a binary copy of each, at once."""
    side_by_side(Copy.read, [(given.all,), (given.lists,)])


def read_evenly(given: Copies) -> None:
    """The same, cut so that both connections end at about the same time."""
    work = [([given.first],), ([given.lists, given.rest],)]
    side_by_side(lambda mine: [each.read() for each in mine], work)


def read_and_deal(given: Copies) -> tuple[Rows, Rows, Dealt]:
    """The same, evenly, and the labs' lists are dealt out while applicants' are still on their way."""
    with ThreadPoolExecutor(1) as one, ThreadPoolExecutor(1) as other:
        first, lists, rest = one.submit(given.first.read), other.submit(given.lists.read), other.submit(given.rest.read)
        labs = lists.result()
        dealt = dealt_of(labs)
        return joined(first.result(), rest.result()), labs, dealt


def joined(first: Rows, rest: Rows) -> Rows:
    """Both one behind the other."""
    starts = np.concatenate([first.starts, rest.starts[1:] + first.starts[-1]])
    return Rows(np.concatenate([first.keys, rest.keys]), starts, np.concatenate([first.values, rest.values]))


def store_if_kept(
    cursor: "psycopg2.extensions.cursor", table: Table, applicants: Ints | Longs, labs: Ints | Longs, places: Ints
) -> bool:
    """Store the outcome, by the keys of both sides, while it is being verified; it stays only if it is right."""
    cursor.execute("BEGIN")
    work = [partial(fast.is_kept, table, places), partial(_store, cursor, applicants, labs, places)]
    is_kept, _stored = side_by_side(lambda each: each(), [(each,) for each in work])
    cursor.execute("COMMIT" if is_kept else "ROLLBACK")
    return bool(is_kept)


def _store(cursor: "psycopg2.extensions.cursor", applicants: Ints | Longs, labs: Ints | Longs, places: Ints) -> None:
    """Who holds each lab's seats, one integer array a lab."""
    starts, people = by_lab(places, len(labs))
    text = copy_of(Rows(labs, starts, applicants[people]))
    cursor.copy_expert("COPY bench_places FROM STDIN BINARY", io.BytesIO(text), size=1 << 17)


class Clock:
    """Seconds by step, as a clock on the wall shows them."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        began = time.perf_counter()
        yield
        self.seconds[name] = time.perf_counter() - began


def once(given: Copies) -> dict[str, float]:
    """One round: the floors and the whole take turns."""
    clock, cursor = Clock(), given.first.cursor
    cursor.execute("TRUNCATE bench_places")
    with clock.step("fastest read"):
        read(given)
    with clock.step("even read"):
        read_evenly(given)
    with clock.step("whole"):
        with clock.step("read"):
            applicants, labs, dealt = read_and_deal(given)
        with clock.step("table"):
            openings = plain_openings(np.full(len(labs.keys), SEATS, np.int32))
            table = of_rows(applicants, labs, *openings, dealt=dealt)
        with clock.step("solve"):
            places = fast.places_in(table)
        with clock.step("certificate and store"):
            is_kept = store_if_kept(cursor, table, applicants.keys, labs.keys, places)
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
    given = copies()
    once(given)
    rounds = [once(given) for _round in range(ROUNDS)]
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    json.dump({"rounds": rounds, "peak": peak}, sys.stdout)


if __name__ == "__main__":
    main()
