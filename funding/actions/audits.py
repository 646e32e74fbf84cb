"""What an auditor draws: a sample that can be drawn again, and a log of every query that nobody changes."""

import hashlib
from typing import Any

from common.gestures import action
from funding.models import AuditQuery, Line
from funding.queries.trace import Sample, sample_of
from people.models import User


@action
def draw_sample(asked: Sample, *, by: User) -> list[Line]:
    """Draw a sample of expenses and keep what was asked and found; the same seed draws the same lines."""
    lines = sample_of(asked, by)
    keys = ",".join(line.entry.key for line in lines)
    AuditQuery.objects.create(
        by=by, what="sample", asked=asked.plain(), found=len(lines), sha256=hashlib.sha256(keys.encode()).hexdigest()
    )
    return lines


@action
def note_look(what: str, asked: dict[str, Any], found: int, *, by: User) -> AuditQuery:
    """Keep that an auditor looked at something of the books."""
    return AuditQuery.objects.create(by=by, what=what[:200], asked=asked, found=found)
