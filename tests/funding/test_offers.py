"""Offers commit their whole term; answered, withdrawn or lapsed, the books follow."""

from datetime import date, timedelta
from threading import Barrier, Thread
from typing import Any

import pytest
import time_machine
from django.db import connection, transaction
from django.db.utils import IntegrityError
from django.urls import reverse
from django.utils import timezone

from applications.states import ApplicationState
from common.models import AuditEntry
from common.refusals import IllegalMove, Refusal, SamePersonTwice
from fellowships import actions as fellowships
from fellowships.actions import Terms
from fellowships.models import Appointment, Offer
from fellowships.states import OfferState
from funding.actions import offers
from funding.ledger import OverBudget, account
from funding.models import Account, Commitment, Entry
from funding.queries.books import faults
from funding.states import AccountKind, Purpose
from funding.tasks import lapse_offers
from funding.terms import cost_by_year, cost_of_term
from matching.states import RunState
from notifications.models import Notification
from tests.factories.applications import EligibleFactory
from tests.factories.fellowships import OfferFactory, fund
from tests.factories.matching import MatchResultFactory, MatchRunFactory


@pytest.fixture
def placed(application: Any, call_lab: Any, officer: Any, second_officer: Any) -> Any:
    """The applicant's result in a published run: placed in the lab."""
    application.state = ApplicationState.ELIGIBLE
    application.save()
    run = MatchRunFactory(
        call=application.call,
        state=RunState.PUBLISHED,
        outcome="{}",
        requested_by=officer,
        confirmed_by=second_officer,
        confirmed_at=timezone.now(),
    )
    return MatchResultFactory(run=run, application=application, call_lab=call_lab, choice=1)


@pytest.fixture
def terms() -> Terms:
    return Terms(90_000_000, 60_000_000, date(2027, 1, 1), date(2027, 12, 31), timezone.now() + timedelta(days=14))


def balance(kind: str, year: int, **owner: Any) -> int:
    return account(kind, year, **owner).balance_krw


def test_half_a_year_of_400_is_30_billion() -> None:
    costs = cost_of_term(90_000_000, 60_000_000, date(2025, 7, 1), date(2025, 12, 31))
    assert sum(amount for _year, _purpose, amount in costs) * 400 == 30_000_000_000


def test_five_years_of_400_are_300_billion() -> None:
    costs = cost_of_term(90_000_000, 60_000_000, date(2026, 1, 1), date(2030, 12, 31))
    assert sum(amount for _year, _purpose, amount in costs) * 400 == 300_000_000_000


@pytest.mark.parametrize(
    ("a_year", "starts_on", "ends_on", "wanted"),
    [
        (12_000_000, date(2026, 7, 1), date(2027, 6, 30), {2026: 6_000_000, 2027: 6_000_000}),
        (12_000_000, date(2026, 2, 15), date(2026, 2, 28), {2026: 500_000}),
        (100, date(2026, 1, 1), date(2026, 12, 31), {2026: 100}),
        (0, date(2026, 1, 1), date(2026, 12, 31), {}),
    ],
)
def test_cost_by_year(a_year: int, starts_on: date, ends_on: date, wanted: dict[int, int]) -> None:
    assert cost_by_year(a_year, starts_on, ends_on) == wanted


def test_offer_commits_its_term_and_tells_her(placed: Any, terms: Terms, officer: Any, call_lab: Any) -> None:
    fund(call_lab.lab, 2027, 200_000_000)
    made = offers.offer(placed.application, call_lab, terms, by=officer)
    assert balance(AccountKind.LAB, 2027, lab=call_lab.lab) == 50_000_000
    assert {(row.purpose, row.amount_krw) for row in made.commitments.all()} == {
        (Purpose.SALARY, 90_000_000),
        (Purpose.RESEARCH_FUND, 60_000_000),
    }
    assert AuditEntry.objects.filter(verb="fellowships.offer.sent", by_id=officer.pk).count() == 1
    assert Notification.objects.get(kind="offer_sent").to == placed.application.applicant
    offers.commit(made, by=officer)
    assert Entry.objects.filter(event=f"offer:{made.key}").count() == 1
    assert not faults()


def test_no_offer_without_money(placed: Any, terms: Terms, officer: Any, call_lab: Any) -> None:
    fund(call_lab.lab, 2027, 149_999_999)
    with pytest.raises(OverBudget), transaction.atomic():
        offers.offer(placed.application, call_lab, terms, by=officer)
    assert not Offer.objects.exists()
    assert not Notification.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_database_itself_refuses_an_offer_without_commitment(placed: Any) -> None:
    with pytest.raises(IntegrityError, match="commitment"):
        Offer.objects.create(
            application=placed.application, call_lab=placed.call_lab, salary_krw_a_year=1, research_fund_krw_a_year=1,
            starts_on=date(2027, 1, 1), ends_on=date(2027, 2, 1), deadline_at=timezone.now(), terms_sha256="0",
        )  # fmt: skip


