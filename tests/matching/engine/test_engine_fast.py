"""The compiled engine against the reference: the same places, the same violations, the same words."""

import random
import struct
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matching.engine import compiled, copied, fast, numbering, solve, table
from matching.engine.arrays import UNRANKED, Caps, Ints, Openings, plain_openings, starts_of
from matching.engine.instance import Instance, Reserve
from matching.engine.lottery import numbers, standings
from matching.engine.outcome import outcome_of
from matching.engine.reading import Malformed
from matching.engine.stability import violations
from tests.matching.engine.instances import dense, instance_of, instances, lab

often = settings(max_examples=60, deadline=None)


def agreed(instance: Instance, places: Mapping[str, str | None]) -> list[str]:
    """What both checks find, once they are shown to find the same in the same order."""
    matches = [(person, name) for person, name in places.items() if name is not None]
    unmatched = [person.id for person in instance.applicants if places.get(person.id) is None]
    found = violations(instance, outcome_of(instance.sha256(), matches, unmatched))
    given = table.table_of(instance)
    numbered = as_numbers(instance, places)
    assert fast.violations(given, numbered, table.names_of(instance)) == found
    assert fast.is_kept(given, numbered) == (not found)
    return found


def as_numbers(instance: Instance, places: Mapping[str, str | None]) -> Ints:
    names = [each.id for each in instance.labs]
    found = [places.get(person.id) for person in instance.applicants]
    return np.array([-1 if name is None else names.index(name) for name in found], np.int32)


@often
@given(instances(12, 5))
def test_both_engines_find_the_same_outcome_to_the_byte(instance: Instance) -> None:
    ours = fast.place(instance)
    assert ours == solve.place(instance)
    assert agreed(instance, dict(ours)) == []
    unmatched = [person.id for person in instance.applicants if person.id not in ours]
    text = outcome_of(instance.sha256(), ours.items(), unmatched).canonical()
    assert text == solve.solve(instance).canonical()


@pytest.mark.parametrize("seed", range(5))
def test_both_engines_agree_under_hard_competition_and_so_do_their_checks(seed: int) -> None:
    """From the outcome itself, step by step away from it: two people exchange what they have, one goes elsewhere."""
    chance = random.Random(seed)
    for instance in (dense(chance) for _ in range(30)):
        places: dict[str, str | None] = dict(fast.place(instance))
        assert places == solve.place(instance)
        assert agreed(instance, places) == []
        people, names = [person.id for person in instance.applicants], [each.id for each in instance.labs]
        for _ in range(4):
            one, other = chance.sample(people, 2)
            places[one], places[other] = places.get(other), places.get(one)
            agreed(instance, places)
        places[chance.choice(people)] = chance.choice([None, *names])
        agreed(instance, places)


@often
@given(instances(6, 4), st.data())
def test_both_checks_see_the_same_in_any_assignment(instance: Instance, data: st.DataObject) -> None:
    """Anybody anywhere: at labs that she did not rank or that did not rank her, above seats and caps."""
    names = [each.id for each in instance.labs]
    agreed(instance, {person.id: data.draw(st.sampled_from([None, *names])) for person in instance.applicants})


@often
@given(instances(8, 4))
def test_the_draw_in_arrays_is_the_lottery_of_the_rule(instance: Instance) -> None:
    lot = numbers(instance)
    order = sorted(lot, key=lot.__getitem__)
    ranks = table.ranks_drawn(instance.seed, [person.id.encode() for person in instance.applicants])
    assert [order.index(person.id) for person in instance.applicants] == ranks.tolist()
    orders, names = table.table_of(instance).orders, table.names_of(instance)
    for number, standing in enumerate(standings(instance).values()):
        listed = orders.people[orders.starts[number] : orders.starts[number + 1]]
        assert tuple(names.applicants[person] for person in listed) == standing.order


def test_lottery_numbers_that_begin_alike_are_told_apart_to_their_end(monkeypatch: pytest.MonkeyPatch) -> None:
    ends = {"a": b"\x02", "b": b"\x01", "c": b"\x03"}

    class Alike:
        def __init__(self, text: bytes) -> None:
            self.name = text[-1:].decode()

        def digest(self) -> bytes:
            return b"\x00" * 31 + ends[self.name]

    monkeypatch.setattr(table.hashlib, "sha256", Alike)
    assert table.ranks_drawn("0", [b"a", b"b", b"c"]).tolist() == [1, 0, 2]


