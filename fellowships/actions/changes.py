"""Verbs of changes: one person asks, another decides; approved, the change is a version and everything follows."""

from datetime import date, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from common.audit import record
from common.gestures import action
from common.refusals import IllegalMove, Refusal, SamePersonTwice
from common.states import lock, move
from common.when import day_words
from fellowships.actions.offers import OtherAppointment
from fellowships.actions.onboarding import count_again
from fellowships.dates import longest_end
from fellowships.models import Amendment, Appointment, OnboardingItem
from fellowships.onboarding import demands
from fellowships.queries.changes import change_of, standing_of
from fellowships.queries.onboarding import officers_of
from fellowships.states import AmendmentKind, AmendmentState, AppointmentState, VisaKind
from fellowships.versions import (
    LESS_PAID,
    MATERNITY,
    MATERNITY_LONGEST,
    REDUCED,
    SECONDMENT,
    Change,
    Standing,
    changed,
)
from labs.models import Lab, PartnerOrganisation
from notifications.actions import notify
from people.models import User

LOOKING_BACK = timedelta(days=31)
LATEST_START = timedelta(days=366)
VISA_NOTICE = "visa_notice"


class AppointmentOver(Refusal):
    words = _("This appointment has ended; it can no longer be changed.")


class ChangeAsked(Refusal):
    words = _("A change of this appointment waits for its second person already. Decide on that one first.")


class ChangeRefused(Refusal):
    words = _("The appointment cannot be changed so.")


def _need(value: Any, field: str, words: Any) -> None:
    if value in {None, ""}:
        raise ChangeRefused(words, field=field)


def refuse_change(appointment: Appointment, change: Change, today: date) -> Standing:
    """Refuse, in words, what the rules do not allow; else what the change makes of the appointment."""
    if appointment.state != AppointmentState.STANDING:
        raise AppointmentOver
    now = standing_of(appointment)
    if change.kind == AmendmentKind.START:
        _refuse_start(now, change, today)
    elif change.kind == AmendmentKind.EXTENSION:
        _refuse_extension(now, change)
    elif change.kind == AmendmentKind.END_EARLY:
        _refuse_end(now, change, today)
    elif change.kind == AmendmentKind.LAB:
        _need(change.lab, "lab", _("Choose the new lab."))
        _need(change.from_on, "from_on", _("Say from which day."))
        _refuse_outside(now, change.from_on, change.from_on)
    else:
        _refuse_period(now, change)
    return changed(now, change)


def _refuse_start(now: Standing, change: Change, today: date) -> None:
    _need(change.from_on, "from_on", _("Say the new first day."))
    assert change.from_on is not None
    if change.from_on == now.starts_on:
        raise ChangeRefused(_("This is the first day as it stands."), field="from_on")
    if now.starts_on < today - LOOKING_BACK:
        raise ChangeRefused(_("The first day lies more than a month back; it can no longer be moved."), field="from_on")
    if not today - LOOKING_BACK <= change.from_on <= now.starts_on + LATEST_START:
        raise ChangeRefused(_("Choose a day within a year of the first day, not in the past."), field="from_on")


def _refuse_extension(now: Standing, change: Change) -> None:
    _need(change.until_on, "until_on", _("Say the new last day."))
    assert change.until_on is not None
    if change.until_on <= now.ends_on:
        raise ChangeRefused(_("An extension ends after %(day)s."), field="until_on", day=day_words(now.ends_on))
    latest = longest_end(now.starts_on)
    if change.until_on > latest:
        raise ChangeRefused(
            _("A fellowship lasts five years at most: until %(day)s."), field="until_on", day=day_words(latest)
        )


def _refuse_end(now: Standing, change: Change, today: date) -> None:
    _need(change.until_on, "until_on", _("Say the last day."))
    assert change.until_on is not None
    if not now.starts_on <= change.until_on < now.ends_on:
        days = {"first": day_words(now.starts_on), "last": day_words(now.ends_on - timedelta(days=1))}
        raise ChangeRefused(_("The last day lies between %(first)s and %(last)s."), field="until_on", **days)
    if change.until_on < today - LOOKING_BACK:
        raise ChangeRefused(_("The last day lies more than a month back."), field="until_on")


def _refuse_outside(now: Standing, first: date | None, last: date | None) -> None:
    assert first is not None
    assert last is not None
    if first < now.starts_on or last > now.ends_on:
        days = {"first": day_words(now.starts_on), "last": day_words(now.ends_on)}
        field = "from_on" if first < now.starts_on or first > now.ends_on else "until_on"
        raise ChangeRefused(_("The days lie within the appointment: %(first)s to %(last)s."), field=field, **days)


