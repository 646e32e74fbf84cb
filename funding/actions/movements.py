"""Money between labs, years and the treasury: asked for, approved by another person, then entered in the books."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from common.audit import record
from common.gestures import action
from common.refusals import Refusal, SamePersonTwice
from common.states import lock, move
from fellowships.models import Appointment, Offer
from funding.actions.budget import day_in, lock_standing
from funding.ledger import Posting, account, post
from funding.models import Account, Agreement, Entry, Movement, PayLine, Tranche
from funding.queries.encumbering import Payers
from funding.queries.payroll import held_in
from funding.queries.rules import value_of
from funding.states import BY_MINISTRY, AccountKind, MovementKind, MovementState, Purpose, RuleCode
from labs.models import Institute, Lab
from people.models import User
from people.states import Role

POSITION = (
    AccountKind.BANK,
    AccountKind.PAYABLE,
    AccountKind.WITHHELD,
    AccountKind.SEVERANCE,
    AccountKind.RECEIVABLE,
    AccountKind.CARD,
)


class MovementRefused(Refusal):
    words = _("This movement cannot be made so.")


class MinistryApproves(Refusal):
    words = _("The ministry approves this: it is above what the institute itself may move, or it leaves the year.")


@dataclass(frozen=True)
class Wish:
    """What is to move: kind, year, won, why; the labs at its ends where it has them."""

    kind: str
    fiscal_year: int
    amount_krw: int
    reason: str
    from_lab: Lab | None = None
    to_lab: Lab | None = None


@action
def ask_movement(institute: Institute, wish: Wish, *, by: User) -> Movement:
    """Ask for a movement of `institute`'s budget. Nothing moves before another person approves it.

    Refuses labs of another institute, ends that do not fit the kind, nothing to move, and more than is there.
    """
    ends = {
        MovementKind.TRANSFER: (True, True),
        MovementKind.TAKE_BACK: (True, False),
        MovementKind.CARRY_OVER: (True, False),
    }.get(MovementKind(wish.kind), (False, False))
    if (wish.from_lab is not None, wish.to_lab is not None) != ends or (wish.to_lab and wish.to_lab == wish.from_lab):
        raise MovementRefused(_("The labs do not fit this kind of movement."), field="from_lab")
    if any(lab is not None and lab.institute_id != institute.pk for lab in (wish.from_lab, wish.to_lab)):
        raise MovementRefused(_("This lab belongs to another institute."), field="from_lab")
    if wish.amount_krw <= 0 or not wish.reason.strip():
        raise MovementRefused(_("Say how much and why."), field="reason")
    _refuse_more_than_free(institute, wish)
    made = Movement.objects.create(institute=institute, asked_by=by, **vars(wish))
    record("funding.movement.asked", made, by=by, after={"amount_krw": wish.amount_krw}, note=wish.reason)
    return made


@action
def approve_movement(movement: Movement, *, by: User) -> Movement:
    """Another person approves, and it is entered in the books. Refuses with `OverBudget` more than is there.

    Up to the limit in force another finance officer approves a transfer; above it, and what leaves the year, the
    ministry does.
    """
    lock(movement)
    if by.pk == movement.asked_by_id:
        raise SamePersonTwice
    needs_ministry = movement.kind in BY_MINISTRY
    if movement.kind == MovementKind.TRANSFER:
        needs_ministry = movement.amount_krw > value_of(RuleCode.TRANSFER_LIMIT_KRW, timezone.localdate())
    if needs_ministry and not by.holds(Role.MINISTRY):
        raise MinistryApproves
    entry = _enter(movement, by)
    return move(movement, MovementState.APPROVED, by=by, entry=entry)


@action
def refuse_movement(movement: Movement, *, by: User) -> Movement:
    """Refuse it; nothing moves."""
    return move(movement, MovementState.REFUSED, by=by)


def _refuse_more_than_free(institute: Institute, wish: Wish) -> None:
    """What others asked for and nobody decided yet counts as gone; interest is not a budget."""
    if wish.kind == MovementKind.INTEREST_BACK:
        return
    if wish.from_lab is not None:
        source = {"kind": AccountKind.LAB, "lab": wish.from_lab}
    else:
        source = {"kind": AccountKind.INSTITUTE, "institute": institute, "lab": None}
    found = Account.objects.filter(fiscal_year=wish.fiscal_year, **source)
    waiting = Movement.objects.filter(
        institute=institute, fiscal_year=wish.fiscal_year, from_lab=wish.from_lab, state=MovementState.ASKED
    ).exclude(kind=MovementKind.INTEREST_BACK)
    free = sum(row.balance_krw for row in found) - sum(row.amount_krw for row in waiting)
    if wish.amount_krw > free:
        raise MovementRefused(
            _("₩%(free)s of %(year)s are free there: what is committed, or asked for already, cannot move."),
            field="amount_krw",
            free=f"{max(free, 0):,}",
            year=wish.fiscal_year,
        )


def _enter(movement: Movement, by: User) -> Entry:
    year, amount, institute = movement.fiscal_year, movement.amount_krw, movement.institute
    source = account(AccountKind.LAB, year, lab=movement.from_lab) if movement.from_lab else None
    kept = account(AccountKind.INSTITUTE, year, institute=institute)
    if movement.kind == MovementKind.TRANSFER:
        lines = [(account(AccountKind.LAB, year, lab=movement.to_lab), amount)]
    elif movement.kind == MovementKind.TAKE_BACK:
        lines = [(kept, amount)]
    elif movement.kind == MovementKind.CARRY_OVER:
        lines = [
            (account(AccountKind.CARRIED, year, lab=movement.from_lab), amount),
            (account(AccountKind.CARRIED, year + 1, lab=movement.from_lab), -amount),
            (account(AccountKind.LAB, year + 1, lab=movement.from_lab), amount),
        ]
    else:
        is_interest = movement.kind == MovementKind.INTEREST_BACK
        purpose = Purpose.INTEREST if is_interest else Purpose.NONE
        lines = [
            (account(AccountKind.BANK, year, institute=institute), -amount),
            (account(AccountKind.INCOME, year, institute=institute, purpose=purpose), amount),
        ]
        if not is_interest:
            lines += [(kept, -amount), (account(AccountKind.SOURCE, year), amount)]
    if source is not None:
        lines.append((source, -amount))
    words = f"{MovementKind(movement.kind).value}: {movement.institute.code} {year}"
    return post(Posting(f"movement:{movement.key}", day_in(year), words, lines, movement), by=by)


@action
def carry_position(institute: Institute, year: int, *, by: User) -> Entry | None:
    """Carry what the institute owns and owes at the end of `year` into the next: bank, debts, severance, matched money.

    Each balance leaves the year over the account of what is carried, so that both years sum to zero by themselves.
    Carrying twice is carrying once: what is left is nothing.
    """
    rows = Account.objects.select_for_update().filter(
        institute=institute, lab=None, offer=None, fiscal_year=year, kind__in=POSITION
    )
    lines: list[tuple[Account, int]] = []
    total = 0
    for row in rows.exclude(balance_krw=0).order_by("pk"):
        later = account(row.kind, year + 1, institute=institute, purpose=row.purpose)
        lines += [(row, -row.balance_krw), (later, row.balance_krw)]
        total += row.balance_krw
    lines += _matched_carried(institute, year)
    if not lines:
        return None
    if total:
        lines += [
            (account(AccountKind.CARRIED, year, institute=institute), total),
            (account(AccountKind.CARRIED, year + 1, institute=institute), -total),
        ]
    number = Entry.objects.filter(event__startswith=f"position:{institute.code}:{year}:").count()
    event, words = f"position:{institute.code}:{year}:{number}", f"Position carried: {institute.code} {year}"
    entry = post(Posting(event, date(year, 12, 31), words, lines, institute), by=by)
    record("funding.position.carried", institute, by=by, after={"year": year, "total_krw": total})
    return entry


def _matched_carried(institute: Institute, year: int) -> list[tuple[Account, int]]:
    """What is left of matched money stays its lab's in the next year: a partner gave it, no budget year."""
    lines = []
    rows = Account.objects.select_for_update(of=("self",)).filter(
        lab__institute=institute, fiscal_year=year, kind=AccountKind.MATCHED, balance_krw__gt=0
    )
    for row in rows.select_related("lab").order_by("pk"):
        lines += [
            (row, -row.balance_krw),
            (account(AccountKind.CARRIED, year, lab=row.lab), row.balance_krw),
            (account(AccountKind.CARRIED, year + 1, lab=row.lab), -row.balance_krw),
            (account(AccountKind.MATCHED, year + 1, lab=row.lab), row.balance_krw),
        ]
    return lines


