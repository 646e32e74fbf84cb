"""Charts: figures in, sound SVG out, whatever the figures; nothing told by colour alone."""

import math
import re
from decimal import Decimal
from xml.etree import ElementTree as ET

import pytest
from django.template import Context, Template
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from common.charts import Point, Series, bar_chart, funnel_chart, line_chart, stacked_bar_chart
from common.charts.drawing import Element, fitted, nice_ticks, text_width
from common.charts.figures import figure_words

SVG = "{http://www.w3.org/2000/svg}"
DRAWINGS = [bar_chart, stacked_bar_chart, line_chart, funnel_chart]
figures = st.none() | st.floats(allow_nan=True, allow_infinity=True) | st.integers(-(10**13), 10**13) | st.decimals(
    allow_nan=False, allow_infinity=False, places=2, min_value=-(10**9), max_value=10**9
)  # fmt: skip
point = st.builds(Point, st.text(max_size=40), figures)
many_series = st.lists(st.builds(Series, st.text(max_size=30), st.lists(point, max_size=6)), max_size=4)


def tree(svg: str) -> ET.Element:
    return ET.fromstring(svg)


@pytest.mark.parametrize("draw", DRAWINGS)
@given(series=many_series, title=st.text(max_size=30))
def test_any_figures_make_a_sound_drawing(draw: object, series: list[Series], title: str) -> None:
    svg = draw(series, title=title)  # type: ignore[operator]
    root = tree(svg)
    assert "style=" not in re.sub(r"<(title|text)[^>]*>.*?</\1>|aria-label=\"[^\"]*\"", "", svg)
    for node in root.iter():
        for name in ("x", "y", "width", "height", "cx", "cy", "x1", "y1", "x2", "y2"):
            assert math.isfinite(float(node.get(name, "0")))
        assert float(node.get("width", "0")) >= 0
    _width, height = map(float, root.get("viewBox", "").split()[2:])
    assert height > 0


def bars(svg: str) -> dict[str, tuple[float, float]]:
    """Each mark's words, and where its bar begins and ends."""
    found = {}
    for group in tree(svg).iter(f"{SVG}g"):
        rect = group.find(f"{SVG}rect")
        if rect is not None:
            start = float(rect.get("x", "0"))
            found[group.findtext(f"{SVG}title") or ""] = (start, start + float(rect.get("width", "0")))
    return found


def test_bars_are_as_long_as_their_figures() -> None:
    drawn = bars(bar_chart([Series("Seats", [Point("KAIST", 200), Point("UNIST", 100)])], title="t"))
    assert drawn["KAIST, Seats: 200"][1] == pytest.approx(2 * drawn["UNIST, Seats: 100"][1], abs=0.02)


def test_a_figure_below_zero_lies_on_the_other_side() -> None:
    drawn = bars(bar_chart([Series("Change", [Point("a", 50), Point("b", -50)])], title="t"))
    assert drawn["a, Change: 50"][0] == pytest.approx(drawn["b, Change: −50"][1])


def test_an_unknown_figure_is_said_and_not_drawn_as_zero() -> None:
    svg = bar_chart([Series("S", [Point("a", None), Point("b", float("nan")), Point("c", 0)])], title="t")
    assert list(bars(svg)) == ["c, S: 0"]
    assert svg.count("<title>a, S: –</title>") == svg.count("<title>b, S: –</title>") == 1


def test_stacked_parts_lie_end_to_end() -> None:
    series = [Series("men", [Point("2025", 30)]), Series("women", [Point("2025", 10)])]
    drawn = bars(stacked_bar_chart(series, title="t"))
    assert drawn["2025, women: 10"][0] == pytest.approx(drawn["2025, men: 30"][1] + 1, abs=0.02)


def test_an_unknown_figure_breaks_the_line() -> None:
    values = [1, 2, None, 4, 5, None, 7]
    svg = line_chart([Series("S", [Point(str(i), value) for i, value in enumerate(values)])], title="t")
    assert [len(line.get("points", "").split()) for line in tree(svg).iter(f"{SVG}polyline")] == [2, 2]
    assert len(list(tree(svg).iter(f"{SVG}circle"))) == 5


