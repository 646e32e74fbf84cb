"""After the match: who follows, who keeps what she has; held against every assignment there is on small cases."""

import random
from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import combinations, product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matching.engine.after import After, Step, afresh, next_of, rematch, waitlist, without
from matching.engine.instance import Instance, Lab, Malformed
from matching.engine.lottery import standings
from matching.engine.outcome import Outcome, outcome_of
from matching.engine.solve import solve
from matching.engine.stability import violations
from tests.matching.engine.instances import dense, instance_of, instances, lab

often = settings(max_examples=50, deadline=None)

Places = Mapping[str, str]


def rank_in(instance: Instance, places: Places) -> dict[str, int]:
    """How good everybody's place is for her: 0 the first choice; no place is worse than any."""
    return {
        person.id: person.ranks.index(places[person.id]) if person.id in places else len(person.ranks)
        for person in instance.applicants
    }


def as_outcome(instance: Instance, places: Places) -> Outcome:
    unmatched = [person.id for person in instance.applicants if person.id not in places]
    return outcome_of(instance.sha256(), places.items(), unmatched)


def assignments(instance: Instance, floor: Places, bound: set[str]) -> Iterator[dict[str, str]]:
    """Every assignment on both sides' lists in which those in `bound` are at least as well off as at `floor`."""
    accepted = {each.id: {name for tied in each.ranks for name in tied} for each in instance.labs}
    options = []
    for person in instance.applicants:
        wanted: list[str | None] = [name for name in person.ranks if person.id in accepted[name]]
        if person.id in bound:
            wanted = [name for name in wanted if person.ranks.index(name or "") <= person.ranks.index(floor[person.id])]
        else:
            wanted.append(None)
        options.append(wanted)
    for choice in product(*options):
        yield {person.id: name for person, name in zip(instance.applicants, choice, strict=True) if name is not None}


def fits(instance: Instance, places: Places) -> bool:
    held = list(places.values())
    if any(held.count(each.id) > each.seats for each in instance.labs):
        return False
    return all(
        institute.cap is None or sum(held.count(name) for name in institute.order) <= institute.cap
        for institute in instance.institutes
    )


def moved(before: Places, after: Places) -> set[str]:
    return {person for person in before.keys() | after.keys() if before.get(person) != after.get(person)}


def replayed(before: Places, found: After) -> dict[str, str]:
    """The places after the steps, each of which begins where the one before ended."""
    places = dict(before)
    for step in found.steps:
        assert places.get(step.applicant) == step.left
        places[step.applicant] = step.lab
        assert standings(found.instance)[step.lab].order[step.position - 1] == step.applicant
    return places


LINE = instance_of(
    {"a": "l1", "b": "l1 l2", "c": "l1 l2 l3", "d": "l3"},
    [lab("l1", "a c b"), lab("l2", "b c"), lab("l3", "c d")],
)


def test_a_place_that_becomes_free_is_followed_to_the_end_of_the_chain() -> None:
    before = solve(LINE)
    assert dict(before.matches) == {"a": "l1", "b": "l2", "c": "l3"}
    found = waitlist(LINE, before, ["a"])
    assert found.steps == (Step("l1", "c", 1, "l3"), Step("l3", "d", 2, None))
    assert found.outcome.matches == (("b", "l2"), ("c", "l1"), ("d", "l3"))
    assert [(move.applicant, move.is_better) for move in found.moves.moves] == [("c", True), ("d", True)]
    assert violations(found.instance, found.outcome) == []
    assert found.displaced == ()


def test_seats_that_are_added_are_filled_in_the_same_way() -> None:
    more = replace(LINE, labs=tuple(replace(each, seats=2) if each.id == "l1" else each for each in LINE.labs))
    assert waitlist(more, solve(LINE)).steps == (Step("l1", "c", 2, "l3"), Step("l3", "d", 2, None))


def test_a_waitlist_refuses_what_it_cannot_stand_on() -> None:
    before = solve(LINE)
    with pytest.raises(Malformed, match="applicant z: is no known applicant"):
        waitlist(LINE, before, ["z"])
    with pytest.raises(Malformed, match="lab l9: is no known lab"):
        waitlist(LINE, outcome_of("0" * 64, [("a", "l9")], []))
    fewer = replace(LINE, labs=tuple(replace(each, seats=0) if each.id == "l1" else each for each in LINE.labs))
    with pytest.raises(Malformed, match="applicant a: would not be chosen by the lab that holds her"):
        waitlist(fewer, before)
    unranked = replace(LINE, labs=tuple(replace(each, ranks=()) if each.id == "l1" else each for each in LINE.labs))
    with pytest.raises(Malformed, match="applicant a: would not be chosen"):
        waitlist(unranked, before)


