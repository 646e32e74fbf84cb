"""Inputs that others wrote wrongly: each is refused with the place and the reason."""

import copy
import json
from collections.abc import Callable
from typing import Any

import pytest

from matching.engine import instance as instances
from matching.engine import outcome as outcomes
from matching.engine.instance import Malformed, build, parse

GOOD: dict[str, Any] = {
    "format": "innocore-match-instance/1",
    "seed": "5eed",
    "applicants": [
        {"id": "a1", "groups": ["overseas"], "ranks": ["l1", "l2"]},
        {"id": "a2", "ranks": ["l1"]},
        {"id": "a3", "groups": [], "ranks": []},
    ],
    "couples": [],
    "institutes": [{"id": "i1", "cap": 3, "order": ["l1", "l2"]}, {"id": "i2"}],
    "labs": [
        {
            "id": "l1",
            "institute": "i1",
            "seats": 2,
            "target": 1,
            "reserve_order": "open_first",
            "reserves": [{"group": "overseas", "seats": 1}],
            "ranks": [["a1"], ["a2", "a3"]],
        },
        {"id": "l2", "institute": "i1", "seats": 2, "target": 2, "ranks": [["a1"]]},
        {"id": "l3", "institute": "i2", "seats": 1, "ranks": []},
    ],
}

DELETED = object()
HANGUL_APART = "\u1112\u1161\u11ab"


def couple(applicants: list[str], ranks: object = ()) -> list[dict[str, object]]:
    return [{"applicants": applicants, "ranks": list(ranks) if ranks == () else ranks}]


