"""The next of the waitlist: one click, once, and the match hears of it."""

from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from fellowships import actions as fellowships
from fellowships.actions import Declining, Terms
from fellowships.models import Offer
from funding.actions import offers
from matching import actions as matching
from matching.models import ChoiceList, MatchResult, PlaceChange, Supplement, WaveOffer
from matching.queries import free_places, waits_for_decision
from tests.factories.applications import EligibleFactory
from tests.factories.fellowships import fund
from tests.factories.matching import MatchResultFactory, OpeningFactory, RankListFactory
from tests.funding.offering import at_once, sign


@pytest.fixture
def next_two(placed: Any, call_lab: Any) -> Any:
    """Two candidates whom the match placed nowhere, in the order of the lab's list; a third chose elsewhere."""
    rows = [EligibleFactory(call=call_lab.call, ranked_labs=[call_lab.pk]) for _number in range(2)]
    elsewhere = EligibleFactory(call=call_lab.call, ranked_labs=[call_lab.pk + 999])
    for row in (*rows, elsewhere):
        MatchResultFactory(run=placed.run, application=row, call_lab=None, choice=None)
    opening = OpeningFactory(call_lab=call_lab, seats=1)
    ranked = [elsewhere.pk, placed.application.pk, rows[1].pk, rows[0].pk]
    RankListFactory(
        opening=opening, ranked=ranked, state="certified", sha256="1" * 64, certified_by=placed.run.requested_by
    )
    return [rows[1], rows[0]]


def test_next_of_the_waitlist_by_one_click(
    placed: Any, next_two: Any, terms: Terms, officer: Any, applicant: Any, call_lab: Any, client_of: Any
) -> None:
    fund(call_lab.lab, 2027, 150_000_000)
    first = offers.offer(placed.application, call_lab, terms, by=officer)
    with pytest.raises(fellowships.NotNext):
        offers.offer_next(first, by=officer)
    offers.decline(first, by=applicant, why=Declining("family"))
    client = client_of(officer)
    assert next_two[0].name in client.get(reverse("funding:offers")).content.decode()
    assert client.post(reverse("funding:offer_next", args=[first.key])).status_code == 302
    second = Offer.objects.get(replaces=first)
    assert (second.application, second.salary_krw_a_year) == (next_two[0], 90_000_000)
    assert client.post(reverse("funding:offer_next", args=[first.key])).status_code == 409
    offers.decline(second, by=second.application.applicant, why=Declining("pay"))
    third = offers.offer_next(second, by=officer)
    assert third.application == next_two[1]
    offers.decline(third, by=third.application.applicant, why=Declining("lab"))
    with pytest.raises(fellowships.NotNext):
        offers.offer_next(third, by=officer)
    assert "Nobody is left" in client.get(reverse("funding:offers")).content.decode()


def test_the_match_hears_of_every_answer(
    placed: Any, next_two: Any, terms: Terms, officer: Any, applicant: Any, call_lab: Any
) -> None:
    fund(call_lab.lab, 2027, 150_000_000)
    first = offers.offer(placed.application, call_lab, terms, by=officer)
    offers.decline(first, by=applicant, why=Declining("family"))
    placed.refresh_from_db()
    assert (placed.call_lab, placed.vacated_at is not None) == (None, True)
    assert waits_for_decision(placed.run)
    second = offers.offer_next(first, by=officer)
    result = MatchResult.objects.get(application=next_two[0])
    assert (result.call_lab, result.choice, result.is_fixed) == (call_lab, 1, False)
    assert not waits_for_decision(placed.run)
    assert free_places(placed.run) == []
    sign(second)
    result.refresh_from_db()
    assert result.is_fixed
    changes = PlaceChange.objects.values_list("result", "left", "took", "reason")
    assert list(changes) == [
        (placed.pk, call_lab.pk, None, "declined"),
        (result.pk, None, call_lab.pk, "next on the waitlist"),
    ]


def test_a_withdrawn_offers_place_goes_with_the_next_offer(
    placed: Any, next_two: Any, terms: Terms, officer: Any, second_officer: Any, call_lab: Any
) -> None:
    fund(call_lab.lab, 2027, 150_000_000)
    first = offers.offer(placed.application, call_lab, terms, by=officer)
    fellowships.ask_withdrawal(first, by=officer, note="A wrong term.")
    offers.withdraw(first, by=second_officer)
    placed.refresh_from_db()
    assert placed.call_lab == call_lab
    offers.offer_next(first, by=officer)
    placed.refresh_from_db()
    assert (placed.call_lab, placed.vacated_at is not None) == (None, True)


