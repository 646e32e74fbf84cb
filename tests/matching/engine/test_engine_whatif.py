"""Other seats, caps, reserves and lists: who would move, what a seat is worth, what a minimum costs, what luck does."""

import random
from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.lists import programme
from matching.engine import chains, whatif
from matching.engine.instance import Instance, Malformed, build
from matching.engine.outcome import Outcome, outcome_of
from matching.engine.solve import place, solve
from matching.engine.whatif import Changes, Move, Moves, changed, lotteries, minimum_price, movers, seat_values
from tests.matching.engine.instances import as_json, dense, instance_of, instances, lab

often = settings(max_examples=40, deadline=None)

RANKS = {"a": "l1 l2", "b": "l1 l2", "c": "l2 l1", "d": "l2"}
LABS = [lab("l1", "a b c", 1, target=1), lab("l2", "c a b d", 1, target=1)]
BASE = instance_of(RANKS, LABS, groups={"b": "overseas"}, cap=2)


def rank_in(instance: Instance, outcome: Outcome) -> dict[str, int]:
    places = dict(outcome.matches)
    return {
        person.id: person.ranks.index(places[person.id]) if person.id in places else len(person.ranks)
        for person in instance.applicants
    }


def test_changes_make_the_instance_that_building_it_anew_makes() -> None:
    found = changed(
        BASE,
        Changes(
            seats={"l1": 2},
            targets={"l1": 2, "l2": 0},
            reserves={"l1": [("overseas", 1)]},
            reserve_orders={"l1": "reserved_first"},
            ranks={"l2": [["d"], ["b", "a"]]},
            caps={"i": 3},
        ),
    )
    reserves = [{"group": "overseas", "seats": 1}]
    labs = [
        lab("l1", "a b c", 2, target=2, reserves=reserves, reserve_order="reserved_first"),
        lab("l2", [["d"], ["a", "b"]], 1, target=0),
    ]
    assert found == build(as_json(RANKS, labs, groups={"b": "overseas"}, cap=3))
    assert changed(BASE, Changes()) == BASE


@pytest.mark.parametrize(
    ("changes", "place", "reason"),
    [
        (Changes(seats={"l1": -1}), "lab l1, seats", "must not be negative"),
        (Changes(seats={"l1": 0}), "lab l1, target", "the target of 1 is more than the 0 seats"),
        (Changes(seats={"l9": 1}), "lab l9", "is no known lab"),
        (Changes(targets={"l1": 1, "l2": 5}, seats={"l2": 5}), "institute i, cap", "targets of its labs sum to 6"),
        (Changes(reserves={"l1": [("overseas", 2)]}), "lab l1, reserves", "more than the target, 1"),
        (Changes(reserves={"l1": [("", 1)]}), "lab l1, reserves[0].group", "must not be empty"),
        (Changes(reserve_orders={"l1": "last"}), "lab l1, reserve_order", "must be 'open_first'"),
        (Changes(ranks={"l1": [["a"], ["z"]]}), "lab l1, ranks[1][0]", "'z' is no known applicant"),
        (Changes(ranks={"l1": [["a"], ["a"]]}), "lab l1, ranks[1][0]", "ranked twice"),
        (Changes(caps={"i": 1}), "institute i, cap", "targets of its labs sum to 2"),
        (Changes(caps={"i9": 1}), "institute i9", "is no known institute"),
    ],
)
def test_changes_that_the_rule_cannot_take_are_refused_with_place_and_reason(
    changes: Changes, place: str, reason: str
) -> None:
    with pytest.raises(Malformed) as refused:
        changed(BASE, changes)
    assert refused.value.place == place
    assert reason in refused.value.reason


def test_a_cap_that_is_set_asks_for_the_targets_of_labs_that_were_not_changed() -> None:
    free = instance_of({"a": "l1"}, [lab("l1", "a")])
    with pytest.raises(Malformed, match="lab l1, target: is missing, and institute 'i' has a cap"):
        changed(free, Changes(caps={"i": 1}))


