"""Writing the audit trail. If the entry cannot be written, the change does not happen."""

import json
from collections.abc import Mapping
from typing import Any, Protocol

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models, transaction
from django.utils.encoding import force_str

from common.gestures import current_gesture
from common.models import AuditEntry
from common.settled import look_again

SYSTEM = "system"


class TolerantEncoder(DjangoJSONEncoder):
    """Django's encoder, and text for whatever else has a name."""

    def default(self, o: Any) -> Any:
        try:
            return super().default(o)
        except TypeError:
            return force_str(o)


class Actor(Protocol):
    """Whoever acts: a row with a primary key and a name."""

    pk: Any

    def __str__(self) -> str: ...


def plain(values: Mapping[str, Any]) -> dict[str, Any]:
    """`values` as JSON can hold them; rows become their primary keys, lazy words become text."""
    keyed = {name: value.pk if isinstance(value, models.Model) else value for name, value in values.items()}
    result: dict[str, Any] = json.loads(json.dumps(keyed, cls=TolerantEncoder))
    return result


def entry(
    verb: str,
    subject: models.Model,
    *,
    by: Actor | None,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    note: str = "",
) -> AuditEntry:
    """An unsaved audit entry, for bulk writes; `record` is the ordinary way."""
    return AuditEntry(
        by_id=None if by is None else by.pk,
        by_label=SYSTEM if by is None else str(by)[:200],
        verb=verb,
        subject_type=subject._meta.label_lower,
        subject_id=str(subject.pk),
        subject_label=str(subject)[:300],
        before=plain(before or {}),
        after=plain(after or {}),
        note=note,
        gesture=current_gesture(),
    )


def record(
    verb: str,
    subject: models.Model,
    *,
    by: Actor | None,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    note: str = "",
) -> AuditEntry:
    """Write that `by` (None: the system) did `verb` to `subject`. Must run inside the action's transaction."""
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError(f"audit of {verb} outside a transaction")
    written = entry(verb, subject, by=by, before=before, after=after, note=note)
    written.save(force_insert=True)
    look_again()
    return written


def history_of(subject: models.Model) -> models.QuerySet[AuditEntry]:
    """Everything that was done to `subject`, newest first (index audit_of_subject)."""
    return AuditEntry.objects.filter(subject_type=subject._meta.label_lower, subject_id=str(subject.pk)).order_by("-pk")
