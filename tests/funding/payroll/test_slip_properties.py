"""What holds for every slip, whoever it is for."""

import ast
from dataclasses import fields, is_dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import funding.payroll
from funding.payroll.insurance import Insured
from funding.payroll.slip import Adjustment, BadCase, Case, ReliefClaim, Slip, compute
from funding.payroll.tables import Tables

ROOM = Path(next(iter(funding.payroll.__path__)))
TABLES = Tables.from_toml((ROOM.parent / "data" / "payroll-rates.toml").read_text(encoding="utf-8"))
unhurried = settings(deadline=None)  # a busy machine is not a wrong slip
MONTHS = [f"{year}-{month:02}" for year in (2025, 2026) for month in range(1, 13)]
SALARIES = st.integers(min_value=1_000_000, max_value=110_000_000)


@st.composite
def cases(draw: st.DrawFn) -> Case:
    month = draw(st.sampled_from(MONTHS))
    first = date.fromisoformat(f"{month}-01")
    starts_on = first + timedelta(days=draw(st.integers(min_value=-400, max_value=27)))
    ends_on = draw(
        st.none() | st.integers(min_value=0, max_value=60).map(lambda days: max(first, starts_on) + timedelta(days))
    )
    is_foreign = draw(st.booleans())
    arrears = st.builds(Adjustment, code=st.just("arrears"), amount_krw=st.integers(min_value=1, max_value=5_000_000))
    recovery = st.builds(Adjustment, code=st.just("recovery"), amount_krw=st.integers(min_value=-(9**6), max_value=-1))
    relief = st.builds(ReliefClaim, code=st.just("foreign-researcher"), since=st.just(first))
    return Case(
        month=month,
        salary_krw_a_year=draw(SALARIES),
        starts_on=starts_on,
        ends_on=ends_on,
        family_size=draw(st.integers(min_value=1, max_value=9)),
        tax_way=draw(st.sampled_from(["ordinary", "flat"])) if is_foreign else "ordinary",
        is_foreign_worker=is_foreign,
        reliefs=tuple(draw(st.lists(relief, max_size=1))),
        insured=draw(st.builds(Insured, **dict.fromkeys([field.name for field in fields(Insured)], st.booleans()))),
        adjustments=tuple(draw(st.lists(arrears | recovery, max_size=2))),
    )


def slip_of(case: Case) -> Slip | None:
    """The slip, or None where the deductions exceed the pay: the one refusal these cases can meet."""
    try:
        return compute(case, TABLES)
    except BadCase as refusal:
        if [problem for problem in refusal.problems if "exceed" not in problem]:
            raise
        return None


def numbers_in(value: object) -> list[object]:
    if is_dataclass(value) and not isinstance(value, type):
        return [found for field in fields(value) for found in numbers_in(getattr(value, field.name))]
    if isinstance(value, tuple | list):
        return [found for one in value for found in numbers_in(one)]
    if isinstance(value, dict):
        return [found for one in value.values() for found in numbers_in(one)]
    return [value] if isinstance(value, int | float | Decimal | Fraction | complex) else []


def recomputed(formula: str) -> Fraction:
    """Evaluate a line's printed formula exactly, reading only numbers and + - × ÷ %."""

    words = formula.replace(",", "").replace("%", "/100").replace("×", "*").replace("÷", "/")

    def value(node: ast.expr) -> Fraction:
        match node:
            case ast.Constant():
                return Fraction(ast.get_source_segment(words, node) or "")
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                return -value(operand)
            case ast.BinOp(left=left, op=ast.Add(), right=right):
                return value(left) + value(right)
            case ast.BinOp(left=left, op=ast.Sub(), right=right):
                return value(left) - value(right)
            case ast.BinOp(left=left, op=ast.Mult(), right=right):
                return value(left) * value(right)
            case ast.BinOp(left=left, op=ast.Div(), right=right):
                return value(left) / value(right)
        raise AssertionError(ast.dump(node))

    return value(ast.parse(words, mode="eval").body)


