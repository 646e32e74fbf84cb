"""The order of the rooms holds: imports, foreign keys given as strings, and no import inside a function."""

import ast
from pathlib import Path

import pytest
from django.apps import apps
from django.db import models
from importlinter import cli

ROOT = Path(__file__).resolve().parents[2]
RANK = {
    room: rank
    for rank, rooms in enumerate(
        (
            ("common",),
            ("people",),
            ("notifications",),
            ("labs", "outreach"),
            ("applications",),
            ("reviews",),
            ("matching",),
            ("fellowships",),
            ("funding", "mentoring"),
            ("reports",),
            ("innocore",),
        )
    )
    for room in rooms
}
SOURCES = [path for room in RANK for path in sorted((ROOT / room).rglob("*.py")) if "migrations" not in path.parts]


def test_imports_follow_the_calendar() -> None:
    assert cli.lint_imports(config_filename=str(ROOT / "pyproject.toml"), no_cache=True) == cli.EXIT_STATUS_SUCCESS


def test_relations_point_downwards() -> None:
    """import-linter cannot see a foreign key given as a string; this walks every relation of every model."""
    wrong = []
    for model in apps.get_models():
        if model._meta.app_label not in RANK:
            continue
        for field in model._meta.get_fields():
            target = field.related_model if isinstance(field, models.ForeignKey | models.ManyToManyField) else None
            if target is None or target._meta.app_label not in RANK:
                continue
            here, there = model._meta.app_label, target._meta.app_label
            if here != there and RANK[there] >= RANK[here]:
                wrong.append(f"{model._meta.label}.{field.name} -> {target._meta.label}")
    assert not wrong


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_import_inside_a_function(path: Path) -> None:
    if path.name == "apps.py" or path.parts[-2:] == ("local", "servers.py"):
        return  # Django's own way; and the starter, which runs before libraries are installed
    tree = ast.parse(path.read_text())
    inside = [
        node.lineno
        for function in ast.walk(tree)
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
        for node in ast.walk(function)
        if isinstance(node, ast.Import | ast.ImportFrom)
    ]
    assert not inside


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_limits_of_size(path: Path) -> None:
    text = path.read_text()
    assert text.count("\n") <= 500
    for node in ast.walk(ast.parse(text)):
        if not isinstance(node, ast.FunctionDef):
            continue
        length = (node.end_lineno or node.lineno) - node.lineno + 1
        assert length <= 50, f"{node.name} has {length} lines"
        named = [arg.arg for arg in (*node.args.args, *node.args.kwonlyargs) if arg.arg not in {"self", "cls", "by"}]
        assert len(named) <= 8, f"{node.name} takes {len(named)} parameters"


def test_no_signals_and_no_save_overrides() -> None:
    wrong = []
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ImportFrom) and (node.module or "").endswith("signals"):
                wrong.append(f"{path}: signals")
            if path.name == "models.py" or "models" in path.parts:
                if isinstance(node, ast.FunctionDef) and node.name == "save":
                    wrong.append(f"{path}: save()")
    assert not wrong
