"""The dashboard: for the ministry and auditors alone, right on small data, cheap, in Korean, each figure a way down."""

import csv
import io
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext

from common.job_states import JobState
from fellowships.models import Appointment
from labs.models import Lab
from mentoring.models import Transition
from mentoring.states import Destination
from people.models import User
from reports.models import ReportRun
from reports.queries import desk_items
from reports.states import ReportFormat, ReportKind
from tests.factories.applications import ApplicationFactory, CallLabFactory
from tests.factories.fellowships import AppointmentFactory, fund
from tests.factories.labs import LabFactory, ProgrammeFactory
from tests.factories.matching import MatchResultFactory, MatchRunFactory, OpeningFactory
from tests.factories.mentoring import MentorAssignmentFactory

DASHBOARD = "/dashboard/"
CSV = "/dashboard/labs.csv"


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    with translation.override("en"):
        yield


def text(response: Any) -> str:
    return str(response.content.decode())


def test_ministry_and_auditor_alone(
    client_of: Any, client: Any, ministry: Any, auditor: Any, programme_people: Any
) -> None:
    for person in (ministry, auditor):
        for address in (DASHBOARD, CSV, reverse("reports:list")):
            assert client_of(person).get(address).status_code == 200, address
    for person in programme_people:
        for address in (DASHBOARD, CSV, reverse("reports:list")):
            assert client_of(person).get(address).status_code == 403, (person, address)
    assert client.get(DASHBOARD).status_code == 302


@pytest.fixture
def programme_people(
    stranger: Any, officer: Any, finance_officer: Any, lab_head: Any, mentor_person: Any, admin_person: Any
) -> list[Any]:
    return [stranger, officer, finance_officer, lab_head, mentor_person, admin_person]


def test_without_a_programme_it_says_who_loads_it(client_of: Any, ministry: Any) -> None:
    shown = client_of(ministry).get(DASHBOARD)
    assert shown.status_code == 200
    assert "No programme is loaded yet" in text(shown)


def test_figures_against_plan(client_of: Any, ministry: Any, appointment: Any, lab: Any) -> None:
    MentorAssignmentFactory(appointment=appointment)
    fund(lab, 2026, 3_000_000_000 - 150_000_000)
    shown = client_of(ministry).get(DASHBOARD)
    context = shown.context
    assert (context["appointments"].is_now, context["appointments"].plan) == (1, 400)
    assert (context["lab_count"].is_now, context["lab_count"].plan, context["lab_count"].percent) == (1, 8, 12)
    assert (context["appropriated"].is_now, context["appropriated"].percent) == (3_000_000_000, 1)
    assert (context["mentored"].is_now, context["mentored"].plan) == (1, 1)
    assert "of 400 planned" in text(shown)
    assert "₩2,850,000,000" in text(shown)


def test_every_chart_has_its_points(client_of: Any, ministry: Any, appointment: Any, lab: Any) -> None:
    Transition.objects.create(
        appointment=appointment, destination=Destination.STARTUP, organisation="Works", starts_on=date(2027, 8, 1)
    )
    shown = client_of(ministry).get(DASHBOARD)
    charts = shown.context["charts"]
    assert set(charts) == {"fellows", "funnel", "origins", "channels", "spent", "declines", "destinations"}
    assert [(point.label, point.value) for point in charts["fellows"].points] == [("LLM", 1)]
    assert [(point.label, point.value) for point in charts["destinations"].points] == [("Company of her own", 1)]
    assert "Where fellows went" in text(shown)


def test_way_down_from_each_figure(client_of: Any, ministry: Any, appointment: Any, lab: Any) -> None:
    client = client_of(ministry)
    shown = text(client.get(DASHBOARD))
    for address in (
        reverse("labs:detail", kwargs={"key": lab.key}),
        reverse("funding:budget"),
        reverse("reports:labs_csv"),
        reverse("reports:list"),
    ):
        assert f'href="{address}' in shown, address
        assert client.get(address).status_code == 200, address