@pytest.mark.parametrize(
    "change",
    [
        {"salary_krw_a_year": 89_999_999},
        {"ends_on": date(2026, 12, 31)},
        {"deadline_at": timezone.now() - timedelta(days=900)},
    ],
)
def test_wrong_terms_are_refused(
    placed: Any, terms: Terms, officer: Any, call_lab: Any, change: dict[str, Any]
) -> None:
    with pytest.raises(Refusal):
        offers.offer(placed.application, call_lab, Terms(**{**vars(terms), **change}), by=officer)


def test_only_the_placed_are_offered_and_once(placed: Any, terms: Terms, officer: Any, call_lab: Any) -> None:
    fund(call_lab.lab, 2027, 400_000_000)
    with pytest.raises(fellowships.NotPlaced):
        offers.offer(EligibleFactory(call=call_lab.call), call_lab, terms, by=officer)
    offers.offer(placed.application, call_lab, terms, by=officer)
    with pytest.raises(fellowships.HasOffer):
        offers.offer(placed.application, call_lab, terms, by=officer)


def test_nobody_offers_to_herself(placed: Any, terms: Terms, call_lab: Any) -> None:
    with pytest.raises(SamePersonTwice):
        offers.offer(placed.application, call_lab, terms, by=placed.application.applicant)


@pytest.fixture
def sent(application: Any, call_lab: Any, officer: Any) -> Any:
    return OfferFactory(application=application, call_lab=call_lab, sent_by=officer)


def test_accepting_twice_is_one_appointment(sent: Any, applicant: Any) -> None:
    first = fellowships.accept(sent, by=applicant, signed_name="Mina Seo")
    assert fellowships.accept(sent, by=applicant, signed_name="Mina Seo") == first
    assert (first.lab, first.salary_krw_a_year, first.starts_on) == (sent.call_lab.lab, 90_000_000, sent.starts_on)
    assert {row.kind for row in Notification.objects.all()} == {"offer_accepted", "offer_answered"}


def test_late_answer_is_refused(sent: Any, applicant: Any) -> None:
    with time_machine.travel(sent.deadline_at + timedelta(minutes=1)), pytest.raises(fellowships.OfferClosed):
        fellowships.accept(sent, by=applicant, signed_name="Mina Seo")


def test_overlapping_appointment_is_refused(sent: Any, applicant: Any) -> None:
    fellowships.accept(sent, by=applicant, signed_name="Mina Seo")
    second = OfferFactory(application=EligibleFactory(applicant=applicant), call_lab=sent.call_lab)
    with pytest.raises(fellowships.OtherAppointment), transaction.atomic():
        fellowships.accept(second, by=applicant, signed_name="Mina Seo")


@pytest.mark.parametrize("way", ["decline", "withdraw", "lapse"])
def test_what_was_committed_is_free_again(sent: Any, applicant: Any, officer: Any, way: str) -> None:
    lab = sent.call_lab.lab
    before = balance(AccountKind.LAB, 2026, lab=lab)
    for _twice in range(2):
        if way == "decline":
            offers.decline(sent, by=applicant, reason="pay", note="Another institute pays more.")
        elif way == "withdraw":
            offers.withdraw(sent, by=officer, note="The lab closes.")
        else:
            with time_machine.travel(sent.deadline_at + timedelta(minutes=1)):
                offers.lapse(sent, by=None)
    assert balance(AccountKind.LAB, 2026, lab=lab) == before + 75_000_000
    assert not Account.objects.filter(kind=AccountKind.COMMITTED, balance_krw__gt=0).exists()
    assert Entry.objects.filter(event=f"release:{sent.key}").count() == 1
    with pytest.raises(IllegalMove):
        fellowships.accept(sent, by=applicant, signed_name="Mina Seo")


def test_offer_in_time_does_not_lapse(sent: Any) -> None:
    lapse_offers()
    offers.lapse(sent, by=None)
    sent.refresh_from_db()
    assert sent.state == OfferState.SENT


def test_task_lets_late_offers_lapse(sent: Any) -> None:
    with time_machine.travel(sent.deadline_at + timedelta(minutes=1)):
        lapse_offers()
    sent.refresh_from_db()
    assert sent.state == OfferState.LAPSED


def test_withdrawing_needs_a_reason(sent: Any, officer: Any) -> None:
    with pytest.raises(Refusal):
        offers.withdraw(sent, by=officer, note=" ")


