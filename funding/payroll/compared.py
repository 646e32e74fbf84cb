"""Two sets of rate tables line by line: what one says and the other does not."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

# what names a row among its like, in this order; rows without any are numbered
NAMES: Final = ("code", "from", "over", "up_to")


@dataclass(frozen=True)
class RateChange:
    """One line: where it stands (`national_pension › 2026-01-01 › employee`), and both values as text, or empty."""

    where: str
    was: str
    now: str


def compared(was: dict[str, Any], now: dict[str, Any]) -> list[RateChange]:
    """Every line in which plain tables `was` and `now` (as `Tables.data`) differ, in the order of `now`."""
    before, after = dict(_lines(was)), dict(_lines(now))
    places = [*after, *(place for place in before if place not in after)]
    return [
        RateChange(place, before.get(place, ""), after.get(place, ""))
        for place in places
        if before.get(place) != after.get(place)
    ]


def _lines(data: Any, where: tuple[str, ...] = ()) -> Iterator[tuple[str, str]]:
    if isinstance(data, dict):
        for name, value in data.items():
            yield from _lines(value, (*where, name))
    elif isinstance(data, list):
        for number, row in enumerate(data, start=1):
            named = [str(row[name]) for name in NAMES if name in row][:2] if isinstance(row, dict) else []
            yield from _lines(row, (*where, " ".join(named) or str(number)))
    else:
        yield " › ".join(where), str(data)
