"""Changes of an appointment: asked, previewed, decided by another; days, pay and commitments move together."""

from datetime import date
from threading import Barrier, Thread
from typing import Any

import pytest
import time_machine
from django.db import connection, transaction
from django.db.utils import IntegrityError
from django.urls import reverse

from common.refusals import IllegalMove, Refusal, SamePersonTwice
from fellowships import actions as fellowships
from fellowships.dates import longest_end, months_of, moved_end
from fellowships.models import Amendment
from fellowships.queries.changes import change_of
from fellowships.states import AmendmentKind, AppointmentState
from fellowships.versions import Change, Period, Standing, changed
from funding.actions import appointments as actions
from funding.actions import payroll
from funding.actions.appointments import PaidAlready, PayrollUnderWay
from funding.actions.encumbrance import BudgetMissing
from funding.ledger import account
from funding.models import Account, Entry, PayLine
from funding.queries.books import faults
from funding.queries.changes import preview_of
from funding.states import AccountKind
from funding.terms import cost_of_standing, pay_between, pay_of_month, severance_krw
from notifications.models import Notification
from tests.factories.fellowships import AppointmentFactory, fund
from tests.factories.funding import ClaimFactory, confirmed_rates
from tests.factories.labs import LabFactory, PartnerOrganisationFactory

TODAY = "2026-09-10T03:00Z"
YEAR = Standing(date(2026, 7, 1), date(2027, 6, 30), "LLM", 90_000_000, 60_000_000)


@pytest.fixture(autouse=True)
def _in_september() -> Any:
    """The appointment runs from 1 July 2026 to 30 June 2027; it is 10 September 2026."""
    with time_machine.travel(TODAY):
        yield


def ask(appointment: Any, by: Any, kind: str, **given: Any) -> Amendment:
    extra = {name: given.pop(name) for name in ("lab", "partner") if name in given}
    lab = extra.get("lab")
    return fellowships.ask_change(
        appointment, Change(kind=kind, lab=lab.code if lab else "", **given), "A reason.", by=by, **extra
    )


def held(appointment: Any) -> dict[tuple[int, str], int]:
    rows = Account.objects.filter(offer=appointment.offer, kind=AccountKind.COMMITTED)
    return {(row.fiscal_year, row.purpose): row.balance_krw for row in rows}


# the table of what changes make of an appointment
CHANGES = [
    (Change("start", from_on=date(2026, 9, 1)), {"starts_on": date(2026, 9, 1), "ends_on": date(2027, 8, 31)}),
    (Change("start", from_on=date(2026, 8, 31)), {"starts_on": date(2026, 8, 31), "ends_on": date(2027, 8, 30)}),
    (Change("extension", until_on=date(2028, 6, 30)), {"ends_on": date(2028, 6, 30)}),
    (Change("end_early", until_on=date(2026, 12, 31)), {"ends_on": date(2026, 12, 31)}),
    (Change("lab", from_on=date(2026, 10, 1), lab="BIO"), {"lab": "BIO"}),
    (
        Change("leave", from_on=date(2026, 10, 1), until_on=date(2026, 10, 31)),
        {"periods": (Period("leave", date(2026, 10, 1), date(2026, 10, 31), 0),)},
    ),
    (
        Change("reduced", from_on=date(2026, 10, 1), until_on=date(2026, 10, 31), percent=60),
        {"periods": (Period("reduced", date(2026, 10, 1), date(2026, 10, 31), 60),)},
    ),
    (
        Change("secondment", from_on=date(2026, 10, 1), until_on=date(2026, 10, 31)),
        {"periods": (Period("secondment", date(2026, 10, 1), date(2026, 10, 31), 100),)},
    ),
]


@pytest.mark.parametrize(("change", "wanted"), CHANGES)
def test_what_a_change_makes_of_an_appointment(change: Change, wanted: dict[str, Any]) -> None:
    after = changed(YEAR, change)
    assert {**vars(YEAR), **wanted} == vars(after)