def test_movers_are_told_with_their_choices_and_counted_by_their_own_ranking() -> None:
    # a and c hold the seats; with one more at l1, b gets in
    before = solve(BASE)
    after = solve(changed(BASE, Changes(seats={"l1": 2}, targets={"l1": 2}, caps={"i": 3})))
    assert movers(BASE, before, after) == Moves((Move("b", None, "l1", None, 1),))
    back = movers(BASE, after, before)
    assert back.moves == (Move("b", "l1", None, 1, None),)
    assert (back.better, back.worse, back.flows()) == (0, 1, {("l1", None): 1})


def test_movers_leave_out_who_is_in_one_outcome_only() -> None:
    before = outcome_of("0" * 64, [("a", "l1"), ("b", "l2")], ["c", "d"])
    after = outcome_of("0" * 64, [("b", "l1"), ("c", "l2")], ["d"])
    moves = movers(BASE, before, after)
    assert [(move.applicant, move.is_better) for move in moves.moves] == [("b", True), ("c", True)]
    assert (moves.better, moves.worse) == (2, 0)
    assert moves.flows() == {("l2", "l1"): 1, (None, "l2"): 1}


def test_the_value_of_a_seat_is_who_moves_for_it() -> None:
    """b waits for l1; d waits for l2, behind a and b. A seat at l3, which nobody wants, does nothing."""
    instance = instance_of(RANKS, [*LABS, lab("l3", "a", target=0)])
    values = seat_values(instance)
    assert {name: [move.applicant for move in value.moves.moves] for name, value in values.items()} == {
        "l1": ["b"],
        "l2": ["b"],
        "l3": [],
    }
    assert [value.is_taken for value in values.values()] == [True, True, False]


@often
@given(instances(9, 4, caps=False, reserves=False))
def test_a_seat_is_worth_what_matching_everybody_again_says(instance: Instance) -> None:
    before = solve(instance)
    assert chains.is_plain(instance)
    for name, value in seat_values(instance, before).items():
        grown = tuple(replace(each, seats=each.seats + (each.id == name)) for each in instance.labs)
        assert value.moves == movers(instance, before, solve(replace(instance, labs=grown)))


def test_chains_agree_at_a_size_where_they_are_long() -> None:
    longest = 0
    for seed in range(12):
        instance = build(programme(applicants=40 + 25 * seed, seats=(16, 40, 80)[seed % 3], seed=seed))
        before = solve(instance)
        for name, value in seat_values(instance, before).items():
            grown = tuple(replace(each, seats=each.seats + (each.id == name)) for each in instance.labs)
            assert value.moves == movers(instance, before, solve(replace(instance, labs=grown)))
            longest = max(longest, len(value.moves.moves))
    assert longest > 3


@given(instances(8, 4))
def test_one_more_seat_harms_no_applicant_under_caps_too(instance: Instance) -> None:
    for value in seat_values(instance, solve(instance)).values():
        assert value.moves.worse == 0


def test_a_minimum_costs_those_who_lose_the_fewest_choices() -> None:
    """Nobody is at l2. b would lose one choice, a and c two; the seat that b leaves goes to d, who waits for it."""
    ranks = {"a": "l1 l3 l2", "b": "l3 l2", "c": "l1 l3 l2", "d": "l3"}
    labs = [lab("l1", "a c", 2), lab("l2", "a c b", 2), lab("l3", "b d", 1)]
    price = minimum_price(instance_of(ranks, labs), "l2", 1)
    assert (price.held, price.is_reached, price.sent) == (0, True, ("b",))
    assert price.moves.moves == (Move("b", "l3", "l2", 1, 2), Move("d", None, "l3", None, 1))
    two = minimum_price(instance_of(ranks, labs), "l2", 2)
    assert (two.sent, two.is_reached, two.moves.worse) == (("b", "a"), True, 2)
    assert minimum_price(instance_of(ranks, labs), "l2", 3).is_reached is False
    assert minimum_price(instance_of(ranks, labs), "l1", 2) == whatif.Price("l1", 2, 2, True, (), (), Moves(()))


