"""Answers kept for a moment: counts over very many rows, and what cannot have changed since nothing was written."""

import logging
from collections.abc import Callable
from time import perf_counter
from typing import Final, TypeVar

from django.conf import settings
from django.core.cache import cache
from django.utils.translation import get_language
from redis.exceptions import RedisError

from common.models import AuditEntry

T = TypeVar("T")
SECONDS: Final = 30
UNCHANGED_SECONDS: Final = 10
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


def unchanged(name: str, make: Callable[[], T]) -> T:
    """What `make()` gave, as long as nothing was written since: every write with a consequence has its audit entry.

    For a few seconds only, because the hour and a job's progress go on without one. `name` holds everything else that
    the answer depends on, the person too. Without a cache it is made each time.
    """
    if not settings.KEEP_UNCHANGED:
        return make()
    latest = AuditEntry.objects.order_by("-pk").values_list("pk", flat=True).first()
    key = f"unchanged:{name}:{get_language()}:{latest}"
    try:
        kept: T | None = cache.get(key)
        if kept is not None:
            return kept
        found = make()
        cache.set(key, found, UNCHANGED_SECONDS)
    except (OSError, RedisError):
        log.warning("the cache does not answer")
        return make()
    return found


def kept_count(name: str, count: Callable[[], T]) -> T:
    """A count that is not made again while nothing is written, nor more than once in half a minute where it is slow."""
    return unchanged(name, lambda: settled(name, count))
