"""In each language: an offer is talked about and signed, the visa comes late, everything moves together."""

import re
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from applications.eligibility import months_after
from applications.states import ApplicationState
from fellowships.actions.offers import WrongCode
from fellowships.models import Amendment, Appointment, Offer
from funding.models import Account, Commitment
from funding.queries.books import faults
from funding.states import AccountKind
from matching.states import RunState
from tests.factories.fellowships import fund
from tests.factories.matching import MatchResultFactory, MatchRunFactory
from tests.journeys.conftest import Mailbox, Person, may_sign_in, subject_of

HER = "applicant@example.org"
WRITTEN = {
    "ko": ("비자 때문에 한 달 늦게 시작할 수 있을까요?", "네, 그렇게 하겠습니다.", "비자 발급이 늦어집니다.", "서민아"),
    "en": ("Because of the visa, may I begin a month later?", "Yes, so we do.", "The visa is late.", "Mina Seo"),
}


@pytest.fixture
def first_day() -> date:
    """The first of the month after next."""
    return months_after(timezone.localdate().replace(day=1), 2)


@pytest.fixture
def cast(worker: Any, applicant: Any, officer: Any, second_officer: Any, language: str) -> tuple[Any, Any]:
    """She and two officers, who all chose the language of the journey."""
    may_sign_in(applicant, language)
    return may_sign_in(officer, language), may_sign_in(second_officer, language)


@pytest.fixture
def placed(cast: tuple[Any, Any], application: Any, call_lab: Any, first_day: date) -> Any:
    """A candidate from India whom the published match placed, and money for two years."""
    officer, second_officer = cast
    application.state, application.citizenship = ApplicationState.ELIGIBLE, "IN"
    application.save()
    with transaction.atomic():
        for year in (first_day.year, first_day.year + 1, first_day.year + 2):
            fund(call_lab.lab, year, 150_000_000)
    run = MatchRunFactory(
        call=application.call, state=RunState.PUBLISHED, outcome="{}", requested_by=officer,
        confirmed_by=second_officer, confirmed_at=timezone.now(),
    )  # fmt: skip
    return MatchResultFactory(run=run, application=application, call_lab=call_lab, choice=1)


def test_from_the_offer_to_a_late_visa(placed: Any, person: Any, mailbox: Mailbox, first_day: date) -> None:
    officer = person().sign_in("officer@example.org")
    an_offer_goes_out(officer, first_day)
    her = person().sign_in(HER)
    she_asks_for_a_later_first_day(officer, her, mailbox, months_after(first_day, 1))
    she_signs(her, mailbox)
    her_visa_is_late(officer, her, person, months_after(first_day, 2))
    everything_has_moved(her, months_after(first_day, 2))


def an_offer_goes_out(officer: Person, first_day: date) -> None:
    officer.open("/offers/new/")
    last_day = months_after(first_day, 12) - timedelta(days=1)
    officer.page.check("main input[name=to]")
    officer.fill(
        starts_on=first_day.isoformat(), ends_on=last_day.isoformat(), earliest_start_on=first_day.isoformat(),
        latest_start_on=months_after(first_day, 1).isoformat(),
    )  # fmt: skip
    officer.page.select_option("main [name=deadline_zone]", "Asia/Kolkata")
    officer.press("Send the offers")
    assert Offer.objects.get().deadline_zone == "Asia/Kolkata"


def she_asks_for_a_later_first_day(officer: Person, her: Person, mailbox: Mailbox, wanted: date) -> None:
    question, answer = WRITTEN[her.language][:2]
    her.open(mailbox.link_to(HER, subject_of("offer_sent", her.language)))
    her.fill(text=question, wanted_start_on=wanted.isoformat())
    her.press("Ask")
    officer.open(mailbox.link_to("officer@example.org", subject_of("offer_question", her.language)))
    assert officer.reads(question)
    officer.fill(answer=answer)
    officer.press("Agree to this first day")
    her.open(mailbox.link_to(HER, subject_of("offer_reply", her.language)))
    assert her.reads(answer)
    assert Offer.objects.get().starts_on == wanted


def she_signs(her: Person, mailbox: Mailbox) -> None:
    her.press("Mail me the code")
    code = re.search(r"\b\d{6}\b", mailbox.text_to(HER, subject_of("offer_code", her.language)))
    assert code is not None
    her.fill(signed_name=WRITTEN[her.language][3], code="000000" if code[0] != "000000" else "000001")
    her.page.check("main [name=has_read]")
    her.press("Accept the offer")
    assert her.reads(str(WrongCode.words))
    her.fill(code=code[0])
    her.press("Accept the offer")
    assert her.reads("Version %(number)s", number=1)
    offer = Offer.objects.get()
    assert offer.accepted_sha256 == offer.terms_sha256


def her_visa_is_late(officer: Person, her: Person, person: Any, visa_on: date) -> None:
    appointment = Appointment.objects.get()
    her.follow("See the checklist")
    ethics, visa = (her.page.locator(f"main #{code}") for code in ("ethics", "visa"))
    ethics.locator("[name=agrees]").check()
    ethics.locator("button").first.click()
    her.page.wait_for_load_state()
    visa.locator("[name=expected_on]").fill(visa_on.isoformat())
    with her.page.expect_navigation():
        visa.get_by_role("button", name=her.hears("Only say the day")).click()
    officer.open(f"/appointments/{appointment.key}/onboarding/")
    officer.follow("See what another first day moves")
    officer.fill(reason=WRITTEN[officer.language][2])
    officer.press("See what it moves")
    assert officer.reads("The entry that will be posted")
    officer.press("Ask for this change")
    change = Amendment.objects.get()
    assert officer.page.get_by_role("button", name=officer.hears("Approve, and move all of this")).count() == 0
    second = person().sign_in("officer2@example.org")
    second.open(f"/changes/{change.key}/")
    second.press("Approve, and move all of this")
    assert second.reads("Approved")


def everything_has_moved(her: Person, first_day: date) -> None:
    appointment = Appointment.objects.get()
    assert appointment.starts_on == first_day
    assert appointment.ends_on == months_after(first_day, 12) - timedelta(days=1)
    her.open(f"/appointments/{appointment.key}/")
    assert her.reads("Version %(number)s", number=2)
    visa = appointment.onboarding.get(code="visa")
    assert visa.due_on == first_day - timedelta(days=21)
    held = Account.objects.filter(kind=AccountKind.COMMITTED, offer=appointment.offer)
    assert sum(row.balance_krw for row in held) == 150_000_000
    assert sum(row.amount_krw for row in Commitment.objects.all()) == 150_000_000
    assert not faults()
