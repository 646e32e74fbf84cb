"""Reading JSON that others wrote: every refusal names the place and the reason."""

import json
import unicodedata
from collections.abc import Collection, Iterator
from typing import Final

MOST: Final = 1_000_000
LONGEST_ID: Final = 100


class Malformed(ValueError):
    """An input that is refused: `place` is a path from the root `$`, `reason` says what is wrong there."""

    def __init__(self, place: str, reason: str) -> None:
        super().__init__(f"{place}: {reason}")
        self.place = place
        self.reason = reason


class Unsupported(Malformed):
    """An input that is well formed but asks for a rule which this engine does not have."""


class _Object(dict[str, object]):
    """A JSON object that remembers a key given twice, for the reader who knows its place."""

    repeated: str | None = None


def _object_of(pairs: list[tuple[str, object]]) -> _Object:
    found = _Object(pairs)
    if len(found) < len(pairs):
        keys = [key for key, _ in pairs]
        found.repeated = next(key for key in keys if keys.count(key) > 1)
    return found


def load(text: str) -> object:
    """The value that a JSON text stands for. Refuses what is not JSON, naming line and column."""
    try:
        return json.loads(text, object_pairs_hook=_object_of)
    except json.JSONDecodeError as error:
        raise Malformed(f"line {error.lineno}, column {error.colno}", f"this is not JSON: {error.msg}") from None
    except RecursionError:
        raise Malformed("$", "this is nested too deeply") from None
    except ValueError:
        raise Malformed("$", "a number has too many digits") from None


def kind_of(value: object) -> str:
    """What a JSON value is, in words for a refusal."""
    names = {bool: "true or false", int: "a number", float: "a fraction", str: "a string", list: "a list"}
    return "null" if value is None else names.get(type(value), "an object")


def fields(value: object, place: str, required: Collection[str], optional: Collection[str] = ()) -> dict[str, object]:
    """An object with all `required` keys and no others than `optional` ones."""
    if not isinstance(value, dict):
        raise Malformed(place, f"must be an object, not {kind_of(value)}")
    if isinstance(value, _Object) and value.repeated is not None:
        raise Malformed(place, f"the key {value.repeated!r} is given twice")
    for key in required:
        if key not in value:
            raise Malformed(place, f"the key {key!r} is missing")
    if len(value) > len(required):
        for key in value:
            if key not in required and key not in optional:
                raise Malformed(place, f"the key {key!r} is unknown")
    return value


def items(value: object, place: str) -> list[object]:
    if not isinstance(value, list):
        raise Malformed(place, f"must be a list, not {kind_of(value)}")
    return value


def string(value: object, place: str) -> str:
    if not isinstance(value, str):
        raise Malformed(place, f"must be a string, not {kind_of(value)}")
    return value


def count(value: object, place: str) -> int:
    """A whole number from 0 to `MOST`."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise Malformed(place, f"must be a whole number, not {kind_of(value)}")
    if value < 0:
        raise Malformed(place, f"must not be negative, and is {value}")
    if value > MOST:
        raise Malformed(place, f"must not be more than {MOST:,}")
    return value


def identifier(value: object, place: str) -> str:
    """An id or a group's name: printable NFC text of 1 to `LONGEST_ID` characters, the same for every reader."""
    text = string(value, place)
    if not text:
        raise Malformed(place, "must not be empty")
    if len(text) > LONGEST_ID:
        raise Malformed(place, f"must not be longer than {LONGEST_ID} characters")
    if not text.isprintable():
        raise Malformed(place, f"{text!a} holds a character that cannot be printed")
    if not unicodedata.is_normalized("NFC", text):
        raise Malformed(place, f"{text!a} is not in Unicode normal form NFC")
    return text


def identifiers(value: object, place: str) -> tuple[str, ...]:
    """A list of ids, none twice, in the order given."""
    seen: dict[str, None] = {}
    for number, entry in enumerate(items(value, place)):
        name = identifier(entry, f"{place}[{number}]")
        if name in seen:
            raise Malformed(f"{place}[{number}]", f"{name!r} is in this list twice")
        seen[name] = None
    return tuple(seen)


def references(value: object, place: str, known: Collection[str], noun: str) -> tuple[str, ...]:
    """A list of ids that are all `known`, none twice, in the order given. Fast, for these are most of an input."""
    entries = items(value, place)
    seen: set[str] = set()
    for number, entry in enumerate(entries):
        if not isinstance(entry, str) or entry not in known:
            raise Malformed(f"{place}[{number}]", f"{identifier(entry, f'{place}[{number}]')!r} is no known {noun}")
        if entry in seen:
            raise Malformed(f"{place}[{number}]", f"{entry!r} is in this list twice")
        seen.add(entry)
    return tuple(entries)  # type: ignore[arg-type]  # each was shown to be a string above


def named(entries: list[object], place: str) -> Iterator[tuple[str, str, object]]:
    """Of a list of objects: each one's id, place and value. Refuses an id given twice."""
    seen: set[str] = set()
    for number, entry in enumerate(entries):
        here = f"{place}[{number}]"
        if not isinstance(entry, dict) or "id" not in entry:
            raise Malformed(here, f"must be an object with an id, not {kind_of(entry)}")
        name = identifier(entry["id"], f"{here}.id")
        if name in seen:
            raise Malformed(f"{here}.id", f"{name!r} is given twice")
        seen.add(name)
        yield name, here, entry


def canonical(value: object) -> str:
    """The one JSON text of a value: keys sorted, no spaces, characters as they are."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
