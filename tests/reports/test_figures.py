"""Each figure against plan, worked out by hand on a small programme."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
import time_machine
from django.utils import timezone, translation

from applications.models import Application
from applications.states import ApplicationState, CallState
from fellowships.models import Appointment
from fellowships.states import AppointmentState, DeclineReason, OfferState
from funding import ledger
from funding.actions import budget, claims
from funding.ledger import Posting
from funding.models import Account
from funding.states import AccountKind
from matching.states import RunState
from mentoring.models import Transition
from mentoring.states import Destination
from reports import queries
from reports.queries import Against, Money
from tests.factories.applications import ApplicationFactory, CallFactory, CallLabFactory, DraftFactory, EligibleFactory
from tests.factories.fellowships import AppointmentFactory, OfferFactory, fund
from tests.factories.funding import ClaimCategoryFactory
from tests.factories.labs import LabFactory, ProgrammeFactory
from tests.factories.matching import MatchResultFactory, MatchRunFactory
from tests.factories.mentoring import MentorAssignmentFactory
from tests.factories.outreach import ChannelFactory, RegistrationFactory

MILLION = 1_000_000


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    with translation.override("en"):
        yield


@pytest.fixture
def spent(appointment: Any, finance_officer: Any) -> Any:
    """150 million committed to one fellow, half a million of it spent on 1 October 2026."""
    with time_machine.travel("2026-10-01 12:00+09:00", tick=False):
        draft = claims.Draft(ClaimCategoryFactory(), 500_000, date(2026, 9, 1), "Sensors")
        receipt = claims.Receipt("receipt.pdf", b"%PDF-1.7 receipt", "application/pdf")
        claim = claims.submit_claim(appointment, draft, [receipt], by=appointment.fellow)
        return claims.approve_claim(claim, by=finance_officer)


def again(call: Any, lab: Any, **fields: Any) -> Any:
    """One more fellow in `lab`."""
    seat = lab.call_labs.filter(call=call).first() or CallLabFactory(call=call, lab=lab)
    application = EligibleFactory(call=call, **fields)
    return AppointmentFactory(offer__application=application, offer__call_lab=seat)


def published(call: Any) -> Any:
    """A match of `call` that is confirmed and published."""
    return MatchRunFactory(call=call, state=RunState.PUBLISHED, outcome="{}", confirmed_at=timezone.now())


class TestAgainst:
    @pytest.mark.parametrize(
        ("is_now", "plan", "percent"),
        [(0, 400, 0), (1, 3, 33), (399, 400, 99), (400, 400, 100), (500, 400, 125), (5, 0, 0)],
    )
    def test_share_is_whole_percent_and_never_rounded_up(self, is_now: int, plan: int, percent: int) -> None:
        assert Against(is_now, plan).percent == percent

    def test_available_is_the_rest(self) -> None:
        assert Money(100, 30, 50).available_krw == 20


@pytest.mark.django_db
class TestMoney:
    def test_nothing_is_nought(self) -> None:
        assert queries.money_of() == Money(0, 0, 0)
        assert queries.spent_by_month() == []
        assert queries.programme() is None

    def test_whole_programme(self, spent: Any, lab: Any, ministry: Any) -> None:
        given = budget.appropriate("Annual budget", 2026, 100 * MILLION, by=ministry)
        budget.agree(given, lab.institute, 60 * MILLION, by=ministry)
        fund(lab, 2026, 10 * MILLION)
        money = queries.money_of()
        assert money == Money(260 * MILLION, 149_500_000, 500_000)
        assert money.available_krw == 110 * MILLION

    def test_one_lab(self, spent: Any, lab: Any, other_lab: Any) -> None:
        fund(other_lab, 2026, 7 * MILLION)
        assert queries.money_of(lab=lab) == Money(150 * MILLION, 149_500_000, 500_000)
        assert queries.money_of(lab=other_lab) == Money(7 * MILLION, 0, 0)

    def test_by_month_counts_what_was_taken_back(self, spent: Any, lab: Any) -> None:
        account = Account.objects.get(kind=AccountKind.SPENT)
        back = Account.objects.get(kind=AccountKind.COMMITTED, fiscal_year=2026, purpose=account.purpose)
        for event, day, amount_krw in (("a", date(2026, 10, 31), -200_000), ("b", date(2026, 11, 1), 40_000)):
            ledger.post(Posting(event, day, "test", [(account, amount_krw), (back, -amount_krw)]), by=None)
        assert queries.spent_by_month() == [(date(2026, 10, 1), 300_000), (date(2026, 11, 1), 40_000)]


@pytest.mark.django_db
class TestLabs:
    def test_row_holds_fellows_and_money(self, spent: Any, lab: Any, other_lab: Any, call: Any) -> None:
        gone = again(call, lab)
        Appointment.objects.filter(pk=gone.pk).update(state=AppointmentState.ENDED)
        LabFactory(code="CLOSED", institute=lab.institute, is_active=False)
        rows = queries.labs_with_figures()
        assert [(row.lab, row.fellows) for row in rows] == [(lab, 1), (other_lab, 0)]
        assert rows[0].money == Money(300 * MILLION, 299_500_000, 500_000)
        assert rows[1].money == Money(0, 0, 0)

    def test_three_queries_for_any_number(self, appointment: Any, django_assert_num_queries: Any) -> None:
        for number in (1, 3):
            while len(queries.labs_with_figures()) < number:
                LabFactory()
            with django_assert_num_queries(3):
                assert len(queries.labs_with_figures()) == number


@pytest.mark.django_db
class TestPeople:
    def test_appointments_ever_made(self, appointment: Any, call: Any, lab: Any) -> None:
        again(call, lab)
        Appointment.objects.filter(pk=appointment.pk).update(state=AppointmentState.TERMINATED)
        assert queries.appointments_made() == 2

    def test_mentored_are_standing_fellows_each_once(self, appointment: Any, call: Any, lab: Any) -> None:
        gone, alone = again(call, lab), again(call, lab)
        MentorAssignmentFactory(appointment=appointment)
        MentorAssignmentFactory(appointment=appointment)
        MentorAssignmentFactory(appointment=gone)
        MentorAssignmentFactory(appointment=alone, ends_on=date(2026, 8, 1))
        Appointment.objects.filter(pk=gone.pk).update(state=AppointmentState.ENDED)
        assert queries.mentored() == Against(1, 2)

    def test_origins(self, appointment: Any, call: Any, lab: Any) -> None:
        again(call, lab, citizenship="KR", residence="KR")
        again(call, lab, citizenship="VN", residence="KR")
        again(call, lab, citizenship="US", residence="US")
        assert [number for _label, number in queries.origins()] == [1, 1, 2]

    def test_channels_count_submitted_applications(self, call: Any) -> None:
        journal, fair = ChannelFactory(code="journal"), ChannelFactory(code="fair")
        for channel in (journal, fair, fair):
            ApplicationFactory(call=call, channel=channel)
        DraftFactory(call=call, channel=journal)
        ApplicationFactory(call=call)
        assert queries.by_channel() == [("Fair", 2), ("Journal", 1)]
        with translation.override("ko"):
            assert queries.by_channel() == [("채널 fair", 2), ("채널 journal", 1)]

    def test_declines_by_reason(self, call: Any, call_lab: Any) -> None:
        for reason in (DeclineReason.PAY, DeclineReason.VISA, DeclineReason.VISA, ""):
            OfferFactory(
                application=EligibleFactory(call=call),
                call_lab=call_lab,
                state=OfferState.DECLINED,
                decline_reason=reason,
            )
        assert queries.declines() == [("Visa or relocation", 2), ("The pay or the package", 1)]

    def test_destinations(self, appointment: Any, call: Any, lab: Any) -> None:
        for row, where in (
            (appointment, Destination.PUBLIC),
            (again(call, lab), Destination.STARTUP),
            (again(call, lab), Destination.STARTUP),
        ):
            Transition.objects.create(
                appointment=row, destination=where, organisation="Works", starts_on=date(2027, 8, 1)
            )
        assert queries.destinations() == [("Company of her own", 2), ("Public research institute", 1)]

    def test_rows_of_people_hold_no_names(self, appointment: Any) -> None:
        rows = list(queries.people_rows())
        assert rows == [("KAIST", "LLM", date(2026, 7, 1), date(2027, 6, 30), "standing", "KR")]


@pytest.mark.django_db
class TestFunnel:
    def test_no_call(self) -> None:
        assert queries.latest_call() is None
        assert queries.funnel(None) == []

    def test_each_step(self, appointment: Any, call: Any, call_lab: Any) -> None:
        RegistrationFactory.create_batch(2)
        DraftFactory(call=call)
        ApplicationFactory(call=call, state=ApplicationState.INELIGIBLE)
        EligibleFactory()
        run = published(call)
        MatchResultFactory(run=run, application=appointment.offer.application, call_lab=call_lab)
        waiting = EligibleFactory(call=call)
        MatchResultFactory(run=run, application=waiting, call_lab=None)
        OfferFactory(application=waiting, call_lab=call_lab)
        Application.objects.filter(pk=appointment.offer.application_id).update(state=ApplicationState.ELIGIBLE)
        assert [number for _step, number in queries.funnel(call)] == [2, 4, 3, 2, 1, 2, 1]

    def test_call_with_a_published_match_goes_before_a_newer_one(self, call: Any) -> None:
        newer = CallFactory(programme=ProgrammeFactory(), state=CallState.PUBLISHED)
        assert queries.latest_call() == newer
        published(call)
        assert queries.latest_call() == call
