"""What a chart shows: series of labelled figures, some of them unknown."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from common.money import NOTHING, won_short

Number = int | float | Decimal
LARGEST: Final = 1e18  # beyond it a figure is a mistake of its source
WON: Final = frozenset({"₩", "krw", "KRW"})


@dataclass(frozen=True)
class Point:
    """One figure; None (or not a number) means unknown, which is not zero."""

    label: str
    value: Number | None


@dataclass(frozen=True)
class Series:
    """Figures of one kind, in the order in which they are shown."""

    name: str
    points: Sequence[Point]


def known(value: Number | None) -> float | None:
    """The figure as a float; None when it is unknown, not a number or past all reason."""
    if value is None:
        return None
    figure = float(value)
    return figure if math.isfinite(figure) and abs(figure) <= LARGEST else None


def labels_of(series: Sequence[Series]) -> list[str]:
    """All labels in the order in which they first appear."""
    return list(dict.fromkeys(str(point.label) for each in series for point in each.points))


def values_of(series: Series, labels: Sequence[str]) -> list[float | None]:
    """The figures of `series` for `labels`; unknown where it has none."""
    found = {str(point.label): known(point.value) for point in series.points}
    return [found.get(label) for label in labels]


def figure_words(value: float | None, unit: str = "") -> str:
    """A figure for people: `1,260`, `3.2`, `₩30bn` when the unit is won, a dash when unknown."""
    if value is None:
        return NOTHING
    if unit in WON:
        return won_short(Decimal(str(value)))
    text = f"{abs(value):,.1f}".removesuffix(".0")
    sign = "−" if value < 0 and text != "0" else ""
    return f"{sign}{text}{'%' if unit == '%' else ''}"