def _refuse_period(now: Standing, change: Change) -> None:
    _need(change.from_on, "from_on", _("Say from which day."))
    _need(change.until_on, "until_on", _("Say until which day."))
    assert change.from_on is not None
    assert change.until_on is not None
    if change.until_on < change.from_on:
        raise ChangeRefused(_("The last day lies before the first."), field="until_on")
    _refuse_outside(now, change.from_on, change.until_on)
    if change.kind == REDUCED and not (change.percent and 0 < change.percent < 100):
        raise ChangeRefused(_("Say what percent of the salary is paid, from 1 to 99."), field="percent")
    if change.kind == MATERNITY and change.until_on - change.from_on >= MATERNITY_LONGEST:
        raise ChangeRefused(_("Maternity leave lasts 90 days, at most 120."), field="until_on")
    wanted = change.period()
    assert wanted is not None
    kinds = (SECONDMENT,) if change.kind == SECONDMENT else LESS_PAID
    if any(each.overlaps(wanted) for each in now.periods if each.kind in kinds):
        raise ChangeRefused(_("These days overlap a period that is approved already."), field="from_on")


@action
def ask_change(
    appointment: Appointment,
    change: Change,
    reason: str,
    *,
    by: User,
    lab: Lab | None = None,
    partner: PartnerOrganisation | None = None,
) -> Amendment:
    """Ask for a change of an appointment; somebody else decides, and the institute's other officers are told.

    Refuses a second change while one waits, a change without a reason, and what the rules do not allow.
    """
    lock(appointment)
    if not reason.strip():
        raise Refusal(_("Please give a reason."), field="reason")
    if appointment.amendments.filter(state=AmendmentState.ASKED).exists():
        raise ChangeAsked
    refuse_change(appointment, change, timezone.localdate())
    if lab is not None and (lab.institute_id != appointment.institute_id or lab == appointment.lab):
        raise ChangeRefused(_("Choose another lab of the same institute; elsewhere it is a new offer."), field="lab")
    if change.kind == SECONDMENT and partner is None:
        raise ChangeRefused(_("Choose the partner."), field="partner")
    amendment = Amendment.objects.create(
        appointment=appointment,
        kind=change.kind,
        from_on=change.from_on,
        until_on=change.until_on,
        lab=lab,
        partner=partner,
        percent=change.percent if change.kind == REDUCED else None,
        reason=reason.strip(),
        asked_by=by,
    )
    record("fellowships.change.asked", amendment, by=by, after=vars(change), note=reason)
    for officer in officers_of(appointment).exclude(pk=by.pk):
        _tell("change_asked", amendment, officer)
    return amendment


def refuse_decider(amendment: Amendment, by: User) -> None:
    """Lock the change, and refuse one that is decided already, whoever asked for it, and the fellow herself."""
    appointment = lock(amendment.appointment)
    lock(amendment)
    if amendment.state != AmendmentState.ASKED:
        raise IllegalMove(state=amendment.get_state_display())
    if by.pk in {amendment.asked_by_id, appointment.fellow_id}:
        raise SamePersonTwice


@action
def approve_change(amendment: Amendment, *, by: User, facts: dict[str, Any], note: str = "") -> Amendment:
    """A second person approves: the appointment changes, the change becomes a version that says what was and what is.

    `facts` is what the decision was based on (the preview). The caller moves the money in the same transaction.
    Refuses whoever asked, the fellow herself, and what the rules no longer allow.
    """
    refuse_decider(amendment, by)
    appointment = amendment.appointment
    before = standing_of(appointment)
    after = refuse_change(appointment, change_of(amendment), timezone.localdate())
    version = appointment.amendments.filter(state=AmendmentState.APPROVED).count() + 2
    move(
        amendment,
        AmendmentState.APPROVED,
        by=by,
        note=note,
        version=version,
        before=_plain(before),
        after=_plain(after),
        facts=facts,
        decided_at=timezone.now(),
        decided_by=by,
        decision_note=note,
    )
    _carry_out(appointment, amendment, after, by=by)
    _tell("appointment_changed", amendment, appointment.fellow)
    return amendment


def _plain(standing: Standing) -> dict[str, Any]:
    plain = standing.as_dict()
    for name in ("starts_on", "ends_on"):
        plain[name] = plain[name].isoformat()
    plain["periods"] = [
        {name: value.isoformat() if isinstance(value, date) else value for name, value in each.items()}
        for each in plain["periods"]
    ]
    return plain


