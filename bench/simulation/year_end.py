"""The end of a fiscal year: what is left is carried over or goes back to the treasury; two people close the year."""

from datetime import date

from django.db import transaction

from bench.simulation import paying
from bench.simulation.checks import Broken
from bench.simulation.world import World
from common.refusals import Refusal
from funding import ledger
from funding.actions import movements, years
from funding.models import Account
from funding.states import AccountKind, MovementKind, Purpose, YearState
from labs.models import Institute, Lab


def close(world: World, year: int) -> None:
    """Settle and close `year`; it takes no entry afterwards."""
    is_last = year == world.last.year
    paying.carry_held(world, year)
    _commitments(world, year, is_last=is_last)
    for institute in world.institutes:
        _allotments(world, institute, year, is_last=is_last)
    change = years.ask_year(year, by=world.staff["prepares"], to=YearState.CLOSED, reason="The year is over.")
    closed = years.confirm_year(change, by=world.staff["ministry"])
    if closed.state != YearState.CLOSED:
        raise Broken(f"{year} did not close")
    _refuses(world, year)
    world.counts["years_closed"] += 1


def _commitments(world: World, year: int, *, is_last: bool) -> None:
    """Research funds of who goes on are mostly carried with her; everything else that is left is released."""
    left = Account.objects.filter(kind=AccountKind.COMMITTED, fiscal_year=year, balance_krw__gt=0)
    for row in left.select_related("offer__appointment", "offer__call_lab__lab").order_by("pk"):
        assert row.offer is not None
        goes_on = row.offer.appointment.ends_on.year > year
        if row.purpose == Purpose.RESEARCH_FUND and goes_on and not is_last and world.chance(0.7):
            world.counts["carried_krw"] += row.balance_krw
            world.counts["funds_carried"] += 1
            movements.carry_commitment(row, by=world.staff["prepares"])
        else:
            world.counts["released"] += 1
            movements.release_commitment(row, by=world.staff["prepares"])


def _allotments(world: World, institute: Institute, year: int, *, is_last: bool) -> None:
    """A lab keeps a part for the next year now and then; the rest goes by the institute back to the treasury."""
    left = Account.objects.filter(kind=AccountKind.LAB, fiscal_year=year, institute=institute, balance_krw__gt=0)
    for row in left.select_related("lab").order_by("pk"):
        rest = row.balance_krw
        if not is_last and rest > 1 and world.chance(0.25):
            _move(world, institute, MovementKind.CARRY_OVER, year, rest // 2, row.lab)
            rest -= rest // 2
        _move(world, institute, MovementKind.TAKE_BACK, year, rest, row.lab)
    kept = Account.objects.filter(kind=AccountKind.INSTITUTE, fiscal_year=year, institute=institute).first()
    if kept is not None and kept.balance_krw:
        world.counts["returned_krw"] += kept.balance_krw
        _move(world, institute, MovementKind.GIVE_BACK, year, kept.balance_krw)


def _move(world: World, institute: Institute, kind: str, year: int, amount_krw: int, lab: Lab | None = None) -> None:
    wish = movements.Wish(kind, year, amount_krw, "The year is over.", from_lab=lab)
    asked = movements.ask_movement(institute, wish, by=world.staff["prepares"])
    movements.approve_movement(asked, by=world.staff["ministry"])
    world.counts[kind] += 1


def _refuses(world: World, year: int) -> None:
    """A closed year takes nothing."""
    lines = [
        (ledger.account(AccountKind.SOURCE, year), -1),
        (ledger.account(AccountKind.PROGRAMME, year), 1),
    ]
    try:
        with transaction.atomic():
            ledger.post(ledger.Posting(f"late:{year}", date(year, 12, 31), "Late", lines), by=None)
    except Refusal as refusal:
        world.refuse(refusal)
        return
    raise Broken(f"{year} is closed and took an entry")