def test_a_large_instance_is_solved_by_compiled_code_and_the_outcome_is_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    instance = dense(random.Random(7))
    expected = solve.solve(instance).canonical()
    monkeypatch.setattr(solve, "COMPILED_FROM", 1)
    heard: list[tuple[int, int]] = []
    monkeypatch.setattr(fast, "PROGRESS_STEP", 3)
    assert solve.solve(instance, lambda done, total: heard.append((done, total))).canonical() == expected
    assert heard == [(3, 8), (6, 8), (8, 8)]
    monkeypatch.setattr(solve, "find_spec", lambda _name: None)
    assert solve.solve(instance).canonical() == expected


def test_more_groups_than_bits_hold_are_left_to_the_reference() -> None:
    groups = [f"g{number}" for number in range(13)]
    labs = [lab("l1", "a b", 13, reserves=[{"group": group, "seats": 1} for group in groups])]
    instance = instance_of({"a": "l1", "b": "l1"}, labs, groups={"a": "g3"})
    with pytest.raises(table.TooMany):
        table.table_of(instance)
    assert fast.place(instance) == {"a": "l1", "b": "l1"}
    wide = replace(instance.labs[0], reserves=())
    labs_of_one = tuple(
        replace(wide, id=f"m{number}", reserves=(Reserve(f"g{number}", 1),), ranks=()) for number in range(63)
    )
    with pytest.raises(table.TooMany):
        table.table_of(replace(instance, labs=labs_of_one, applicants=()))


def test_nobody_and_nothing_is_a_table_too() -> None:
    empty = instance_of({}, [])
    assert fast.place(empty) == {}
    assert agreed(empty, {}) == []
    assert agreed(instance_of({"a": ""}, [lab("l1", "", 0)]), {}) == []


def rows(lists: dict[int, list[int]]) -> table.Rows:
    flat = [value for values in lists.values() for value in values]
    keys = np.array(list(lists), np.int64)
    return table.Rows(keys, starts_of([len(values) for values in lists.values()]), np.array(flat, np.int64))


def plain(seats: list[int]) -> tuple[Openings, Caps]:
    return plain_openings(np.array(seats, np.int32))


@often
@given(instances(8, 4, caps=False, reserves=False, ties=False))
def test_a_table_from_rows_is_that_of_the_instance(instance: Instance) -> None:
    keys = {person.id: 1_000 + 7 * number for number, person in enumerate(instance.applicants)}
    lab_keys = {each.id: 5 + 3 * number for number, each in enumerate(instance.labs)}
    wanted = {keys[person.id]: [lab_keys[name] for name in person.ranks] for person in instance.applicants}
    ranked = {lab_keys[each.id]: [keys[name] for tied in each.ranks for name in tied] for each in instance.labs}
    found = table.of_rows(rows(wanted), rows(ranked), *plain([each.seats for each in instance.labs]))
    expected = table.table_of(instance)
    for ours, theirs in zip(found.wishes + found.orders, expected.wishes + expected.orders, strict=True):
        assert np.array_equal(ours, theirs)
    assert np.array_equal(fast.places_in(found), fast.places_in(expected))


def copy_of(lists: dict[int, list[int]]) -> bytes:
    """What Postgres sends for these rows, written down from its manual."""
    text = b"PGCOPY\n\xff\r\n\0" + struct.pack(">ii", 0, 0)
    for key, values in lists.items():
        array = struct.pack(">5i", 1, 0, 23, len(values), 1) if values else struct.pack(">3i", 0, 0, 23)
        array += b"".join(struct.pack(">ii", 4, value) for value in values)
        text += struct.pack(">hiii", 2, 4, key, len(array)) + array
    return text + struct.pack(">h", -1)


@often
@given(st.dictionaries(st.integers(-(2**31), 2**31 - 1), st.lists(st.integers(-(2**31), 2**31 - 1), max_size=5)))
def test_rows_that_postgres_copies_are_read_as_they_are(lists: dict[int, list[int]]) -> None:
    for ours, theirs in zip(copied.rows_of(copy_of(lists)), rows(lists), strict=True):
        assert np.array_equal(ours, theirs)


