"""Two windows on one form: what each field becomes when a form comes back that was shown some time ago. Pure.

A form carries, as its version, the fingerprint of each value that it was shown with. A field that comes back as it was
shown is untouched, so the stored value stays; one that was touched is written, unless it was changed elsewhere too.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any


def normal(value: Any) -> Any:
    """`value` as JSON holds it: days as text, rows by their keys in order, countries by their code."""
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(key): normal(each) for key, each in value.items()}
    if isinstance(value, Iterable):
        keys = [getattr(each, "pk", each) for each in value]
        return keys if isinstance(value, list) else sorted(keys)
    return str(getattr(value, "code", value) or "")


def fingerprint(value: Any) -> str:
    text = json.dumps(normal(value), sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def version_of(values: Mapping[str, Any]) -> str:
    """What a form that shows `values` carries: `title=ab12…&summary=…`."""
    return "&".join(f"{name}={fingerprint(value)}" for name, value in values.items())


def shown_in(version: str) -> dict[str, str]:
    """The fingerprints by field that a form carried; what cannot be read is left out."""
    pairs = (part.partition("=") for part in version.split("&") if "=" in part)
    return {name: value for name, _equals, value in pairs}


@dataclass
class Merged:
    """What comes of a merge: values to write, fields kept as they were changed elsewhere, and conflicts.

    `shown` says, by field, what the window now shows and, behind "~", which stored value she was told of.
    """

    write: dict[str, Any] = field(default_factory=dict)
    kept: list[str] = field(default_factory=list)
    conflicts: list[str] = field(default_factory=list)
    shown: dict[str, str] = field(default_factory=dict)

    @property
    def version(self) -> str:
        """What the window carries from now on."""
        return "&".join(f"{name}={value}" for name, value in self.shown.items())

    @property
    def insisting(self) -> str:
        """As `version`, for a page that shows the conflicts: sent once more, what stands there is written."""
        told = {name: f"~{self.shown[name].partition('~')[2]}" for name in self.conflicts}
        return "&".join(f"{name}={value}" for name, value in {**self.shown, **told}.items())


def merge(mine: Mapping[str, Any], theirs: Mapping[str, Any], shown: Mapping[str, str]) -> Merged:
    """Merge the form's values `mine` with the stored ones `theirs`, field by field.

    A field without a fingerprint in `shown` counts as shown as it is stored: it is written. After a conflict that she
    was told of, what she changes once more is written.
    """
    result = Merged(shown=dict(shown))
    for name, value in mine.items():
        now, new = fingerprint(theirs[name]), fingerprint(value)
        seen, _mark, told = shown.get(name, now).partition("~")
        result.shown[name] = new
        if new == now:
            continue
        if new == seen:
            result.kept.append(name)
            result.shown[name] = shown[name]
        elif now == (told or seen):
            result.write[name] = value
        else:
            result.conflicts.append(name)
            result.shown[name] = f"{new}~{now}"
    return result
