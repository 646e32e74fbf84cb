"""Bars that lie: the label above its bars, so that a long Korean name needs no room beside them."""

from collections.abc import Sequence
from typing import Final

from common.charts.drawing import (
    QUIET,
    RULE,
    WIDTH,
    Element,
    chart_id,
    fill_of,
    fitted,
    key,
    line,
    mark,
    patterns,
    picture,
    text_width,
    words,
)
from common.charts.figures import Series, figure_words, labels_of, values_of

BAR, GAP, LABEL, ROOM = 16.0, 18.0, 22.0, 90.0
NO_FIGURES: Final = "–"


class Scale:
    """Figures to places between two edges; the range always holds zero."""

    def __init__(self, figures: Sequence[float | None], left: float, right: float) -> None:
        known = [figure for figure in figures if figure is not None]
        self.low, self.high = min([0.0, *known]), max([0.0, *known])
        self.left, self.width = left, right - left

    def at(self, figure: float) -> float:
        span = self.high - self.low
        return self.left if span == 0 else self.left + self.width * (figure - self.low) / span


def bar_chart(series: Sequence[Series], *, title: str, unit: str = "") -> str:
    """One group of bars for each label, one bar for each series."""
    labels = labels_of(series)
    figures = [values_of(each, labels) for each in series]
    everything = [figure for row in figures for figure in row]
    left = ROOM if any(figure is not None and figure < 0 for figure in everything) else 0.0
    scale = Scale(everything, left, WIDTH - ROOM)
    chart, parts, y = _begin(title, series)
    for place, label in enumerate(labels):
        parts.append(words(0, y + 14, fitted(label, WIDTH), weight="600"))
        y += LABEL
        for index, each in enumerate(series):
            parts.append(_bar(scale, figures[index][place], (label, each.name, unit), y, fill_of(chart, index)))
            y += BAR + 4
        y += GAP - 4
    return picture(title, max(y, BAR), [*parts, *_zero_line(scale, y)])


def stacked_bar_chart(series: Sequence[Series], *, title: str, unit: str = "") -> str:
    """One bar for each label, its parts laid end to end, the sum after it; parts below zero lie on the other side."""
    labels = labels_of(series)
    figures = [values_of(each, labels) for each in series]
    ends = [end for place in range(len(labels)) for end in _ends([row[place] for row in figures])]
    scale = Scale(ends, ROOM if any(end < 0 for end in ends) else 0.0, WIDTH - ROOM)
    chart, parts, y = _begin(title, series)
    for place, label in enumerate(labels):
        parts.append(words(0, y + 14, fitted(label, WIDTH), weight="600"))
        parts += _stack(
            scale, [(each.name, figures[i][place]) for i, each in enumerate(series)], (chart, label, unit), y + LABEL
        )
        y += LABEL + BAR + 4 + GAP
    return picture(title, max(y, BAR), [*parts, *_zero_line(scale, y)])


def _begin(title: str, series: Sequence[Series]) -> tuple[str, list[Element], float]:
    names = [each.name for each in series]
    chart = chart_id(title, names)
    if len(series) < 2:
        return chart, [], 0.0
    drawn, y = key(chart, names, 0)
    return chart, [patterns(chart, len(series)), *drawn], y


def _zero_line(scale: Scale, bottom: float) -> list[Element]:
    return [line(scale.at(0), 0, scale.at(0), bottom, RULE)] if scale.low < 0 else []


def _bar(scale: Scale, figure: float | None, said: tuple[str, str, str], y: float, fill: str) -> Element:
    label, name, unit = said
    told = figure_words(figure, unit)
    if figure is None:
        return mark(f"{label}, {name}: {told}", words(scale.at(0), y + 13, NO_FIGURES, fill=QUIET))
    start, end = sorted((scale.at(0), scale.at(figure)))
    shape = Element("rect", {"x": start, "y": y, "width": max(end - start, 1), "height": BAR, "rx": 2, "fill": fill})
    beyond = words(start - 6, y + 13, told, anchor="end") if figure < 0 else words(end + 6, y + 13, told)
    return mark(f"{label}, {name}: {told}", shape, beyond)


def _ends(figures: Sequence[float | None]) -> tuple[float, float]:
    known = [figure for figure in figures if figure is not None]
    return sum(figure for figure in known if figure < 0), sum(figure for figure in known if figure > 0)


def _stack(
    scale: Scale, pieces: Sequence[tuple[str, float | None]], said: tuple[str, str, str], y: float
) -> list[Element]:
    chart, label, unit = said
    below, above = 0.0, 0.0
    drawn: list[Element] = []
    for index, (name, figure) in enumerate(pieces):
        if not figure:
            continue
        begin = below if figure < 0 else above
        start, end = sorted((scale.at(begin), scale.at(begin + figure)))
        below, above = (below + figure, above) if figure < 0 else (below, above + figure)
        shape: dict[str, str | float] = {
            "x": start,
            "y": y,
            "width": max(end - start - 1, 0.5),
            "height": BAR + 4,
            "fill": fill_of(chart, index),
        }
        drawn.append(mark(f"{label}, {name}: {figure_words(figure, unit)}", Element("rect", shape)))
    is_known = any(figure is not None for _name, figure in pieces)
    total = figure_words(below + above if is_known else None, unit)
    x = min(scale.at(above) + 6, WIDTH - text_width(total))
    return [*drawn, words(x, y + 15, total)]
