"""What must hold for every instance: drawn at random, and compared with every assignment there is on tiny ones."""

import random
from collections.abc import Iterator
from dataclasses import replace
from itertools import product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matching.engine.choice import institute_chooses
from matching.engine.instance import OPEN_FIRST, RESERVED_FIRST, Instance, Reserve, build
from matching.engine.lottery import standings
from matching.engine.outcome import outcome_of
from matching.engine.solve import place, place_by_lists, solve
from matching.engine.stability import violations
from tests.matching.engine.instances import dense, documents, instances

often = settings(max_examples=70, deadline=None)


def is_stable(instance: Instance, places: dict[str, str]) -> bool:
    unmatched = [person.id for person in instance.applicants if person.id not in places]
    return violations(instance, outcome_of(instance.sha256(), places.items(), unmatched)) == []


def rank_of(instance: Instance, places: dict[str, str]) -> dict[str, int]:
    """How good everybody's place is for her: 0 the first choice; no place is worse than any."""
    return {
        person.id: person.ranks.index(places[person.id]) if person.id in places else len(person.ranks)
        for person in instance.applicants
    }


def every_assignment(instance: Instance) -> Iterator[dict[str, str]]:
    options = [[None, *person.ranks] for person in instance.applicants]
    for choice in product(*options):
        yield {person.id: lab for person, lab in zip(instance.applicants, choice, strict=True) if lab is not None}


def by_rounds(instance: Instance, chance: random.Random) -> dict[str, str]:
    """Deferred acceptance as the rule is written: some propose, each institute chooses anew from all it has."""
    labs = {lab.id: lab for lab in instance.labs}
    lists = standings(instance)
    groups = {person.id: person.groups for person in instance.applicants}
    left = {person.id: list(person.ranks) for person in instance.applicants}
    held: dict[str, list[str]] = {name: [] for name in labs}
    while True:
        placed = {person for people in held.values() for person in people}
        free = [person for person, ranks in left.items() if ranks and person not in placed]
        if not free:
            return {person: name for name, people in held.items() for person in people}
        for person in chance.sample(free, chance.randint(1, len(free))):
            name = left[person].pop(0)
            if person in lists[name].position:
                held[name].append(person)
        for institute in instance.institutes:
            own = [name for name, lab in labs.items() if lab.institute == institute.id]
            ranked = {name: sorted(held[name], key=lists[name].position.__getitem__) for name in own}
            held.update(institute_chooses(institute, labs, ranked, groups))


@often
@given(instances(), st.randoms(use_true_random=False))
def test_order_of_proposals_never_changes_the_outcome(instance: Instance, chance: random.Random) -> None:
    people = [person.id for person in instance.applicants]
    expected = place(instance)
    assert place(instance, chance.sample(people, len(people))) == expected
    assert by_rounds(instance, chance) == expected


@pytest.mark.parametrize("seed", range(5))
def test_order_of_proposals_never_matters_under_hard_competition(seed: int) -> None:
    chance = random.Random(seed)
    for instance in (dense(chance) for _ in range(20)):
        people = [person.id for person in instance.applicants]
        expected = place(instance)
        assert place(instance, chance.sample(people, len(people))) == expected
        assert by_rounds(instance, chance) == expected
        assert is_stable(instance, expected)


@often
@given(instances(12, 5))
def test_the_outcome_breaks_no_rule(instance: Instance) -> None:
    assert violations(instance, solve(instance)) == []


@often
@given(instances(4, 3))
def test_of_all_stable_assignments_it_is_the_best_for_every_applicant(instance: Instance) -> None:
    """Every assignment there is, with ties, reserves and caps."""
    ours = place(instance)
    mine = rank_of(instance, ours)
    stable = [places for places in every_assignment(instance) if is_stable(instance, places)]
    assert ours in stable
    for places in stable:
        assert all(mine[person] <= other for person, other in rank_of(instance, places).items())


@often
@given(instances(4, 3, caps=False, reserves=False))
def test_plain_case_agrees_with_the_textbook_definition_on_every_assignment(instance: Instance) -> None:
    """Gale and Shapley's own words, written out here; and all stable ones fill the same seats (Roth 1986)."""
    stable = [places for places in every_assignment(instance) if is_textbook_stable(instance, places)]
    ours = place(instance)
    mine = rank_of(instance, ours)
    assert ours in stable
    for places in stable:
        assert is_stable(instance, places)
        assert all(mine[person] <= other for person, other in rank_of(instance, places).items())
        assert places.keys() == ours.keys()
        assert sorted(places.values()) == sorted(ours.values())


