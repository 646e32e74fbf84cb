"""A lab ranks and certifies; two officers run and publish; an applicant reads why; a withdrawal cascades."""

from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.utils import timezone

from applications.models import Application, Call
from applications.states import CallState
from matching import actions
from matching.models import MatchResult, MatchRun, Opening
from people.models import User
from people.states import Role
from tests.factories.applications import CallFactory, CallLabFactory, EligibleFactory
from tests.factories.labs import InstituteFactory, LabFactory
from tests.factories.people import UserFactory, holder
from tests.journeys.conftest import Person
from tests.journeys.test_axe_on_applications import cookie_of

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def call(transactional_db: None) -> Call:
    """A call in review: one seat in each of two labs, and three applicants who want the first most."""
    past = timezone.now() - timedelta(days=20)
    call = CallFactory(state=CallState.REVIEW, opens_at=past - timedelta(days=9), closes_at=past)
    institute = InstituteFactory(code="KAIST")
    labs = [
        CallLabFactory(call=call, lab=LabFactory(code=code, institute=institute), seats_announced=1)
        for code in ("LLM", "MFG")
    ]
    for name in ("Ada", "Bora", "Chun"):
        EligibleFactory(
            call=call, ranked_labs=[row.pk for row in labs], given_name=name, family_name="Han", native_name="",
            applicant=UserFactory(email=f"{name.lower()}@example.org"),
        )  # fmt: skip
    for row in labs:
        for role in (Role.LAB_HEAD, Role.LAB_MEMBER):
            holder(role, row.lab.place, email=f"{role}.{row.lab.code}@example.org".lower())
    for mailbox in ("officer", "officer2"):
        holder(Role.PROGRAMME_OFFICER, institute.place, email=f"{mailbox}@example.org")
    return call


@pytest.fixture
def window(person: Any, live_server: Any) -> Any:
    """Somebody's own window, signed in."""

    def opened(email: str) -> Person:
        made: Person = person()
        name, value = settings.SESSION_COOKIE_NAME, cookie_of(User.objects.get(email=email))
        made.context.add_cookies([{"name": name, "value": value, "url": live_server.url}])
        return made

    return opened


def test_from_lists_to_a_cascade(call: Call, window: Any) -> None:
    actions.open_seats(call, by=None)
    officers = [window(f"{mailbox}@example.org") for mailbox in ("officer", "officer2")]
    for officer in officers:
        officer.open(f"/matching/calls/{call.key}/seed/")
        officer.press("Commit a secret")
        assert officer.reads("Kept.")
    ada, bora, _chun = Application.objects.order_by("pk")
    a_lab_ranks(window, "llm", f"{ada.number}\n{bora.number}")
    a_lab_ranks(window, "mfg", f"Bora Han\n{ada.number}")
    two_officers_state_the_money(officers, call)
    Call.objects.update(ranks_due_at=timezone.now())
    run = two_officers_run_and_publish(officers, call)
    she_reads_why(window, bora)
    a_withdrawal_cascades(window, officers[0], run, ada)
    her_place_is_better(window, bora)


def a_lab_ranks(window: Any, code: str, lines: str) -> None:
    opening = Opening.objects.get(call_lab__lab__code=code.upper())
    head = window(f"lab_head.{code}@example.org")
    head.open(f"/ranking/{opening.key}/paste/")
    head.fill(lines=f"{lines}\nNobody Known")
    head.press("Use this order")
    assert head.reads("is no candidate of this lab")
    head.fill(lines=lines)
    head.press("Use this order")
    head.page.locator("main [data-move=down]").first.click()
    head.page.locator("main [data-move=up]").last.click()
    head.page.check("main [name=knows_missing]")
    head.press("Save and certify")
    assert head.reads("waits for a second person")
    member = window(f"lab_member.{code}@example.org")
    member.open(f"/ranking/{opening.key}/")
    member.press("Confirm the list")
    assert member.reads("The certified list")


def two_officers_state_the_money(officers: list[Person], call: Call) -> None:
    """The books carry nothing yet, so both answer for a letter."""
    first, second = officers
    first.open(f"/matching/calls/{call.key}/money/")
    first.fill(**{f"lab_{row.pk}": "1" for row in call.call_labs.all()}, reason="Letter 12 of the ministry")
    first.press("State these figures")
    for _row in range(2):
        second.open(f"/matching/calls/{call.key}/seats/")
        second.press("Approve")
        assert second.reads("Approved. It stands from now on.")


def two_officers_run_and_publish(officers: list[Person], call: Call) -> MatchRun:
    first, second = officers
    first.open(f"/matching/calls/{call.key}/")
    first.press("Run the match")
    run = MatchRun.objects.get()
    assert actions.solve_run(run.pk)
    first.open(f"/matching/runs/{run.key}/")
    assert "does not hold" not in first.text
    assert "Confirm the run" not in first.text
    second.open(f"/matching/runs/{run.key}/")
    second.press("Confirm the run")
    second.press("Publish to everybody")
    assert MatchRun.objects.get().state == "published"
    return run


def she_reads_why(window: Any, hers: Application) -> None:
    her = window(hers.applicant.email)
    her.open(f"/results/{hers.key}/")
    assert her.reads("You are placed in")
    assert her.reads("you stood at number 2")
    assert "Ada" not in her.text
    her.follow("The published match")
    assert her.reads(f"You are {MatchResult.objects.get(application=hers).pseudonym} in these files.")


def a_withdrawal_cascades(window: Any, officer: Person, run: MatchRun, gone: Application) -> None:
    away = window(gone.applicant.email)
    away.open(f"/applications/{gone.key}/withdraw/")
    away.fill(reason="Another position.")
    away.press("Withdraw")
    officer.open(f"/matching/runs/{run.key}/after/")
    assert officer.reads("Bora Han")
    officer.press("Decide on this way")
    assert officer.reads("Everybody who moves is told")


def her_place_is_better(window: Any, hers: Application) -> None:
    her = window(hers.applicant.email)
    her.open(f"/results/{hers.key}/")
    assert her.reads("a place became free")
    assert MatchResult.objects.get(application=hers).choice == 1
