"""From a visitor at an information session to a fellow with a salary and a line on the ministry's dashboard."""

import csv
import io
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import make_password
from django.db.models import F
from django.utils import timezone

from applications.models import Application, Call, CallLab
from applications.states import CallState
from common.models import AuditEntry
from common.pdf import render_pdf
from funding.actions import bank_details, budget, rates, rules, spending_rules
from funding.models import CategoryRule, Claim, MoneyRule, PaymentBatch, PayrollRun, RateTable
from funding.queries.books import faults
from innocore.reference import load_reference
from labs.models import Institute, Lab, Programme
from matching.models import MatchRun, Opening
from mentoring.models import Mentor, MentorAssignment
from mentoring.states import MentorKind
from outreach.models import InformationSession, Registration
from outreach.states import SessionState
from people.models import Place, RoleGrant, User
from people.states import Role
from reports.models import ReportRun
from reviews.models import Review
from tests.journeys.conftest import Mailbox, Person, until

STAFF = {
    "officer": (Role.PROGRAMME_OFFICER, "KAIST"),
    "officer2": (Role.PROGRAMME_OFFICER, "KAIST"),
    "finance1": (Role.FINANCE_OFFICER, "KAIST"),
    "finance2": (Role.FINANCE_OFFICER, "KAIST"),
    "finance3": (Role.FINANCE_OFFICER, "KAIST"),
    "finance4": (Role.FINANCE_OFFICER, "KAIST"),
    "finance5": (Role.FINANCE_OFFICER, "KAIST"),
    "head": (Role.LAB_HEAD, "LLM"),
    "head2": (Role.LAB_HEAD, "SOLAR"),
    "member": (Role.LAB_MEMBER, "LLM"),
    "member2": (Role.LAB_MEMBER, "SOLAR"),
    "reviewer1": (Role.REVIEWER, ""),
    "reviewer2": (Role.REVIEWER, ""),
    "mentor1": (Role.MENTOR, ""),
    "mentor2": (Role.MENTOR, ""),
    "ministry": (Role.MINISTRY, ""),
    "admin": (Role.ADMIN, ""),
}
HER = "mina@example.org"


@dataclass
class World:
    """What the journey begins with: reference data, staff with roles, a call that is open, money for it."""

    call: Call
    people: dict[str, User] = field(default_factory=dict)


def staff() -> dict[str, User]:
    """People with the journey's password and their roles."""
    people = {}
    for mailbox, (role, place) in STAFF.items():
        user = User.objects.create(
            email=f"{mailbox}@example.org", given_name=mailbox.title(), family_name="Staff", language="en",
            password=make_password("journey-pass-1"),
        )  # fmt: skip
        EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
        where = Place.objects.get(code=place) if place else None
        RoleGrant.objects.create(user=user, role=role, place=where, starts_on=timezone.localdate())
        people[mailbox] = user
    return people


@pytest.fixture
def world(transactional_db: None) -> World:
    load_reference()
    people = staff()
    now = timezone.now()
    first = timezone.localdate().replace(day=1)
    call = Call.objects.create(
        code="J1", name_en="Journey call", name_ko="여정 공고", programme=Programme.objects.get(),
        text_en="Come.", text_ko="오세요.", opens_at=now - timedelta(days=3), closes_at=now + timedelta(days=3),
        letters_due_at=now + timedelta(days=6), reviews_due_at=now + timedelta(days=9),
        ranks_due_at=now + timedelta(days=12), decisions_on=(now + timedelta(days=15)).date(), starts_on=first,
        salary_krw_a_year=90_000_000, research_fund_krw_a_year=60_000_000, state=CallState.PUBLISHED,
    )  # fmt: skip
    for code in ("LLM", "SOLAR"):
        CallLab.objects.create(call=call, lab=Lab.objects.get(code=code), seats_announced=1)
    for year in (first.year, first.year + 1):
        given = budget.appropriate("Annual budget", year, 500_000_000, by=people["ministry"])
        agreed = budget.agree(given, Institute.objects.get(code="KAIST"), 400_000_000, by=people["ministry"])
        budget.allot(agreed, Lab.objects.get(code="LLM"), 300_000_000, by=people["finance1"])
    rates.confirm_rates(RateTable.objects.get(), by=people["finance2"], document="Gazette")
    for rule in MoneyRule.objects.all():
        rules.confirm_rule(rule, by=people["finance2"])
    for of_spending in CategoryRule.objects.all():
        spending_rules.confirm_spending_rule(of_spending, by=people["finance2"])
    payer = bank_details.set_payer_account(
        Institute.objects.get(code="KAIST"), by=people["finance2"], bank_code="004", number="12345678901234"
    )
    bank_details.confirm_payer_account(payer, by=people["finance5"])
    InformationSession.objects.create(
        city_en="Boston", city_ko="보스턴", country="US", timezone="America/New_York", capacity=10,
        starts_at=now + timedelta(days=9), ends_at=now + timedelta(days=9, hours=2), state=SessionState.OPEN,
    )  # fmt: skip
    for mailbox, kind in (("mentor1", MentorKind.DOMAIN), ("mentor2", MentorKind.CO_LAB)):
        Mentor.objects.create(
            user=people[mailbox], kinds=[kind], institute=Institute.objects.get(code="KAIST"), expertise="Language"
        )
    return World(call, people)


