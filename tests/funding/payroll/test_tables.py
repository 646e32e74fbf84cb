"""Dated tables: which row is in force on a date, what is refused, and when the version changes."""

import json
import tomllib
from copy import deepcopy
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from funding.payroll.tables import BadTables, NotCovered, Tables, in_force, relief_in_force

BOUNDARIES = [
    ("national_pension", date(2024, 7, 1), date(2024, 7, 1)),
    ("national_pension", date(2025, 6, 30), date(2024, 7, 1)),
    ("national_pension", date(2025, 7, 1), date(2025, 7, 1)),
    ("national_pension", date(2025, 12, 31), date(2025, 7, 1)),
    ("national_pension", date(2026, 1, 1), date(2026, 1, 1)),
    ("national_pension", date(2026, 6, 30), date(2026, 1, 1)),
    ("national_pension", date(2026, 7, 1), date(2026, 7, 1)),
    ("national_pension", date(2026, 12, 31), date(2026, 7, 1)),
    ("health_insurance", date(2025, 1, 1), date(2025, 1, 1)),
    ("health_insurance", date(2025, 12, 31), date(2025, 1, 1)),
    ("health_insurance", date(2026, 1, 1), date(2026, 1, 1)),
    ("health_insurance", date(2026, 12, 31), date(2026, 1, 1)),
    ("long_term_care", date(2025, 1, 1), date(2025, 1, 1)),
    ("long_term_care", date(2025, 12, 31), date(2025, 1, 1)),
    ("long_term_care", date(2026, 1, 1), date(2026, 1, 1)),
    ("long_term_care", date(2026, 12, 31), date(2026, 1, 1)),
    ("employment_insurance", date(2022, 7, 1), date(2022, 7, 1)),
    ("employment_insurance", date(2040, 1, 1), date(2022, 7, 1)),
    ("industrial_accident", date(2025, 1, 1), date(2025, 1, 1)),
    ("income_tax", date(2023, 1, 1), date(2023, 1, 1)),
    ("income_tax", date(2040, 1, 1), date(2023, 1, 1)),
    ("local_income_tax", date(2025, 7, 1), None),
    ("flat_rate_election", date(2025, 7, 1), None),
]
OUTSIDE = [
    ("national_pension", date(2024, 6, 30)),
    ("national_pension", date(2027, 1, 1)),
    ("health_insurance", date(2024, 12, 31)),
    ("health_insurance", date(2027, 1, 1)),
    ("long_term_care", date(2024, 12, 31)),
    ("long_term_care", date(2027, 1, 1)),
    ("employment_insurance", date(2022, 6, 30)),
    ("industrial_accident", date(2024, 12, 31)),
    ("income_tax", date(2022, 12, 31)),
]


@pytest.fixture
def data(tables: Tables) -> dict[str, Any]:
    return deepcopy(tables.data)


def problems_of(data: object) -> tuple[str, ...]:
    with pytest.raises(BadTables) as refusal:
        Tables.from_dict(data)
    return refusal.value.problems


def floats_in(value: object) -> list[float]:
    if isinstance(value, dict):
        return [found for one in value.values() for found in floats_in(one)]
    if isinstance(value, list):
        return [found for one in value for found in floats_in(one)]
    return [value] if isinstance(value, float) else []


@pytest.mark.parametrize(("name", "on", "from_on"), BOUNDARIES)
def test_row_in_force_on_its_first_and_last_day(tables: Tables, name: str, on: date, from_on: date | None) -> None:
    assert in_force(getattr(tables, name), on, name).from_on == from_on


@pytest.mark.parametrize(("name", "on"), OUTSIDE)
def test_date_that_no_table_covers_is_refused(tables: Tables, name: str, on: date) -> None:
    with pytest.raises(NotCovered) as refusal:
        in_force(getattr(tables, name), on, name)
    assert (refusal.value.what, refusal.value.on) == (name, on)
    assert str(refusal.value) == f"No table of {name} covers {on.isoformat()}."


def test_rates_are_exact_decimals(tables: Tables) -> None:
    assert tables.health_insurance[0].employee == Decimal("3.545")
    assert tables.long_term_care[1].of_health == Decimal("13.14")


def test_every_table_says_how_sure_it_is(tables: Tables) -> None:
    assert tables.industrial_accident[0].sure == "low"
    assert {row.sure for row in tables.national_pension} == {"high"}


def test_relief_is_found_by_its_code(tables: Tables) -> None:
    assert relief_in_force(tables, "returning-researcher", date(2025, 7, 1)).share == 50
    with pytest.raises(NotCovered, match="relief 'poet'"):
        relief_in_force(tables, "poet", date(2025, 7, 1))


def test_data_is_json_without_floats_and_reads_back_to_the_same_version(tables: Tables) -> None:
    stored = json.loads(json.dumps(tables.data))
    assert floats_in(stored) == []
    again = Tables.from_dict(stored)
    assert again == tables
    assert again.version == tables.version


