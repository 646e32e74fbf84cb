"""Sharing applications out among reviewers at the least cost: an exact minimum-cost flow with integer costs.

Numbers in, pairs out; nothing here knows a row. Each application has the reviewers who may read it with a cost; the
search looks at the cheapest few of them first and then proves, on the reviewers' exchange graph, that nothing better
exists among all; where the proof fails it searches among all.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import networkx as nx  # type: ignore[import-untyped]

NOBODY: Final = -1
CANDIDATES: Final = 12
POOL: Final = -2
Costs = Mapping[int, Mapping[int, int]]
Arc = tuple[int, int, int]


@dataclass(frozen=True)
class Task:
    """`needs`: reviews still wanted by application; `costs[application][reviewer]`: allowed pairs; `rooms`: how many
    more a reviewer takes before her load is above the even share."""

    needs: Mapping[int, int]
    costs: Costs
    rooms: Mapping[int, int]

    @cached_property
    def over(self) -> int:
        """The price of one review above the even share: more than any exchange among reviewers can save."""
        dearest = max((cost for row in self.costs.values() for cost in row.values()), default=0)
        return 2 * (dearest + 1) * (len(self.rooms) + 1)

    @cached_property
    def missing(self) -> int:
        """The price of one review that nobody writes: more than any number of overloads along one exchange."""
        return 2 * self.over * (len(self.rooms) + 2)


def share_out(task: Task, candidates: int = CANDIDATES) -> dict[int, list[int]]:
    """Reviewers for each application, at the least total cost; as few overloads and as few gaps as can be.

    The result is the same for the same input.
    """
    few = {a: dict(sorted(row.items(), key=lambda each: (each[1], _turn(a, each[0])))[:candidates])
           for a, row in task.costs.items()}  # fmt: skip
    found = _flow(task, few)
    if all(len(few[a]) == len(task.costs[a]) for a in few) or is_optimal(task, found):
        return found
    return _flow(task, task.costs)


def _turn(application: int, reviewer: int) -> int:
    """Spreads ties, so that not every application keeps the same few candidates."""
    return (application * 104_729 + reviewer * 7_919) % 10_007


def _flow(task: Task, costs: Costs) -> dict[int, list[int]]:
    graph = nx.MultiDiGraph()
    wanted = sum(task.needs.values())
    graph.add_node("source", demand=-wanted)
    graph.add_node("sink", demand=wanted)
    for reviewer, room in sorted(task.rooms.items()):
        graph.add_edge(("r", reviewer), "sink", capacity=max(room, 0), weight=0)
        graph.add_edge(("r", reviewer), "sink", capacity=wanted, weight=task.over)
    graph.add_edge(("r", NOBODY), "sink", capacity=wanted, weight=0)
    for application, need in sorted(task.needs.items()):
        graph.add_edge("source", ("a", application), capacity=need, weight=0)
        graph.add_edge(("a", application), ("r", NOBODY), capacity=need, weight=task.missing)
        for reviewer, cost in sorted(costs.get(application, {}).items()):
            graph.add_edge(("a", application), ("r", reviewer), capacity=1, weight=cost)
    _cost, flow = nx.network_simplex(graph)
    return {a: _taken(flow[("a", a)]) for a in sorted(task.needs)}


def _taken(row: Mapping[tuple[str, int], Mapping[int, int]]) -> list[int]:
    return sorted(reviewer for (_kind, reviewer), units in row.items() if reviewer != NOBODY and any(units.values()))


def is_optimal(task: Task, found: Mapping[int, list[int]]) -> bool:
    """Whether no exchange among all allowed pairs is cheaper: the residual graph has no negative cycle.

    Its nodes are the reviewers, nobody, and the pool of free room; an arc says what it costs to hand one review on.
    """
    loads = dict.fromkeys([*task.rooms, NOBODY], 0)
    best: dict[tuple[int, int], int] = {}
    for application, reviewers in found.items():
        row = {**task.costs.get(application, {}), NOBODY: task.missing}
        takers = [(taker, cost) for taker, cost in row.items() if taker not in reviewers]
        for giver in [*reviewers, *[NOBODY] * (task.needs[application] - len(reviewers))]:
            loads[giver] += 1
            price = row[giver]
            for taker, cost in takers:
                best[giver, taker] = min(best.get((giver, taker), task.missing), cost - price)
    return not _has_negative_cycle(_arcs(task, loads, best))


def _arcs(task: Task, loads: Mapping[int, int], best: Mapping[tuple[int, int], int]) -> list[Arc]:
    arcs: list[Arc] = [(giver, taker, cost) for (giver, taker), cost in best.items() if giver != taker]
    for reviewer, load in loads.items():
        room = task.rooms.get(reviewer, sum(task.needs.values()))
        arcs.append((reviewer, POOL, 0 if load < room else task.over))
        if load:
            arcs.append((POOL, reviewer, 0 if load <= room else -task.over))
    return arcs


def _has_negative_cycle(arcs: list[Arc]) -> bool:
    """Bellman and Ford from everywhere at once: after as many rounds as nodes, nothing gets nearer."""
    near = dict.fromkeys({node for giver, taker, _cost in arcs for node in (giver, taker)}, 0)
    for _round in range(len(near) + 1):
        settled = True
        for giver, taker, cost in arcs:
            if near[giver] + cost < near[taker]:
                near[taker], settled = near[giver] + cost, False
        if settled:
            return False
    return True