def move_deadline_into_the_past(call: Call) -> None:
    """Days go by: what the calendar would do."""
    past = timezone.now() - timedelta(minutes=5)
    Call.objects.filter(pk=call.pk).update(closes_at=past)
    call.refresh_from_db()


@pytest.fixture
def cv(tmp_path: Path) -> str:
    path = tmp_path / "cv.pdf"
    path.write_bytes(render_pdf("report", {"title": "CV", "lang": "en", "programme": "InnoCORE", "sections": []}))
    return str(path)


def test_one_whole_way(world: World, person: Any, mailbox: Mailbox, cv: str, tmp_path: Path) -> None:
    visitor = person()
    she_registers_for_a_session(visitor, mailbox)
    she_applies(visitor, mailbox, cv)
    referees_write(person, mailbox)
    move_deadline_into_the_past(world.call)
    too_late(visitor)
    officer = person().sign_in("officer@example.org")
    it_is_screened(officer, world)
    it_is_reviewed(officer, person)
    the_head_ranks(person)
    it_is_matched(officer, person, visitor, world)
    she_accepts(officer, visitor, mailbox)
    mentors_are_assigned(officer, visitor)
    she_is_paid(person, visitor, tmp_path)
    the_ministry_reads(person, tmp_path)
    the_admin_finds_all(person)
    assert not faults()


def she_registers_for_a_session(visitor: Person, mailbox: Mailbox) -> None:
    visitor.open("/?via=linkedin")
    visitor.open("/sessions/")
    visitor.follow("Register")
    visitor.fill(name="Mina Seo", email="mina.visits@example.org")
    visitor.press("Register")
    assert visitor.reads("Without your consent") or visitor.reads("required")
    assert visitor.page.input_value("main [name=email]") == "mina.visits@example.org"
    visitor.page.check("main [name=has_consented]")
    visitor.press("Register")
    assert visitor.reads("You are registered")
    registration = Registration.objects.get()
    assert (registration.channel.code, registration.consent.text.purpose) == ("linkedin", "session")  # type: ignore[union-attr]
    visitor.open(mailbox.link_to("mina.visits@example.org", "Boston"))
    assert visitor.reads("Your registration")


def she_applies(her: Person, mailbox: Mailbox, cv: str) -> None:
    makes_an_account(her, mailbox)
    her.open("/calls/")
    her.follow("Journey call")
    her.follow("Start my application")
    for box in her.page.locator("main input[type=checkbox]").all():
        box.check()
    her.press("Start my application")
    fills_in(her, cv)
    her.press("Submit my application")
    assert her.reads("Check code")
    application = Application.objects.get()
    assert (application.state, application.channel.code) == ("submitted", "linkedin")  # type: ignore[union-attr]
    assert application.receipt_sha256 in mailbox.text_to(HER, "has arrived")
    assert AuditEntry.objects.filter(verb="applications.application.submitted").count() == 1


