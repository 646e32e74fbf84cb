"""Key-set pagination: a page begins after a row, not after a number of rows; it costs the same on every page.

    page = key_page_for(request, queryset, order=("-submitted_at", "-pk"))

A cursor is the sort values of the row it stands at, signed. One that does not fit leads to the first page.
"""

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from operator import attrgetter
from typing import Any, Final, Generic, TypeVar

from django.core import signing
from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest

M = TypeVar("M", bound=Model)
Order = tuple[str, ...]
SIZES: Final = (20, 50, 100)
LAST: Final = "last"
READ: Final[dict[str, Callable[[str], Any]]] = {
    "t": datetime.fromisoformat,
    "d": date.fromisoformat,
    "n": Decimal,
    "u": uuid.UUID,
}
MARKS: Final[tuple[tuple[type, str], ...]] = ((datetime, "t"), (date, "d"), (Decimal, "n"), (uuid.UUID, "u"))


@dataclass(frozen=True)
class KeyPage(Generic[M]):
    """Rows of one page and the cursors to its neighbours; an empty cursor means there is no such page."""

    rows: list[M]
    next_cursor: str
    previous_cursor: str
    size: int
    sizes: tuple[int, ...] = SIZES

    def __bool__(self) -> bool:
        return bool(self.rows)


def key_page_for(
    request: HttpRequest, queryset: QuerySet[M], *, order: Order, sizes: tuple[int, ...] = SIZES
) -> KeyPage[M]:
    """The page of `queryset` that the address asks for by `after`, `before` and `size`."""
    asked = request.GET.get("size", "")
    size = int(asked) if asked.isdecimal() and int(asked) in sizes else sizes[0]
    after, before = request.GET.get("after", ""), request.GET.get("before", "")
    page = key_page(queryset, order=order, after=after, before=before, size=size)
    return KeyPage(page.rows, page.next_cursor, page.previous_cursor, size, sizes)


def key_page(
    queryset: QuerySet[M], *, order: Order, after: str = "", before: str = "", size: int = SIZES[0]
) -> KeyPage[M]:
    """`size` rows of `queryset` in `order`, beginning after cursor `after` or ending before cursor `before`.

    `before` may be `LAST`, for the last page. `order` holds field names with an optional "-", the last one unique; a
    related field (`lab__name`) needs `select_related`. One query; a second one only when a cursor fits but nothing is
    left beyond it.
    """
    values = _read(before or after, order)
    is_last = before == LAST
    backward = is_last or (bool(before) and values is not None)
    rows = _rows(queryset, _flipped(order) if backward else order, values, size)
    if not rows and values is not None:
        return key_page(queryset, order=order, size=size)
    more, rows = len(rows) > size, rows[:size]
    if backward:
        rows.reverse()
    has_next, has_previous = (not is_last, more) if backward else (more, values is not None)
    return KeyPage(
        rows,
        next_cursor=_cursor(rows[-1], order) if rows and has_next else "",
        previous_cursor=_cursor(rows[0], order) if rows and has_previous else "",
        size=size,
    )


def is_cursor(cursor: str, order: Order) -> bool:
    """Whether `cursor` is one of a list in `order`."""
    return _read(cursor, order) is not None


def order_from(request: HttpRequest, orders: Mapping[str, Order], *, default: str) -> tuple[str, Order]:
    """The sort that the address asks for by `sort` (`name`, or `-name` for the other way), and its fields.

    `orders` maps a word to the fields of its ascending order; `default` is such a word, perhaps with a "-".
    """
    asked = request.GET.get("sort", default)
    word = asked if asked.removeprefix("-") in orders else default
    order = orders[word.removeprefix("-")]
    return word, _flipped(order) if word.startswith("-") else order


def _flipped(order: Order) -> Order:
    return tuple(name.removeprefix("-") if name.startswith("-") else f"-{name}" for name in order)


def _rows(queryset: QuerySet[M], order: Order, values: Sequence[Any] | None, size: int) -> list[M]:
    ordered = queryset.order_by(*order)
    if values is not None:
        ordered = ordered.filter(_beyond(order, values))
    return list(ordered[: size + 1])


def _beyond(order: Order, values: Sequence[Any]) -> Q:
    """Rows that follow `values` in `order`; Postgres puts NULL last going up and first going down."""
    result, same = Q(pk__in=()), Q()
    for name, value in zip(order, values, strict=True):
        field = name.removeprefix("-")
        result |= same & _follows(field, value, up=not name.startswith("-"))
        same &= Q((f"{field}__isnull", True)) if value is None else Q((field, value))
    return result


def _follows(field: str, value: Any, *, up: bool) -> Q:
    if value is None:
        return Q(pk__in=()) if up else Q((f"{field}__isnull", False))
    if not up:
        return Q((f"{field}__lt", value))
    return Q((f"{field}__gt", value)) | Q((f"{field}__isnull", True))


def _salt(order: Order) -> str:
    return f"common.paging:{','.join(order)}"


def _cursor(row: Model, order: Order) -> str:
    names = [name.removeprefix("-").replace("__", ".") for name in order]
    return signing.dumps([_written(attrgetter(name)(row)) for name in names], salt=_salt(order))


def _written(value: Any) -> Any:
    for kind, mark in MARKS:
        if isinstance(value, kind):
            return [mark, value.isoformat() if isinstance(value, date) else str(value)]
    return value


def _read(cursor: str, order: Order) -> list[Any] | None:
    if not cursor:
        return None
    try:
        values = signing.loads(cursor, salt=_salt(order))
    except signing.BadSignature:
        return None
    return [READ[value[0]](value[1]) if isinstance(value, list) else value for value in values]