# the path to the value that is replaced, its replacement, where the refusal points and what it says
CASES: list[tuple[list[str | int], object, str, str]] = [
    (["format"], "innocore-match-instance/2", "$.format", "must be 'innocore-match-instance/1'"),
    (["format"], None, "$.format", "must be 'innocore-match-instance/1'"),
    (["format"], DELETED, "$", "'format' is missing"),
    (["seed"], DELETED, "$", "'seed' is missing"),
    (["seed"], 7, "$.seed", "must be a string, not a number"),
    (["seed"], "", "$.seed", "hexadecimal"),
    (["seed"], "5EED", "$.seed", "hexadecimal"),
    (["seed"], "5eed\n", "$.seed", "hexadecimal"),
    (["surprise"], 1, "$", "'surprise' is unknown"),
    (["applicants"], DELETED, "$", "'applicants' is missing"),
    (["applicants"], {}, "$.applicants", "must be a list, not an object"),
    (["applicants", 0], "a1", "$.applicants[0]", "must be an object with an id, not a string"),
    (["applicants", 0, "id"], DELETED, "$.applicants[0]", "must be an object with an id"),
    (["applicants", 0, "id"], 1, "$.applicants[0].id", "must be a string, not a number"),
    (["applicants", 0, "id"], "", "$.applicants[0].id", "must not be empty"),
    (["applicants", 0, "id"], "a" * 101, "$.applicants[0].id", "longer than 100"),
    (["applicants", 0, "id"], "a\n1", "$.applicants[0].id", "cannot be printed"),
    (["applicants", 0, "id"], "a\u200b1", "$.applicants[0].id", "cannot be printed"),
    (["applicants", 0, "id"], "\ud800", "$.applicants[0].id", "cannot be printed"),
    (["applicants", 0, "id"], HANGUL_APART, "$.applicants[0].id", "NFC"),
    (["applicants", 1, "id"], "a1", "$.applicants[1].id", "'a1' is given twice"),
    (["applicants", 0, "ranks"], DELETED, "$.applicants[0]", "'ranks' is missing"),
    (["applicants", 0, "ranks"], None, "$.applicants[0].ranks", "must be a list, not null"),
    (["applicants", 0, "ranks", 1], "l9", "$.applicants[0].ranks[1]", "'l9' is no known lab"),
    (["applicants", 0, "ranks", 1], "l1", "$.applicants[0].ranks[1]", "'l1' is in this list twice"),
    (["applicants", 0, "ranks", 0], ["l1"], "$.applicants[0].ranks[0]", "must be a string, not a list"),
    (["applicants", 0, "ranks", 0], HANGUL_APART, "$.applicants[0].ranks[0]", "NFC"),
    (["applicants", 0, "groups"], "overseas", "$.applicants[0].groups", "must be a list, not a string"),
    (["applicants", 0, "groups"], ["x", "x"], "$.applicants[0].groups[1]", "'x' is in this list twice"),
    (["applicants", 0, "groups", 0], False, "$.applicants[0].groups[0]", "not true or false"),
    (["applicants", 0, "name"], "Kim", "$.applicants[0]", "'name' is unknown"),
    (["couples"], None, "$.couples", "must be a list, not null"),
    (["couples"], [1], "$.couples[0]", "must be an object, not a number"),
    (["couples"], [{"applicants": ["a2", "a3"]}], "$.couples[0]", "'ranks' is missing"),
    (["couples"], couple(["a3"]), "$.couples[0].applicants", "must name two applicants, and names 1"),
    (["couples"], couple(["a3", "a9"]), "$.couples[0].applicants[1]", "'a9' is no known applicant"),
    (["couples"], couple(["a3", "a3"]), "$.couples[0].applicants[1]", "in this list twice"),
    (["couples"], [*couple(["a3", "a2"]), *couple(["a1", "a3"])], "$.couples[1].applicants[1]", "in another couple"),
    (["couples"], couple(["a3", "a2"]), "$.applicants[1].ranks", "must be empty"),
    (["couples"], couple(["a3", "a2"], ["l1"]), "$.couples[0].ranks[0]", "must be a list, not a string"),
    (["couples"], couple(["a3", "a2"], ["l1", "l2", "l1"]), "$.couples[0].ranks[0]", "must be a list"),
    (["couples"], couple(["a3", "a2"], [["l1"]]), "$.couples[0].ranks[0]", "has 1 entries"),
    (["couples"], couple(["a3", "a2"], [["l1", "l9"]]), "$.couples[0].ranks[0][1]", "'l9' is no known lab"),
    (["couples"], couple(["a3", "a2"], [["l1", 3]]), "$.couples[0].ranks[0][1]", "must be a string"),
    (["couples"], couple(["a3", "a2"], [[None, None]]), "$.couples[0].ranks[0]", "a lab for one of the two"),
    (["couples"], couple(["a3", "a2"], [["l1", None]] * 2), "$.couples[0].ranks[1]", "ranked twice"),
    (["institutes"], DELETED, "$", "'institutes' is missing"),
    (["institutes", 0], 3, "$.institutes[0]", "must be an object with an id"),
    (["institutes", 1, "id"], "i1", "$.institutes[1].id", "'i1' is given twice"),
    (["institutes", 0, "cap"], -1, "$.institutes[0].cap", "must not be negative, and is -1"),
    (["institutes", 0, "cap"], 3.0, "$.institutes[0].cap", "not a fraction"),
    (["institutes", 0, "cap"], "3", "$.institutes[0].cap", "not a string"),
    (["institutes", 0, "cap"], True, "$.institutes[0].cap", "not true or false"),
    (["institutes", 0, "cap"], 2, "$.institutes[0].cap", "targets of its labs sum to 3"),
    (["institutes", 0, "order"], ["l1"], "$.institutes[0].order", "'l2' of this institute is missing"),
    (["institutes", 0, "order"], DELETED, "$.institutes[0].order", "'l1' of this institute is missing"),
    (["institutes", 0, "order"], ["l1", "l1"], "$.institutes[0].order[1]", "'l1' is in this list twice"),
    (["institutes", 0, "order", 1], "l9", "$.institutes[0].order[1]", "'l9' is no known lab"),
    (["institutes", 1, "order"], ["l3", "l1"], "$.institutes[1].order[1]", "NP-complete"),
    (["institutes", 0, "name"], "KAIST", "$.institutes[0]", "'name' is unknown"),
    (["labs"], DELETED, "$", "'labs' is missing"),
    (["labs", 1, "id"], "l1", "$.labs[1].id", "'l1' is given twice"),
    (["labs", 0, "institute"], DELETED, "$.labs[0]", "'institute' is missing"),
    (["labs", 0, "institute"], "i9", "$.labs[0].institute", "'i9' is no known institute"),
    (["labs", 0, "seats"], DELETED, "$.labs[0]", "'seats' is missing"),
    (["labs", 0, "seats"], -2, "$.labs[0].seats", "must not be negative, and is -2"),
    (["labs", 0, "seats"], 1.5, "$.labs[0].seats", "not a fraction"),
    (["labs", 0, "seats"], 10**7, "$.labs[0].seats", "more than 1,000,000"),
    (["labs", 0, "target"], None, "$.labs[0].target", "is missing, and institute 'i1' has a cap"),
    (["labs", 0, "target"], 3, "$.labs[0].target", "the target of 3 is more than the 2 seats"),
    (["labs", 0, "target"], 0, "$.labs[0].reserves", "sum to 1, which is more than the target, 0"),
    (["labs", 2, "reserves"], [{"group": "x", "seats": 2}], "$.labs[2].reserves", "more than the seats, 1"),
    (["labs", 0, "reserve_order"], "last", "$.labs[0].reserve_order", "'open_first' or 'reserved_first'"),
    (["labs", 0, "reserve_order"], [], "$.labs[0].reserve_order", "'open_first' or 'reserved_first'"),
    (["labs", 0, "reserves"], {}, "$.labs[0].reserves", "must be a list, not an object"),
    (["labs", 0, "reserves", 0, "seats"], -1, "$.labs[0].reserves[0].seats", "must not be negative"),
    (["labs", 0, "reserves", 0, "group"], "", "$.labs[0].reserves[0].group", "must not be empty"),
    (["labs", 0, "reserves", 0, "group"], DELETED, "$.labs[0].reserves[0]", "'group' is missing"),
    (
        ["labs", 0, "reserves"],
        [{"group": "x", "seats": 0}, {"group": "x", "seats": 1}],
        "$.labs[0].reserves[1].group",
        "'x' has a reserve in this lab already",
    ),
    (["labs", 0, "ranks"], DELETED, "$.labs[0]", "'ranks' is missing"),
    (["labs", 0, "ranks"], ["a1"], "$.labs[0].ranks[0]", "must be a list, not a string"),
    (["labs", 0, "ranks", 0], [], "$.labs[0].ranks[0]", "a tie class must not be empty"),
    (["labs", 0, "ranks", 0, 0], "a9", "$.labs[0].ranks[0][0]", "'a9' is no known applicant"),
    (["labs", 0, "ranks", 1], ["a2", "a2"], "$.labs[0].ranks[1][1]", "'a2' is in this list twice"),
    (["labs", 0, "ranks", 1, 1], "a1", "$.labs[0].ranks[1][1]", "'a1' is ranked twice by this lab"),
    (["labs", 0, "head"], "Park", "$.labs[0]", "'head' is unknown"),
]


