"""States of rank lists and match runs."""

from typing import Final

from django.db import models
from django.utils.translation import gettext_lazy as _


class RankListState(models.TextChoices):
    DRAFT = "draft", _("Draft")
    CERTIFIED = "certified", _("Certified")


RANK_LIST_COLOURS: Final[dict[str, str]] = {RankListState.DRAFT: "neutral", RankListState.CERTIFIED: "success"}
RANK_LIST_MOVES: Final[dict[str, frozenset[str]]] = {
    RankListState.DRAFT: frozenset({RankListState.CERTIFIED}),
    RankListState.CERTIFIED: frozenset({RankListState.DRAFT}),
}


class RunState(models.TextChoices):
    REQUESTED = "requested", _("Being solved")
    SOLVED = "solved", _("Solved and verified")
    CONFIRMED = "confirmed", _("Confirmed by a second officer")
    PUBLISHED = "published", _("Published")
    DISCARDED = "discarded", _("Discarded")


RUN_COLOURS: Final[dict[str, str]] = {
    RunState.REQUESTED: "neutral",
    RunState.SOLVED: "info",
    RunState.CONFIRMED: "warning",
    RunState.PUBLISHED: "success",
    RunState.DISCARDED: "neutral",
}
RUN_MOVES: Final[dict[str, frozenset[str]]] = {
    RunState.REQUESTED: frozenset({RunState.SOLVED, RunState.DISCARDED}),
    RunState.SOLVED: frozenset({RunState.CONFIRMED, RunState.DISCARDED}),
    RunState.CONFIRMED: frozenset({RunState.PUBLISHED, RunState.DISCARDED}),
    RunState.PUBLISHED: frozenset(),
    RunState.DISCARDED: frozenset(),
}


class ReserveOrder(models.TextChoices):
    OPEN_FIRST = "open_first", _("Open seats first")
    RESERVED_FIRST = "reserved_first", _("Reserved seats first")
