"""Offers commit their whole term; answered, withdrawn or lapsed, the books follow."""

from datetime import date, timedelta
from threading import Barrier, Thread
from typing import Any

import pytest
import time_machine
from django.db import connection, transaction
from django.db.utils import IntegrityError
from django.urls import reverse
from django.utils import timezone, translation

from common.models import AuditEntry
from common.refusals import IllegalMove, OutOfDate, Refusal, SamePersonTwice
from fellowships import actions as fellowships
from fellowships import queries
from fellowships.actions import Declining, Signature, Terms
from fellowships.letters import seal_of
from fellowships.models import Appointment, LetterTemplate, Offer
from fellowships.states import OfferState
from funding.actions import offers
from funding.actions.encumbrance import BudgetMissing
from funding.ledger import OverBudget
from funding.letters import letter_of, shown
from funding.models import Account, Commitment, Entry
from funding.queries.books import faults
from funding.states import AccountKind, Purpose
from funding.tasks import lapse_offers, remind_candidates
from funding.terms import cost_by_year, cost_of_term
from notifications.models import Notification
from tests.factories.applications import EligibleFactory
from tests.factories.fellowships import OfferFactory, fund
from tests.factories.matching import MatchResultFactory
from tests.funding.offering import at_once, balance, code_for, sign


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


def test_accepting_twice_is_one_appointment(sent: Any, applicant: Any) -> None:
    first = sign(sent)
    assert sign(sent, code="000000") == first
    assert (first.lab, first.salary_krw_a_year, first.starts_on) == (sent.call_lab.lab, 90_000_000, sent.starts_on)
    assert {row.kind for row in Notification.objects.all()} == {"offer_accepted", "offer_answered", "offer_code"}


def test_late_answer_is_refused(sent: Any, applicant: Any) -> None:
    code = code_for(sent)
    with time_machine.travel(sent.deadline_at + timedelta(minutes=1)), pytest.raises(fellowships.OfferClosed):
        sign(sent, code=code)


def test_overlapping_appointment_is_refused(sent: Any, applicant: Any) -> None:
    sign(sent)
    second = OfferFactory(application=EligibleFactory(applicant=applicant), call_lab=sent.call_lab)
    with pytest.raises(fellowships.OtherAppointment), transaction.atomic():
        sign(second)


@pytest.mark.parametrize("way", ["decline", "withdraw", "lapse"])
def test_what_was_committed_is_free_again(
    sent: Any, applicant: Any, officer: Any, second_officer: Any, way: str
) -> None:
    lab = sent.call_lab.lab
    before = balance(AccountKind.LAB, 2026, lab=lab)
    for _twice in range(2):
        if way == "decline":
            offers.decline(sent, by=applicant, why=Declining("pay", "Another institute pays more."))
        elif way == "withdraw":
            if sent.state == OfferState.SENT:
                fellowships.ask_withdrawal(sent, by=officer, note="The lab closes.")
            offers.withdraw(sent, by=second_officer)
        else:
            with time_machine.travel(sent.deadline_at + timedelta(minutes=1)):
                offers.lapse(sent, by=None)
    assert balance(AccountKind.LAB, 2026, lab=lab) == before + 75_000_000
    assert not Account.objects.filter(kind=AccountKind.COMMITTED, balance_krw__gt=0).exists()
    assert Entry.objects.filter(event=f"release:{sent.key}").count() == 1
    signature = Signature(sent.application.name, "000000", sent.terms_sha256)
    with pytest.raises(IllegalMove):
        fellowships.accept(sent, by=applicant, signature=signature)


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


def test_withdrawing_takes_two_officers_and_a_reason(sent: Any, officer: Any, second_officer: Any) -> None:
    with pytest.raises(Refusal, match="reason"):
        fellowships.ask_withdrawal(sent, by=officer, note=" ")
    with pytest.raises(fellowships.NotAskedFor):
        offers.withdraw(sent, by=second_officer)
    fellowships.ask_withdrawal(sent, by=officer, note="The lab closes.")
    with pytest.raises(SamePersonTwice):
        offers.withdraw(sent, by=officer)
    fellowships.keep_offer(sent, by=second_officer)
    with pytest.raises(fellowships.NotAskedFor):
        offers.withdraw(sent, by=second_officer)
    fellowships.ask_withdrawal(sent, by=second_officer, note="The lab closes after all.")
    assert offers.withdraw(sent, by=officer).state == OfferState.WITHDRAWN
    with pytest.raises(fellowships.OfferClosed):
        fellowships.ask_withdrawal(sent, by=officer, note="Once more.")