def changed(path: list[str | int], value: object) -> dict[str, Any]:
    document: Any = copy.deepcopy(GOOD)
    inner = document
    for step in path[:-1]:
        inner = inner[step]
    if value is DELETED:
        del inner[path[-1]]
    else:
        inner[path[-1]] = value
    return dict(document)


def test_the_instance_that_the_cases_spoil_is_good() -> None:
    assert [lab.id for lab in build(GOOD).labs] == ["l1", "l2", "l3"]


@pytest.mark.parametrize(("path", "value", "place", "reason"), CASES)
def test_malformed_instance_is_refused_with_place_and_reason(
    path: list[str | int], value: object, place: str, reason: str
) -> None:
    with pytest.raises(Malformed) as refused:
        parse(json.dumps(changed(path, value)))
    assert refused.value.place == place
    assert reason in refused.value.reason
    assert str(refused.value) == f"{refused.value.place}: {refused.value.reason}"


@pytest.mark.parametrize(
    ("text", "place", "reason"),
    [
        ("", "line 1, column 1", "not JSON"),
        ("{\n  'a': 1}", "line 2, column 3", "not JSON"),
        ("\ufeff{}", "line 1, column 1", "not JSON"),
        ("[" * 100_000, "$", "nested too deeply"),
        ("junk" * 2_500_000, "line 1, column 1", "not JSON"),
        ("[" + "1," * 5_000_000 + "1]", "$", "must be an object, not a list"),
        ('{"format": ' + '{"a": ' * 50_000 + "1" + "}" * 50_000 + "}", "$", "nested too deeply"),
        ('"' + "\\u0041" * 1_500_000 + '"', "$", "must be an object, not a string"),
        ('{"seats": ' + "9" * 5000 + "}", "$", "too many digits"),
        ("null", "$", "must be an object, not null"),
        ('{"format": 1, "format": 2}', "$", "'format' is given twice"),
        (json.dumps(GOOD).replace('"seats": 2', '"seats": NaN', 1), "$.labs[0].seats", "must be a whole number"),
        (json.dumps(GOOD).replace('"cap": 3', '"cap": 3, "cap": 4', 1), "$.institutes[0]", "'cap' is given twice"),
    ],
    ids=[
        "empty",
        "quotes",
        "mark",
        "deep",
        "junk",
        "long",
        "objects",
        "string",
        "digits",
        "null",
        "twice",
        "nan",
        "twice inside",
    ],
)
def test_text_that_is_no_instance_is_refused_with_place_and_reason(text: str, place: str, reason: str) -> None:
    with pytest.raises(Malformed) as refused:
        parse(text)
    assert refused.value.place == place
    assert reason in refused.value.reason


