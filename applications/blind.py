"""What reviewers must not read, taken out of what they do: patterns in, text with bars out. Pure."""

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Final

BAR: Final = "▇▇▇"


@lru_cache(maxsize=64)
def _compiled(patterns: tuple[str, ...]) -> re.Pattern[str] | None:
    return re.compile("|".join(f"(?:{pattern})" for pattern in patterns), re.IGNORECASE) if patterns else None


def redacted(text: str, patterns: Iterable[str]) -> str:
    """`text` with a bar in place of whatever one of `patterns` (regular expressions) finds."""
    found = _compiled(tuple(patterns))
    return found.sub(BAR, text) if found else text


def is_pattern(pattern: str) -> bool:
    """Whether `pattern` is a regular expression that does not find the empty text."""
    try:
        return re.compile(pattern).search("") is None
    except re.error:
        return False