def test_memory_takes_one_copy_after_the_other() -> None:
    arrival = copied.Arrival(1 << 16)
    for lists in ({7: [1, 2, 3], 9: []}, {-1: [5]}, {}):
        arrival.begin()
        for byte in copy_of(lists):
            arrival.write(bytes([byte]))
        for ours, theirs in zip(arrival.rows(), rows(lists), strict=True):
            assert np.array_equal(ours, theirs)
    with pytest.raises(ValueError, match="out of range"):
        arrival.write(bytes(1 << 16))


COPY = copy_of({7: [1, 2], 8: []})


@pytest.mark.parametrize(
    ("text", "place"),
    [
        (b"", "byte 0"),
        (b"COPY" + COPY[4:], "byte 0"),
        (COPY[:19], "byte 19"),
        (COPY[:-2], f"byte {len(COPY) - 2}"),
        (COPY[:40], "byte 19"),
        (COPY[:19] + struct.pack(">h", 3) + COPY[21:], "byte 19"),
        (COPY[:21] + struct.pack(">i", 8) + COPY[25:], "byte 19"),
        (COPY[:29] + struct.pack(">i", -1) + COPY[33:], "byte 19"),
        (COPY[:33] + struct.pack(">i", 2) + COPY[37:], "byte 19"),
        (COPY[:37] + struct.pack(">i", 1) + COPY[41:], "byte 19"),
        (COPY[:41] + struct.pack(">i", 20) + COPY[45:], "byte 19"),
        (COPY[:45] + struct.pack(">i", 9) + COPY[49:], "byte 19"),
    ],
    ids=[
        "empty",
        "signature",
        "nothing",
        "no end",
        "cut",
        "columns",
        "bigint",
        "null",
        "grid",
        "nulls",
        "type",
        "many",
    ],
)
def test_a_copy_of_anything_else_is_refused_at_its_byte(text: bytes, place: str) -> None:
    with pytest.raises(Malformed) as refused:
        copied.rows_of(text)
    assert refused.value.place == place


WANTED, RANKED = {10: [1, 2], 20: [2], 30: []}, {1: [10], 2: [20, 10, 30]}


@pytest.mark.parametrize(
    ("wanted", "ranked", "place", "reason"),
    [
        ({**WANTED, 20: [2, 3]}, RANKED, "applicant 20, entry 1", "lab 3 is no known lab"),
        ({**WANTED, 20: [-5]}, RANKED, "applicant 20, entry 0", "lab -5 is no known lab"),
        ({**WANTED, 10: [2, 1, 2]}, RANKED, "applicant 10, entry 2", "lab 2 is in this list twice"),
        (WANTED, {**RANKED, 1: [10, 15]}, "lab 1, entry 1", "applicant 15 is no known applicant"),
        (WANTED, {**RANKED, 2: [20, 10, 20]}, "lab 2, entry 2", "applicant 20 is in this list twice"),
        (WANTED, {**RANKED, 2: [30, 30]}, "lab 2, entry 1", "applicant 30 is in this list twice"),
        ({20: [], 10: []}, {1: [], 2: []}, "rows", "must be in the order of their keys"),
        ({10: [], 10**9: []}, {1: [], 2: []}, "rows", "lie too far apart"),
    ],
)
def test_rows_that_are_not_in_order_are_refused_with_place_and_reason(
    wanted: dict[int, list[int]], ranked: dict[int, list[int]], place: str, reason: str
) -> None:
    with pytest.raises(Malformed) as refused:
        table.of_rows(rows(wanted), rows(ranked), *plain([1, 1]))
    assert refused.value.place == place
    assert reason in refused.value.reason


def test_a_large_institute_of_many_turns_agrees() -> None:
    """Forty labs under one cap and three hundred who want them: turns go around several times."""
    chance = random.Random(3)
    people, names = [f"a{number}" for number in range(300)], [f"l{number}" for number in range(40)]
    ranks = {person: " ".join(chance.sample(names, 6)) for person in people}
    labs: list[dict[str, Any]] = [
        lab(name, " ".join(chance.sample(people, 200)), 9, target=chance.randint(0, 2)) for name in names
    ]
    instance = instance_of(ranks, labs, cap=150)
    places = fast.place(instance)
    assert places == solve.place(instance)
    assert agreed(instance, dict(places)) == []


