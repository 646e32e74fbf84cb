"""A funnel: how many are left after each step, and which share of the step before (where it is one)."""

from collections.abc import Sequence

from common.charts.drawing import COLOURS, QUIET, WIDTH, Element, fitted, mark, picture, words
from common.charts.figures import Series, figure_words, labels_of, values_of

BAR, LABEL, GAP = 26.0, 22.0, 16.0


def funnel_chart(series: Sequence[Series], *, title: str, unit: str = "") -> str:
    """One bar for each step of the first series, as wide as its share of the largest."""
    steps = series[0] if series else Series("", [])
    labels = labels_of([steps])
    figures = values_of(steps, labels)
    largest = max([figure for figure in figures if figure is not None], default=0.0)
    parts: list[Element] = []
    y, before = 0.0, None
    for label, figure in zip(labels, figures, strict=True):
        said = _said(figure, before, unit)
        parts.append(words(0, y + 14, fitted(label, WIDTH - 170), weight="600"))
        parts.append(words(WIDTH, y + 14, said, anchor="end", fill=QUIET))
        parts.append(mark(f"{label}: {said}", *_bar(figure, largest, y + LABEL)))
        y += LABEL + BAR + GAP
        before = figure if figure is not None else before
    return picture(title, max(y, BAR), parts)


def _said(figure: float | None, before: float | None, unit: str) -> str:
    told = figure_words(figure, unit)
    if figure is None or not before or figure > before:
        return told
    return f"{told} · {figure_words(100 * figure / before)}%"


def _bar(figure: float | None, largest: float, y: float) -> list[Element]:
    ground = Element("rect", {"x": 0, "y": y, "width": WIDTH, "height": BAR, "rx": 3, "fill": "#f4f5f6"})
    if figure is None or figure <= 0 or largest <= 0:
        return [ground]
    width = max(WIDTH * figure / largest, 2)
    return [ground, Element("rect", {"x": 0, "y": y, "width": width, "height": BAR, "rx": 3, "fill": COLOURS[0]})]
