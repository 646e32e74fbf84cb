"""Channels, campaigns, information sessions and who registered for them."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.utils.timezone import localtime, now
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from django_countries.fields import CountryField

from common.models import PublicKeyed
from outreach.states import (
    REGISTRATION_COLOURS,
    REGISTRATION_MOVES,
    SESSION_COLOURS,
    SESSION_MOVES,
    RegistrationState,
    SessionState,
)
from people.models import Consent


class Channel(models.Model):
    """A way by which people hear of the programme."""

    code = models.SlugField(_("code"), max_length=20, unique=True)
    name_en = models.CharField(_("name in English"), max_length=100)
    name_ko = models.CharField(_("name in Korean"), max_length=100)
    is_active = models.BooleanField(_("in use"), default=True)

    class Meta:
        verbose_name = _("channel")
        verbose_name_plural = _("channels")
        ordering = ("code",)

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        return self.name_ko if (get_language() or "en").startswith("ko") else self.name_en


class Campaign(models.Model):
    """An advertisement or mailing in a channel; its code stands in the links that it spreads."""

    channel = models.ForeignKey(Channel, on_delete=models.PROTECT, related_name="campaigns")
    code = models.SlugField(_("code in links"), max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=200)
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("until"))
    cost_krw = models.BigIntegerField(_("cost"), default=0)

    class Meta:
        verbose_name = _("campaign")
        verbose_name_plural = _("campaigns")
        ordering = ("-starts_on", "code")
        constraints = (
            models.CheckConstraint(condition=Q(ends_on__gte=F("starts_on"), cost_krw__gte=0), name="campaign_sane"),
        )

    def __str__(self) -> str:
        return self.name


class InformationSession(PublicKeyed):
    """A meeting at which the programme is presented, in a city or online."""

    MOVES: ClassVar = SESSION_MOVES
    COLOURS: ClassVar = SESSION_COLOURS

    city_en = models.CharField(_("city in English"), max_length=80)
    city_ko = models.CharField(_("city in Korean"), max_length=80)
    country = CountryField(_("country"))
    timezone = models.CharField(_("time zone"), max_length=60)
    venue_en = models.CharField(_("venue in English"), max_length=200, blank=True)
    venue_ko = models.CharField(_("venue in Korean"), max_length=200, blank=True)
    starts_at = models.DateTimeField(_("starts"), null=True, blank=True)
    ends_at = models.DateTimeField(_("ends"), null=True, blank=True)
    capacity = models.PositiveIntegerField(_("places"), default=100)
    state = models.CharField(_("state"), max_length=10, choices=SessionState, default=SessionState.PLANNED)

    class Meta:
        verbose_name = _("information session")
        verbose_name_plural = _("information sessions")
        ordering = (F("starts_at").asc(nulls_last=True), "pk")
        constraints = (
            models.CheckConstraint(
                condition=Q(starts_at=None, ends_at=None) | Q(ends_at__gt=F("starts_at")), name="session_hours_in_order"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["planned", "cancelled"]) | Q(starts_at__isnull=False),
                name="open_session_has_a_day",
            ),
        )

    def __str__(self) -> str:
        return f"{self.city} {localtime(self.starts_at):%Y-%m-%d}" if self.starts_at else self.city

    @property
    def city(self) -> str:
        return self.city_ko if (get_language() or "en").startswith("ko") else self.city_en

    @property
    def venue(self) -> str:
        return self.venue_ko if (get_language() or "en").startswith("ko") else self.venue_en


class Registration(PublicKeyed):
    """Somebody comes to an information session; the channel that brought her is remembered."""

    MOVES: ClassVar = REGISTRATION_MOVES
    COLOURS: ClassVar = REGISTRATION_COLOURS

    session = models.ForeignKey(InformationSession, on_delete=models.PROTECT, related_name="registrations")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="registrations"
    )
    name = models.CharField(_("name"), max_length=150)
    email = models.EmailField(_("e-mail address"))
    institution = models.CharField(_("institution"), max_length=200, blank=True)
    field = models.CharField(_("field of research"), max_length=200, blank=True)
    language = models.CharField(max_length=2, default="en")
    channel = models.ForeignKey(Channel, on_delete=models.PROTECT, null=True, related_name="registrations")
    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, null=True, related_name="registrations")
    consent = models.ForeignKey(Consent, on_delete=models.PROTECT, related_name="registrations")
    state = models.CharField(_("state"), max_length=10, choices=RegistrationState, default=RegistrationState.REGISTERED)
    registered_at = models.DateTimeField(default=now)
    cancelled_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("registration")
        verbose_name_plural = _("registrations")
        constraints = (models.UniqueConstraint("session", Lower("email"), name="registration_once"),)
        # the list of one session, newest first
        indexes = (models.Index(fields=("session", "-registered_at", "-id"), name="registrations_of_session"),)

    def __str__(self) -> str:
        return f"{self.name} · {self.session}"
