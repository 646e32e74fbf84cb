"""Ranking together: asking, joining, one list of pairs to which both agree, and ending it."""

from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy as _

from applications.models import Application
from applications.states import ApplicationState
from common.audit import record
from common.later import name_later
from common.refusals import OutOfDate, Refusal, SamePersonTwice
from common.states import lock, move
from matching.actions.attempts import watched
from matching.actions.choices import ChoicesClosed, NotInTheMatch
from matching.actions.openings import check_no_run
from matching.models import Couple
from matching.models.couples import Pair
from matching.queries.choices import choices_due, choices_of
from matching.queries.couples import LIVE, couple_of, options_of, usual_pairs
from matching.states import CoupleState
from notifications.actions import draft, language_of, notify_many
from people.models import User


class InACouple(Refusal):
    words = _("One of you ranks together with somebody already, or has asked somebody. End that first.")


class NotYourself(Refusal):
    words = _("Give the address of somebody else.")


class WrongPairs(Refusal):
    words = _("Each pair names labs that you both chose, or no place for one of you, and stands on the list once.")


def _check(application: Application, by: User) -> None:
    if application.applicant_id != by.pk or application.state != ApplicationState.ELIGIBLE:
        raise NotInTheMatch
    if choices_due(application.call) <= timezone.now():
        raise ChoicesClosed
    check_no_run(application.call)


def _side(couple: Couple, by: User) -> Application:
    """The application of the member who acts."""
    if couple.first.applicant_id == by.pk:
        return couple.first
    if couple.second is not None and couple.second.applicant_id == by.pk:
        return couple.second
    raise SamePersonTwice(_("Only the two of the couple can do this."))


@watched
def ask_couple(application: Application, email: str, *, by: User) -> Couple:
    """Ask whoever applied to the same call with `email` to rank together. Whether anybody did is not told."""
    lock(application)
    _check(application, by)
    email = email.strip()
    if email.casefold() == by.email.casefold():
        raise NotYourself(field="email")
    if couple_of(application) is not None:
        raise InACouple
    rows = application.call.applications.filter(state=ApplicationState.ELIGIBLE, applicant__email__iexact=email)
    other = rows.select_related("applicant").first()
    made = Couple.objects.create(first=application, email=email, second=other)
    record("matching.couple.asked", made, by=by, after={"first": application, "second": other})
    if other is not None:
        with translation.override(language_of(other.applicant)):
            mail = draft(
                "couple_asked",
                to=other.applicant,
                about=made,
                dedupe=str(made.pk),
                who=application.name,
                call=name_later(application.call),
                path=reverse("matching:couple", args=[other.key]),
            )
        notify_many([mail])
    return made


@watched
def join_couple(couple: Couple, *, by: User) -> Couple:
    """She who was asked agrees: from now on they have one list of pairs. It begins with what both lists suggest.

    Refuses when either is in another couple; the database does, too.
    """
    lock(couple)
    second = _side(couple, by)
    if second.pk != couple.second_id:
        raise SamePersonTwice(_("The other one answers what you asked."))
    # in the order of primary keys, so that two who answer each other wait in turn
    for row in sorted((couple.first, second), key=lambda each: each.pk):
        lock(row)
    _check(second, by)
    if couple.first.state != ApplicationState.ELIGIBLE:
        raise NotInTheMatch
    for row in (couple.first, second):
        standing = couple_of(row)
        if standing is not None and standing.pk != couple.pk:
            raise InACouple
    ranks = choices_of([couple.first_id, second.pk])
    pairs = usual_pairs(ranks[couple.first_id], ranks[second.pk])
    return move(couple, CoupleState.JOINED, by=by, ranked=[[*pair] for pair in pairs], version=1)


@watched
def save_pairs(couple: Couple, pairs: list[Pair], *, version: int, by: User) -> Couple:
    """Put the pairs in another order, leave some out or take some in. Whoever saves agrees; the other must anew."""
    lock(couple)
    own = _side(couple, by)
    _check(own, by)
    _joined(couple)
    if couple.version != version:
        raise OutOfDate
    if not pairs or len(set(pairs)) != len(pairs) or not set(pairs) <= set(options_of(couple)):
        raise WrongPairs
    before = {"ranked": couple.ranked}
    is_other = [[*pair] for pair in pairs] != couple.ranked
    couple.ranked, is_first = [[*pair] for pair in pairs], own.pk == couple.first_id
    couple.first_agrees = is_first or (couple.first_agrees and not is_other)
    couple.second_agrees = not is_first or (couple.second_agrees and not is_other)
    couple.version += is_other
    couple.save(update_fields=["ranked", "version", "first_agrees", "second_agrees"])
    record("matching.couple.ranked", couple, by=by, before=before, after={"ranked": couple.ranked})
    return couple


@watched
def agree_pairs(couple: Couple, *, version: int, by: User) -> Couple:
    """Agree to the list as it stands. Refuses when the other changed it meanwhile."""
    lock(couple)
    _joined(couple)
    return save_pairs(couple, couple.pairs, version=version, by=by)


@watched
def end_couple(couple: Couple, *, by: User) -> Couple:
    """Either ends it, or takes back or declines what was asked: each is in the match with her own order alone."""
    lock(couple)
    _check(_side(couple, by), by)
    if couple.state not in LIVE:
        return couple
    return move(couple, CoupleState.ENDED, by=by)


def _joined(couple: Couple) -> None:
    if couple.state != CoupleState.JOINED:
        raise Refusal(_("You do not rank together yet, or no longer."))
