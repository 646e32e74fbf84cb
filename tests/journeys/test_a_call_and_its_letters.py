"""A call composed in Korean, an application over two days and two devices, three referees, a correction."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import make_password
from django.utils import timezone

from applications.models import Application, Call, ReferenceLetter
from common.pdf import render_pdf
from innocore.reference import load_reference
from labs.models import Lab, Programme
from people.models import Place, RoleGrant, User
from people.states import Role
from tests.journeys.conftest import Mailbox, Person, said, until

HER, OFFICER = "jiwoo@example.org", "officer@example.org"
WHEN = "%Y-%m-%dT%H:%M"


def account(email: str, given: str, family: str, language: str) -> User:
    user = User.objects.create(
        email=email, given_name=given, family_name=family, language=language, password=make_password("journey-pass-1")
    )
    EmailAddress.objects.create(user=user, email=email, verified=True, primary=True)
    return user


@dataclass
class World:
    """Reference data, an officer who reads Korean, an applicant who reads English."""

    officer: User
    applicant: User
    files: dict[str, str] = field(default_factory=dict)


@pytest.fixture
def world(transactional_db: None, tmp_path: Path) -> World:
    load_reference()
    officer = account(OFFICER, "Seo-yeon", "Ahn", "ko")
    RoleGrant.objects.create(
        user=officer, role=Role.PROGRAMME_OFFICER, place=Place.objects.get(code="KAIST"), starts_on=timezone.localdate()
    )
    files = {}
    for name in ("cv", "letter"):
        path = tmp_path / f"{name}.pdf"
        content = {"title": name, "lang": "en", "programme": "InnoCORE", "sections": []}
        path.write_bytes(render_pdf("report", content))
        files[name] = str(path)
    return World(officer, account(HER, "Jiwoo", "Nam", "en"), files)


def days_go_by(call: Call, **moved: datetime) -> None:
    """What the calendar would do."""
    Call.objects.filter(pk=call.pk).update(**moved)
    call.refresh_from_db()


def test_a_call_and_its_letters(world: World, person: Any, mailbox: Mailbox) -> None:
    officer = person().sign_in(OFFICER)
    call = an_officer_composes_and_opens(officer)
    first = person().sign_in(HER)
    she_begins(first, call, world)
    second = on_another_device_next_day(person, call)
    both_devices_meet(first, second)
    three_referees_answer(person, second, mailbox, world)
    she_submits_in_the_last_minute(second, call, mailbox)
    it_is_put_right_after_screening(officer, second, call, mailbox)


def an_officer_composes_and_opens(officer: Person) -> Call:
    officer.open("/calls/")
    officer.follow("Compose a call")
    assert officer.page.evaluate("document.documentElement.lang") == "ko"
    now = timezone.localtime()
    days = {"opens_at": 0, "closes_at": 20, "letters_due_at": 30, "reviews_due_at": 40, "ranks_due_at": 50}
    officer.page.select_option("main [name=programme]", str(Programme.objects.get().pk))
    officer.page.select_option("main [name=timezone]", "Asia/Seoul")
    officer.fill(
        code="2027-2", name_en="Second call", name_ko="2차 공고", text_en="Come.", text_ko="오세요.",
        **{name: (now + timedelta(days=number)).strftime(WHEN) for name, number in days.items()},
        decisions_on=f"{now + timedelta(days=60):%Y-%m-%d}", starts_on=f"{now + timedelta(days=90):%Y-%m-%d}",
        letter_reminders="48, 12",
    )  # fmt: skip
    officer.fill(**{f"seats_{Lab.objects.get(code='LLM').pk}": "2"})
    officer.press("Save the call")
    call = Call.objects.get(code="2027-2")
    a_question_and_a_demand(officer, call)
    officer.open(f"/calls/{call.key}/")
    officer.press("Publish")
    assert Call.objects.get(pk=call.pk).is_open
    return call


def a_question_and_a_demand(officer: Person, call: Call) -> None:
    officer.open(f"/calls/{call.key}/form/section/")
    officer.fill(name_en="Your data", name_ko="연구 데이터")
    officer.press("Save")
    officer.follow("Add a question")
    officer.page.select_option("main [name=kind]", "long")
    officer.fill(code="data", label_en="Which data do you need?", label_ko="어떤 데이터가 필요합니까?", words="20")
    officer.page.check("main [name=is_required]")
    officer.press("Save the question")
    officer.follow("Add a demand")
    officer.page.select_option("main [name=kind]", "start")
    officer.fill(label_en="Start by 2028", label_ko="2028년까지 시작", until="2028-01-01")
    officer.press("Save")
    officer.press("Put it in force")
    officer.open(f"/calls/{call.key}/form/preview/")
    assert officer.reads("어떤 데이터가 필요합니까?")


def she_begins(her: Person, call: Call, world: World) -> None:
    her.open(f"/calls/{call.key}/")
    her.follow("Start my application")
    for box in her.page.locator("main input[type=checkbox]").all():
        box.check()
    her.press("Start my application")
    page = her.page
    her.fill(family_name="Nam", given_name="Jiwoo", current_position="Doctoral candidate")
    page.select_option("main [name=citizenship]", "KR")
    page.select_option("main [name=residence]", "US")
    her.press("Save and go on")
    her.fill(phd_institution="Example University", phd_field="Physics", phd_awarded_on="2025-02-20")
    page.select_option("main [name=phd_country]", "US")
    her.press("Save and go on")
    application = Application.objects.get()
    her.open(f"/applications/{application.key}/form/documents/")
    page.set_input_files("main section:has(#slot-cv) input[type=file]", world.files["cv"])
    page.locator("main section:has(#slot-cv) button").first.click()
    her.reads("is kept")
    her.open(f"/applications/{application.key}/form/research/")


def on_another_device_next_day(person: Any, call: Call) -> Person:
    """A day later, on her telephone."""
    day = timedelta(days=1)
    days_go_by(call, opens_at=call.opens_at - day, closes_at=call.closes_at - day)
    application = Application.objects.get()
    Application.objects.filter(pk=application.pk).update(started_at=application.started_at - day)
    telephone: Person = person()
    telephone.page.set_viewport_size({"width": 375, "height": 740})
    telephone.sign_in(HER)
    telephone.open(f"/applications/{application.key}/form/research/")
    return telephone


def types_and_leaves(her: Person, name: str, words: str) -> None:
    her.page.fill(f"main [name={name}]", words)
    her.page.press(f"main [name={name}]", "Tab")


def both_devices_meet(first: Person, second: Person) -> None:
    types_and_leaves(first, "title", "What crystals remember")
    first.reads("Saved at")
    types_and_leaves(second, "summary", "We ask how order outlives its cause.")
    second.reads("Saved at")
    application = Application.objects.get()
    assert (application.title, application.summary) == (
        "What crystals remember",
        "We ask how order outlives its cause.",
    )
    types_and_leaves(second, "title", "What glasses forget")
    second.reads("Changed in another window and not saved here")
    assert Application.objects.get().title == "What crystals remember"
    assert second.page.input_value("main [name=title]") == "What glasses forget"
    second.press("Save and go on")
    assert second.reads("Send once more to keep what stands here")
    second.press("Save and go on")
    assert Application.objects.get().title == "What glasses forget"
    second.open(f"/applications/{application.key}/form/labs/")
    second.page.get_by_role("button", name="Add").first.click()
    second.page.wait_for_load_state()
    second.fill(motivation="The lab has what it takes.")
    second.press("Save and go on")
    second.fill(answer_data="Ten years of diffraction images.")
    second.press("Save and go on")


def asks(her: Person, name: str, email: str, language: str = "en") -> None:
    her.open(f"/applications/{Application.objects.get().key}/form/referees/")
    her.fill(referee_name=name, email=email, institution="Example University", relation="Supervisor")
    her.page.select_option("main [name=language]", language)
    her.press("Ask for a letter")
    her.reads(name)


def three_referees_answer(person: Any, her: Person, mailbox: Mailbox, world: World) -> None:
    asks(her, "Ada Words", "ada@example.edu")
    asks(her, "Ben Pages", "ben@example.edu", "ko")
    ada = person()
    ada.open(mailbox.link_to("ada@example.edu", "reference letter"))
    types_and_leaves(ada, "text", "She is careful with evidence.")
    ada.reads("Saved at")
    ada.fill(best_percent="5", of_people="40", in_years="10")
    ada.press("Send my letter")
    assert ada.reads("Thank you")
    ben = person("ko-KR")
    ben.open(mailbox.link_to("ben@example.edu", "추천서"))
    assert "Jiwoo Nam" in ben.text
    ben.fill(suggestion="Cho Minsu, cho@example.edu")
    ben.press(said("Decline", "ko"))
    mailbox.text_to(HER, "cannot write a letter")
    asks(her, "Cho Minsu", "cho@example.edu", "ko")
    cho = person("ko-KR")
    cho.open(mailbox.link_to("cho@example.edu", "추천서"))
    cho.page.set_input_files("main [name=file]", world.files["letter"])
    cho.press(said("Send my letter", "ko"))
    letters = dict(ReferenceLetter.objects.values_list("email", "state"))
    assert letters == {"ada@example.edu": "received", "ben@example.edu": "declined", "cho@example.edu": "received"}
    her.open(f"/applications/{Application.objects.get().key}/")
    assert "She is careful with evidence" not in her.page.content()


def she_submits_in_the_last_minute(her: Person, call: Call, mailbox: Mailbox) -> None:
    application = Application.objects.get()
    days_go_by(call, closes_at=timezone.now() + timedelta(seconds=59))
    her.open(f"/applications/{application.key}/form/review/")
    her.press("Submit my application")
    assert her.reads("Check code")
    days_go_by(call, closes_at=timezone.now() - timedelta(seconds=1))
    application.refresh_from_db()
    assert (application.state, application.version) == ("submitted", 1)
    assert application.receipt_sha256 in mailbox.text_to(HER, "has arrived")
    stranger_verifies(her, application)


def stranger_verifies(her: Person, application: Application) -> None:
    her.open("/receipts/verify/")
    her.fill(number=str(application), sha256=application.receipt_sha256)
    her.page.locator("main form [type=submit], main form button").first.click()
    her.page.wait_for_load_state()
    assert her.reads("genuine")


def it_is_put_right_after_screening(officer: Person, her: Person, call: Call, mailbox: Mailbox) -> None:
    officer.open(f"/calls/{call.key}/")
    officer.press("Close for review")
    application = Application.objects.get()
    officer.open(f"/screening/{application.key}/correction/")
    officer.page.check("main [name=fields_asked][value=title]")
    officer.fill(note="The title is cut.")
    officer.press("Ask for the correction")
    assert urlsplit(officer.page.url).path == f"/screening/{application.key}/"
    her.open(mailbox.link_to(HER, "put something right"))
    assert her.reads("The title is cut.")
    assert not her.page.locator("main [name=summary]").count()
    her.fill(title="What glasses forget, and crystals do not")
    her.press("Send the correction")
    assert her.reads("Check code")
    corrected = until(lambda: Application.objects.filter(version=2).first())
    assert (corrected.title, corrected.state) == ("What glasses forget, and crystals do not", "submitted")
    assert corrected.receipt_sha256 != application.receipt_sha256
    officer.open(f"/screening/{application.key}/")
    officer.page.check("main input[name=decision][value=in]")
    officer.press("Decide and tell the applicant")
    assert Application.objects.get().state == "eligible"
