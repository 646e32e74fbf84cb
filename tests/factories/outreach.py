"""Channels, campaigns, information sessions, registrations."""

from datetime import date, timedelta

import factory
from django.utils import timezone

from outreach.models import Campaign, Channel, InformationSession, Registration
from outreach.states import SessionState
from people.states import ConsentPurpose
from tests.factories.base import RowFactory
from tests.factories.people import ConsentFactory


class ChannelFactory(RowFactory):
    class Meta:
        model = Channel
        django_get_or_create = ("code",)

    code = factory.Sequence(lambda n: f"channel{n}")
    name_en = factory.LazyAttribute(lambda made: made.code.title())
    name_ko = factory.LazyAttribute(lambda made: f"채널 {made.code}")


class CampaignFactory(RowFactory):
    class Meta:
        model = Campaign

    channel = factory.SubFactory(ChannelFactory)
    code = factory.Sequence(lambda n: f"campaign{n}")
    name = factory.Sequence(lambda n: f"Campaign {n}")
    starts_on = date(2025, 6, 1)
    ends_on = date(2025, 7, 31)


class InformationSessionFactory(RowFactory):
    class Meta:
        model = InformationSession

    city_en = "Boston"
    city_ko = "보스턴"
    country = "US"
    timezone = "America/New_York"
    starts_at = factory.LazyFunction(lambda: timezone.now() + timedelta(days=10))
    ends_at = factory.LazyAttribute(lambda made: made.starts_at and made.starts_at + timedelta(hours=2))
    capacity = 50
    state = SessionState.OPEN


class RegistrationFactory(RowFactory):
    class Meta:
        model = Registration

    session = factory.SubFactory(InformationSessionFactory)
    name = factory.Sequence(lambda n: f"Visitor {n}")
    email = factory.Sequence(lambda n: f"visitor{n}@example.org")
    consent = factory.SubFactory(ConsentFactory, text__purpose=ConsentPurpose.SESSION)