@action
def carry_commitment(held: Account, *, by: User) -> Entry:
    """Carry what is still committed to a fellow for one year and purpose into her next year, held pay with it.

    Refuses anything but a commitment. Of a term that ends in this year only the pay that is held goes on; the rest is
    released.
    """
    lock(held)
    offer = held.offer
    if held.kind != AccountKind.COMMITTED or offer is None or held.balance_krw <= 0:
        raise MovementRefused(_("Nothing is committed on this account any more."))
    lines = _held_on(held)
    amount = held.balance_krw
    if _last_day(offer).year <= held.fiscal_year:
        amount = min(amount, sum(line.gross_krw for line in lines))
        if not amount:
            raise MovementRefused(_("The term ends in this year: what is left is released, not carried over."))
    for line in lines:
        _carry_line(line, by)
    return _carry(held, amount, by)


def _last_day(offer: Offer) -> date:
    """Of the term as it stands: an appointment may have been extended since the offer, or ended early."""
    appointment = Appointment.objects.filter(offer=offer).first()
    return offer.ends_on if appointment is None else appointment.ends_on


@action
def carry_held(line: PayLine, *, by: User) -> PayLine:
    """Carry held pay over the end of its year, with as much of its commitment as is left: it is paid in the next.

    Refuses what is not held in a released payroll, and a year that is not over.
    """
    lock(line)
    year = line.fiscal_year
    if not held_in(year).filter(pk=line.pk).exists():
        raise MovementRefused(_("Only held pay of a released payroll is carried over."))
    if year >= timezone.localdate().year:
        raise MovementRefused(_("The year of this pay is not over yet."))
    mine: dict[str, Any] = {"kind": AccountKind.COMMITTED, "purpose": Purpose.SALARY, "fiscal_year": year}
    held = Account.objects.select_for_update().filter(offer=line.appointment.offer, **mine).first()
    if held is not None and held.balance_krw > 0:
        _carry(held, min(line.gross_krw, held.balance_krw), by)
    return _carry_line(line, by)


