"""Slips: the worked months to the won, both tax ways, joiners and leavers, adjustments, and what is refused."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from funding.payroll.insurance import Insured
from funding.payroll.slip import Adjustment, BadCase, Case, ReliefClaim, Slip, compute
from funding.payroll.tables import NotCovered, Tables
from funding.payroll.words import (
    BASE_ROUNDINGS,
    CLAUSE_JOINT,
    ESTIMATED,
    JOINED_LATER,
    LABELS,
    NO_RELIEF_WITH_FLAT,
    ONE_PERSON_TABLE,
    ROUNDINGS,
)

Cases = Callable[..., Case]
RESEARCHER = ReliefClaim(code="foreign-researcher", since=date(2025, 7, 1))
INSURED_CODES = ("pension", "health", "care", "employment")


def amounts(slip: Slip) -> dict[str, int]:
    return {item.code: item.amount_krw for item in slip.items}


def problems_of(case: Case, tables: Tables) -> tuple[str, ...]:
    with pytest.raises(BadCase) as refusal:
        compute(case, tables)
    return refusal.value.problems


@pytest.mark.parametrize(
    ("month", "contributions", "total"),
    [
        ("2025-07", (286_650, 265_870, 34_430, 67_500), 654_450),
        ("2025-12", (286_650, 265_870, 34_430, 67_500), 654_450),
        ("2026-01", (302_570, 269_620, 35_420, 67_500), 675_110),
        ("2026-06", (302_570, 269_620, 35_420, 67_500), 675_110),
        ("2026-07", (313_020, 269_620, 35_420, 67_500), 685_560),
        ("2026-12", (313_020, 269_620, 35_420, 67_500), 685_560),
    ],
)
def test_worked_months_come_out_to_the_won(
    case_of: Cases, tables: Tables, month: str, contributions: tuple[int, ...], total: int
) -> None:
    slip = compute(case_of(month=month), tables)
    found = amounts(slip)
    assert slip.gross_krw == found["salary"] == 7_500_000
    assert tuple(found[code] for code in INSURED_CODES) == contributions
    assert sum(contributions) == total
    assert slip.deductions_krw == total + found["income_tax"] + found["local_income_tax"]


def test_ordinary_tax_is_the_statutory_method_step_by_step(case_of: Cases, tables: Tables) -> None:
    slip = compute(case_of(), tables)
    item = next(item for item in slip.items if item.code == "income_tax")
    assert {step.code: step.amount_krw for step in item.steps} == {
        "year_pay": 90_000_000,
        "earned_income_deduction": 14_250_000,
        "personal_deduction": 1_500_000,
        "special_deduction": 3_550_000,
        "taxable": 70_700_000,
        "computed_tax": 11_208_000,
        "credit": 500_000,
        "year_tax": 10_708_000,
    }
    assert item.rate == "(70,700,000×24%-5,760,000-500,000)÷12"
    assert (item.amount_krw, item.table, item.table_from) == (892_330, "income_tax", date(2023, 1, 1))
    assert amounts(slip)["local_income_tax"] == 89_230
    assert (slip.deductions_krw, slip.net_krw) == (1_636_010, 5_863_990)


@pytest.mark.parametrize(
    ("salary", "tax"),
    [
        (10_000_000, 0),
        # 12 m: less 6.3, 1.5 and 3.58 m = 0.62 m; 6 % = 37,200; credit 55 % = 20,460; 16,740 ÷ 12
        (12_000_000, 1_390),
        # 24 m: less 8.85, 1.5 and 4.06 m = 9.59 m; 6 % = 575,400; credit 55 % = 316,470; 258,930 ÷ 12
        (24_000_000, 21_570),
        # 42 m: less 11.55, 1.5 and 4.18 m = 24.77 m; 15 % - 1.26 m = 2,455,500; credit 668,000 (740,000 - 0.8 % of 9 m)
        (42_000_000, 148_950),
        # 60 m: less 12.75, 1.5 and 4 m = 41.75 m; 5,002,500; credit 660,000 at least
        (60_000_000, 361_870),
        # 120 m: less 15.15, 1.5 and 3.7 m = 99.65 m; 35 % - 15.44 m = 19,437,500; credit 500,000 at least
        (120_000_000, 1_578_120),
    ],
)
def test_ordinary_tax_by_hand(case_of: Cases, tables: Tables, salary: int, tax: int) -> None:
    assert amounts(compute(case_of(salary_krw_a_year=salary), tables))["income_tax"] == tax


def test_a_pay_beyond_the_tax_table_is_refused(case_of: Cases, tables: Tables) -> None:
    with pytest.raises(NotCovered, match=r"no special deduction for a yearly pay of 120,000,012 won"):
        compute(case_of(salary_krw_a_year=120_000_012), tables)


def test_a_table_may_deduct_pension_contributions(case_of: Cases, rates_toml: str) -> None:
    table = Tables.from_toml(rates_toml.replace("[income_tax]", "[income_tax]\ndeducts_pension = true", 1))
    item = next(item for item in compute(case_of(), table).items if item.code == "income_tax")
    steps = {step.code: step.amount_krw for step in item.steps}
    assert steps["pension_deduction"] == 12 * 286_650
    assert steps["taxable"] == 70_700_000 - 3_439_800
    assert item.amount_krw == 823_530


def test_employer_pays_her_own_share_and_two_insurances_alone(case_of: Cases, tables: Tables) -> None:
    slip = compute(case_of(), tables)
    charged = {item.code: item.amount_krw for item in slip.items if item.kind == "employer"}
    assert charged == {
        "employer_pension": 286_650,
        "employer_health": 265_870,
        "employer_care": 34_430,
        "employer_employment": 67_500,
        "employer_stabilisation": 63_750,
        "employer_accident": 49_500,
    }
    assert slip.employer_krw == sum(charged.values())


def test_flat_rate_is_nineteen_percent_of_all_pay(case_of: Cases, tables: Tables) -> None:
    slip = compute(case_of(tax_way="flat", is_foreign_worker=True), tables)
    found = amounts(slip)
    assert (found["income_tax"], found["local_income_tax"]) == (1_425_000, 142_500)
    assert slip.net_krw == 7_500_000 - 654_450 - 1_425_000 - 142_500


@pytest.mark.parametrize("way", ["ordinary", "flat"])
def test_a_foreign_worker_sees_both_ways_whatever_she_chose(case_of: Cases, tables: Tables, way: str) -> None:
    slip = compute(case_of(tax_way=way, is_foreign_worker=True), tables)
    nets = {one.way: one.net_krw for one in slip.compare}
    assert nets == {"ordinary": 5_863_990, "flat": 5_278_050}
    assert slip.net_krw == nets[way]


def test_nobody_else_is_shown_the_flat_rate(case_of: Cases, tables: Tables) -> None:
    assert compute(case_of(), tables).compare == ()


def test_comparison_says_why_a_way_is_not_covered(case_of: Cases, tables: Tables) -> None:
    slip = compute(case_of(salary_krw_a_year=240_000_000, tax_way="flat", is_foreign_worker=True), tables)
    ordinary, flat = slip.compare
    assert ordinary.net_krw is None
    assert "240,000,000 won" in ordinary.why_not
    assert (flat.net_krw, flat.why_not) == (slip.net_krw, "")


def test_relief_takes_half_of_the_income_tax(case_of: Cases, tables: Tables) -> None:
    slip = compute(case_of(reliefs=(RESEARCHER,)), tables)
    item = next(item for item in slip.items if item.code == "income_tax")
    assert item.amount_krw == 446_160
    assert item.rate == "(70,700,000×24%-5,760,000-500,000)÷12×1/2"
    assert item.steps[-1].amount_krw == 446_166
    assert amounts(slip)["local_income_tax"] == 44_610


def test_flat_rate_leaves_the_relief_out_and_says_so(case_of: Cases, tables: Tables) -> None:
    slip = compute(case_of(tax_way="flat", is_foreign_worker=True, reliefs=(RESEARCHER,)), tables)
    assert amounts(slip)["income_tax"] == 1_425_000
    assert NO_RELIEF_WITH_FLAT in slip.notes


@pytest.mark.parametrize(
    ("since", "words"),
    [(date(2025, 8, 1), "begins only on 2025-08-01"), (date(2015, 6, 30), "ended after 10 years")],
)
def test_relief_outside_its_years_is_refused(case_of: Cases, tables: Tables, since: date, words: str) -> None:
    (problem,) = problems_of(case_of(reliefs=(ReliefClaim(code="foreign-researcher", since=since),)), tables)
    assert words in problem


@pytest.mark.parametrize("since", [date(2025, 7, 31), date(2015, 7, 1)])
def test_relief_holds_in_its_first_and_last_month(case_of: Cases, tables: Tables, since: date) -> None:
    slip = compute(case_of(reliefs=(ReliefClaim(code="foreign-researcher", since=since),)), tables)
    assert amounts(slip)["income_tax"] == 446_160


def test_a_joiner_inside_the_month_owes_monthly_insurance_from_the_next(case_of: Cases, tables: Tables) -> None:
    slip = compute(case_of(starts_on=date(2025, 7, 15)), tables)
    assert slip.gross_krw == 4_112_903
    assert set(amounts(slip)) & {"pension", "health", "care", "employer_pension"} == set()
    assert amounts(slip)["employment"] == 37_010
    assert JOINED_LATER in slip.notes
    assert (slip.items[0].base_krw, slip.items[0].rate) == (7_500_000, "17/31")
    following = compute(case_of(month="2025-08", starts_on=date(2025, 7, 15)), tables)
    assert amounts(following)["pension"] == 286_650
    assert JOINED_LATER not in following.notes


def test_a_leaver_owes_the_whole_month_of_insurance(case_of: Cases, tables: Tables) -> None:
    slip = compute(case_of(month="2025-08", ends_on=date(2025, 8, 10)), tables)
    found = amounts(slip)
    assert slip.gross_krw == 2_419_354
    assert (found["pension"], found["health"], found["employment"]) == (286_650, 265_870, 21_770)


def test_insurance_follows_the_declared_base(case_of: Cases, tables: Tables) -> None:
    found = amounts(compute(case_of(declared_base_krw=5_000_900), tables))
    assert (found["pension"], found["health"], found["employment"]) == (225_000, 177_280, 67_500)


@pytest.mark.parametrize(("declared", "pension"), [(0, 18_000), (6_370_000, 286_650), (50_000_000, 286_650)])
def test_pension_base_lies_between_floor_and_ceiling(
    case_of: Cases, tables: Tables, declared: int, pension: int
) -> None:
    assert amounts(compute(case_of(declared_base_krw=declared), tables))["pension"] == pension


@pytest.mark.parametrize(
    ("outside", "missing"),
    [
        ("pension", {"pension", "employer_pension"}),
        ("health", {"health", "employer_health", "care", "employer_care"}),
        ("care", {"care", "employer_care"}),
        ("employment", {"employment", "employer_employment", "employer_stabilisation"}),
        ("accident", {"employer_accident"}),
    ],
)
def test_who_is_outside_an_insurance_has_no_line_of_it(
    case_of: Cases, tables: Tables, outside: str, missing: set[str]
) -> None:
    whole = amounts(compute(case_of(), tables))
    part = amounts(compute(case_of(insured=Insured(**{outside: False})), tables))
    assert whole.keys() - part.keys() == missing


def test_a_month_without_tables_is_refused_unless_they_are_not_needed(case_of: Cases, tables: Tables) -> None:
    with pytest.raises(NotCovered, match="No table of national pension covers 2027-01-01"):
        compute(case_of(month="2027-01"), tables)
    outside = Insured(pension=False, health=False, care=False)
    assert compute(case_of(month="2027-01", insured=outside), tables).gross_krw == 7_500_000


def test_arrears_are_a_line_taxed_by_what_they_add_to_the_year(case_of: Cases, tables: Tables) -> None:
    slip = compute(case_of(adjustments=(Adjustment(code="arrears", amount_krw=1_000_000),)), tables)
    item = next(item for item in slip.items if item.code == "income_tax")
    assert slip.gross_krw == 8_500_000
    # a million more: 950,000 after the deduction, less 5,000 more of special deduction, at 24 %
    assert item.steps[-1].amount_krw == 226_800
    assert item.rate == "(70,700,000×24%-5,760,000-500,000)÷12+226,800"
    assert item.amount_krw == 1_119_130
    assert amounts(slip)["pension"] == 286_650
    assert amounts(slip)["employment"] == 76_500


def test_a_recovery_lowers_pay_and_tax_but_never_below_nothing(case_of: Cases, tables: Tables) -> None:
    slip = compute(case_of(adjustments=(Adjustment(code="recovery", amount_krw=-6_000_000),)), tables)
    item = next(item for item in slip.items if item.code == "income_tax")
    assert slip.gross_krw == 1_500_000
    assert item.amount_krw == 0
    assert "not below zero" in item.rule.split(CLAUSE_JOINT)


def test_arrears_after_leaving_are_paid_without_monthly_insurance(case_of: Cases, tables: Tables) -> None:
    arrears = (Adjustment(code="arrears", amount_krw=2_000_000),)
    slip = compute(case_of(month="2025-09", ends_on=date(2025, 8, 10), adjustments=arrears), tables)
    assert [item.code for item in slip.items if item.kind != "employer"] == [
        "arrears",
        "employment",
        "income_tax",
        "local_income_tax",
    ]


@pytest.mark.parametrize(
    ("recovered", "words"),
    [(-7_500_001, "What is recovered exceeds the month's pay by 1 won"), (-7_400_000, "The deductions of")],
)
def test_a_month_that_would_leave_less_than_nothing_is_refused(
    case_of: Cases, tables: Tables, recovered: int, words: str
) -> None:
    (problem,) = problems_of(case_of(adjustments=(Adjustment(code="recovery", amount_krw=recovered),)), tables)
    assert problem.startswith(words)


def test_a_larger_family_deducts_more_and_the_slip_says_what_the_table_lacks(case_of: Cases, tables: Tables) -> None:
    slip = compute(case_of(family_size=3), tables)
    assert amounts(slip)["income_tax"] == 832_330
    assert ONE_PERSON_TABLE in slip.notes
    assert compute(case_of(), tables).notes == (ESTIMATED,)


def test_every_line_has_words_and_a_rounding(case_of: Cases, tables: Tables) -> None:
    slip = compute(case_of(is_foreign_worker=True, reliefs=(RESEARCHER,)), tables)
    for item in slip.items:
        assert item.label_key == LABELS[item.code]
        assert item.rule.split(CLAUSE_JOINT)[-1] in ROUNDINGS.values()
        assert item.rate
    pension = next(item for item in slip.items if item.code == "pension")
    assert (pension.base_krw, pension.rate, pension.table_from) == (6_370_000, "4.5 %", date(2025, 7, 1))
    assert pension.rule.split(CLAUSE_JOINT)[0] == BASE_ROUNDINGS[1_000]
    assert slip.table_version == tables.version


def test_lines_come_as_earnings_deductions_and_charges(case_of: Cases, tables: Tables) -> None:
    kinds = [item.kind for item in compute(case_of(), tables).items]
    assert kinds == ["earning"] + ["deduction"] * 6 + ["employer"] * 6


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"month": "2025-13"}, "month must be a month such as 2025-07, not '2025-13'."),
        ({"month": "2025-7"}, "month must be a month such as 2025-07, not '2025-7'."),
        ({"month": date(2025, 7, 1)}, "month must be a month such as 2025-07, not '2025-07-01'."),
        ({"month": "2025-06"}, "No day of 2025-06 lies between starts_on and ends_on, and no adjustment is given."),
        ({"salary_krw_a_year": 0}, "salary_krw_a_year must be more than nothing."),
        ({"salary_krw_a_year": -1}, "salary_krw_a_year must lie between 0 and 1,000,000,000,000,000."),
        ({"salary_krw_a_year": 9e7}, "salary_krw_a_year must be a whole number of won, not 90000000.0."),
        ({"family_size": 0}, "family_size must lie between 1 and 99."),
        ({"family_size": 1.0}, "family_size must be a whole number, not 1.0."),
        ({"family_size": True}, "family_size must be a whole number, not True."),
        ({"tax_way": "none"}, "tax_way must be one of ordinary, flat, treaty, not 'none'."),
        ({"tax_way": "flat"}, "tax_way flat is open to foreign workers only, and is_foreign_worker is false."),
        ({"reliefs": (RESEARCHER, RESEARCHER)}, "reliefs must hold one relief at most: one income has one relief."),
        ({"insured": Insured(pension="yes")}, "insured.pension must be true or false, not 'yes'."),  # type: ignore[arg-type]
    ],
)
def test_a_malformed_case_is_refused_with_a_sentence(
    case_of: Cases, tables: Tables, fields: dict[str, Any], problem: str
) -> None:
    assert problems_of(case_of(**fields), tables) == (problem,)


@pytest.mark.parametrize(
    ("code", "krw", "words"),
    [
        ("bonus", 1, "code must be one of arrears, correction, recovery, not 'bonus'."),
        ("correction", 0, "amount_krw must not be 0."),
        ("arrears", -1, "amount_krw must be above 0 for arrears."),
        ("recovery", 1, "amount_krw must be below 0 for recovery."),
    ],
)
def test_a_wrong_adjustment_is_refused(case_of: Cases, tables: Tables, code: str, krw: int, words: str) -> None:
    case = case_of(adjustments=(Adjustment(code=code, amount_krw=krw),))
    assert problems_of(case, tables) == (f"adjustments[1].{words}",)


def test_an_end_before_the_start_is_refused(case_of: Cases, tables: Tables) -> None:
    found = problems_of(case_of(starts_on=date(2025, 7, 20), ends_on=date(2025, 7, 10)), tables)
    assert "ends_on must not lie before starts_on." in found


def test_an_unknown_relief_is_refused(case_of: Cases, tables: Tables) -> None:
    with pytest.raises(NotCovered, match="relief 'poet'"):
        compute(case_of(reliefs=(ReliefClaim(code="poet", since=date(2025, 7, 1)),)), tables)
