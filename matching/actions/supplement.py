"""A supplementary round: opening it, naming labs, ranking who would come, offers in timed waves, answering them."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy as _

from common.audit import record
from common.gestures import action
from common.later import later, name_later
from common.refusals import Refusal, SamePersonTwice
from common.states import lock, move
from common.when import instant_words
from matching.actions.after import NotPublished, end_offers, lock_run, settle_place
from matching.actions.attempts import watched
from matching.models import (
    MatchResult,
    MatchRun,
    Opening,
    PlaceChange,
    Supplement,
    SupplementList,
    SupplementWish,
    WaveOffer,
)
from matching.queries.after import free_places
from matching.queries.choices import choices_of
from matching.queries.room import room_of
from matching.queries.supplement import free_now, turns, unplaced, wishing
from matching.states import RunState, WaveState
from notifications.actions import draft, language_of, notify_many
from notifications.models import Notification
from people.models import User
from people.queries import holders_of
from people.states import Role


class NothingFree(Refusal):
    words = _("Every seat is filled, so there is nothing to offer.")


class WrongTimetable(Refusal):
    words = _("Give instants that are still to come, the first wave after the candidates' deadline.")


class WishesClosed(Refusal):
    words = _("The deadline for naming labs is over, or you are not without a place.")


class NotWishing(Refusal):
    words = _("Only candidates who would come to the lab can be on its list, each once.")


class OfferOver(Refusal):
    words = _("This offer is over: it was answered, or its time ran out.")


@dataclass(frozen=True)
class Timetable:
    """Until when candidates name labs, when the first wave begins, hours to answer, and how many waves there are."""

    wishes_due_at: datetime
    first_wave_at: datetime
    wave_hours: int = 48
    waves: int = 3


@watched
def open_supplement(run: MatchRun, timetable: Timetable, *, by: User) -> Supplement:
    """Open a supplementary round for the free seats of a published match; every candidate without a place is told, and
    so are the heads of the labs with free seats.
    """
    lock(run)
    if run.state != RunState.PUBLISHED:
        raise NotPublished
    if not timezone.now() < timetable.wishes_due_at <= timetable.first_wave_at:
        raise WrongTimetable(field="wishes_due_at")
    free = free_places(run)
    if not free:
        raise NothingFree
    made = Supplement.objects.create(run=run, opened_by=by, **vars(timetable))
    record("matching.supplement.opened", made, by=by, after=vars(timetable))
    notify_many([*_to_candidates(made), *_to_labs(made, [row for row, _held, _free in free])])
    return made


def _to_candidates(supplement: Supplement) -> list[Notification]:
    made = []
    for result in unplaced(supplement.run).select_related("application__applicant"):
        person = result.application.applicant
        with translation.override(language_of(person)):
            path = reverse("matching:own_supplement", args=[result.application.key])
            values = {
                "call": name_later(supplement.run.call),
                "at": later(instant_words, supplement.wishes_due_at),
                "path": path,
            }
            made.append(draft("supplement_open", to=person, about=supplement, dedupe=f"{result.pk}", **values))
    return made


def _to_labs(supplement: Supplement, openings: list[Opening]) -> list[Notification]:
    made = []
    for row in openings:
        for person in holders_of(Role.LAB_HEAD, row.call_lab.lab.place):
            with translation.override(language_of(person)):
                path = reverse("matching:lab_supplement", args=[row.key])
                values = {"call": name_later(supplement.run.call), "lab": name_later(row.call_lab.lab), "path": path}
                values["since"], values["until"] = (
                    later(instant_words, at) for at in (supplement.wishes_due_at, supplement.first_wave_at)
                )
                dedupe = f"{supplement.pk}:{row.pk}:{person.pk}"
                made.append(draft("supplement_lab", to=person, about=supplement, dedupe=dedupe, **values))
    return made


@watched
def name_labs(supplement: Supplement, result: MatchResult, labs: Collection[int], *, by: User) -> int:
    """Say to which labs with free seats she would come; it takes the place of what she said before."""
    lock(result)
    if result.application.applicant_id != by.pk or supplement.wishes_due_at <= timezone.now():
        raise WishesClosed
    if not unplaced(supplement.run).filter(pk=result.pk).exists():
        raise WishesClosed
    if not set(labs) <= free_now(supplement).keys():
        raise NotWishing(_("Only labs with free seats can be named."))
    result.wishes.exclude(call_lab__in=labs).delete()
    for lab in labs:
        SupplementWish.objects.get_or_create(supplement=supplement, result=result, call_lab_id=lab)
    record("matching.supplement.wished", result, by=by, after={"labs": sorted(labs)})
    return len(labs)


@watched
def rank_wishing(supplement: Supplement, opening: Opening, ranked: list[int], *, by: User) -> SupplementList:
    """The lab's order of those who would come: primary keys of results, best first. It holds for later waves."""
    known = set(wishing(supplement, opening).values_list("pk", flat=True))
    if len(set(ranked)) != len(ranked) or not set(ranked) <= known:
        raise NotWishing
    values = {"supplement": supplement, "ranked": ranked, "saved_by": by, "saved_at": timezone.now()}
    row, _made = SupplementList.objects.update_or_create(opening=opening, defaults=values)
    record("matching.supplement.ranked", opening, by=by, after={"ranked": ranked})
    return row