def _held_on(held: Account) -> list[PayLine]:
    """Held pay that waits for what is committed on this account."""
    if held.purpose != Purpose.SALARY:
        return []
    return list(held_in(held.fiscal_year).filter(appointment__offer=held.offer_id).select_for_update(of=("self",)))


def _carry_line(line: PayLine, by: User) -> PayLine:
    line.books_year = line.fiscal_year + 1
    line.save(update_fields=["books_year"])
    record("funding.payroll.held_carried", line, by=by, after={"year": line.books_year})
    return line


def _carry(held: Account, amount_krw: int, by: User) -> Entry:
    offer, year = held.offer, held.fiscal_year
    assert offer is not None
    lab = offer.call_lab.lab
    lines = [
        (held, -amount_krw),
        (account(AccountKind.CARRIED, year, lab=lab), amount_krw),
        (account(AccountKind.CARRIED, year + 1, lab=lab), -amount_krw),
        (account(AccountKind.COMMITTED, year + 1, lab=lab, offer=offer, purpose=held.purpose), amount_krw),
    ]
    before = Entry.objects.filter(event__startswith=f"carry:{offer.key}:{held.purpose}:{year}").count()
    event = f"carry:{offer.key}:{held.purpose}:{year}:{before}"
    return post(Posting(event, date(year, 12, 31), f"Carried over: {held.code}", lines, offer), by=by)


