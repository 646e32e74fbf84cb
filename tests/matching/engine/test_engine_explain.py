"""What each applicant is told: the codes and figures, and that they are true and hers alone."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matching.engine.choice import institute_chooses
from matching.engine.explain import Explanation, Reason, Refusal, explain
from matching.engine.instance import Instance
from matching.engine.lottery import number_of, standings
from matching.engine.outcome import Outcome, outcome_of
from matching.engine.solve import solve
from tests.matching.engine.instances import instance_of, instances, lab

RESERVE = [{"group": "overseas", "seats": 1}]


def told(applicant: str, *arguments: Any, **more: Any) -> Explanation:
    instance = instance_of(*arguments, **more)
    return explain(instance, solve(instance))[applicant]


def only_refusal(applicant: str, *arguments: Any, **more: Any) -> Refusal:
    [refusal] = told(applicant, *arguments, **more).refusals
    return refusal


ALL_WANT_L1 = dict.fromkeys("abcd", "l1")


def test_explain_a_first_choice_needs_no_reasons() -> None:
    explanation = told("a", ALL_WANT_L1, [lab("l1", "a b")])
    assert (explanation.lab, explanation.choice, explanation.refusals) == ("l1", 1, ())
    assert explanation.lottery_number == number_of("5eed", "a")


def test_explain_everyone_who_holds_a_seat_was_ranked_above() -> None:
    refusal = only_refusal("d", ALL_WANT_L1, [lab("l1", "a b c d", 2)])
    assert refusal == Refusal("l1", 1, Reason.RANKED_ABOVE, 2, 2, position=4, cutoff=2, places_up=2)


def test_explain_a_lab_that_did_not_rank_her() -> None:
    assert only_refusal("d", ALL_WANT_L1, [lab("l1", "a b c")]) == Refusal("l1", 1, Reason.NOT_RANKED, 1, 1)


def test_explain_a_lab_without_seats() -> None:
    refusal = only_refusal("a", ALL_WANT_L1, [lab("l1", "a", 0)])
    assert refusal == Refusal("l1", 1, Reason.NO_SEATS, 0, 0, position=1)


def test_explain_a_reserved_seat_held_by_somebody_ranked_below() -> None:
    labs = [lab("l1", "a b c d", 2, reserves=RESERVE)]
    refusal = only_refusal("c", ALL_WANT_L1, labs, groups={"d": "overseas"})
    assert refusal == Refusal("l1", 1, Reason.RESERVED_SEAT, 2, 2, position=3, cutoff=1, places_up=2)


def test_explain_a_lost_lottery_with_her_number() -> None:
    winner, loser = sorted("ab", key=lambda name: number_of("5eed", name))
    labs = [lab("l1", [["c"], ["a", "b"]], 2)]
    explanation = told(loser, dict.fromkeys("abc", "l1"), labs)
    [refusal] = explanation.refusals
    expected = Refusal("l1", 1, Reason.LOST_LOTTERY, 2, 2, position=3, cutoff=2, places_up=1, lottery_decided=True)
    assert refusal == expected
    assert explanation.lottery_number == number_of("5eed", loser) > number_of("5eed", winner)


def test_explain_an_institute_that_is_full() -> None:
    labs = [lab("l1", "a b", 2, target=1), lab("l2", "c", 1, target=1)]
    refusal = only_refusal("b", {"a": "l1", "b": "l1", "c": "l2"}, labs, cap=2)
    assert refusal == Refusal("l1", 1, Reason.INSTITUTE_CAP, 2, 1, 2, cutoff=1, places_up=1, cap_reached=True)


def test_explain_that_no_position_would_have_been_enough() -> None:
    labs = [lab("l1", "a", 1, target=1), lab("l2", "b", 1, target=0)]
    refusal = only_refusal("b", {"a": "l1", "b": "l2"}, labs, cap=1)
    assert refusal == Refusal("l2", 1, Reason.INSTITUTE_CAP, 1, 0, position=1, cap_reached=True)


def test_explain_only_labs_ranked_above_her_place() -> None:
    ranks = {"a": "l1", "b": "l1 l2 l3"}
    explanation = told("b", ranks, [lab("l1", "a b"), lab("l2", "b"), lab("l3", "b")])
    assert (explanation.lab, explanation.choice) == ("l2", 2)
    assert [refusal.lab for refusal in explanation.refusals] == ["l1"]


def test_explain_gives_everyone_her_place_in_the_draw() -> None:
    instance = instance_of(ALL_WANT_L1, [lab("l1", "a")])
    drawn = {name: each.drawn for name, each in explain(instance, solve(instance)).items()}
    assert sorted(drawn, key=drawn.__getitem__) == sorted("abcd", key=lambda name: number_of("5eed", name))
    assert sorted(drawn.values()) == [1, 2, 3, 4]


def test_explain_refuses_an_outcome_that_is_not_stable() -> None:
    instance = instance_of(ALL_WANT_L1, [lab("l1", "a b c d")])
    with pytest.raises(ValueError, match="not stable: lab l1 would choose applicant a"):
        explain(instance, outcome_of(instance.sha256(), [("b", "l1")], "acd"))


def chosen_at(instance: Instance, outcome: Outcome, applicant: str, name: str, position: int) -> bool:
    """Whether the lab would choose her from its holders and her if she stood at that position (from 1) of its list."""
    labs = {each.id: each for each in instance.labs}
    institute = next(each for each in instance.institutes if each.id == labs[name].institute)
    orders = {lab_id: list(standing.order) for lab_id, standing in standings(instance).items()}
    orders[name].remove(applicant)
    orders[name].insert(position - 1, "herself")
    held: dict[str, list[str]] = {lab_id: [] for lab_id in labs if labs[lab_id].institute == institute.id}
    for person, place in outcome.matches:
        if place in held:
            held[place].append(person)
    held[name].append("herself")
    ranked = {lab_id: sorted(people, key=orders[lab_id].index) for lab_id, people in held.items()}
    groups = {person.id: person.groups for person in instance.applicants}
    groups["herself"] = groups[applicant]
    return "herself" in institute_chooses(institute, labs, ranked, groups)[name]


@settings(max_examples=70, deadline=None)
@given(instances(8, 4))
def test_explained_figures_are_true(instance: Instance) -> None:
    outcome = solve(instance)
    classes = {each.id: each.ranks for each in instance.labs}
    for applicant, explanation in explain(instance, outcome).items():
        for refusal in explanation.refusals:
            if refusal.position is None:
                assert all(applicant not in tied for tied in classes[refusal.lab])
                continue
            enough = [
                up
                for up in range(refusal.position)
                if chosen_at(instance, outcome, applicant, refusal.lab, refusal.position - up)
            ]
            assert refusal.places_up == (enough[0] if enough else None)
            above = sum(len(tied) for tied in classes[refusal.lab][: _class_of(classes[refusal.lab], applicant)])
            first_of_her_class = chosen_at(instance, outcome, applicant, refusal.lab, above + 1)
            assert refusal.lottery_decided == first_of_her_class
            assert (refusal.reason is Reason.LOST_LOTTERY) == first_of_her_class


def _class_of(classes: tuple[tuple[str, ...], ...], applicant: str) -> int:
    return next(number for number, tied in enumerate(classes) if applicant in tied)


@settings(max_examples=60, deadline=None)
@given(instances(8, 4), st.data())
def test_explanation_names_nobody_else(instance: Instance, data: st.DataObject) -> None:
    """Ids that cannot hide in a figure or a code: none of them occurs in anybody's explanation."""
    marked = {person.id: f"\u2603{person.id}\u2603" for person in instance.applicants}
    renamed = replace(
        instance,
        applicants=tuple(replace(person, id=marked[person.id]) for person in instance.applicants),
        labs=tuple(
            replace(each, ranks=tuple(tuple(marked[person] for person in tied) for tied in each.ranks))
            for each in instance.labs
        ),
    )
    for explanation in explain(renamed, solve(renamed)).values():
        assert "\u2603" not in repr(explanation)
