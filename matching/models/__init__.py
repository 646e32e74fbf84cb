"""Seats, the labs' rank lists, match runs with their sealed input and outcome, and each person's result."""

from matching.models.after import PlaceChange, Refill
from matching.models.choices import ChoiceList, Pseudonym
from matching.models.couples import Couple
from matching.models.lists import ListAmendment, ListSeal, NotAcceptable, RankDraft, RankList
from matching.models.openings import Group, InstituteCap, Opening, Reserve, Reversion, SeatChange
from matching.models.runs import MatchResult, MatchRun
from matching.models.sandbox import LotteryStudy
from matching.models.seeds import MatchPlan, SeedShare
from matching.models.supplement import Supplement, SupplementList, SupplementWish, WaveOffer

__all__ = [
    "ChoiceList",
    "Couple",
    "Group",
    "InstituteCap",
    "ListAmendment",
    "ListSeal",
    "LotteryStudy",
    "MatchPlan",
    "MatchResult",
    "MatchRun",
    "NotAcceptable",
    "Opening",
    "PlaceChange",
    "Pseudonym",
    "RankDraft",
    "RankList",
    "Refill",
    "Reserve",
    "Reversion",
    "SeatChange",
    "SeedShare",
    "Supplement",
    "SupplementList",
    "SupplementWish",
    "WaveOffer",
]