def test_database_lets_nobody_withdraw_alone(sent: Any, officer: Any) -> None:
    with pytest.raises(IntegrityError, match="withdrawing_takes_two_officers"), transaction.atomic():
        Offer.objects.filter(pk=sent.pk).update(withdrawn_by=officer, withdrawal_asked_by=officer)


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
        "ends_on": "2027-12-31", "deadline_zone": "Asia/Seoul",
        "deadline_at": f"{timezone.localtime() + timedelta(days=9):%Y-%m-%dT%H:%M}",
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
    assert client.post(reverse("funding:offer_code", args=[sent.key])).status_code == 302
    assert client.post(reverse("funding:offer_code", args=[sent.key])).status_code == 409
    code = Notification.objects.get(kind="offer_code").context["code"]
    given = {"signed_name": "Mina Seo", "code": f" {code[:3]} {code[3:]}", "has_read": "on", "seal": sent.terms_sha256}
    assert client.post(address, {**given, "code": "12345x"}).status_code == 409
    done = client.post(address, given)
    assert done["Location"] == reverse("fellowships:appointment", args=[Appointment.objects.get().key])
    assert "My fellowship" in client.get(address).content.decode()
    assert client.get(reverse("fellowships:mine")).status_code == 200


def test_candidate_declines_and_officer_reads_why(sent: Any, applicant: Any, officer: Any, client_of: Any) -> None:
    address = reverse("funding:decline_offer", args=[sent.key])
    assert client_of(officer).post(address, {"reason": "pay"}).status_code == 403
    her = client_of(applicant)
    assert her.post(address, {"reason": "none of these"}).status_code == 422
    given = {
        "reason": "pay",
        "note": "Too little.",
        "place": "company",
        "country": "DE",
        "pays_krw_a_year": "123000000",
    }
    assert her.post(address, given).status_code == 302
    assert "₩123,000,000" in client_of(officer).get(reverse("funding:offer", args=[sent.key])).content.decode()
    assert "Too little." in client_of(officer).get(reverse("funding:offer", args=[sent.key])).content.decode()
    assert "Too little." not in client_of(applicant).get(reverse("funding:offer", args=[sent.key])).content.decode()


def test_two_officers_withdraw_through_the_page(sent: Any, officer: Any, second_officer: Any, client_of: Any) -> None:
    address, page = reverse("funding:withdraw_offer", args=[sent.key]), reverse("funding:offer", args=[sent.key])
    assert client_of(officer).post(address, {"note": ""}).status_code == 409
    assert client_of(officer).post(address, {"note": "The lab closes."}).status_code == 302
    assert client_of(officer).post(address, {"verb": "withdraw"}).status_code == 409
    assert "The lab closes." in client_of(second_officer).get(page).content.decode()
    assert client_of(second_officer).post(address, {"verb": "keep"}).status_code == 302
    assert client_of(second_officer).post(address, {"verb": "ask", "note": "It closes."}).status_code == 302
    assert client_of(officer).post(address, {"verb": "withdraw"}).status_code == 302
    sent.refresh_from_db()
    assert (sent.state, sent.withdrawn_by) == (OfferState.WITHDRAWN, officer)


def test_letter_is_a_pdf(sent: Any, applicant: Any, client_of: Any) -> None:
    for language in ("en", "ko"):
        client = client_of(applicant)
        shown = client.get(reverse("funding:offer_letter", args=[sent.key]), {"language": language})
        assert shown["Content-Type"] == "application/pdf"
        assert shown.content.startswith(b"%PDF")


@pytest.mark.parametrize(
    "name", ["offer", "offer_letter", "decline_offer", "withdraw_offer", "offer_code", "ask_offer", "offer_next"]
)
def test_offer_is_hidden_from_others(
    sent: Any, stranger: Any, other_officer: Any, lab_head: Any, ministry: Any, client_of: Any, name: str
) -> None:
    address = reverse(f"funding:{name}", args=[sent.key])
    for person in (stranger, other_officer, lab_head, ministry):
        assert client_of(person).get(address, follow=True).status_code == 404
        assert client_of(person).post(address).status_code == 404


@pytest.mark.parametrize("number", [1, 3])
def test_lists_cost_the_same(
    number: int, call_lab: Any, officer: Any, client_of: Any, django_assert_num_queries: Any
) -> None:
    OfferFactory.create_batch(number, call_lab=call_lab)
    client = client_of(officer)
    with django_assert_num_queries(8):
        assert client.get(reverse("funding:offers"), {"state": "sent"}).status_code == 200


def test_commitment_says_what_it_is(sent: Any) -> None:
    assert str(sent) in str(Commitment.objects.filter(offer=sent).first())


REFUSED_SIGNATURES = [
    ({"name": "Somebody Else"}, fellowships.NameDiffers, "Mina Seo"),
    ({"name": " "}, fellowships.NameDiffers, "Mina Seo"),
    ({"code": "12345"}, fellowships.WrongCode, "4 more times"),
    ({"seal": "1" * 64}, OutOfDate, "Reload"),
]


