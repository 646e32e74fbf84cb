"""Before a change is decided: everything that it moves, in days, pay, commitments, claims, duties."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any

from django.db.models import Sum
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from fellowships.models import Appointment
from fellowships.onboarding import ARRIVAL, END
from fellowships.queries.changes import standing_of
from fellowships.versions import END_EARLY, LAB, START, Change, Standing, changed
from funding.ledger import unopened
from funding.models import Account, Adjustment, Claim, PayLine
from funding.queries.encumbering import Move, Payers, by_year, moves_of, recharges_of
from funding.states import AccountKind, AdjustmentCode, ClaimState, PayrollState, Purpose
from funding.terms import cost_of_standing, months_between, pay_of_month, severance_krw, spread_recovery
from labs.models import Lab

Words = str | Promise
NOTICE_WITHIN = timedelta(days=15)  # Immigration Act, article 19 (1)
OPEN_CLAIMS = (ClaimState.SUBMITTED, ClaimState.CHECKED, ClaimState.APPROVED, ClaimState.RELEASED)
NOT_BOOKED = (ClaimState.SUBMITTED, ClaimState.CHECKED)
BOOKED = (PayrollState.RELEASED, PayrollState.PAID)


@dataclass(frozen=True)
class MonthMoved:
    """A month whose gross changes: what it was to be, what it becomes, and what is booked of it already."""

    month: date
    was_krw: int
    is_krw: int
    booked_krw: int = 0
    in_preview: bool = False

    @property
    def recovered_krw(self) -> int:
        """What was paid beyond what is due, without what a change before this one recovers already."""
        return max(min(self.booked_krw, self.was_krw) - self.is_krw, 0)


@dataclass(frozen=True)
class Preview:
    """Everything that a change would move."""

    kind: str
    now: Standing
    then: Standing
    months: list[MonthMoved]
    moves: list[Move]
    missing: dict[int, tuple[int, int]]
    due: list[tuple[str, date, date]] = field(default_factory=list)
    claims: list[Claim] = field(default_factory=list)
    severance_krw: int = 0
    visa_notice_on: date | None = None
    entries: list[tuple[str, int]] = field(default_factory=list)
    recoveries: list[tuple[date, int]] = field(default_factory=list)
    stranded: list[Adjustment] = field(default_factory=list)
    settled_krw: int = 0
    settles_in_books: bool = False
    recharges: dict[int, int] = field(default_factory=dict)

    @property
    def rows(self) -> list[tuple[Words, Any, Any]]:
        """What the appointment says, before and after, where it differs."""
        pairs: list[tuple[Words, Any, Any]] = [
            (_("First day"), self.now.starts_on, self.then.starts_on),
            (_("Last day"), self.now.ends_on, self.then.ends_on),
        ]
        return [row for row in pairs if row[1] != row[2]]

    @property
    def labs(self) -> tuple[str, str] | None:
        return (self.now.lab, self.then.lab) if self.now.lab != self.then.lab else None

    @property
    def last_pay(self) -> MonthMoved | None:
        """The month of the last pay, for an end."""
        last = self.then.ends_on.replace(day=1)
        return next((row for row in self.months if row.month == last), None)

    @property
    def recovered_krw(self) -> int:
        """What was paid beyond what is due, and what was to be kept from pay that there will not be any more."""
        return sum(row.recovered_krw for row in self.months) - sum(row.amount_krw for row in self.stranded)

    @property
    def owed_krw(self) -> int:
        """What no later pay is there to keep it from: she pays it back."""
        return self.recovered_krw - sum(amount for _month, amount in self.recoveries)

    @property
    def owed_by_year(self) -> dict[int, int]:
        """The same by the fiscal year in which it was paid: the last months of what was paid beyond.

        What an earlier change was to recover is of the year of her last pay.
        """
        left, sums = self.owed_krw, dict[int, int]()
        for row in sorted(self.months, key=lambda row: row.month, reverse=True):
            if part := min(left, row.recovered_krw):
                sums[row.month.year] = sums.get(row.month.year, 0) + part
                left -= part
        if left:
            sums[self.then.ends_on.year] = sums.get(self.then.ends_on.year, 0) + left
        return sums

    @property
    def released_krw(self) -> int:
        """What the lab gets back, over all years."""
        return -sum(move.change_krw for move in self.moves if move.change_krw < 0)

    @property
    def taken_krw(self) -> int:
        """What more is taken from the lab's allotments, over all years."""
        return sum(move.change_krw for move in self.moves if move.change_krw > 0)

    @property
    def under_way(self) -> list[date]:
        """Months whose pay is computed and not yet booked: that preview would be out of date."""
        return [row.month for row in self.months if row.in_preview]

    @property
    def pay_krw(self) -> int:
        """By how much the pay of the whole term changes."""
        return sum(row.is_krw - row.was_krw for row in self.months)

    def facts(self) -> dict[str, Any]:
        """What the decision rests on, as plain data kept with the version."""
        return {
            "pay_krw": self.pay_krw,
            "released_krw": self.released_krw,
            "taken_krw": self.taken_krw,
            "recovered_krw": self.recovered_krw,
            "recoveries": [[month.isoformat(), amount] for month, amount in self.recoveries],
            "owed_krw": self.owed_krw,
            "recharges": [[year, amount] for year, amount in self.recharges.items()],
            "severance_krw": self.severance_krw,
            "severance_settled_krw": self.settled_krw,
            "visa_notice_on": self.visa_notice_on.isoformat() if self.visa_notice_on else None,
            "open_claims": [claim.key for claim in self.claims],
            "due": [[title, was.isoformat(), then.isoformat()] for title, was, then in self.due],
            "entries": [[code, amount] for code, amount in self.entries],
        }