def makes_an_account(her: Person, mailbox: Mailbox) -> None:
    her.open("/accounts/signup/")
    her.fill(email=HER, given_name="Mina", family_name="Seo", native_name="서민아", password1="journey-pass-1")
    her.page.press("main [name=password1]", "Enter")
    text = mailbox.text_to(HER, "")
    code = next(
        word for line in text.splitlines() for word in [line.strip()] if 5 <= len(word) <= 9 and " " not in word
    )
    her.page.fill("main [name=code]", code)
    her.page.press("main [name=code]", "Enter")
    her.page.wait_for_url(lambda url: "/accounts/" not in url)


def fills_in(her: Person, cv: str) -> None:
    page = her.page
    her.fill(family_name="Seo", given_name="Mina", current_position="Doctoral candidate")
    page.locator("[data-save-state], .save-state").first.wait_for(state="attached")
    page.select_option("main [name=citizenship]", "KR")
    page.select_option("main [name=residence]", "US")
    page.press("main [name=current_position]", "Tab")
    her.reads("Saved at")
    her.press("Save and go on")
    her.fill(phd_institution="Example University", phd_field="Computer science", phd_awarded_on="2025-02-20")
    page.select_option("main [name=phd_country]", "US")
    her.press("Save and go on")
    her.press("Save and go on")
    her.follow("Go on")
    her.fill(title="What models know", summary="We ask what they know, and how to find out.")
    her.press("Save and go on")
    page.get_by_role("button", name="Add").first.click()
    page.wait_for_load_state()
    her.fill(motivation="The lab has what it takes.")
    her.press("Save and go on")
    page.set_input_files("main section:has(#slot-cv) input[type=file]", cv)
    page.locator("main section:has(#slot-cv) button").first.click()
    her.reads("is kept")
    her.follow("Go on")
    for number in (1, 2):
        her.fill(referee_name=f"Referee {number}", email=f"referee{number}@example.org")
        her.press("Ask for a letter")
        her.reads(f"Referee {number}")
    application = Application.objects.get()
    her.open(f"/applications/{application.key}/form/review/")


def referees_write(person: Any, mailbox: Mailbox) -> None:
    for number in (1, 2):
        referee = person()
        referee.open(mailbox.link_to(f"referee{number}@example.org", "reference letter"))
        assert referee.reads("Mina Seo")
        referee.fill(text="She is careful with evidence and generous with colleagues.")
        referee.press("Send my letter")
        assert referee.reads("Thank you")
    assert Application.objects.get().letters.filter(state="received").count() == 2


def too_late(her: Person) -> None:
    application = Application.objects.get()
    her.open(f"/calls/{application.call.key}/")
    assert "Start my application" not in her.text
    her.open(f"/applications/{application.key}/form/about/")
    assert her.path == f"/applications/{application.key}/"
    assert "An officer checks" in her.text


def it_is_screened(officer: Person, world: World) -> None:
    officer.open(f"/calls/{world.call.key}/")
    officer.press("Close for review")
    officer.open("/screening/")
    officer.follow("J1-1")
    officer.page.check("main input[name=decision][value=in]")
    officer.press("Decide and tell the applicant")
    assert officer.reads("Decided")
    assert Application.objects.get().state == "eligible"


def it_is_reviewed(officer: Person, person: Any) -> None:
    application = Application.objects.get()
    officer.open(f"/reviews/calls/{application.call.key}/criteria/")
    if officer.page.locator("main button[name=defaults]").count():
        officer.page.locator("main button[name=defaults]").click()
        officer.page.wait_for_load_state()
    for name in ("Reviewer1 Staff", "Reviewer2 Staff"):
        officer.open(f"/reviews/applications/{application.key}/")
        officer.page.select_option("main [name=reviewer]", label=officer.page.locator(
            "main [name=reviewer] option", has_text=name).first.inner_text())  # fmt: skip
        officer.press("Ask this reviewer")
    reviewer = person().sign_in("reviewer1@example.org")
    review = Review.objects.get(reviewer__email="reviewer1@example.org")
    reviewer.open(f"/reviews/{review.key}/")
    assert "What models know" not in reviewer.text
    reviewer.page.check("main input[name=has_conflict][value=yes]")
    reviewer.page.select_option("main [name=kind]", index=1)
    reviewer.press("Declare")
    assert reviewer.status_of(f"/reviews/{review.key}/") == 404
    assert reviewer.status_of(f"/applications/{application.key}/") == 404
    scorer = person().sign_in("reviewer2@example.org")
    mine = Review.objects.get(reviewer__email="reviewer2@example.org")
    scorer.open(f"/reviews/{mine.key}/")
    scorer.page.check("main input[name=has_conflict][value=no]")
    scorer.press("Declare")
    assert "What models know" in scorer.text
    names = {box.get_attribute("name") for box in scorer.page.locator("main input[type=radio]").all()}
    for name in names:
        scorer.page.check(f"main input[name='{name}'][value='4']")
    scorer.fill(comment="A clear question and a plan that can be carried out.")
    scorer.press("Submit the review")
    assert scorer.reads("Your review counts")