@pytest.fixture
def several_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    """However small the work and the machine, three threads share it."""
    monkeypatch.setattr(compiled, "SIDE_BY_SIDE_FROM", 0)
    monkeypatch.setattr(compiled.os, "cpu_count", lambda: 3)
    monkeypatch.setattr(fast, "FEW", 0)


@pytest.mark.usefixtures("several_threads")
@pytest.mark.parametrize("seed", range(5))
def test_threads_side_by_side_find_what_one_alone_finds(seed: int) -> None:
    chance, told = random.Random(seed), list[int]()
    for instance in (dense(chance) for _ in range(30)):
        assert len(compiled.parts_of(table.table_of(instance).wishes.starts)) == 3
        places: dict[str, str | None] = dict(fast.place(instance, lambda done, _many: told.append(done)))
        assert told.pop() == len(instance.applicants)
        assert places == solve.place(instance)
        assert agreed(instance, places) == []
        one, other = chance.sample([person.id for person in instance.applicants], 2)
        places[one], places[other] = places.get(other), places.get(one)
        agreed(instance, places)


def scattered(chance: random.Random) -> tuple[dict[int, list[int]], dict[int, list[int]]]:
    """Many blocks of applicants, keys with gaps; some are ranked who did not choose the lab, some are not ranked."""
    people = sorted(chance.sample(range(-9_000, 30_000), 2_000))
    labs = sorted(chance.sample(range(500), 40))
    wanted = {person: chance.sample(labs, chance.randint(0, 6)) for person in people}
    ranked = {
        name: [person for person in people if name in wanted[person] or not chance.randrange(50)] for name in labs
    }
    for listed in ranked.values():
        chance.shuffle(listed)
        del listed[: len(listed) // 10]
    return wanted, ranked


@pytest.mark.usefixtures("several_threads")
def test_lists_dealt_out_before_the_applicants_are_known_make_the_same_table() -> None:
    wanted, ranked = scattered(random.Random(5))
    ours = table.of_rows(rows(wanted), rows(ranked), *plain([30] * 40), dealt=table.dealt_of(rows(ranked)))
    choices = [(person, name) for person, listed in wanted.items() for name in listed]
    places = {name: {person: place for place, person in enumerate(listed)} for name, listed in ranked.items()}
    labs = list(ranked)
    assert ours.wishes.labs().tolist() == [labs.index(name) for _person, name in choices]
    assert ours.wishes.positions().tolist() == [places[name].get(person, UNRANKED) for person, name in choices]
    again = table.of_rows(rows(wanted), rows(ranked), *plain([30] * 40))
    assert np.array_equal(again.wishes.entries, ours.wishes.entries)
    found = fast.places_in(ours)
    by_hand = solve.place_by_lists(
        {str(person): list(map(str, listed)) for person, listed in wanted.items()},
        {str(name): list(map(str, listed)) for name, listed in ranked.items()},
        {str(name): 30 for name in ranked},
    )
    assert [by_hand.get(str(person)) for person in wanted] == [None if at < 0 else str(labs[at]) for at in found]
    starts, people = numbering.by_lab(found, 40)
    held = [people[starts[number] : starts[number + 1]].tolist() for number in range(40)]
    assert held == [np.flatnonzero(found == number).tolist() for number in range(40)]


@pytest.mark.usefixtures("several_threads")
def test_whom_a_lab_has_twice_is_found_in_whichever_part() -> None:
    wanted, ranked = scattered(random.Random(6))
    name = list(ranked)[-1]
    ranked[name].append(ranked[name][3])
    with pytest.raises(Malformed) as refused:
        table.of_rows(rows(wanted), rows(ranked), *plain([30] * 40))
    assert refused.value.place == f"lab {name}, entry {len(ranked[name]) - 1}"


def test_lists_of_keys_that_lie_too_far_apart_are_not_dealt_out() -> None:
    with pytest.raises(Malformed, match="too far apart"):
        table.dealt_of(rows({1: [0, 10**9]}))
    assert table.dealt_of(rows({1: []})).cards.tolist() == []


@often
@given(st.dictionaries(st.integers(0, 99), st.lists(st.integers(-(2**31), 2**31 - 1), max_size=5)))
def test_rows_are_written_as_postgres_copies_them(lists: dict[int, list[int]]) -> None:
    assert copied.copy_of(rows(lists)) == copy_of(lists)