def preview_of(
    appointment: Appointment, change: Change, *, needs_notice: bool = False, for_update: bool = False
) -> Preview:
    """What `change` would move; `for_update` locks the accounts, for the action that carries it out."""
    now = standing_of(appointment)
    then = changed(now, change)
    claims = list(appointment.claims.filter(state__in=OPEN_CLAIMS).select_related("category").order_by("pk"))
    ends = change.kind == END_EARLY
    lines = {line.month: line for line in PayLine.objects.filter(appointment=appointment).select_related("run")}
    months = _months(lines, now, then)
    kept, stranded = _recoveries_waiting(appointment, now, then)
    beyond = sum(row.recovered_krw for row in months) - sum(row.amount_krw for row in stranded)
    recoveries = _recoveries(then, lines, kept, beyond)
    moves = _moves(appointment, now, then, _due_by_year(then, lines, kept, recoveries), for_update=for_update)
    payers = Payers(appointment.offer)
    is_moved = change.kind == LAB and change.from_on is not None
    recharges = recharges_of(appointment.offer, now, change.from_on) if is_moved and change.from_on else {}
    preview = Preview(
        kind=change.kind,
        now=now,
        then=then,
        months=months,
        moves=moves,
        missing=_missing(payers, moves) | _lacking(change.lab, recharges),
        due=_due(appointment, now, then) if change.kind == START else [],
        claims=claims if ends else [],
        severance_krw=severance_krw(then) if ends else 0,
        visa_notice_on=then.ends_on + NOTICE_WITHIN if ends and needs_notice else None,
        recoveries=recoveries,
        stranded=stranded,
        settled_krw=_settled_krw(then, lines),
        settles_in_books=any(_is_booked(line) and line.month == then.ends_on.replace(day=1) for line in lines.values()),
        recharges=recharges,
    )
    return replace(preview, entries=_entries(appointment, preview, payers))


def _moves(
    appointment: Appointment, now: Standing, then: Standing, due: Mapping[int, int], *, for_update: bool
) -> list[Move]:
    was, wanted = cost_of_standing(now), cost_of_standing(then)
    if was == wanted:
        return []
    waiting = appointment.claims.filter(state__in=NOT_BOOKED).order_by()
    keep = dict(waiting.values_list("fiscal_year").annotate(Sum("amount_krw")))
    found = moves_of(appointment.offer, was, wanted, due=due, keep=keep, for_update=for_update)
    return [move for move in found if move.change_krw]


def _is_booked(line: PayLine) -> bool:
    return line.run.state in BOOKED and not line.is_held


