"""What waits for a person: every room's `queries.desk_items(user)` gives a list of these for her own page."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.functional import Promise


@dataclass(frozen=True)
class DeskItem:
    """One thing to do or to know: words, where to do it, by when, how many.

    `kind` is "todo" (needs her now), "waiting" (somebody else's turn) or "info".
    """

    label: str | Promise
    url: str
    kind: str = "todo"
    due_at: datetime | None = None
    count: int | None = None
    detail: str | Promise = ""
