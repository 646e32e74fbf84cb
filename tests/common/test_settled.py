"""Counts that are kept for half a minute once they are slow."""

from typing import Any
from unittest import mock

import pytest
from django.utils import translation
from redis.exceptions import ConnectionError as Away

from common.audit import record
from common.settled import kept_count, one_look, settled, unchanged


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


@pytest.mark.django_db
def test_nothing_is_made_again_while_nothing_is_written(settings: Any, officer: Any) -> None:
    settings.KEEP_UNCHANGED = True
    make = mock.Mock(side_effect=[1, 2, 3])
    name = f"look:{officer.pk}"
    assert [unchanged(name, make), unchanged(name, make)] == [1, 1]
    record("people.profile.kept", officer, by=officer)
    assert [unchanged(name, make), unchanged(name, make)] == [2, 2]
    with translation.override("ko"):
        assert unchanged(name, make) == 3


@pytest.mark.django_db
def test_a_request_that_only_reads_looks_once_and_sees_its_own_writes(
    settings: Any, officer: Any, django_assert_num_queries: Any
) -> None:
    settings.KEEP_UNCHANGED = True
    make = mock.Mock(side_effect=[1, 2, 3])
    name = f"once:{officer.pk}"
    with one_look():
        with django_assert_num_queries(1):
            assert [unchanged(name, make), unchanged(name, make)] == [1, 1]
        record("people.profile.kept", officer, by=officer)
        assert unchanged(name, make) == 2
    record("people.profile.kept", officer, by=officer)
    assert unchanged(name, make) == 3


@pytest.mark.django_db
def test_without_a_cache_it_is_made(settings: Any) -> None:
    settings.KEEP_UNCHANGED = True
    with mock.patch("common.settled.cache.get", side_effect=Away):
        assert unchanged("away", lambda: 7) == 7


@pytest.mark.django_db
def test_a_slow_count_outlives_a_write_for_half_a_minute(settings: Any, officer: Any) -> None:
    settings.KEEP_UNCHANGED, settings.SETTLE_COUNTS_SLOWER_THAN = True, -1.0
    count = mock.Mock(side_effect=[1, 2])
    assert kept_count(f"slow:{officer.pk}", count) == 1
    record("people.profile.kept", officer, by=officer)
    assert kept_count(f"slow:{officer.pk}", count) == 1