@action
def release_commitment(held: Account, *, by: User) -> Entry:
    """Give what is left of one year's commitment back to the lab: the year or the term has ended.

    What held pay waits for stays: such pay is released, or carried over with its commitment.
    """
    lock(held)
    offer = held.offer
    if held.kind != AccountKind.COMMITTED or offer is None or held.balance_krw <= 0:
        raise MovementRefused(_("Nothing is committed on this account any more."))
    amount = held.balance_krw - sum(line.gross_krw for line in _held_on(held))
    if amount <= 0:
        raise MovementRefused(_("What is left here is pay that is held: release that pay, or carry it over."))
    lab = account(AccountKind.LAB, held.fiscal_year, lab=Payers(offer).of(held.fiscal_year))
    lines = [(held, -amount), (lab, amount)]
    number = Entry.objects.filter(event__startswith=f"free:{held.key}:").count()
    words = f"Released: {held.code}"
    return post(Posting(f"free:{held.key}:{number}", day_in(held.fiscal_year), words, lines, offer), by=by)


@action
def plan_tranche(agreement: Agreement, *, by: User, due_on: date, amount_krw: int) -> Tranche:
    """Say when a part of an agreement's contribution is due. Refuses more than is agreed and not received."""
    lock_standing(agreement)
    rows = Tranche.objects.filter(agreement=agreement, reversed_at=None)
    planned = sum(rows.values_list("amount_krw", flat=True))
    owed = account(AccountKind.RECEIVABLE, agreement.fiscal_year, institute=agreement.institute)
    received = sum(rows.filter(received_on__isnull=False).values_list("amount_krw", flat=True))
    if planned + amount_krw > agreement.amount_krw or planned - received + amount_krw > owed.balance_krw:
        raise MovementRefused(_("The tranches would come to more than is agreed and not received."), field="amount_krw")
    made = Tranche.objects.create(agreement=agreement, due_on=due_on, amount_krw=amount_krw, planned_by=by)
    record("funding.tranche.planned", made, by=by, after={"amount_krw": amount_krw, "due_on": due_on})
    return made


@action
def receive_tranche(tranche: Tranche, *, by: User, received_on: date, reference: str) -> Tranche:
    """The institute says that a tranche came in; the bank holds more, and less is owed to it.

    Refuses a day that is still to come, and what no reference of the bank stands for.
    """
    lock(tranche)
    if by.pk == tranche.planned_by_id:
        raise SamePersonTwice
    if received_on > timezone.localdate():
        raise MovementRefused(_("This day is still to come."), field="received_on")
    if not reference.strip():
        raise MovementRefused(_("Give the reference on the bank's statement."), field="reference")
    if tranche.received_on is None:
        agreement = lock_standing(tranche.agreement)
        lines = [
            (account(AccountKind.BANK, agreement.fiscal_year, institute=agreement.institute), tranche.amount_krw),
            (
                account(AccountKind.RECEIVABLE, agreement.fiscal_year, institute=agreement.institute),
                -tranche.amount_krw,
            ),
        ]
        post(Posting(f"tranche:{tranche.key}", received_on, f"Tranche: {agreement}", lines, tranche), by=by)
        tranche.received_on, tranche.received_by = received_on, by
        tranche.save(update_fields=["received_on", "received_by"])
        record("funding.tranche.received", tranche, by=by, after={"received_on": received_on}, note=reference[:300])
    return tranche