def _due_by_year(
    then: Standing,
    lines: Mapping[date, PayLine],
    kept: Iterable[Adjustment],
    recoveries: Iterable[tuple[date, int]],
) -> dict[int, int]:
    """The salary that is still to be paid, by the fiscal year that pays it, less what is kept from it."""
    sums: dict[int, int] = {}
    for at in months_between(then.starts_on, then.ends_on):
        line = lines.get(date(*at, 1))
        if line is not None and _is_booked(line):
            continue
        is_computed = line is not None and line.gross_krw
        year, amount = (line.fiscal_year, line.gross_krw) if line and is_computed else (at[0], pay_of_month(then, *at))
        sums[year] = sums.get(year, 0) + amount
    approved = [(row.month, row.amount_krw) for row in kept if row.approved_at is not None]
    for month, amount in [*approved, *((month, -amount) for month, amount in recoveries)]:
        sums[month.year] = sums.get(month.year, 0) + amount
    return sums


def _recoveries_waiting(
    appointment: Appointment, now: Standing, then: Standing
) -> tuple[list[Adjustment], list[Adjustment]]:
    """What is to be kept from pay to come already; and of that what its month no longer carries after the change."""
    rows = Adjustment.objects.filter(
        appointment=appointment, code=AdjustmentCode.RECOVERY, pay_line=None, withdrawn_at=None
    ).order_by("month", "pk")
    waiting = list(rows)
    sums = by_month([(row.month, -row.amount_krw) for row in waiting])
    lost = set()
    for month, amount in sums.items():
        was, becomes = (pay_of_month(each, month.year, month.month) for each in (now, then))
        if was != becomes and amount > becomes // 2:
            lost.add(month)
    stranded = [row for row in waiting if row.month in lost and row.approved_at is not None]
    return [row for row in waiting if row not in stranded], stranded


def by_month(rows: Iterable[tuple[date, int]]) -> dict[date, int]:
    """The sums of (month, won) by month."""
    sums: dict[date, int] = {}
    for month, amount in rows:
        sums[month] = sums.get(month, 0) + amount
    return sums


def _settled_krw(then: Standing, lines: Mapping[date, PayLine]) -> int:
    """What severance lacks of what is due at the end, where the slip of the last month is there: no later one settles
    it. Below 0 where more accrued than is due.
    """
    if then.ends_on.replace(day=1) not in lines:
        return 0
    return severance_krw(then) - sum(line.severance_krw for line in lines.values())


def _months(lines: Mapping[date, PayLine], now: Standing, then: Standing) -> list[MonthMoved]:
    first, last = min(now.starts_on, then.starts_on), max(now.ends_on, then.ends_on)
    rows = []
    for year, month in months_between(first, last):
        was, becomes = pay_of_month(now, year, month), pay_of_month(then, year, month)
        line = lines.get(date(year, month, 1))
        if was == becomes:
            continue
        is_booked = line is not None and _is_booked(line)
        rows.append(
            MonthMoved(
                month=date(year, month, 1),
                was_krw=was,
                is_krw=becomes,
                booked_krw=line.gross_krw if line is not None and is_booked else 0,
                in_preview=line is not None and not is_booked,
            )
        )
    return rows


def _recoveries(
    then: Standing, lines: Mapping[date, PayLine], kept: Iterable[Adjustment], owed_krw: int
) -> list[tuple[date, int]]:
    """What is kept from pay that is still to come, by month, beside what waits there to be kept already."""
    if not owed_krw:
        return []
    booked = max(lines, default=date.min)
    waiting = by_month([(row.month, row.amount_krw) for row in kept])
    left = [(date(*at, 1), at) for at in months_between(then.starts_on, then.ends_on) if date(*at, 1) > booked]
    return spread_recovery(
        owed_krw, [(month, pay_of_month(then, *at) + 2 * waiting.get(month, 0)) for month, at in left]
    )


def _missing(payers: Payers, moves: Iterable[Move]) -> dict[int, tuple[int, int]]:
    """By fiscal year: what the paying lab's allotment lacks, and what it has."""
    need = by_year((move.fiscal_year, move.change_krw) for move in moves)
    found: dict[int, tuple[int, int]] = {}
    for code in {payers.of(year).code for year in need}:
        found |= _lacking(code, {year: amount for year, amount in need.items() if payers.of(year).code == code})
    return found