@unhurried
@given(cases())
def test_gross_is_deductions_and_net(case: Case) -> None:
    slip = slip_of(case)
    if slip is None:
        return
    total = {
        kind: sum(item.amount_krw for item in slip.items if item.kind == kind)
        for kind in ("earning", "deduction", "employer")
    }
    assert slip.net_krw + slip.deductions_krw == slip.gross_krw
    assert (slip.gross_krw, slip.deductions_krw, slip.employer_krw) == tuple(total.values())
    assert slip.net_krw >= 0
    assert all(item.amount_krw >= 0 for item in slip.items if item.kind != "earning")


@unhurried
@given(cases())
def test_no_number_of_a_slip_is_anything_but_a_whole_one(case: Case) -> None:
    slip = slip_of(case)
    if slip is not None:
        assert {type(number) for number in (*numbers_in(slip), *numbers_in(slip.as_dict()))} <= {int}


@unhurried
@given(cases())
def test_lines_fit_their_columns_and_deductions_end_in_tens(case: Case) -> None:
    slip = slip_of(case)
    for item in slip.items if slip else ():
        assert len(item.code) <= 40
        assert len(item.rate) <= 60
        assert len(item.rule) <= 200
        if item.kind != "earning":
            assert item.amount_krw % 10 == 0


@unhurried
@given(cases())
def test_a_printed_rate_gives_the_amount_again(case: Case) -> None:
    slip = slip_of(case)
    for item in slip.items if slip else ():
        if item.kind == "earning" and not item.rate:
            continue
        factor = Fraction(1) if item.steps else Fraction(item.base_krw or 0)
        exact = recomputed(item.rate.replace(" ", "")) * factor
        unit = 1 if item.kind == "earning" else 10
        remainder = item.code == "salary" and item.rate == "1/12" and case.month.endswith("-12")
        if not remainder:
            assert item.amount_krw == max(0, int(exact // unit) * unit)


@unhurried
@given(cases())
def test_the_slip_is_the_way_chosen_in_the_comparison(case: Case) -> None:
    slip = slip_of(case)
    if slip is not None and case.is_foreign_worker:
        assert {one.way: one.net_krw for one in slip.compare}[case.tax_way] == slip.net_krw


@unhurried
@given(st.sampled_from(MONTHS), SALARIES, SALARIES)
def test_contributions_and_tax_never_fall_as_salary_rises(month: str, one: int, other: int) -> None:
    less, more = sorted((one, other))
    slips = [
        compute(Case(month=month, salary_krw_a_year=salary, starts_on=date(2024, 1, 1)), TABLES)
        for salary in (less, more)
    ]
    lower, higher = ({item.code: item.amount_krw for item in slip.items} for slip in slips)
    assert all(lower[code] <= higher[code] for code in lower)


@unhurried
@given(SALARIES)
def test_a_year_of_slips_pays_the_year(salary: int) -> None:
    slips = [
        compute(Case(month=month, salary_krw_a_year=salary, starts_on=date(2025, 1, 1)), TABLES)
        for month in MONTHS[:12]
    ]
    assert sum(slip.gross_krw for slip in slips) == salary


def test_half_a_year_of_four_hundred_closes() -> None:
    months = MONTHS[6:12]
    half = sum(
        compute(Case(month=month, salary_krw_a_year=90_000_000, starts_on=date(2025, 7, 1)), TABLES).gross_krw
        for month in months
    )
    assert 400 * (half + 60_000_000 // 2) == 30_000_000_000


STANDARD = {
    "argparse", "calendar", "collections", "dataclasses", "datetime", "decimal", "fractions", "functools", "hashlib",
    "itertools", "json", "pathlib", "re", "sys", "tomllib", "types", "typing",
}  # fmt: skip


@pytest.mark.parametrize("path", sorted(ROOM.glob("*.py")), ids=lambda path: path.name)
def test_the_room_writes_no_float_and_imports_only_itself_and_the_standard_library(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        assert not (isinstance(node, ast.Constant) and isinstance(node.value, float))
        if isinstance(node, ast.Import):
            assert {alias.name for alias in node.names} <= STANDARD
        if isinstance(node, ast.ImportFrom):
            module = node.module or ""
            assert module.startswith("funding.payroll.") or module.split(".")[0] in STANDARD