def test_a_place_that_a_filling_took_is_not_offered_again(
    placed: Any, next_two: Any, terms: Terms, officer: Any, applicant: Any, call_lab: Any, client_of: Any
) -> None:
    fund(call_lab.lab, 2027, 150_000_000)
    first = offers.offer(placed.application, call_lab, terms, by=officer)
    offers.decline(first, by=applicant, why=Declining("family"))
    desk = reverse("funding:offers")
    assert "Places that are free again" in client_of(officer).get(desk).content.decode()
    matching.take_place(next_two[1].match_results.get(), call_lab, by=officer, reason="a filling")
    assert "Places that are free again" not in client_of(officer).get(desk).content.decode()
    with pytest.raises(fellowships.NotNext):
        offers.offer_next(first, by=officer)
    with pytest.raises(matching.NoPlace):
        matching.take_place(next_two[0].match_results.get(), call_lab, by=officer, reason="the same place")
    assert Offer.objects.count() == 1


def test_a_seat_on_offer_in_a_wave_is_not_free(
    placed: Any, next_two: Any, terms: Terms, officer: Any, applicant: Any, call_lab: Any
) -> None:
    fund(call_lab.lab, 2027, 150_000_000)
    first = offers.offer(placed.application, call_lab, terms, by=officer)
    offers.decline(first, by=applicant, why=Declining("family"))
    now = timezone.now()
    found = Supplement.objects.create(run=placed.run, wishes_due_at=now, first_wave_at=now, opened_by=officer)
    WaveOffer.objects.create(
        supplement=found, wave=1, result=next_two[1].match_results.get(), call_lab=call_lab, closes_at=now
    )
    with pytest.raises(matching.NoPlace):
        offers.offer_next(first, by=officer)
    assert Offer.objects.count() == 1


def test_her_choice_counts_in_the_order_that_stands(
    placed: Any, next_two: Any, terms: Terms, officer: Any, applicant: Any, call_lab: Any, client_of: Any
) -> None:
    fund(call_lab.lab, 2027, 150_000_000)
    ChoiceList.objects.create(application=next_two[0], ranked=[call_lab.pk + 999, call_lab.pk])
    result = next_two[0].match_results.get()
    result.explanation = {"refusals": [{"choice": choice, "code": "full"} for choice in (1, 2)]}
    result.save()
    first = offers.offer(placed.application, call_lab, terms, by=officer)
    offers.decline(first, by=applicant, why=Declining("family"))
    offers.offer_next(first, by=officer)
    result.refresh_from_db()
    assert (result.choice, [row["choice"] for row in result.explanation["refusals"]]) == (2, [1])


def test_each_reads_what_became_of_her_place(
    placed: Any, next_two: Any, terms: Terms, officer: Any, second_officer: Any, applicant: Any, call_lab: Any,
    client_of: Any,
) -> None:  # fmt: skip
    fund(call_lab.lab, 2027, 150_000_000)
    first = offers.offer(placed.application, call_lab, terms, by=officer)
    fellowships.ask_withdrawal(first, by=officer, note="A wrong term.")
    offers.withdraw(first, by=second_officer)
    offers.offer_next(first, by=officer)
    hers = client_of(applicant).get(reverse("matching:result", args=[placed.application.key])).content.decode()
    assert "your place ended" in hers
    assert "You hold no place any more" in hers
    following = next_two[0]
    page = client_of(following.applicant).get(reverse("matching:result", args=[following.key])).content.decode()
    assert "you were next on its waitlist" in page
    assert "You are placed in" in page


def test_who_is_not_next_gets_no_offer(
    placed: Any, next_two: Any, terms: Terms, officer: Any, applicant: Any, call_lab: Any
) -> None:
    fund(call_lab.lab, 2027, 150_000_000)
    first = offers.offer(placed.application, call_lab, terms, by=officer)
    offers.decline(first, by=applicant, why=Declining("family"))
    with pytest.raises(fellowships.NotNext):
        offers.offer(next_two[1], call_lab, terms, by=officer, replaces=first)


@pytest.mark.django_db(transaction=True)
def test_two_officers_offer_a_free_place_once(
    placed: Any, next_two: Any, terms: Terms, officer: Any, second_officer: Any, applicant: Any, call_lab: Any
) -> None:
    with transaction.atomic():
        fund(call_lab.lab, 2027, 400_000_000)
    first = offers.offer(placed.application, call_lab, terms, by=officer)
    offers.decline(first, by=applicant, why=Declining("family"))
    other = Offer.objects.get(pk=first.pk)
    came = at_once(
        lambda: offers.offer_next(first, by=officer).pk, lambda: offers.offer_next(other, by=second_officer).pk
    )
    assert came.count(fellowships.NotNext) == 1
    assert Offer.objects.filter(replaces=first).count() == 1


def test_terms_for_the_next_lie_ahead(sent: Any) -> None:
    with time_machine.travel("2027-02-10T03:00Z"):
        terms = offers.terms_for_next(sent)
        assert terms.deadline_at > timezone.now() + timedelta(days=2)
    assert terms.starts_on == date(2027, 3, 1)
    assert terms.ends_on == date(2028, 2, 29)
