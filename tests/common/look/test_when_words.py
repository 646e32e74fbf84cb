"""Days, instants and deadlines: the zone is always said, and nobody is told more time than there is."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.template import Context, Template
from django.utils import translation

from common.when import deadline, instant_words, left_words

CLOSES = datetime(2025, 6, 30, 9, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("language", "zone", "said"),
    [
        ("en", "", "18:00 KST, 30 June 2025"),
        ("ko", "", "2025년 6월 30일 18:00 KST"),
        ("en", "America/New_York", "05:00 EDT, 30 June 2025"),
        ("en", "Asia/Dubai", "13:00 UTC+04, 30 June 2025"),
        ("en", "Nowhere/Atlantis", "18:00 KST, 30 June 2025"),
        ("en", "../../etc/passwd", "18:00 KST, 30 June 2025"),
    ],
)
def test_an_instant_says_its_zone(language: str, zone: str, said: str) -> None:
    with translation.override(language):
        assert instant_words(CLOSES, zone) == said


@pytest.mark.parametrize(
    ("gap", "said"),
    [
        (timedelta(days=12, hours=23), "12 days left"),
        (timedelta(hours=47, minutes=59), "47 hours left"),
        (timedelta(hours=48), "2 days left"),
        (timedelta(minutes=59, seconds=59), "59 minutes left"),
        (timedelta(seconds=30), "0 minutes left"),
        (timedelta(0), "closed"),
        (timedelta(days=-3), "closed"),
    ],
)
def test_time_left_is_rounded_down(gap: timedelta, said: str) -> None:
    with translation.override("en"):
        assert left_words(gap) == said


def test_a_deadline_is_said_in_the_readers_zone_too() -> None:
    with translation.override("en"):
        shown = deadline(CLOSES, "America/New_York", now=CLOSES - timedelta(hours=5))
        far = deadline(CLOSES, "Pacific/Honolulu", now=CLOSES - timedelta(days=9))
    assert (shown.there, shown.left, shown.tone) == ("05:00 in New York", "5 hours left", "danger")
    assert (far.there, far.tone) == ("23:00 on 29 June 2025 in Honolulu", "neutral")


def test_a_reader_on_korean_time_reads_one_time() -> None:
    assert deadline(CLOSES, "Asia/Tokyo", now=CLOSES).there == ""


def test_tags_give_machines_the_instant() -> None:
    page = Template(
        "{% load components %}{% instant at %}|{% day on %}|{% instant none %}|{% day none %}|{% deadline at %}"
    )
    with translation.override("en"):
        html = page.render(Context({"at": CLOSES, "on": date(2025, 7, 1), "none": None}))
    assert '<time datetime="2025-06-30T09:00:00+00:00">18:00 KST, 30 June 2025</time>' in html
    assert '<time datetime="2025-07-01">1 July 2025</time>|–|–|' in html
    assert "closed" in html
