"""Sharing reviews out: against brute force on small cases, and evenly on larger ones."""

from itertools import combinations, product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reviews.queries import balance
from reviews.queries.balance import Task, is_optimal, share_out


def cost_of(task: Task, found: dict[int, list[int]]) -> int:
    """What the objective says: missing reviews, then loads above the even share, then the costs of pairs."""
    loads = dict.fromkeys(task.rooms, 0)
    total = 0
    for application, reviewers in found.items():
        total += task.missing * (task.needs[application] - len(reviewers))
        for reviewer in reviewers:
            loads[reviewer] += 1
            total += task.costs[application][reviewer]
    return total + task.over * sum(max(0, load - max(task.rooms[pk], 0)) for pk, load in loads.items())


def every_way(task: Task) -> Any:
    choices = []
    for application, need in task.needs.items():
        allowed = sorted(task.costs.get(application, {}))
        choices.append([list(some) for size in range(need + 1) for some in combinations(allowed, size)])
    return (dict(zip(task.needs, way, strict=True)) for way in product(*choices))


@st.composite
def tasks(draw: Any) -> Task:
    applications, reviewers = draw(st.integers(1, 3)), draw(st.integers(1, 4))
    costs = {
        a: {r: draw(st.integers(0, 3)) for r in range(reviewers) if draw(st.integers(0, 4))}
        for a in range(applications)
    }
    needs = {a: draw(st.integers(1, 2)) for a in range(applications)}
    return Task(needs, costs, {r: draw(st.integers(0, 2)) for r in range(reviewers)})


@given(tasks(), st.integers(1, 4))
@settings(max_examples=120, deadline=None)
def test_nothing_is_cheaper_than_what_is_found(task: Task, candidates: int) -> None:
    found = share_out(task, candidates)
    assert all(len(set(row)) == len(row) for row in found.values())
    assert cost_of(task, found) == min(cost_of(task, way) for way in every_way(task))
    assert share_out(task, candidates) == found
    assert is_optimal(task, found)


def test_what_is_not_the_best_is_not_proven() -> None:
    task = Task({1: 1, 2: 1}, {1: {10: 0, 11: 3}, 2: {10: 3, 11: 0}}, {10: 1, 11: 1})
    assert share_out(task) == {1: [10], 2: [11]}
    assert is_optimal(task, {1: [10], 2: [11]})
    assert not is_optimal(task, {1: [11], 2: [10]})
    assert not is_optimal(task, {1: [], 2: [11]})


def test_where_the_few_cheapest_do_not_suffice_all_are_searched(monkeypatch: pytest.MonkeyPatch) -> None:
    calls = []
    original = balance._flow
    monkeypatch.setattr(balance, "_flow", lambda task, costs: calls.append(1) or original(task, costs))
    costs = {a: {0: 0, 1: 1, 2: 2} for a in range(6)}
    found = share_out(Task(dict.fromkeys(range(6), 1), costs, dict.fromkeys(range(3), 2)), candidates=1)
    assert len(calls) == 2
    assert sorted(reviewer for row in found.values() for reviewer in row) == [0, 0, 1, 1, 2, 2]
