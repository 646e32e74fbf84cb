"""What people typed stays text in the spreadsheet and in the document."""

import io

from django.utils import translation
from pypdf import PdfReader
from python_calamine import CalamineWorkbook

from reports.contents import Contents, Table
from reports.formats import as_pdf, as_xlsx


def test_sheet_names_that_excel_forbids() -> None:
    table = Table("a/b: [what?] * and a title that is much too long", ["x", "y"], [["=1", 2]], frozenset({1}))
    book = CalamineWorkbook.from_filelike(io.BytesIO(as_xlsx(Contents("t", "now", [table]))))
    (name,) = book.sheet_names
    assert name == "a b   what     and a title that"
    assert book.get_sheet_by_name(name).to_python()[-1] == ["=1", 2]


def test_document_takes_text_for_text() -> None:
    table = Table("#import", ["*x*", "y"], [["#panic()", 1_000]], frozenset({1}))
    with translation.override("ko"):
        made = as_pdf(Contents("$title$", "2026-10-01", [table]))
    written = "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(made)).pages)
    for words in ("$title$", "#import", "*x*", "#panic()", "1,000", "2026-10-01"):
        assert words in written
