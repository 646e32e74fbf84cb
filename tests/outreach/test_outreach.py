"""Information sessions, registrations with the channel remembered, attendance, campaigns."""

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone, translation

from common.refusals import IllegalMove, Refusal
from notifications.models import Notification
from outreach import actions, queries
from outreach.models import Campaign, InformationSession, Registration
from outreach.states import RegistrationState, SessionState
from people.models import Consent
from people.states import ConsentPurpose
from tests.factories.outreach import CampaignFactory, ChannelFactory, InformationSessionFactory, RegistrationFactory
from tests.factories.people import ConsentTextFactory

VISITOR = {
    "name": "Ada Visitor",
    "email": "ADA@example.org",
    "institution": "MIT",
    "field": "AI",
    "has_consented": "on",
}


@pytest.fixture(autouse=True)
def _english() -> Any:
    with translation.override("en"):
        yield


@pytest.fixture
def session(db: None) -> Any:
    ConsentTextFactory(purpose=ConsentPurpose.SESSION)
    return InformationSessionFactory()


def page(name: str, row: Any = None, **more: Any) -> str:
    return reverse(f"outreach:{name}", kwargs={"key": row.key, **more} if row is not None else None)


def told(kind: str) -> list[str]:
    return sorted(Notification.objects.filter(kind=kind).values_list("address", flat=True))


def test_a_visitor_registers_with_the_campaign_that_brought_her(client: Any, session: Any) -> None:
    campaign = CampaignFactory(code="spring", channel=ChannelFactory(code="linkedin"))
    assert session.city_en in client.get(page("sessions") + "?campaign=spring").content.decode()
    form = client.get(page("register", session)).context["form"]
    assert form["channel"].value() == campaign.channel.pk
    no_consent = {name: value for name, value in VISITOR.items() if name != "has_consented"}
    refused = client.post(page("register", session), no_consent)
    assert refused.status_code == 422
    assert b"Ada Visitor" in refused.content
    answer = client.post(page("register", session), {**VISITOR, "channel": campaign.channel.pk})
    assert answer["Location"] == page("registered", session)
    row = Registration.objects.get()
    assert (row.email, row.channel, row.campaign) == ("ada@example.org", campaign.channel, campaign)
    assert Consent.objects.get().email == "ada@example.org"
    assert b"ada@example.org" in client.get(answer["Location"]).content
    assert told("session_registered") == ["ada@example.org"]


def test_registering_twice_is_once_and_cancelling_frees_the_place(client: Any, session: Any) -> None:
    for _twice in range(2):
        client.post(page("register", session), VISITOR)
    row = Registration.objects.get()
    assert client.get(page("registration", row)).status_code == 200
    for _twice in range(2):
        assert client.post(page("registration", row)).status_code == 302
    row.refresh_from_db()
    assert row.state == RegistrationState.CANCELLED
    assert queries.places_left(session) == session.capacity
    client.post(page("register", session), VISITOR)
    row.refresh_from_db()
    assert (row.state, row.cancelled_at) == (RegistrationState.REGISTERED, None)
    assert len(told("session_registered")) == 2


@pytest.mark.parametrize(
    ("change", "says"),
    [({"capacity": 0}, "All places"), ({"state": SessionState.CLOSED}, "not open"),
     ({"starts_at": timezone.now() - timedelta(minutes=1)}, "not open")],
)  # fmt: skip
def test_a_session_that_takes_nobody_says_why_and_keeps_what_was_typed(
    client: Any, session: Any, change: dict[str, Any], says: str
) -> None:
    InformationSession.objects.update(**change)
    answer = client.post(page("register", session), VISITOR)
    assert answer.status_code == 409
    assert says in answer.content.decode()
    assert "Ada Visitor" in answer.content.decode()
    assert not Registration.objects.exists()


def test_who_is_signed_in_registers_with_her_own_address(client_of: Any, stranger: Any, session: Any) -> None:
    client_of(stranger).post(page("register", session), {**VISITOR, "email": "other@example.org"})
    assert Registration.objects.get().email == stranger.email
    assert Registration.objects.get().user == stranger


def test_an_officer_plans_a_session_on_the_clock_of_its_city(client_of: Any, officer: Any, db: None) -> None:
    signed = client_of(officer)
    data = {
        "city_en": "New York", "city_ko": "뉴욕", "country": "US", "timezone": "America/New_York", "venue_en": "",
        "venue_ko": "", "starts_at": "2027-06-18T18:00", "ends_at": "2027-06-18T20:00", "capacity": 80,
    }  # fmt: skip
    assert signed.get(page("add")).status_code == 200
    for wrong in ({"timezone": "Mars/Base"}, {"ends_at": ""}, {"ends_at": "2027-06-18T17:00"}):
        assert signed.post(page("add"), {**data, **wrong}).status_code == 422
    assert signed.post(page("add"), data).status_code == 302
    made = InformationSession.objects.get()
    assert made.starts_at.isoformat() == "2027-06-18T22:00:00+00:00"
    assert b"2027-06-18T18:00" in signed.get(page("edit", made)).content


