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
from contextlib import contextmanager
from itertools import pairwise

import numpy as np
import psycopg2

from bench.lists import Lists, drawn
from matching.engine import fast
from matching.engine.arrays import Ints, plain_openings, starts_of
from matching.engine.copied import rows_of
from matching.engine.table import Rows, of_rows

APPLICANTS, CHOICES, LABS, SEATS = 1_000_000, 8, 2_000, 400
ROUNDS = 3
SUM = "SELECT sum(lab) FROM bench_choices, unnest(labs) AS lab"
HEAD, TAIL = b"PGCOPY\n\xff\r\n\0" + bytes(8), b"\xff\xff"


def connect() -> "psycopg2.extensions.connection":
    connection = psycopg2.connect(os.environ["DATABASE_URL"])
    connection.autocommit = True
    return connection


def load() -> None:
    """Fill the two tables: one integer array a row, on both sides."""
    lists = drawn(APPLICANTS, CHOICES, LABS)
    with connect().cursor() as cursor:
        cursor.execute("CREATE TABLE bench_choices (key int PRIMARY KEY, labs int[] NOT NULL)")
        cursor.execute("CREATE TABLE bench_lists (key int PRIMARY KEY, people int[] NOT NULL)")
        cursor.execute("CREATE TABLE bench_places (lab int PRIMARY KEY, people int[] NOT NULL)")
        cursor.copy_expert("COPY bench_choices FROM STDIN BINARY", io.BytesIO(_grid(lists)))
        cursor.copy_expert(
            "COPY bench_lists FROM STDIN BINARY", _rows(lists.people[a:b] for a, b in pairwise(lists.starts))
        )
        cursor.execute("VACUUM ANALYZE bench_choices")
        cursor.execute("VACUUM ANALYZE bench_lists")


def _grid(lists: Lists) -> bytes:
    """All choices as Postgres copies them: rows of one length."""
    many = lists.choices.shape[1]
    parts = [
        ("columns", ">i2"),
        *((name, ">i4") for name in ("four", "key", "length", "one", "no", "type", "many", "low")),
    ]
    rows = np.zeros(len(lists.choices), np.dtype([*parts, ("values", [("length", ">i4"), ("value", ">i4")], many)]))
    rows["key"] = np.arange(1, len(rows) + 1)
    for name, value in (("columns", 2), ("four", 4), ("length", 20 + 8 * many), ("one", 1), ("type", 23), ("low", 1)):
        rows[name] = value
    rows["many"], rows["values"]["length"], rows["values"]["value"] = many, 4, lists.choices
    return HEAD + rows.tobytes() + TAIL


def _rows(lists: Iterator[Ints]) -> io.BytesIO:
    """Lists of any length as Postgres copies them, keys from 1 on."""
    text = io.BytesIO()
    text.write(HEAD)
    for key, values in enumerate(lists, start=1):
        many = len(values)
        head = [4, key, 20 + 8 * many, 1, 0, 23, many, 1] if many else [4, key, 12, 0, 0, 23]
        cells = np.full((many, 2), 4, ">i4")
        cells[:, 1] = values
        text.write(np.array(2, ">i2").tobytes() + np.array(head, ">i4").tobytes() + cells.tobytes())
    text.write(TAIL)
    text.seek(0)
    return text


def read(cursor: "psycopg2.extensions.cursor") -> tuple[Rows, Rows]:
    """Both sides' lists as arrays, the fastest way that we know."""
    found = []
    for table in ("bench_choices", "bench_lists"):
        buffer = io.BytesIO()
        cursor.copy_expert(f"COPY {table} TO STDOUT BINARY", buffer, size=1 << 20)
        found.append(rows_of(buffer.getbuffer()))
    return found[0], found[1]


def store(cursor: "psycopg2.extensions.cursor", applicants: Rows, labs: Rows, places: Ints) -> None:
    """Who holds each lab's seats, one integer array a lab."""
    placed = np.flatnonzero(places >= 0)
    order = placed[np.argsort(places[placed], kind="stable")]
    starts = starts_of(np.bincount(places[placed], minlength=len(labs.keys)))
    people = applicants.keys[order]
    text = _rows(people[a:b] for a, b in pairwise(starts))
    cursor.copy_expert("COPY bench_places FROM STDIN BINARY", text)


class Clock:
    """Seconds by step, as a clock on the wall shows them."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        began = time.perf_counter()
        yield
        self.seconds[name] = time.perf_counter() - began


def once(cursor: "psycopg2.extensions.cursor") -> dict[str, float]:
    """One round: the floors and the whole take turns."""
    clock = Clock()
    cursor.execute("TRUNCATE bench_places")
    with clock.step("fastest read"):
        read(cursor)
    with clock.step("whole"):
        with clock.step("read"):
            applicants, labs = read(cursor)
        with clock.step("table"):
            table = of_rows(applicants, labs, *plain_openings(np.full(len(labs.keys), SEATS, np.int32)))
        with clock.step("solve"):
            places = fast.places_in(table)
        with clock.step("certificate"):
            is_kept = fast.is_kept(table, places)
        with clock.step("store"):
            store(cursor, applicants, labs, places)
    with clock.step("sum"):
        cursor.execute(SUM)
    with clock.step("numpy"):
        table.wishes.entries.sum()
        table.orders.people.sum()
    if not is_kept or int((places >= 0).sum()) != LABS * SEATS:
        raise RuntimeError("the outcome breaks the rule")
    return clock.seconds


def main() -> None:
    with connect().cursor() as cursor:
        once(cursor)
        rounds = [once(cursor) for _round in range(ROUNDS)]
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    json.dump({"rounds": rounds, "peak": peak}, sys.stdout)


if __name__ == "__main__":
    main()
