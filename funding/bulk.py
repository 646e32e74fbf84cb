"""Writing many rows by COPY, which takes a fraction of the time of INSERT; triggers and constraints hold as ever."""

import io
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

from django.db import connection, models


def next_keys(model: type[models.Model], number: int) -> list[int]:
    """The primary keys of `number` rows of `model` that are to be written."""
    table = model._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)", [table, number])
        return [int(row[0]) for row in cursor.fetchall()]


def _text(value: Any) -> str:
    """`value` as COPY's text format has it."""
    if value is None:
        return "\\N"
    if isinstance(value, date | datetime):
        return value.isoformat()
    if isinstance(value, int):
        return str(value)
    return str(value).replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n").replace("\r", "\\r")


def copy_rows(model: type[models.Model], columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Write `rows` of `model` by COPY into `columns`, inside the transaction that is open."""
    lines = "".join("\t".join(map(_text, row)) + "\n" for row in rows)
    names = ", ".join(f'"{column}"' for column in columns)
    with connection.cursor() as cursor:
        cursor.copy_expert(f'COPY "{model._meta.db_table}" ({names}) FROM STDIN', io.StringIO(lines))