def test_a_member_follows_into_a_reserved_seat_past_those_above_her() -> None:
    labs = [lab("l1", "a b c d", 2, reserves=[{"group": "overseas", "seats": 1}])]
    instance = instance_of(dict.fromkeys("abcd", "l1"), labs, groups={"b": "overseas", "d": "overseas"})
    assert waitlist(instance, solve(instance), ["b"]).steps == (Step("l1", "d", 3, None),)


@often
@given(instances(6, 3), st.data())
def test_of_all_that_keep_the_rule_and_harm_nobody_the_waitlist_moves_the_fewest(
    instance: Instance, data: st.DataObject
) -> None:
    before = solve(instance)
    people = [person.id for person in instance.applicants]
    _check_waitlist(instance, before, data.draw(st.lists(st.sampled_from(people), unique=True, max_size=2)))


@pytest.mark.parametrize("seed", range(6))
def test_the_waitlist_moves_the_fewest_under_hard_competition(seed: int) -> None:
    """Reserves in each lab, often caps; seven wait for one or two who are gone."""
    chance = random.Random(seed)
    for instance in (dense(chance) for _ in range(3)):
        before = solve(instance)
        _check_waitlist(instance, before, chance.sample([person for person, _ in before.matches], 2))


def _check_waitlist(instance: Instance, before: Outcome, gone: list[str]) -> None:
    found = waitlist(instance, before, gone)
    after = dict(found.outcome.matches)
    stay = {person: name for person, name in before.matches if person not in gone}
    assert violations(found.instance, found.outcome) == []
    assert replayed(stay, found) == after
    assert {move.applicant for move in found.moves.moves} == moved(stay, after)
    assert found.moves.worse == 0
    for places in assignments(found.instance, stay, set(stay)):
        if fits(found.instance, places) and violations(found.instance, as_outcome(found.instance, places)) == []:
            assert moved(stay, after) <= moved(stay, places)
    again = rematch(instance, before, gone)
    assert (again.outcome, again.displaced) == (found.outcome, ())
    best = afresh(instance, before, gone)
    assert best.moves.worse == 0
    assert moved(stay, after) <= moved(stay, dict(best.outcome.matches))


def test_a_lab_that_loses_a_seat_keeps_its_best_and_the_other_finds_what_is_free() -> None:
    ranks = {"a": "l1", "b": "l1 l2", "c": "l2"}
    instance = instance_of(ranks, [lab("l1", "a b", 2), lab("l2", "b c", 2)])
    before = solve(instance)
    fewer = instance_of(ranks, [lab("l1", "a b", 1), lab("l2", "b c", 1)])
    found = rematch(fewer, before)
    assert found.displaced == ("b",)
    # c keeps her place, though l2 ranks b above her
    assert found.outcome.matches == (("a", "l1"), ("c", "l2"))
    assert found.outcome.unmatched == ("b",)
    again = afresh(fewer, before)
    assert again.outcome.matches == (("a", "l1"), ("b", "l2"))


def shrunk(instance: Instance, chance: random.Random, *, plain: bool = False) -> Instance:
    """The same with fewer seats, and caps as low as targets let them be."""
    labs = tuple(_fewer(each, chance.randint(0, each.seats), plain=plain) for each in instance.labs)
    targets = {
        each.id: sum(lab.target or 0 for lab in labs if lab.institute == each.id) for each in instance.institutes
    }
    institutes = tuple(
        replace(each, cap=max(targets[each.id], each.cap - chance.randint(0, 2))) if each.cap is not None else each
        for each in instance.institutes
    )
    return replace(instance, labs=labs, institutes=institutes)


def _fewer(each: Lab, seats: int, *, plain: bool) -> Lab:
    target, reserves = min(each.target or 0, seats), []
    left = target
    for reserve in () if plain else each.reserves:
        reserves.append(replace(reserve, seats=min(reserve.seats, left)))
        left -= reserves[-1].seats
    return replace(each, seats=seats, target=target, reserves=tuple(reserves))


@often
@given(instances(6, 3), st.randoms(use_true_random=False))
def test_a_rematch_keeps_everybody_who_can_stay_at_least_as_well_off(instance: Instance, chance: random.Random) -> None:
    _check_rematch(shrunk(instance, chance), solve(instance))


@pytest.mark.parametrize("seed", range(10))
def test_a_rematch_keeps_its_promises_under_hard_competition(seed: int) -> None:
    chance = random.Random(seed)
    for instance in (dense(chance) for _ in range(10)):
        _check_rematch(shrunk(instance, chance), solve(instance))


