"""Whether an outcome keeps the rule, from the definition and not by running the match again.

Everybody is accounted for once; nobody is placed where she or the lab did not want it; seats and caps are kept; and no
applicant and lab block: she prefers it, it ranks her, and it would choose her by rules 2 and 3 from its present holders
and her. A reserve that was not honoured shows as such a pair.
"""

from collections import Counter
from collections.abc import Iterator

from matching.engine.couples import Market
from matching.engine.holding import Holding
from matching.engine.instance import Couple, Instance
from matching.engine.lottery import Standing, standings
from matching.engine.outcome import Outcome


def violations(instance: Instance, outcome: Outcome) -> list[str]:
    """Each way in which the outcome breaks the rule, a sentence each; none for a right one.

    Later checks lean on earlier ones: blocking pairs are looked for once people, lists, seats and caps are in order.
    """
    found = list(_origin(instance, outcome))
    lists = standings(instance)
    broken = list(_people(instance, outcome))
    broken = broken or [*_acceptance(instance, outcome, lists), *_room(instance, outcome)]
    return found + (broken or list(_blocking_pairs(instance, outcome, lists)))


def is_blocking(words: str) -> bool:
    """Whether a sentence of `violations`, or of the stranger's verifier, is about a pair that blocks."""
    return " block: " in words


def _origin(instance: Instance, outcome: Outcome) -> Iterator[str]:
    if outcome.instance != instance.sha256():
        yield f"the outcome was made for another instance: it names {outcome.instance}"


def _people(instance: Instance, outcome: Outcome) -> Iterator[str]:
    applicants = {person.id for person in instance.applicants}
    labs = {lab.id for lab in instance.labs}
    named = Counter([applicant for applicant, _ in outcome.matches] + list(outcome.unmatched))
    for applicant in sorted(named.keys() - applicants):
        yield f"applicant {applicant} is not in the instance"
    for lab in sorted({lab for _, lab in outcome.matches} - labs):
        yield f"lab {lab} is not in the instance"
    for applicant in sorted(applicants):
        if named[applicant] != 1:
            yield f"applicant {applicant} is named {named[applicant]} times in the outcome, not once"


def _acceptance(instance: Instance, outcome: Outcome, lists: dict[str, Standing]) -> Iterator[str]:
    ranks = {person.id: person.ranks for person in instance.applicants}
    paired = {name for couple in instance.couples for name in couple.applicants}
    places = dict(outcome.matches)
    for couple in instance.couples:
        now = (places.get(couple.applicants[0]), places.get(couple.applicants[1]))
        if now != (None, None) and now not in couple.ranks:
            yield f"{_named(couple)} is placed at {_labs(now)}, which the couple did not rank"
    for applicant, lab in outcome.matches:
        if applicant not in paired and lab not in ranks[applicant]:
            yield f"applicant {applicant} is placed at lab {lab}, which the applicant did not rank"
        if applicant not in lists[lab].position:
            yield f"applicant {applicant} is placed at lab {lab}, which did not rank the applicant"


def _room(instance: Instance, outcome: Outcome) -> Iterator[str]:
    holders = Counter(lab for _, lab in outcome.matches)
    together: Counter[str] = Counter()
    for lab in instance.labs:
        together[lab.institute] += holders[lab.id]
        if holders[lab.id] > lab.seats:
            yield f"lab {lab.id} has {holders[lab.id]} holders for {lab.seats} seats"
    for institute in instance.institutes:
        if institute.cap is not None and together[institute.id] > institute.cap:
            yield f"institute {institute.id} has {together[institute.id]} holders under a cap of {institute.cap}"


def _blocking_pairs(instance: Instance, outcome: Outcome, lists: dict[str, Standing]) -> Iterator[str]:
    places = dict(outcome.matches)
    holding = Holding(instance, outcome.matches, lists)
    for person in instance.applicants:
        for name in person.ranks:
            if name == places.get(person.id):
                break
            position = lists[name].position.get(person.id)
            if position is not None and holding.would_choose(holding.labs[name], person.id, position):
                yield f"applicant {person.id} and lab {name} block: both would gain by a place there"
    if instance.couples:
        market = Market(instance, lists)
        for unit in market.couples:
            for option in market.better(unit, places):
                if market.chosen(unit, option, places) is not None:
                    couple = " and ".join(unit.people)
                    yield f"couple {couple} and {_labs(option)} block: all would gain by places there"


def _named(couple: Couple) -> str:
    return f"couple {' and '.join(couple.applicants)}"


def _labs(pair: tuple[str | None, ...]) -> str:
    return " and ".join("no lab" if lab is None else f"lab {lab}" for lab in pair)
