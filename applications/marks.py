"""What two letters share: a mark for each long sentence. Pure."""

import hashlib
import re
import unicodedata
from typing import Final

LONG: Final = 60
ENDS: Final = re.compile(r"[.!?。\n]+")


def marks_of(text: str) -> list[int]:
    """A number for each sentence of at least sixty letters, whatever its spaces and capitals; each once, in order."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    sentences = ("".join(part.split()) for part in ENDS.split(folded))
    return sorted({_mark(sentence) for sentence in sentences if len(sentence) >= LONG})


def _mark(sentence: str) -> int:
    return int.from_bytes(hashlib.sha256(sentence.encode()).digest()[:8], "big", signed=True)
