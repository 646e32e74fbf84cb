"""`python -m funding.payroll`: a case on standard input, a slip or clear sentences out."""

import io
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from funding.payroll.__main__ import main
from funding.payroll.slip import Case, compute
from funding.payroll.tables import Tables

ROOT = Path(__file__).resolve().parents[3]
FELLOW = {"month": "2025-07", "salary_krw_a_year": 90_000_000, "starts_on": "2025-07-01"}


def run(given: bytes | dict[str, Any], *arguments: str) -> subprocess.CompletedProcess[bytes]:
    text = given if isinstance(given, bytes) else json.dumps(given).encode()
    command = [sys.executable, "-m", "funding.payroll", *arguments]
    return subprocess.run(command, input=text, capture_output=True, cwd=ROOT, timeout=60, check=False)


def refused(given: bytes | dict[str, Any], *arguments: str) -> list[str]:
    done = run(given, *arguments)
    assert done.returncode == 2
    assert done.stdout == b""
    return done.stderr.decode().splitlines()


def test_a_case_becomes_the_slip_that_the_room_computes(tables: Tables) -> None:
    case = {
        **FELLOW,
        "ends_on": None,
        "family_size": 2,
        "is_foreign_worker": True,
        "reliefs": [{"code": "foreign-researcher", "since": "2025-07-01"}],
        "insured": {"employment": False},
        "adjustments": [{"code": "arrears", "amount_krw": 1_000}],
        "declared_base_krw": 7_000_000,
    }
    done = run(case)
    assert (done.returncode, done.stderr) == (0, b"")
    assert json.loads(done.stdout) == json.loads(json.dumps(compute(Case.from_dict(case), tables).as_dict()))


def test_the_worked_month_is_printed() -> None:
    slip = json.loads(run(FELLOW).stdout)
    assert (slip["gross_krw"], slip["deductions_krw"], slip["net_krw"]) == (7_500_000, 1_636_010, 5_863_990)
    assert [item["amount_krw"] for item in slip["items"][1:5]] == [286_650, 265_870, 34_430, 67_500]
    assert slip["items"][1] == {
        "code": "pension",
        "kind": "deduction",
        "label_key": "National pension",
        "base_krw": 6_370_000,
        "rate": "4.5 %",
        "amount_krw": 286_650,
        "rule": "base down to 1,000 won; base between floor and ceiling; down to 10 won",
        "table": "national_pension",
        "table_from": "2025-07-01",
        "steps": [],
    }


def test_every_problem_of_a_case_has_its_sentence() -> None:
    case = {"month": 7, "starts_on": "yesterday", "salary": 1, "family_size": 1.5, "insured": {"pension": "no"}}
    assert refused(case) == [
        "salary is not a known name.",
        "month must be text of 1 to 300 characters.",
        "salary_krw_a_year is missing.",
        "starts_on must be a day such as 2025-07-01, not 'yesterday'.",
        "family_size must be a whole number, not Decimal('1.5').",
        "insured.pension must be true or false, not 'no'.",
    ]


def test_contradictions_come_together() -> None:
    case = {**FELLOW, "month": "2025-06", "salary_krw_a_year": 0, "tax_way": "flat"}
    assert len(refused(case)) == 3


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (b"", "The case is not JSON: "),
        (b"{", "The case is not JSON: "),
        (b"\xff\xfe", "The case is not UTF-8 text."),
        (b"[" * 100_000, "The case is nested too deeply."),
        (b" " * 1_000_001, "The case is longer than 1,000,000 bytes."),
        (b"[]", "The input must be a table of names and values, not []."),
        (b"null", "The input must be a table of names and values, not None."),
        (b'{"month": NaN}', "The case is not JSON: NaN is not a number that JSON knows."),
        (b'{"month": 1, "month": 2}', "The case is not JSON: a name is given twice."),
        (b'{"salary_krw_a_year": ' + b"9" * 5_000 + b"}", "The case is not JSON: "),
    ],
)
def test_input_that_is_no_case_is_refused_in_one_sentence(text: bytes, words: str) -> None:
    (sentence,) = refused(text)
    assert sentence.startswith(words)


def test_a_month_that_no_table_covers_is_refused() -> None:
    assert refused({**FELLOW, "month": "2027-01"}) == ["No table of national pension covers 2027-01-01."]


def test_tables_may_be_given_as_toml_or_json(tmp_path: Path, tables: Tables, rates_toml: str) -> None:
    changed = tmp_path / "rates.toml"
    changed.write_text(rates_toml.replace("employee = 3.545", "employee = 4"), encoding="utf-8")
    as_json = tmp_path / "rates.json"
    as_json.write_text(json.dumps(tables.data), encoding="utf-8")
    assert json.loads(run(FELLOW, "--tables", str(changed)).stdout)["items"][2]["amount_krw"] == 300_000
    assert json.loads(run(FELLOW, "--tables", str(as_json)).stdout)["table_version"] == tables.version


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("none.toml", None, "cannot be read: No such file or directory."),
        ("bad.toml", b"[", "The tables are not TOML: "),
        ("bad.json", b"[", "The table file is not JSON: "),
        ("latin.toml", b"\xff", "is not UTF-8 text."),
        ("empty.toml", b"", "rounding is missing."),
    ],
)
def test_unusable_tables_are_refused(tmp_path: Path, name: str, content: bytes | None, words: str) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    assert words in refused(FELLOW, "--tables", str(tmp_path / name))[0]


def test_an_unknown_argument_is_refused() -> None:
    done = run(FELLOW, "--guess")
    assert done.returncode == 2
    assert b"--guess" in done.stderr


@pytest.mark.parametrize(
    ("given", "arguments", "status", "out", "err"),
    [
        (json.dumps(FELLOW).encode(), [], 0, '"net_krw": 5863990', ""),
        (json.dumps({**FELLOW, "month": "2027-01"}).encode(), [], 2, "", "No table of national pension"),
        (json.dumps({**FELLOW, "starts_on": "2026-01-01"}).encode(), [], 2, "", "No day of 2025-07"),
        (b"\xff", [], 2, "", "The case is not UTF-8 text.\n"),
        (b"x" * 1_000_001, [], 2, "", "The case is longer"),
        (b"[" * 100_000, [], 2, "", "The case is nested too deeply.\n"),
        (b'{"a": 1, "a": Infinity}', [], 2, "", "The case is not JSON"),
        (b'{"a": 1, "a": 2}', [], 2, "", "The case is not JSON: a name is given twice.\n"),
        (b"{}", ["--tables", "no-such-file.json"], 2, "", "The table file no-such-file.json cannot be read"),
    ],
)
def test_main_answers_with_a_status_and_writes_to_one_stream_only(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    given: bytes,
    arguments: list[str],
    status: int,
    out: str,
    err: str,
) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(given)))
    assert main(arguments) == status
    written = capsys.readouterr()
    assert out in written.out
    assert err in written.err
    assert bool(written.out) != bool(written.err)


@pytest.mark.parametrize(("name", "content", "status"), [("rates.json", None, 0), ("latin.toml", b"\xff", 2)])
def test_main_reads_the_tables_it_is_given(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, tables: Tables, name: str, content: bytes | None, status: int
) -> None:
    file = tmp_path / name
    file.write_bytes(json.dumps(tables.data).encode() if content is None else content)
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(json.dumps(FELLOW).encode())))
    assert main(["--tables", str(file)]) == status
