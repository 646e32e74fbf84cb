"""Reads of outreach: sessions, who registered, which channel brings whom."""

from datetime import timedelta
from typing import Any

from django.db.models import Count, F, Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from common.access import scope_of
from common.desk import DeskItem
from outreach.models import Campaign, Channel, InformationSession, Registration
from outreach.states import RegistrationState, SessionState
from people.rules import is_programme_officer

COUNTED = Q(registrations__state__in=[RegistrationState.REGISTERED, RegistrationState.ATTENDED])


@scope_of(InformationSession)
def sessions_visible_to(user: Any) -> QuerySet[InformationSession]:
    """Sessions are public, planned ones too."""
    return InformationSession.objects.all()


@scope_of(Registration)
def registrations_visible_to(user: Any) -> QuerySet[Registration]:
    """Officers see who registered; everybody else her own."""
    rows = Registration.objects.select_related("session", "channel", "campaign")
    return rows if user.has_perm("outreach.view_registrations") else rows.filter(user=user.pk)


@scope_of(Campaign)
def campaigns_visible_to(user: Any) -> QuerySet[Campaign]:
    """Campaigns, for those who look after the programme's reach."""
    rows = Campaign.objects.select_related("channel")
    return rows if user.has_perm("outreach.view_reach") else rows.none()


def sessions_listed() -> QuerySet[InformationSession]:
    """Sessions with `taken`, how many places are taken."""
    return InformationSession.objects.annotate(taken=Count("registrations", filter=COUNTED))


def sessions_to_come() -> QuerySet[InformationSession]:
    """Sessions that are not over, the next first; those without a day last."""
    now = timezone.now()
    live = [SessionState.PLANNED, SessionState.OPEN, SessionState.CLOSED]
    rows = sessions_listed().filter(Q(ends_at__gte=now) | Q(ends_at=None), state__in=live)
    return rows.order_by(F("starts_at").asc(nulls_last=True), "pk")


def sessions_past() -> QuerySet[InformationSession]:
    """Sessions that were held, the latest first."""
    return sessions_listed().filter(Q(ends_at__lt=timezone.now()) | Q(state=SessionState.HELD)).order_by("-starts_at")


def places_left(session: InformationSession) -> int:
    """Free places of `session`."""
    taken = session.registrations.exclude(state=RegistrationState.CANCELLED).count()
    return max(session.capacity - taken, 0)


def channels_offered() -> QuerySet[Channel]:
    """Channels in use."""
    return Channel.objects.filter(is_active=True)


def arrival(channel: str, campaign: str) -> tuple[Channel | None, Campaign | None]:
    """The channel and campaign that a link's codes name; a campaign knows its channel."""
    advertised = Campaign.objects.select_related("channel").filter(code=campaign).first() if campaign else None
    if advertised is not None:
        return advertised.channel, advertised
    return (Channel.objects.filter(code=channel).first() if channel else None), None


def reach_of_channels() -> QuerySet[Channel]:
    """Channels with `registered`, how many registrations each brought."""
    return Channel.objects.annotate(registered=Count("registrations", filter=COUNTED)).order_by("-registered", "code")


def campaigns_listed(user: Any) -> QuerySet[Campaign]:
    """Campaigns with `registered`."""
    return campaigns_visible_to(user).annotate(registered=Count("registrations", filter=COUNTED))


def desk_items(user: Any) -> list[DeskItem]:
    """For officers: sessions that are over and not recorded as held; open ones in the next two weeks."""
    if not is_programme_officer(user):
        return []
    now = timezone.now()
    live = [SessionState.OPEN, SessionState.CLOSED]
    rows = sessions_listed().filter(state__in=live, starts_at__lt=now + timedelta(days=14)).order_by("starts_at")[:10]
    return [_item(row, is_over=bool(row.ends_at and row.ends_at < now)) for row in rows]


def _item(session: Any, *, is_over: bool) -> DeskItem:
    label = _("Record who came: %(session)s") if is_over else _("Information session: %(session)s")
    return DeskItem(
        label % {"session": session},
        reverse("outreach:registrations", args=[session.key]),
        kind="todo" if is_over else "info",
        due_at=None if is_over else session.starts_at,
        count=session.taken,
    )
