"""Lines over an order of labels (months, years): each its own dash and its own mark, its name at its end."""

from collections.abc import Sequence
from itertools import groupby
from typing import Final

from common.charts.drawing import (
    COLOURS,
    GROUND,
    QUIET,
    TEXT,
    WIDTH,
    Element,
    fitted,
    line,
    mark,
    nice_ticks,
    picture,
    text_width,
    words,
)
from common.charts.figures import Series, figure_words, labels_of, values_of

TOP, DEPTH, FOOT = 16.0, 200.0, 34.0
DASHES: Final = ("", "8 4", "2 4", "12 4 2 4", "4 2", "16 6")
Place = tuple[float, float]


class Plane:
    """Where a figure of a label stands."""

    def __init__(self, figures: Sequence[float | None], count: int, unit: str, names: Sequence[str]) -> None:
        known = [figure for figure in figures if figure is not None]
        self.ticks = nice_ticks(min([0.0, *known]), max([0.0, *known]))
        self.left = max(text_width(figure_words(tick, unit), 13) for tick in self.ticks) + 10
        widest = max((text_width(name, 13) for name in names), default=0) if len(names) > 1 else 0
        self.right = WIDTH - min(widest, 150) - 16
        self.count = count

    def x(self, place: int) -> float:
        if self.count < 2:
            return (self.left + self.right) / 2
        return self.left + 12 + (self.right - self.left - 24) * place / (self.count - 1)

    def y(self, figure: float) -> float:
        low, high = self.ticks[0], self.ticks[-1]
        return TOP + DEPTH * (high - figure) / (high - low)


def line_chart(series: Sequence[Series], *, title: str, unit: str = "") -> str:
    """A line for each series; an unknown figure breaks it, a lonely one is a mark of its own."""
    labels = labels_of(series)
    figures = [values_of(each, labels) for each in series]
    plane = Plane([figure for row in figures for figure in row], len(labels), unit, [each.name for each in series])
    parts = [*_grid(plane, unit), *_labels(plane, labels)]
    for index, each in enumerate(series):
        parts += _line(plane, figures[index], index)
        parts += _marks(plane, figures[index], labels, (each.name, unit), index)
    if len(series) > 1:
        parts += _names(plane, [each.name for each in series], figures)
    return picture(title, TOP + DEPTH + FOOT, parts)


def _grid(plane: Plane, unit: str) -> list[Element]:
    drawn: list[Element] = []
    for tick in plane.ticks:
        y = plane.y(tick)
        drawn.append(line(plane.left, y, plane.right, y, "#8a949e" if tick == 0 else "#e6e8ea"))
        drawn.append(words(plane.left - 8, y + 4, figure_words(tick, unit), anchor="end", size=13, fill=QUIET))
    return drawn


def _labels(plane: Plane, labels: Sequence[str]) -> list[Element]:
    if not labels:
        return []
    room = (plane.right - plane.left) / len(labels)
    widest = max(text_width(label, 13) for label in labels) + 12
    every = max(1, -int(-min(widest, 140) // room))
    y = TOP + DEPTH + 24
    return [
        words(plane.x(place), y, fitted(label, max(room * every, 48), 13), anchor="middle", size=13, fill=QUIET)
        for place, label in enumerate(labels)
        if place % every == 0
    ]


def _line(plane: Plane, figures: Sequence[float | None], index: int) -> list[Element]:
    drawn: list[Element] = []
    numbered = list(enumerate(figures))
    for is_known, run in groupby(numbered, key=lambda pair: pair[1] is not None):
        places = [f"{plane.x(place):.1f},{plane.y(figure):.1f}" for place, figure in run if figure is not None]
        if is_known and len(places) > 1:
            attrs: dict[str, str | float] = {
                "points": " ".join(places),
                "fill": "none",
                "stroke": _colour(index),
                "stroke-width": 2.5,
            }
            drawn.append(Element("polyline", attrs | ({"stroke-dasharray": _dash(index)} if _dash(index) else {})))
    return drawn


def _colour(index: int) -> str:
    return COLOURS[index % len(COLOURS)]


def _dash(index: int) -> str:
    return DASHES[index % len(DASHES)]


def _marks(
    plane: Plane, figures: Sequence[float | None], labels: Sequence[str], said: tuple[str, str], index: int
) -> list[Element]:
    name, unit = said
    return [
        mark(f"{label}, {name}: {figure_words(figure, unit)}", _shape((plane.x(place), plane.y(figure)), index))
        for place, (label, figure) in enumerate(zip(labels, figures, strict=True))
        if figure is not None
    ]


def _shape(place: Place, index: int) -> Element:
    x, y = place
    look: dict[str, str | float] = {"fill": GROUND, "stroke": _colour(index), "stroke-width": 2.5}
    if index % 3 == 0:
        return Element("circle", {"cx": x, "cy": y, "r": 4.5, **look})
    if index % 3 == 1:
        return Element("rect", {"x": x - 4, "y": y - 4, "width": 8, "height": 8, **look})
    return Element("path", {"d": f"M{x:.1f} {y - 5:.1f}l5 9h-10z", **look})


def _names(plane: Plane, names: Sequence[str], figures: Sequence[Sequence[float | None]]) -> list[Element]:
    """Each name where its line ends, pushed apart so that none covers another."""
    ends = []
    for index, row in enumerate(figures):
        last = next((figure for figure in reversed(row) if figure is not None), None)
        if last is not None:
            ends.append((plane.y(last), index))
    drawn: list[Element] = []
    free = 0.0
    for wanted, index in sorted(ends):
        y = max(wanted + 4, free)
        free = y + TEXT + 3
        shown = fitted(names[index], WIDTH - plane.right - 6, 13)
        drawn.append(words(plane.right + 4, y, shown, size=13, fill=_colour(index), weight="600"))
    return drawn
