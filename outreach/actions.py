"""Verbs of outreach: load channels and sessions, register, cancel, record who came, keep sessions and campaigns."""

from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy as _

from common.audit import record
from common.gestures import action
from common.refusals import Refusal
from common.states import lock, move
from notifications.actions import notify
from outreach.models import Campaign, Channel, InformationSession, Registration
from outreach.queries import places_left
from outreach.states import RegistrationState, SessionState
from people.actions import give_consent
from people.models import User
from people.queries import consent_text
from people.states import ConsentPurpose

REPORTED_HOUR = time(18, 0)


class SessionNotOpen(Refusal):
    words = _("Registration for this session is not open.")


class SessionFull(Refusal):
    words = _("All places of this session are taken. Please choose another session.")


@action
def load_outreach(data: dict[str, Any], *, by: User | None) -> int:
    """Load channels and sessions from `data` (tables as in `labs/data/programme.toml`); returns how many sessions.

    A session without a day is planned; one with a day takes place at 18:00 of its own clock. Loading twice is once.
    """
    for row in data["channel"]:
        names = {"name_en": row["name"], "name_ko": row.get("name_ko", row["name"])}
        Channel.objects.get_or_create(code=row["code"], defaults=names)
    for row in data["session"]:
        if not InformationSession.objects.filter(city_en=row["city_en"], starts_at=_start_of(row)).exists():
            _load_session(row)
    return InformationSession.objects.count()


def _start_of(row: dict[str, Any]) -> datetime | None:
    if "starts_on" not in row:
        return None
    return datetime.combine(row["starts_on"], REPORTED_HOUR, tzinfo=ZoneInfo(row["timezone"]))


def _load_session(row: dict[str, Any]) -> None:
    starts_at = _start_of(row)
    loaded = InformationSession.objects.create(
        **{name: row[name] for name in ("city_en", "city_ko", "country", "timezone")},
        starts_at=starts_at,
        ends_at=starts_at and starts_at + timedelta(hours=2),
        state=SessionState.HELD if starts_at and starts_at < timezone.now() else SessionState.PLANNED,
    )
    record("outreach.session.loaded", loaded, by=None, after={"city": loaded.city_en})


@action
def register(session: InformationSession, registration: Registration, *, by: User | None) -> Registration:
    """Register somebody for `session` with her consent, and mail her the place, the hour and a link to cancel.

    `registration` carries name, email, institution, field, channel and campaign. Registering twice with an address is
    registering once (a cancelled registration stands again). Refuses when the session is not open or full.
    """
    lock(session)
    if session.state != SessionState.OPEN or (session.starts_at and session.starts_at <= timezone.now()):
        raise SessionNotOpen
    standing = session.registrations.filter(email__iexact=registration.email).first()
    if standing is not None and standing.state != RegistrationState.CANCELLED:
        return standing
    if not places_left(session):
        raise SessionFull
    if standing is not None:
        return _told(move(standing, RegistrationState.REGISTERED, by=by, cancelled_at=None), again=timezone.now())
    registration.session, registration.user, registration.email = session, by, registration.email.lower()
    registration.language = (translation.get_language() or "en")[:2]
    registration.consent = give_consent(consent_text(ConsentPurpose.SESSION), registration.email, by=by)
    registration.save()
    record(
        "outreach.registered", registration, by=by, after={"session": session.key, "channel": registration.channel_id}
    )
    return _told(registration)


def _told(registration: Registration, again: datetime | None = None) -> Registration:
    session = registration.session
    notify(
        "session_registered",
        to=registration.user or registration.email,
        about=registration,
        dedupe=f"{registration.pk}:{again.isoformat() if again else 'first'}",
        language=registration.language,
        person=registration.name,
        city=session.city_ko if registration.language == "ko" else session.city_en,
        venue=session.venue_ko if registration.language == "ko" else session.venue_en,
        when=_local_words(session),
        path=reverse("outreach:registration", args=[registration.key]),
    )
    return registration


def _local_words(session: InformationSession) -> str:
    if session.starts_at is None:
        return ""
    local = session.starts_at.astimezone(ZoneInfo(session.timezone))
    return f"{local:%Y-%m-%d %H:%M} ({session.timezone})"


@action
def cancel_registration(registration: Registration, *, by: User | None) -> Registration:
    """Free the place. Cancelling twice is cancelling once."""
    lock(registration)
    if registration.state == RegistrationState.CANCELLED:
        return registration
    return move(registration, RegistrationState.CANCELLED, by=by)


@action
def record_attendance(session: InformationSession, keys: list[str], *, by: User) -> InformationSession:
    """Record who came; the session is held. Those recorded already stay recorded."""
    if session.state != SessionState.HELD:
        move(session, SessionState.HELD, by=by)
    for registration in session.registrations.filter(key__in=keys, state=RegistrationState.REGISTERED):
        move(registration, RegistrationState.ATTENDED, by=by)
    return session


@action
def keep_session(session: InformationSession, *, by: User) -> InformationSession:
    """Save a new or changed session; who registered is told when its hour or place changed."""
    before = InformationSession.objects.filter(pk=session.pk).values("starts_at", "venue_en").first()
    session.save()
    after = {"starts_at": session.starts_at, "venue_en": session.venue_en}
    record(f"outreach.session.{'changed' if before else 'added'}", session, by=by, before=before, after=after)
    if before and before != after:
        for registration in session.registrations.filter(state=RegistrationState.REGISTERED):
            _told(registration, again=timezone.now())
    return session


@action
def open_session(session: InformationSession, *, by: User) -> InformationSession:
    """Open registration; a session without a day cannot be opened."""
    if session.starts_at is None:
        raise Refusal(_("Give the session a day and an hour first."))
    return move(session, SessionState.OPEN, by=by)


@action
def close_session(session: InformationSession, *, by: User) -> InformationSession:
    """Close registration."""
    return move(session, SessionState.CLOSED, by=by)


@action
def cancel_session(session: InformationSession, *, by: User) -> InformationSession:
    """Cancel the session and tell everybody who registered."""
    move(session, SessionState.CANCELLED, by=by)
    for row in session.registrations.filter(state=RegistrationState.REGISTERED).select_related("user"):
        notify(
            "session_cancelled", to=row.user or row.email, about=row, dedupe=str(row.pk), language=row.language,
            person=row.name, city=session.city_ko if row.language == "ko" else session.city_en,
            when=_local_words(session), path=reverse("outreach:sessions"),
        )  # fmt: skip
    return session


@action
def keep_campaign(campaign: Campaign, *, by: User) -> Campaign:
    """Save a new or changed campaign."""
    verb = "added" if campaign.pk is None else "changed"
    campaign.save()
    record(f"outreach.campaign.{verb}", campaign, by=by, after={"code": campaign.code, "cost_krw": campaign.cost_krw})
    return campaign
