"""Whether a call can be matched: openings, certified lists, letters still awaited, what stands in the way."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db.models import Count, F, Func, Q
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from applications.models import Call, CallLab, ReferenceLetter
from applications.states import ApplicationState, LetterState
from common.settled import settled
from matching.models import MatchRun, Opening
from matching.queries.choices import choices_due
from matching.queries.freezing import eligible, openings_of
from matching.queries.plans import beyond_money
from matching.queries.seeds import LINES, may_still_commit, plan_of, shares_of
from matching.states import ChangeState, RankListState, RunState

LIVE = (RunState.REQUESTED, RunState.SOLVED, RunState.CONFIRMED, RunState.SCHEDULED)
AWAITED = (LetterState.ASKED, LetterState.OPENED)


@dataclass(frozen=True)
class LabReadiness:
    """One lab: its seats, how many chose it, how many it ranked."""

    opening: Opening
    candidates: int

    @property
    def ranked(self) -> int:
        return len(self.opening.rank_list.ranked)

    @property
    def is_ready(self) -> bool:
        return self.opening.seats == 0 or self.opening.rank_list.state == RankListState.CERTIFIED


@dataclass(frozen=True)
class Readiness:
    """What the officer sees before she asks for a run."""

    labs: list[LabReadiness]
    unopened: list[CallLab]
    applications: int
    undecided: int
    letters_awaited: int
    reasons: list[str | Promise] = field(default_factory=list)

    @property
    def seats(self) -> int:
        return sum(row.opening.seats for row in self.labs)

    @property
    def certified(self) -> int:
        return sum(row.is_ready for row in self.labs)


def readiness_of(call: Call) -> Readiness:
    """Eight queries, however many labs and applications."""
    openings = list(openings_of(call))
    counted = settled(f"chosen:{call.pk}", lambda: _times_chosen(call))
    applications = eligible(call).count()
    unopened = list(call.call_labs.filter(opening=None).select_related("lab"))
    figures = call.applications.aggregate(undecided=Count("pk", filter=Q(state=ApplicationState.SUBMITTED)))
    awaited = ReferenceLetter.objects.filter(application__in=eligible(call), state__in=AWAITED).count()
    labs = [LabReadiness(opening, counted.get(opening.call_lab_id, 0)) for opening in openings]
    found = Readiness(labs, unopened, applications, figures["undecided"], awaited)
    found.reasons.extend(_obstacles(call, found))
    return found


def _times_chosen(call: Call) -> dict[int, int]:
    """How many eligible applications rank each lab, by the primary key of its CallLab."""
    chosen = eligible(call).order_by().annotate(chosen=Func(F("ranked_labs"), function="unnest")).values("chosen")
    return dict(chosen.annotate(number=Count("pk")).values_list("chosen", "number"))


def why_no_run(call: Call) -> list[str | Promise]:
    """Everything that stands in the way of a run now, in words; nothing when it can be asked for."""
    return readiness_of(call).reasons


def why_no_draft(call: Call) -> list[str | Promise]:
    """What stands in the way of a draft on the lists as they are."""
    is_opened = Opening.objects.filter(call_lab__call=call).exists()
    is_opened = is_opened and not call.call_labs.filter(opening=None).exists()
    said: list[tuple[bool, str | Promise]] = [
        (call.last_moment > timezone.now(), _("The call is still open for applications.")),
        (
            not is_opened or call.call_labs.filter(opening=None).exists(),
            _("Not every lab of the call has its seats opened."),
        ),
        (not eligible(call).exists(), _("No application is eligible.")),
    ]
    return [words for stands, words in said if stands]


def _obstacles(call: Call, found: Readiness) -> list[str | Promise]:
    real = MatchRun.objects.filter(call=call, is_draft=False)
    unstated = [row.opening.call_lab.lab.code for row in found.labs if _is_without_money(row.opening)]
    runs = set(real.order_by().values_list("state", flat=True))
    said: list[tuple[bool, str | Promise]] = [
        (RunState.PUBLISHED in runs, _("The match of this call is published; it is not run again.")),
        (bool(runs.intersection(LIVE)), _("A run of this call is under way. Discard it before asking for another.")),
        (call.last_moment > timezone.now(), _("The call is still open for applications.")),
        (bool(found.unopened) or not found.labs, _("Not every lab of the call has its seats opened.")),
        (not found.applications, _("No application is eligible.")),
        (bool(found.undecided), _("Some applications are not screened yet.")),
        (call.ranks_due_at > timezone.now(), _("The rank lists are not due yet: until then they may change.")),
        (choices_due(call) > timezone.now(), _("Applicants may still change the order of their labs.")),
        (found.certified < len(found.labs), _not_certified(call)),
        (bool(beyond_money(row.opening for row in found.labs)), _("A lab has more seats than the money carries.")),
        (bool(unstated), without_money(unstated)),
        (call.seat_changes.filter(state=ChangeState.ASKED).exists(), _("A change of seats waits for approval.")),
        *_of_the_seed(call),
    ]
    return [words for stands, words in said if stands]


def _is_without_money(opening: Opening) -> bool:
    return opening.seats > 0 and opening.seats_funded is None


def without_money(codes: Iterable[str]) -> str:
    """Whose money nobody stated, in words."""
    return _("Nobody stated yet how many seats the money carries: %(labs)s.") % {"labs": ", ".join(codes)}


def _not_certified(call: Call) -> str | Promise:
    if call.ranks_due_at > timezone.now():
        return _("Not every lab has certified its rank list.")
    return _("Not every lab has certified its rank list. The lists are overdue: call the labs.")


def _of_the_seed(call: Call) -> list[tuple[bool, str | Promise]]:
    shares, plan = list(shares_of(call)), plan_of(call)
    too_few = _("Two officers must commit a secret each for the lottery, before the rank lists are due.")
    if not may_still_commit(call):
        too_few = _(
            "Two officers had to commit a secret each before the rank lists were due. Move that deadline, so that they "
            "can do so now."
        )
    kept = _("An officer still keeps her secret for the lottery herself: she hands it in on the page of the seed.")
    awaited = _("The public value that was named for the seed is not entered yet.")
    return [
        (len(shares) < LINES, too_few),
        (not may_still_commit(call) and not all(share.is_held for share in shares), kept),
        (bool(plan.public_source) and not plan.public_value, awaited),
    ]
