"""The whole books as files: tables as CSV, facts in the manner of XBRL, and a manifest that seals each by its hash."""

import csv
import hashlib
import io
import json
import zipfile
from collections.abc import Iterable, Iterator
from typing import IO, Any

from django.db.models import QuerySet, Sum

from common.csv import cell
from funding.models import Account, ChartLine, Commitment, Entry, Line


def _table(heads: list[str], rows: Iterable[Iterable[Any]]) -> Iterator[bytes]:
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    writer.writerow(heads)
    for number, row in enumerate(rows, start=1):
        writer.writerow([cell(value) for value in row])
        if number % 2000 == 0:
            yield buffer.getvalue().encode()
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue().encode()


ENTRY = ("key", "booked_on", "event", "words", "by__email", "source_type", "reverses__key")
ACCOUNT = ("code", "kind", "purpose", "fiscal_year", "institute__code", "lab__code", "balance_krw")


def _streamed(rows: QuerySet[Any], *names: str) -> Iterable[tuple[Any, ...]]:
    return rows.values_list(*names).iterator(chunk_size=2000)


def _chart() -> Iterator[tuple[Any, ...]]:
    for line in ChartLine.objects.all():
        side = "debit" if line.is_debit else "credit"
        yield line.number, line.kind, line.group, side, line.name_en, line.name_ko


def _facts(accounts: QuerySet[Account], year: int) -> Iterator[tuple[Any, ...]]:
    names = ("kind", "purpose", "institute__code")
    rows = accounts.order_by(*names).values_list(*names).annotate(total=Sum("balance_krw"))
    for kind, purpose, entity, total in rows:
        concept = f"innocore:{kind}.{purpose}" if purpose else f"innocore:{kind}"
        yield concept, entity or "programme", f"{year}-01-01", f"{year}-12-31", "iso4217:KRW", total


def _tables(accounts: QuerySet[Account], year: int) -> dict[str, Iterator[bytes]]:
    keys = accounts.order_by().values("pk")
    lines = Line.objects.filter(account__in=keys).order_by("pk")
    entries = Entry.objects.filter(pk__in=lines.order_by().values("entry")).order_by("pk")
    promised = Commitment.objects.filter(account__in=keys).order_by("pk")
    return {
        "chart.csv": _table(["number", "kind", "group", "side", "name_en", "name_ko"], _chart()),
        "accounts.csv": _table(
            ["account", "kind", "purpose", "year", "institute", "lab", "balance_krw"],
            _streamed(accounts.order_by("code"), *ACCOUNT),
        ),
        "entries.csv": _table(
            ["entry", "day", "event", "words", "by", "source", "reverses"], _streamed(entries, *ENTRY)
        ),
        "lines.csv": _table(
            ["entry", "account", "amount_krw"], _streamed(lines, "entry__key", "account__code", "amount_krw")
        ),
        "commitments.csv": _table(
            ["account", "year", "purpose", "amount_krw"],
            _streamed(promised, "account__code", "fiscal_year", "purpose", "amount_krw"),
        ),
        "facts.csv": _table(
            ["concept", "entity", "period_start", "period_end", "unit", "value"], _facts(accounts, year)
        ),
    }


def write_books(accounts: QuerySet[Account], year: int, out: IO[bytes]) -> dict[str, Any]:
    """Write the books of `year` on `accounts` as a ZIP into `out`; the manifest that it ends with comes back.

    The manifest names each file's SHA-256, bytes and rows, and the sum of all lines (0 for whoever sees all accounts).
    """
    rows = accounts.filter(fiscal_year=year)
    files: dict[str, dict[str, Any]] = {}
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, parts in _tables(rows, year).items():
            seal, size, count = hashlib.sha256(), 0, -1
            with archive.open(name, "w") as file:
                for part in parts:
                    file.write(part)
                    seal.update(part)
                    size += len(part)
                    count += part.count(b"\r\n")
            files[name] = {"sha256": seal.hexdigest(), "bytes": size, "rows": count}
        total = Line.objects.filter(account__in=rows.order_by().values("pk")).aggregate(
            total=Sum("amount_krw", default=0)
        )
        manifest = {"year": year, "files": files, "sum_of_lines_krw": int(total["total"])}
        archive.writestr("manifest.json", json.dumps(manifest, indent=1, sort_keys=True))
    return manifest
