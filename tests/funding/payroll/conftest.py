"""The shipped tables, and a fellow of ninety million a year."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from funding.payroll.slip import Case
from funding.payroll.tables import Tables

SHIPPED = Path(__file__).resolve().parents[3] / "funding" / "data" / "payroll-rates.toml"
FELLOW = Case(month="2025-07", salary_krw_a_year=90_000_000, starts_on=date(2025, 7, 1))


@pytest.fixture(scope="session")
def rates_toml() -> str:
    return SHIPPED.read_text(encoding="utf-8")


@pytest.fixture(scope="session")
def tables(rates_toml: str) -> Tables:
    return Tables.from_toml(rates_toml)


@pytest.fixture(scope="session")
def case_of() -> Callable[..., Case]:
    """The fellow's case with some fields changed: `case_of(month="2026-01")`."""

    def changed(**fields: Any) -> Case:
        return replace(FELLOW, **fields)

    return changed
