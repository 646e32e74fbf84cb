"""CSV for other people's tools: streamed, readable in Korean spreadsheets, and never a formula."""

import csv
from collections.abc import Iterable, Iterator
from typing import Any

from django.http import StreamingHttpResponse

DANGEROUS = ("=", "+", "-", "@", "\t", "\r")


class _Echo:
    """Gives each written line back instead of keeping it."""

    def write(self, value: str) -> str:
        return value


def cell(value: Any) -> Any:
    """`value` as a cell: text that a spreadsheet would take for a formula gets a quote before it; numbers stay."""
    if isinstance(value, str) and value.startswith(DANGEROUS):
        return f"'{value}"
    return "" if value is None else value


def csv_response(filename: str, heads: list[str], rows: Iterable[Iterable[Any]]) -> StreamingHttpResponse:
    """A download of `rows` under `heads`: UTF-8 with a byte order mark, so that Korean opens rightly."""
    writer = csv.writer(_Echo())

    def lines() -> Iterator[str]:
        yield "\ufeff"
        yield writer.writerow(heads)
        for row in rows:
            yield writer.writerow([cell(value) for value in row])

    response = StreamingHttpResponse(lines(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{filename}"'
    return response
