"""Rates that change: a new set of tables each half-year from 2027 on, uploaded by one, confirmed by another."""

from copy import deepcopy
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from bench.simulation.checks import Broken
from bench.simulation.world import World
from funding.actions import rates
from funding.models import PayItem
from funding.payroll.tables import Tables
from funding.queries.payroll import confirmed_table

DATED = ("national_pension", "health_insurance", "long_term_care")


@dataclass(frozen=True)
class Pension:
    """What the simulation says of pension contributions from a day on, apart from the application's tables."""

    from_on: date
    percent: Decimal
    ceiling_krw: int


# of 2025 and 2026 as published; beyond, the reform's half a point a year, and ceilings that rise
PENSION = (
    Pension(date(2025, 7, 1), Decimal("4.5"), 6_370_000),
    Pension(date(2026, 1, 1), Decimal("4.75"), 6_370_000),
    Pension(date(2026, 7, 1), Decimal("4.75"), 6_590_000),
    Pension(date(2027, 1, 1), Decimal("5"), 6_590_000),
    Pension(date(2027, 7, 1), Decimal("5"), 6_800_000),
    Pension(date(2028, 1, 1), Decimal("5.25"), 6_800_000),
    Pension(date(2028, 7, 1), Decimal("5.25"), 7_010_000),
    Pension(date(2029, 1, 1), Decimal("5.5"), 7_010_000),
    Pension(date(2029, 7, 1), Decimal("5.5"), 7_230_000),
    Pension(date(2030, 1, 1), Decimal("5.75"), 7_230_000),
    Pension(date(2030, 7, 1), Decimal("5.75"), 7_450_000),
)
PUBLISHED = 2026


def upcoming(month: date) -> Pension | None:
    """The set that is to be uploaded in the month before it comes into force."""
    return next((row for row in PENSION if row.from_on.year > PUBLISHED and row.from_on == month), None)


def upload(world: World, new: Pension) -> None:
    """The set in force goes on with one more table of each kind; two people bring it into force."""
    data = deepcopy(confirmed_table().data)
    for name in DATED:
        _goes_on(data[name], name, new)
    tables = Tables.from_dict(data)
    loaded = rates.upload_rates(tables, by=world.staff["prepares"], source=f"Gazette of {new.from_on.year}")
    rates.confirm_rates(loaded, by=world.staff["approves"], document=f"Gazette of {new.from_on.year}")
    world.counts["rate_changes"] += 1


def _goes_on(rows: list[dict[str, Any]], name: str, new: Pension) -> None:
    """The last of `rows` ends the day before, and its follower begins; health and care move in January only."""
    last = max(rows, key=lambda row: row["from"])
    if name != "national_pension" and new.from_on.month != 1:
        last["until"] = f"{new.from_on.year}-12-31"
        return
    follower = {**last, "from": new.from_on.isoformat()}
    if name == "national_pension":
        percent = str(new.percent)
        follower |= {"employee": percent, "employer": percent, "ceiling_krw": new.ceiling_krw}
        follower["until"] = f"{new.from_on.year}-06-30" if new.from_on.month == 1 else f"{new.from_on.year}-12-31"
    else:
        raised = {key: str(Decimal(last[key]) + Decimal("0.05")) for key in ("employee", "employer") if key in last}
        follower |= raised | {"until": f"{new.from_on.year}-12-31"}
        if "of_health" in last:
            follower["of_health"] = str(Decimal(last["of_health"]) + Decimal("0.1"))
    rows.append(follower)


def check(month: date) -> None:
    """The pension contributions on the slips of `month` are those of the rates in force in it, computed once more."""
    rule = max((row for row in PENSION if row.from_on <= month), key=lambda row: row.from_on)
    base = min(90_000_000 // 12, rule.ceiling_krw)
    due = int(base * rule.percent / 100) // 10 * 10
    items = PayItem.objects.filter(line__month=month, code="pension").order_by()
    wrong = set(items.values_list("amount_krw", "table_from")) - {(due, rule.from_on)}
    if wrong:
        raise Broken(f"{month}: pension is {wrong}, not {due} of the table from {rule.from_on}")
