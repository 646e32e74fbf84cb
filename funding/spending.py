"""Whether a claim keeps the rules of spending: pure, so that the page can say it while she types."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Rule:
    """One rule in force: its kind, number, forbidden words, and what a person reads."""

    kind: str
    value: int
    words: tuple[str, ...]
    reason: str


@dataclass(frozen=True)
class Wanted:
    """What is claimed: won, what for, papers (None: not chosen yet); the year's fund, what the category had, and
    whether a purchase request was approved before.
    """

    amount_krw: int
    purpose: str
    papers: int | None
    fund_krw: int
    category_krw: int
    is_requested: bool = False


def _is_broken(rule: Rule, wanted: Wanted) -> bool:
    if rule.kind == "forbidden":
        purpose = wanted.purpose.casefold()
        return any(word and word in purpose for word in rule.words)
    if rule.kind == "max_krw":
        return wanted.amount_krw > rule.value
    if rule.kind == "request_from":
        return wanted.amount_krw >= rule.value and not wanted.is_requested
    if rule.kind == "max_percent":
        return (wanted.category_krw + wanted.amount_krw) * 100 > wanted.fund_krw * rule.value
    return wanted.papers is not None and wanted.papers < rule.value


def broken(rules: Sequence[Rule], wanted: Wanted) -> Iterable[str]:
    """The reason of each rule that `wanted` breaks, in order."""
    return (rule.reason for rule in rules if _is_broken(rule, wanted))


def krw_of(foreign_minor: int, krw_e4: int) -> int:
    """Won for an amount in hundredths of a currency's unit, by a rate in ten-thousandths of a won, down to 1 won."""
    return foreign_minor * krw_e4 // (100 * 10_000)
