"""`python -m funding.payroll [--tables FILE] < case.json` prints one month's slip as JSON.

The case is one JSON object. All amounts are whole won, all days YYYY-MM-DD:

    month               "YYYY-MM"                                                           needed
    salary_krw_a_year   salary of a year                                                    needed
    starts_on           first day of employment                                             needed
    ends_on             last day of employment, or null                                     null
    family_size         people in the family, herself included                              1
    tax_way             "ordinary", "flat" or "treaty" (both for foreign workers)           "ordinary"
    is_foreign_worker   true also prints both tax ways side by side                         false
    reliefs             at most one {"code": ..., "since": day}, by codes of the tables     []
    insured             {"pension", "health", "care", "employment", "accident": true/false} all true
    adjustments         [{"code": "arrears" | "correction" | "recovery", "amount_krw": ...}] []
    away                [{"days": ..., "unpaid_percent": ...}]: leave, reduced time         []
    declared_base_krw   monthly base declared to the insurers, or null for a twelfth        null

The slip is one JSON object:

    month, tax_way, days {worked, of}, gross_krw, deductions_krw, net_krw, employer_krw
    items    [{code, kind (earning | deduction | employer), label_key, base_krw, rate, amount_krw, rule,
             table, table_from, steps [{code, label_key, amount_krw}]}]
             `rate` is exact text, `rule` method and rounding in words
    notes    [sentences that belong on the slip]
    compare  [{way, income_tax_krw, local_income_tax_krw, net_krw, why_not}] for a foreign worker
    table_version  SHA-256 of the rate tables, in hexadecimal

FILE is a set of rate tables (.toml or .json); without it, the rates that the project ships.
Exit status 0, or 2 with one sentence a line on standard error for everything that is wrong with the input.
"""

import argparse
import json
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any, Final, NoReturn

from funding.payroll.reading import Malformed
from funding.payroll.slip import Case, compute
from funding.payroll.tables import BadTables, NotCovered, Tables

SHIPPED: Final = Path(__file__).resolve().parents[1] / "data" / "payroll-rates.toml"
MOST_BYTES: Final = 1_000_000


class Unreadable(Malformed):
    """Input that is not JSON."""


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a number that JSON knows")


def _no_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    keys = [key for key, _ in pairs]
    if len(keys) != len(set(keys)):
        raise ValueError("a name is given twice")
    return dict(pairs)


def _json(data: bytes, what: str) -> Any:
    if len(data) > MOST_BYTES:
        raise Unreadable([f"{what} is longer than {MOST_BYTES:,} bytes."])
    try:
        return json.loads(
            data.decode(), parse_float=Decimal, parse_constant=_no_constant, object_pairs_hook=_no_duplicates
        )
    except UnicodeDecodeError as error:
        raise Unreadable([f"{what} is not UTF-8 text."]) from error
    except RecursionError as error:
        raise Unreadable([f"{what} is nested too deeply."]) from error
    except ValueError as error:
        raise Unreadable([f"{what} is not JSON: {error}."]) from error


def _tables(path: Path) -> Tables:
    try:
        data = path.read_bytes()
        if path.suffix == ".json":
            return Tables.from_dict(_json(data, "The table file"))
        return Tables.from_toml(data.decode())
    except OSError as error:
        raise BadTables([f"The table file {path} cannot be read: {error.strerror}."]) from error
    except UnicodeDecodeError as error:
        raise BadTables([f"The table file {path} is not UTF-8 text."]) from error


def main(arguments: list[str]) -> int:
    """Read a case from standard input, print its slip; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m funding.payroll", description="Print one month's slip as JSON.")
    parser.add_argument("--tables", type=Path, default=SHIPPED, help="rate tables, .toml or .json")
    options = parser.parse_args(arguments)
    try:
        tables = _tables(options.tables)
        case = Case.from_dict(_json(sys.stdin.buffer.read(MOST_BYTES + 1), "The case"))
        slip = compute(case, tables)
    except Malformed as malformed:
        sys.stderr.write("".join(f"{problem}\n" for problem in malformed.problems))
        return 2
    except NotCovered as refusal:
        sys.stderr.write(f"{refusal}\n")
        return 2
    sys.stdout.write(json.dumps(slip.as_dict(), ensure_ascii=False, indent=2) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
