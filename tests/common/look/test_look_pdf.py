"""PDFs: whole Korean names, no markup from people, pages numbered, archived form; a missing font is an error."""

import io
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
import typst
from pypdf import PdfReader

from common.charts import Point, Series, bar_chart
from common.pdf import FontMissing, TextNotShown, font_folder, render_pdf

FRAME: dict[str, Any] = {
    "title": "접수증",
    "lang": "ko",
    "programme": "이노코어(InnoCORE) 연구단 사업",
    "reference": "A-2025-00012",
    "issued": "2025년 6월 30일",
}


def read(template: str, **data: Any) -> PdfReader:
    return PdfReader(io.BytesIO(render_pdf(template, FRAME | data)))


def words(reader: PdfReader) -> str:
    return "\n".join(page.extract_text() for page in reader.pages)


def test_rare_syllables_stay_whole() -> None:
    text = words(
        read("receipt", facts=[["이름", "뷁펲 똠방각하 쀍"]], lists=[{"title": "연구단", "items": ["초거대언어모델"]}])
    )
    for word in ("뷁펲", "똠방각하", "쀍", "초거대언어모델", "이노코어(InnoCORE)", "A-2025-00012", "접수증"):
        assert word in text


@pytest.mark.parametrize(
    "typed", ['#eval("x")', "*bold*", "_slant_", "$x^2$", "@ref", "`raw`", "<a>", "= head", "\\", "#{1+1}"]
)
def test_what_people_typed_is_never_markup(typed: str) -> None:
    assert typed in words(read("letter", to=[typed], paragraphs=["x"]))


def test_the_file_is_tagged_archived_titled_and_speaks_its_language() -> None:
    reader = read("receipt", facts=[["a", "b"]])
    root = reader.trailer["/Root"]
    assert root["/Lang"] == "ko"
    assert root["/MarkInfo"]["/Marked"]
    assert reader.metadata is not None
    assert reader.metadata.title == "접수증"
    assert b"pdfaid:part" in reader.xmp_metadata.stream.get_data()  # type: ignore[union-attr]


def test_pages_are_numbered() -> None:
    rows = [[f"연구단 {number}", str(number), "₩1bn"] for number in range(120)]
    section = {
        "title": "연구단",
        "columns": ["이름", "인원", "예산"],
        "rows": rows,
        "numeric": [1, 2],
        "total": ["합계", "", ""],
    }
    reader = read("report", sections=[section])
    count = len(reader.pages)
    assert count > 2
    for number, page in enumerate(reader.pages, 1):
        text = page.extract_text()
        assert f"{number} / {count}" in text
        assert "인원" in text


def test_a_payslip_shows_how_each_item_was_computed() -> None:
    sections = [
        {"title": "공제", "rows": [["국민연금", "7,500,000 × 4.5%", "₩286,650"]], "total": ["합계", "₩286,650"]}
    ]
    text = words(
        read(
            "payslip",
            facts=[],
            columns=["항목", "계산", "금액"],
            sections=sections,
            net=["실지급액", "₩7,213,350"],
            notes=["추정"],
        )
    )
    for word in ("국민연금", "7,500,000 × 4.5%", "₩286,650", "₩7,213,350", "추정"):
        assert word in text


def test_a_report_holds_a_drawing_and_bars() -> None:
    svg = bar_chart([Series("s", [Point("KAIST", 2)]), Series("t", [Point("KAIST", 1)])], title="t")
    sections = [
        {"title": "그림", "svg": svg, "svg_words": "기관별"},
        {"title": "막대", "bars": [["KAIST", "200", 0.5], ["x", "y", 7]]},
    ]
    assert "200" in words(read("report", lead="현황", sections=sections))


def test_a_sign_the_font_lacks_stands_as_a_box_and_the_rest_stays() -> None:
    with mock.patch("common.pdf.log.warning") as warned:
        text = words(read("letter", to=["王 홍길동 🙂"], paragraphs=["끝"]))
    assert "□ 홍길동 □" in text
    assert "U+738B" in " ".join(call.args[1] for call in warned.call_args_list)


def test_too_many_unknown_signs_is_a_named_refusal() -> None:
    with pytest.raises(TextNotShown):
        read("letter", to=[" a ".join(chr(0x20000 + 7 * number) for number in range(60))], paragraphs=[])


def test_a_missing_font_is_a_named_error(tmp_path: Path, settings: Any) -> None:
    settings.PDF_FONT_DIR = tmp_path / "nowhere"
    with pytest.raises(FontMissing, match="npm install"):
        read("receipt", facts=[])
    (tmp_path / "empty").mkdir()
    with pytest.raises(FontMissing):
        font_folder(tmp_path / "empty")


def test_a_template_that_lacks_its_data_fails_loudly() -> None:
    with pytest.raises(typst.TypstError, match="facts"):
        read("receipt")


@pytest.mark.parametrize("code", ["f" * 64, "0" * 64, "8" * 64, "deadbeef" * 8])
def test_a_check_code_stands_whole_inside_the_page(code: str) -> None:
    """The widest digits too: nothing of a hash may run over the margin, where readers of PDFs cut it off."""
    reader = read("receipt", facts=[["Check code", code]])
    assert code in words(reader)
    right = 0.0

    def see(text: str, _cm: Any, tm: Any, _font: Any, size: float) -> None:
        nonlocal right
        if text.strip() == code:
            right = tm[4] + width_of(code, size)

    def width_of(text: str, size: float) -> float:
        return len(text) * size * 0.66  # the widest digit of the font is 0.63 of its size

    reader.pages[0].extract_text(visitor_text=see)
    assert 0 < right < float(reader.pages[0].mediabox.width) - 60
