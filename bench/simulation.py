"""The whole programme, month by month, on the real ledger: joins, leaves, raises, holds, returned payments, year ends.

Deterministic by its seed. The rules are the application's own (terms, payroll engine, postings by the one door); people
and offers are numbers. Everything happens in one transaction that is rolled back at the end, so that it may run on any
database. After each month the books balance; after the last every commitment is spent or given back, and what was
appropriated is what was spent and what was returned, to the won.
"""

import copy
import json
import sys
import time
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import Any

from django.core.management import call_command
from django.db import connection, transaction

from funding.actions.payroll import pay_day_of
from funding.actions.rates import RATES
from funding.ledger import OverBudget, Posting, account, post, post_many
from funding.models import Account, FiscalYear
from funding.payroll.severance import accrued_krw
from funding.payroll.slip import Adjustment, BadCase, Case, Slip, compute
from funding.payroll.tables import Tables
from funding.queries.books import FAULTS
from funding.states import GUARDED, AccountKind, Purpose
from funding.terms import cost_of_term
from innocore.reference import load_reference
from labs.models import Institute, Lab

SALARY, FUND = 90_000_000, 60_000_000
DIFFERING = FAULTS["kept balances that differ from their lines"].replace("LIMIT 20", "")
OPEN = (AccountKind.COMMITTED, AccountKind.LAB, AccountKind.INSTITUTE, AccountKind.PROGRAMME)


class Broken(AssertionError):
    """An invariant does not hold."""


@dataclass
class Fellow:
    """One simulated fellow: her number, lab, days and salary; what was held for her and waits as arrears."""

    number: int
    lab: Lab
    starts_on: date
    ends_on: date
    salary_krw: int = SALARY
    is_foreign: bool = False
    way: str = "ordinary"
    held_krw: int = 0
    away_until: date | None = None
    gone: bool = False


@dataclass
class World:
    """The simulation's state and what it counted."""

    random: Random
    labs: list[Lab]
    tables: Tables
    last: date
    fellows: list[Fellow] = field(default_factory=list)
    accounts: dict[str, Account] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)
    slips: dict[Case, Slip] = field(default_factory=dict)
    owed: list[tuple[str, Institute, int]] = field(default_factory=list)

    def slip(self, case: Case) -> Slip:
        """The slip of `case`; most cases of a month are alike."""
        if case not in self.slips:
            self.slips[case] = compute(case, self.tables)
        return self.slips[case]

    def count(self, what: str, number: int = 1) -> None:
        self.counts[what] = self.counts.get(what, 0) + number

    def of(self, kind: str, year: int, **owner: Any) -> Account:
        """An account of the programme, an institute or a lab; opened once."""
        purpose = owner.get("purpose", "")
        who = owner.get("lab") or owner.get("institute")
        key = f"{kind}:{purpose}:{who.code if who else ''}:{year}"
        if key not in self.accounts:
            self.accounts[key] = account(kind, year, **owner)
        return self.accounts[key]

    def hers(self, kind: str, purpose: str, fellow: Fellow, year: int) -> Account:
        """The account of one fellow."""
        code = f"{kind}:{purpose}:sim-{fellow.number}:{year}"
        if code not in self.accounts:
            self.accounts[code] = Account.objects.create(
                code=code, kind=kind, purpose=purpose, fiscal_year=year, lab=fellow.lab,
                institute=fellow.lab.institute, is_guarded=kind in GUARDED,
            )  # fmt: skip
        return self.accounts[code]


def rates() -> Tables:
    """The tables that come with the application; those of their last year go on, for years that are not published."""
    data = copy.deepcopy(Tables.from_toml(Path(RATES).read_text(encoding="utf-8")).data)
    for rows in data.values():
        for row in rows if isinstance(rows, list) else []:
            if isinstance(row, dict) and str(row.get("until", "")).startswith("2026-12"):
                del row["until"]
    return Tables.from_dict(data)


