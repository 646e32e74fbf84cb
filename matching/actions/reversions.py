"""Seats that go over to another lab if nobody fills them: both sides agree, before the lists are due.

Within an institute the two labs agree. Between institutes an officer of each does, and the taker's own money must
carry what it may take over: an institute's money never follows a seat to another one.

Frozen into a run as a cap of exactly these two labs' seats: the taker chooses beyond its own seats only while both
together stay within them, so it takes over what stays empty and nothing else (rule 3: Kamada and Kojima 2015).
"""

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from common.audit import record
from common.refusals import Refusal, SamePersonTwice
from common.states import lock, move
from matching.actions.attempts import watched
from matching.actions.openings import check_no_run
from matching.models import InstituteCap, Opening, Reversion
from matching.states import ReversionState
from people.models import User
from people.states import Role


class NotTheirSeats(Refusal):
    words = _("Seats go over only between two labs of one call, and no more than the lab has.")


class InstitutesAgree(Refusal):
    words = _("Between two institutes a programme officer of each agrees, not their labs.")


class NotCarried(Refusal):
    words = _("The money of the lab that takes them over must carry these seats too: state first that it does.")


class ReversionsClosed(Refusal):
    words = _("The rank lists were due, so seats no longer go over between labs.")


class AgreedElsewhere(Refusal):
    words = _("One of the two labs has an agreement on seats that go over already. End that one first.")


class HasACap(Refusal):
    words = _("An institute with a cap in this call lets seats go where they are needed already.")


@watched
def offer_reversion(giver: Opening, taker: Opening, seats: int, *, by: User) -> Reversion:
    """Offer another lab that up to `seats` of the giver's seats go over if they stay empty. The other side must agree.

    Between institutes an officer of the giver's offers them.
    """
    call = giver.call_lab.call
    check_no_run(call)
    _check_open(giver)
    lab, other = giver.call_lab.lab, taker.call_lab.lab
    if taker.call_lab.call_id != call.pk or lab.pk == other.pk or not 1 <= seats <= giver.seats:
        raise NotTheirSeats(field="seats")
    if lab.institute_id != other.institute_id:
        _check_officer(giver, by)
    if InstituteCap.objects.filter(call=call, institute__in=(lab.institute_id, other.institute_id)).exists():
        raise HasACap
    standing = Reversion.objects.filter(giver=giver, taker=taker).exclude(state=ReversionState.ENDED)
    if standing.exists():
        raise Refusal(_("An offer to this lab stands already."))
    made = Reversion.objects.create(giver=giver, taker=taker, seats=seats, offered_by=by)
    record("matching.reversion.offered", made, by=by, after={"seats": seats})
    return made


@watched
def agree_to_reversion(reversion: Reversion, *, by: User) -> Reversion:
    """The other lab agrees, and the match will use it. Refuses who offered it, and where one of the two labs has
    another agreement: seats would reach a lab to which they were never offered. Between institutes an officer of the
    taker's agrees, and the taker's money must carry them.
    """
    check_no_run(reversion.giver.call_lab.call)
    lock(reversion)
    lock(reversion.taker)
    if reversion.offered_by_id == by.pk:
        raise SamePersonTwice
    _check_open(reversion.giver)
    if reversion.is_between_institutes:
        _check_officer(reversion.taker, by)
        if (reversion.taker.seats_funded or 0) < reversion.taker.seats + reversion.seats:
            raise NotCarried
    both = (reversion.giver_id, reversion.taker_id)
    agreed = Reversion.objects.filter(Q(giver__in=both) | Q(taker__in=both), state=ReversionState.AGREED)
    if agreed.exclude(pk=reversion.pk).exists():
        raise AgreedElsewhere
    return move(reversion, ReversionState.AGREED, by=by)


@watched
def end_reversion(reversion: Reversion, *, by: User) -> Reversion:
    """Either side ends it, before the lists are due; between institutes an officer of one of them does."""
    check_no_run(reversion.giver.call_lab.call)
    _check_open(reversion.giver)
    if reversion.is_between_institutes and not _is_officer(reversion.giver, by):
        _check_officer(reversion.taker, by)
    return move(reversion, ReversionState.ENDED, by=by)


def _check_open(opening: Opening) -> None:
    if opening.call_lab.call.ranks_due_at <= timezone.now():
        raise ReversionsClosed


def _is_officer(opening: Opening, by: User) -> bool:
    return opening.call_lab.lab.institute.place_id in by.places(Role.PROGRAMME_OFFICER)


def _check_officer(opening: Opening, by: User) -> None:
    if not _is_officer(opening, by):
        raise InstitutesAgree
