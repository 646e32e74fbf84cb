"""States of rank lists and match runs."""

from typing import Final

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class RankListState(models.TextChoices):
    DRAFT = "draft", _("Draft")
    PROPOSED = "proposed", _("Waits for a second person of the lab")
    CERTIFIED = "certified", _("Certified")


RANK_LIST_COLOURS: Final[dict[str, str]] = {
    RankListState.DRAFT: "neutral",
    RankListState.PROPOSED: "warning",
    RankListState.CERTIFIED: "success",
}
RANK_LIST_MOVES: Final[dict[str, frozenset[str]]] = {
    RankListState.DRAFT: frozenset({RankListState.PROPOSED}),
    RankListState.PROPOSED: frozenset({RankListState.CERTIFIED, RankListState.DRAFT}),
    RankListState.CERTIFIED: frozenset({RankListState.DRAFT}),
}


class RunState(models.TextChoices):
    REQUESTED = "requested", _("Being solved")
    SOLVED = "solved", _("Solved and verified")
    CONFIRMED = "confirmed", _("Confirmed by a second officer")
    SCHEDULED = "scheduled", _("Confirmed, to be published")
    PUBLISHED = "published", _("Published")
    DISCARDED = "discarded", _("Discarded")


RUN_COLOURS: Final[dict[str, str]] = {
    RunState.REQUESTED: "neutral",
    RunState.SOLVED: "info",
    RunState.CONFIRMED: "warning",
    RunState.SCHEDULED: "warning",
    RunState.PUBLISHED: "success",
    RunState.DISCARDED: "neutral",
}
RUN_MOVES: Final[dict[str, frozenset[str]]] = {
    RunState.REQUESTED: frozenset({RunState.SOLVED, RunState.DISCARDED}),
    RunState.SOLVED: frozenset({RunState.CONFIRMED, RunState.DISCARDED}),
    RunState.CONFIRMED: frozenset({RunState.SCHEDULED, RunState.PUBLISHED, RunState.DISCARDED}),
    RunState.SCHEDULED: frozenset({RunState.CONFIRMED, RunState.PUBLISHED, RunState.DISCARDED}),
    RunState.PUBLISHED: frozenset(),
    RunState.DISCARDED: frozenset(),
}


class ReserveOrder(models.TextChoices):
    OPEN_FIRST = "open_first", _("Open seats first")
    RESERVED_FIRST = "reserved_first", _("Reserved seats first")


class ChangeState(models.TextChoices):
    ASKED = "asked", _("Waits for a second person")
    APPROVED = "approved", _("Approved")
    DECLINED = "declined", _("Declined")


CHANGE_COLOURS: Final[dict[str, str]] = {
    ChangeState.ASKED: "warning",
    ChangeState.APPROVED: "success",
    ChangeState.DECLINED: "neutral",
}
CHANGE_MOVES: Final[dict[str, frozenset[str]]] = {
    ChangeState.ASKED: frozenset({ChangeState.APPROVED, ChangeState.DECLINED}),
    ChangeState.APPROVED: frozenset(),
    ChangeState.DECLINED: frozenset(),
}


class ReversionState(models.TextChoices):
    OFFERED = "offered", _("Offered to the other lab")
    AGREED = "agreed", _("Agreed by both labs")
    ENDED = "ended", _("Ended")


REVERSION_COLOURS: Final[dict[str, str]] = {
    ReversionState.OFFERED: "warning",
    ReversionState.AGREED: "success",
    ReversionState.ENDED: "neutral",
}
REVERSION_MOVES: Final[dict[str, frozenset[str]]] = {
    ReversionState.OFFERED: frozenset({ReversionState.AGREED, ReversionState.ENDED}),
    ReversionState.AGREED: frozenset({ReversionState.ENDED}),
    ReversionState.ENDED: frozenset(),
}


class Fact(models.TextChoices):
    """What of an application a group may look at."""

    RESIDENCE = "residence", _("Country where she lives now")
    CITIZENSHIP = "citizenship", _("Citizenship")
    PHD_COUNTRY = "phd_country", _("Country of the doctorate")
    SECTOR = "sector", _("Sector")
    ANSWER = "answer", _("Answer to a question of the call")


class Unfit(models.TextChoices):
    """Why a lab does not find a candidate acceptable."""

    FIELD = "field", _("The research does not fit the lab")
    METHODS = "methods", _("Methods that the lab needs are missing")
    SCORES = "scores", _("The reviews do not support it")
    LETTERS = "letters", _("The letters do not support it")
    START = "start", _("Cannot start in time")
    SUPERVISION = "supervision", _("Nobody could supervise it")
    OTHER = "other", _("Another reason")


class RefillKind(models.TextChoices):
    """How free places are filled."""

    WAITLIST = "waitlist", _("Waitlist: place after place, nobody is worse off, the fewest move")
    REMATCH = "rematch", _("Match again with the least disruption: whoever can stay, stays")
    AFRESH = "afresh", _("Match again from the beginning: best for applicants, more people move")


class WaveState(models.TextChoices):
    OFFERED = "offered", _("Waits for an answer")
    ACCEPTED = "accepted", _("Accepted")
    DECLINED = "declined", _("Declined")
    LAPSED = "lapsed", _("Lapsed")


WAVE_COLOURS: Final[dict[str, str]] = {
    WaveState.OFFERED: "warning",
    WaveState.ACCEPTED: "success",
    WaveState.DECLINED: "neutral",
    WaveState.LAPSED: "neutral",
}
WAVE_MOVES: Final[dict[str, frozenset[str]]] = {
    WaveState.OFFERED: frozenset({WaveState.ACCEPTED, WaveState.DECLINED, WaveState.LAPSED}),
    WaveState.ACCEPTED: frozenset(),
    WaveState.DECLINED: frozenset(),
    WaveState.LAPSED: frozenset(),
}


class CoupleState(models.TextChoices):
    ASKED = "asked", pgettext_lazy("couple", "Asked")
    JOINED = "joined", pgettext_lazy("couple", "Rank together")
    ENDED = "ended", pgettext_lazy("couple", "Ended")


COUPLE_COLOURS: Final[dict[str, str]] = {
    CoupleState.ASKED: "warning",
    CoupleState.JOINED: "success",
    CoupleState.ENDED: "neutral",
}
COUPLE_MOVES: Final[dict[str, frozenset[str]]] = {
    CoupleState.ASKED: frozenset({CoupleState.JOINED, CoupleState.ENDED}),
    CoupleState.JOINED: frozenset({CoupleState.ENDED}),
    CoupleState.ENDED: frozenset(),
}
