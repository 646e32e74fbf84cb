"""Who belongs to which group of a call, from what applications say. Only what is frozen into a run knows it."""

from collections.abc import Iterable, Mapping
from typing import Any

from applications.models import Application, Call
from matching.models import Group
from matching.states import Fact

Facts = Mapping[str, frozenset[str]]


def groups_of(call: Call) -> list[Group]:
    return list(Group.objects.filter(call=call).order_by("code"))


def members_of(groups: Iterable[Group], applications: Iterable[int]) -> dict[int, list[str]]:
    """The codes of the groups of each application, by primary key. One query, and one for sectors."""
    known = list(groups)
    keys = list(applications)
    if not known:
        return {pk: [] for pk in keys}
    rows = Application.objects.filter(pk__in=keys).values_list(
        "pk", "residence", "citizenship", "phd_country", "answers"
    )
    through = Application.sectors.through.objects.filter(application__in=keys)
    sectors: dict[int, set[str]] = {}
    for pk, code in through.values_list("application_id", "sector__code"):
        sectors.setdefault(pk, set()).add(code)
    found = {}
    for pk, residence, citizenship, phd_country, answers in rows:
        facts: dict[str, frozenset[str]] = {
            Fact.RESIDENCE: frozenset({residence} - {""}),
            Fact.CITIZENSHIP: frozenset({citizenship} - {""}),
            Fact.PHD_COUNTRY: frozenset({phd_country} - {""}),
            Fact.SECTOR: frozenset(sectors.get(pk, ())),
        }
        found[pk] = [group.code for group in known if belongs(group.conditions, facts, answers or {})]
    return found


Condition = Mapping[str, Any]


def belongs(conditions: Iterable[Condition], facts: Facts, answers: Mapping[str, Any]) -> bool:
    """Whether all conditions hold. A fact that is not given holds for no condition, so silence reserves nothing."""
    said = list(conditions)
    return bool(said) and all(_holds(condition, facts, answers) for condition in said)


def _holds(condition: Condition, facts: Facts, answers: Mapping[str, Any]) -> bool:
    given = _given(condition, facts, answers)
    return bool(given) and (not given.isdisjoint(condition["values"])) == condition["is_among"]


def _given(condition: Condition, facts: Facts, answers: Mapping[str, Any]) -> frozenset[str]:
    if condition["fact"] != Fact.ANSWER:
        return facts.get(condition["fact"], frozenset())
    answer = answers.get(condition.get("question", ""))
    several = answer if isinstance(answer, list) else [answer]
    return frozenset(_word(each) for each in several if each not in (None, "") and not isinstance(each, dict))


def _word(answer: object) -> str:
    return {True: "yes", False: "no"}[answer] if isinstance(answer, bool) else str(answer)