def simulate(fellows: int, months: int, seed: int = 1) -> dict[str, Any]:
    """Run it in a transaction that is rolled back; counts and sums come back. `Broken` when an invariant fails."""
    began = time.monotonic()
    with transaction.atomic():
        found = _run(fellows, months, seed)
        transaction.set_rollback(True)
    return {**found, "seconds": round(time.monotonic() - began, 1)}


def _run(fellows: int, months: int, seed: int) -> dict[str, Any]:
    first = date(2025, 7, 1)
    last = _month(first, months) - timedelta(days=1)
    labs = list(Lab.objects.select_related("institute").order_by("pk"))
    world = World(Random(seed), labs, rates(), last)
    _appropriate(world, fellows, first, last)
    for number in range(fellows):
        _join(world, number, first, last)
    for turn in range(months):
        _month_of(world, _month(first, turn), last)
        _balanced(turn)
    return _close(world, first, last)


def _month(first: date, turn: int) -> date:
    number = first.year * 12 + first.month - 1 + turn
    return date(number // 12, number % 12 + 1, 1)


def _appropriate(world: World, fellows: int, first: date, last: date) -> None:
    """What `fellows` cost for the whole time goes down to the labs, to the won."""
    shares = [fellows // len(world.labs) + (place < fellows % len(world.labs)) for place in range(len(world.labs))]
    by_year: dict[int, int] = {}
    for year, _purpose, amount in cost_of_term(SALARY, FUND, first, last):
        by_year[year] = by_year.get(year, 0) + amount
    for year, a_fellow in by_year.items():
        lines = []
        for lab, share in zip(world.labs, shares, strict=True):
            amount = share * a_fellow
            lines += [
                (world.of(AccountKind.LAB, year, lab=lab), amount),
                (world.of(AccountKind.BANK, year, institute=lab.institute), amount),
                (world.of(AccountKind.INCOME, year, institute=lab.institute), -amount),
            ]
        lines.append((world.of(AccountKind.SOURCE, year), -fellows * a_fellow))
        post(Posting(f"sim:given:{year}", date(year, 1, 1), "Given", lines), by=None)
        world.count("appropriated_krw", fellows * a_fellow)


def _join(world: World, number: int, starts_on: date, ends_on: date, lab: Lab | None = None) -> None:
    """A fellow joins and her term is committed."""
    random = world.random
    fellow = Fellow(number, lab or world.labs[number % len(world.labs)], starts_on, ends_on)
    fellow.is_foreign = random.random() < 0.3
    fellow.way = "flat" if fellow.is_foreign and random.random() < 0.5 else "ordinary"
    lines = []
    for year, purpose, amount in cost_of_term(SALARY, FUND, starts_on, ends_on):
        lines += [
            (world.of(AccountKind.LAB, year, lab=fellow.lab), -amount),
            (world.hers(AccountKind.COMMITTED, purpose, fellow, year), amount),
        ]
    post(Posting(f"sim:join:{number}", starts_on, "Committed", lines), by=None)
    world.fellows.append(fellow)
    world.count("joins")


def _month_of(world: World, month: date, last: date) -> None:
    """One month: some leave or go on leave, some are held, all others paid; claims; the bank's answers."""
    _answer(world, month)
    _leave(world, month, last)
    _pay(world, month)
    _claim(world, month)
    if month.month == 12:
        _year_end(world, month.year, last)


def _leave(world: World, month: date, last: date) -> None:
    random = world.random
    for fellow in [one for one in world.fellows if not one.gone and one.starts_on < month]:
        if random.random() > 0.008:
            continue
        ends_on = month + timedelta(days=random.randrange(0, 20))
        if ends_on >= fellow.ends_on:
            continue
        fellow.ends_on = ends_on
        world.count("terminations")
    for fellow in world.fellows:
        if not fellow.gone and not fellow.away_until and not fellow.held_krw and random.random() < 0.004:
            fellow.away_until = _month(month, 3)
            world.count("leaves")


def _release(world: World, fellow: Fellow, year: int, on: date) -> None:
    """What is still committed for her from `year` on goes back to the lab."""
    lines = []
    for held in [one for one in world.accounts.values() if one.code.split(":")[2] == f"sim-{fellow.number}"]:
        if held.kind == AccountKind.COMMITTED and held.fiscal_year >= year:
            held.refresh_from_db(fields=["balance_krw"])
            if held.balance_krw:
                lines += [
                    (held, -held.balance_krw),
                    (world.of(AccountKind.LAB, held.fiscal_year, lab=fellow.lab), held.balance_krw),
                ]
    if lines:
        post(Posting(f"sim:release:{fellow.number}:{on}", on, "Released", lines), by=None)
    fellow.gone = True
    world.count("releases")


def _replace(world: World, gone: Fellow, month: date) -> None:
    """Somebody else joins in her place, if what was given back to the lab carries the rest of the time."""
    if (world.last - month).days < 200:
        return
    opened = set(world.accounts)
    try:
        with transaction.atomic():
            _join(world, len(world.fellows), month, world.last, gone.lab)
            world.count("replaced")
    except OverBudget:
        for code in world.accounts.keys() - opened:  # what was opened for her went with the savepoint
            del world.accounts[code]
        world.count("not_replaced")


def _pay(world: World, month: date) -> None:
    """Everybody who works in the month is paid, or held and paid as arrears a month later."""
    random, postings = world.random, []
    pay_on = pay_day_of(month)
    for fellow in list(world.fellows):
        if fellow.gone or fellow.starts_on >= _month(month, 1):
            continue
        if fellow.ends_on < month and not fellow.held_krw:
            _release(world, fellow, month.year, month)
            _replace(world, fellow, month)
            continue
        if fellow.away_until and month < fellow.away_until:
            continue
        fellow.away_until = None
        extra = (Adjustment(code="arrears", amount_krw=fellow.held_krw),) if fellow.held_krw else ()
        case = Case(
            month=f"{month:%Y-%m}", salary_krw_a_year=fellow.salary_krw, starts_on=fellow.starts_on,
            ends_on=fellow.ends_on, tax_way=fellow.way, is_foreign_worker=fellow.is_foreign, adjustments=extra,
        )  # fmt: skip
        try:
            slip = world.slip(case)
        except BadCase:
            world.count("impossible")
            continue
        can_wait = month.month != 12 and fellow.ends_on >= _month(month, 2) and not fellow.held_krw
        if can_wait and random.random() < 0.01:
            fellow.held_krw = slip.gross_krw
            world.count("holds")
            continue
        fellow.held_krw = 0
        postings.append(_pay_posting(world, fellow, month, slip, pay_on))
        world.owed.append((f"{fellow.number}:{month:%Y-%m}", fellow.lab.institute, slip.net_krw))
        world.count("paid_lines")
    post_many(postings, by=None)


def _pay_posting(world: World, fellow: Fellow, month: date, slip: Any, pay_on: date) -> Posting:
    year, institute = month.year, fellow.lab.institute
    severance = accrued_krw(slip.gross_krw)
    lines = [
        (world.hers(AccountKind.COMMITTED, Purpose.SALARY, fellow, year), -slip.gross_krw),
        (world.of(AccountKind.SPENT, year, lab=fellow.lab, purpose=Purpose.SALARY), slip.gross_krw),
        (world.of(AccountKind.EXPENSE, year, institute=institute, purpose=Purpose.SALARY), slip.gross_krw),
        (world.of(AccountKind.PAYABLE, year, institute=institute), -slip.net_krw),
        (world.of(AccountKind.WITHHELD, year, institute=institute), -slip.deductions_krw - slip.employer_krw),
        (world.of(AccountKind.EXPENSE, year, institute=institute, purpose=Purpose.EMPLOYER), slip.employer_krw),
        (world.of(AccountKind.EXPENSE, year, institute=institute, purpose=Purpose.SEVERANCE), severance),
        (world.of(AccountKind.SEVERANCE, year, institute=institute), -severance),
    ]
    world.count("salaries_krw", slip.gross_krw)
    return Posting(f"sim:pay:{fellow.number}:{month:%Y-%m}", pay_on, "Pay", lines)


def _answer(world: World, month: date) -> None:
    """The bank answers what was owed: most is paid, a little comes back and is paid again."""
    random, postings, year = world.random, [], (month - timedelta(days=1)).year
    on = month - timedelta(days=1)
    for reference, institute, net in world.owed:
        lines = [
            (world.of(AccountKind.PAYABLE, year, institute=institute), net),
            (world.of(AccountKind.BANK, year, institute=institute), -net),
        ]
        if not net:
            continue
        postings.append(Posting(f"sim:paid:{reference}", on, "Paid", lines))
        if random.random() < 0.01:
            back = [(one, -amount) for one, amount in lines]
            postings.append(Posting(f"sim:returned:{reference}", on, "Returned", back))
            postings.append(Posting(f"sim:again:{reference}", on, "Paid again", lines))
            world.count("returned")
    world.owed = []
    post_many(postings, by=None)


def _claim(world: World, month: date) -> None:
    """Some claim what is left of their research funds; in December, most of it."""
    random, postings = world.random, []
    for fellow in world.fellows:
        if fellow.gone or not fellow.starts_on <= month <= fellow.ends_on:
            continue
        if random.random() > (0.9 if month.month == 12 else 0.25):
            continue
        fund = world.hers(AccountKind.COMMITTED, Purpose.RESEARCH_FUND, fellow, month.year)
        fund.refresh_from_db(fields=["balance_krw"])
        amount = min(fund.balance_krw, random.randrange(1, 40) * 500_000)
        if amount <= 0:
            continue
        institute = fellow.lab.institute
        lines = [
            (fund, -amount),
            (world.of(AccountKind.SPENT, month.year, lab=fellow.lab, purpose=Purpose.RESEARCH_FUND), amount),
            (world.of(AccountKind.EXPENSE, month.year, institute=institute, purpose=Purpose.RESEARCH_FUND), amount),
            (world.of(AccountKind.PAYABLE, month.year, institute=institute), -amount),
        ]
        postings.append(Posting(f"sim:claim:{fellow.number}:{month:%Y-%m}", month, "Claim", lines))
        world.owed.append((f"claim-{fellow.number}:{month:%Y-%m}", institute, amount))
        world.count("claims")
        world.count("claims_krw", amount)
    post_many(postings, by=None)


def _year_end(world: World, year: int, last: date) -> None:
    """What is left of research funds goes on or back, what labs have left is returned, the year closes."""
    _answer(world, date(year + 1, 1, 1))
    for fellow in world.fellows:
        goes_on = not fellow.gone and fellow.ends_on.year > year and last.year > year
        for purpose in (Purpose.SALARY, Purpose.RESEARCH_FUND):
            held = world.accounts.get(f"committed:{purpose}:sim-{fellow.number}:{year}")
            if held is None:
                continue
            held.refresh_from_db(fields=["balance_krw"])
            if not held.balance_krw:
                continue
            amount, lab = held.balance_krw, fellow.lab
            if goes_on and purpose == Purpose.RESEARCH_FUND:
                lines = [
                    (held, -amount),
                    (world.of(AccountKind.CARRIED, year, lab=lab), amount),
                    (world.of(AccountKind.CARRIED, year + 1, lab=lab), -amount),
                    (world.hers(AccountKind.COMMITTED, purpose, fellow, year + 1), amount),
                ]
                world.count("carried_krw", amount)
            else:
                lines = [(held, -amount), (world.of(AccountKind.LAB, year, lab=lab), amount)]
            post(Posting(f"sim:left:{fellow.number}:{purpose}:{year}", date(year, 12, 31), "Left", lines), by=None)
    _return(world, year)
    _carry_position(world, year)
    FiscalYear.objects.update_or_create(year=year, defaults={"state": "closed"})
    world.count("years_closed")


def _return(world: World, year: int) -> None:
    """What the labs have left of `year` goes back to the treasury."""
    lines = []
    for lab in world.labs:
        pot = world.of(AccountKind.LAB, year, lab=lab)
        pot.refresh_from_db(fields=["balance_krw"])
        if pot.balance_krw:
            amount, institute = pot.balance_krw, lab.institute
            lines += [
                (pot, -amount),
                (world.of(AccountKind.SOURCE, year), amount),
                (world.of(AccountKind.BANK, year, institute=institute), -amount),
                (world.of(AccountKind.INCOME, year, institute=institute), amount),
            ]
            world.count("returned_krw", amount)
    if lines:
        post(Posting(f"sim:return:{year}", date(year, 12, 31), "Returned to the treasury", lines), by=None)


def _carry_position(world: World, year: int) -> None:
    for institute in {lab.institute for lab in world.labs}:
        lines, total = [], 0
        for kind in (AccountKind.BANK, AccountKind.PAYABLE, AccountKind.WITHHELD, AccountKind.SEVERANCE):
            held = world.of(kind, year, institute=institute)
            held.refresh_from_db(fields=["balance_krw"])
            if held.balance_krw:
                later = world.of(kind, year + 1, institute=institute)
                lines += [(held, -held.balance_krw), (later, held.balance_krw)]
                total += held.balance_krw
        if total:
            lines += [
                (world.of(AccountKind.CARRIED, year, institute=institute), total),
                (world.of(AccountKind.CARRIED, year + 1, institute=institute), -total),
            ]
        if lines:
            post(Posting(f"sim:position:{institute.code}:{year}", date(year, 12, 31), "Position", lines), by=None)


def _balanced(turn: int) -> None:
    """The books sum to zero, no kept balance differs from its lines, and nothing is spent that is not there."""
    with connection.cursor() as cursor:
        cursor.execute(DIFFERING)
        differing = cursor.fetchall()
        cursor.execute("SELECT coalesce(sum(balance_krw), 0) FROM funding_account")
        total = int(cursor.fetchone()[0])
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
    overdrawn = Account.objects.filter(kind__in=GUARDED, balance_krw__lt=0).exists()
    if total or differing or overdrawn:
        raise Broken(f"month {turn}: sum {total}, differing {differing[:3]}, overdrawn {overdrawn}")


def _close(world: World, first: date, last: date) -> dict[str, Any]:
    """The programme ends: nothing stays committed, and what was given was spent or returned, to the won."""
    _answer(world, last + timedelta(days=1))
    for fellow in world.fellows:
        if not fellow.gone:
            _release(world, fellow, first.year, last)
    if not FiscalYear.objects.filter(year=last.year, state="closed").exists():
        _return(world, last.year)
    kept = Account.objects.filter(pk__in=[one.pk for one in world.accounts.values()], kind__in=OPEN)
    open_krw = sum(kept.values_list("balance_krw", flat=True))
    spent_on = Account.objects.filter(pk__in=[one.pk for one in world.accounts.values()], kind=AccountKind.SPENT)
    spent = sum(spent_on.values_list("balance_krw", flat=True))
    counted = world.counts.get("salaries_krw", 0) + world.counts.get("claims_krw", 0)
    if spent != counted:
        raise Broken(f"the books say that {spent} was spent, the slips and claims {counted}")
    given, back = world.counts["appropriated_krw"], world.counts.get("returned_krw", 0)
    if open_krw or given != spent + back:
        raise Broken(f"given {given:,}, spent {spent:,}, returned {back:,}, open {open_krw:,}")
    with connection.cursor() as cursor:
        cursor.execute(DIFFERING)
        if wrong := cursor.fetchall():
            raise Broken(f"{len(wrong)} kept balances differ from their lines")
    return {"closes": True, "spent_krw": spent, **world.counts}


def main() -> int:
    """The labs of the programme, 400 fellows, five years; one JSON line."""
    call_command("migrate", verbosity=0)
    load_reference()
    found = simulate(400, 60)
    sys.stdout.write(json.dumps({"bench": "simulation", "fellows": 400, "months": 60, **found}) + "\n")
    return 0
