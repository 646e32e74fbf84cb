"""Seats, the labs' rank lists, match runs with their sealed input and outcome, and each person's result."""

from matching.models.lists import RankList
from matching.models.openings import Group, InstituteCap, Opening, Reserve, Reversion, SeatChange
from matching.models.runs import MatchResult, MatchRun
from matching.models.seeds import MatchPlan, SeedShare

__all__ = [
    "Group",
    "InstituteCap",
    "MatchPlan",
    "MatchResult",
    "MatchRun",
    "Opening",
    "RankList",
    "Reserve",
    "Reversion",
    "SeatChange",
    "SeedShare",
]
