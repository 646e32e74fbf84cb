"""Eligibility: years since the doctorate with career breaks, expected degrees, documents and letters."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from applications.eligibility import TONES, Demands, Facts, Rule, Verdict, findings, months_after

DEMANDS = Demands(closes_on=date(2025, 7, 31), starts_on=date(2025, 10, 1), phd_within_years=5, letters_needed=2)
FACTS = Facts(date(2022, 2, 28), is_phd_expected=False, career_break_months=0, has_cv=True, letters_received=2)


def doctorate(**changes: object) -> tuple[Verdict, str]:
    with translation.override("en"):
        found = findings(replace(FACTS, **changes), DEMANDS)[0]  # type: ignore[arg-type]
    return found.verdict, found.words


@pytest.mark.parametrize(
    ("changes", "verdict", "says"),
    [
        ({}, Verdict.MET, "5 years last until"),
        ({"phd_awarded_on": date(2020, 7, 31)}, Verdict.MET, "last until"),
        ({"phd_awarded_on": date(2020, 7, 30)}, Verdict.UNMET, "ended on"),
        ({"phd_awarded_on": date(2020, 7, 30), "career_break_months": 1}, Verdict.MET, "1 months of breaks"),
        ({"phd_awarded_on": None}, Verdict.OFFICER, "No day"),
        ({"phd_awarded_on": date(2025, 8, 1)}, Verdict.OFFICER, "not marked as expected"),
        ({"phd_awarded_on": date(2025, 8, 31), "is_phd_expected": True}, Verdict.MET, "proof follows"),
        ({"phd_awarded_on": date(2025, 10, 2), "is_phd_expected": True}, Verdict.UNMET, "after the first day"),
        ({"phd_awarded_on": date(2025, 7, 1), "is_phd_expected": True}, Verdict.OFFICER, "ask for proof"),
    ],
)
def test_the_doctorate(changes: dict[str, object], verdict: Verdict, says: str) -> None:
    found, words = doctorate(**changes)
    assert found == verdict
    assert says in words


def test_documents_and_letters_are_for_an_officer_when_they_lack() -> None:
    with translation.override("en"):
        cv, letters = findings(replace(FACTS, has_cv=False, letters_received=1), DEMANDS)[1:]
    assert (cv.verdict, letters.verdict) == (Verdict.OFFICER, Verdict.OFFICER)
    assert letters.words == "1 letter has arrived; 2 are asked for."
    assert [row.verdict for row in findings(FACTS, DEMANDS)] == [Verdict.MET] * 3


def test_every_verdict_has_words_and_a_colour_in_both_languages() -> None:
    finding = findings(FACTS, DEMANDS)[0]
    said = set()
    for language in ("en", "ko"):
        with translation.override(language):
            said |= {replace(finding, verdict=verdict).verdict_words for verdict in Verdict}
    assert len(said) == 6
    assert {replace(finding, verdict=verdict).tone for verdict in Verdict} == set(TONES.values())


@given(st.dates(date(1950, 1, 1), date(2050, 1, 1)), st.integers(0, 240), st.integers(0, 240))
def test_months_are_counted_by_the_calendar(day: date, first: int, more: int) -> None:
    later = months_after(day, first)
    assert (later.year * 12 + later.month) - (day.year * 12 + day.month) == first
    assert later.day <= day.day
    assert months_after(day, first + more) >= later


DEMANDS_OF_ITS_OWN: list[tuple[dict[str, Any], dict[str, Any], Verdict]] = [
    ({"kind": "citizenship", "values": frozenset({"KR"}), "is_allowed": False}, {"citizenship": "VN"}, Verdict.MET),
    ({"kind": "citizenship", "values": frozenset({"KR"}), "is_allowed": False}, {"citizenship": "KR"}, Verdict.UNMET),
    ({"kind": "residence", "values": frozenset({"KR"})}, {"residence": "KR"}, Verdict.MET),
    ({"kind": "residence", "values": frozenset({"KR"})}, {"residence": ""}, Verdict.OFFICER),
    (
        {"kind": "residence", "values": frozenset({"KR"}), "needs_officer": True},
        {"residence": "US"},
        Verdict.OFFICER,
    ),
    ({"kind": "start", "until": date(2027, 3, 1)}, {"earliest_start_on": date(2027, 3, 1)}, Verdict.MET),
    ({"kind": "start", "until": date(2027, 3, 1)}, {"earliest_start_on": date(2027, 3, 2)}, Verdict.UNMET),
    ({"kind": "start", "until": date(2027, 3, 1)}, {}, Verdict.OFFICER),
    (
        {"kind": "answer", "question": "award", "values": frozenset({"no"})},
        {"answers": {"award": True}},
        Verdict.UNMET,
    ),
    (
        {"kind": "answer", "question": "award", "values": frozenset({"no"})},
        {"answers": {"award": False}},
        Verdict.MET,
    ),
    ({"kind": "answer", "question": "award", "values": frozenset({"no"})}, {}, Verdict.OFFICER),
]


@pytest.mark.parametrize(("rule", "facts", "verdict"), DEMANDS_OF_ITS_OWN)
def test_a_demand_of_the_calls_own(rule: dict[str, Any], facts: dict[str, Any], verdict: Verdict) -> None:
    known = Facts(date(2025, 1, 1), False, 0, True, 2, **facts)
    demands = Demands(date(2026, 1, 1), date(2026, 3, 1), 5, 2, (Rule(label="Own", **rule),))
    found = next(each for each in findings(known, demands) if each.label == "Own")
    assert found.verdict == verdict
    assert found.words