def test_published_matches_with_fill_and_first_choices(
    client_of: Any, ministry: Any, appointment: Any, call: Any, django_assert_num_queries: Any
) -> None:
    client = client_of(ministry)
    assert reverse("matching:published") + '">All' not in text(client.get(DASHBOARD))
    seat = OpeningFactory(call_lab=CallLabFactory(call=call, lab=LabFactory()), seats=4).call_lab
    now = timezone.now()
    run = MatchRunFactory(call=call, state="published", outcome="{}", confirmed_at=now, published_at=now)
    for choice in (1, 1, 2, None):
        MatchResultFactory(run=run, call_lab=choice and seat, choice=choice)
    for _one_and_three in range(2):
        with django_assert_num_queries(24):
            shown = text(client.get(DASHBOARD))
        for words in ("3 / 4 · 75%", "2 / 3 · 66%", f'href="{reverse("matching:run", args=[run.key])}"'):
            assert words in shown
        for _more in range(2):
            MatchRunFactory(state="published", outcome="{}", confirmed_at=now, published_at=now)
    assert f'href="{reverse("matching:published")}">All published matches' in shown
    MatchRunFactory(call=call, state="solved")
    assert len(client.get(DASHBOARD).context["matches"]) == 5


def test_costs_the_same_for_one_and_three(
    client_of: Any, ministry: Any, appointment: Any, call: Any, django_assert_num_queries: Any
) -> None:
    client = client_of(ministry)
    client.get(DASHBOARD)
    for number in (1, 3):
        while Lab.objects.count() < number:
            seat = CallLabFactory(call=call, lab=LabFactory())
            AppointmentFactory(offer__application=ApplicationFactory(call=call), offer__call_lab=seat)
        assert Appointment.objects.count() == number
        with django_assert_num_queries(23):
            assert client.get(DASHBOARD).status_code == 200


def test_table_of_labs_as_csv(client_of: Any, ministry: Any, appointment: Any) -> None:
    LabFactory(code="=cmd()", institute=appointment.institute)
    answered = client_of(ministry).get(CSV)
    assert answered["Content-Disposition"] == 'attachment; filename="labs.csv"'
    content = b"".join(answered.streaming_content).decode("utf-8-sig")
    heads, evil, lab = list(csv.reader(io.StringIO(content)))
    assert heads == ["institute", "lab", "fellows", "allotted_krw", "committed_krw", "spent_krw", "available_krw"]
    assert evil == ["KAIST", "'=cmd()", "0", "0", "0", "0", "0"]
    assert lab == ["KAIST", "LLM", "1", "150000000", "150000000", "0", "0"]


def test_in_korean(client_of: Any, ministry: Any, appointment: Any) -> None:
    User.objects.filter(pk=ministry.pk).update(language="ko")
    ministry.refresh_from_db()
    for address, heading in ((DASHBOARD, "Are we on course?"), (reverse("reports:list"), "Ask for a report")):
        shown = client_of(ministry).get(address)
        assert shown.status_code == 200
        assert '<html lang="ko"' in text(shown)
        with translation.override("ko"):
            assert gettext(heading) in text(shown)
    assert "연구단 LLM" in text(client_of(ministry).get(DASHBOARD))


class TestDesk:
    def test_nothing_for_others(self, stranger: Any, officer: Any) -> None:
        assert desk_items(stranger) == []
        assert desk_items(officer) == []

    def test_dashboard_and_reports_that_became_ready(
        self, ministry: Any, auditor: Any, django_assert_num_queries: Any
    ) -> None:
        ProgrammeFactory()
        assert [item.url for item in desk_items(ministry)] == [DASHBOARD]
        for number in (1, 3):
            while ReportRun.objects.count() < number:
                ReportRun.objects.create(
                    kind=ReportKind.MONEY,
                    format=ReportFormat.XLSX,
                    requested_by=ministry,
                    job_state=JobState.READY,
                    job_finished_at=timezone.now(),
                )
            person = User.objects.get(pk=ministry.pk)
            with django_assert_num_queries(2):
                items = desk_items(person)
            assert [(item.url, item.count) for item in items] == [(DASHBOARD, None), ("/reports/", number)]
        assert len(desk_items(auditor)) == 1
