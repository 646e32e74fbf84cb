"""Writing a report's contents as a spreadsheet or as a document."""

from collections.abc import Callable
from io import BytesIO
from typing import Final

import xlsxwriter
from django.conf import settings
from django.utils.translation import get_language

from common.pdf import render_pdf
from reports.contents import Contents, Table
from reports.states import ReportFormat

SHEET_NAME_LENGTH = 31
FORBIDDEN_IN_SHEET_NAMES = str.maketrans(dict.fromkeys("[]:*?/\\", " "))


def as_xlsx(contents: Contents) -> bytes:
    """A workbook with a sheet a table. Text stays text: a cell that begins with = is no formula."""
    buffer = BytesIO()
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "in_memory": True}
    with xlsxwriter.Workbook(buffer, options) as book:
        book.set_properties({"title": contents.title, "comments": contents.as_of})
        for table in contents.tables:
            _sheet(book, contents, table)
    return buffer.getvalue()


def _sheet(book: xlsxwriter.Workbook, contents: Contents, table: Table) -> None:
    sheet = book.add_worksheet(table.title.translate(FORBIDDEN_IN_SHEET_NAMES)[:SHEET_NAME_LENGTH])
    bold, number = book.add_format({"bold": True}), book.add_format({"num_format": "#,##0"})
    sheet.set_column(0, len(table.columns), 22)
    sheet.write_string(0, 0, f"{contents.title} · {table.title}", bold)
    sheet.write_string(1, 0, contents.as_of)
    for column, head in enumerate(table.columns):
        sheet.write_string(3, column, head, bold)
    for row, values in enumerate(table.rows, start=4):
        for column, value in enumerate(values):
            if column in table.numeric:
                sheet.write_number(row, column, value, number)
            else:
                sheet.write_string(row, column, str(value))


def as_pdf(contents: Contents) -> bytes:
    """A document with page numbers, in the language in use."""
    sections = [
        {
            "title": table.title,
            "columns": table.columns,
            "rows": [[f"{v:,}" if i in table.numeric else str(v) for i, v in enumerate(row)] for row in table.rows],
            "numeric": sorted(table.numeric),
        }
        for table in contents.tables
    ]
    data = {
        "title": contents.title,
        "lang": (get_language() or "en")[:2],
        "programme": str(settings.PROGRAMME_NAME),
        "issued": contents.as_of,
        "sections": sections,
    }
    return render_pdf("report", data)


WRITERS: Final[dict[str, Callable[[Contents], bytes]]] = {ReportFormat.XLSX: as_xlsx, ReportFormat.PDF: as_pdf}