def the_head_ranks(person: Any) -> None:
    application = Application.objects.get()
    from_officer = person().sign_in("officer2@example.org")
    from_officer.open(f"/matching/calls/{application.call.key}/")
    from_officer.press("Open the announced seats")
    other = person().sign_in("head2@example.org")
    other.open("/ranking/")
    assert "Mina" not in other.text
    solar = Opening.objects.get(call_lab__lab__code="SOLAR")
    other.open(f"/ranking/{solar.key}/")
    assert "Mina" not in other.text
    other.press("Save and certify")
    head = person().sign_in("head@example.org")
    llm = Opening.objects.get(call_lab__lab__code="LLM")
    assert head.status_of(f"/ranking/{solar.key}/") == 404
    head.open(f"/ranking/{llm.key}/")
    head.page.get_by_role("button", name="Add").first.click()
    head.page.wait_for_load_state()
    head.press("Save and certify")
    assert head.reads("waits for a second person")
    for mailbox, opening in (("member", llm), ("member2", solar)):
        member = person().sign_in(f"{mailbox}@example.org")
        member.open(f"/ranking/{opening.key}/")
        member.press("Confirm the list")
        assert member.reads("The certified list")


def it_is_matched(officer: Person, person: Any, her: Person, world: World) -> None:
    for each in (officer, person().sign_in("officer2@example.org")):
        each.open(f"/matching/calls/{world.call.key}/seed/")
        each.press("Commit a secret")
    Opening.objects.update(seats_funded=F("seats"), funded_source="Letter 12 of the ministry")
    Call.objects.update(ranks_due_at=timezone.now())
    officer.open(f"/matching/calls/{world.call.key}/")
    officer.press("Run the match")
    run = MatchRun.objects.get()
    until(lambda: MatchRun.objects.filter(state="solved").exists())
    officer.open(f"/matching/runs/{run.key}/")
    assert "Confirm the run" not in officer.text
    second = person().sign_in("officer2@example.org")
    second.open(f"/matching/runs/{run.key}/")
    second.press("Confirm the run")
    officer.open(f"/matching/runs/{run.key}/")
    officer.press("Publish to everybody")
    her.open(f"/results/{Application.objects.get().key}/")
    assert her.reads("You are placed in")


def she_accepts(officer: Person, her: Person, mailbox: Mailbox) -> None:
    officer.open("/offers/new/")
    officer.page.check("main input[name=to]")
    first = timezone.localdate().replace(day=1)
    officer.fill(starts_on=f"{first:%Y-%m-%d}", ends_on=f"{first + timedelta(days=364):%Y-%m-%d}")
    officer.press("Send the offers")
    assert officer.reads("on their way")
    her.open(mailbox.link_to(HER, "An offer from"))
    assert her.reads("₩90,000,000")
    her.press("Mail me the code")
    code = re.search(r"\b\d{6}\b", mailbox.text_to(HER, "Your code"))
    assert code is not None
    her.fill(signed_name="Mina Seo", code=code[0])
    her.page.check("main [name=has_read]")
    her.press("Accept the offer")
    assert her.reads("Your appointment stands")
    assert her.reads("₩60,000,000")


def mentors_are_assigned(officer: Person, her: Person) -> None:
    appointment = her.path.rstrip("/").rsplit("/", 1)[-1]
    for name, kind in (("Mentor1", "domain"), ("Mentor2", "co_lab")):
        officer.open(f"/mentoring/fellows/{appointment}/")
        option = officer.page.locator("main [name=mentor] option", has_text=name).first.inner_text()
        officer.page.select_option("main [name=mentor]", label=option)
        officer.page.select_option("main [name=kind]", kind)
        officer.press("Assign this mentor")
    assert MentorAssignment.objects.count() == 2
    her.open("/mentoring/")
    assert her.reads("Mentor1")