def test_series_differ_by_more_than_colour() -> None:
    series = [Series(f"s{i}", [Point("a", i + 1), Point("b", i + 2)]) for i in range(4)]
    fills = {rect.get("fill") for rect in tree(bar_chart(series, title="t")).findall(f".//{SVG}g/{SVG}rect")}
    assert sum(str(fill).startswith("url(#") for fill in fills) == 3
    dashes = [line.get("stroke-dasharray") for line in tree(line_chart(series, title="t")).iter(f"{SVG}polyline")]
    assert len(set(dashes)) == 4


def test_two_charts_on_a_page_have_patterns_of_their_own() -> None:
    series = [Series("a", [Point("x", 1)]), Series("b", [Point("x", 2)])]
    ids = [re.findall(r'id="([^"]+)"', bar_chart(series, title=title)) for title in ("one", "other")]
    assert ids[0]
    assert not set(ids[0]) & set(ids[1])


def test_a_funnel_says_the_share_of_the_step_before() -> None:
    steps = Series("people", [Point("지원", 1260), Point("선정", 400), Point("unknown", None), Point("none", 0)])
    said = [title.text for title in tree(funnel_chart([steps], title="t")).iter(f"{SVG}title")]
    assert said == ["지원: 1,260", "선정: 400 · 31.7%", "unknown: –", "none: 0 · 0%"]


def test_what_people_typed_stays_text() -> None:
    evil = '"><script>alert(1)</script>'
    svg = bar_chart([Series(evil, [Point(evil, 1)])], title=evil)
    assert "<script" not in svg
    assert tree(svg).get("aria-label") == evil


@given(st.floats(-1e12, 1e12).map(lambda each: round(each, 3)), st.floats(-1e12, 1e12).map(lambda each: round(each, 3)))
def test_ticks_cover_the_range_in_few_steps(one: float, other: float) -> None:
    low, high = sorted((one, other))
    ticks = nice_ticks(low, high)
    slack = abs(ticks[1] - ticks[0]) * 1e-6
    assert ticks[0] <= low + slack
    assert ticks[-1] >= high - slack
    assert 2 <= len(ticks) <= 8


def test_words_are_cut_to_their_room() -> None:
    cut = fitted("초거대언어모델 혁신 연구단", 80)
    assert cut.endswith("…")
    assert text_width(cut) <= 80
    assert fitted("KAIST", 80) == "KAIST"


@pytest.mark.parametrize(
    ("value", "unit", "said"),
    [
        (1260, "", "1,260"),
        (3.25, "", "3.2"),
        (-0.04, "", "0"),
        (-2, "%", "−2%"),
        (3e10, "₩", "₩30bn"),
        (None, "₩", "–"),
    ],
)
def test_figures_in_words(value: float | None, unit: str, said: str) -> None:
    with translation.override("en"):
        assert figure_words(value, unit) == said


def test_the_tag_shows_title_unit_table_and_csv() -> None:
    page = Template('{% load charts %}{% bar_chart series title="KAIST leads" unit="seats" csv_url="/x.csv" %}')
    series = [
        Series("계획", [Point("KAIST", 200), Point("GIST", None)]),
        Series("Now", [Point("KAIST", Decimal("1.5"))]),
    ]
    html = page.render(Context({"series": series}))
    assert "KAIST leads</h3>" in html
    assert 'href="/x.csv"' in html
    cells = re.findall(r"<td class=\"number\">(.*?)</td>", html)
    assert cells == ["200", "1.5", "–", "–"]


@pytest.mark.parametrize("tag", ["bar_chart", "stacked_bar_chart", "line_chart", "funnel_chart"])
def test_every_tag_takes_one_series_and_none(tag: str) -> None:
    page = Template("{% load charts %}{% " + tag + ' series title="t" %}')
    assert "<svg" in page.render(Context({"series": Series("s", [Point("a", 1)])}))
    assert "no figures yet" in page.render(Context({"series": []}))


def test_elements_write_short_numbers_and_drop_control_letters() -> None:
    assert Element("rect", {"x": -0.001, "y": 1.5, "id": "a\x00b"}).svg() == '<rect x="0" y="1.5" id="ab"/>'
