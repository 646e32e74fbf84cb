"""The match: both engines against the library `matching`, against Postgres and NumPy, and against the plain rule.

One JSON line a figure: what, against which floor of the same run, the ratio and its limit. Processor time counts where
nothing but this process works, so that a busy machine changes little; where Postgres takes part, the clock on the wall.
"""

import gc
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from bench import million
from bench.lists import Lists, by_key, drawn, programme
from matching.engine import fast
from matching.engine.arrays import Caps, Openings, plain_openings, starts_of
from matching.engine.instance import build
from matching.engine.solve import place_by_lists
from matching.engine.table import Rows, of_rows
from matching.engine.whatif import lotteries

HERE = Path(__file__).resolve().parent
PATIENCE = 240
Named = dict[str, list[str]]
# memory that is given back to the system comes back slowly: each round keeps that of the one before
KEPT = {"MALLOC_MMAP_MAX_": "0", "MALLOC_TRIM_THRESHOLD_": str(1 << 34), "MALLOC_ARENA_MAX": "1"}
SIZES = [(10_000, 200), (2_000, 40)]
SEATS_A_LAB = 40


def say(what: str, ratio: float, limit: float, *, is_least: bool = False, **more: Any) -> bool:
    """Print a line; True when the limit is kept."""
    is_fine = ratio >= limit if is_least else ratio <= limit
    kind = "at least" if is_least else "at most"
    line = {"bench": "matching", "what": what, **more, "ratio": round(ratio, 3), "limit": f"{kind} {limit}"}
    sys.stdout.write(json.dumps({**line, "ok": is_fine}) + "\n")
    sys.stdout.flush()
    return is_fine


def timed(work: Callable[[], object]) -> float:
    """Processor seconds. What the house has loaded by now is kept from the collector, which would walk through it."""
    gc.collect()
    gc.freeze()
    began = time.process_time()
    work()
    return time.process_time() - began


def rows_of_lists(lists: Lists) -> tuple[Rows, Rows]:
    """As they come from Postgres: arrays of keys."""
    many, choices = lists.choices.shape
    keys = np.arange(1, many + 1, dtype=np.int64)
    wishes = Rows(keys, np.arange(0, many * choices + 1, choices, dtype=np.int64), lists.choices.ravel())
    return wishes, Rows(np.arange(1, len(lists.starts), dtype=np.int64), lists.starts, lists.people)


def against_the_library() -> bool:
    """Build and solve from lists, both engines and the library, at the largest size that it can do in the time."""
    return next((fine for fine in (_race(*size) for size in SIZES) if fine is not None), False)


def _race(applicants: int, labs: int) -> bool | None:
    """One size, the engines before and after the library; None when the library cannot do it."""
    lists = drawn(applicants, 8, labs)
    wishes, ranked = by_key(lists)
    seats = dict.fromkeys(ranked, SEATS_A_LAB)
    rows, openings = rows_of_lists(lists), plain_openings(np.full(labs, SEATS_A_LAB, np.int32))
    engines: dict[str, Callable[[], object]] = {
        "plain": lambda: place_by_lists(wishes, ranked, seats),
        "compiled": lambda: fast.places_in(of_rows(*rows, *openings)),
    }
    engines["compiled"]()
    times = {name: [timed(work) for _turn in range(5)] for name, work in engines.items()}
    library = _library(wishes, ranked, seats)
    if library is None:
        return None
    if library["places"] != engines["plain"]():
        raise RuntimeError("the library finds another outcome")
    for name, work in engines.items():
        times[name] += [timed(work) for _turn in range(6)]
    floor = library["build"] + library["solve"]
    is_fine = True
    for name, least in (("plain", 300), ("compiled", 1_000)):
        took = statistics.median(times[name])
        what = (
            f"{name} engine: build and solve {applicants:,} x 8 on {labs} labs, times faster than the library matching"
        )
        more = {"ms": round(1000 * took, 2), "library_ms": round(1000 * floor), "clock": "processor"}
        is_fine &= say(what, floor / took, least, is_least=True, **more)
    return is_fine


