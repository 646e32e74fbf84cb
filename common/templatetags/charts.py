"""Charts in pages: a title that says what to conclude, the drawing, its figures as a table, perhaps a CSV.

    {% bar_chart series title=_("KAIST has half of the seats") unit=_("seats") csv_url=url %}

`series` is a `common.charts.Series` or a list of them; unit "₩" writes short won, "%" per cent.
"""

from collections.abc import Callable, Sequence
from typing import Any

from django import template
from django.utils.safestring import mark_safe

from common import charts
from common.charts import Series, figure_words, labels_of, values_of
from common.charts.figures import WON

register = template.Library()
TEMPLATE = "components/chart.html"
Draw = Callable[..., str]


def _shown(draw: Draw, series: Series | Sequence[Series], title: str, unit: str, csv_url: str) -> dict[str, Any]:
    rows = [series] if isinstance(series, Series) else list(series)
    labels = labels_of(rows)
    columns = [values_of(each, labels) for each in rows]
    return {
        "title": title,
        "unit": "₩" if unit in WON else unit,
        "csv_url": csv_url,
        # every text and attribute in the drawing went through the XML escapes of common.charts.drawing
        "svg": mark_safe(draw(rows, title=str(title), unit=str(unit))) if labels else "",
        "names": [each.name for each in rows],
        "rows": [(label, [figure_words(row[i], str(unit)) for row in columns]) for i, label in enumerate(labels)],
    }


@register.inclusion_tag(TEMPLATE)
def bar_chart(series: Series | Sequence[Series], title: str, unit: str = "", csv_url: str = "") -> dict[str, Any]:
    """Bars, one group for each label."""
    return _shown(charts.bar_chart, series, title, unit, csv_url)


@register.inclusion_tag(TEMPLATE)
def stacked_bar_chart(
    series: Series | Sequence[Series], title: str, unit: str = "", csv_url: str = ""
) -> dict[str, Any]:
    """Parts of a whole for each label."""
    return _shown(charts.stacked_bar_chart, series, title, unit, csv_url)


@register.inclusion_tag(TEMPLATE)
def line_chart(series: Series | Sequence[Series], title: str, unit: str = "", csv_url: str = "") -> dict[str, Any]:
    """How figures went over time."""
    return _shown(charts.line_chart, series, title, unit, csv_url)


@register.inclusion_tag(TEMPLATE)
def funnel_chart(series: Series | Sequence[Series], title: str, unit: str = "", csv_url: str = "") -> dict[str, Any]:
    """How many are left after each step."""
    return _shown(charts.funnel_chart, series, title, unit, csv_url)
