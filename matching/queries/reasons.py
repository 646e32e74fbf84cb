"""Saying to an applicant why: codes and figures of her own, turned into sentences. No other person is in them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from applications.models import CallLab
from matching.models import MatchResult

SENTENCES: Final[Mapping[str, str | Promise]] = {
    "not_ranked": _("The lab did not put you on its list of acceptable candidates."),
    "no_seats": _("The lab had no seats in this match."),
    "lost_lottery": _(
        "The lab had ranked you level with others, and there were not seats for all of you. The lottery decided, and "
        "your number did not come up."
    ),
    "not_stable": _(
        "The lab would have taken you in another outcome. With the couples of this match no outcome suits every list; "
        "officers decided on the one that comes closest, and the published files say where it does not."
    ),
    "institute_cap": _(
        "The lab still had a seat, but its institute had reached the number of places that it may fill. You stood at "
        "number %(position)s of the lab's list."
    ),
    "reserved_seat": _(
        "The seats open to you went to candidates whom the lab had ranked above you (you stood at number "
        "%(position)s). Its other seats are reserved for a group named in the call."
    ),
}


@dataclass(frozen=True)
class Reason:
    """One lab that she preferred to her place: its name, which choice of hers, and the sentences."""

    lab: CallLab
    choice: int
    words: list[str]


def reasons_of(result: MatchResult) -> list[Reason]:
    """A reason for each lab above her place (for each that she chose, if she has none), in the order of her choices."""
    refusals: list[dict[str, Any]] = result.explanation.get("refusals", [])
    labs = CallLab.objects.select_related("lab__institute").in_bulk([entry["call_lab"] for entry in refusals])
    return [Reason(labs[entry["call_lab"]], entry["choice"], _words(entry)) for entry in refusals]


def _words(entry: Mapping[str, Any]) -> list[str]:
    code, held, up = entry["reason"], entry.get("held") or 0, entry.get("places_up")
    first = _counted(code, held) or str(SENTENCES[code])
    closer = ngettext(
        "%(places_up)s place higher on the lab's list would have been enough.",
        "%(places_up)s places higher on the lab's list would have been enough.",
        up or 0,
    )
    return [words % entry for words in ([first, closer] if up else [first])]


def _counted(code: str, held: int) -> str:
    """The sentences that count seats."""
    if code == "ranked_above":
        return ngettext(
            "Its %(held)s seat went to a candidate whom the lab had ranked above you: you stood at number "
            "%(position)s of its list, and whoever got the seat at number %(cutoff)s.",
            "All %(held)s seats went to candidates whom the lab had ranked above you: you stood at number "
            "%(position)s of its list, and the last who got a seat at number %(cutoff)s.",
            held,
        )
    if code == "stayed_over_there":
        return ngettext(
            "The %(held)s seat of the lab's own went to a candidate whom it had ranked above you: you stood at number "
            "%(position)s of its list. Another lab would have passed on a seat only if it had stayed "
            "empty there.",
            "All %(held)s seats of the lab's own went to candidates whom it had ranked above you: you stood at number "
            "%(position)s of its list. Another lab would have passed on a seat only if it had stayed "
            "empty there.",
            held,
        )
    return ""
