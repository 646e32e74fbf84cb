"""Appointments: who sees which, and the pages of a fellow and of her institute."""

from datetime import date
from typing import Any

import pytest
from django.urls import reverse

from common.models import AuditEntry
from fellowships.actions import begin_onboarding, hand_in
from fellowships.models import Amendment, YearlyReview
from fellowships.queries import desk_items
from people.models import AccessLog
from tests.factories.fellowships import AppointmentFactory, OfferFactory


def test_fellow_sees_her_own(appointment: Any, fellow: Any, client_of: Any) -> None:
    client = client_of(fellow)
    shown = client.get(reverse("fellowships:appointment", args=[appointment.key])).content.decode()
    assert "₩90,000,000" in shown
    assert client.get(reverse("fellowships:list")).status_code == 403
    assert appointment.lab.name in client.get(reverse("fellowships:mine")).content.decode()


def test_stranger_and_others_do_not(
    appointment: Any, stranger: Any, other_officer: Any, other_lab_head: Any, ministry: Any, client_of: Any
) -> None:
    address = reverse("fellowships:appointment", args=[appointment.key])
    for person in (stranger, other_officer, other_lab_head, ministry):
        assert client_of(person).get(address).status_code == 404


def test_looking_at_somebody_is_logged(appointment: Any, officer: Any, client_of: Any) -> None:
    client_of(officer).get(reverse("fellowships:appointment", args=[appointment.key]))
    assert AccessLog.objects.get().whose == appointment.fellow
    client_of(appointment.fellow).get(reverse("fellowships:appointment", args=[appointment.key]))
    assert AccessLog.objects.count() == 1


@pytest.mark.parametrize("number", [1, 3])
def test_list_costs_the_same(
    number: int, call_lab: Any, lab_head: Any, officer: Any, client_of: Any, django_assert_num_queries: Any
) -> None:
    rows = AppointmentFactory.create_batch(number, offer__call_lab=call_lab)
    client = client_of(officer)
    with django_assert_num_queries(5):
        shown = client.get(reverse("fellowships:list"), {"q": rows[0].fellow.family_name, "state": "standing"})
    assert shown.status_code == 200
    assert client_of(lab_head).get(reverse("fellowships:list"), {"sort": "-start"}).status_code == 200


def test_list_as_a_file(appointment: Any, officer: Any, client_of: Any) -> None:
    fellow = appointment.fellow
    fellow.given_name = "=cmd()"
    fellow.save()
    text = b"".join(client_of(officer).get(reverse("fellowships:list_csv"))).decode()
    assert "'=cmd()" in text


def test_desk_of_candidate_fellow_and_officer(
    appointment: Any, call_lab: Any, officer: Any, stranger: Any, django_assert_num_queries: Any
) -> None:
    assert desk_items(stranger) == []
    offer = OfferFactory(call_lab=call_lab)
    assert [item.kind for item in desk_items(offer.application.applicant)] == ["todo"]
    assert [item.kind for item in desk_items(appointment.fellow)] == ["info"]
    with django_assert_num_queries(8):
        assert [item.kind for item in desk_items(officer)] == ["waiting"]


def test_late_offer_is_not_on_the_desk(call_lab: Any) -> None:
    offer = OfferFactory(call_lab=call_lab)
    type(offer).objects.update(deadline_at=date(2020, 1, 1).isoformat() + "T00:00Z")
    assert desk_items(offer.application.applicant) == []


def test_admin_finds_offers_and_appointments(appointment: Any, admin_person: Any, client_of: Any) -> None:
    client = client_of(admin_person)
    for name in ("offer", "appointment"):
        assert client.get(reverse(f"admin:fellowships_{name}_changelist")).status_code == 200
    page = client.get(reverse("admin:fellowships_appointment_change", args=[appointment.pk]))
    assert page.status_code == 200
    assert not AuditEntry.objects.filter(verb__contains="changed").exists()


def test_desks_say_what_waits(
    appointment: Any, fellow: Any, officer: Any, second_officer: Any, lab_head: Any, stranger: Any
) -> None:
    begin_onboarding(appointment, by=None)
    items = {row.code: row for row in appointment.onboarding.all()}
    hand_in(items["ethics"], by=fellow, agrees=True)
    YearlyReview.objects.create(appointment=appointment, year=1, due_on=appointment.ends_on)
    away = {"from_on": appointment.starts_on, "until_on": appointment.ends_on}
    Amendment.objects.create(appointment=appointment, kind="leave", reason="Family.", asked_by=officer, **away)
    assert [item.count for item in desk_items(fellow)] == [4, None]
    assert [str(item.label) for item in desk_items(officer)] == ["Confirm what fellows handed in"]
    assert [str(item.label) for item in desk_items(second_officer)] == [
        "Decide on changes of appointments",
        "Confirm what fellows handed in",
    ]
    assert [str(item.label) for item in desk_items(lab_head)] == ["Review your fellows' year"]
    assert desk_items(stranger) == []
