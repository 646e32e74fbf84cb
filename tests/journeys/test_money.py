"""In each language: a month of pay with one held and one returned, and a claim from a phone's photo to its settlement.

Each gesture by a person of its own."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from fellowships.models import Appointment
from funding.actions import payroll
from funding.models import Claim, Payment, PaymentBatch, PayrollRun, Settlement
from funding.queries.books import faults
from people.states import Role
from tests.factories import people
from tests.factories.applications import CallLabFactory
from tests.factories.fellowships import AppointmentFactory
from tests.factories.funding import (
    BankDetailFactory,
    ClaimCategoryFactory,
    PayerAccountFactory,
    confirmed_rates,
    confirmed_rules,
)
from tests.funding.bank_files import camt053, pain002
from tests.journeys.conftest import Person, may_sign_in


@pytest.fixture
def world(transactional_db: None, language: str) -> dict[str, Any]:
    """Two fellows of one lab, their bank accounts, rates, four finance officers, somebody of the ministry."""
    call_lab = CallLabFactory()
    institute = call_lab.lab.institute
    officers = [
        may_sign_in(people.holder(Role.FINANCE_OFFICER, institute.place, email=f"f{number}@example.org"), language)
        for number in range(4)
    ]
    appointments = [AppointmentFactory(offer__call_lab=call_lab) for _ in range(2)]
    PayerAccountFactory(institute=institute)
    for appointment in appointments:
        may_sign_in(appointment.fellow, language)
        BankDetailFactory(user=appointment.fellow)
    confirmed_rates(people.UserFactory())
    confirmed_rules()
    ClaimCategoryFactory()
    may_sign_in(people.holder(Role.MINISTRY, email="ministry@example.org"), language)
    return {"institute": institute, "appointments": appointments, "officers": officers}


def test_a_month_of_pay(world: dict[str, Any], person: Any, tmp_path: Path) -> None:
    finance = [person().sign_in(user.email) for user in world["officers"]]
    run = it_is_prepared_and_one_is_held(finance)
    batch = PaymentBatch.objects.get()
    it_comes_back_and_is_paid_again(finance, batch, tmp_path)
    held = run.lines.get(is_held=True)
    finance[2].open(f"/payroll/{run.key}/hold/{held.key}/")
    finance[2].press("Release alone")
    last = PaymentBatch.objects.latest("pk")
    a_statement_says_the_rest(finance[3], last, tmp_path)
    run.refresh_from_db()
    assert run.state == "paid"
    assert faults() == {}


def test_a_claim_by_phone(world: dict[str, Any], person: Any, tmp_path: Path) -> None:
    her = person().sign_in(world["appointments"][0].fellow.email)
    claim = she_claims_by_phone(her, world["appointments"][0], tmp_path)
    finance = [person().sign_in(user.email) for user in world["officers"][1:]]
    it_is_approved_and_paid(finance, claim, tmp_path)
    her.open("/claims/")
    assert her.reads("Paid")
    claim.refresh_from_db()
    assert (claim.state, claim.spent_on) == ("paid", date(2026, 9, 1))
    it_is_settled(finance[0], person().sign_in("ministry@example.org"))
    assert faults() == {}


def it_is_prepared_and_one_is_held(finance: list[Person]) -> PayrollRun:
    finance[0].open("/payroll/")
    finance[0].page.fill("main [name=month]", "2026-07")
    finance[0].press("Prepare the preview")
    run = PayrollRun.objects.get()
    held = run.lines.order_by("pk").first()
    assert held is not None
    finance[0].open(f"/payroll/{run.key}/hold/{held.key}/")
    finance[0].fill(note="The residence card is not there yet")
    finance[0].press("Hold this pay")
    assert finance[0].reads("Look at these first")
    for each, label in ((finance[1], "Approve"), (finance[2], "Release to the bank")):
        each.open(f"/payroll/{run.key}/")
        each.press(label)
    payroll.pay_out(run.pk)
    return run


def upload(officer: Person, path: str, file: Path, label: str) -> None:
    officer.open(path)
    officer.page.set_input_files("main input[type=file]", str(file))
    officer.press(label)


def it_comes_back_and_is_paid_again(finance: list[Person], batch: PaymentBatch, folder: Path) -> None:
    payment = batch.payments.get()
    file = folder / "answer.xml"
    file.write_text(pain002(batch, (payment.reference, "RJCT", payment.amount_krw)))
    upload(finance[3], f"/payments/{batch.key}/", file, "Enter the answer")
    finance[2].open("/payments/returned/")
    assert finance[2].reads("account closed")
    finance[2].follow("Pay again")
    finance[2].fill(why="The bank says that the account is open again")
    finance[2].press("Pay again")
    again = Payment.objects.get(replaces=payment)
    file.write_text(pain002(again.batch, (again.reference, "ACSC", again.amount_krw)))
    upload(finance[3], f"/payments/{again.batch.key}/", file, "Enter the answer")
    again.refresh_from_db()
    assert again.state == "paid"


def a_statement_says_the_rest(officer: Person, batch: PaymentBatch, folder: Path) -> None:
    payment = batch.payments.get()
    file = folder / "statement.xml"
    file.write_text(camt053([(payment.reference, -payment.amount_krw, "salary"), ("", 1_200, "interest")]))
    officer.open("/payments/statements/")
    officer.page.select_option("main [name=institute]", index=1)
    upload_here = "main input[type=file]"
    officer.page.set_input_files(upload_here, str(file))
    officer.press("Enter the statement")
    assert officer.reads("Movements that no payment explains")


def she_claims_by_phone(her: Person, appointment: Appointment, folder: Path) -> Claim:
    photo = folder / "photo.jpg"
    Image.effect_noise((1536, 2048), 80).convert("RGB").save(photo, quality=85)
    her.page.set_viewport_size({"width": 375, "height": 800})
    her.open(f"/claims/new/{appointment.key}/")
    her.page.select_option("main [name=category]", index=1)
    her.fill(amount_krw="120000", spent_on="2026-09-01", purpose="Sensors")
    assert her.reads("Left of the fund:")
    her.page.set_input_files("main input[type=file]", str(photo))
    with her.page.expect_navigation():
        her.page.locator("main form button.btn-primary").first.click()
    return Claim.objects.get()


def it_is_approved_and_paid(finance: list[Person], claim: Claim, folder: Path) -> None:
    finance[0].open(f"/claims/{claim.key}/")
    finance[0].press("Approve")
    finance[1].open("/claims/desk/")
    finance[1].press("Release to the bank")
    batch = PaymentBatch.objects.get(purpose="research_fund")
    file = folder / "claims.xml"
    file.write_text(pain002(batch, group="ACSC"))
    upload(finance[2], f"/payments/{batch.key}/", file, "Enter the answer")


def it_is_settled(officer: Person, ministry: Person) -> None:
    """Her 120,000 won are in the institute's account of the year, which the ministry accepts."""
    officer.open("/budget/settlements/")
    officer.page.select_option("main [name=institute]", index=1)
    officer.fill(fiscal_year="2026")
    officer.press("Submit the settlement")
    made = Settlement.objects.get()
    assert (made.figures["spent_research_fund"], made.figures["claims"]) == (120_000, 1)
    ministry.open(f"/budget/settlements/{made.key}/")
    assert ministry.reads("120,000")
    ministry.press("Accept")
    assert ministry.reads("Accepted")