def test_version_is_a_sha256_and_the_same_however_the_tables_are_written(tables: Tables, rates_toml: str) -> None:
    assert len(bytes.fromhex(tables.version)) == 32
    parsed = tomllib.loads(rates_toml, parse_float=Decimal)
    assert Tables.from_dict(dict(reversed(parsed.items()))).version == tables.version
    rewritten = "# a remark\n" + rates_toml.replace("employee = 4.5\n", "employee = 4.50\n")
    assert Tables.from_toml(rewritten).version == tables.version


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("employee = 3.545", "employee = 3.546"),
        ("until = 2025-06-30", "until = 2025-06-29"),
        ("ceiling_krw = 6_590_000", "ceiling_krw = 6_590_001"),
        ('sure = "low"', 'sure = "high"'),
    ],
)
def test_any_change_is_another_version(tables: Tables, rates_toml: str, old: str, new: str) -> None:
    assert old in rates_toml
    assert Tables.from_toml(rates_toml.replace(old, new)).version != tables.version


def test_a_float_is_refused_by_name(data: dict[str, Any]) -> None:
    data["health_insurance"][0]["employee"] = 3.545
    assert problems_of(data) == (
        'health_insurance[1].employee is an inexact number; write it as text, for instance "3.545".',
    )


@pytest.mark.parametrize(
    "rate", ["4,5", "-1", "NaN", "101", "", "1e1", None, True, [], Decimal("NaN"), Decimal("-0.1")]
)
def test_a_rate_that_is_no_percentage_is_refused(data: dict[str, Any], rate: object) -> None:
    data["health_insurance"][0]["employee"] = rate
    (problem,) = problems_of(data)
    assert problem.startswith("health_insurance[1].employee must ")


@pytest.mark.parametrize(
    ("name", "key", "value", "words"),
    [
        ("national_pension", "floor_krw", -1, "must lie between 0 and"),
        ("national_pension", "floor_krw", True, "must be a whole number of won"),
        ("national_pension", "floor_krw", "390000", "must be a whole number of won"),
        ("national_pension", "from", "2024-7-1", "must be a day such as"),
        ("national_pension", "from", "2024-02-30", "is a day that no calendar has"),
        ("national_pension", "from", 20240701, "must be a day such as"),
        ("income_tax", "deducts_pension", "yes", "must be true or false"),
        ("relief", "years", 0, "must lie between 1 and"),
        ("relief", "code", "", "must be text"),
        ("severance", "accrues", 12, "must be text"),
    ],
)
def test_a_value_of_the_wrong_kind_is_refused(
    data: dict[str, Any], name: str, key: str, value: object, words: str
) -> None:
    data[name][0][key] = value
    (problem,) = problems_of(data)
    assert problem.startswith(f"{name}[1].{key} {words}")


def test_unknown_and_missing_names_are_refused_together(data: dict[str, Any]) -> None:
    data["national_pension"][0]["untill"] = data["national_pension"][0].pop("until")
    del data["relief"]
    del data["income_tax"][0]["credit"]["share_low"]
    assert set(problems_of(data)) == {
        "national_pension[1].untill is not a known name.",
        "relief is missing.",
        "income_tax[1].credit.share_low is missing.",
    }


@pytest.mark.parametrize("data", [None, [], "rates", 3])
def test_what_is_no_table_set_is_refused(data: object) -> None:
    assert problems_of(data)[0].startswith("The input must be a table of names and values")


def test_a_list_that_is_none_and_a_row_that_is_none_are_refused(data: dict[str, Any]) -> None:
    data["severance"] = 5
    data["relief"] = [7]
    assert set(problems_of(data)) == {
        "severance must be a list.",
        "relief[1] must be a table of names and values, not 7.",
    }


def test_overlapping_and_backward_periods_are_refused(data: dict[str, Any]) -> None:
    data["national_pension"][0]["until"] = "2025-07-01"
    data["health_insurance"][1]["until"] = "2025-12-30"
    data["employment_insurance"] *= 2
    assert set(problems_of(data)) == {
        "national_pension has two tables for 2025-07-01.",
        "health_insurance has a table that ends before it begins.",
        "employment_insurance has two tables for 2022-07-01.",
    }


def test_two_reliefs_of_one_code_are_refused(data: dict[str, Any]) -> None:
    data["relief"].append(data["relief"][0])
    assert problems_of(data) == ("relief 'foreign-researcher' has two tables for any day.",)


def test_bands_out_of_order_floors_and_roundings_are_refused(data: dict[str, Any]) -> None:
    tax = data["income_tax"][0]
    tax["bracket"].reverse()
    tax["special_deduction"] = []
    tax["earned_income_deduction"].pop(0)
    data["national_pension"][0]["floor_krw"] = 7_000_000
    data["rounding"]["taxes"] = "to the nearest 10 won"
    assert set(problems_of(data)) == {
        "income_tax.bracket must rise from row to row and have at least one.",
        "income_tax.bracket must begin at 0.",
        "income_tax.special_deduction must rise from row to row and have at least one.",
        "income_tax.earned_income_deduction must begin at 0.",
        "national_pension has a floor above its ceiling.",
        'rounding.taxes must read "down to 1 won", 10, 100 or 1,000.',
    }


@pytest.mark.parametrize("text", ["[rounding", "a = = 1", "x = " + "[" * 5000])
def test_text_that_is_not_toml_is_refused(text: str) -> None:
    with pytest.raises(BadTables, match="The tables are not TOML"):
        Tables.from_toml(text)
