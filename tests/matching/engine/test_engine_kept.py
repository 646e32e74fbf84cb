"""Seats that nobody else may have: who is kept stays in every filling, what is on offer stays empty."""

import random
from dataclasses import replace
from typing import Any

import pytest

from matching import verifier
from matching.engine.after import afresh, rematch, waitlist
from matching.engine.instance import Instance, Malformed, parse
from matching.engine.kept import Seated, held_fast
from matching.engine.outcome import Outcome, outcome_of
from matching.engine.solve import solve
from matching.engine.stability import violations
from tests.matching.engine.instances import dense, instance_of, lab

WAYS = (waitlist, rematch, afresh)


def placed(instance: Instance, places: dict[str, str]) -> Outcome:
    unmatched = [person.id for person in instance.applicants if person.id not in places]
    return outcome_of(instance.sha256(), places.items(), unmatched)


@pytest.mark.parametrize("way", WAYS)
def test_somebody_whom_no_list_ranked_keeps_her_seat(way: Any) -> None:
    instance = instance_of({"a": "l1", "b": "l1", "c": "l2 l1", "d": "l2"}, [lab("l1", "a b c", 2), lab("l2", "d")])
    seats = {"a": "l1", "c": "l1", "d": "l2"}
    # c was taken by l2 later on, though l2 ranked nobody but d and has two seats now
    more = replace(instance, labs=tuple(replace(each, seats=2) for each in instance.labs))
    seats["c"] = "l2"
    now = held_fast(more, Seated(seats, {"c"}))
    found = way(now, placed(now, seats), ["a"])
    assert dict(found.outcome.matches) == {"b": "l1", "c": "l2", "d": "l2"}
    assert [move.applicant for move in found.moves.moves] == ["b"]
    assert violations(found.instance, found.outcome) == []
    texts = found.instance.canonical().encode(), found.outcome.canonical().encode()
    assert verifier.violations(*texts) == []
    assert parse(found.instance.canonical()) == found.instance


@pytest.mark.parametrize("way", WAYS)
def test_a_seat_on_offer_stays_empty(way: Any) -> None:
    instance = instance_of(dict.fromkeys("abc", "l1"), [lab("l1", "a b", 2)])
    now = held_fast(instance, Seated({"a": "l1"}, (), [("c", "l1")]))
    assert way(now, placed(now, {"a": "l1"})).moves.moves == ()
    assert dict(way(now, placed(now, {"a": "l1"}), ["a"]).outcome.matches) == {"b": "l1"}


def test_a_cap_and_targets_count_who_is_kept() -> None:
    labs = [lab("l1", "a b", 3, target=1), lab("l2", "c d", 2, target=2)]
    instance = instance_of({"a": "l1", "b": "l1", "c": "l2", "d": "l2", "x": "l1"}, labs, cap=3)
    seats = {"a": "l1", "b": "l1", "x": "l1"}
    now = held_fast(instance, Seated(seats, {"x", "b", "a"}))
    assert [(each.seats, each.target) for each in now.labs] == [(3, 3), (2, 0)]
    assert now.institutes[0].cap == 3
    for way in WAYS:
        assert way(now, placed(now, seats)).moves.moves == ()
    less = held_fast(instance, Seated({"a": "l1"}, {"a"}, [("x", "l1")]))
    assert [(each.seats, each.target) for each in less.labs] == [(2, 1), (2, 1)]
    assert less.institutes[0].cap == 2


def test_a_kept_members_reserved_seat_is_hers_and_the_open_one_stays_open() -> None:
    labs = [lab("l1", "a b c d", 2, reserves=[{"group": "overseas", "seats": 1}])]
    instance = instance_of(dict.fromkeys("abcd", "l1"), labs, groups={"b": "overseas", "d": "overseas"})
    seats = {"a": "l1", "b": "l1"}
    now = held_fast(instance, Seated(seats, {"b"}))
    assert [reserve.seats for reserve in now.labs[0].reserves] == [0]
    assert dict(waitlist(now, placed(now, seats), ["a"]).outcome.matches) == {"b": "l1", "c": "l1"}
    other = held_fast(instance, Seated(seats, {"a"}))
    assert [reserve.seats for reserve in other.labs[0].reserves] == [1]
    assert dict(waitlist(other, placed(other, seats), ["b"]).outcome.matches) == {"a": "l1", "d": "l1"}


def test_nothing_kept_changes_nothing_and_who_holds_nothing_is_refused() -> None:
    instance = instance_of({"a": "l1"}, [lab("l1", "a")])
    assert held_fast(instance, Seated({"a": "l1"})) is instance
    with pytest.raises(Malformed, match="applicant b: is kept and holds no seat"):
        held_fast(instance, Seated({"a": "l1"}, {"b"}))


@pytest.mark.parametrize("seed", range(12))
def test_who_is_kept_stays_under_hard_competition(seed: int) -> None:
    """Reserves, caps, several withdrawals: nobody kept moves, every file is proved, nobody else who can stay loses."""
    chance = random.Random(seed)
    for instance in (dense(chance) for _ in range(15)):
        before = solve(instance)
        holders = dict(before.matches)
        kept = set(chance.sample(sorted(holders), chance.randint(1, len(holders))))
        now = held_fast(instance, Seated(holders, kept))
        assert parse(now.canonical()) == now
        gone = chance.sample(sorted(holders.keys() - kept), min(2, len(holders) - len(kept)))
        for way in WAYS:
            try:
                found = way(now, placed(now, holders), gone)
            except Malformed:
                assert way is waitlist
                # under a cap kept seats may have to be counted as targets; then a rematch finds who follows
                assert instance.institutes[0].cap is not None
                continue
            after = dict(found.outcome.matches)
            assert {person: after.get(person) for person in kept} == {person: holders[person] for person in kept}
            assert not {move.applicant for move in found.moves.moves} & kept
            if way is not rematch:
                assert violations(found.instance, found.outcome) == []
                texts = found.instance.canonical().encode(), found.outcome.canonical().encode()
                assert verifier.violations(*texts) == []
            if way is rematch:
                assert found.displaced == ()