def make_waves() -> int:
    """Let offers lapse whose time ran out, and begin every wave that is due; returns how many places were offered."""
    now, offered = timezone.now(), 0
    for late in WaveOffer.objects.filter(state=WaveState.OFFERED, closes_at__lte=now).order_by("pk"):
        lapse(late)
    for row in Supplement.objects.select_related("run__call").order_by("pk"):
        if row.waves_made < row.waves and row.begins_at(row.waves_made + 1) <= now:
            offered += begin_wave(row)
    return offered


@action
def lapse(offer: WaveOffer) -> WaveOffer:
    """An offer that was not answered in time is over."""
    lock(offer)
    return offer if offer.state != WaveState.OFFERED else move(offer, WaveState.LAPSED, by=None)


@action
def begin_wave(supplement: Supplement) -> int:
    """Offer each free seat to the next on its lab's list; nobody is offered a place in the same lab twice."""
    lock(supplement)
    lock_run(supplement.run_id)
    wave, now = supplement.waves_made + 1, timezone.now()
    if wave > supplement.waves or supplement.begins_at(wave) > now:
        return 0
    closes_at = supplement.begins_at(wave + 1)
    while closes_at <= now:
        wave, closes_at = wave + 1, supplement.begins_at(wave + 2)
    supplement.waves_made = min(wave, supplement.waves)
    supplement.save(update_fields=["waves_made"])
    if wave > supplement.waves:
        return 0
    made = [
        WaveOffer.objects.create(supplement=supplement, wave=wave, result_id=pk, call_lab_id=lab, closes_at=closes_at)
        for lab, pk in turns(supplement)
    ]
    record("matching.supplement.wave", supplement, by=None, after={"wave": wave, "offers": len(made)})
    notify_many([_offered(offer) for offer in made])
    return len(made)


def _offered(offer: WaveOffer) -> Notification:
    application = offer.result.application
    with translation.override(language_of(application.applicant)):
        return draft(
            "supplement_offer",
            to=application.applicant,
            about=offer,
            dedupe=str(offer.pk),
            call=name_later(application.call),
            lab=name_later(offer.call_lab.lab),
            at=later(instant_words, offer.closes_at),
            path=reverse("matching:own_supplement", args=[application.key]),
        )


@watched
def answer_wave_offer(offer: WaveOffer, *, accepts: bool, by: User) -> WaveOffer:
    """Take the place, which ends her other offers of the round, or decline it. Refuses when its time ran out, and when
    every seat is held again. Whatever else changes places of the run waits meanwhile.
    """
    run = lock_run(offer.supplement.run_id)
    lock(offer)
    result = lock(offer.result)
    if result.application.applicant_id != by.pk:
        raise SamePersonTwice(_("Only she to whom it was made can answer an offer."))
    if offer.state != WaveState.OFFERED or offer.closes_at <= timezone.now():
        raise OfferOver
    if not accepts:
        return move(offer, WaveState.DECLINED, by=by)
    if not unplaced(run).filter(pk=result.pk).exists():
        raise OfferOver
    if not room_of(run, with_offers=False).free(offer.call_lab_id):
        raise OfferOver(_("Every seat of this lab is held again, so this offer cannot be accepted any more."))
    move(offer, WaveState.ACCEPTED, by=by)
    end_offers(result, WaveState.DECLINED, by=by)
    ranked = choices_of([result.application_id])[result.application_id]
    choice = ranked.index(offer.call_lab_id) + 1 if offer.call_lab_id in ranked else len(ranked) + 1
    settle_place(result, offer.call_lab, choice)
    PlaceChange.objects.create(result=result, offer=offer, left=None, took=offer.call_lab, by=by)
    return offer
