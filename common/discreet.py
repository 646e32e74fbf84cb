"""Keeping personal links out of logs."""

import logging
import re
from typing import Final

SECRET_PART: Final = re.compile(r"(?<=/)[^/]{24,}(?=/|$)")


def discreet(path: str) -> str:
    """`path` without the parts that are long enough to be somebody's key."""
    return path if path.startswith("/static/") else SECRET_PART.sub("...", path)


class LongPartsOut(logging.Filter):
    """Django logs the address of what it refuses; a personal link that was refused may be good again tomorrow."""

    def filter(self, record: logging.LogRecord) -> bool:
        if record.name.startswith("django.") and isinstance(record.args, tuple):
            record.args = tuple(discreet(part) if isinstance(part, str) else part for part in record.args)
        return True
