"""Is somebody eligible for a call? Pure: facts and rules in, findings with words out; an officer decides.

Years count from the day of the doctorate to the day the call closes, less career breaks (the programme's
notice of 2025: within five years of the doctorate in principle, or expected by the start; a committee may except).
"""

import calendar
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from common.when import day_words


class Verdict(StrEnum):
    MET = "met"
    UNMET = "unmet"
    OFFICER = "officer"


TONES: Final[dict[str, str]] = {Verdict.MET: "success", Verdict.UNMET: "danger", Verdict.OFFICER: "warning"}


@dataclass(frozen=True)
class Facts:
    """What an application says."""

    phd_awarded_on: date | None
    is_phd_expected: bool
    career_break_months: int
    has_cv: bool
    letters_received: int
    citizenship: str = ""
    residence: str = ""
    earliest_start_on: date | None = None
    answers: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Rule:
    """A demand that a call makes of its own: `kind` says which fact it looks at (`RuleKind`)."""

    kind: str
    label: str
    values: frozenset[str] = frozenset()
    is_allowed: bool = True
    until: date | None = None
    question: str = ""
    needs_officer: bool = False


@dataclass(frozen=True)
class Demands:
    """What a call demands."""

    closes_on: date
    starts_on: date
    phd_within_years: int
    letters_needed: int
    rules: tuple[Rule, ...] = ()


@dataclass(frozen=True)
class Finding:
    """One demand: met, not met, or for an officer to judge, and why."""

    code: str
    label: str
    verdict: Verdict
    words: str
    # nothing is said of it yet: no officer can judge it, and the applicant may still say it
    is_missing: bool = False

    @property
    def tone(self) -> str:
        return "neutral" if self.is_missing else TONES[self.verdict]

    @property
    def verdict_words(self) -> str:
        if self.is_missing:
            return _("Not given yet")
        said = {Verdict.MET: _("Met"), Verdict.UNMET: _("Not met"), Verdict.OFFICER: _("Needs an officer")}
        return said[self.verdict]


def months_after(day: date, months: int) -> date:
    """The same day of the month, `months` later; the last day of a shorter month."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    last = calendar.monthrange(year, month + 1)[1]
    return date(year, month + 1, min(day.day, last))


def findings(facts: Facts, demands: Demands) -> list[Finding]:
    """Every demand of the call against the facts."""
    own = [_own(facts, rule) for rule in demands.rules]
    return [_doctorate(facts, demands), *own, _documents(facts), _letters(facts, demands)]


def _own(facts: Facts, rule: Rule) -> Finding:
    verdict, words = _judge_start(facts, rule) if rule.kind == "start" else _judge_value(facts, rule)
    if verdict == Verdict.UNMET and rule.needs_officer:
        verdict = Verdict.OFFICER
    is_missing = facts.earliest_start_on is None if rule.kind == "start" else not _fact(facts, rule)
    return Finding(rule.kind, rule.label, verdict, words, is_missing)


def _judge_start(facts: Facts, rule: Rule) -> tuple[Verdict, str]:
    if facts.earliest_start_on is None or rule.until is None:
        return Verdict.OFFICER, _("No earliest start is given.")
    values = {"day": day_words(facts.earliest_start_on), "until": day_words(rule.until)}
    if facts.earliest_start_on <= rule.until:
        return Verdict.MET, _("Can start on %(day)s, by %(until)s.") % values
    return Verdict.UNMET, _("Can start on %(day)s only, after %(until)s.") % values


def _judge_value(facts: Facts, rule: Rule) -> tuple[Verdict, str]:
    value = _fact(facts, rule)
    if not value:
        return Verdict.OFFICER, _("Nothing is given yet.")
    if (value in rule.values) == rule.is_allowed:
        return Verdict.MET, _("Given: %(value)s.") % {"value": value}
    return Verdict.UNMET, _("Given: %(value)s, which this call does not allow.") % {"value": value}


def _fact(facts: Facts, rule: Rule) -> str:
    if rule.kind == "answer":
        given = facts.answers.get(rule.question)
        return {True: "yes", False: "no"}[given] if isinstance(given, bool) else str(given or "")
    return facts.citizenship if rule.kind == "citizenship" else facts.residence


def _doctorate(facts: Facts, demands: Demands) -> Finding:
    verdict, words = _judge_doctorate(facts, demands)
    return Finding("doctorate", _("Doctorate"), verdict, words, facts.phd_awarded_on is None)


def _judge_doctorate(facts: Facts, demands: Demands) -> tuple[Verdict, str]:
    day = facts.phd_awarded_on
    if day is None:
        return Verdict.OFFICER, _("No day of the doctorate is given.")
    if facts.is_phd_expected:
        return _judge_expected(day, demands)
    if day > demands.closes_on:
        return Verdict.OFFICER, _("The day lies after the deadline, but the doctorate is not marked as expected.")
    return _judge_years(day, facts.career_break_months, demands)


def _judge_expected(day: date, demands: Demands) -> tuple[Verdict, str]:
    values = {"day": day_words(day), "start": day_words(demands.starts_on)}
    if day > demands.starts_on:
        return Verdict.UNMET, _("Expected on %(day)s, after the first day of work on %(start)s.") % values
    if day < demands.closes_on:
        return Verdict.OFFICER, _("It was expected on %(day)s, which has passed: ask for proof.") % values
    return Verdict.MET, _("Expected on %(day)s, before the first day of work on %(start)s; proof follows.") % values


def _judge_years(day: date, break_months: int, demands: Demands) -> tuple[Verdict, str]:
    limit = months_after(day, 12 * demands.phd_within_years)
    credited = months_after(limit, break_months)
    values = {
        "day": day_words(day),
        "limit": day_words(limit),
        "credited": day_words(credited),
        "years": demands.phd_within_years,
        "months": break_months,
    }
    if demands.closes_on <= limit:
        return Verdict.MET, _("Awarded on %(day)s; %(years)s years last until %(limit)s.") % values
    if demands.closes_on <= credited:
        return Verdict.MET, _("Awarded on %(day)s; %(months)s months of breaks count, until %(credited)s.") % values
    return Verdict.UNMET, _("Awarded on %(day)s; the %(years)s years ended on %(credited)s, breaks counted.") % values


def _documents(facts: Facts) -> Finding:
    words = _("A curriculum vitae is there.") if facts.has_cv else _("There is no curriculum vitae.")
    verdict = Verdict.MET if facts.has_cv else Verdict.OFFICER
    return Finding("cv", _("Curriculum vitae"), verdict, words, not facts.has_cv)


def _letters(facts: Facts, demands: Demands) -> Finding:
    enough = facts.letters_received >= demands.letters_needed
    words = ngettext(
        "%(number)s letter has arrived; %(needed)s are asked for.",
        "%(number)s letters have arrived; %(needed)s are asked for.",
        facts.letters_received,
    ) % {"number": facts.letters_received, "needed": demands.letters_needed}
    return Finding("letters", _("Reference letters"), Verdict.MET if enough else Verdict.OFFICER, words, not enough)