def test_a_changed_hour_is_told_and_a_changed_capacity_is_not(officer: Any, session: Any) -> None:
    row = RegistrationFactory(session=session)
    session.capacity = 60
    actions.keep_session(session, by=officer)
    assert told("session_registered") == []
    session.ends_at += timedelta(hours=3)
    session.starts_at += timedelta(hours=3)
    actions.keep_session(session, by=officer)
    assert told("session_registered") == [row.email]


def test_opening_closing_cancelling_by_buttons(client_of: Any, officer: Any, session: Any) -> None:
    row = RegistrationFactory(session=session, language="ko")
    RegistrationFactory(session=session, state=RegistrationState.CANCELLED)
    signed = client_of(officer)

    def press(verb: str) -> str:
        signed.post(page("gesture", session, verb=verb))
        session.refresh_from_db()
        return str(session.state)

    assert press("close") == SessionState.CLOSED
    assert press("open") == SessionState.OPEN
    assert press("nothing") == SessionState.OPEN
    assert press("cancel") == SessionState.CANCELLED
    assert told("session_cancelled") == [row.email]
    with pytest.raises(IllegalMove):
        actions.open_session(session, by=officer)
    undated = InformationSessionFactory(starts_at=None, ends_at=None, state=SessionState.PLANNED)
    with pytest.raises(Refusal):
        actions.open_session(undated, by=officer)


def test_who_came_is_recorded_and_listed(client_of: Any, officer: Any, stranger: Any, session: Any) -> None:
    came, stayed = RegistrationFactory(session=session), RegistrationFactory(session=session, name="=HYPERLINK(1)")
    signed = client_of(officer)
    for _twice in range(2):
        assert signed.post(page("registrations", session), {"came": [came.key]}).status_code == 302
    came.refresh_from_db()
    stayed.refresh_from_db()
    assert (came.state, stayed.state) == (RegistrationState.ATTENDED, RegistrationState.REGISTERED)
    assert signed.get(page("registrations", session)).status_code == 200
    lines = b"".join(signed.get(page("registrations_csv", session)).streaming_content).decode("utf-8-sig")
    assert "'=HYPERLINK" in lines
    for name in ("registrations", "registrations_csv", "edit"):
        assert client_of(stranger).get(page(name, session)).status_code == 403


def test_campaigns_count_what_they_brought(client_of: Any, officer: Any, ministry: Any, stranger: Any) -> None:
    campaign = CampaignFactory()
    RegistrationFactory(campaign=campaign, channel=campaign.channel)
    signed = client_of(officer)
    shown = signed.get(reverse("outreach:campaigns"))
    assert [row.registered for row in shown.context["page"].rows] == [1]
    assert client_of(ministry).get(reverse("outreach:campaigns")).status_code == 200
    assert client_of(stranger).get(reverse("outreach:campaigns")).status_code == 403
    data = {
        "name": "Autumn", "code": "autumn", "channel": campaign.channel.pk, "starts_on": "2027-09-01",
        "ends_on": "2027-09-30", "cost_krw": 1_000_000,
    }  # fmt: skip
    for wrong in ({"ends_on": "2027-08-01"}, {"cost_krw": -1}):
        assert signed.post(reverse("outreach:add_campaign"), {**data, **wrong}).status_code == 422
    assert signed.post(reverse("outreach:add_campaign"), data).status_code == 302
    edit = reverse("outreach:edit_campaign", kwargs={"code": "autumn"})
    assert signed.get(edit).status_code == 200
    assert signed.post(edit, {**data, "cost_krw": 2_000_000}).status_code == 302
    assert Campaign.objects.get(code="autumn").cost_krw == 2_000_000


def test_what_waits_on_an_officers_desk(officer: Any, stranger: Any, session: Any) -> None:
    over = InformationSessionFactory(
        starts_at=timezone.now() - timedelta(days=1), ends_at=timezone.now() - timedelta(hours=20)
    )
    assert [(item.kind, str(over) in str(item.label)) for item in queries.desk_items(officer)] == [
        ("todo", True), ("info", False),
    ]  # fmt: skip
    assert queries.desk_items(stranger) == []