def _check_rematch(instance: Instance, before: Outcome) -> dict[str, str]:
    found = rematch(instance, before)
    was, after = dict(before.matches), dict(found.outcome.matches)
    stay = {person: name for person, name in was.items() if person not in found.displaced}
    assert fits(instance, after)
    assert after in list(_one(instance, after))
    assert replayed(stay, found) == after
    old, new = rank_in(instance, was), rank_in(instance, after)
    assert all(new[person] <= old[person] for person in stay)
    # nobody could be allowed to stay in addition
    most = max(
        len(chosen)
        for size in range(len(was) + 1)
        for chosen in combinations(was, size)
        if fits(instance, {person: was[person] for person in chosen})
    )
    assert len(stay) == most
    # no seat is empty that somebody wants who is accepted
    for person in instance.applicants:
        for name in person.ranks[: new[person.id]]:
            accepted = any(person.id in tied for each in instance.labs if each.id == name for tied in each.ranks)
            more = {**{key: value for key, value in after.items() if key != person.id}, person.id: name}
            assert not accepted or not fits(instance, more) or name in _full(instance, after)
    return stay


def _full(instance: Instance, places: Places) -> set[str]:
    """Labs without an empty seat, or whose institute is full though she were to leave another lab of it."""
    held = list(places.values())
    full = {each.id for each in instance.labs if held.count(each.id) >= each.seats}
    for institute in instance.institutes:
        if institute.cap is not None and sum(held.count(name) for name in institute.order) >= institute.cap:
            full.update(institute.order)
    return full


def _one(instance: Instance, places: Places) -> Iterator[dict[str, str]]:
    """The assignment itself, if it is on both sides' lists."""
    accepted = {each.id: {name for tied in each.ranks for name in tied} for each in instance.labs}
    ranks = {person.id: person.ranks for person in instance.applicants}
    if all(name in ranks[person] and person in accepted[name] for person, name in places.items()):
        yield dict(places)


@often
@given(instances(5, 3, caps=False, reserves=False), st.randoms(use_true_random=False))
def test_of_all_fair_rematches_this_one_moves_the_fewest_who_can_stay(
    instance: Instance, chance: random.Random
) -> None:
    """Fair: nobody is passed over for somebody ranked lower, except for one who keeps what she had."""
    before, fewer = solve(instance), shrunk(instance, chance, plain=True)
    stay = _check_rematch(fewer, before)
    after = dict(rematch(fewer, before).outcome.matches)
    assert is_fair(fewer, after, stay)
    movers_of_ours = moved(stay, after) & stay.keys()
    for places in assignments(fewer, stay, set(stay)):
        if fits(fewer, places) and is_fair(fewer, places, stay):
            assert movers_of_ours <= moved(stay, places) & stay.keys()


def is_fair(instance: Instance, places: Places, stay: Places) -> bool:
    lists, ranks = standings(instance), rank_in(instance, places)
    for each in instance.labs:
        position = lists[each.id].position
        holders = [person for person, name in places.items() if name == each.id]
        passable = [position[person] for person in holders if stay.get(person) != each.id]
        for person in instance.applicants:
            if person.id in position and each.id in person.ranks[: ranks[person.id]]:
                if len(holders) < each.seats or any(position[person.id] < other for other in passable):
                    return False
    return True


def test_the_next_of_a_lab_may_leave_a_place_that_she_likes_less() -> None:
    before = solve(LINE)
    assert next_of(LINE, before, "l1", ["a"]) == Step("l1", "c", 1, "l3")
    assert next_of(LINE, before, "l2", ["a"]) is None
    assert next_of(LINE, before, "l1") is None


def test_the_next_under_a_cap_comes_in_her_labs_turn() -> None:
    """One place is left under the cap, and the lab that is below its target takes it; the other has a seat in vain."""
    labs = [lab("l1", "a b", 2, target=1), lab("l2", "c d", 2, target=1)]
    instance = instance_of({"a": "l1", "b": "l1", "c": "l2", "d": "l2"}, labs, cap=2)
    before = solve(instance)
    assert next_of(instance, before, "l2", ["c"]) == Step("l2", "d", 1, None)
    assert next_of(instance, before, "l1", ["c"]) is None


def test_who_is_gone_is_gone_from_both_sides() -> None:
    left = without(LINE, ["a", "c"])
    assert [person.id for person in left.applicants] == ["b", "d"]
    assert [each.ranks for each in left.labs] == [(("b",),), (("b",),), (("d",),)]
