"""The texts of which hashes are published or mailed: one way to write one, with a salt that nobody can guess."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any


def as_text(kind: str, body: Mapping[str, Any], salt: str) -> str:
    """The one text of `body`: keys sorted, no spaces, characters as they are. Without a salt it is format 1, of which
    nothing new is made.
    """
    more = {"format": f"{kind}/2", "salt": salt} if salt else {"format": f"{kind}/1"}
    return json.dumps({**body, **more}, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def hash_of_text(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