@pytest.mark.parametrize(
    ("starts_on", "ends_on", "to", "wanted"),
    [
        (date(2026, 1, 1), date(2026, 12, 31), date(2026, 3, 1), date(2027, 2, 28)),
        (date(2026, 1, 31), date(2026, 2, 27), date(2026, 3, 31), date(2026, 4, 29)),
        (date(2026, 1, 10), date(2026, 2, 3), date(2026, 1, 20), date(2026, 2, 13)),
        (date(2027, 3, 1), date(2028, 2, 29), date(2027, 4, 1), date(2028, 3, 31)),
    ],
)
def test_term_stays_as_long(starts_on: date, ends_on: date, to: date, wanted: date) -> None:
    assert moved_end(starts_on, ends_on, to) == wanted
    assert longest_end(date(2026, 3, 1)) == date(2031, 2, 28)
    assert months_of(date(2026, 1, 1), date(2026, 12, 31)) == 12


LEAVE = Period("leave", date(2026, 10, 1), date(2026, 10, 31), 0)
PAY = [
    ((), 2026, 10, 7_500_000),
    ((LEAVE,), 2026, 10, 0),
    ((Period("leave", date(2026, 10, 1), date(2026, 10, 10), 0),), 2026, 10, 7_500_000 - 7_500_000 * 10 // 31),
    ((Period("reduced", date(2026, 10, 1), date(2026, 10, 31), 60),), 2026, 10, 4_500_000),
    ((Period("secondment", date(2026, 10, 1), date(2026, 10, 31), 100),), 2026, 10, 7_500_000),
    ((Period("leave", date(2026, 9, 16), date(2026, 10, 15), 0),), 2026, 9, 3_750_000),
]


@pytest.mark.parametrize(("periods", "year", "month", "wanted"), PAY)
def test_pay_of_a_month_follows_the_periods(periods: Any, year: int, month: int, wanted: int) -> None:
    assert pay_of_month(Standing(**{**vars(YEAR), "periods": periods}), year, month) == wanted


def test_whole_term_is_the_sum_of_its_months() -> None:
    away = Standing(**{**vars(YEAR), "periods": (LEAVE,)})
    costs = {(year, purpose): amount for year, purpose, amount in cost_of_standing(away)}
    assert costs[2026, "salary"] == 45_000_000 - 7_500_000
    assert costs[2026, "research_fund"] == 30_000_000
    assert pay_between(away, away.starts_on, away.ends_on) == 90_000_000 - 7_500_000
    assert pay_between(YEAR, date(2030, 1, 1), date(2030, 2, 1)) == 0


def test_severance_is_due_after_a_year() -> None:
    """A whole year: 30 days of the average of April to June (91 days, three months' pay), one year of service."""
    assert severance_krw(YEAR) == 22_500_000 * 30 * 365 // (91 * 365)
    assert severance_krw(changed(YEAR, Change("end_early", until_on=date(2027, 6, 29)))) == 0


REFUSED = [
    ("start", {}, "Say the new first day"),
    ("start", {"from_on": date(2026, 7, 1)}, "as it stands"),
    ("start", {"from_on": date(2026, 10, 1)}, "more than a month back"),
    ("extension", {}, "new last day"),
    ("extension", {"until_on": date(2027, 6, 30)}, "ends after 30 June 2027"),
    ("extension", {"until_on": date(2031, 7, 1)}, "five years at most: until 30 June 2031"),
    ("end_early", {}, "Say the last day"),
    ("end_early", {"until_on": date(2027, 6, 30)}, "between 1 July 2026 and 29 June 2027"),
    ("end_early", {"until_on": date(2026, 7, 10)}, "more than a month back"),
    ("leave", {"until_on": date(2026, 10, 1)}, "from which day"),
    ("leave", {"from_on": date(2026, 10, 1)}, "until which day"),
    ("leave", {"from_on": date(2026, 10, 2), "until_on": date(2026, 10, 1)}, "lies before the first"),
    ("leave", {"from_on": date(2026, 6, 30), "until_on": date(2026, 10, 1)}, "1 July 2026 to 30 June 2027"),
    ("parental", {"from_on": date(2027, 6, 1), "until_on": date(2027, 7, 1)}, "1 July 2026 to 30 June 2027"),
    ("reduced", {"from_on": date(2026, 10, 1), "until_on": date(2026, 11, 1)}, "from 1 to 99"),
    ("reduced", {"from_on": date(2026, 10, 1), "until_on": date(2026, 11, 1), "percent": 100}, "from 1 to 99"),
    ("secondment", {"from_on": date(2026, 10, 1), "until_on": date(2026, 11, 1)}, "Choose the partner"),
    ("lab", {}, "Choose the new lab"),
]


@pytest.mark.parametrize(("kind", "given", "words"), REFUSED)
def test_changes_that_cannot_be_asked_for(appointment: Any, officer: Any, kind: str, given: Any, words: str) -> None:
    with pytest.raises(Refusal, match=words):
        ask(appointment, officer, kind, **given)
    assert not Amendment.objects.exists()


def test_one_change_at_a_time_with_a_reason(appointment: Any, officer: Any, fellow: Any) -> None:
    first = ask(appointment, fellow, "leave", from_on=date(2026, 10, 1), until_on=date(2026, 10, 31))
    assert Notification.objects.get(kind="change_asked").to == officer
    with pytest.raises(fellowships.ChangeAsked):
        ask(appointment, officer, "extension", until_on=date(2028, 6, 30))
    with pytest.raises(Refusal, match="Only who asked"):
        fellowships.take_back(first, by=officer)
    fellowships.take_back(first, by=fellow)
    with pytest.raises(Refusal, match="reason"):
        fellowships.ask_change(appointment, Change("extension", until_on=date(2028, 6, 30)), " ", by=officer)


def test_two_people_and_never_the_fellow(appointment: Any, officer: Any, second_officer: Any, fellow: Any) -> None:
    change = ask(appointment, officer, "leave", from_on=date(2026, 10, 1), until_on=date(2026, 10, 31))
    for person in (officer, fellow):
        with pytest.raises(SamePersonTwice):
            actions.approve_change(change, by=person)
        with pytest.raises(SamePersonTwice):
            fellowships.refuse_asked(change, by=person, note="No.")
    with pytest.raises(Refusal, match="reason"):
        fellowships.refuse_asked(change, by=second_officer, note="")
    fellowships.refuse_asked(change, by=second_officer, note="The lab needs you.")
    assert Notification.objects.get(kind="change_refused").to == officer
    with pytest.raises(IllegalMove):
        actions.approve_change(change, by=second_officer)


def test_database_lets_nobody_approve_alone(appointment: Any, officer: Any) -> None:
    change = ask(appointment, officer, "leave", from_on=date(2026, 10, 1), until_on=date(2026, 10, 31))
    with pytest.raises(IntegrityError, match="change_takes_two_people"), transaction.atomic():
        Amendment.objects.filter(pk=change.pk).update(state="approved", version=2, decided_by=officer)


def test_leave_releases_its_pay_and_becomes_a_version(
    appointment: Any, fellow: Any, second_officer: Any, call_lab: Any
) -> None:
    change = ask(appointment, fellow, "leave", from_on=date(2026, 10, 1), until_on=date(2026, 10, 31))
    preview = preview_of(appointment, change_of(change))
    before = account(AccountKind.LAB, 2026, lab=call_lab.lab).balance_krw
    approved = actions.approve_change(change, by=second_officer)
    assert (approved.version, preview.released_krw, preview.pay_krw) == (2, 7_500_000, -7_500_000)
    assert approved.facts["entries"] == [[code, amount] for code, amount in preview.entries]
    posted = Entry.objects.get(event=f"changed:{change.key}")
    assert sorted((line.account.code, line.amount_krw) for line in posted.lines.all()) == preview.entries
    assert held(appointment)[2026, "salary"] == 37_500_000
    assert account(AccountKind.LAB, 2026, lab=call_lab.lab).balance_krw == before + 7_500_000
    assert Notification.objects.get(kind="appointment_changed").to == fellow
    second = ask(appointment, fellow, "parental", from_on=date(2026, 11, 1), until_on=date(2027, 1, 31))
    assert actions.approve_change(second, by=second_officer).version == 3
    with pytest.raises(Refusal, match="overlap"):
        ask(appointment, fellow, "reduced", from_on=date(2026, 10, 31), until_on=date(2026, 11, 2), percent=50)
    assert not faults()


def test_maternity_leave_is_paid_for_sixty_days(appointment: Any, fellow: Any, second_officer: Any) -> None:
    """Ninety days from 1 October: October and November are paid but for its last day, December but for its last two."""
    with pytest.raises(Refusal, match="at most 120"):
        ask(appointment, fellow, "maternity", from_on=date(2026, 10, 1), until_on=date(2027, 1, 29))
    change = ask(appointment, fellow, "maternity", from_on=date(2026, 10, 1), until_on=date(2026, 12, 29))
    preview = preview_of(appointment, change_of(change))
    november, december = 7_500_000 // 30, 7_500_000 * 29 // 31
    assert {row.month.month: row.was_krw - row.is_krw for row in preview.months} == {11: november, 12: december}
    actions.approve_change(change, by=second_officer)
    assert held(appointment)[2026, "salary"] == 45_000_000 - november - december
    with pytest.raises(Refusal, match="overlap"):
        ask(appointment, fellow, "leave", from_on=date(2026, 10, 31), until_on=date(2026, 11, 2))
    assert not faults()


def test_extension_takes_what_is_there_or_says_what_is_missing(
    appointment: Any, officer: Any, second_officer: Any, call_lab: Any
) -> None:
    change = ask(appointment, officer, "extension", until_on=date(2028, 6, 30))
    assert set(preview_of(appointment, change_of(change)).missing) == {2027, 2028}
    with pytest.raises(BudgetMissing, match=r"2027: ₩75,000,000 missing.*2028: ₩75,000,000 missing"):
        actions.approve_change(change, by=second_officer)
    appointment.refresh_from_db()
    assert appointment.ends_on == date(2027, 6, 30)
    for year in (2027, 2028):
        fund(call_lab.lab, year, 75_000_000)
    actions.approve_change(change, by=second_officer)
    appointment.refresh_from_db()
    assert appointment.ends_on == date(2028, 6, 30)
    assert held(appointment)[2028, "salary"] == 45_000_000
    assert appointment.offer.commitments.get(fiscal_year=2027, purpose="salary").amount_krw == 90_000_000
    assert not faults()


def test_late_visa_moves_first_day_pay_money_and_checklist(
    application: Any, call_lab: Any, officer: Any, second_officer: Any
) -> None:
    """From 1 October to 1 December 2026: two months' pay move from 2026 to 2027, and the checklist with them."""
    appointment = AppointmentFactory(
        offer__application=application, offer__call_lab=call_lab,
        offer__starts_on=date(2026, 10, 1), offer__ends_on=date(2027, 9, 30),
    )  # fmt: skip
    fund(call_lab.lab, 2027, 1_000_000_000)
    fellowships.begin_onboarding(appointment, by=None)
    change = ask(appointment, officer, "start", from_on=date(2026, 12, 1))
    preview = preview_of(appointment, change_of(change))
    assert [row.month for row in preview.months] == [
        date(2026, 10, 1),
        date(2026, 11, 1),
        date(2027, 10, 1),
        date(2027, 11, 1),
    ]
    assert preview.pay_krw == 0
    degree = appointment.onboarding.get(code="degree")
    assert (degree.title, degree.due_on, date(2026, 10, 17)) in preview.due
    actions.approve_change(change, by=second_officer)
    appointment.refresh_from_db()
    degree.refresh_from_db()
    assert (appointment.starts_on, appointment.ends_on) == (date(2026, 12, 1), date(2027, 11, 30))
    assert degree.due_on == date(2026, 10, 17)
    assert held(appointment) == {
        (2026, "salary"): 7_500_000, (2026, "research_fund"): 5_000_000,
        (2027, "salary"): 82_500_000, (2027, "research_fund"): 55_000_000,
    }  # fmt: skip
    assert not faults()


def test_transfer_takes_effect_on_its_day(appointment: Any, officer: Any, second_officer: Any, other_lab: Any) -> None:
    near = LabFactory(code="BIO", institute=appointment.institute)
    with pytest.raises(Refusal, match="same institute"):
        ask(appointment, officer, "lab", lab=other_lab, from_on=date(2026, 10, 1))
    change = ask(appointment, officer, "lab", lab=near, from_on=date(2026, 10, 1))
    for year in (2026, 2027):
        fund(near, year, 75_000_000)
    actions.approve_change(change, by=second_officer)
    before = held(appointment)
    for day, lab in (("2026-09-30T03:00Z", "LLM"), ("2026-10-01T03:00Z", "BIO"), ("2026-10-02T03:00Z", "BIO")):
        with time_machine.travel(day):
            fellowships.keep_terms()
        appointment.refresh_from_db()
        assert appointment.lab.code == lab
    assert held(appointment) == before


def test_new_lab_takes_over_what_is_held_for_the_days_there(
    appointment: Any, officer: Any, second_officer: Any, call_lab: Any
) -> None:
    """From 1 October: a quarter of 150 million of 2026 and half of 150 million of 2027."""
    near, first = LabFactory(code="BIO", institute=appointment.institute), call_lab.lab

    def left(lab: Any) -> list[int]:
        return [account(AccountKind.LAB, year, lab=lab).balance_krw for year in (2026, 2027)]

    there = left(first)
    change = ask(appointment, officer, "lab", lab=near, from_on=date(2026, 10, 1))
    fund(near, 2026, 40_000_000)
    preview = preview_of(appointment, change_of(change))
    assert preview.recharges == {2026: 37_500_000, 2027: 75_000_000}
    assert preview.missing == {2027: (75_000_000, 0)}
    with pytest.raises(BudgetMissing, match=r"BIO do not carry.*2027: ₩75,000,000 missing"):
        actions.approve_change(change, by=second_officer)
    assert left(first) == there
    fund(near, 2027, 75_000_000)
    approved = actions.approve_change(change, by=second_officer)
    posted = Entry.objects.get(event=f"recharged:{change.key}")
    assert sorted((line.account.code, line.amount_krw) for line in posted.lines.all()) == preview.entries
    assert approved.facts["recharges"] == [[2026, 37_500_000], [2027, 75_000_000]]
    assert left(first) == [there[0] + 37_500_000, there[1] + 75_000_000]
    assert left(near) == [2_500_000, 0]
    with time_machine.travel("2026-10-01T03:00Z"):
        fellowships.keep_terms()
    appointment.refresh_from_db()
    end = ask(appointment, officer, "end_early", until_on=date(2027, 3, 31))
    actions.approve_change(end, by=second_officer)
    assert left(near) == [2_500_000, 37_500_000]
    assert left(first)[1] == there[1] + 75_000_000
    assert not faults()


def test_early_end_shows_and_does_everything(
    appointment: Any, officer: Any, second_officer: Any, call_lab: Any, fellow: Any
) -> None:
    appointment.offer.application.citizenship = "IN"
    appointment.offer.application.save()
    claim = ClaimFactory(appointment=appointment, amount_krw=12_000_000, spent_on=date(2026, 9, 1))
    ClaimFactory(appointment=appointment, amount_krw=20_000_000, spent_on=date(2026, 9, 1))
    change = ask(appointment, officer, "end_early", until_on=date(2026, 9, 15))
    preview = preview_of(appointment, change_of(change), needs_notice=fellowships.needs_visa_notice(appointment))
    assert preview.last_pay is not None
    assert preview.last_pay.is_krw == 3_750_000
    assert preview.visa_notice_on == date(2026, 9, 30)
    assert claim in preview.claims
    assert preview.severance_krw == 0
    approved = actions.approve_change(change, by=second_officer)
    appointment.refresh_from_db()
    assert (appointment.ends_on, appointment.state) == (date(2026, 9, 15), AppointmentState.STANDING)
    assert held(appointment)[2026, "salary"] == 7_500_000 * 2 + 3_750_000
    assert held(appointment)[2026, "research_fund"] == 30_000_000, "claims keep what is held, no more"
    assert held(appointment)[2027, "salary"] == 0
    assert appointment.onboarding.get(code="visa_notice").due_on == date(2026, 9, 30)
    assert approved.facts["open_claims"] == [row.key for row in preview.claims]
    with time_machine.travel("2026-09-16T03:00Z"):
        fellowships.keep_terms()
        appointment.refresh_from_db()
        assert appointment.state == AppointmentState.TERMINATED
        with pytest.raises(fellowships.AppointmentOver):
            ask(appointment, officer, "extension", until_on=date(2028, 6, 30))
    assert not faults()


def test_term_ends_by_itself(appointment: Any) -> None:
    with time_machine.travel("2027-06-30T03:00Z"):
        assert fellowships.keep_terms() == 0
    with time_machine.travel("2027-07-01T03:00Z"):
        assert fellowships.keep_terms() == 1
    appointment.refresh_from_db()
    assert appointment.state == AppointmentState.ENDED


def test_payroll_follows_the_versions(
    appointment: Any, officer: Any, second_officer: Any, finance_officer: Any, fellow: Any
) -> None:
    confirmed_rates(finance_officer)
    change = ask(appointment, fellow, "leave", from_on=date(2026, 10, 1), until_on=date(2026, 11, 15))
    run = payroll.prepare_payroll(appointment.institute, date(2026, 10, 1), by=finance_officer)
    with pytest.raises(PayrollUnderWay, match="2026-10"):
        actions.approve_change(change, by=second_officer)
    payroll.discard_payroll(run, by=finance_officer)
    actions.approve_change(change, by=second_officer)
    for month, gross in ((date(2026, 9, 1), 7_500_000), (date(2026, 10, 1), 0), (date(2026, 11, 1), 3_750_000)):
        payroll.prepare_payroll(appointment.institute, month, by=finance_officer)
        line = PayLine.objects.get(month=month)
        assert (line.gross_krw, line.is_held) == (gross, False), month


def test_what_was_paid_beyond_is_said_and_a_start_stays_paid(
    application: Any, call_lab: Any, officer: Any, second_officer: Any, finance_officer: Any
) -> None:
    appointment = AppointmentFactory(
        offer__application=application, offer__call_lab=call_lab,
        offer__starts_on=date(2026, 9, 1), offer__ends_on=date(2027, 8, 31),
    )  # fmt: skip
    confirmed_rates(finance_officer)
    fund(call_lab.lab, 2027, 1_000_000_000)
    run = payroll.prepare_payroll(appointment.institute, date(2026, 9, 1), by=finance_officer)
    type(run).objects.filter(pk=run.pk).update(state="released")
    end = preview_of(appointment, Change("end_early", until_on=date(2026, 9, 15)))
    assert end.recovered_krw == 3_750_000
    change = ask(appointment, officer, "start", from_on=date(2026, 10, 1))
    with pytest.raises(PaidAlready):
        actions.approve_change(change, by=second_officer)


@pytest.mark.django_db(transaction=True)
def test_two_officers_approve_once(appointment: Any, fellow: Any, officer: Any, second_officer: Any) -> None:
    change = ask(appointment, fellow, "leave", from_on=date(2026, 10, 1), until_on=date(2026, 10, 31))
    barrier, came = Barrier(2), []

    def approve(by: Any) -> None:
        try:
            barrier.wait(timeout=10)
            actions.approve_change(Amendment.objects.get(pk=change.pk), by=by)
            came.append("approved")
        except IllegalMove:
            came.append("refused")
        finally:
            connection.close()

    threads = [Thread(target=approve, args=(person,)) for person in (officer, second_officer)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert sorted(came) == ["approved", "refused"]
    assert held(appointment)[2026, "salary"] == 37_500_000
    assert Entry.objects.filter(event=f"changed:{change.key}").count() == 1


def test_pages_ask_preview_and_decide(
    appointment: Any, officer: Any, second_officer: Any, fellow: Any, client_of: Any
) -> None:
    PartnerOrganisationFactory()
    hers = client_of(fellow)
    page = reverse("funding:change", args=[appointment.key])
    for kind in ("", *AmendmentKind.values, "nonsense"):
        assert hers.get(page, {"kind": kind}).status_code == 200
    given = {"from_on": "2026-10-01", "until_on": "2026-10-31", "reason": "Family."}
    assert hers.post(f"{page}?kind=leave", {**given, "until_on": "2026-09-01"}).status_code == 409
    assert hers.post(f"{page}?kind=leave", {"reason": "Family."}).status_code == 422
    assert "₩7,500,000" in hers.post(f"{page}?kind=leave", given).content.decode()
    assert not Amendment.objects.exists()
    assert hers.post(f"{page}?kind=leave", {**given, "verb": "ask"}).status_code == 302
    change = Amendment.objects.get()
    decide = reverse("funding:decide_change", args=[change.key])
    assert "waits for its second person" in hers.get(page).content.decode()
    assert hers.post(decide, {"verb": "approve"}).status_code == 200
    assert "₩7,500,000" in client_of(officer).get(decide).content.decode()
    assert change.reason in client_of(officer).get(decide).content.decode()
    assert fellow.full_name in client_of(officer).get(reverse("funding:changes")).content.decode()
    assert client_of(officer).post(decide, {"verb": "refuse"}).status_code == 409
    assert client_of(officer).post(decide, {"verb": "approve", "note": "All the best."}).status_code == 302
    shown = hers.get(reverse("fellowships:appointment", args=[appointment.key])).content.decode()
    assert "Version 2" in shown
    assert "₩37,500,000" in hers.get(reverse("funding:appointment_money", args=[appointment.key])).content.decode()
    assert "All the best." in hers.get(decide).content.decode()


@pytest.mark.parametrize("name", ["change", "appointment_money", "decide_change"])
def test_changes_are_hidden_from_others(
    appointment: Any, officer: Any, stranger: Any, other_officer: Any, lab_head: Any, ministry: Any, client_of: Any,
    name: str,
) -> None:  # fmt: skip
    change = ask(appointment, officer, "leave", from_on=date(2026, 10, 1), until_on=date(2026, 10, 31))
    key = change.key if name == "decide_change" else appointment.key
    for person in (stranger, other_officer, lab_head, ministry):
        assert client_of(person).get(reverse(f"funding:{name}", args=[key])).status_code in {403, 404}
    assert client_of(stranger).get(reverse("funding:changes")).status_code == 403


@pytest.mark.parametrize("number", [1, 3])
def test_list_of_changes_costs_the_same(
    number: int, call_lab: Any, officer: Any, client_of: Any, django_assert_num_queries: Any
) -> None:
    for row in AppointmentFactory.create_batch(number, offer__call_lab=call_lab):
        ask(row, row.fellow, "leave", from_on=date(2026, 10, 1), until_on=date(2026, 10, 31))
    client = client_of(officer)
    with django_assert_num_queries(5):
        assert client.get(reverse("funding:changes")).status_code == 200
