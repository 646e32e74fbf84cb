"""The months one after the other: what happens on which day, and what is checked at the end of each."""

from datetime import date, timedelta
from typing import Any

import time_machine
from django.db import transaction

from bench.simulation import changing, checks, claiming, joining, paying, tables, year_end
from bench.simulation.world import World, begin, month_after

AFTERWARDS = 3


def run(fellows: int, months: int, seed: int, pace: float) -> dict[str, Any]:
    """The whole simulation; its counts and sums."""
    with time_machine.travel(0, tick=False) as clock:
        with transaction.atomic():
            world = begin(fellows, months, seed, clock)
            world.pace = pace
            joining.appropriate(world, fellows)
            joining.first_fellows(world, fellows)
        checks.books(world.first)
        for turn in range(months):
            month = month_after(world.first, turn)
            _desk(world, month)
            _payroll(world, month)
            checks.books(month)
        for turn in range(months, months + AFTERWARDS):
            _desk(world, month_after(world.first, turn))
        with transaction.atomic():
            year_end.close(world, world.last.year)
        checks.books(world.last)
        sums = checks.closing(world.counts)
    return {
        "closes": True,
        **sums,
        **dict(sorted(world.counts.items())),
        "refused": dict(sorted(world.refused.items())),
    }


@transaction.atomic
def _desk(world: World, month: date) -> None:
    """The first half of a month: debts and changes; in January the year before is closed."""
    is_over = month > world.last
    world.at(month, 6)
    changing.keep_terms(world)
    world.at(month + timedelta(days=1))
    paying.pay_again(world)
    paying.release_held(world, all_of_them=is_over)
    paying.answer(world, all_arrive=is_over or month.month == 1)
    if not is_over:
        world.at(month + timedelta(days=3))
        changing.change(world, month + timedelta(days=3), share=0.6)
        joining.fill_vacancies(world, month)
    paying.pay_severance(world, world.at(month + timedelta(days=7)))
    paying.answer(world, all_arrive=month.month == 1)
    claiming.statement(world, world.at(month + timedelta(days=9)), (month - timedelta(days=1)).year)
    if month.month == 1 and not is_over:
        world.at(month + timedelta(days=11))
        year_end.close(world, month.year - 1)
        checks.commitments(month.year)


@transaction.atomic
def _payroll(world: World, month: date) -> None:
    """The second half: new rates, the month's pay, claims, late changes, the bank's answers."""
    new = tables.upcoming(month)
    world.at(month + timedelta(days=13))
    if new is not None:
        paying.refused_without_rates(world, month)
        tables.upload(world, new)
    paying.pay(world, month)
    tables.check(month)
    if month.month % 3 == 0:
        claiming.claim(world, world.at(month + timedelta(days=17)))
    changing.change(world, world.at(month + timedelta(days=19)), share=0.4)
    world.at(month + timedelta(days=25))
    paying.answer(world)