def is_textbook_stable(instance: Instance, places: dict[str, str]) -> bool:
    lists = {name: standing.order for name, standing in standings(instance).items()}
    for lab in instance.labs:
        holders = [person for person, name in places.items() if name == lab.id]
        if len(holders) > lab.seats or not set(holders) <= set(lists[lab.id]):
            return False
        for person in instance.applicants:
            wishes = lab.id in person.ranks and person.id in lists[lab.id] and places.get(person.id) != lab.id
            if wishes and person.id in places:
                wishes = person.ranks.index(lab.id) < person.ranks.index(places[person.id])
            behind = (
                [held for held in holders if lists[lab.id].index(held) > lists[lab.id].index(person.id)]
                if wishes
                else []
            )
            if wishes and (behind or len(holders) < lab.seats):
                return False
    return True


@often
@given(instances(4, 3, caps=False, reserves=False))
def test_stability_module_calls_stable_exactly_what_the_textbook_does(instance: Instance) -> None:
    for places in every_assignment(instance):
        assert is_stable(instance, places) == is_textbook_stable(instance, places)


@often
@given(instances(8, 4, caps=False), st.data())
def test_one_more_seat_harms_no_applicant(instance: Instance, data: st.DataObject) -> None:
    grown = data.draw(st.sampled_from(instance.labs))
    labs = tuple(replace(lab, seats=lab.seats + 1) if lab is grown else lab for lab in instance.labs)
    richer = replace(instance, labs=labs)
    before, after = rank_of(instance, place(instance)), rank_of(richer, place(richer))
    assert all(after[person] <= rank for person, rank in before.items())


@often
@given(instances(9, 1, caps=False), st.integers(0, 3))
def test_open_seats_first_seat_no_fewer_members_of_a_reserve(instance: Instance, seats: int) -> None:
    """Dur, Kominers, Pathak and Sönmez 2018, proposition 1: for one lab and one group, whoever proposes."""
    [lab] = instance.labs
    members = {person.id for person in instance.applicants if "woman" in person.groups}
    reserves = (Reserve("woman", min(seats, lab.seats)),)
    counts = {}
    for order in (RESERVED_FIRST, OPEN_FIRST):
        changed = replace(instance, labs=(replace(lab, reserves=reserves, reserve_order=order),))
        counts[order] = len(members & place(changed).keys())
    assert counts[OPEN_FIRST] >= counts[RESERVED_FIRST]


@often
@given(documents(7, 4), st.data())
def test_ranking_truthfully_is_never_worse(document: dict[str, Any], data: st.DataObject) -> None:
    honest = build(document)
    liar = data.draw(st.integers(0, len(document["applicants"]) - 1))
    names = [lab["id"] for lab in document["labs"]]
    lie = data.draw(st.lists(st.sampled_from(names), unique=True))
    applicants = [
        {**each, "ranks": lie} if number == liar else each for number, each in enumerate(document["applicants"])
    ]
    twisted = build({**document, "applicants": applicants})
    name = document["applicants"][liar]["id"]
    truth = [*document["applicants"][liar]["ranks"], None]
    got = place(twisted).get(name)
    assert got not in truth or truth.index(place(honest).get(name)) <= truth.index(got)


@often
@given(documents(), st.randoms(use_true_random=False))
def test_an_instance_has_one_text_however_it_was_written(document: dict[str, Any], chance: random.Random) -> None:
    shuffled = {key: document[key] for key in chance.sample(sorted(document), len(document))}
    for key in ("applicants", "labs", "institutes"):
        shuffled[key] = chance.sample(document[key], len(document[key]))
    assert build(shuffled).canonical() == build(document).canonical()


@often
@given(instances(8, 4, caps=False, reserves=False, ties=False))
def test_lists_alone_give_the_same_places(instance: Instance) -> None:
    wishes = {person.id: person.ranks for person in instance.applicants}
    ranked = {lab.id: [name for tied in lab.ranks for name in tied] for lab in instance.labs}
    assert place_by_lists(wishes, ranked, {lab.id: lab.seats for lab in instance.labs}) == place(instance)
