"""How much public money matches what a partner gave. Pure."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Share:
    """A scheme's numbers: public won for 100 of the partner's, at most so many, and what share of in-kind counts."""

    ratio_percent: int
    ceiling_krw: int
    in_kind_counts_percent: int


def match_of(amount_krw: int, *, in_kind: bool, matched_krw: int, share: Share) -> int:
    """The public match of one receipt, rounded down to 1 won, after `matched_krw` of the pledge were matched before."""
    counted = amount_krw * share.in_kind_counts_percent // 100 if in_kind else amount_krw
    return max(0, min(counted * share.ratio_percent // 100, share.ceiling_krw - matched_krw))