def _lacking(lab: str, need: Mapping[int, int]) -> dict[int, tuple[int, int]]:
    """By fiscal year: what the allotment of the lab of that code lacks for `need`, and what it has."""
    rows = Account.objects.filter(kind=AccountKind.LAB, lab__code=lab, fiscal_year__in=need)
    there = dict(rows.values_list("fiscal_year", "balance_krw")) if need else {}
    return {
        year: (amount - there.get(year, 0), there.get(year, 0))
        for year, amount in need.items()
        if amount > there.get(year, 0)
    }


def _due(appointment: Appointment, now: Standing, then: Standing) -> list[tuple[str, date, date]]:
    """Items of the checklist that become due on another day."""
    items = list(appointment.onboarding.order_by("due_on", "position"))
    arrival = next((item.expected_on for item in items if item.code == ARRIVAL), None)
    counted = [item for item in items if item.is_waiting and item.demand.counts_from != END]
    rows = [(item.title, item.due_on, item.demand.due_on(then.starts_on, arrival)) for item in counted]
    return [row for row in rows if row[1] != row[2]]


def _entries(appointment: Appointment, preview: Preview, payers: Payers) -> list[tuple[str, int]]:
    """The lines that will be posted, as (account, won): what is committed otherwise, and what she comes to owe."""
    offer = appointment.offer
    lab = offer.call_lab.lab
    sums: dict[str, int] = {}
    new = Lab.objects.get(code=preview.then.lab) if preview.recharges else lab
    for year, amount in preview.recharges.items():
        for payer, signed in ((payers.of(year), amount), (new, -amount)):
            code = unopened(AccountKind.LAB, year, lab=payer).code
            sums[code] = sums.get(code, 0) + signed
    for move in preview.moves:
        taken = unopened(AccountKind.LAB, move.fiscal_year, lab=payers.of(move.fiscal_year)).code
        held = unopened(AccountKind.COMMITTED, move.fiscal_year, lab=lab, offer=offer, purpose=move.purpose).code
        sums[taken] = sums.get(taken, 0) - move.change_krw
        sums[held] = sums.get(held, 0) + move.change_krw
    salary, institute = Purpose.SALARY, appointment.institute
    for year, amount in preview.owed_by_year.items():
        for owner, signed in (
            (unopened(AccountKind.SPENT, year, lab=lab, offer=offer, purpose=salary), -amount),
            (unopened(AccountKind.LAB, year, lab=payers.of(year)), amount),
            (unopened(AccountKind.EXPENSE, year, institute=institute, purpose=salary), -amount),
            (unopened(AccountKind.RECEIVABLE, year, institute=institute, purpose=salary), amount),
        ):
            sums[owner.code] = sums.get(owner.code, 0) + signed
    if preview.settled_krw and preview.settles_in_books:
        for kind, purpose, signed in (("expense", Purpose.SEVERANCE, 1), ("severance", Purpose.NONE, -1)):
            owner = unopened(kind, timezone.localdate().year, institute=institute, purpose=purpose)
            sums[owner.code] = sums.get(owner.code, 0) + signed * preview.settled_krw
    return sorted((code, amount) for code, amount in sums.items() if amount)


def money_of(appointment: Appointment) -> list[dict[str, Any]]:
    """By fiscal year: salary and research funds that are held for her, spent, and both together. Two queries."""
    accounts = Account.objects.filter(
        offer=appointment.offer_id, kind__in=[AccountKind.COMMITTED, AccountKind.SPENT]
    ).order_by("fiscal_year")
    years: dict[int, dict[str, Any]] = {}
    for row in accounts:
        sums = years.setdefault(row.fiscal_year, {"year": row.fiscal_year, "total": 0})
        key = f"{row.purpose}_{row.kind}"
        sums[key] = sums.get(key, 0) + row.balance_krw
        sums[row.purpose] = sums.get(row.purpose, 0) + row.balance_krw
        sums["total"] += row.balance_krw
    return list(years.values())
