"""The words of an offer letter: a text with places in braces, filled in for one candidate, and sealed by its hash."""

import hashlib
import json
import re
import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

PLACES: Final = (
    *("name", "lab", "institute", "programme", "first_day", "last_day"),
    *("salary", "fund", "deadline"),
)
NEEDED: Final = ("name", "lab", "institute", "first_day", "last_day", "salary", "fund", "deadline")
BRACED: Final = re.compile(r"\{([^{}]*)\}")
STANDARD: Final = Path(__file__).resolve().parent / "data" / "offer-letter.toml"


@cache
def standard_text(language: str) -> str:
    """What a letter says until an institute writes its own."""
    texts: dict[str, str] = tomllib.loads(STANDARD.read_text(encoding="utf-8"))
    return texts[language].strip()


def unknown_places(text: str) -> list[str]:
    """The words in braces of `text` that nothing is filled in for."""
    return sorted({word for word in BRACED.findall(text) if word not in PLACES})


def missing_places(text: str) -> list[str]:
    """What a letter has to say and `text` has no place for."""
    return [word for word in NEEDED if f"{{{word}}}" not in text]


def filled(text: str, values: Mapping[str, str]) -> list[str]:
    """The paragraphs of `text` with `values` in their places; what people typed is never read as a place again."""
    paragraphs = re.split(r"\n\s*\n", text.strip())
    return [BRACED.sub(lambda found: values.get(found[1], found[0]), " ".join(each.split())) for each in paragraphs]


def seal_of(letter: Mapping[str, Any]) -> str:
    """SHA-256 of a letter in both languages: canonical JSON, so that anybody can compute it again."""
    text = json.dumps(letter, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()