# wherever an id stands, and where the refusal then points
IDS: list[list[str | int]] = [
    ["applicants", 0, "id"],
    ["applicants", 0, "groups", 0],
    ["institutes", 0, "id"],
    ["labs", 0, "id"],
    ["labs", 0, "institute"],
    ["labs", 0, "reserves", 0, "group"],
]
REFERENCES: list[list[str | int]] = [
    ["applicants", 0, "ranks", 0],
    ["institutes", 0, "order", 0],
    ["labs", 0, "ranks", 0, 0],
]
NO_IDS: list[tuple[object, str]] = [
    (None, "must be a string, not null"),
    (0, "must be a string, not a number"),
    (1.5, "must be a string, not a fraction"),
    (True, "must be a string, not true or false"),
    ([], "must be a string, not a list"),
    ({}, "must be a string, not an object"),
    ("", "must not be empty"),
    ("x" * 101, "longer than 100"),
    ("a\u0301", "NFC"),
    ("\u00c5\u0323", "NFC"),
    ("\u202ea1", "cannot be printed"),
    ("a\u00001", "cannot be printed"),
    ("a1\t", "cannot be printed"),
]
COUNTS: list[list[str | int]] = [
    ["institutes", 0, "cap"],
    ["labs", 0, "seats"],
    ["labs", 0, "target"],
    ["labs", 0, "reserves", 0, "seats"],
]
NO_COUNTS: list[tuple[object, str]] = [
    (-1, "must not be negative"),
    (-(10**30), "must not be negative"),
    (1_000_001, "more than 1,000,000"),
    (10**400, "more than 1,000,000"),
    (1e300, "not a fraction"),
    (float("nan"), "not a fraction"),
    (float("inf"), "not a fraction"),
    ("2", "not a string"),
    (False, "not true or false"),
    ([2], "not a list"),
    ({"seats": 2}, "not an object"),
]
LISTS: list[list[str | int]] = [
    ["applicants"],
    ["couples"],
    ["institutes"],
    ["labs"],
    ["applicants", 0, "groups"],
    ["applicants", 0, "ranks"],
    ["institutes", 0, "order"],
    ["labs", 0, "reserves"],
    ["labs", 0, "ranks"],
    ["labs", 0, "ranks", 0],
]
NO_LISTS: list[tuple[object, str]] = [
    ("l1", "must be a list, not a string"),
    (1, "must be a list, not a number"),
    ({"0": "l1"}, "must be a list, not an object"),
    (False, "must be a list, not true or false"),
]


def path_of(steps: list[str | int]) -> str:
    return "$" + "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in steps)


SPOILT = [
    *((path, value, reason) for path in IDS for value, reason in NO_IDS),
    *((path, value, reason) for path in REFERENCES for value, reason in NO_IDS),
    *((path, value, reason) for path in COUNTS for value, reason in NO_COUNTS),
    *((path, value, reason) for path in LISTS for value, reason in NO_LISTS),
]


def test_each_place_refuses_each_wrong_value_and_names_itself() -> None:
    """Every id, reference, count and list of an instance, with everything that none of them may be."""
    for path, value, reason in SPOILT:
        with pytest.raises(Malformed) as refused:
            parse(json.dumps(changed(path, value)))
        assert refused.value.place == path_of(path), (path, value)
        assert reason in refused.value.reason, (path, value)


