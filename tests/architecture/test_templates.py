"""Templates keep the strict policy: no inline script, style or handler, no foreign address, no long page."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
PAGES = [path for path in TEMPLATES if "mail" not in path.relative_to(ROOT / "templates").parts[:1]]
FORBIDDEN = {
    "inline style": re.compile(r"<style|\sstyle\s*=", re.I),
    "inline script": re.compile(r"<script(?![^>]*\ssrc=)", re.I),
    "event handler": re.compile(r"\son[a-z]+\s*=\s*[\"']", re.I),
    "javascript address": re.compile(r"javascript:", re.I),
    "foreign asset": re.compile(r"<(?:script|link|img|iframe)[^>]+(?:src|href)=[\"']https?://", re.I),
}


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_template_keeps_the_policy(path: Path) -> None:
    text = re.sub(r"{#.*?#}|{% comment %}.*?{% endcomment %}", "", path.read_text(), flags=re.S)
    text = text.replace('type="application/json"', 'src=""')
    found = [name for name, pattern in FORBIDDEN.items() if pattern.search(text)]
    assert not found
    assert text.count("\n") <= 200


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_forms_that_post_carry_the_token(path: Path) -> None:
    text = path.read_text()
    for form in re.findall(r"<form[^>]*method=[\"']post[\"'].*?</form>", text, flags=re.S | re.I):
        assert "csrf_token" in form or "{% crispy" in form or "{% include" in form


def test_notifications_speak_both_languages() -> None:
    kinds = [path for path in (ROOT / "templates" / "notifications").iterdir() if path.is_dir()]
    assert kinds
    for kind in kinds:
        for language in ("en", "ko"):
            first = (kind / f"{language}.txt").read_text().strip().splitlines()[0]
            assert "Subject:" in first or kind.name == "account", f"{kind.name}/{language}"