@pytest.mark.parametrize(("changes", "refusal", "words"), REFUSED_SIGNATURES)
def test_what_is_not_her_signature_is_refused(sent: Any, changes: Any, refusal: Any, words: str) -> None:
    code = code_for(sent)
    with pytest.raises(refusal, match=words):
        sign(sent, **{"code": code, **changes})
    assert not Appointment.objects.exists()


@pytest.mark.parametrize("name", ["mina  seo", "SEO MINA", "서민아"])
def test_her_name_may_be_typed_as_she_writes_it(sent: Any, name: str) -> None:
    sent.application.given_name, sent.application.family_name = "Mina", "Seo"
    sent.application.native_name = "서민아"
    sent.application.save()
    made = sign(sent, name=name)
    sent.refresh_from_db()
    assert sent.signed_name == " ".join(name.split())
    assert sent.accepted_sha256 == sent.terms_sha256
    assert made.offer == sent


def test_code_counts_five_tries_and_half_an_hour(sent: Any) -> None:
    with pytest.raises(fellowships.NoCode):
        sign(sent, code="123456")
    code = code_for(sent)
    for left in (4, 3, 2, 1, 0):
        with pytest.raises(fellowships.WrongCode, match=f"{left} more"):
            sign(sent, code="nonsense")
    with pytest.raises(fellowships.NoCode):
        sign(sent, code=code)
    with pytest.raises(fellowships.CodeTooSoon):
        fellowships.send_code(sent, by=sent.application.applicant)
    with time_machine.travel(timezone.now() + timedelta(minutes=2)):
        fresh = code_for(sent)
    with time_machine.travel(timezone.now() + timedelta(minutes=33)), pytest.raises(fellowships.NoCode):
        sign(sent, code=fresh)
    assert str(code) not in str(Offer.objects.values().get())


@pytest.mark.django_db(transaction=True)
def test_accepting_twice_at_once_is_one_appointment(sent: Any) -> None:
    code = code_for(sent)
    came = at_once(lambda: sign(Offer.objects.get(pk=sent.pk), code=code).pk, lambda: sign(sent, code=code).pk)
    assert Appointment.objects.count() == 1
    assert Appointment.objects.get().pk in came


def test_refusal_says_each_year_and_amount(placed: Any, terms: Terms, officer: Any, call_lab: Any) -> None:
    fund(call_lab.lab, 2027, 100_000_000)
    two_years = Terms(**{**vars(terms), "ends_on": date(2028, 6, 30)})
    with pytest.raises(BudgetMissing) as refused, transaction.atomic():
        offers.offer(placed.application, call_lab, two_years, by=officer)
    assert "2027: ₩50,000,000 missing (₩150,000,000 needed, ₩100,000,000 available)." in str(refused.value)
    assert "2028: ₩75,000,000 missing (₩75,000,000 needed, ₩0 available)." in str(refused.value)


def test_reminders_come_once_a_stage(sent: Any) -> None:
    told = []
    for left in (timedelta(days=8), timedelta(days=6), timedelta(days=6), timedelta(hours=40), timedelta(hours=3)):
        with time_machine.travel(sent.deadline_at - left):
            remind_candidates()
        told.append(Notification.objects.filter(kind="offer_reminder").count())
    assert told == [0, 1, 1, 2, 3]


def test_letter_is_kept_sealed_and_shown_as_it_was_sent(
    placed: Any, terms: Terms, officer: Any, stranger: Any, call_lab: Any, client_of: Any
) -> None:
    fund(call_lab.lab, 2027, 150_000_000)
    made = offers.offer(placed.application, call_lab, terms, by=officer)
    assert made.terms_sha256 == seal_of(made.letter)
    address = reverse("funding:letter_words", args=[call_lab.lab.institute.code])
    words = {"text_en": queries.letter_text(call_lab.lab.institute, "en"), "text_ko": "{name} 님께"}
    client = client_of(officer)
    assert client_of(stranger).get(address).status_code == 403
    assert "{deadline}" in client.get(address).content.decode()
    assert client.post(address, words).status_code == 409
    korean = queries.letter_text(call_lab.lab.institute, "ko")
    assert client.post(address, {**words, "text_ko": f"{korean} {{pay}}"}).status_code == 409
    assert client.post(address, {**words, "text_ko": f"축하합니다.\n\n{korean}"}).status_code == 302
    assert client.post(address, {**words, "text_ko": f"축하합니다.\n\n{korean}"}).status_code == 302
    assert LetterTemplate.objects.get().version == 1
    with translation.override("ko"):
        assert "축하합니다." not in str(shown(made, "ko"))
        assert "축하합니다." in str(letter_of(made.application, call_lab, terms)["ko"])


def test_letter_never_reads_what_people_typed_as_a_place(placed: Any, terms: Terms, call_lab: Any) -> None:
    placed.application.given_name = "{salary}"
    assert "Dear {salary}" in str(letter_of(placed.application, call_lab, terms)["en"])