def _carry_out(appointment: Appointment, amendment: Amendment, after: Standing, *, by: User) -> None:
    """Put the new days into the appointment; the checklist and what is due at the end follow."""
    appointment.starts_on, appointment.ends_on = after.starts_on, after.ends_on
    try:
        with transaction.atomic():
            appointment.save(update_fields=["starts_on", "ends_on"])
    except IntegrityError as clash:
        raise OtherAppointment from clash
    if amendment.kind == AmendmentKind.START:
        count_again(appointment)
    if amendment.kind == AmendmentKind.END_EARLY and needs_visa_notice(appointment):
        _visa_notice(appointment, by=by)
    take_effect(amendment)
    close_if_over(appointment)


def needs_visa_notice(appointment: Appointment) -> bool:
    """A foreign fellow who is here on a visa for her work: its end is reported within 15 days (Immigration Act, 19)."""
    return appointment.is_foreign and appointment.visa_kind != VisaKind.HAS_RIGHT


def _visa_notice(appointment: Appointment, *, by: User) -> None:
    demand = demands()[VISA_NOTICE]
    OnboardingItem.objects.update_or_create(
        appointment=appointment,
        code=VISA_NOTICE,
        defaults={
            "position": 99,
            "owner": demand.owner,
            "due_on": appointment.ends_on + timedelta(days=demand.days),
        },
    )
    record("fellowships.visa_notice.due", appointment, by=by, after={"last_day": appointment.ends_on})


@action
def take_effect(amendment: Amendment) -> bool:
    """Move the fellow to her new lab once the day has come; other changes took effect when approved. Whether it did."""
    lock(amendment)
    if amendment.in_effect_at is not None or amendment.state != AmendmentState.APPROVED:
        return False
    if amendment.kind == AmendmentKind.LAB:
        if amendment.from_on is None or amendment.from_on > timezone.localdate() or amendment.lab is None:
            return False
        appointment = lock(amendment.appointment)
        before = {"lab": appointment.lab.code}
        appointment.lab = amendment.lab
        appointment.save(update_fields=["lab"])
        record("fellowships.appointment.moved", appointment, by=None, before=before, after={"lab": amendment.lab.code})
    amendment.in_effect_at = timezone.now()
    amendment.save(update_fields=["in_effect_at"])
    return True


@action
def close_if_over(appointment: Appointment) -> bool:
    """Once the last day is over the appointment has ended: by its term, or early. Whether it moved."""
    lock(appointment)
    if appointment.state != AppointmentState.STANDING or appointment.ends_on >= timezone.localdate():
        return False
    early = appointment.amendments.filter(kind=AmendmentKind.END_EARLY, state=AmendmentState.APPROVED).exists()
    move(appointment, AppointmentState.TERMINATED if early else AppointmentState.ENDED, by=None)
    return True


@action
def refuse_asked(amendment: Amendment, *, by: User, note: str) -> Amendment:
    """A second person refuses, and says why; who asked is told."""
    if not note.strip():
        raise Refusal(_("Please give a reason."), field="note")
    refuse_decider(amendment, by)
    move(
        amendment, AmendmentState.REFUSED, by=by, note=note, decided_at=timezone.now(), decided_by=by,
        decision_note=note.strip(),
    )  # fmt: skip
    _tell("change_refused", amendment, amendment.asked_by, note=note)
    return amendment


@action
def take_back(amendment: Amendment, *, by: User) -> Amendment:
    """Whoever asked takes the change back before anybody decided."""
    if by.pk != amendment.asked_by_id:
        raise Refusal(_("Only who asked for this change takes it back."))
    return move(amendment, AmendmentState.TAKEN_BACK, by=by)


def _tell(kind: str, amendment: Amendment, to: User, **more: object) -> None:
    appointment = amendment.appointment
    notify(
        kind,
        to=to,
        about=amendment,
        dedupe=f"{amendment.pk}:{to.pk}",
        fellow=appointment.fellow.full_name,
        what_ko=words_in(amendment.kind, "ko"),
        what_en=words_in(amendment.kind, "en"),
        starts_on=appointment.starts_on,
        ends_on=appointment.ends_on,
        from_on=amendment.from_on,
        until_on=amendment.until_on,
        reason=amendment.reason,
        path=reverse("funding:decide_change", args=[amendment.key]),
        **more,
    )


def words_in(kind: str, language: str) -> str:
    """The words of a kind of change in `language`."""
    with override(language):
        return str(AmendmentKind(kind).label)


def keep_terms() -> int:
    """Let what has come due take effect: transfers to another lab, appointments that are over. How many moved."""
    today = timezone.localdate()
    due = Amendment.objects.filter(state=AmendmentState.APPROVED, in_effect_at=None, from_on__lte=today)
    over = Appointment.objects.filter(state=AppointmentState.STANDING, ends_on__lt=today)
    moved = sum(take_effect(row) for row in due.select_related("appointment", "lab"))
    return moved + sum(close_if_over(row) for row in over)
