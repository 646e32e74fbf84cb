"""Typed reading of plain data (TOML, JSON, a database row) into frozen dataclasses, and writing it back canonically.

A shape is a frozen dataclass of `Percent`, `Won`, `SignedWon`, `Count`, `date`, `str`, `bool`, other shapes, tuples of
them, or `None` beside one of them. Unknown and missing keys are problems, and so is every float: a misspelt key or an
inexact rate must never be waved through.
"""

import re
from collections.abc import Callable
from dataclasses import MISSING, Field, fields, is_dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from types import NoneType, UnionType
from typing import Annotated, Any, Final, TypeVar, Union, get_args, get_origin, get_type_hints

# Plain numbers to whoever writes them; the mark tells the reader their range.
Percent = Annotated[Decimal, "percent"]
Won = Annotated[int, "won"]
SignedWon = Annotated[int, "won of either sign"]
Count = Annotated[int, "count"]

MOST_WON: Final = 10**15
MOST_COUNT: Final = 99
DECIMAL_WORDS: Final = re.compile(r"\d{1,3}(\.\d{1,9})?", re.ASCII)
DAY_WORDS: Final = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)

Shape = TypeVar("Shape")


class Malformed(ValueError):
    """Data that does not fit its shape; `problems` holds one sentence for each thing that is wrong."""

    def __init__(self, problems: list[str] | tuple[str, ...]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(self.problems))


class Wrong(ValueError):
    """One value that does not fit; the words continue the name of its place."""


def key_of(field: Field[Any]) -> str:
    """The field's name in data: `from` and the like cannot be names in Python."""
    return str(field.metadata.get("key", field.name))


def _seen(value: object) -> str:
    words = repr(value)
    return words if len(words) <= 40 else f"{words[:37]}..."


def _whole(value: object, least: int, most: int, what: str) -> int:
    if type(value) is not int:
        raise Wrong(f"must be {what}, not {_seen(value)}.")
    if not least <= value <= most:
        raise Wrong(f"must lie between {least:,} and {most:,}.")
    return value


def _percent(value: object) -> Decimal:
    if isinstance(value, float):
        raise Wrong(f'is an inexact number; write it as text, for instance "{value}".')
    is_number = type(value) is int or isinstance(value, Decimal)
    if not is_number and not (isinstance(value, str) and DECIMAL_WORDS.fullmatch(value)):
        raise Wrong(f'must be a number of percent such as "4.5", not {_seen(value)}.')
    rate = Decimal(str(value))
    if not rate.is_finite() or not 0 <= rate <= 100:
        raise Wrong("must lie between 0 and 100 percent.")
    return rate


def _day(value: object) -> date:
    if type(value) is date:
        return value
    if not isinstance(value, str) or not DAY_WORDS.fullmatch(value):
        raise Wrong(f"must be a day such as 2025-07-01, not {_seen(value)}.")
    try:
        return date.fromisoformat(value)
    except ValueError as error:
        raise Wrong(f"is a day that no calendar has: {value}.") from error


def _text(value: object) -> str:
    if not isinstance(value, str) or not value.strip() or len(value) > 300:
        raise Wrong("must be text of 1 to 300 characters.")
    return value


def _flag(value: object) -> bool:
    if not isinstance(value, bool):
        raise Wrong(f"must be true or false, not {_seen(value)}.")
    return value


def _won(value: object) -> int:
    return _whole(value, 0, MOST_WON, "a whole number of won")


def _signed_won(value: object) -> int:
    return _whole(value, -MOST_WON, MOST_WON, "a whole number of won")


def _count(value: object) -> int:
    return _whole(value, 1, MOST_COUNT, "a whole number")


READERS: Final[dict[Any, Callable[[object], object]]] = {
    Percent: _percent,
    Won: _won,
    SignedWon: _signed_won,
    Count: _count,
    date: _day,
    str: _text,
    bool: _flag,
}


@cache
def _hints(shape: Any) -> dict[str, Any]:
    return get_type_hints(shape, include_extras=True)


class _Reader:
    def __init__(self) -> None:
        self.problems: list[str] = []

    def value(self, kind: Any, raw: object, where: str) -> Any:
        if get_origin(kind) in {Union, UnionType}:
            options = [option for option in get_args(kind) if option is not NoneType]
            return None if raw is None else self.value(options[0], raw, where)
        if get_origin(kind) is tuple:
            return self.many(get_args(kind)[0], raw, where)
        if is_dataclass(kind):
            return self.shape(kind, raw, where)
        try:
            return READERS[kind](raw)
        except Wrong as wrong:
            self.problems.append(f"{where} {wrong}")
            return None

    def many(self, kind: Any, raw: object, where: str) -> tuple[Any, ...]:
        """A list; a single table stands for a list of one, as TOML writes it with single brackets."""
        if isinstance(raw, dict):
            raw = [raw]
        if not isinstance(raw, list | tuple):
            self.problems.append(f"{where} must be a list.")
            return ()
        return tuple(self.value(kind, one, f"{where}[{number}]") for number, one in enumerate(raw, start=1))

    def shape(self, kind: Any, raw: object, where: str) -> Any:
        if not isinstance(raw, dict):
            self.problems.append(f"{where or 'The input'} must be a table of names and values, not {_seen(raw)}.")
            return None
        before = len(self.problems)
        hints = _hints(kind)
        known = {key_of(field): field for field in fields(kind)}
        prefix = f"{where}." if where else ""
        self.problems += [f"{prefix}{key} is not a known name." for key in raw if key not in known]
        values = {}
        for key, field in known.items():
            if key in raw:
                values[field.name] = self.value(hints[field.name], raw[key], f"{prefix}{key}")
            elif field.default is MISSING and field.default_factory is MISSING:
                self.problems.append(f"{prefix}{key} is missing.")
        return kind(**values) if len(self.problems) == before else None


def read(shape: type[Shape], raw: object) -> Shape:
    """Make a `shape` of plain `raw` data, or refuse with `Malformed` naming everything that is wrong."""
    reader = _Reader()
    made = reader.value(shape, raw, "")
    if reader.problems or made is None:
        raise Malformed(reader.problems)
    result: Shape = made
    return result


def exact(rate: Decimal) -> str:
    """A rate as text without superfluous zeros: 4.50 and 4.5 are one rate."""
    words = f"{rate:f}"
    return words.rstrip("0").rstrip(".") if "." in words else words


def _is_default(value: object, field: Field[Any]) -> bool:
    """Equal and of the same type: True equals 1 in Python, but is no number of people."""
    return field.default is not MISSING and type(value) is type(field.default) and bool(value == field.default)


def plain(value: object) -> Any:
    """Write `value` as plain JSON data that `read` reads back.

    Defaults are left out, so that a name added to a shape later does not change what older data writes.
    """
    if is_dataclass(value) and not isinstance(value, type):
        return {
            key_of(field): plain(getattr(value, field.name))
            for field in fields(value)
            if not _is_default(getattr(value, field.name), field)
        }
    if isinstance(value, tuple):
        return [plain(one) for one in value]
    if isinstance(value, Decimal):
        return exact(value)
    return value.isoformat() if isinstance(value, date) else value
