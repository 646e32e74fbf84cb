"""In Korean, in a browser: an offer is talked about and signed, the visa comes late, everything moves together."""

import re
from datetime import date, timedelta
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.utils import timezone

from applications.eligibility import months_after
from applications.states import ApplicationState
from fellowships.models import Amendment, Appointment, Offer
from funding.models import Account, Commitment
from funding.queries.books import faults
from funding.states import AccountKind
from matching.states import RunState
from people.models import User
from tests.factories.fellowships import fund
from tests.factories.matching import MatchResultFactory, MatchRunFactory
from tests.journeys.conftest import Mailbox, Person


@pytest.fixture
def first_day() -> date:
    """The first of the month after next."""
    return months_after(timezone.localdate().replace(day=1), 2)


@pytest.fixture
def placed(worker: Any, application: Any, call_lab: Any, officer: Any, second_officer: Any, first_day: date) -> Any:
    """A candidate from India whom the published match placed, and money for two years."""
    for user in (application.applicant, officer, second_officer):
        User.objects.filter(pk=user.pk).update(language="ko", password=make_password("journey-pass-1"))
        EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
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
    her = person().sign_in("applicant@example.org")
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
    officer.press("임용 제안 발송")
    assert Offer.objects.get().deadline_zone == "Asia/Kolkata"


def she_asks_for_a_later_first_day(officer: Person, her: Person, mailbox: Mailbox, wanted: date) -> None:
    her.open(mailbox.link_to("applicant@example.org", "임용 제안 안내"))
    her.fill(text="비자 때문에 한 달 늦게 시작할 수 있을까요?", wanted_start_on=wanted.isoformat())
    her.press("질문하기")
    officer.open(mailbox.link_to("officer@example.org", "임용 제안 문의"))
    assert officer.reads("한 달 늦게")
    officer.fill(answer="네, 그렇게 하겠습니다.")
    officer.press("이 시작일에 동의")
    her.open(mailbox.link_to("applicant@example.org", "임용 제안 문의에 대한 답변"))
    assert her.reads("그렇게 하겠습니다")
    assert Offer.objects.get().starts_on == wanted


def she_signs(her: Person, mailbox: Mailbox) -> None:
    her.press("인증번호 받기")
    code = re.search(r"\b\d{6}\b", mailbox.text_to("applicant@example.org", "수락 인증번호"))
    assert code is not None
    her.fill(signed_name="서민아", code="000000" if code[0] != "000000" else "000001")
    her.page.check("main [name=has_read]")
    her.press("임용 제안 수락")
    assert her.reads("마지막으로 보낸 인증번호와 다릅니다")
    her.fill(code=code[0])
    her.press("임용 제안 수락")
    assert her.reads("제1판")
    offer = Offer.objects.get()
    assert offer.accepted_sha256 == offer.terms_sha256


def her_visa_is_late(officer: Person, her: Person, person: Any, visa_on: date) -> None:
    appointment = Appointment.objects.get()
    her.follow("준비 목록 보기")
    ethics, visa = (her.page.locator(f"main #{code}") for code in ("ethics", "visa"))
    ethics.locator("[name=agrees]").check()
    ethics.locator("button").first.click()
    her.page.wait_for_load_state()
    visa.locator("[name=expected_on]").fill(visa_on.isoformat())
    with her.page.expect_navigation():
        visa.get_by_role("button", name="예정일만 알리기").click()
    officer.open(f"/appointments/{appointment.key}/onboarding/")
    officer.follow("시작일을 바꾸면 달라지는 내용 보기")
    officer.fill(reason="비자 발급이 늦어집니다.")
    officer.press("달라지는 내용 보기")
    assert officer.reads("기장될 분개")
    officer.press("변경 요청")
    change = Amendment.objects.get()
    assert officer.page.get_by_role("button", name="승인하고").count() == 0
    second = person().sign_in("officer2@example.org")
    second.open(f"/changes/{change.key}/")
    second.press("승인하고 모두 반영")
    assert second.reads("승인됨")


def everything_has_moved(her: Person, first_day: date) -> None:
    appointment = Appointment.objects.get()
    assert appointment.starts_on == first_day
    assert appointment.ends_on == months_after(first_day, 12) - timedelta(days=1)
    her.open(f"/appointments/{appointment.key}/")
    assert her.reads("제2판")
    visa = appointment.onboarding.get(code="visa")
    assert visa.due_on == first_day - timedelta(days=21)
    held = Account.objects.filter(kind=AccountKind.COMMITTED, offer=appointment.offer)
    assert sum(row.balance_krw for row in held) == 150_000_000
    assert sum(row.amount_krw for row in Commitment.objects.all()) == 150_000_000
    assert not faults()