def test_a_minimum_that_the_cap_leaves_no_room_for_is_not_reached() -> None:
    labs = [lab("l1", "a b", 2, target=2), lab("l2", "a b", 1, target=0)]
    price = minimum_price(instance_of({"a": "l1 l2", "b": "l1", "c": "l2"}, labs, cap=2), "l2", 1)
    assert (price.sent, price.is_reached) == (("a",), True)
    labs = [lab("l1", "b c", 2, target=2), lab("l2", "a", 1, target=0)]
    price = minimum_price(instance_of({"a": "l2", "b": "l1", "c": "l1"}, labs, cap=2), "l2", 1)
    assert (price.sent, price.is_reached, price.moves.moves) == ((), False, ())


def test_a_holder_may_not_leave_for_the_place_that_was_taken_for_the_minimum() -> None:
    """b holds l2 and waits for l1. Sending a there frees l1, which b would take at once."""
    instance = instance_of({"a": "l1 l2", "b": "l1 l2"}, [lab("l1", "a b"), lab("l2", "a b", 2)])
    price = minimum_price(instance, "l2", 2)
    assert (price.sent, price.held_back, price.is_reached) == (("a",), ("b",), True)
    assert price.moves.moves == (Move("a", "l1", "l2", 1, 2),)


@often
@given(instances(7, 3, caps=False), st.data())
def test_without_caps_a_minimum_harms_exactly_those_who_are_sent(instance: Instance, data: st.DataObject) -> None:
    name = data.draw(st.sampled_from([each.id for each in instance.labs]))
    before = solve(instance)
    price = minimum_price(instance, name, data.draw(st.integers(0, 3)), before)
    assert {move.applicant for move in price.moves.moves if not move.is_better} == set(price.sent)
    held = sum(place == name for _, place in before.matches)
    assert price.held == held
    assert set(price.held_back) <= {person for person, place in before.matches if place == name}
    if price.is_reached and price.sent:
        assert held + len(price.sent) == price.minimum
    if not price.is_reached:
        wanting = [each for each in instance.applicants if name in each.ranks]
        accepted = next(each for each in instance.labs if each.id == name)
        listed = {person for tied in accepted.ranks for person in tied}
        possible = sum(each.id in listed for each in wanting)
        assert price.minimum > min(possible, accepted.seats)


TIED = instance_of(dict.fromkeys("abc", "l1"), [lab("l1", [["a", "b"], ["c"]], 1), lab("l2", "", 3)])


def test_lotteries_count_every_fate_and_say_how_much_luck_decides() -> None:
    heard: list[tuple[int, int]] = []
    luck = lotteries(TIED, 40, lambda done, many: heard.append((done, many)))
    assert heard == [(done, 40) for done in range(1, 41)]
    assert luck.fates["c"] == {None: 40}
    assert luck.fates["a"]["l1"] + luck.fates["b"]["l1"] == 40
    assert 5 < luck.fates["a"]["l1"] < 35
    assert (luck.touched, luck.share) == (2, Fraction(1))
    assert luck.fill == {"l1": whatif.Fill(1, Fraction(1), 1), "l2": whatif.Fill(0, Fraction(0), 0)}
    assert lotteries(TIED, 40) == luck
    assert lotteries(replace(TIED, seed="5eee"), 40).fates != luck.fates


def test_no_lottery_is_no_luck() -> None:
    luck = lotteries(TIED, 0)
    assert (luck.touched, luck.share, luck.fates["a"]) == (0, Fraction(0), {})


@pytest.mark.parametrize("seed", range(3))
def test_compiled_lotteries_are_those_of_the_reference(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    instance = dense(random.Random(seed))
    plain = lotteries(instance, 25)
    monkeypatch.setattr(whatif, "COMPILED_FROM", 0)
    assert lotteries(instance, 25) == plain
    wide = [{"group": f"g{number}", "seats": 0} for number in range(13)]
    many_groups = replace(instance, labs=(*instance.labs, build(as_json({}, [lab("l9", "", reserves=wide)])).labs[0]))
    assert lotteries(many_groups, 2).fates == lotteries(instance, 2).fates


def test_a_lottery_of_another_seed_is_what_the_match_with_that_seed_gives() -> None:
    luck = lotteries(TIED, 1)
    seed = whatif.seed_of([TIED.seed, "lottery", "1"])
    assert {name for name, fate in luck.fates.items() if "l1" in fate} == set(place(replace(TIED, seed=seed)))
