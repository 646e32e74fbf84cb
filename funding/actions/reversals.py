"""Taking back what was entered by mistake. The entry stays; another one names it and is its opposite.

Only what people type in is reversed here. Pay, claims, offers and payments have gestures of their own, which know what
else they touch: pay is corrected by an adjustment, an offer is withdrawn, a payment is returned by the bank.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from django.db.models import Model
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from common.audit import record
from common.gestures import action
from common.refusals import Refusal, SamePersonTwice
from common.states import lock, move
from funding.ledger import reverse_entry
from funding.models import Agreement, Allotment, Appropriation, BankLine, Entry, Movement, Reversal, Tranche
from funding.states import MovementKind, MovementState, ReversalState
from people.models import User


class NotReversible(Refusal):
    words = _("This entry is not taken back here: what caused it has a gesture of its own for that.")


class ReversedAlready(Refusal):
    words = _("This entry is reversed already, or a reversal of it waits.")


class RestsOnIt(Refusal):
    words = _("Something that stands rests on this entry: take that back first.")


class NeedsReason(Refusal):
    words = _("Say what was wrong: the reason stays with both entries.")


def _agreed_of(row: Appropriation) -> bool:
    return row.agreements.filter(reversed_at=None).exists()


def _allotted_of(row: Agreement) -> bool:
    came_in = row.tranches.filter(reversed_at=None, received_on__isnull=False)
    return row.allotments.filter(reversed_at=None).exists() or came_in.exists()


def _carried(row: Movement) -> bool:
    """Money that went over the year's end was taken up there; it goes back by a movement of that year."""
    return row.kind == MovementKind.CARRY_OVER


def _nothing(_row: Any) -> bool:
    return False


@dataclass(frozen=True)
class Reversible:
    """Rows whose entry can be reversed, and what would still rest on one."""

    model: type[Model]
    rests: Callable[[Any], bool]


KINDS: Final[dict[str, Reversible]] = {
    kind.model._meta.label_lower: kind
    for kind in (
        Reversible(Appropriation, _agreed_of),
        Reversible(Agreement, _allotted_of),
        Reversible(Allotment, _nothing),
        Reversible(Movement, _carried),
        Reversible(Tranche, _nothing),
    )
}


def _source(entry: Entry) -> tuple[Reversible, Any]:
    """What caused the entry, and its kind. Refuses what is not reversed here."""
    kind = KINDS.get(entry.source_type)
    if kind is None or entry.reverses_id is not None:
        raise NotReversible
    return kind, kind.model._base_manager.get(pk=entry.source_id)


def _check(entry: Entry) -> Any:
    """The row behind an entry that can be reversed now, locked."""
    kind, row = _source(entry)
    lock(row)
    if hasattr(entry, "reversed_by"):
        raise ReversedAlready
    if kind.rests(row) or BankLine.objects.filter(entry=entry).exists():
        raise RestsOnIt
    return row


@action
def ask_reversal(entry: Entry, reason: str, *, by: User) -> Reversal:
    """Ask that an entry be reversed. Refuses what has a gesture of its own, and what other money rests on."""
    if not reason.strip():
        raise NeedsReason(field="reason")
    _check(entry)
    if Reversal.objects.filter(entry=entry).exclude(state=ReversalState.REFUSED).exists():
        raise ReversedAlready
    made = Reversal.objects.create(entry=entry, reason=reason.strip(), asked_by=by)
    record("funding.reversal.asked", made, by=by, after={"event": entry.event}, note=made.reason)
    return made


@action
def approve_reversal(reversal: Reversal, *, by: User) -> Reversal:
    """Another person approves, and the opposite is entered; the row behind the entry no longer counts.

    Refuses with `OverBudget` where the money is no longer there, and in a closed year.
    """
    lock(reversal)
    if by.pk == reversal.asked_by_id:
        raise SamePersonTwice
    row = _check(reversal.entry)
    words = f"Reversed: {reversal.entry.words}"[:200]
    made = reverse_entry(reversal.entry, by=by, booked_on=timezone.localdate(), words=words)
    if isinstance(row, Movement):
        move(row, MovementState.REVERSED, by=by)
    else:
        row.reversed_at = timezone.now()
        row.save(update_fields=["reversed_at"])
    return move(reversal, ReversalState.APPROVED, by=by, made=made)


@action
def refuse_reversal(reversal: Reversal, *, by: User) -> Reversal:
    """The entry stays as it is; whoever asked may take the wish back so, too."""
    return move(reversal, ReversalState.REFUSED, by=by)
