"""Counts that are kept for half a minute once they are slow."""

from typing import Any
from unittest import mock

from redis.exceptions import ConnectionError as Away

from common.settled import settled


def test_what_is_quick_is_counted_each_time() -> None:
    count = mock.Mock(side_effect=[1, 2])
    assert [settled("quick", count), settled("quick", count)] == [1, 2]


def test_what_is_slow_is_kept_under_its_own_name(settings: Any) -> None:
    settings.SETTLE_COUNTS_SLOWER_THAN = -1.0
    count = mock.Mock(side_effect=[{"a": 1}, {"a": 2}])
    assert [settled("slow", count), settled("slow", count), settled("other", count)] == [{"a": 1}, {"a": 1}, {"a": 2}]


def test_without_a_cache_it_is_counted(settings: Any) -> None:
    with mock.patch("common.settled.cache.get", side_effect=Away):
        assert settled("away", lambda: 7) == 7
