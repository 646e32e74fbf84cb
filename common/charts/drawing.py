"""SVG as small values: elements with attributes and children, text measured for two scripts, nice scales."""

import hashlib
import math
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final
from xml.sax.saxutils import escape, quoteattr

WIDTH: Final = 480.0  # near a phone's width, so that words stay readable there
FONT: Final = "Pretendard Variable, Pretendard, sans-serif"
INK, QUIET, RULE, GROUND = "#1e2124", "#58616a", "#cdd1d5", "#ffffff"
COLOURS: Final = ("#256ef4", "#267337", "#9e6a00", "#ab2b36", "#39506c", "#1c589c")
TEXT: Final = 15.0
LEAST: Final = 1e-6  # figures closer than this are the same on paper
FORBIDDEN: Final = re.compile("[\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


@dataclass(frozen=True)
class Element:
    """One SVG element; numbers are written with at most two decimals."""

    name: str
    attrs: dict[str, str | float] = field(default_factory=dict)
    children: "Sequence[Element | str]" = ()

    def svg(self) -> str:
        attrs = "".join(f" {name}={quoteattr(_written(value))}" for name, value in self.attrs.items())
        inside = "".join(child.svg() if isinstance(child, Element) else escape(clean(child)) for child in self.children)
        return f"<{self.name}{attrs}>{inside}</{self.name}>" if inside else f"<{self.name}{attrs}/>"


def clean(text: str) -> str:
    """`text` without the letters that XML does not allow."""
    return "".join(letter for letter in text if letter >= " " and not FORBIDDEN.match(letter))


def _written(value: str | float) -> str:
    if isinstance(value, str):
        return clean(value)
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def words(
    x: float, y: float, text: str, *, anchor: str = "start", size: float = TEXT, fill: str = INK, weight: str = "400"
) -> Element:
    """A line of text standing on `y`."""
    attrs: dict[str, str | float] = {
        "x": x,
        "y": y,
        "fill": fill,
        "font-size": size,
        "text-anchor": anchor,
        "font-weight": weight,
    }
    return Element("text", attrs, [text])


def line(x1: float, y1: float, x2: float, y2: float, stroke: str = RULE, width: float = 1) -> Element:
    return Element("line", {"x1": x1, "y1": y1, "x2": x2, "y2": y2, "stroke": stroke, "stroke-width": width})


def mark(title: str, *shapes: Element) -> Element:
    """Shapes that say `title` under the pointer."""
    return Element("g", {"class": "mark"}, [Element("title", {}, [title]), *shapes])


def text_width(text: str, size: float = TEXT) -> float:
    """About how wide `text` is: a Korean syllable takes a whole em, a Latin letter a little over half."""
    return size * sum(1.0 if unicodedata.east_asian_width(letter) in "WF" else 0.58 for letter in text)


def fitted(text: str, width: float, size: float = TEXT) -> str:
    """`text`, cut with an ellipsis where it does not fit in `width`."""
    if text_width(text, size) <= width:
        return text
    kept = text
    while kept and text_width(kept + "…", size) > width:
        kept = kept[:-1]
    return kept.rstrip() + "…"


def nice_ticks(low: float, high: float, about: int = 4) -> list[float]:
    """Round figures (1, 2 or 5 times a power of ten) from at or below `low` to at or above `high`; two or more."""
    if high - low < LEAST:
        high = low + 1
    raw = (high - low) / about
    power = 10.0 ** math.floor(math.log10(raw))
    step = next(times * power for times in (1, 2, 5, 10) if times * power >= raw * 0.999)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return [round(count * step, 10) for count in range(first, last + 1)]


def chart_id(title: str, names: Sequence[str]) -> str:
    """A short name for the chart's patterns, the same for the same chart, different for two charts on one page."""
    return "c" + hashlib.sha256("\x1f".join((title, *names)).encode()).hexdigest()[:10]


def fill_of(chart: str, index: int) -> str:
    """The fill of series `index`: the first one plain, the others patterned, so that colour is never alone."""
    return COLOURS[0] if index == 0 else f"url(#{chart}-{index % len(PATTERNS)})"


PATTERNS: Final = (
    "",
    "M-2 2l4-4M0 8l8-8M6 10l4-4",
    "M2 2h1.500v1.500h-1.500zM6 6h1.500v1.500h-1.500z",
    "M0 4h8",
    "M4 0v8",
    "M0 0l8 8M0 8l8-8",
)


def patterns(chart: str, count: int) -> Element:
    """Definitions of the fills that `count` series need."""
    made = []
    for index in range(1, min(count, len(PATTERNS))):
        ground = Element("rect", {"width": 8, "height": 8, "fill": COLOURS[index]})
        lines = Element("path", {"d": PATTERNS[index], "stroke": GROUND, "stroke-width": 1.5, "fill": "none"})
        attrs: dict[str, str | float] = {
            "id": f"{chart}-{index}",
            "width": 8,
            "height": 8,
            "patternUnits": "userSpaceOnUse",
        }
        made.append(Element("pattern", attrs, [ground, lines]))
    return Element("defs", {}, made)


def key(chart: str, names: Sequence[str], top: float) -> tuple[list[Element], float]:
    """The names of the series beside their fills, in as many lines as they need; and where they end."""
    drawn: list[Element] = []
    x, y = 0.0, top
    for index, name in enumerate(names):
        shown = fitted(name, WIDTH - 40)
        if x and x + 24 + text_width(shown) > WIDTH:
            x, y = 0.0, y + 24
        drawn.append(
            Element("rect", {"x": x, "y": y, "width": 16, "height": 14, "rx": 2, "fill": fill_of(chart, index)})
        )
        drawn.append(words(x + 22, y + 12, shown))
        x += 22 + text_width(shown) + 24
    return drawn, y + 30


def picture(title: str, height: float, parts: Sequence[Element]) -> str:
    """The whole drawing, named for screen readers."""
    attrs: dict[str, str | float] = {
        "xmlns": "http://www.w3.org/2000/svg",
        "viewBox": f"0 0 {_written(WIDTH)} {_written(height)}",
        "width": WIDTH,
        "height": height,
        "role": "img",
        "aria-label": title,
        "font-family": FONT,
    }
    return Element("svg", attrs, parts).svg()
