"""The documentation builds, names every setting, speaks both languages, and points at what exists."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")
KOREAN = re.compile(r"[가-힣]")
READERS = {"str", "bool", "int", "list", "db_url"}


def settings_read() -> set[str]:
    """The names of the environment that settings.py reads; those of sign-in providers are made in a loop there."""
    found: set[str] = set()
    providers: set[str] = set()
    tree = ast.parse((ROOT / "innocore" / "settings.py").read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.comprehension) and isinstance(node.iter, ast.Tuple):
            rows = [row for row in node.iter.elts if isinstance(row, ast.Tuple)]
            providers |= {str(row.elts[0].value) for row in rows if isinstance(row.elts[0], ast.Constant)}
    for node in ast.walk(tree):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in READERS):
            continue
        if not (isinstance(node.func.value, ast.Name) and node.func.value.id == "env"):
            continue
        name = node.args[0]
        if isinstance(name, ast.Constant):
            found.add(str(name.value))
        elif isinstance(name, ast.JoinedStr):
            tail = "".join(str(part.value) for part in name.values if isinstance(part, ast.Constant))
            found |= {provider + tail for provider in providers}
    return found


def rows_of(text: str) -> list[list[str]]:
    """The cells of every row of every table, heads and rules left out."""
    lines = text.splitlines()
    heads = {number - 1 for number, line in enumerate(lines) if line.startswith("| ---")}
    return [
        [cell.strip() for cell in line.strip().strip("|").split("|")]
        for number, line in enumerate(lines)
        if line.startswith("| ") and not line.startswith("| ---") and number not in heads
    ]


def test_pages_build_without_a_warning(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(tmp_path / "site")]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "WARNING" not in done.stderr
    assert (tmp_path / "site" / "glossary.html").is_file()


def test_every_page_is_in_the_navigation() -> None:
    navigation = (ROOT / "mkdocs.yml").read_text(encoding="utf-8")
    missing = [page for page in sorted(DOCS.rglob("*.md")) if page.relative_to(DOCS).as_posix() not in navigation]
    assert not missing


def test_settings_are_found() -> None:
    assert {"SECRET_KEY", "DATABASE_URL", "LINKEDIN_CLIENT_ID", "SSO_SECRET", "S3_BUCKET"} <= settings_read()


@pytest.mark.parametrize("name", sorted(settings_read()))
def test_setting_is_explained(name: str) -> None:
    first_cells = [row[0] for row in rows_of((DOCS / "operations.md").read_text(encoding="utf-8"))]
    assert any(f"`{name}`" in cell for cell in first_cells)


def test_glossary_speaks_both_languages() -> None:
    rows = rows_of((DOCS / "glossary.md").read_text(encoding="utf-8"))
    assert len(rows) > 40
    wrong = [row for row in rows if len(row) != 3 or KOREAN.search(row[0]) or not KOREAN.search(row[1]) or not row[2]]
    assert not wrong


def test_glossary_has_one_word_for_one_thing() -> None:
    rows = rows_of((DOCS / "glossary.md").read_text(encoding="utf-8"))
    for column in (0, 1):
        words = [row[column] for row in rows]
        assert len(words) == len(set(words))


def test_links_of_the_readme_exist() -> None:
    targets = LINK.findall((ROOT / "README.md").read_text(encoding="utf-8"))
    relative = [target for target in targets if not target.startswith(("http://", "https://"))]
    assert relative
    assert not [target for target in relative if not (ROOT / target).exists()]


def test_tests_that_the_pages_name_exist() -> None:
    named = set(re.findall(r"`(tests/[\w/.]+)`", (DOCS / "architecture.md").read_text(encoding="utf-8")))
    assert named
    assert not [name for name in named if not (ROOT / name).exists()]


def test_every_library_has_its_reason() -> None:
    """Each pinned package stands on the page of libraries."""
    page = (DOCS / "decisions" / "libraries.md").read_text(encoding="utf-8").lower()
    pins = [
        re.split(r"[\[=]", line)[0].lower()
        for name in ("requirements.txt", "requirements-local.txt", "requirements-dev.txt")
        for line in (ROOT / name).read_text(encoding="utf-8").splitlines()
        if "==" in line and not line.startswith("#")
    ]
    assert len(pins) > 30
    assert not [pin for pin in pins if not re.search(rf"(?<![\w-]){re.escape(pin)}(?![\w-])", page)]


def test_sign_ins_of_the_readme_are_those_of_the_demonstration() -> None:
    from innocore.demonstration.cast import CAST, PASSWORD

    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert PASSWORD in text
    assert not [part.mailbox for part in CAST if f"`{part.mailbox}`" not in text]
