"""Seats that go over to another lab of the institute if nobody fills them: both sides agree, before the lists are due.

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


class NotTheirSeats(Refusal):
    words = _("Seats go over only between two labs of one institute, and no more than the lab has.")


class ReversionsClosed(Refusal):
    words = _("The rank lists were due, so seats no longer go over between labs.")


class AgreedElsewhere(Refusal):
    words = _("One of the two labs has an agreement on seats that go over already. End that one first.")


class HasACap(Refusal):
    words = _("The institute has a cap in this call, which lets seats go where they are needed already.")


@watched
def offer_reversion(giver: Opening, taker: Opening, seats: int, *, by: User) -> Reversion:
    """A lab offers another that up to `seats` of its seats go over if they stay empty. The other side must agree."""
    call = giver.call_lab.call
    check_no_run(call)
    _check_open(giver)
    lab, other = giver.call_lab.lab, taker.call_lab.lab
    is_one_house = taker.call_lab.call_id == call.pk and lab.institute_id == other.institute_id and lab.pk != other.pk
    if not is_one_house or not 1 <= seats <= giver.seats:
        raise NotTheirSeats(field="seats")
    if InstituteCap.objects.filter(call=call, institute=lab.institute_id).exists():
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
    another agreement: seats would reach a lab to which they were never offered.
    """
    check_no_run(reversion.giver.call_lab.call)
    lock(reversion)
    if reversion.offered_by_id == by.pk:
        raise SamePersonTwice
    _check_open(reversion.giver)
    both = (reversion.giver_id, reversion.taker_id)
    agreed = Reversion.objects.filter(Q(giver__in=both) | Q(taker__in=both), state=ReversionState.AGREED)
    if agreed.exclude(pk=reversion.pk).exists():
        raise AgreedElsewhere
    return move(reversion, ReversionState.AGREED, by=by)


@watched
def end_reversion(reversion: Reversion, *, by: User) -> Reversion:
    """Either side ends it, before the lists are due."""
    check_no_run(reversion.giver.call_lab.call)
    _check_open(reversion.giver)
    return move(reversion, ReversionState.ENDED, by=by)


def _check_open(opening: Opening) -> None:
    if opening.call_lab.call.ranks_due_at <= timezone.now():
        raise ReversionsClosed
