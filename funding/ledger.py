"""The one door to the books: the only module that writes entries and lines."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from common.models import new_key
from common.refusals import Refusal
from fellowships.models import Amendment, Offer
from funding.bulk import copy_rows, next_keys
from funding.models import (
    Account,
    Agreement,
    Allotment,
    Appropriation,
    BankLine,
    CardCharge,
    Claim,
    Entry,
    FiscalYear,
    Line,
    MatchedUse,
    Movement,
    PayLine,
    Payment,
    PledgeReceipt,
    Severance,
    Tranche,
)
from funding.states import GUARDED, Purpose, YearState
from labs.models import Institute, Lab


class Unbalanced(Refusal):
    words = _("The lines of this entry do not sum to zero, so it was not posted.")


class OverBudget(Refusal):
    words = _("The budget does not cover this: ₩%(missing)s are missing on %(account)s (%(available)s available).")


class YearClosed(Refusal):
    words = _("The fiscal year %(year)s is closed. Two people can open it again, with a reason.")


# what may cause an entry; `funding.queries.sources` shows a row of each kind to whoever may see it
Source = (
    Appropriation | Agreement | Allotment | Movement | Tranche | Institute | Offer | Amendment | PayLine | Severance
    | Claim | CardCharge | Payment | BankLine | PledgeReceipt | MatchedUse | Entry
)  # fmt: skip


@dataclass(frozen=True)
class Posting:
    """One business event to enter: its idempotency key, day, words, source row and signed amounts on accounts."""

    event: str
    booked_on: date
    words: str
    lines: Sequence[tuple[Account, int]]
    source: Source | None = None
    reverses: Entry | None = field(default=None)


def unopened(
    kind: str,
    fiscal_year: int,
    *,
    institute: Institute | None = None,
    lab: Lab | None = None,
    offer: Offer | None = None,
    purpose: str = Purpose.NONE,
) -> Account:
    """The account of this kind, owner, purpose and year as it would be opened; not in the database yet."""
    owner = f"offer-{offer.key}" if offer else lab.code if lab else institute.code if institute else "programme"
    return Account(
        code=":".join(part for part in (kind, purpose, owner, str(fiscal_year)) if part),
        kind=kind,
        purpose=purpose,
        fiscal_year=fiscal_year,
        institute_id=institute.pk if institute else lab.institute_id if lab else None,
        lab=lab,
        offer=offer,
        is_guarded=kind in GUARDED,
    )


def account(
    kind: str,
    fiscal_year: int,
    *,
    institute: Institute | None = None,
    lab: Lab | None = None,
    offer: Offer | None = None,
    purpose: str = Purpose.NONE,
) -> Account:
    """The account of this kind, owner, purpose and year; opened when it is not there yet."""
    wanted = unopened(kind, fiscal_year, institute=institute, lab=lab, offer=offer, purpose=purpose)
    existing = Account.objects.filter(code=wanted.code).first()
    if existing is None:
        Account.objects.bulk_create([wanted], ignore_conflicts=True)
        existing = Account.objects.get(code=wanted.code)
    return existing


def opened(wanted: Iterable[Account]) -> dict[str, Account]:
    """The accounts that `unopened` described, by their codes; those that are not there yet are opened, all at once."""
    rows = {row.code: row for row in wanted}
    there = {row.code: row for row in Account.objects.filter(code__in=rows)}
    missing = [row for code, row in rows.items() if code not in there]
    if missing:
        Account.objects.bulk_create(missing, ignore_conflicts=True)
        there |= {row.code: row for row in Account.objects.filter(code__in=[row.code for row in missing])}
    return there


def _merged(lines: Iterable[tuple[Account, int]]) -> list[tuple[Account, int]]:
    accounts: dict[int, Account] = {}
    sums: dict[int, int] = {}
    for owner, amount_krw in lines:
        accounts[owner.pk] = owner
        sums[owner.pk] = sums.get(owner.pk, 0) + amount_krw
    return [(accounts[pk], amount) for pk, amount in sorted(sums.items()) if amount]


def _refuse_closed(lines: Iterable[tuple[Account, int]]) -> None:
    years = {owner.fiscal_year for owner, _amount in lines}
    shut = FiscalYear.objects.filter(year__in=years, state=YearState.CLOSED).values_list("year", flat=True).first()
    if shut is not None:
        raise YearClosed(year=shut)


def _refuse_overdraft(lines: Sequence[tuple[Account, int]]) -> None:
    taken = {owner.pk: amount for owner, amount in lines if owner.is_guarded and amount < 0}
    locked = Account.objects.select_for_update().filter(pk__in=taken).order_by("pk")
    for owner in locked:
        missing = -(owner.balance_krw + taken[owner.pk])
        if missing > 0:
            raise OverBudget(missing=f"{missing:,}", account=owner.code, available=f"₩{owner.balance_krw:,}")


def post(posting: Posting, *, by: Any | None) -> Entry:
    """Enter `posting`, or return the entry that its event made before; whoever calls, however often.

    Refuses an unbalanced or empty posting, one in a closed year and one that takes more than a guarded account holds;
    the database refuses the same once more by itself. Must run inside the action's transaction.
    """
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError(f"posting {posting.event} outside a transaction")
    lines = _merged(posting.lines)
    if not lines or sum(amount for _account, amount in lines) != 0:
        raise Unbalanced
    source = posting.source
    entry, is_new = Entry.objects.get_or_create(
        event=posting.event,
        defaults={
            "booked_on": posting.booked_on,
            "words": posting.words,
            "by": by,
            "source_type": source._meta.label_lower if source is not None else "",
            "source_id": str(source.pk) if source is not None else "",
            "reverses": posting.reverses,
        },
    )
    if is_new:
        _refuse_closed(lines)
        _refuse_overdraft(lines)
        Line.objects.bulk_create([Line(entry=entry, account=owner, amount_krw=amount) for owner, amount in lines])
    return entry


def reverse_entry(entry: Entry, *, by: Any | None, booked_on: date, words: str) -> Entry:
    """Enter the opposite of `entry`, naming it. A mistake is never edited."""
    lines = [(line.account, -line.amount_krw) for line in entry.lines.select_related("account")]
    return post(Posting(f"reverse:{entry.event}", booked_on, words, lines, entry, reverses=entry), by=by)


ENTRY_COLUMNS: Final = (
    "id", "key", "booked_on", "event", "words", "by_id", "source_type", "source_id", "reverses_id",
)  # fmt: skip
# of more entries than a run has, none is read back
RETURNED: Final = 5_000


def post_many(postings: Sequence[Posting], *, by: Any | None) -> list[Entry]:
    """Enter many events in a few statements, skipping those entered before; for runs of hundreds of lines.

    The same refusals as `post`, made over the sum of all of them. The rows go in by COPY; triggers see them all.
    """
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("posting outside a transaction")
    known = set(Entry.objects.filter(event__in=[p.event for p in postings]).values_list("event", flat=True))
    fresh = [(posting, _merged(posting.lines)) for posting in postings if posting.event not in known]
    if any(not lines or sum(amount for _account, amount in lines) != 0 for _posting, lines in fresh):
        raise Unbalanced
    _refuse_closed(line for _posting, lines in fresh for line in lines)
    _refuse_overdraft(_merged(line for _posting, lines in fresh for line in lines))
    keys = next_keys(Entry, len(fresh))
    numbered = list(zip(keys, fresh, strict=True))
    copy_rows(Entry, ENTRY_COLUMNS, (_entry_row(pk, posting, by) for pk, (posting, _lines) in numbered))
    copy_rows(
        Line,
        ("entry_id", "account_id", "amount_krw"),
        ((pk, owner.pk, amount) for pk, (_posting, lines) in numbered for owner, amount in lines),
    )
    return list(Entry.objects.filter(pk__in=keys).order_by("pk")) if len(keys) <= RETURNED else []


def _entry_row(pk: int, posting: Posting, by: Any | None) -> tuple[Any, ...]:
    source = posting.source
    return (
        pk,
        new_key(),
        posting.booked_on,
        posting.event,
        posting.words,
        by.pk if by is not None else None,
        source._meta.label_lower if source is not None else "",
        str(source.pk) if source is not None else "",
        posting.reverses.pk if posting.reverses is not None else None,
    )