def she_is_paid(person: Any, her: Person, folder: Path) -> None:
    her.open("/bank/")
    her.fill(holder="Mina Seo", number="123-456-789012")
    her.press("Use this account")
    finance = [person().sign_in(f"finance{number}@example.org") for number in (1, 2, 3, 4, 5)]
    finance[4].open("/bank/desk/")
    finance[4].press("Confirm")
    month = f"{timezone.localdate():%Y-%m}"
    finance[0].open("/payroll/")
    finance[0].page.fill("main [name=month]", month)
    finance[0].press("Prepare the preview")
    run = PayrollRun.objects.get()
    for each, label in ((finance[1], "Approve"), (finance[2], "Release to the bank")):
        each.open(f"/payroll/{run.key}/")
        each.press(label)
    batch = until(lambda: PaymentBatch.objects.filter(purpose="salary").first())
    the_bank_answers(finance[3], batch, folder)
    assert PayrollRun.objects.get().state == "paid"
    her.open("/payslips/")
    assert month in her.text or "payslip" in her.text.lower()
    she_claims(her, finance, folder)


def the_bank_answers(officer: Person, batch: PaymentBatch, folder: Path) -> None:
    text = io.StringIO()
    rows = csv.writer(text)
    rows.writerow(["reference", "state", "reason"])
    rows.writerows([row.reference, "paid", ""] for row in batch.payments.all())
    path = folder / f"answer-{batch.key}.csv"
    path.write_text(text.getvalue())
    officer.open(f"/payments/{batch.key}/")
    officer.page.set_input_files("main input[type=file]", str(path))
    officer.press("Enter the answer")
    assert batch.payments.exclude(state="paid").count() == 0


def she_claims(her: Person, finance: list[Person], folder: Path) -> None:
    receipt = folder / "receipt.pdf"
    receipt.write_bytes(render_pdf("report", {"title": "Receipt", "lang": "en", "programme": "x", "sections": []}))
    appointment = MentorAssignment.objects.all()[0].appointment
    her.open(f"/claims/new/{appointment.key}/")
    her.page.select_option("main [name=category]", index=1)
    her.fill(amount_krw="120000", spent_on=f"{timezone.localdate():%Y-%m-%d}", purpose="Sensors")
    her.page.set_input_files("main input[type=file]", str(receipt))
    her.page.locator("main form button.btn-primary").first.click()
    her.page.wait_for_load_state()
    claim = Claim.objects.get()
    finance[0].open(f"/claims/{claim.key}/")
    finance[0].press("Approve")
    finance[1].open("/claims/desk/")
    finance[1].press("Release to the bank")
    batch = PaymentBatch.objects.get(purpose="research_fund")
    the_bank_answers(finance[3], batch, folder)
    assert Claim.objects.get().state == "paid"


def the_ministry_reads(person: Any, folder: Path) -> None:
    ministry = person().sign_in("ministry@example.org")
    ministry.open("/dashboard/")
    assert ministry.reads("Against plan")
    for file_format in ("xlsx", "pdf"):
        ministry.open("/reports/")
        ministry.page.select_option("main [name=file_format]", file_format)
        ministry.press("Make this report")
        run = ReportRun.objects.latest("pk")
        ministry.page.locator("main .job a.btn-primary").wait_for(timeout=30_000)
        with ministry.page.expect_download() as download:
            ministry.page.locator("main .job a.btn-primary").click()
        kept = folder / f"report.{file_format}"
        download.value.save_as(kept)
        assert kept.read_bytes()[:2] in {b"PK", b"%P"}
        assert run.requested_at <= datetime.now(UTC)


def the_admin_finds_all(person: Any) -> None:
    admin = person().sign_in("admin@example.org")
    for name in (
        "applications/application", "matching/matchrun", "fellowships/appointment", "funding/entry",
        "mentoring/mentorassignment", "outreach/registration", "reports/reportrun", "common/auditentry",
    ):  # fmt: skip
        admin.open(f"/admin/{name}/")
        assert admin.page.locator("#result_list tbody tr").count() >= 1, name