def _library(wishes: Named, ranked: Named, seats: dict[str, int]) -> dict[str, Any] | None:
    command = [sys.executable, "-P", str(HERE / "oracle.py")]
    given = json.dumps({"wishes": wishes, "ranked": ranked, "seats": seats})
    more = {"text": True, "capture_output": True, "timeout": PATIENCE, "check": True, "cwd": HERE.root}
    try:
        done = subprocess.run(command, input=given, **more)
    except (subprocess.TimeoutExpired, subprocess.CalledProcessError) as problem:
        sys.stderr.write(f"The library did not do {len(wishes):,} x 8: {type(problem).__name__}.\n")
        return None
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def constraints() -> bool:
    """Solving with reserves and with caps against the plain rule, on the same lists."""
    lists = drawn(200_000, 8, 1_000)
    rows, seats = rows_of_lists(lists), np.full(1_000, 160, np.int32)
    groups = np.random.default_rng(2).integers(0, 4, 200_000)
    rules = {"plain": plain_openings(seats), "reserves": _reserved(seats), "caps": _capped(seats)}
    tables = {name: of_rows(*rows, *rule, groups.astype(np.int64)) for name, rule in rules.items()}
    times: dict[str, list[float]] = {name: [] for name in tables}
    for turn in range(8):
        for name, table in tables.items():
            took = timed(lambda table=table: fast.places_in(table))
            if turn:
                times[name].append(took)
    for table in tables.values():
        if not fast.is_kept(table, fast.places_in(table)):
            raise RuntimeError("the outcome breaks the rule")
    plain = statistics.median(times["plain"])
    is_fine = True
    for name in ("reserves", "caps"):
        took = statistics.median(times[name])
        what = f"compiled engine: solve 200,000 x 8 on 1,000 labs with {name}, against the plain rule"
        more = {"ms": round(1000 * took, 1), "plain_ms": round(1000 * plain, 1), "clock": "processor"}
        is_fine &= say(what, took / plain, 2, **more)
    return is_fine


def _reserved(seats: np.ndarray) -> tuple[Openings, Caps]:
    """Two reserves a lab, a quarter of its seats each; every second lab fills them first."""
    openings, caps = plain_openings(seats)
    many = len(seats)
    return openings._replace(
        is_open_first=np.arange(many) % 2 == 0,
        reserve_starts=(2 * np.arange(many + 1)).astype(np.int32),
        reserve_groups=np.tile(np.array([1, 2], np.int64), many),
        reserve_seats=np.repeat(seats // 4, 2).astype(np.int32),
    ), caps


def _capped(seats: np.ndarray) -> tuple[Openings, Caps]:
    """Institutes of twenty labs; targets are three quarters of the seats, caps nine tenths."""
    openings, _caps = plain_openings(seats)
    many = len(seats)
    order = np.arange(many, dtype=np.int32)
    starts = starts_of([20] * (many // 20)).astype(np.int32)
    caps = np.array([seats[a:b].sum() * 9 // 10 for a, b in pairwise(starts)], np.int64)
    capped = openings._replace(quota=(seats * 3 // 4).astype(np.int32), institute=order // 20, turn=order % 20)
    return capped, Caps(caps, starts, order)


def a_million() -> bool:
    """From Postgres to a stored outcome, against reading the lists as Postgres gives tables fastest: by binary copies.

    A copy of each table, both at once. Cut so that both connections end together, they take a little less: that ratio
    stands beside.
    """
    million.load()
    command = [sys.executable, "-m", "bench.million"]
    done = subprocess.run(command, text=True, stdout=subprocess.PIPE, check=True, env={**os.environ, **KEPT})
    found = json.loads(done.stdout)
    median = {step: statistics.median(each[step] for each in found["rounds"]) for step in found["rounds"][0]}
    steps = {f"{name.replace(' ', '_')}_ms": round(1000 * seconds) for name, seconds in median.items()}
    size = f"{million.APPLICANTS:,} x {million.CHOICES} on {million.LABS:,} labs"
    whole, certified = median["whole"] / median["fastest read"], median["certificate"] / median["numpy"]
    solved = median["solve"] / median["sum"]
    even = {"against_the_read_cut_evenly": round(median["whole"] / median["even read"], 3), "clock": "wall"}
    kept = [
        say(
            f"{size}: from Postgres to a stored outcome, against a binary copy of each table",
            whole,
            1.5,
            **steps,
            **even,
        ),
        say(f"{size}: gigabytes at the most", found["peak"] / 2**30, 2),
        say(f"{size}: solve, against Postgres's sum of the choices", solved, 1, clock="wall"),
        say(f"{size}: certificate, against NumPy's sum of the lists", certified, 3, clock="wall"),
    ]
    return all(kept)


def luck() -> bool:
    """A thousand lotteries of a call of the programme's own size, when all is compiled: that is done once a release."""
    instance = build(programme())
    began = time.perf_counter()
    next(fast.by_lottery(instance, ["0"]))
    loading = time.perf_counter() - began
    heard: list[int] = []
    began = time.perf_counter()
    found = lotteries(instance, 1_000, lambda done, _many: heard.append(done))
    took = time.perf_counter() - began
    if heard[-1] != 1_000:
        raise RuntimeError("the lotteries did not tell how far they were")
    more = {"share_decided_by_luck": round(float(found.share), 3), "times_told": len(heard), "clock": "wall"}
    more["first_one_s"] = round(loading, 1)
    return say("1,000 lotteries of 1,260 applicants, 8 labs and 400 seats, in seconds", took, 5, **more)


def main() -> int:
    """All figures; 1 when a limit is passed. The race comes first: the library's process did nothing before either."""
    return 0 if all([against_the_library(), luck(), constraints(), a_million()]) else 1
