"""Answers kept for a moment: counts over very many rows, and what cannot have changed since nothing was written."""

import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from time import perf_counter
from typing import Any, Final, TypeVar, cast

from django.conf import settings
from django.core.cache import cache
from django.utils.translation import get_language
from redis.exceptions import RedisError

from common.models import AuditEntry

T = TypeVar("T")
SECONDS: Final = 30
UNCHANGED_SECONDS: Final = 10
log = logging.getLogger(__name__)
_looked: ContextVar[list[int] | None] = ContextVar("looked", default=None)


def settled(name: str, count: Callable[[], T]) -> T:
    """What `count()` gives; if that took long (a setting, in seconds), for half a minute what it gave before.

    `name` holds everything that the answer depends on, the person too. Without a cache it is counted each time.
    """
    key = f"settled:{name}"
    try:
        kept: T | None = cache.get(key)
        if kept is not None:
            return kept
        began = perf_counter()
        found = count()
        if perf_counter() - began > settings.SETTLE_COUNTS_SLOWER_THAN:
            cache.set(key, found, SECONDS)
    except (OSError, RedisError):
        log.warning("the cache does not answer")
        return count()
    return found


def unchanged(name: str, make: Callable[[], T]) -> T:
    """What `make()` gave, as long as nothing was written since: every write with a consequence has its audit entry.

    For a few seconds only, because the hour and a job's progress go on without one. `name` holds everything else that
    the answer depends on, the person too. Without a cache it is made each time.
    """
    return cast(T, unchanged_all({name: make})[name])


def unchanged_all(makers: Mapping[str, Callable[[], Any]]) -> dict[str, Any]:
    """Several answers as `unchanged` gives them, by name; looking for them costs what looking for one does."""
    if not settings.KEEP_UNCHANGED:
        return {name: make() for name, make in makers.items()}
    latest = _latest()
    keys = {name: f"unchanged:{name}:{get_language()}:{latest}" for name in makers}
    try:
        kept = cache.get_many(keys.values())
        made = {name: makers[name]() for name, key in keys.items() if key not in kept}
        if made:
            cache.set_many({keys[name]: found for name, found in made.items()}, UNCHANGED_SECONDS)
    except (OSError, RedisError):
        log.warning("the cache does not answer")
        return {name: make() for name, make in makers.items()}
    return {name: made[name] if name in made else kept[key] for name, key in keys.items()}


@contextmanager
def one_look() -> Iterator[None]:
    """Within it, what was written last is looked up once: for a request that only reads."""
    token = _looked.set([])
    try:
        yield
    finally:
        _looked.reset(token)


def look_again() -> None:
    """Something was written: whoever looked before looks again."""
    looked = _looked.get()
    if looked is not None:
        looked.clear()


def _latest() -> int:
    looked = _looked.get()
    if looked:
        return looked[0]
    latest = AuditEntry.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    if looked is not None:
        looked.append(latest)
    return latest


def kept_count(name: str, count: Callable[[], T]) -> T:
    """A count that is not made again while nothing is written, nor more than once in half a minute where it is slow."""
    return unchanged(name, lambda: settled(name, count))
