"""Moving a row from one state to another: locked, checked against its table of moves, stamped and audited."""

from collections.abc import Container, Mapping
from typing import Any, TypeVar

from django.db import models, transaction
from django.utils import timezone

from common.audit import Actor, record
from common.refusals import IllegalMove

M = TypeVar("M", bound=models.Model)
Moves = Mapping[str, frozenset[str]]


def lock(subject: M) -> M:
    """Lock `subject`'s row until the transaction ends and read it afresh."""
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("lock outside a transaction")
    rows = subject.__class__._base_manager.select_for_update(of=("self",))
    subject.refresh_from_db(from_queryset=rows)
    return subject


def _stamp(subject: models.Model, to: str, by: Actor | None, given: Container[str]) -> list[str]:
    names = {field.name for field in subject._meta.concrete_fields if field.name not in given}
    stamped: list[str] = []
    if f"{to}_at" in names:
        setattr(subject, f"{to}_at", timezone.now())
        stamped.append(f"{to}_at")
    if f"{to}_by" in names:
        setattr(subject, f"{to}_by_id", None if by is None else by.pk)
        stamped.append(f"{to}_by")
    return stamped


def move(subject: M, to: str, *, by: Actor | None, note: str = "", **also: Any) -> M:
    """Move `subject` to state `to` under a lock; refuse with `IllegalMove` what its class's `MOVES` does not list.

    Fields named `<to>_at` and `<to>_by` are stamped where the model has them, unless `also` gives them (a return to an
    earlier state keeps who first reached it). `also` sets further fields in the same UPDATE. The audit entry carries
    the state before and after. Unsaved values of other fields are read afresh.
    """
    lock(subject)
    row: Any = subject
    was = row.state
    moves: Moves = row.MOVES
    if to not in moves.get(was, frozenset()):
        raise IllegalMove(state=row.get_state_display())
    row.state = to
    for name, value in also.items():
        setattr(row, name, value)
    row.save(update_fields=["state", *_stamp(row, to, by, also), *also])
    record(
        f"{subject._meta.label_lower}.{to}",
        subject,
        by=by,
        before={"state": was},
        after={"state": to, **also},
        note=note,
    )
    return subject