@pytest.mark.django_db(transaction=True)
def test_two_officers_cannot_spend_the_same_money(placed: Any, terms: Terms, officer: Any, call_lab: Any) -> None:
    """150 million for two offers of 150 million at once: one goes out."""
    other = EligibleFactory(call=call_lab.call, ranked_labs=[call_lab.pk])
    MatchResultFactory(run=placed.run, application=other, call_lab=call_lab, choice=1)
    with transaction.atomic():
        fund(call_lab.lab, 2027, 150_000_000)
    barrier, came = Barrier(2), []

    def send(application: Any) -> None:
        try:
            barrier.wait(timeout=10)
            offers.offer(application, call_lab, terms, by=officer)
            came.append("sent")
        except OverBudget:
            came.append("refused")
        finally:
            connection.close()

    threads = [Thread(target=send, args=(row,)) for row in (placed.application, other)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert sorted(came) == ["refused", "sent"]
    assert Offer.objects.count() == 1
    assert balance(AccountKind.LAB, 2027, lab=call_lab.lab) == 0


def terms_posted(application: Any, **change: Any) -> dict[str, Any]:
    return {
        "salary_krw_a_year": 90_000_000, "research_fund_krw_a_year": 60_000_000, "starts_on": "2027-01-01",
        "ends_on": "2027-12-31", "deadline_at": f"{timezone.localtime() + timedelta(days=9):%Y-%m-%dT%H:%M}",
        "to": [application.key], **change,
    }  # fmt: skip


def test_officer_offers_through_the_page(placed: Any, officer: Any, call_lab: Any, client_of: Any) -> None:
    client, address = client_of(officer), reverse("funding:make_offers")
    assert placed.application.name in client.get(address).content.decode()
    refused = client.post(address, terms_posted(placed.application))
    assert refused.status_code == 409
    assert "90000000" in refused.content.decode()
    fund(call_lab.lab, 2027, 150_000_000)
    assert client.post(address, terms_posted(placed.application, to=[])).status_code == 422
    assert client.post(address, terms_posted(placed.application)).status_code == 302
    assert Offer.objects.get().sent_by == officer
    assert "no offer yet" not in client.get(reverse("funding:offers")).content.decode()


def test_candidate_accepts_through_the_page(sent: Any, applicant: Any, client_of: Any) -> None:
    client, address = client_of(applicant), reverse("funding:offer", args=[sent.key])
    assert client.get(address).status_code == 200
    assert client.post(address, {"signed_name": "Mina Seo"}).status_code == 422
    done = client.post(address, {"signed_name": "Mina Seo", "has_read": "on"})
    assert done["Location"] == reverse("fellowships:appointment", args=[Appointment.objects.get().key])
    assert "My fellowship" in client.get(address).content.decode()
    assert client.get(reverse("fellowships:mine")).status_code == 200


def test_candidate_declines_and_officer_reads_why(sent: Any, applicant: Any, officer: Any, client_of: Any) -> None:
    address = reverse("funding:decline_offer", args=[sent.key])
    assert client_of(officer).post(address, {"reason": "pay"}).status_code == 403
    assert client_of(applicant).post(address, {"reason": "pay", "note": "Too little."}).status_code == 302
    assert "Too little." in client_of(officer).get(reverse("funding:offer", args=[sent.key])).content.decode()
    assert "Too little." not in client_of(applicant).get(reverse("funding:offer", args=[sent.key])).content.decode()


def test_officer_withdraws_through_the_page(sent: Any, officer: Any, client_of: Any) -> None:
    address = reverse("funding:withdraw_offer", args=[sent.key])
    assert client_of(officer).post(address, {"note": ""}).status_code == 409
    assert client_of(officer).post(address, {"note": "The lab closes."}).status_code == 302
    sent.refresh_from_db()
    assert sent.state == OfferState.WITHDRAWN


def test_letter_is_a_pdf(sent: Any, applicant: Any, client_of: Any) -> None:
    for language in ("en", "ko"):
        client = client_of(applicant)
        shown = client.get(reverse("funding:offer_letter", args=[sent.key]), HTTP_ACCEPT_LANGUAGE=language)
        assert shown["Content-Type"] == "application/pdf"
        assert shown.content.startswith(b"%PDF")


@pytest.mark.parametrize("name", ["offer", "offer_letter", "decline_offer", "withdraw_offer"])
def test_offer_is_hidden_from_others(
    sent: Any, stranger: Any, other_officer: Any, lab_head: Any, ministry: Any, client_of: Any, name: str
) -> None:
    address = reverse(f"funding:{name}", args=[sent.key])
    for person in (stranger, other_officer, lab_head, ministry):
        assert client_of(person).get(address).status_code in {404, 405}
        assert client_of(person).post(address).status_code == 404


@pytest.mark.parametrize("number", [1, 3])
def test_lists_cost_the_same(
    number: int, call_lab: Any, officer: Any, client_of: Any, django_assert_num_queries: Any
) -> None:
    OfferFactory.create_batch(number, call_lab=call_lab)
    client = client_of(officer)
    with django_assert_num_queries(6):
        assert client.get(reverse("funding:offers"), {"state": "sent"}).status_code == 200


def test_commitment_says_what_it_is(sent: Any) -> None:
    assert str(sent) in str(Commitment.objects.filter(offer=sent).first())
