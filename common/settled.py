"""Counts over very many rows, kept for half a minute: what takes long to count is not counted at every look."""

import logging
from collections.abc import Callable
from time import perf_counter
from typing import Final, TypeVar

from django.conf import settings
from django.core.cache import cache
from redis.exceptions import RedisError

T = TypeVar("T")
SECONDS: Final = 30
log = logging.getLogger(__name__)


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
