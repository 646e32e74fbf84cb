"""Texts are found in Python and in templates, translations are merged with care, and nothing is lost on the way."""

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import translation
from django.utils.translation import trans_real

from common import catalogues

PYTHON = """
from django.utils.translation import gettext as _, ngettext, pgettext
A = _("Hello " "there")
B = ngettext("%(n)s lab", "%(n)s labs", 2)
C = pgettext("verb", "Open")
D = _(f"never {A}")
"""
TEMPLATE = """
    {% load i18n %}
  {% if x %}
      {% translate "Open" %} {% translate "Open" context "adjective" %} {{ _("Shown") }}
 {% blocktranslate trimmed count n=labs %}
    {{ n }} seat's
    gone
 {% plural %}
    {{ n }} seats' are gone
 {% endblocktranslate %}
 {# Translators: never shown #}
{% comment %}{% translate "Hidden" %}{% endcomment %}
  {% endif %}
"""
FOUND = {
    ("", "Hello there"),
    ("", "%(n)s lab"),
    ("verb", "Open"),
    ("", "Open"),
    ("adjective", "Open"),
    ("", "Shown"),
    ("", "%(n)s seat's gone"),
}
SEATS = "%(n)s seat's gone"


@pytest.fixture
def project(settings: Any, tmp_path: Path) -> Path:
    """A small project with a file of each kind, and one that is left out."""
    for name, text in {
        "room/states.py": PYTHON,
        "room/templates/page.html": TEMPLATE,
        "tests/test_x.py": PYTHON.replace("Hello", "Tested"),
        ".venv/x.py": PYTHON.replace("Hello", "Foreign"),
    }.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    settings.BASE_DIR, settings.LOCALE_PATHS = tmp_path, [tmp_path / "locale"]
    said("extract")
    return tmp_path


def said(*words: str) -> str:
    out = StringIO()
    call_command("messages", *words, stdout=out)
    return out.getvalue()


def merged(project: Path, given: dict[str, Any]) -> str:
    (project / "given.json").write_text(json.dumps(given))
    return said("merge", str(project / "given.json"))


def all_of_it(project: Path) -> dict[str, Any]:
    return {
        name: [f"{name.replace(SEATS, '%(n)s')} 말"] if isinstance(value, list) else "말"
        for name, value in json.loads(said("missing")).items()
    }


def test_every_kind_of_text_is_found(project: Path) -> None:
    assert set(catalogues.kept("ko")) == FOUND
    text = catalogues.po_path("ko").read_text()
    assert "#: room/templates/page.html" in text
    assert ":1" not in text.replace("nplurals=1", "")


def test_extracting_again_changes_nothing(project: Path) -> None:
    before = catalogues.po_path("ko").read_bytes()
    assert "unchanged" in said("extract")
    assert catalogues.po_path("ko").read_bytes() == before


def test_a_translation_stays_and_what_is_gone_goes(project: Path) -> None:
    merged(project, {"Shown": "보임", "verb\x04Open": "열기"})
    page = project / "room" / "templates" / "page.html"
    page.write_text(page.read_text().replace("Shown", "Displayed"))
    said("extract")
    known = catalogues.kept("ko")
    assert known["verb", "Open"].string == "열기"
    assert ("", "Shown") not in known
    assert known["", "Displayed"].string == ""


@pytest.mark.parametrize(
    "given",
    [{SEATS: ["자리"]}, {SEATS: "%(m)s 자리"}, {SEATS: ["%(n)s", "%(n)s"]}, {"Shown": ""}, {"Nowhere": "없음"}],
)
def test_a_wrong_translation_is_refused_and_a_right_one_beside_it_kept(project: Path, given: dict[str, Any]) -> None:
    with pytest.raises(CommandError, match="Refused"):
        merged(project, {**given, "Hello there": "안녕"})
    known = catalogues.kept("ko")
    assert known["", "Hello there"].string == "안녕"
    assert not any(catalogues.is_translated(message) for key, message in known.items() if key[1] != "Hello there")


def test_check_names_what_is_empty_fuzzy_or_changed(project: Path) -> None:
    with pytest.raises(CommandError, match="not translated: 'Shown'"):
        said("check")
    merged(project, all_of_it(project))
    assert "complete" in said("--check")
    path = catalogues.po_path("ko")
    whole = path.read_text()
    path.write_text(whole.replace('msgid "Shown"', '#, fuzzy\nmsgid "Shown"'))
    with pytest.raises(CommandError, match="not translated: 'Shown'"):
        said("check")
    path.write_text(whole.replace('msgstr[0] "%(n)s lab 말"', 'msgstr[0] "말"'))
    with pytest.raises(CommandError, match="placeholders differ: '%\\(n\\)s lab'"):
        said("check")
    path.write_text(whole)
    (project / "room" / "states.py").write_text(f'{PYTHON}E = _("New")\n')
    with pytest.raises(CommandError, match="ko: the texts of the project changed"):
        said("check")


def test_what_is_compiled_is_what_django_says(project: Path, settings: Any) -> None:
    merged(project, {"Shown": "보임", "verb\x04Open": "열기", SEATS: ["%(n)s석 없음"]})
    assert "3 translations" in said("compile")
    trans_real._translations.clear()
    trans_real.catalog.cache_clear() if hasattr(trans_real.catalog, "cache_clear") else None
    try:
        with translation.override("ko"):
            assert translation.gettext("Shown") == "보임"
            assert translation.pgettext("verb", "Open") == "열기"
            assert translation.ngettext(SEATS, "%(n)s seats' are gone", 3) == "%(n)s석 없음"
            assert translation.gettext("Hello there") == "Hello there"
    finally:
        trans_real._translations.clear()


def test_a_template_that_cannot_be_read_is_named(project: Path) -> None:
    (project / "room" / "templates" / "broken.html").write_text("{% blocktranslate %}{% if %}{% endblocktranslate %}")
    with pytest.raises(ValueError, match=r"broken\.html"):
        catalogues.extracted()