def test_two_hundred_wrong_instances_are_shown_here() -> None:
    assert len(SPOILT) + len(CASES) >= 200
    assert len({(path_of(path), repr(value)) for path, value, _ in SPOILT}) == len(SPOILT)


def test_what_may_be_left_out_has_its_stated_meaning() -> None:
    bare = build(changed(["couples"], DELETED))
    assert bare == build(GOOD)
    assert bare.applicants[1].groups == ()
    assert bare.institutes[1] == instances.Institute("i2", None, ())
    assert (bare.labs[2].reserve_order, bare.labs[2].reserves, bare.labs[2].target) == ("open_first", (), None)


def test_canonical_text_is_the_published_format_to_the_byte() -> None:
    document = {
        "labs": [{"ranks": [["나", "가"]], "seats": 1, "institute": "i", "id": "l"}],
        "institutes": [{"id": "i"}],
        "applicants": [{"id": "나", "ranks": [], "groups": ["z", "b"]}, {"id": "가", "ranks": ["l"]}],
        "seed": "0",
        "format": "innocore-match-instance/1",
    }
    assert build(document).canonical() == (
        '{"applicants":[{"groups":[],"id":"가","ranks":["l"]},{"groups":["b","z"],"id":"나","ranks":[]}],'
        '"couples":[],"format":"innocore-match-instance/1","institutes":[{"cap":null,"id":"i","order":[]}],'
        '"labs":[{"id":"l","institute":"i","ranks":[["가","나"]],"reserve_order":"open_first","reserves":[],'
        '"seats":1,"target":null}],"seed":"0"}'
    )


def test_canonical_text_reads_back_as_the_same_instance() -> None:
    good = build(GOOD)
    assert parse(good.canonical()) == good
    assert parse(good.canonical()).sha256() == good.sha256()
    assert build(changed(["seed"], "5eee")).sha256() != good.sha256()


OUTCOME: dict[str, Any] = {
    "format": "innocore-match-outcome/1",
    "instance": "0" * 64,
    "algorithm": "a name and version",
    "matches": [["a2", "l1"], ["a1", "l1"]],
    "unmatched": ["a4", "a3"],
}


def test_outcome_is_read_sorted_and_written_to_the_byte() -> None:
    outcome = outcomes.parse(json.dumps(OUTCOME))
    assert outcome.canonical() == (
        '{"algorithm":"a name and version","format":"innocore-match-outcome/1","instance":"' + "0" * 64 + '",'
        '"matches":[["a1","l1"],["a2","l1"]],"unmatched":["a3","a4"]}'
    )
    assert outcomes.parse(outcome.canonical()) == outcome
    assert len(outcome.sha256()) == 64


@pytest.mark.parametrize(
    ("change", "place", "reason"),
    [
        (lambda it: it.update(format="x"), "$.format", "must be 'innocore-match-outcome/1'"),
        (lambda it: it.update(more=1), "$", "'more' is unknown"),
        (lambda it: it.pop("algorithm"), "$", "'algorithm' is missing"),
        (lambda it: it.update(algorithm=1), "$.algorithm", "must be a string"),
        (lambda it: it.update(instance="00"), "$.instance", "64 hexadecimal digits"),
        (lambda it: it.update(matches={}), "$.matches", "must be a list"),
        (lambda it: it["matches"].append(["a1"]), "$.matches[2]", "has 1 entries"),
        (lambda it: it["matches"].append(["a1", None]), "$.matches[2][1]", "must be a string, not null"),
        (lambda it: it.update(unmatched=[1]), "$.unmatched[0]", "must be a string, not a number"),
        (lambda it: it.update(unmatched=[HANGUL_APART]), "$.unmatched[0]", "NFC"),
    ],
)
def test_malformed_outcome_is_refused_with_place_and_reason(
    change: Callable[[dict[str, Any]], object], place: str, reason: str
) -> None:
    document = copy.deepcopy(OUTCOME)
    change(document)
    with pytest.raises(Malformed) as refused:
        outcomes.parse(json.dumps(document))
    assert refused.value.place == place
    assert reason in refused.value.reason
