"""Charts as plain SVG: figures in, a drawing out; no style attributes, no scripts, no Django models.

svg = bar_chart([Series("Seats", [Point("KAIST", 200), Point("UNIST", 100)])], title="Seats by institute")
"""

from common.charts.bars import bar_chart, stacked_bar_chart
from common.charts.figures import Point, Series, figure_words, labels_of, values_of
from common.charts.funnel import funnel_chart
from common.charts.lines import line_chart

__all__ = [
    "Point",
    "Series",
    "bar_chart",
    "figure_words",
    "funnel_chart",
    "labels_of",
    "line_chart",
    "stacked_bar_chart",
    "values_of",
]
